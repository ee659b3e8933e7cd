//! Traces: what happened to a core, line by line, as JSON lines. The page is `docs/traces.md`.
//!
//! Input and output: names and words that the writer has chosen; here are the members of the lines.
//!
//! # Promises
//!
//! - **T1** the same lines give the same bytes.
//! - **T4** what is written reads back the same ([`Trace::read`]).
//!
//! # Not here
//!
//! The words themselves: they are made of events and effects, which programs that link this crate
//! need not know.

mod line;
mod read;
mod state;

use core::time::Duration;

pub use self::line::{Head, Line, Trace, Unmet, chain};
pub use self::state::{CallState, State};

/// The version of the JSON lines.
pub const TRACE_VERSION: u32 = 2;

/// The version of recordings: what of a real day they hold. In 1, which did not say so, accounts,
/// buttons and rules were missing.
pub const RECORDING_VERSION: u32 = 2;

/// What a line is about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Something that happened to the core.
    Event,
    /// Something the core wanted done.
    Effect,
}

/// Who wanted something to happen.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Origin {
    /// The person at this device.
    User,
    /// An app, on its own.
    App,
    /// The desktop around: processes that start and leave, the daemon itself.
    System,
    /// The other party, or another device of the user.
    Remote,
    /// Audio devices.
    Hardware,
    /// A rule of the call system: a limit that was reached.
    Policy,
}

impl Origin {
    /// All origins, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::User,
        Self::App,
        Self::System,
        Self::Remote,
        Self::Hardware,
        Self::Policy,
    ];

    /// The name in a trace.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::App => "app",
            Self::System => "system",
            Self::Remote => "remote",
            Self::Hardware => "hardware",
            Self::Policy => "policy",
        }
    }

    /// Reads a name, also those of version 1.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "clock" => Some(Self::Policy),
            "audio" => Some(Self::Hardware),
            "core" => Some(Self::System),
            name => Self::ALL.into_iter().find(|origin| origin.name() == name),
        }
    }
}

/// Writes a span of time in its shortest exact form.
#[must_use]
pub fn write_span(span: Duration) -> String {
    let nanos = span.as_nanos();
    if nanos.is_multiple_of(1_000_000_000) {
        return format!("{}s", nanos / 1_000_000_000);
    }
    if nanos < 1_000_000 {
        return format!("{}us", nanos / 1_000);
    }
    let micros = nanos / 1_000;
    let (unit, scale, digits) = if nanos < 1_000_000_000 {
        ("ms", 1_000, 3)
    } else {
        ("s", 1_000_000, 6)
    };
    let (whole, part) = (micros / scale, micros % scale);
    let fraction = format!("{part:0digits$}");
    let fraction = fraction.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{whole}{dot}{fraction}{unit}")
}
