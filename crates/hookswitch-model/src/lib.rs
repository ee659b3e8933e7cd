//! The words of the call system as types.
//!
//! Layer 0: every other crate may use these types; this crate uses nothing but `core` and `alloc`
//! collections. It holds meaning and validation, never behavior.
//!
//! # Promises
//!
//! - **M1** a value that exists is valid: text is bounded and printable, ids parse both ways.
//! - **M2** `Debug` of a remote address or a name never shows it; showing takes an explicit call.
//! - **M3** every number a user or an app can hit stands in one table, [`limits::TABLE`].
//!
//! # Not here
//!
//! Serialization (that is `hookswitch-wire`), clocks, randomness, decisions (that is
//! `hookswitch-core`).

mod account;
mod audio;
mod button;
mod callers;
mod config;
mod decision;
mod digits;
mod endpoint;
mod front;
mod handle;
mod id;
mod latest;
pub mod limits;
mod material;
mod media;
mod missed;
mod occupied;
mod pattern;
mod phase;
mod policy;
mod post_dial;
mod privacy;
mod quirk;
mod reason;
mod rejection;
mod sameness;
mod saved;
mod second;
mod snapshot;
mod text;
mod time;
mod tone;
mod word;

pub use account::{Account, AccountId, Callee};
pub use audio::{
    AudioServer, AudioSnapshot, AudioUse, AudioWait, HeadsetGesture, Interruption, MediaHush,
    MuteOrigin, RingOn, RouteCause, RouteFault, RouteSnapshot,
};
pub use button::{ActionButton, ButtonError, ButtonIcon, ButtonId};
pub use callers::{CALL_BACK_MAX, CallerChange, CallerRule, CallerRules};
pub use config::{AppId, AppKind, CallUpdate, Capabilities, Configuration, HandleKinds, Patch};
pub use decision::{
    CallerLabel, Candidate, Decision, DecisionStep, DirectoryRule, Entry, Finding, Formed,
    ListStamp,
};
pub use digits::{Digits, DigitsError, Pause, Tones, TonesKind};
pub use endpoint::{Endpoint, EndpointId, EndpointKind};
pub use front::{FrontRules, OnAnswer};
pub use handle::{Handle, HandleKind};
pub use id::{
    AskId, CallId, CallKey, ClientId, Cursor, GroupId, IdError, ProviderId, RequestId,
    TransactionId,
};
pub use latest::Latest;
pub use limits::{Limit, Limits, Profile};
pub use material::{MaterialId, MaterialKind};
pub use media::{Language, Translating, Translation, TranslationEngine};
pub use missed::MissedReasons;
pub use occupied::{Occupant, Occupied, Places, Refusal};
pub use pattern::{NumberPattern, PatternError};
pub use phase::{DialStage, Direction, HeldBy, Hold, Phase, PhaseKind};
pub use policy::{RingPolicy, RuleChange, Screener, Verdict};
pub use post_dial::post_dial;
pub use privacy::Privacy;
pub use quirk::{QUIRKS, Quirk, QuirkRow, Quirks};
pub use reason::{DropReason, End, EndReason, Origin};
pub use rejection::{ActionFault, ActionKind, Rejection};
pub use saved::{
    Missed, Saved, SavedBehind, SavedCall, SavedChange, SavedEnd, SavedJoining, SavedLetter,
    SavedNumbers, SavedRest,
};
pub use second::SecondCalls;
pub use snapshot::{
    Amendment, AnswerChoice, AnswerMode, AnswerVerdict, ButtonSnapshot, CallSnapshot, Control,
    Lease, Notice, NoticeKind, ProviderSnapshot, RecentsEntry, RingState, Snapshot,
};
pub use text::{Text, TextError};
pub use time::{CallDates, Stamp, Timestamp, Wall};
pub use tone::{CallTone, CallTones, ToneState};
