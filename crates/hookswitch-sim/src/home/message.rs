//! What an app and its service say to each other.

use core::time::Duration;

use hookswitch_model::EndReason;

use crate::scenario::Facts;

/// From an app on a device to its service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Up {
    /// The user answered here.
    Answer,
    /// The user declined here.
    Decline,
    /// The user is in a call here, and the app takes no second one.
    Busy,
    /// The call is over here, for whatever reason.
    Leave,
    /// The user takes the call over here.
    Pull,
}

impl Up {
    /// The word for it in a trace.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Decline => "decline",
            Self::Busy => "busy",
            Self::Leave => "leave",
            Self::Pull => "pull",
        }
    }
}

/// From a service to its app on a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Down {
    /// Somebody calls.
    Ring {
        /// What is known.
        facts: Facts,
        /// How long ago, as the service knows when it sends.
        ago: Duration,
        /// For how long it rings in all.
        lasts: Duration,
        /// It rings no more: the device is told late whom it missed.
        over: Option<EndReason>,
    },
    /// The call is this device's.
    Granted,
    /// The call is over for this device.
    Over(EndReason),
}

impl Down {
    /// The words for it in a trace.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Ring { .. } => "ring".to_owned(),
            Self::Granted => "granted".to_owned(),
            Self::Over(reason) => format!("over {}", reason.name()),
        }
    }
}
