//! What happened in a run, line by line: for checks, for people and, as JSON lines, for tools.
//!
//! # Promises
//!
//! - **T1** the same story and seed give the same bytes.
//! - **T2** no address, name or digit is in it.
//! - **T3** every line but a first cause names the line that caused it.
//! - **T4** what is written reads back the same ([`Trace::read`]).

mod line;
mod read;
mod state;

use hookswitch_model::{CallId, Stamp, Timestamp};

pub use self::line::{Head, Line, Trace, Unmet, chain};
pub use self::state::{CallState, State};
use crate::describe::{Words, time};

/// The version of the JSON lines.
pub const TRACE_VERSION: u32 = 2;

/// What a line is about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Something that happened to the core.
    Event,
    /// Something the core wanted done.
    Effect,
}

/// One line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// When, on the boot and the wall clock.
    pub at: Stamp,
    /// When, on the monotonic clock, which stops in suspend.
    pub monotonic: Timestamp,
    /// What it is about.
    pub kind: Kind,
    /// Who did it.
    pub actor: String,
    /// Who it goes to, for the picture.
    pub target: String,
    /// Who wanted it.
    pub origin: Origin,
    /// The line that led to it.
    pub cause: Option<u64>,
    /// The call it is about.
    pub call: Option<(CallId, String)>,
    /// What, in the words of the vocabulary.
    pub what: Words,
    /// The phase of the call before the step.
    pub before: Option<&'static str>,
    /// The phase of the call after the step.
    pub after: Option<&'static str>,
    /// What everybody may know from here on, if that changed.
    pub state: Option<State>,
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

impl Entry {
    /// The line as people read it.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{:>10}  {:<8} {}",
            time(self.at.at),
            self.actor,
            self.what.join(" ")
        )
    }

    /// The line as it is written and read, digits starred.
    #[must_use]
    pub fn line(&self) -> Line {
        Line {
            seq: self.seq,
            at: self.at,
            monotonic: self.monotonic,
            kind: self.kind,
            actor: self.actor.clone(),
            target: self.target.clone(),
            origin: self.origin,
            cause: self.cause,
            call: self.call.as_ref().map(|(_, name)| name.clone()),
            what: masked(&self.what).join(" "),
            before: self.before.map(str::to_owned),
            after: self.after.map(str::to_owned),
            state: self.state.clone(),
            input: None,
        }
    }
}

/// Digits may be a PIN.
fn masked(words: &[String]) -> Words {
    let mut out = words.to_vec();
    let about = out.get(2).map(String::as_str);
    if out.first().is_some_and(|word| word == "ask")
        && about == Some("digits")
        && let Some(digits) = out.get_mut(4)
    {
        *digits = "*".repeat(digits.chars().count());
    }
    out
}
