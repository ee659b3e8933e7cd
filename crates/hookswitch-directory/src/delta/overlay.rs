//! The changes since the image, for lookups.

use std::collections::BTreeMap;

use super::change::Change;
use crate::image::Image;

/// All changes since the image, number by number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Overlay {
    /// Whether a number is blocked now.
    pub(super) blocked: BTreeMap<u64, bool>,
    /// All labels that a number has now.
    pub(super) labels: BTreeMap<u64, Vec<Box<str>>>,
    /// How many more numbers are blocked than in the image.
    more_blocked: i64,
    /// How many more numbers have labels.
    more_labeled: i64,
}

impl Overlay {
    /// Adds a change that does not remove all.
    pub fn apply(&mut self, change: &Change, image: &Image<'_>) {
        debug_assert!(
            !change.unblock_all && !change.unlabel_all,
            "it needs an image"
        );
        for number in &change.unblock {
            self.set_blocked(*number, false, image);
        }
        for number in &change.block {
            self.set_blocked(*number, true, image);
        }
        for number in &change.unlabel {
            self.set_labels(*number, Vec::new(), image);
        }
        for (number, more) in &change.label {
            let mut labels = Vec::new();
            self.labels(*number, image, &mut |label| labels.push(label.into()));
            for label in more {
                if !labels.contains(label) {
                    labels.push(label.clone());
                }
            }
            self.set_labels(*number, labels, image);
        }
    }

    /// How many numbers differ from the image at most.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocked.len() + self.labels.len()
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many numbers are blocked in all.
    #[must_use]
    pub fn count_blocked(&self, image: &Image<'_>) -> u64 {
        image
            .facts()
            .blocked
            .saturating_add_signed(self.more_blocked)
    }

    /// How many numbers have labels in all.
    #[must_use]
    pub fn count_labeled(&self, image: &Image<'_>) -> u64 {
        image
            .facts()
            .labeled
            .saturating_add_signed(self.more_labeled)
    }

    /// How many entries there are in all: those of the image, and the numbers that came and went.
    #[must_use]
    pub fn count_entries(&self, image: &Image<'_>) -> u64 {
        let more = self.more_blocked + self.more_labeled;
        image.facts().entries.saturating_add_signed(more)
    }

    /// Whether a number is blocked.
    #[must_use]
    pub fn blocks(&self, number: u64, image: &Image<'_>) -> bool {
        match self.blocked.get(&number) {
            Some(blocked) => *blocked,
            None => image.blocked().contains(number),
        }
    }

    /// What the changes alone say about a number being blocked.
    #[must_use]
    pub fn says_blocked(&self, number: u64) -> Option<bool> {
        self.blocked.get(&number).copied()
    }

    /// Tells the labels of a number in their order.
    pub fn labels(&self, number: u64, image: &Image<'_>, visit: &mut dyn FnMut(&str)) {
        match self.labels.get(&number) {
            Some(labels) => labels.iter().for_each(|label| visit(label)),
            None => {
                image.labels().visit(number, visit);
            }
        }
    }

    fn set_blocked(&mut self, number: u64, blocked: bool, image: &Image<'_>) {
        match (self.blocks(number, image), blocked) {
            (false, true) => self.more_blocked += 1,
            (true, false) => self.more_blocked -= 1,
            (false, false) | (true, true) => return,
        }
        self.blocked.insert(number, blocked);
    }

    fn set_labels(&mut self, number: u64, labels: Vec<Box<str>>, image: &Image<'_>) {
        let mut had = false;
        self.labels(number, image, &mut |_| had = true);
        match (had, !labels.is_empty()) {
            (false, true) => self.more_labeled += 1,
            (true, false) => self.more_labeled -= 1,
            (false, false) => return,
            (true, true) => {}
        }
        self.labels.insert(number, labels);
    }
}
