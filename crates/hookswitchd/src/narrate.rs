//! One line of log for each change of a call: who is in which phase, never who is called.
//!
//! Input: published states, one after the other. Output: lines of log, written after signals and
//! asks of the same step went out.

use std::sync::Arc;

use hookswitch_model::{CallSnapshot, RingState, Snapshot};
use tokio::sync::mpsc;

/// Most states that wait to be told.
pub const STATES_MAX: usize = 256;

/// Tells what changed until the daemon stops publishing.
pub async fn follow(mut states: mpsc::Receiver<Arc<Snapshot>>) {
    let mut before = Arc::new(Snapshot::default());
    while let Some(after) = states.recv().await {
        tokio::task::yield_now().await;
        changes(&before, &after);
        before = after;
    }
}

fn changes(before: &Snapshot, after: &Snapshot) {
    if before.ring != after.ring {
        match after.ring {
            RingState::Quiet => tracing::info!("nothing rings"),
            RingState::Ringing(call) => tracing::info!(%call, "a call rings"),
            RingState::Waiting(call) => tracing::info!(%call, "a call rings over another one"),
        }
    }
    let difference = after.difference(before);
    for (old, call) in difference.changed {
        let from = old.map_or("none", |old| old.phase.kind().name());
        let to = call.phase.kind().name();
        if from != to {
            tell(call, from, to);
        }
    }
    for old in difference.gone {
        tell(old, old.phase.kind().name(), "ended");
    }
}

fn tell(call: &CallSnapshot, from: &'static str, to: &'static str) {
    tracing::info!(call = %call.id, app = %call.app, from, to, "call");
}
