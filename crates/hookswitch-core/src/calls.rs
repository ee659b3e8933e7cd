//! The live calls, with a note of which were changed.
//!
//! Input: calls that come, change and go. Output: the same, and for each follower the ids of those
//! that may differ from what it saw last.
//!
//! # Promises
//!
//! - **CH1** no call changes, comes or goes without a note: there is no other way to one.
//! - **CH2** a note may be there for a call that did not change; followers compare.

use core::ops::Deref;
use std::collections::{BTreeMap, BTreeSet};

use hookswitch_model::CallId;

use crate::state::Call;

/// Who wants to know what changed, each in its own time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Follower {
    /// What is published.
    ReadModel,
    /// What is kept for the next daemon.
    Kept,
}

/// All live calls by id.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    by_id: BTreeMap<CallId, Call>,
    /// By [`Follower`].
    touched: [BTreeSet<CallId>; 2],
}

impl Calls {
    pub(crate) fn insert(&mut self, call: Call) {
        self.touch(call.id);
        self.by_id.insert(call.id, call);
    }

    pub(crate) fn remove(&mut self, id: &CallId) -> Option<Call> {
        self.touch(*id);
        self.by_id.remove(id)
    }

    pub(crate) fn get_mut(&mut self, id: &CallId) -> Option<&mut Call> {
        let call = self.by_id.get_mut(id)?;
        for touched in &mut self.touched {
            touched.insert(*id);
        }
        Some(call)
    }

    /// Those that are so, to be changed.
    pub(crate) fn where_mut(
        &mut self,
        is_so: impl Fn(&Call) -> bool,
    ) -> impl Iterator<Item = &mut Call> {
        let [published, kept] = &mut self.touched;
        let wanted = self.by_id.values_mut().filter(move |call| is_so(call));
        wanted.inspect(move |call| {
            published.insert(call.id);
            kept.insert(call.id);
        })
    }

    /// The ids noted since the follower asked last.
    pub(crate) fn take_touched(&mut self, follower: Follower) -> BTreeSet<CallId> {
        core::mem::take(&mut self.touched[follower as usize])
    }

    fn touch(&mut self, id: CallId) {
        for touched in &mut self.touched {
            touched.insert(id);
        }
    }
}

/// Reading leaves no note.
impl Deref for Calls {
    type Target = BTreeMap<CallId, Call>;

    fn deref(&self) -> &Self::Target {
        &self.by_id
    }
}
