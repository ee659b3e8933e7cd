//! What is wrong with a list, and where.
//!
//! Numbers are kept for finding duplicates, 16 bytes each, up to a bound; everything else takes
//! the same little memory for any list.

use std::collections::BTreeMap;

use hookswitch_model::Text;

use super::{Doubt, Event, Fault, Skip, What, ranges};

/// Lines that are named for each kind of problem.
const EXAMPLES: usize = 5;

/// How often something was found, and where first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// How many lines, or numbers of contacts.
    pub count: u64,
    /// The first few lines.
    pub lines: Vec<u64>,
}

impl Tally {
    fn add(&mut self, line: u64, count: u64) {
        self.count += count;
        if self.lines.len() < EXAMPLES {
            self.lines.push(line);
        }
    }
}

/// In which order the entries stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// By number, as Apple's call directory demands it.
    Ascending,
    /// As text: 10 before 9. The line is the first that is out of order as a number.
    AsText {
        /// Where.
        line: u64,
    },
    /// Neither.
    None {
        /// The first line that is out of order.
        line: u64,
    },
}

/// Collects the events of a list.
#[derive(Debug, Default)]
pub struct Lint {
    /// Entries.
    pub entries: u64,
    /// Numbers that they stand for; no more than fits.
    pub numbers: u64,
    /// Entries with a name.
    pub labels: u64,
    /// Lines without entry.
    pub skipped: BTreeMap<Skip, u64>,
    /// What could not be used.
    pub refused: BTreeMap<Fault, Tally>,
    /// What was taken, and is odd.
    pub doubts: BTreeMap<Doubt, Tally>,
    lines: u64,
    order: OrderSeen,
    /// First number and line of entries, as long as there is room.
    seen: Vec<(u64, u64)>,
    keep: usize,
    unseen: u64,
}

#[derive(Debug, Default)]
struct OrderSeen {
    last: u64,
    last_text: String,
    unordered: Option<u64>,
    unordered_text: bool,
}

impl Lint {
    /// Looks for duplicates among so many entries at most.
    #[must_use]
    pub fn new(keep: usize) -> Self {
        Self {
            keep,
            ..Self::default()
        }
    }

    /// Takes one event.
    pub fn take(&mut self, event: &Event<'_>) {
        self.lines += event.lines;
        match event.what {
            What::Skipped(skip) => *self.skipped.entry(skip).or_default() += event.lines,
            What::Refused(fault) => {
                let tally = self.refused.entry(fault).or_default();
                tally.add(event.line, event.lines.max(1));
            }
            What::Entry {
                pattern,
                label,
                doubt,
            } => {
                self.entries += 1;
                self.labels += u64::from(label.is_some());
                if let Some(doubt) = doubt {
                    self.doubts.entry(doubt).or_default().add(event.line, 1);
                }
                if label.is_some_and(|label| label.len() > Text::MAX_LEN) {
                    let tally = self.doubts.entry(Doubt::LongName).or_default();
                    tally.add(event.line, 1);
                }
                for (first, last) in ranges(pattern) {
                    self.numbers = self.numbers.saturating_add(last - first + 1);
                }
                let first = ranges(pattern).next().map_or(0, |(first, _)| first);
                self.order.take(first, event.line);
                if self.seen.len() < self.keep {
                    self.seen.push((first, event.line));
                } else {
                    self.unseen += 1;
                }
            }
        }
    }

    /// Lines that events have told of.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// What could not be used, in all.
    #[must_use]
    pub fn refused_count(&self) -> u64 {
        self.refused.values().map(|tally| tally.count).sum()
    }

    /// In which order the entries stand.
    #[must_use]
    pub fn order(&self) -> Order {
        match (self.order.unordered, self.order.unordered_text) {
            (None, _) => Order::Ascending,
            (Some(line), false) => Order::AsText { line },
            (Some(line), true) => Order::None { line },
        }
    }

    /// Entries whose number stands in a line before, and how many entries were not looked at.
    #[must_use]
    pub fn duplicates(&self) -> (Tally, u64) {
        let mut seen = self.seen.clone();
        seen.sort_unstable();
        let again = seen.windows(2).filter(|two| two[0].0 == two[1].0);
        let mut lines: Vec<u64> = again.map(|two| two[1].1).collect();
        lines.sort_unstable();
        let tally = Tally {
            count: lines.len() as u64,
            lines: lines.into_iter().take(EXAMPLES).collect(),
        };
        (tally, self.unseen)
    }
}

impl OrderSeen {
    fn take(&mut self, number: u64, line: u64) {
        let text = number.to_string();
        if number < self.last && self.unordered.is_none() {
            self.unordered = Some(line);
        }
        self.unordered_text |= text < self.last_text;
        self.last = number;
        self.last_text = text;
    }
}
