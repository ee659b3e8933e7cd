//! The law of second calls (SC): what the rules turn away never rings and always leaves its record,
//! and nothing else is turned away for that reason.
//!
//! What a second call is, and which rule counts, is worked out here a second time, from what
//! everybody can see.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hookswitch_core::{Effect, Event, Report};
use hookswitch_model::{
    ActionKind, AppId, CallId, CallSnapshot, ClientId, Configuration, Decision, Direction,
    EndReason, MissedReasons, Phase, RecentsEntry, Rejection, RingState, SecondCalls,
};

use super::{Laws, Step};

/// What the checkers remember of it.
#[derive(Debug, Default)]
pub(super) struct Turned {
    away: BTreeSet<CallId>,
    clients: BTreeMap<ClientId, AppId>,
    apps: BTreeMap<AppId, Configuration>,
    /// What the call directory has made of the callers.
    pub(super) decisions: BTreeMap<CallId, Arc<Decision>>,
}

impl Turned {
    /// An id is used for a new call.
    pub(super) fn forget(&mut self, call: CallId) {
        self.away.remove(&call);
    }
}

impl Laws {
    /// SC.
    pub(super) fn second_calls(&mut self, step: &Step<'_>) {
        self.registered(step);
        self.turned_away(step);
        let live = |id: &CallId| step.after.live().any(|call| call.id == *id);
        let rings = match &step.after.ring {
            RingState::Ringing(call) | RingState::Waiting(call) => Some(*call),
            RingState::Quiet => None,
        };
        let back = self.turned.away.iter().copied();
        let back: Vec<_> = back.filter(|id| live(id) || rings == Some(*id)).collect();
        for call in back {
            self.turned.away.remove(&call);
            self.report("SC", format!("{call} was turned away and is there"));
        }
        let fresh = step.after.live().find(|call| {
            let is_ringing = matches!(call.phase, Phase::Ringing { .. });
            is_ringing && !call.emergency && !step.before.live().any(|old| old.id == call.id)
        });
        if let Some(call) = fresh
            && call.direction == Direction::Incoming
            && is_busy(step)
            && self.rule_for(step, &call.app, Some(call)) != SecondCalls::Ring
        {
            let text = format!("{} rings beside another call and should not", call.id);
            self.report("SC", text);
        }
    }

    fn registered(&mut self, step: &Step<'_>) {
        let accepted =
            |effect: &Effect| matches!(effect, Effect::Reply { result, .. } if result.is_ok());
        if let Event::Report {
            client,
            report: Report::Register { app, configuration },
            ..
        } = step.event
            && step.effects.iter().any(accepted)
        {
            let known = &mut self.turned;
            known.clients.insert(*client, app.clone());
            known.apps.insert(app.clone(), configuration.clone());
        }
    }

    /// Each call that is turned away has its record, in this step and with its reasons; and each
    /// record of one belongs to a rule and to another call.
    fn turned_away(&mut self, step: &Step<'_>) {
        let mine: Vec<&RecentsEntry> = step.effects.iter().filter_map(of_rule).collect();
        let told = step.effects.iter().any(is_told);
        if told && mine.is_empty() && self.is_kept(step) {
            self.report("SC", "a call was turned away without a record".to_owned());
        }
        for entry in mine {
            let reasons = [EndReason::Busy, EndReason::Filtered];
            let never_rang = entry.missed_reasons.contains(MissedReasons::NEVER_RANG);
            let is_right = told && never_rang && reasons.contains(&entry.end.reason);
            let is_second = step.before.live().chain(step.after.live()).any(counts);
            if !is_right || !is_second {
                self.report("SC", format!("{} was turned away for nothing", entry.call));
            }
            self.turned.away.insert(entry.call);
        }
    }

    /// Whether the app whose report this is wants its calls kept. Of a report that waited for a
    /// verdict nobody can tell here whose it was.
    fn is_kept(&self, step: &Step<'_>) -> bool {
        let Event::Report {
            client,
            report: Report::Incoming { .. },
            ..
        } = step.event
        else {
            return false;
        };
        let app = self.turned.clients.get(client);
        let about = app.and_then(|app| self.turned.apps.get(app));
        about.is_some_and(|about| about.in_recents) && !step.expires()
    }

    /// What the user and the app want.
    fn rule_for(&self, step: &Step<'_>, app: &AppId, call: Option<&CallSnapshot>) -> SecondCalls {
        let policy = &step.before.policy;
        let handle = call.and_then(|call| call.handle.as_ref());
        let decision = call.and_then(|call| self.turned.decisions.get(&call.id));
        let candidates = decision.map_or(&[][..], |decision| &decision.candidates);
        let is_allowed = handle.is_some_and(|handle| policy.allows(handle, candidates));
        let own = policy.second_calls_of.get(app).copied();
        match own.or(policy.second_calls) {
            Some(rule) if rule != SecondCalls::Ring && !is_allowed => rule,
            Some(_) | None => {
                let about = self.turned.apps.get(app);
                about.map_or(SecondCalls::Ring, |about| about.second_calls)
            }
        }
    }
}

/// The record of a call that a rule for second calls turned away.
fn of_rule(effect: &Effect) -> Option<&RecentsEntry> {
    let Effect::Record(entry) = effect else {
        return None;
    };
    let is_mine = entry.missed_reasons.contains(MissedReasons::BUSY);
    is_mine.then_some(entry.as_ref())
}

fn is_told(effect: &Effect) -> bool {
    let Effect::Reply {
        result: Err(why), ..
    } = effect
    else {
        return false;
    };
    [Rejection::UserBusy, Rejection::FilteredWhileBusy].contains(why)
}

/// Whether another call rang or had the line, before this step and after it.
fn is_busy(step: &Step<'_>) -> bool {
    let stays = |call: &CallSnapshot| step.after.live().any(|c| c.id == call.id && counts(c));
    let mut before = step.before.live();
    before.any(|call| counts(call) && stays(call))
}

fn counts(call: &CallSnapshot) -> bool {
    let answering = call.pending == Some(ActionKind::Answer);
    let takes = match call.phase {
        Phase::Ringing { .. } | Phase::Dialing { .. } | Phase::Active { .. } => true,
        Phase::Held(_) => answering,
        Phase::Ending { .. } => false,
    };
    (takes || call.resuming) && call.orphaned_until.is_none()
}
