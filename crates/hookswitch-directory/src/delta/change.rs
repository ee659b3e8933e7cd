//! One incremental load.

/// A number and labels for it.
pub type Labeled = (u64, Vec<Box<str>>);

/// What one incremental load changes: removals first, then additions.
///
/// Each list ascends and has no number twice; a load checks that ([`crate::load`]).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Change {
    /// Nothing of what was blocked before is. Such a change makes a new image; it is never logged.
    pub unblock_all: bool,
    /// Nothing has the labels that it had. Such a change makes a new image; it is never logged.
    pub unlabel_all: bool,
    /// Numbers that are blocked no longer.
    pub unblock: Vec<u64>,
    /// Numbers that lose all their labels.
    pub unlabel: Vec<u64>,
    /// Numbers that are blocked from now on.
    pub block: Vec<u64>,
    /// Labels that numbers get behind those that they have.
    pub label: Vec<Labeled>,
}

impl Change {
    /// How many numbers are named in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.unblock.len() + self.unlabel.len() + self.block.len() + self.label.len()
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && !self.unblock_all && !self.unlabel_all
    }
}
