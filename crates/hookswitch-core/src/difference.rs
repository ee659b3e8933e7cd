//! What differs since it was asked last, at a cost that goes with the difference.
//!
//! Input: the notes of [`crate::calls`]. Output: the read model, and the live calls as they are to
//! be kept.
//!
//! # Promises
//!
//! - **D1** [`Core::publish`] gives what [`Core::snapshot`] gives. The simulator compares the two
//!   after each step.
//! - **D2** what did not change is the same `Arc` as before, so that edges compare pointers.
//! - **D3** all that [`Core::take_saved`] ever gave adds up to [`Core::saved_calls`].
//!
//! What a ringing call shows depends on itself and its app alone, so it is made anew only when one
//! of these changed. All other calls depend on each other (who may hold, merge, swap), and are made
//! anew each time: there are as many of them as the limit of groups allows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hookswitch_model::{CallId, CallSnapshot, SavedChange, Snapshot};

use crate::Core;
use crate::calls::Follower;
use crate::state::Call;

/// The calls as they were published last.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// In the order of their arrival.
    calls: BTreeMap<u64, Arc<CallSnapshot>>,
    places: BTreeMap<CallId, u64>,
    /// Those that depend on others.
    engaged: BTreeSet<CallId>,
}

/// The calls that were given to be kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    known: BTreeSet<CallId>,
    /// The highest place among all that were ever given.
    newest: u64,
}

impl Shown {
    fn remove(&mut self, id: CallId) {
        self.engaged.remove(&id);
        if let Some(place) = self.places.remove(&id) {
            self.calls.remove(&place);
        }
    }

    fn put(&mut self, place: u64, fresh: CallSnapshot) {
        let former = self.places.insert(fresh.id, place);
        if let Some(former) = former.filter(|former| *former != place) {
            self.calls.remove(&former);
        }
        if self.calls.get(&place).is_none_or(|old| **old != fresh) {
            self.calls.insert(place, Arc::new(fresh));
        }
    }
}

impl Core {
    /// The read model as of the last event, made from the one before.
    pub fn publish(&mut self) -> Snapshot {
        let mut shown = core::mem::take(&mut self.shown);
        let known = shown.places.keys().copied();
        let mut changed = self.calls.take_touched(Follower::ReadModel, known);
        changed.extend(&shown.engaged);
        for id in changed {
            let Some(call) = self.calls.get(&id) else {
                shown.remove(id);
                continue;
            };
            shown.put(call.order, self.call_snapshot(call));
            if call.is_open_ring() {
                shown.engaged.remove(&id);
            } else {
                shown.engaged.insert(id);
            }
        }
        let calls = shown.calls.values().cloned().collect();
        self.shown = shown;
        self.snapshot_with(calls)
    }

    /// The live calls that may differ since this was asked last, and those that are gone.
    pub fn take_saved(&mut self) -> SavedChange {
        let mut kept = core::mem::take(&mut self.kept);
        let (mut changed, mut gone, mut is_in_order) = (Vec::new(), Vec::new(), true);
        let known = kept.known.iter().copied();
        for id in self.calls.take_touched(Follower::Kept, known) {
            if let Some(call) = self.calls.get(&id) {
                is_in_order &= !kept.known.insert(id) || kept.newest < call.order;
                changed.push(call);
            } else {
                kept.known.remove(&id);
                gone.push(id);
            }
        }
        changed.sort_unstable_by_key(|call| call.order);
        kept.newest = changed.last().map_or(0, |c| c.order).max(kept.newest);
        let saved = changed.into_iter().map(|call| self.saved_call(call));
        let change = SavedChange {
            changed: saved.collect(),
            gone,
            order: (!is_in_order).then(|| self.in_order()),
            live: self.calls.len(),
        };
        self.kept = kept;
        change
    }

    /// All live calls, oldest first.
    fn in_order(&self) -> Vec<CallId> {
        let order = |call: &Call| (call.order, call.id);
        let mut order: Vec<_> = self.calls.values().map(order).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, id)| id).collect()
    }
}
