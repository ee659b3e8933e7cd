//! One line of log for each change of a call: who is in which phase, never who is called.

use hookswitch_model::{CallSnapshot, Snapshot};

/// Tells what changed between two published states.
pub fn changes(before: &Snapshot, after: &Snapshot) {
    for call in &after.calls {
        let old = before.calls.iter().find(|old| old.id == call.id);
        let from = old.map_or("none", |old| old.phase.kind().name());
        let to = call.phase.kind().name();
        if from != to {
            tell(call, from, to);
        }
    }
    for old in &before.calls {
        if !after.calls.iter().any(|call| call.id == old.id) {
            tell(old, old.phase.kind().name(), "ended");
        }
    }
}

fn tell(call: &CallSnapshot, from: &'static str, to: &'static str) {
    tracing::info!(call = %call.id, app = %call.app, from, to, "call");
}
