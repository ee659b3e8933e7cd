//! The entries of files, in the order and form in which a list is loaded.

use super::{Doubt, Event, What, ranges};

/// What was read of one or more files.
#[derive(Debug, Default)]
pub struct Collected {
    /// Ranges of blocked numbers; after [`Self::sort`] in order, apart from one another.
    pub blocked: Vec<(u64, u64)>,
    /// Numbers with their names; after [`Self::sort`] in order, each once.
    pub names: Vec<(u64, Box<str>)>,
    /// What could not be used.
    pub refused: u64,
    /// The first line that could not be used.
    pub first_refused: Option<u64>,
    /// The first line that stands for a whole part of the world ([`Doubt::Wide`]).
    pub first_wide: Option<u64>,
    /// Entries without a name, if only names are wanted.
    pub nameless: u64,
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
                    if doubt == Some(Doubt::Wide) {
                        self.first_wide.get_or_insert(event.line);
                    }
                }
                let one = pattern.range().filter(|(first, last)| first == last);
                match (one, label) {
                    (Some((number, _)), Some(label)) => self.names.push((number, label.into())),
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
    use super::*;

    #[test]
    fn ranges_are_sorted_and_joined() {
        let ranges = vec![(20, 29), (10, 14), (15, 15), (25, 40), (60, 60), (60, 60)];
        assert_eq!(joined(ranges), [(10, 15), (20, 40), (60, 60)]);
        assert_eq!(joined(vec![]), []);
    }
}
