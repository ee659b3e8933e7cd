//! A small list in memory: for worlds that are simulated, and files that are tried.

use core::fmt;

use hookswitch_model::{Text, Wall};

use super::Source;

/// A list whose entries are kept as they are. For lists of millions there is
/// [`NumberSet`](crate::set::NumberSet).
#[derive(Clone)]
pub struct MemoryList {
    name: Text,
    order: u32,
    enabled: bool,
    generation: u64,
    loaded: Option<Wall>,
    blocked: Vec<(u64, u64)>,
    labels: Vec<(u64, Text)>,
}

impl MemoryList {
    /// An empty list that is switched on.
    #[must_use]
    pub fn new(name: Text, order: u32) -> Self {
        Self {
            name,
            order,
            enabled: true,
            generation: 0,
            loaded: None,
            blocked: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// Replaces what it holds. Ranges and labels may come in any order; labels of one number keep
    /// theirs.
    pub fn load(&mut self, mut blocked: Vec<(u64, u64)>, labels: Vec<(u64, Text)>, at: Wall) {
        blocked.sort_unstable();
        self.blocked = merged(&blocked);
        self.labels = labels;
        self.labels.sort_by_key(|(number, _)| *number);
        self.generation += 1;
        self.loaded = Some(at);
    }

    /// Switches it on or off; what it holds stays.
    pub fn enable(&mut self, on: bool) {
        self.enabled = on;
    }

    /// Gives it another place in the user's order.
    pub fn set_order(&mut self, order: u32) {
        self.order = order;
    }

    /// The ranges that it blocks, joined and in ascending order.
    #[must_use]
    pub fn blocked(&self) -> &[(u64, u64)] {
        &self.blocked
    }

    /// Its labels, by number.
    #[must_use]
    pub fn named(&self) -> &[(u64, Text)] {
        &self.labels
    }
}

/// Joins sorted ranges that touch or overlap.
fn merged(sorted: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut out: Vec<(u64, u64)> = Vec::new();
    for (first, last) in sorted {
        match out.last_mut() {
            Some((_, end)) if *first <= end.saturating_add(1) => *end = (*end).max(*last),
            Some(_) | None => out.push((*first, *last)),
        }
    }
    out
}

impl Source for MemoryList {
    fn name(&self) -> &Text {
        &self.name
    }

    fn order(&self) -> u32 {
        self.order
    }

    fn is_enabled(&self) -> bool {
        self.enabled
    }

    fn generation(&self) -> u64 {
        self.generation
    }

    fn loaded(&self) -> Option<Wall> {
        self.loaded
    }

    fn blocks(&self, number: u64) -> bool {
        let behind = self.blocked.partition_point(|(first, _)| *first <= number);
        behind > 0 && number <= self.blocked[behind - 1].1
    }

    fn labels(&self, number: u64, visit: &mut dyn FnMut(&str)) {
        let first = self.labels.partition_point(|(known, _)| *known < number);
        let own = self.labels[first..].iter();
        own.take_while(|(known, _)| *known == number)
            .for_each(|(_, text)| visit(text.as_str()));
    }
}

impl fmt::Debug for MemoryList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryList")
            .field("order", &self.order)
            .field("enabled", &self.enabled)
            .field("generation", &self.generation)
            .field("ranges", &self.blocked.len())
            .field("labels", &self.labels.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_joined_and_found() {
        let mut list = MemoryList::new(Text::new("x").expect("a name"), 0);
        let ranges = vec![(20, 29), (10, 14), (15, 15), (25, 40), (60, 60)];
        list.load(ranges, Vec::new(), Wall::from_millis(5));
        assert_eq!(list.blocked(), [(10, 15), (20, 40), (60, 60)]);
        let found: Vec<_> = (0..70).filter(|n| list.blocks(*n)).collect();
        let want: Vec<_> = (10..=15).chain(20..=40).chain(60..=60).collect();
        assert_eq!(found, want);
        assert_eq!(
            (list.generation(), list.loaded()),
            (1, Some(Wall::from_millis(5)))
        );
    }
}
