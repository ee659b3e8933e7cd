//! The law of facts (F): what an app reports as connected, held or resumed is so after the step,
//! unless an emergency call keeps the line.

use std::collections::BTreeSet;

use hookswitch_core::{Effect, Event, Report};
use hookswitch_model::{AppId, CallId, CallSnapshot, Direction, Phase, Snapshot};

use super::{Laws, Step, are_one_party};

/// Calls that were there beyond what anybody wished: answered at their app's own side.
#[derive(Debug, Default)]
pub(super) struct ByFact(BTreeSet<CallId>);

impl ByFact {
    pub(super) fn follow(&mut self, step: &Step<'_>) {
        self.0.retain(|call| find(step.after, *call).is_some());
        if let Event::Report {
            report: Report::Connected { call, .. },
            ..
        } = step.event
            && is_accepted(step)
            && find(step.after, *call).is_some_and(|call| call.direction == Direction::Incoming)
            && !find(step.before, *call).is_some_and(is_in_call)
        {
            self.0.insert(*call);
        }
    }

    /// The conversations of these calls.
    pub(super) fn parties(&self, state: &Snapshot) -> usize {
        self.count(state, |_| true)
    }

    /// Those of one app.
    pub(super) fn of_app(&self, state: &Snapshot, app: &AppId) -> usize {
        self.count(state, |call| call.app == *app)
    }

    fn count(&self, state: &Snapshot, wanted: impl Fn(&CallSnapshot) -> bool) -> usize {
        let mine = |call: &&CallSnapshot| {
            let counts = is_in_call(call) && call.orphaned_until.is_none();
            counts && self.0.contains(&call.id) && wanted(call)
        };
        let mut parties: Vec<CallId> = Vec::new();
        for call in state.live().filter(mine) {
            if !parties
                .iter()
                .any(|one| are_one_party(state, *one, call.id))
            {
                parties.push(call.id);
            }
        }
        parties.len()
    }
}

impl Laws {
    /// F.
    pub(super) fn facts(&mut self, step: &Step<'_>) {
        let Event::Report { report, .. } = step.event else {
            return;
        };
        if !is_accepted(step) || step.expires() {
            return;
        }
        let wrong = match report {
            Report::Connected { call, .. } => {
                let talked = find(step.before, *call).is_some_and(is_in_call);
                let is_so = |call: &CallSnapshot| is_active(call);
                (!talked && !holds(step, *call, is_so)).then_some((*call, "is not connected"))
            }
            Report::Held { call, on: true } => {
                let is_so = |call: &CallSnapshot| call.phase.is_on_hold();
                (!holds(step, *call, is_so)).then_some((*call, "is not on hold"))
            }
            Report::Held { call, on: false } => {
                let is_asked = find(step.before, *call).is_some_and(|call| call.pending.is_some());
                let is_so = |call: &CallSnapshot| is_active(call) || is_asked;
                (!holds(step, *call, is_so)).then_some((*call, "is not talked on"))
            }
            Report::Register { .. }
            | Report::Invalidate
            | Report::Incoming { .. }
            | Report::Updated { .. }
            | Report::Connecting { .. }
            | Report::Ended { .. }
            | Report::RemoteHeld { .. }
            | Report::Muted { .. }
            | Report::VideoOffer { .. }
            | Report::Adopt { .. } => None,
        };
        if let Some((call, how)) = wrong {
            self.report("F", format!("{call} {how}, against the word of its app"));
        }
    }
}

fn is_accepted(step: &Step<'_>) -> bool {
    let mut replies = step.effects.iter();
    replies.any(|effect| matches!(effect, Effect::Reply { result: Ok(_), .. }))
}

/// Whether a call is as it was said to be, or has to make room for an emergency call.
fn holds(step: &Step<'_>, call: CallId, is_so: impl Fn(&CallSnapshot) -> bool) -> bool {
    let emergency = |other: &CallSnapshot| {
        let takes = matches!(other.phase, Phase::Active { .. } | Phase::Dialing { .. });
        other.id != call && other.emergency && takes
    };
    let mut others = step.after.live();
    find(step.after, call).is_some_and(is_so) || others.any(emergency)
}

fn find(state: &Snapshot, id: CallId) -> Option<&CallSnapshot> {
    state.live().find(|call| call.id == id)
}

fn is_active(call: &CallSnapshot) -> bool {
    matches!(call.phase, Phase::Active { .. })
}

fn is_in_call(call: &CallSnapshot) -> bool {
    is_active(call) || call.phase.is_on_hold()
}
