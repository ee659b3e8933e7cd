//! The call core: who rings, who may talk, who is held, who owns the microphone.
//!
//! Layer 1: pure and deterministic. One [`Event`] goes in with its [`Stamp`]; ordered [`Effect`]s
//! come out. Same state, stamps and events: same effects, byte for byte.
//!
//! # Laws
//!
//! - **L0** [`Core::handle`] first expires every deadline due at its stamp, in order of time and
//!   then of setting, and then applies the event.
//! - **L1** it is total: no event in any state panics, blocks or fails.
//! - **L2** it is deterministic.
//! - **L3** exactly one reply per request or report, in the same step; a refusal changes nothing.
//! - **L4** each ask settles once: fulfilled, failed or expired. A late answer is dropped.
//! - **L5** an ended call is silent for ever; late reports meet a tombstone.
//! - **L6** `Publish` comes last in a step.
//! - **L7** at most one group has the audio lease; no limit is ever exceeded.
//! - **L8** every wait has a deadline; when nothing is pending there is none.
//! - **L9** when faults stop, the world becomes quiet within bounded virtual time.
//!
//! # Not here
//!
//! D-Bus, HTTP, phone-number formats, contacts, ringtones, screens, text for people, clocks.

mod effect;
mod event;

pub use effect::{Accepted, Anomaly, AnomalyKind, Ask, AskKind, Effect, Effects, RingTone};
pub use event::{Action, Environment, Event, Outcome, Report, Request, Requester};

use hookswitch_model::{Limits, Snapshot, Stamp, Timestamp};

/// The state of all calls.
#[derive(Debug)]
pub struct Core {
    limits: Limits,
}

/// Why the core wants to be woken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeadlineReason {
    /// An incoming call has rung for its whole time.
    Ring,
    /// An outgoing call has rung at the far end for its whole time.
    DialRing,
    /// An app did not settle an ask.
    Ask,
    /// A stage keeps the next one waiting.
    Stage,
    /// A dead app did not come back.
    Orphan,
    /// An app did not start.
    Launch,
}

impl Core {
    /// An empty core with the given limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Applies one event and appends its effects, in order, to `out`.
    pub fn handle(&mut self, at: Stamp, event: Event, out: &mut Effects) {
        let _ = (at, event, out, &self.limits);
    }

    /// The earliest deadline and why it exists.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Timestamp, DeadlineReason)> {
        None
    }

    /// The read model as of the last event.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::default()
    }
}
