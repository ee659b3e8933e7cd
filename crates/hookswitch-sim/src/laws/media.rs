//! The laws of video and translation over a lost connection and a restart: the other party's offer
//! is answered (ME2), and an app that translated is asked about it when it is back (ME4).

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{AskKind, Effect, Event, Report};
use hookswitch_model::{CallId, CallSnapshot, Control, Phase, Timestamp};

use super::{Laws, Step};

/// What was so when the app of a call was there last.
#[derive(Debug, Default)]
pub(super) struct Media {
    offers: BTreeMap<CallId, Timestamp>,
    translates: BTreeSet<CallId>,
}

impl Laws {
    /// ME2, ME4.
    pub(super) fn media(&mut self, step: &Step<'_>) {
        for call in step.after.live() {
            if call.orphaned_until.is_none() {
                self.offer(step, call);
                self.translation(step, call);
            }
        }
        let lives = |id: CallId| step.after.live().any(|call| call.id == id);
        self.media.offers.retain(|id, _| lives(*id));
        self.media.translates.retain(|id| lives(*id));
    }

    fn offer(&mut self, step: &Step<'_>, call: &CallSnapshot) {
        let id = call.id;
        if let Some(until) = call.video_offer {
            self.media.offers.insert(id, until);
            if until <= step.at {
                self.report("ME2", format!("the offer of {id} is not declined in time"));
            }
        } else if self.media.offers.remove(&id).is_some() && !is_answered(step, call) {
            self.report("ME2", format!("the offer of {id} was forgotten"));
        }
    }

    fn translation(&mut self, step: &Step<'_>, call: &CallSnapshot) {
        let id = call.id;
        let was_away = |was: &&CallSnapshot| was.id == id && was.orphaned_until.is_some();
        let is_back = step.before.live().any(|was| was_away(&was));
        let is_in_call = matches!(call.phase, Phase::Active { .. } | Phase::Held(_));
        let can = is_in_call && call.translate != Control::Absent;
        if is_back && can && self.media.translates.contains(&id) {
            let asks = |kind: &AskKind| matches!(kind, AskKind::SetTranslating(_));
            if !is_asked(step, id, asks) {
                let text = format!("the app of {id} translated and is not asked about it");
                self.report("ME4", text);
            }
        }
        if call.translating.is_some() {
            self.media.translates.insert(id);
        } else {
            self.media.translates.remove(&id);
        }
    }
}

/// Whether this step answers, withdraws or ends an offer of video.
fn is_answered(step: &Step<'_>, call: &CallSnapshot) -> bool {
    let id = call.id;
    let asks = |kind: &AskKind| matches!(kind, AskKind::SetVideo(_) | AskKind::DeclineVideo);
    let says = match step.event {
        Event::Report { report, .. } => match report {
            Report::VideoOffer { call, .. } => *call == id,
            Report::Updated { call, update } | Report::Incoming { call, update, .. } => {
                *call == id && update.video == Some(true)
            }
            Report::Register { .. }
            | Report::Invalidate
            | Report::Connecting { .. }
            | Report::Connected { .. }
            | Report::Ended { .. }
            | Report::RemoteHeld { .. }
            | Report::Held { .. }
            | Report::Muted { .. }
            | Report::Adopt { .. } => false,
        },
        Event::Settled { .. } => true,
        Event::Request { .. }
        | Event::Acknowledged { .. }
        | Event::Environment(_)
        | Event::Tick => false,
    };
    says || is_asked(step, id, asks) || !matches!(call.phase, Phase::Active { .. } | Phase::Held(_))
}

fn is_asked(step: &Step<'_>, id: CallId, which: impl Fn(&AskKind) -> bool) -> bool {
    step.effects.iter().any(
        |effect| matches!(effect, Effect::Ask { ask, .. } if ask.call == id && which(&ask.kind)),
    )
}
