//! The entries of files, in the order and form in which a list is loaded.

use core::fmt;
use std::sync::Arc;

use hookswitch_model::Text;

use super::{Doubt, Event, What, ranges};

/// Ranges that are collected before those that touch are joined, at least: a file that says the
/// same again and again needs no more memory than one that says it once.
const JOIN_FROM: usize = 1 << 20;

/// What was read of one or more files.
#[derive(Default)]
pub struct Collected {
    /// Ranges of blocked numbers; after [`Self::sort`] in order, apart from one another.
    pub blocked: Vec<(u64, u64)>,
    /// Numbers with their names; after [`Self::sort`] in order, each once.
    pub names: Vec<(u64, Arc<str>)>,
    /// What could not be used.
    pub refused: u64,
    /// The first line that could not be used.
    pub first_refused: Option<u64>,
    /// The first line that stands for a whole part of the world ([`Doubt::Wide`]).
    pub first_wide: Option<u64>,
    /// Entries without a name, if only names are wanted.
    pub nameless: u64,
    /// The last label: all numbers of one card share it.
    last: Option<Arc<str>>,
    /// So many ranges are joined next.
    join_at: usize,
}

impl Collected {
    /// Takes one event; callers are blocked, or only named.
    pub fn take(&mut self, event: &Event<'_>, names_only: bool) {
        match event.what {
            What::Entry {
                pattern,
                label,
                doubt,
            } => {
                if !names_only {
                    self.blocked.extend(ranges(pattern));
                    self.keep_small();
                    if doubt == Some(Doubt::Wide) {
                        self.first_wide.get_or_insert(event.line);
                    }
                }
                let one = pattern.range().filter(|(first, last)| first == last);
                match (one, label) {
                    (Some((number, _)), Some(label)) => {
                        let label = self.label(label);
                        self.names.push((number, label));
                    }
                    (Some(_), None) | (None, _) => self.nameless += u64::from(names_only),
                }
            }
            What::Refused(_) => {
                self.refused += event.lines.max(1);
                self.first_refused.get_or_insert(event.line);
            }
            What::Skipped(_) => {}
        }
    }

    /// The label, cut where it is longer than a name can be shown.
    fn label(&mut self, text: &str) -> Arc<str> {
        let text = &text[..text.floor_char_boundary(Text::MAX_LEN)];
        match &self.last {
            Some(last) if &**last == text => last.clone(),
            Some(_) | None => self.last.insert(text.into()).clone(),
        }
    }

    fn keep_small(&mut self) {
        if self.blocked.len() >= self.join_at.max(JOIN_FROM) {
            self.blocked = joined(core::mem::take(&mut self.blocked));
            self.join_at = self.blocked.len() * 2;
        }
    }

    /// Puts everything in order, joins ranges that touch or overlap, and drops doubles.
    pub fn sort(&mut self) {
        self.blocked = joined(core::mem::take(&mut self.blocked));
        self.names.sort();
        self.names.dedup();
    }

    /// Whether there is nothing to load.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocked.is_empty() && self.names.is_empty()
    }

    /// How many numbers are blocked; no more than fits.
    #[must_use]
    pub fn blocked_count(&self) -> u64 {
        let widths = self.blocked.iter().map(|(first, last)| last - first + 1);
        widths.fold(0, u64::saturating_add)
    }
}

/// How many: they are somebody's.
impl fmt::Debug for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collected")
            .field("blocked", &self.blocked.len())
            .field("names", &self.names.len())
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}

/// Sorts ranges, and joins those that touch or overlap.
fn joined(mut ranges: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    ranges.sort_unstable();
    ranges.dedup_by(|next, kept| {
        let touches = next.0 <= kept.1.saturating_add(1);
        if touches {
            kept.1 = kept.1.max(next.1);
        }
        touches
    });
    ranges
}

#[cfg(test)]
mod tests {
    use hookswitch_model::NumberPattern;

    use super::*;

    #[test]
    fn a_label_is_shared_and_cut_and_the_same_range_again_costs_nothing() {
        let mut found = Collected::default();
        let long = "é".repeat(Text::MAX_LEN);
        for number in [12_025_550_101, 12_025_550_102] {
            let what = What::Entry {
                pattern: NumberPattern::One(number),
                label: Some(&long),
                doubt: None,
            };
            let (line, lines) = (1, 1);
            found.take(&Event { line, lines, what }, true);
        }
        assert_eq!(found.names[0].1.len(), Text::MAX_LEN);
        assert!(Arc::ptr_eq(&found.names[0].1, &found.names[1].1));
        found.join_at = 0;
        found.blocked = vec![(10, 20); JOIN_FROM];
        found.keep_small();
        assert_eq!(found.blocked, [(10, 20)]);
    }

    #[test]
    fn ranges_are_sorted_and_joined() {
        let ranges = vec![(20, 29), (10, 14), (15, 15), (25, 40), (60, 60), (60, 60)];
        assert_eq!(joined(ranges), [(10, 15), (20, 40), (60, 60)]);
        assert_eq!(joined(vec![]), []);
    }
}
