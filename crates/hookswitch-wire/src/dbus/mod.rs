//! The D-Bus face: names, error names, and conversions between messages and the words of the field.
//!
//! Input: dictionaries (`a{sv}`), strings and numbers as they arrive on the bus. Output: valid
//! values of `hookswitch-model`, or an [`ArgumentError`] that names the offending key. And back.
//!
//! # Promises
//!
//! - **D1** a key that is not known is ignored, so that newer apps can talk to an older daemon.
//! - **D2** a known key with a wrong type or an impossible value refuses the whole message; nothing
//!   is guessed and nothing is cut short.
//! - **D3** what is written here is read back here as the same value.
//! - **D4** each [`Rejection`](hookswitch_model::Rejection) has exactly one error name, and each
//!   error name its place in CallKit's numbering, or none where CallKit has no such case.
//!
//! # Not here
//!
//! Connections, proxies and served objects: those are edges. The types of the bus library are used
//! as data only.

mod account;
mod action;
mod argument;
mod ask;
mod button;
mod configuration;
mod dial;
mod dict;
mod directory_error;
mod error;
mod names;
mod places;
mod push;
mod runtime;
mod update;
mod what_if;

pub use action::ActionMessage;
pub use argument::{ArgumentError, Problem};
pub use argument::{
    account, answer_mode, app_id, at_millis, at_wall, audio_use, button, call_ref, digits,
    end_reason, engine, handle, handle_kind, headset_gesture, interruption, language, on_answer,
    privacy, ring_on, second_calls, text, translation,
};
pub use ask::AskMessage;
pub use configuration::{configuration_from_dict, configuration_to_dict};
pub use dial::{dial_options, dial_to};
pub use dict::Dict;
pub use directory_error::DirectoryCode;
pub use error::{CallKitDomain, CallKitError, ErrorCode};
pub use names::{
    APP_INTERFACE, APP_PATH, BUS_NAME, CONTROLLER_INTERFACE, DIRECTORY_INTERFACE, ERROR_PREFIX,
    EXTENSION_INTERFACE, EXTENSION_PATH, MATERIALS_INTERFACE, OBJECT_PATH, OBSERVER_INTERFACE,
    PROVIDER_INTERFACE, PUSH_APP_INTERFACE, PUSH_INTERFACE, PUSH_PATH, RING_MS_MAX,
};
pub use places::{Occupant, Occupied, PlacesRow, places_from_row, places_row};
pub use push::{PushAbout, may_begin, push_id, push_services, push_style};
pub use runtime::{BUS_FILE, HTTP_FILE, runtime_dir};
pub use update::{update_from_dict, update_to_dict};
pub use what_if::{WhatIf, what_if, what_if_options};

/// An audio device as an app sees it: id, kind, name, and whether it is in use.
pub type EndpointRow = (String, String, String, bool);

/// The words of the field that messages are made of, for those who see this crate only.
pub mod words {
    pub use hookswitch_model::{
        Account, AccountId, ActionButton, ActionKind, AnswerMode, AppKind, AudioUse, ButtonIcon,
        ButtonId, CallTone, CallTones, CallUpdate, Callee, Configuration, Digits, EndReason,
        FrontRules, Handle, HandleKind, HandleKinds, HeadsetGesture, Interruption, Language,
        OnAnswer, Origin, Patch, Privacy, RouteFault, SecondCalls, Text, Tones, TonesKind,
        Translation, TranslationEngine, Wall,
    };
}
pub use words::{
    AnswerMode, ButtonIcon, CallTone, CallTones, EndReason, HandleKind, HeadsetGesture,
    Interruption, OnAnswer, Origin, Privacy, RouteFault, SecondCalls, TranslationEngine,
};
