//! JSON messages: wishes of a person, the state document, recents, and refusals.
//!
//! Input and output: words of `hookswitch-model`, and serde types with the field names of
//! `docs/http.md`.
//!
//! # Promises
//!
//! - **J1** every field name is frozen by a committed sample in `samples/`; fields are only added.
//! - **J2** a request body either becomes a valid [`Wish`] or a fault that names the field.
//! - **J3** the state document reads back into the same value.
//!
//! # Not here
//!
//! Words for people (those are in [`view`](crate::view)), transport, the core's event types.

mod callers;
mod change;
mod directory;
mod kept;
mod kept_decision;
mod kept_record;
mod push;
mod recents;
mod request;
mod rules;
mod saved;
mod saved_parts;
mod state;
mod state_from;

pub use callers::Caller;
pub use change::{Gap, StateChange};
pub use directory::{DirectorySource, KeptList, KeptLists, LISTS_VERSION, LoadFault};
pub use kept::{SavedAmendment, SavedEnd, SavedLetter, SavedNumbers};
pub use kept_decision::KeptDecision;
pub use kept_record::SavedRecord;
pub use push::{KeptPushApp, KeptPushes, PUSHES_VERSION, PushApp, PushRecord, PushStatus};
pub use recents::{RecentsFilter, RecentsKind, RecentsPage, recents_kind};
pub use request::{
    AnswerModeName, CallBackBody, CallerRuleBody, ErrorBody, ListBody, ListChange, ListOrderBody,
    ListToggleBody, PatternBody, RequestBody, RequestFault, Wish, guess_handle_kind,
};
pub use rules::{CallerRulesDoc, RULES_VERSION, Rules};
pub use saved::SavedCall;
pub use state::{
    Account, Answer, Audio, AudioWait, Call, CallButton, Control, End, Endpoint, Handle, Lease,
    Notice, NoticeKind, Phase, Provider, Ring, Route, State, Tone, Translating,
};
