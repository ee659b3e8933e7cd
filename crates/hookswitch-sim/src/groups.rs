//! Who is together, in the simplest form: a name for each group.

use std::collections::BTreeMap;

use hookswitch_model::{CallId, CallSnapshot, Snapshot};

/// Calls that are with others; the name of a group is any of the calls that ever were in it.
#[derive(Debug, Default)]
pub(crate) struct Groups(BTreeMap<CallId, CallId>);

impl Groups {
    /// The call is with the other one from now.
    pub(crate) fn join(&mut self, call: CallId, with: CallId) {
        let name = *self.0.entry(with).or_insert(with);
        self.0.insert(call, name);
    }

    /// The call, and those that are with it.
    pub(crate) fn with(&self, call: CallId) -> Vec<CallId> {
        let name = self.0.get(&call);
        let same = |other: &&CallId| name.is_some() && self.0.get(other) == name;
        let others = self.0.keys().filter(same).copied();
        let others = others.filter(|other| *other != call);
        core::iter::once(call).chain(others).collect()
    }

    /// The call is alone from now; a group of one is no group.
    pub(crate) fn leave(&mut self, call: CallId) {
        let Some(name) = self.0.remove(&call) else {
            return;
        };
        if self.0.values().filter(|other| **other == name).count() == 1 {
            self.0.retain(|_, other| *other != name);
        }
    }

    /// A sentence, where the core and this model differ.
    pub(crate) fn differ(&self, state: &Snapshot) -> Option<String> {
        let pairs = state.live().enumerate();
        let mut pairs = pairs.flat_map(|(n, a)| state.calls[n + 1..].iter().map(move |b| (a, b)));
        let wrong = pairs.find(|(a, b)| together(a, b) != self.together(a.id, b.id));
        wrong.map(|(a, b)| match together(a, b) {
            true => format!("{} and {} are together, the model says not", a.id, b.id),
            false => format!("{} and {} are apart, the model says not", a.id, b.id),
        })
    }

    fn together(&self, a: CallId, b: CallId) -> bool {
        let name = |call| self.0.get(&call);
        name(a).is_some() && name(a) == name(b)
    }
}

/// Whether two calls are in one group.
pub(crate) fn together(a: &CallSnapshot, b: &CallSnapshot) -> bool {
    a.group.is_some() && a.group == b.group
}
