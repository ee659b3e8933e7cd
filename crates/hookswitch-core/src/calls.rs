//! The live calls, with a note of which were changed.
//!
//! Input: calls that come, change and go. Output: the same, and for each follower the ids of those
//! that may differ from what it saw last.
//!
//! # Promises
//!
//! - **CH1** no call changes, comes or goes without a note: there is no other way to one.
//! - **CH2** a note may be there for a call that did not change; followers compare.
//! - **CH3** a follower that does not ask costs a bounded number of notes, and still learns all.

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_model::CallId;

use crate::state::Call;

/// Notes of one follower above the number of live calls from which on "all of them" is noted. One
/// that never asks costs no more than that.
const NOTES_MAX: usize = 64;

/// Who wants to know what changed, each in its own time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Follower {
    /// What is published.
    ReadModel,
    /// What is kept for the next daemon.
    Kept,
}

/// What a follower has to look at.
#[derive(Debug)]
pub(crate) enum Touched {
    /// These may differ from what it saw last, or be gone.
    These(BTreeSet<CallId>),
    /// Any may: it did not ask for a long time, or never did.
    All,
}

impl Default for Touched {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

impl Touched {
    fn note(&mut self, id: CallId, live: usize) {
        if let Self::These(ids) = self {
            ids.insert(id);
            if ids.len() > live + NOTES_MAX {
                *self = Self::All;
            }
        }
    }
}

/// All live calls by id. A call is large: the tree moves pointers.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    by_id: BTreeMap<CallId, Box<Call>>,
    /// By [`Follower`].
    touched: [Touched; 2],
}

impl Calls {
    pub(crate) fn insert(&mut self, call: Call) {
        self.touch(call.id);
        self.by_id.insert(call.id, Box::new(call));
    }

    pub(crate) fn remove(&mut self, id: &CallId) -> Option<Call> {
        self.touch(*id);
        self.by_id.remove(id).map(|call| *call)
    }

    pub(crate) fn get_mut(&mut self, id: &CallId) -> Option<&mut Call> {
        let live = self.by_id.len();
        let call = self.by_id.get_mut(id)?;
        for touched in &mut self.touched {
            touched.note(*id, live);
        }
        Some(call)
    }

    /// Those that are so, to be changed.
    pub(crate) fn where_mut(
        &mut self,
        is_so: impl Fn(&Call) -> bool,
    ) -> impl Iterator<Item = &mut Call> {
        let live = self.by_id.len();
        let [published, kept] = &mut self.touched;
        let calls = self.by_id.values_mut().map(|call| &mut **call);
        let wanted = calls.filter(move |call| is_so(call));
        wanted.inspect(move |call| {
            published.note(call.id, live);
            kept.note(call.id, live);
        })
    }

    pub(crate) fn get(&self, id: &CallId) -> Option<&Call> {
        self.by_id.get(id).map(|call| &**call)
    }

    pub(crate) fn contains_key(&self, id: &CallId) -> bool {
        self.by_id.contains_key(id)
    }

    /// All of them, by id.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Call> + Clone {
        self.by_id.values().map(|call| &**call)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// What may differ from what the follower saw when it asked last; `known` is what it has.
    pub(crate) fn take_touched(
        &mut self,
        follower: Follower,
        known: impl Iterator<Item = CallId>,
    ) -> BTreeSet<CallId> {
        match core::mem::take(&mut self.touched[follower as usize]) {
            Touched::These(ids) => ids,
            Touched::All => self.by_id.keys().copied().chain(known).collect(),
        }
    }

    /// All of them may differ from what anybody saw.
    pub(crate) fn touch_all(&mut self) {
        self.touched = [Touched::All, Touched::All];
    }

    fn touch(&mut self, id: CallId) {
        let live = self.by_id.len();
        for touched in &mut self.touched {
            touched.note(id, live);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follower_that_never_asks_costs_no_more_than_the_live_calls_and_misses_nothing() {
        let mut touched = Touched::default();
        for id in 0..=64 {
            touched.note(CallId(id), 0);
        }
        assert!(matches!(touched, Touched::All), "{touched:?}");
        let mut calls = Calls {
            touched: [touched, Touched::default()],
            ..Calls::default()
        };
        let known = [CallId(7)];
        let ids = calls.take_touched(Follower::ReadModel, known.into_iter());
        assert_eq!(
            ids,
            BTreeSet::from(known),
            "one that it knows and that is gone"
        );
        let ids = calls.take_touched(Follower::ReadModel, known.into_iter());
        assert_eq!(ids, BTreeSet::new());
    }
}
