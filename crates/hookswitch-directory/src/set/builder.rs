//! From ascending numbers to bytes, in one pass.

use core::fmt;

use super::code::{CONTEXTS, RUN_MAX};
use super::segment::Segment;
use super::{MAGIC, NUMBER_MAX};
use crate::pack::packed::PackedWriter;

/// Why a number was refused. Nothing of the set is lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PushError {
    /// It is smaller than the one before (CallKit `entriesOutOfOrder`).
    OutOfOrder,
    /// It is the same as the one before (CallKit `duplicateEntries`).
    Duplicate,
    /// It is zero or above [`NUMBER_MAX`](super::NUMBER_MAX).
    OutOfRange,
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfOrder => "smaller than the number before it",
            Self::Duplicate => "the same as the number before it",
            Self::OutOfRange => "no number between 1 and 2^63-1",
        })
    }
}

impl core::error::Error for PushError {}

/// A set being built.
///
/// Bytes become available as it goes on ([`Builder::take`]), so a file can be written along: the
/// builder itself needs memory for one segment and 16 bytes for each thousand numbers.
#[derive(Debug)]
pub struct Builder {
    writer: PackedWriter<CONTEXTS>,
    numbers: u64,
    last: u64,
    run: u64,
    segment: Segment,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::with(false)
    }

    /// An empty set that will know the place of each number among all, for about a fifth of a bit
    /// each.
    #[must_use]
    pub fn with_ranks() -> Self {
        Self::with(true)
    }

    fn with(has_ranks: bool) -> Self {
        Self {
            writer: PackedWriter::new(has_ranks, has_ranks),
            numbers: 0,
            last: 0,
            run: 0,
            segment: Segment::new(has_ranks),
        }
    }

    /// Adds a number greater than all before.
    ///
    /// # Errors
    ///
    /// If it is not; the set stays as it was.
    #[inline]
    pub fn push(&mut self, number: u64) -> Result<(), PushError> {
        self.push_range(number, number)
    }

    /// Adds all numbers from `first` to `last`.
    ///
    /// # Errors
    ///
    /// If they are not greater than all before; the set stays as it was.
    #[inline]
    pub fn push_range(&mut self, first: u64, last: u64) -> Result<(), PushError> {
        if first == 0 || last > NUMBER_MAX {
            return Err(PushError::OutOfRange);
        }
        if first <= self.last || last < first {
            return Err(match first == self.last {
                true => PushError::Duplicate,
                false => PushError::OutOfOrder,
            });
        }
        let more = last - first;
        if first == self.last + 1 && self.numbers > 0 {
            self.run += more + 1;
        } else {
            if self.run > 0 {
                self.flush_run();
            }
            if self.segment.is_full() {
                self.close_segment();
            }
            self.segment.begin(first, first - self.last, self.numbers);
            self.run = more;
        }
        self.numbers += more + 1;
        self.last = last;
        Ok(())
    }

    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.numbers
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers == 0
    }

    /// How many bytes are ready to be taken.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.writer.out.len()
    }

    /// The bytes that are ready, to be written behind those taken before.
    pub fn take(&mut self) -> Vec<u8> {
        self.writer.take()
    }

    /// Ends the set and gives the rest of its bytes.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.flush_run();
        self.close_segment();
        self.writer.finish(MAGIC, self.numbers, self.last)
    }

    #[inline]
    fn flush_run(&mut self) {
        let mut run = core::mem::take(&mut self.run);
        while run > 0 {
            let part = run.min(RUN_MAX);
            self.segment.run(part);
            run -= part;
        }
    }

    fn close_segment(&mut self) {
        let writer = &mut self.writer;
        let table = writer.tables.choose(self.segment.counts());
        let codes = writer.tables.codes(table);
        let (taken, index) = (writer.taken(), &mut writer.index);
        self.segment
            .write(codes, &mut writer.out, |head, offset, rank| {
                index.add(head, taken + offset, table, rank);
            });
    }
}
