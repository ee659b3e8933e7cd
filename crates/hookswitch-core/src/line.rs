//! The line: who rings, who may use the call audio. Derived from the calls after each change.
//!
//! # Promises
//!
//! - **A1** at most one group has the lease. **A2** it is the group on the line.
//! - **A3** a call that becomes active gets the lease in the same step, whatever freed it.
//! - **A4** the former holder is told to stop before the next one is told to start; per app the two
//!   alternate strictly.
//! - **R1** one call is presented and audible; a silenced call stays presented and is not audible.

use hookswitch_model::{
    AnswerMode, CallId, HeldBy, Hold, Lease, MissedReasons, Phase, Quirk, RingState,
};

use crate::Core;
use crate::effect::{Effect, RingTone};
use crate::event::{Request, Requester};
use crate::forecast::Forecast;
use crate::state::{Call, action_of};

impl Core {
    /// Brings ring and lease in line with the calls.
    pub(crate) fn reconcile(&mut self) {
        self.reconcile_ring();
        self.reconcile_lease();
    }

    /// The oldest ringing call that is still the user's to decide.
    pub(crate) fn presented(&self) -> Option<&Call> {
        self.calls
            .values()
            .filter(|call| call.is_open_ring() && !call.is_orphan())
            .min_by_key(|call| (!call.emergency, call.order))
    }

    fn reconcile_ring(&mut self) {
        let shown = self.presented().map(|call| call.id);
        if let Some(call) = shown.and_then(|id| self.calls.get_mut(&id)) {
            self.dirty |= call.notes.contains(MissedReasons::NEVER_RANG);
            call.notes = call.notes.without(MissedReasons::NEVER_RANG);
        }
        let wanted = match self.presented() {
            Some(call) if call.silenced => RingState::Quiet,
            Some(call) if self.calls.values().any(Call::is_on_line) => RingState::Waiting(call.id),
            Some(call) => RingState::Ringing(call.id),
            None => RingState::Quiet,
        };
        if wanted == self.ring {
            return;
        }
        self.dirty = true;
        self.ring = wanted;
        self.emit(match wanted {
            RingState::Quiet => Effect::StopRing,
            RingState::Ringing(call) => Effect::Ring {
                call,
                tone: RingTone::Ring,
            },
            RingState::Waiting(call) => Effect::Ring {
                call,
                tone: RingTone::Waiting,
            },
        });
    }

    fn reconcile_lease(&mut self) {
        let audible = self.calls.values().filter(|call| has_audio(call));
        let audible: Vec<CallId> = audible.map(|call| call.id).collect();
        let had = core::mem::replace(&mut self.lease_members, audible.clone());
        // The lease is the group's: as long as one of those who had it talks, nobody is told.
        let keeps = |call: &&CallId| had.contains(*call);
        if let Some(lease) = &mut self.lease
            && let Some(kept) = audible.iter().find(keeps)
        {
            if !audible.contains(&lease.call) {
                lease.call = *kept;
                self.dirty = true;
            }
            return;
        }
        let owner = audible.first().and_then(|id| self.calls.get(id));
        if self.lease.is_none() && owner.is_none() {
            return;
        }
        let next = owner.map(|call| Lease {
            call: call.id,
            app: call.app.clone(),
            since: self.now,
        });
        let client_of = |lease: &Lease| self.providers.get(&lease.app)?.client;
        let stop = self
            .lease
            .as_ref()
            .and_then(|l| Some((client_of(l)?, l.call)));
        let start = next.as_ref().and_then(|l| Some((client_of(l)?, l.call)));
        self.dirty = true;
        self.lease = next;
        if let Some((client, call)) = stop {
            let times = match self.limits.has_quirk(Quirk::RepeatedDeactivation) {
                true => 5,
                false => 1,
            };
            for _ in 0..times {
                let letter = self.next_letter();
                self.emit(Effect::AudioDeactivated {
                    client,
                    call,
                    letter,
                });
            }
        }
        if let Some((client, call)) = start {
            let letter = self.next_letter();
            self.emit(Effect::AudioActivated {
                client,
                call,
                letter,
            });
        }
    }

    /// Whether another call keeps the line from `id`.
    pub(crate) fn line_is_kept(&self, id: CallId) -> bool {
        self.line_keeper(id).is_some()
    }

    /// Whether another call is on the line, asked to leave it or not.
    pub(crate) fn is_line_taken(&self, id: CallId) -> bool {
        let party = self.calls.get(&id).map(Call::party);
        let mut calls = self.calls.values();
        calls.any(|call| Some(call.party()) != party && call.is_on_line())
    }

    /// The other call that keeps the line from `id`: on it, and not asked to leave it.
    pub(crate) fn line_keeper(&self, id: CallId) -> Option<CallId> {
        let leaving = |call: &Call| {
            self.open_asks(call)
                .any(|ask| ask.hold.is_some() && call.is_active())
        };
        let party = self.calls.get(&id).map(Call::party);
        self.calls
            .values()
            .find(|call| Some(call.party()) != party && call.is_on_line() && !leaving(call))
            .map(|call| call.id)
    }

    /// A call takes the line: whoever still is active there is on hold by the system from now.
    pub(crate) fn take_line(&mut self, id: CallId) {
        let party = self.calls.get(&id).map(Call::party);
        let others: Vec<CallId> = self
            .calls
            .values()
            .filter(|call| Some(call.party()) != party && call.is_active() && !call.is_orphan())
            .map(|call| call.id)
            .collect();
        let since = self.now;
        for other in others {
            if let Some(call) = self.calls.get_mut(&other) {
                call.phase = Phase::Held(Hold {
                    by: HeldBy::SystemSlow,
                    since,
                    displaced_by: Some(id),
                });
                self.dirty = true;
            }
        }
    }

    /// The ways to answer that belong on the screen now, in the order of the screen.
    pub(crate) fn answer_modes(&self) -> &'static [AnswerMode] {
        let line = self.calls.values().any(Call::is_on_line);
        let held = !Forecast::new(self, None).held().is_empty();
        match (line, held) {
            (true, true) => &[AnswerMode::EndAndAnswer, AnswerMode::EndHeldAndAnswer],
            (true, false) => &[AnswerMode::HoldAndAnswer, AnswerMode::EndAndAnswer],
            (false, true) => {
                let auto = Request::Answer {
                    call: self.presented().map_or(CallId(0), |call| call.id),
                    mode: AnswerMode::Auto,
                };
                match self.plan(Requester::User, &auto) {
                    Ok(_) => &[AnswerMode::Auto],
                    Err(_) => &[AnswerMode::EndHeldAndAnswer],
                }
            }
            (false, false) => &[AnswerMode::Auto],
        }
    }

    /// The action a call waits for, if any.
    pub(crate) fn pending_action(&self, call: &Call) -> Option<hookswitch_model::ActionKind> {
        let last = self.open_asks(call).last();
        if call.answering {
            return Some(hookswitch_model::ActionKind::Answer);
        }
        last.map(|ask| action_of(&ask.kind))
    }
}

/// A call has audio while both sides can talk, and while an outgoing call plays its ringback.
pub(crate) fn has_audio(call: &Call) -> bool {
    use hookswitch_model::DialStage;
    let audible = match call.phase {
        Phase::Active { .. } => true,
        Phase::Dialing { stage, .. } => match stage {
            DialStage::Started | DialStage::Connecting => true,
            DialStage::Requested => false,
        },
        Phase::Ringing { .. } | Phase::Held(_) | Phase::Ending { .. } => false,
    };
    audible && !call.is_orphan() && !call.is_deaf
}
