//! Tones by role: ringback, busy, and the tone after the end, for apps that leave them to the
//! system. Derived at the end of each step, from ring, lease and calls.
//!
//! Input: calls, lease, ring. Output: orders to start and stop, one tone at a time.
//!
//! # Promises
//!
//! - **TN1** there is one tone at most, and none while anything rings. It is silenced before the
//!   ring begins.
//! - **TN2** a tone is played for an app that asked for it, before its call or later; an app that
//!   asks for less gets less at once.
//! - **TN3** ringback sounds while an outgoing call that its app has reported as connecting has
//!   the lease, until the network itself sends sound (RFC 3960, section 3.2).
//! - **TN4** a parting tone (busy, ended) sounds for the limit [`Limit::Tone`] after a call that
//!   had the line, on the device that it had, unless the user ended it or has it on another device.
//!   When another call rings, takes the line or is to resume, it is over for good; it is when
//!   something keeps the audio from all calls, too.
//! - **TN5** no tone is kept for the next daemon; ringback follows from a call that is adopted.
//!
//! # Not here
//!
//! What a tone sounds like, digits ([`crate::tones`]), the ring and the call-waiting tone
//! ([`crate::line`]).

use hookswitch_model::{
    ActionKind, AppId, CallId, CallTone, CallTones, DialStage, Direction, End, EndReason,
    EndpointId, Limit, Origin, Phase, RingState, ToneState,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::Effect;
use crate::state::Call;

/// What sounds, and what is to sound after an end.
#[derive(Debug, Default)]
pub(crate) struct Sounding {
    playing: Option<ToneState>,
    parting: Option<Parting>,
}

/// The tone of a call that is gone. Its time is [`Wait::Tone`].
#[derive(Debug)]
struct Parting {
    app: AppId,
    tone: ToneState,
    on: Option<EndpointId>,
}

impl Core {
    /// A call ends, and is not among the calls any more (TN4).
    pub(crate) fn part(&mut self, call: &Call, end: End) {
        let Some(tone) = parting_tone(call, end) else {
            return;
        };
        let limit = self.limits.time(Limit::Tone);
        if !call.abilities.tones.contains(tone) || limit.is_zero() {
            return;
        }
        self.forget_parting();
        self.deadlines.set(Wait::Tone, self.now.at.after(limit));
        self.sounding.parting = Some(Parting {
            app: call.app.clone(),
            tone: ToneState {
                call: call.id,
                tone,
            },
            on: self.routing.effective().cloned(),
        });
    }

    /// An app says what it leaves to the system from now on (TN2).
    pub(crate) fn narrow_tones(&mut self, app: &AppId, tones: CallTones) {
        let parting = self.sounding.parting.as_ref();
        if parting.is_some_and(|one| one.app == *app && !tones.contains(one.tone.tone)) {
            self.forget_parting();
        }
    }

    pub(crate) fn on_tone_limit(&mut self) {
        self.sounding.parting = None;
    }

    fn forget_parting(&mut self) {
        self.deadlines.clear(Wait::Tone);
        self.sounding.parting = None;
    }

    /// Something is to ring: before it does, no tone sounds (TN1).
    pub(crate) fn silence_tone(&mut self) {
        self.forget_parting();
        self.sound(None);
    }

    /// Brings the tone in line with the calls. Last in a step: what the end of a call leads to, the
    /// other one that resumes for example, is known by then.
    pub(crate) fn reconcile_tone(&mut self) {
        if self.sounding.parting.is_some() && self.is_elsewhere() {
            self.forget_parting();
        }
        let tone = CallTone::Ringback;
        let ringback = self.ringback().map(|call| (ToneState { call, tone }, None));
        let parting = self.sounding.parting.as_ref();
        let parting = parting.map(|parting| (parting.tone, parting.on.clone()));
        let wanted = ringback.or(parting);
        self.sound(wanted.filter(|_| self.ring == RingState::Quiet));
    }

    fn sound(&mut self, wanted: Option<(ToneState, Option<EndpointId>)>) {
        let tone = wanted.as_ref().map(|(tone, _)| *tone);
        if tone == self.sounding.playing {
            return;
        }
        self.dirty = true;
        self.sounding.playing = tone;
        self.emit(match wanted {
            Some((ToneState { call, tone }, on)) => Effect::StartTone { call, tone, on },
            None => Effect::StopTone,
        });
    }

    /// The call whose far end rings, for all that is known (TN3).
    fn ringback(&self) -> Option<CallId> {
        let call = self.calls.get(&self.lease.as_ref()?.call)?;
        let connecting = matches!(
            call.phase,
            Phase::Dialing {
                stage: DialStage::Connecting,
                ..
            }
        );
        let silent = !call.early_media && call.abilities.tones.ringback;
        (connecting && silent).then_some(call.id)
    }

    /// The user is busy with something else than the call that is gone.
    fn is_elsewhere(&self) -> bool {
        let resumes = |call: &Call| call.is_held() && self.has_pending(call, ActionKind::SetHeld);
        let takes = |call: &Call| call.is_on_line() || resumes(call);
        self.ring != RingState::Quiet || self.is_audio_kept() || self.calls.values().any(takes)
    }

    /// The tone that sounds.
    pub(crate) fn tone_state(&self) -> Option<ToneState> {
        self.sounding.playing
    }

    /// TN1, TN3 and TN4, as far as they show in the state; with the call concerned.
    pub(crate) fn broken_tone(&self) -> Option<(&'static str, CallId)> {
        let ToneState { call, tone } = self.sounding.playing?;
        let broken = match tone {
            _ if self.ring != RingState::Quiet => "TN1: no tone beside the ring",
            CallTone::Ringback if self.ringback() != Some(call) => "TN3: ringback has the lease",
            CallTone::Busy | CallTone::Ended if !self.deadlines.is_set(Wait::Tone) => {
                "TN4: a parting tone has a deadline"
            }
            CallTone::Ringback | CallTone::Busy | CallTone::Ended => return None,
        };
        Some((broken, call))
    }
}

/// What is heard after a call, if it had the line: that nobody could be reached, or that nobody is
/// there any more. Who has hung up, or talks on elsewhere, knows.
fn parting_tone(call: &Call, end: End) -> Option<CallTone> {
    if !call.is_on_line() || call.is_deaf {
        return None;
    }
    let left = match end.origin {
        Origin::App | Origin::Remote | Origin::Limit | Origin::System => true,
        Origin::User | Origin::OtherDevice | Origin::RingLimit | Origin::CallWaiting => false,
    };
    if call.is_active() {
        return left.then_some(CallTone::Ended);
    }
    let busy = end.reason == EndReason::Busy && call.direction == Direction::Outgoing;
    (busy && !call.has_connected()).then_some(CallTone::Busy)
}
