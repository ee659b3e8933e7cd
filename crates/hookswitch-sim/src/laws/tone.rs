//! The law of the tones of calls (TN): one at most and none beside the ring, for an app that asked
//! for it, ringback while its call connects and has the audio, a parting tone for its time after a
//! call that is gone.
//!
//! What an app asked for, and what its network sends, is worked out here a second time, from what
//! the app reports.

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{Effect, Event, Report};
use hookswitch_model::{
    ActionKind, AppId, CallId, CallSnapshot, CallTone, CallTones, DialStage, Direction, Limit,
    Phase, RingState, Snapshot, Timestamp, ToneState,
};

use super::{Laws, Step};

/// What the checkers remember of it.
#[derive(Debug, Default)]
pub(super) struct Tones {
    /// What each app asked for last.
    asked: BTreeMap<AppId, CallTones>,
    /// What a call has for certain: its app has not registered again since it began.
    certain: BTreeMap<CallId, CallTones>,
    /// Calls with sound of the network itself.
    early: BTreeSet<CallId>,
    /// Calls that are gone.
    ended: BTreeMap<CallId, Gone>,
}

/// A call that is gone.
#[derive(Debug)]
struct Gone {
    app: AppId,
    at: Timestamp,
    tone: Option<CallTone>,
}

impl Tones {
    /// Another daemon: what apps asked for it learns anew, what it is told of calls is kept.
    pub(super) fn restart(&mut self) {
        self.asked.clear();
        self.certain.clear();
        self.ended.clear();
    }

    fn learn(&mut self, step: &Step<'_>) {
        let accepted =
            |effect: &Effect| matches!(effect, Effect::Reply { result, .. } if result.is_ok());
        if let Event::Report { report, .. } = step.event
            && step.effects.iter().any(accepted)
        {
            self.hear(step, report);
        }
        for call in step.vanished() {
            self.early.remove(&call.id);
            self.certain.remove(&call.id);
            let gone = Gone {
                app: call.app.clone(),
                at: step.at,
                tone: parting_tone(call),
            };
            self.ended.insert(call.id, gone);
        }
        for call in step.after.live() {
            self.ended.remove(&call.id);
            let is_new = !step.before.live().any(|old| old.id == call.id);
            let asked = self.asked.get(&call.app).filter(|_| is_new);
            if let Some(asked) = asked {
                self.certain.insert(call.id, *asked);
            }
        }
    }

    fn hear(&mut self, step: &Step<'_>, report: &Report) {
        if let Report::Register { app, configuration } = report {
            self.asked.insert(app.clone(), configuration.tones);
            for call in step.after.live().filter(|call| call.app == *app) {
                self.certain.remove(&call.id);
            }
        }
        if let Report::Updated { call, update } = report {
            match update.early_media {
                Some(true) => drop(self.early.insert(*call)),
                Some(false) => drop(self.early.remove(call)),
                None => {}
            }
        }
    }

    fn has_asked(&self, app: &AppId, tone: CallTone) -> bool {
        self.asked
            .get(app)
            .is_some_and(|asked| asked.contains(tone))
    }

    /// Why this tone may not sound.
    fn fault(&self, step: &Step<'_>, limit: core::time::Duration) -> Option<&'static str> {
        let ToneState { call, tone } = step.after.tone?;
        if step.after.ring != RingState::Quiet {
            return Some("it sounds beside the ring");
        }
        if tone == CallTone::Ringback {
            let connecting = self.connecting(step.after);
            let right = connecting.filter(|one| one.id == call && self.has_asked(&one.app, tone));
            return right.is_none().then_some("it is no ringback of its call");
        }
        let Some(gone) = self.ended.get(&call) else {
            return Some("its call is not over");
        };
        let takes = |other: &CallSnapshot| {
            let answering = other.pending == Some(ActionKind::Answer);
            let talks = matches!(other.phase, Phase::Active { .. } | Phase::Dialing { .. });
            (talks || answering) && other.orphaned_until.is_none()
        };
        if gone.tone != Some(tone) {
            Some("its call did not end so")
        } else if !self.has_asked(&gone.app, tone) {
            Some("its app did not ask for it")
        } else if step.at >= gone.at.after(limit) {
            Some("its time is over")
        } else if step.after.live().any(takes) {
            Some("another call has the line")
        } else if step.after.audio.interruption.is_some() {
            Some("something keeps the audio")
        } else {
            None
        }
    }

    /// The call whose far end rings, with nothing else to be heard of it.
    fn connecting<'s>(&self, state: &'s Snapshot) -> Option<&'s CallSnapshot> {
        let lease = state.lease.as_ref()?;
        let call = state.live().find(|call| call.id == lease.call)?;
        let stage = match call.phase {
            Phase::Dialing { stage, .. } => stage,
            Phase::Ringing { .. }
            | Phase::Active { .. }
            | Phase::Held(_)
            | Phase::Ending { .. } => return None,
        };
        let silent = stage == DialStage::Connecting && !self.early.contains(&call.id);
        silent.then_some(call)
    }
}

/// What may be heard after a call that was as this one.
fn parting_tone(call: &CallSnapshot) -> Option<CallTone> {
    let is_mine = call.orphaned_until.is_none();
    match call.phase {
        Phase::Active { .. } if is_mine => Some(CallTone::Ended),
        Phase::Dialing { .. } if is_mine && call.direction == Direction::Outgoing => {
            Some(CallTone::Busy)
        }
        Phase::Ringing { .. }
        | Phase::Dialing { .. }
        | Phase::Active { .. }
        | Phase::Held(_)
        | Phase::Ending { .. } => None,
    }
}

impl Laws {
    /// TN.
    pub(super) fn tones(&mut self, step: &Step<'_>) {
        self.tones.learn(step);
        if let Some(fault) = self.tones.fault(step, self.limits.time(Limit::Tone)) {
            let text = format!("{:?}: {fault}", step.after.tone);
            self.report("TN", text);
        }
        self.one_tone(step);
        let due = self.tones.connecting(step.after).filter(|call| {
            let certain = self.tones.certain.get(&call.id);
            certain.is_some_and(|tones| tones.ringback)
        });
        if let Some(call) = due
            && step.after.ring == RingState::Quiet
            && step.after.tone.is_none()
        {
            let text = format!("{} is connecting, and nobody hears it", call.id);
            self.report("TN", text);
        }
    }

    /// A tone is silent before anything rings, and what is silent is not stopped.
    fn one_tone(&mut self, step: &Step<'_>) {
        let mut sounds = step.before.tone.is_some();
        for effect in step.effects {
            if sounds && matches!(effect, Effect::Ring { .. }) {
                self.report("TN", "a ring begins beside a tone".to_owned());
            }
            if !sounds && *effect == Effect::StopTone {
                self.report("TN", "a tone ends that was none".to_owned());
            }
            sounds |= matches!(effect, Effect::StartTone { .. });
            sounds &= *effect != Effect::StopTone;
        }
    }
}
