//! What callers on the bus are told when something cannot be done.
//!
//! Input: refusals of the core, arguments that do not fit, a busy shell.
//! Output: one D-Bus error name each ([`ErrorCode`]), with a sentence that says what to do.

use std::fmt;
use std::path::PathBuf;

use hookswitch_model::{Refusal, Rejection};
use hookswitch_wire::dbus::{ArgumentError, ErrorCode, PlacesRow, places_row};
use zbus::message::Header;
use zbus::names::ErrorName;
use zbus::{DBusError, Message};

use crate::port::PortError;

/// An error reply.
#[derive(Debug)]
pub struct BusError {
    code: ErrorCode,
    name: String,
    text: String,
    /// When to try again, if it came too fast.
    wait_ms: Option<u64>,
    /// What takes up the places of a limit.
    places: Option<PlacesRow>,
}

impl BusError {
    /// An error of a kind, with a sentence for the developer of the caller.
    pub fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self {
            code,
            name: code.dbus_name(),
            text: text.into(),
            wait_ms: None,
            places: None,
        }
    }

    /// The sentence, with a small letter in front and no full stop.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its kind.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }
}

impl From<Rejection> for BusError {
    fn from(rejection: Rejection) -> Self {
        Self {
            wait_ms: rejection.wait_ms(),
            ..Self::new(ErrorCode::of(&rejection), rejection.to_string())
        }
    }
}

impl From<Refusal> for BusError {
    fn from(refusal: Refusal) -> Self {
        Self {
            text: refusal.to_string(),
            places: refusal.occupied.as_ref().map(places_row),
            ..Self::from(refusal.why)
        }
    }
}

impl From<ArgumentError> for BusError {
    fn from(error: ArgumentError) -> Self {
        Self::new(ErrorCode::InvalidArgument, error.to_string())
    }
}

impl From<PortError> for BusError {
    fn from(error: PortError) -> Self {
        let code = match error {
            PortError::Busy | PortError::Stopping => ErrorCode::Busy,
            PortError::NoAnswer => ErrorCode::TimedOut,
            PortError::Lost => ErrorCode::Internal,
        };
        Self::new(code, error.to_string())
    }
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text)
    }
}

impl std::error::Error for BusError {}

impl DBusError for BusError {
    fn create_reply(&self, call: &Header<'_>) -> zbus::Result<Message> {
        let reply = Message::error(call, self.name());
        match (self.wait_ms, &self.places) {
            (Some(wait_ms), _) => reply.build(&(&self.text, wait_ms)),
            (None, Some((calls, others, max))) => reply.build(&(&self.text, calls, others, max)),
            (None, None) => reply.build(&self.text),
        }
    }

    fn name(&self) -> ErrorName<'_> {
        ErrorName::try_from(self.name.as_str()).expect("a fixed prefix and a fixed word")
    }

    fn description(&self) -> Option<&str> {
        Some(&self.text)
    }
}

/// Why the bus edge could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// The bus refused or broke off.
    #[error("the message bus failed: {0}")]
    Bus(#[from] zbus::Error),
    /// Another daemon serves this bus.
    #[error("another hookswitchd serves this bus already: {0}")]
    AlreadyRunning(String),
    /// No bus, and none could be started.
    #[error("no message bus is there and none could be started: {0}")]
    NoBus(String),
    /// A file or directory could not be used.
    #[error(
        "{} cannot be used: {source}; give yourself the right to it, or set XDG_RUNTIME_DIR to a \
         directory of your own",
        path.display()
    )]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
