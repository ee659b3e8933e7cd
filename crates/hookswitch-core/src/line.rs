//! The line: who rings, who may use the call audio. Derived from the calls after each change.
//!
//! The lease follows the line ([`crate::lease`]), the device follows both ([`crate::route`]), and
//! the tones of calls follow all of them ([`crate::call_tone`]).
//!
//! # Promises
//!
//! - **R2** it rings on the devices that the user has chosen for that, as far as they are there;
//!   the call itself goes where calls go. No device that is away keeps a call from being heard.
//! - **R3** a call that was shown, and of which nothing could be heard all the time, is known as
//!   such when it is missed.
//! - **R4** a call rings with what its app brought along for that, if it did; one that waits over
//!   another one never does.
//! - **R1** one call is presented and audible; a silenced call is not audible, and stays presented
//!   while no other one rings that is to be heard.
//! - **R5** the presented call stays that until it is settled, silenced or out of reach of its app;
//!   only an emergency center's call-back takes its place before. A press meant for one call never
//!   meets another one.

use hookswitch_model::{
    AnswerMode, CallId, EndpointId, MaterialId, MissedReasons, Phase, Rejection, RingOn, RingState,
};

use crate::Core;
use crate::effect::{Effect, RingTone};
use crate::event::{Request, Requester};
use crate::forecast::Forecast;
use crate::state::{Call, action_of};

impl Core {
    /// Brings ring, lease and route in line with the calls.
    pub(crate) fn reconcile(&mut self) {
        self.reconcile_ring();
        self.reconcile_lease();
        self.reconcile_mute();
        self.reconcile_route();
    }

    /// The ringing call on the screen, while it is still the user's to decide.
    pub(crate) fn presented(&self) -> Option<&Call> {
        let call = self.calls.get(&self.presented?);
        call.filter(|call| is_to_decide(call))
    }

    /// The one that stands (R5), or else the oldest.
    fn choose_presented(&self) -> Option<CallId> {
        let is_new = |call: &Call| self.presented != Some(call.id);
        let ringing = self.calls.values().filter(|call| is_to_decide(call));
        let first =
            ringing.min_by_key(|call| (!call.emergency, call.silenced, is_new(call), call.order));
        first.map(|call| call.id)
    }

    fn reconcile_ring(&mut self) {
        let presented = self.choose_presented();
        self.dirty |= presented != self.presented;
        self.presented = presented;
        self.note_presented();
        let wanted = match self.presented() {
            Some(call) if call.silenced => RingState::Quiet,
            Some(call) if self.is_line_used() => RingState::Waiting(call.id),
            Some(call) => RingState::Ringing(call.id),
            None => RingState::Quiet,
        };
        let on = self.ring_places(wanted);
        if wanted == self.ring && on == self.ringing_on {
            return;
        }
        if wanted != self.ring {
            self.dirty = true;
            self.ringing_with = self.own_ringtone(wanted);
        }
        self.ring = wanted;
        self.ringing_on.clone_from(&on);
        if wanted != RingState::Quiet {
            self.silence_tone();
        }
        self.emit(match wanted {
            RingState::Quiet => Effect::StopRing,
            RingState::Ringing(call) => Effect::Ring {
                call,
                tone: RingTone::Ring,
                ringtone: self.ringing_with.clone(),
                on,
            },
            RingState::Waiting(call) => Effect::Ring {
                call,
                tone: RingTone::Waiting,
                ringtone: None,
                on,
            },
        });
    }

    /// What the app of the call rings with. It is chosen when the ringing begins, and stays.
    fn own_ringtone(&self, wanted: RingState) -> Option<MaterialId> {
        match wanted {
            RingState::Quiet | RingState::Waiting(_) => None,
            RingState::Ringing(call) => {
                let app = &self.calls.get(&call)?.app;
                self.ringtones.get(app).cloned()
            }
        }
    }

    /// Where it rings is the user's, not an app's.
    pub(crate) fn set_ring_on(&mut self, from: Requester, on: RingOn) -> Result<(), Rejection> {
        match from {
            Requester::App(_) => Err(Rejection::Unentitled),
            Requester::User => {
                self.dirty |= self.ring_on != on;
                self.ring_on = on;
                Ok(())
            }
        }
    }

    /// What is known of the presented call, should it be missed (R3).
    fn note_presented(&mut self) {
        let unheard = self.unheard();
        let Some(call) = self.presented() else {
            return;
        };
        let notes = if call.notes.contains(MissedReasons::NEVER_RANG) {
            call.notes.without(MissedReasons::NEVER_RANG).with(unheard)
        } else if unheard == MissedReasons::NONE && !call.silenced {
            let silent = MissedReasons::RING_MUTED.with(MissedReasons::NO_SOUND);
            call.notes.without(silent)
        } else {
            call.notes
        };
        if notes == call.notes {
            return;
        }
        let id = call.id;
        if let Some(call) = self.calls.get_mut(&id) {
            call.notes = notes;
            self.dirty = true;
        }
    }

    /// Why nothing would be heard of a ring now. An audio server of which nothing was told yet may
    /// sound.
    fn unheard(&self) -> MissedReasons {
        let reasons = [
            (self.ring_muted, MissedReasons::RING_MUTED),
            (self.is_soundless, MissedReasons::NO_SOUND),
        ];
        let so = reasons.into_iter().filter(|(so, _)| *so);
        so.fold(MissedReasons::NONE, |set, (_, reason)| set.with(reason))
    }

    /// The devices to ring on; none means the one that everything else uses. A call that waits is
    /// heard where the other one is.
    fn ring_places(&self, wanted: RingState) -> Vec<EndpointId> {
        let ids = self.routing.endpoints.iter().map(|one| &one.id);
        match (wanted, &self.ring_on) {
            (RingState::Quiet | RingState::Waiting(_), _) | (_, RingOn::Default) => Vec::new(),
            (RingState::Ringing(_), RingOn::Everywhere) => ids.cloned().collect(),
            (RingState::Ringing(_), RingOn::Device(wanted)) => {
                ids.filter(|id| *id == wanted).cloned().collect()
            }
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
        calls.any(|call| Some(call.party()) != party && call.keeps_line())
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
            .find(|call| Some(call.party()) != party && call.keeps_line() && !leaving(call))
            .map(|call| call.id)
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

/// Rings, and somebody can take the user's word for it.
fn is_to_decide(call: &Call) -> bool {
    call.is_open_ring() && !call.is_orphan()
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
