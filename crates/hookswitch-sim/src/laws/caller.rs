//! The law of callers (DR4): nobody rings on under an address that is blocked, if that is said of
//! the call while it rings.

use std::sync::Arc;

use hookswitch_core::{Environment, Event, Report};
use hookswitch_model::{ActionKind, CallId, CallSnapshot, Decision, DirectoryRule, Phase, Quirk};
use hookswitch_model::{Snapshot, Verdict};

use super::{Laws, Step};

/// What the directory has decided, for the report that comes next.
pub(super) type Decided = Option<(CallId, Arc<Decision>)>;

impl Laws {
    /// DR4.
    pub(super) fn callers(&mut self, step: &Step<'_>) {
        match step.event {
            Event::Environment(Environment::Decided { call, decision }) => {
                self.decided = Some((*call, decision.clone()));
                self.turned.decisions.insert(*call, decision.clone());
            }
            Event::Report { report, .. } => {
                let decided = self.decided.take();
                if let Report::Incoming { call, .. } | Report::Updated { call, .. } = report {
                    let decided = decided.filter(|(about, _)| about == call);
                    self.caller(step, *call, decided.map(|(_, decision)| decision));
                }
            }
            Event::Environment(_)
            | Event::Request { .. }
            | Event::Settled { .. }
            | Event::Acknowledged { .. }
            | Event::Tick => {}
        }
    }

    fn caller(&mut self, step: &Step<'_>, id: CallId, decision: Option<Arc<Decision>>) {
        let find = |state: &Snapshot| state.live().find(|call| call.id == id).cloned();
        let Some(after) = find(step.after).filter(is_open_ring) else {
            return;
        };
        let before = find(step.before);
        if after.emergency || before.is_some_and(|before| before.handle == after.handle) {
            return;
        }
        let listed = decision
            .as_ref()
            .is_some_and(|decision| decision.verdict == Verdict::Block);
        let trusted = decision
            .as_ref()
            .and_then(|decision| decision.decisive())
            .is_some_and(|step| step.rule < DirectoryRule::OwnBlock);
        let policy = &step.after.policy;
        let blocked = after.handle.as_ref().is_some_and(|h| policy.blocks(h));
        let excused = trusted || self.limits.has_quirk(Quirk::CalledNumbersRing);
        if listed || blocked && !excused {
            let text = format!("{id} rings under an address that is blocked");
            self.report("DR4", text);
        }
    }
}

fn is_open_ring(call: &CallSnapshot) -> bool {
    matches!(call.phase, Phase::Ringing { .. }) && call.pending != Some(ActionKind::Answer)
}
