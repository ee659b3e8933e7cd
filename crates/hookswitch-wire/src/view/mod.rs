//! The view model: what every calling UI shows, in the words people read.
//!
//! Input: the core's snapshot, the limits in force and the revision of the recents.
//! Output: a [`View`]; for the recents, [`RecentsEntry`].
//!
//! # Promises
//!
//! - **V1** a pure function: the same input gives the same view.
//! - **V2** no button works by a rule of its own: choices come from the snapshot's answers, other
//!   buttons from its controls.
//! - **V3** a button that ends a call names it, and the disclosure is there before the press.
//! - **V4** every English word stands in [`words`] or [`why`].
//!
//! # Not here
//!
//! Layout, icons, the fixed words of a client (Recents, Close), national number formats.

mod build;
mod buttons;
mod change;
mod decision;
mod extras;
mod incoming;
mod lists;
mod messages;
mod party;
mod recents;
mod ring_on;
mod second;
mod sound;
mod types;
pub mod why;
pub mod words;

pub use build::{ViewInput, view};
pub use change::ViewChange;
pub use decision::{
    CandidateView, DecisionView, LabelView, Outlook, StepView, decision_view, with_outlook,
};
pub use lists::{CallerRuleView, ImportNote, ImportReport, SourceView, source_views, thousands};
pub use recents::{recents_entry, recents_entry_shown};
pub use types::{
    AccountView, AppView, AudioView, Button, CallState, CallView, Choice, EndpointView, Frame,
    FrontView, Incoming, IncomingBusy, Message, MessageAction, Offer, Party, PartyApp, PersonView,
    RecentsDirection, RecentsEntry, RuleChoice, RulesView, Tone, View,
};
