//! The law of emergency calls (CE): one that has the line is never held by the system for a call
//! that is none, nobody rings beside it, and nobody begins to talk, also while its app is away.

use hookswitch_core::{Event, Report};
use hookswitch_model::{ActionKind, CallSnapshot, Phase, Snapshot};

use super::{Laws, Step, are_one_party};

impl Laws {
    /// CE.
    pub(super) fn emergencies(&mut self, step: &Step<'_>) {
        let Some(call) = step.before.live().find(|call| has_line(call)) else {
            return;
        };
        let by_its_app = matches!(
            step.event,
            Event::Report {
                report: Report::Held { on: true, .. },
                ..
            }
        );
        let mut after = step.after.live();
        let held = after.any(|now| now.id == call.id && now.phase.is_on_hold());
        if !has_one(step.after) {
            if held && !by_its_app {
                let text = format!("the emergency call {} lost the line", call.id);
                self.report("CE", text);
            }
            return;
        }
        let was_active = |id| {
            let mut before = step.before.live();
            before.any(|call| call.id == id && is_active(call))
        };
        for other in step.after.live().filter(|other| !other.emergency) {
            // Who is joined with it talks with it.
            let mut keepers = step.after.live().filter(|call| has_line(call));
            let joined = keepers.any(|one| are_one_party(step.after, one.id, other.id));
            let begins = is_active(other) && !was_active(other.id) && !joined;
            let rings = matches!(other.phase, Phase::Ringing { .. })
                && other.pending != Some(ActionKind::Answer);
            if begins || rings {
                let what = if rings { "rings" } else { "talks" };
                let text = format!("{} {what} beside an emergency call", other.id);
                self.report("CE", text);
            }
        }
    }
}

fn has_one(state: &Snapshot) -> bool {
    state.live().any(has_line)
}

/// On the line, or its app is away and may come back to it.
fn has_line(call: &CallSnapshot) -> bool {
    call.emergency && matches!(call.phase, Phase::Active { .. } | Phase::Dialing { .. })
}

fn is_active(call: &CallSnapshot) -> bool {
    matches!(call.phase, Phase::Active { .. })
}
