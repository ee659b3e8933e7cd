//! The set of waits, each with its absolute time and its reason.
//!
//! # Promises
//!
//! - **D1** a deadline is set once and never moved by publishing or recomputing state; only a sleep
//!   of the machine moves some.
//! - **D2** deadlines come due in order of time, then of setting.
//! - **D3** clearing what is not set does nothing.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use hookswitch_model::{AskId, CallId, ProviderId, Timestamp, TransactionId};

/// What a deadline is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Wait {
    Ring(CallId),
    DialRing(CallId),
    Ask(AskId),
    Stage(TransactionId),
    Orphan(ProviderId),
    Launch(ProviderId),
    Verdict(CallId),
    Relaunch(ProviderId),
    VideoOffer(CallId),
    Unlock,
    Route,
    Grant,
    Voicemail(CallId),
    Slow(AskId),
    SoftPause(CallId),
    Tone,
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
    /// A screener has not said its verdict.
    Verdict,
    /// An app is to be started once more.
    Relaunch,
    /// The user did not answer an offer of video.
    VideoOffer,
    /// The screen was not unlocked.
    Unlock,
    /// The audio server did not change the device.
    Route,
    /// A call waits for the audio.
    Grant,
    /// A caller has spoken to the voicemail for the whole time.
    Voicemail,
    /// An app takes longer than usual for what it was asked.
    Slow,
    /// A pause in digits is over.
    SoftPause,
    /// The tone of a call that is gone has sounded long enough.
    Tone,
}

impl Wait {
    pub(crate) fn reason(self) -> DeadlineReason {
        match self {
            Self::Ring(_) => DeadlineReason::Ring,
            Self::DialRing(_) => DeadlineReason::DialRing,
            Self::Ask(_) => DeadlineReason::Ask,
            Self::Stage(_) => DeadlineReason::Stage,
            Self::Orphan(_) => DeadlineReason::Orphan,
            Self::Launch(_) => DeadlineReason::Launch,
            Self::Verdict(_) => DeadlineReason::Verdict,
            Self::Relaunch(_) => DeadlineReason::Relaunch,
            Self::VideoOffer(_) => DeadlineReason::VideoOffer,
            Self::Unlock => DeadlineReason::Unlock,
            Self::Route => DeadlineReason::Route,
            Self::Grant => DeadlineReason::Grant,
            Self::Voicemail(_) => DeadlineReason::Voicemail,
            Self::Slow(_) => DeadlineReason::Slow,
            Self::SoftPause(_) => DeadlineReason::SoftPause,
            Self::Tone => DeadlineReason::Tone,
        }
    }
}

/// All waits.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    due: BTreeSet<(Timestamp, u64, Wait)>,
    set: BTreeMap<Wait, (Timestamp, u64)>,
    next: u64,
}

impl Deadlines {
    /// Sets a wait that is not set yet; one that is keeps its time (D1). Returns the time that
    /// stands.
    pub(crate) fn set(&mut self, wait: Wait, at: Timestamp) -> Timestamp {
        if let Some((standing, _)) = self.set.get(&wait) {
            return *standing;
        }
        self.next += 1;
        self.set.insert(wait, (at, self.next));
        self.due.insert((at, self.next, wait));
        at
    }

    pub(crate) fn clear(&mut self, wait: Wait) {
        if let Some((at, order)) = self.set.remove(&wait) {
            self.due.remove(&(at, order, wait));
        }
    }

    /// Moves waits later, which keeps their order among themselves.
    pub(crate) fn delay(&mut self, by: Duration, which: fn(Wait) -> bool) {
        for (wait, (at, order)) in self.set.iter_mut().filter(|(wait, _)| which(**wait)) {
            self.due.remove(&(*at, *order, *wait));
            *at = at.after(by);
            self.due.insert((*at, *order, *wait));
        }
    }

    /// When a wait comes due, if it is set.
    pub(crate) fn at(&self, wait: Wait) -> Option<Timestamp> {
        self.set.get(&wait).map(|(at, _)| *at)
    }

    pub(crate) fn is_set(&self, wait: Wait) -> bool {
        self.set.contains_key(&wait)
    }

    pub(crate) fn first(&self) -> Option<(Timestamp, Wait)> {
        self.due.first().map(|(at, _, wait)| (*at, *wait))
    }

    /// Takes the first wait that is due at `now`.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<Wait> {
        let (at, wait) = self.first()?;
        if at > now {
            return None;
        }
        self.clear(wait);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_come_due_in_order_and_are_never_moved() {
        let mut deadlines = Deadlines::default();
        deadlines.set(Wait::Ask(AskId(2)), Timestamp::from_millis(5));
        deadlines.set(Wait::Ask(AskId(1)), Timestamp::from_millis(5));
        deadlines.set(Wait::Ask(AskId(3)), Timestamp::from_millis(1));
        deadlines.set(Wait::Ask(AskId(3)), Timestamp::from_millis(99));
        let now = Timestamp::from_millis(5);
        let order: Vec<_> = std::iter::from_fn(|| deadlines.pop_due(now)).collect();
        assert_eq!(
            order,
            [3, 2, 1].map(|n| Wait::Ask(AskId(n))),
            "time, then order of setting"
        );
        assert_eq!(deadlines.first(), None);
    }
}
