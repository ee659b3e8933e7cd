//! The states of a load.

use hookswitch_model::{Limit, Limits as Table};

use super::error::{List, LoadError, Why};

/// How many entries there may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// In one extension.
    pub entries: u64,
    /// In all extensions together.
    pub entries_in_all: u64,
}

impl Limits {
    /// Those of the table of limits.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        Self {
            entries: table.count(Limit::DirectoryEntries) as u64,
            entries_in_all: table.count(Limit::DirectoryEntriesInAll) as u64,
        }
    }
}

/// What the entries of a load are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Everything: what is not among them goes.
    Full,
    /// What changes.
    Incremental,
}

/// One entry as an extension gives it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The number, or the first one of a range.
    pub first: i64,
    /// The last one of a range, or the number again.
    pub last: i64,
    /// Where it stands in a file, counted from 1.
    pub line: Option<u64>,
}

impl Entry {
    /// A single number.
    #[must_use]
    pub fn number(number: i64) -> Self {
        Self {
            first: number,
            last: number,
            line: None,
        }
    }
}

/// A sequence so far.
#[derive(Clone, Copy, Debug, Default)]
struct Sequence {
    count: u64,
    first: u64,
    last: u64,
}

/// A load that goes on.
#[derive(Debug)]
pub struct Load {
    has_data: bool,
    mode: Mode,
    limits: Limits,
    sequences: [Sequence; 4],
    failed: Option<LoadError>,
    all_blocking_removed: bool,
    all_identification_removed: bool,
}

impl Load {
    /// Begins a load of an extension; whether there are entries to add to.
    #[must_use]
    pub fn new(has_data: bool, limits: Limits) -> Self {
        Self {
            has_data,
            mode: Mode::Full,
            limits,
            sequences: [Sequence::default(); 4],
            failed: None,
            all_blocking_removed: false,
            all_identification_removed: false,
        }
    }

    /// Whether the entries are changes; asked before the first entry it makes them so.
    pub fn ask_incremental(&mut self) -> bool {
        let has_begun = self.sequences.iter().any(|sequence| sequence.count > 0);
        if self.has_data && !has_begun && self.failed.is_none() {
            self.mode = Mode::Incremental;
        }
        self.mode == Mode::Incremental
    }

    /// What the entries are.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// How many entries came in a list.
    #[must_use]
    pub fn count(&self, list: List) -> u64 {
        self.sequences[list as usize].count
    }

    /// Takes an entry of a list; what to keep.
    ///
    /// For identification, a number that comes again is taken: whether its label is new is for
    /// whoever keeps labels to say ([`Load::fail`]).
    ///
    /// # Errors
    ///
    /// If it breaks a rule, or something before it did.
    pub fn take(&mut self, list: List, entry: Entry) -> Result<(u64, u64), LoadError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let sequence = self.sequences[list as usize];
        match self.check(list, &entry) {
            Ok((first, last)) => {
                self.sequences[list as usize] = Sequence {
                    count: sequence.count + 1,
                    first,
                    last,
                };
                Ok((first, last))
            }
            Err(why) => Err(self.fail_at(list, sequence.count, why, &entry)),
        }
    }

    /// Takes a removal of everything in a list (CallKit `removeAllBlockingEntries`,
    /// `removeAllIdentificationEntries`).
    ///
    /// # Errors
    ///
    /// In a full load.
    pub fn remove_all(&mut self, list: List) -> Result<(), LoadError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        if self.mode == Mode::Full {
            let why = Why::RemovalInFull;
            return Err(self.fail_at(list, 0, why, &Entry::number(0)));
        }
        match list {
            List::Blocking | List::BlockingRemovals => self.all_blocking_removed = true,
            List::Identification | List::IdentificationRemovals => {
                self.all_identification_removed = true;
            }
        }
        Ok(())
    }

    /// Whether everything was removed: of the blocked numbers, of those with labels.
    #[must_use]
    pub fn removed_all(&self) -> (bool, bool) {
        (self.all_blocking_removed, self.all_identification_removed)
    }

    /// Fails at the last entry of a list.
    pub fn fail(&mut self, list: List, why: Why, entry: &Entry) -> LoadError {
        let index = self.count(list).saturating_sub(1);
        self.fail_at(list, index, why, entry)
    }

    /// Ends it. `entries` is how many the extension would have, and `others` how many all others
    /// have.
    ///
    /// # Errors
    ///
    /// If something failed before, or there would be too many.
    pub fn finish(&self, entries: u64, others: u64) -> Result<(), LoadError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let why = if entries > self.limits.entries {
            Why::TooMany(self.limits.entries)
        } else if entries.saturating_add(others) > self.limits.entries_in_all {
            Why::TooManyInAll(self.limits.entries_in_all)
        } else {
            return Ok(());
        };
        Err(LoadError::of(why))
    }

    fn check(&self, list: List, entry: &Entry) -> Result<(u64, u64), Why> {
        let is_removal = matches!(list, List::BlockingRemovals | List::IdentificationRemovals);
        if is_removal && self.mode == Mode::Full {
            return Err(Why::RemovalInFull);
        }
        let (Ok(first), Ok(last)) = (u64::try_from(entry.first), u64::try_from(entry.last)) else {
            return Err(Why::NotPositive);
        };
        if first == 0 || last < first {
            return Err(Why::NotPositive);
        }
        let before = self.sequences[list as usize];
        let again = list == List::Identification && (first, last) == (before.first, before.last);
        if before.count > 0 && first <= before.last && !again {
            return Err(match first == before.last {
                true => Why::Same,
                false => Why::Smaller(before.last),
            });
        }
        let taken = self.count(List::Blocking) + self.count(List::Identification);
        if !is_removal && taken >= self.limits.entries {
            return Err(Why::TooMany(self.limits.entries));
        }
        Ok((first, last))
    }

    fn fail_at(&mut self, list: List, index: u64, why: Why, entry: &Entry) -> LoadError {
        let failed = LoadError {
            why,
            list: Some(list),
            index,
            number: entry.first,
            line: entry.line,
        };
        *self.failed.get_or_insert(failed)
    }
}
