//! The SDK of Hookswitch, the open call system: link this to be a calling app, or to act on calls.
//!
//! Seven faces, shaped like CallKit's:
//!
//! | you are | you use | CallKit |
//! | --- | --- | --- |
//! | an app with calls | [`Provider`], [`ProviderEvents`], [`Ask`] | `CXProvider`, `CXAction` |
//! | the user's hand: a calling UI, a headset button | [`Controller`] | the system's own UI |
//! | an app that pushes wake | [`PushRegistry`], [`PushEvents`] | `PKPushRegistry` |
//! | the user's hand over those apps | [`PushApps`] | |
//! | an app with a list of numbers | [`DirectoryExtension`] | `CXCallDirectoryProvider` |
//! | the user's hand over all lists | [`DirectoryLists`] | Settings |
//! | someone who watches | [`Observer`] | `CXCallObserver` |
//!
//! A provider reports facts ("someone calls", "it ended") and receives asks ("answer", "hold"),
//! each to be fulfilled or failed before its deadline. Reports are idempotent, so they may be
//! repeated after any error. See `docs/sdk.md` for a walk through, and `examples/`.
//!
//! # Promises
//!
//! - **K1** events of a provider arrive in the order in which the daemon sent them.
//! - **K2** an [`Ask`] that is dropped without an answer is failed, so that nobody waits for it.
//! - **K3** when the daemon or the bus restarts, the SDK connects and registers again by itself,
//!   with growing pauses up to [`RETRY_MAX`], and takes its live calls back.
//! - **K4** what is sent meanwhile waits up to [`CALL_MAX`], then fails with [`Error::DaemonGone`].
//! - **K5** audio events alternate strictly: activated, deactivated, activated.
//! - **K6** asks are accepted from the daemon only; other programs on the bus are not heard.
//!
//! # Not here
//!
//! Media, protocols, and decisions: the daemon decides, the app carries its calls.

mod account;
mod bus;
mod call;
mod controller;
mod directory;
mod error;
mod link;
mod observer;
mod provider;
mod push;
mod signals;

pub use account::{Account, ActionButton};
pub use bus::{BusAddress, BusProbe, runtime_dir};
pub use call::{Call, CallUpdate, Configuration, Handle};
pub use controller::{Controller, Dropped, RouteChange, StateWatch, Transaction};
pub use directory::{
    DirectoryEntry, DirectoryExtension, DirectoryLists, LOAD_REPLY_MAX, Loaded, Supposed,
};
pub use error::{Error, NoBus};
pub use link::{CALL_MAX, RETRY_MAX};
pub use observer::{CallFlags, Observer, ObserverWatch};
pub use provider::{
    Action, AppRoute, Ask, AudioEndpoint, Digits, EVENTS_MAX, Letter, PendingAction,
    PendingTransaction, Provider, ProviderEvent, ProviderEvents, Request, ResetCause, Tones,
    TonesKind, Translation,
};

pub use push::{
    IncomingPush, PUSHES_MAX, PushApps, PushEvent, PushEvents, PushReason, PushRegistry,
    PushService, PushStyle,
};

/// What [`DirectoryLists::explain`] returns, with words for people.
pub use hookswitch_wire::view::{CandidateView, DecisionView, LabelView, StepView};

/// What [`Controller::recents`] returns, with words for people.
pub use hookswitch_wire::view::{RecentsDirection, RecentsEntry};

/// The documents that [`Controller::state`] and [`Controller::recents`] return.
pub use hookswitch_wire::json as document;

/// What an app can be asked, without its particulars.
pub use hookswitch_wire::dbus::words::ActionKind;
/// Words shared with the daemon.
pub use hookswitch_wire::dbus::{
    AnswerMode, ButtonIcon, CallTone, EndReason, HandleKind, HeadsetGesture, Interruption,
    OnAnswer, Origin, Privacy, RouteFault, SecondCalls, TranslationEngine,
};

/// What the daemon refused, and CallKit's counterpart.
pub use hookswitch_wire::dbus::{
    ArgumentError, CallKitDomain, CallKitError, DirectoryCode, ErrorCode, Occupant, Occupied,
};

/// Compiles the code in `docs/sdk.md`.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/sdk.md")]
pub struct SdkPage;
