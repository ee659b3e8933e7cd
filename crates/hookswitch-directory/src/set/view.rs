//! Looking numbers up in the bytes of a set.

use std::sync::Arc;

use super::block::Super;
use super::code::CONTEXTS;
use super::decode::Tables;
use super::ranges::Ranges;
use super::{FormatError, MAGIC};
use crate::pack::footer::Footer;
use crate::pack::group::Group;
use crate::pack::index::Place;
use crate::pack::packed::Packed;

/// A set of numbers in bytes that somebody else owns, such as a mapped file.
#[derive(Clone, Debug)]
pub struct NumberSet<'a> {
    packed: Packed<'a>,
    tables: Arc<[Tables]>,
}

/// What opening a set found out, without its bytes.
#[derive(Clone, Debug)]
pub struct Opened {
    footer: Footer,
    tables: Arc<[Tables]>,
}

impl Opened {
    /// The set again. The bytes have to be those that were opened; others give wrong answers.
    #[must_use]
    pub fn over<'a>(&self, bytes: &'a [u8]) -> NumberSet<'a> {
        NumberSet {
            packed: Packed::over(bytes, self.footer, self.footer.has_counts),
            tables: Arc::clone(&self.tables),
        }
    }
}

impl<'a> NumberSet<'a> {
    /// Opens a set. Reads the footer and the codes only, whatever the size.
    ///
    /// # Errors
    ///
    /// If the bytes are no set, or visibly damaged.
    pub fn open(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let packed = Packed::open::<CONTEXTS>(bytes, MAGIC, |footer| footer.has_counts)?;
        let tables: Option<Arc<[_]>> = packed.codes().map(|codes| Tables::of(&codes)).collect();
        Ok(Self {
            packed,
            tables: tables.ok_or(FormatError::Damaged)?,
        })
    }

    /// Reads everything and compares the checksum.
    ///
    /// # Errors
    ///
    /// If a byte is not as it was written.
    pub fn verify(&self) -> Result<(), FormatError> {
        self.packed.footer.verify(self.packed.body)
    }

    /// What opening found out.
    #[must_use]
    pub fn opened(&self) -> Opened {
        Opened {
            footer: self.packed.footer,
            tables: Arc::clone(&self.tables),
        }
    }

    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.packed.footer.numbers
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packed.footer.numbers == 0
    }

    /// The largest number; zero if there is none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.packed.footer.last
    }

    /// Whether the place of each number among all is kept.
    #[must_use]
    pub fn has_ranks(&self) -> bool {
        self.packed.footer.has_counts
    }

    /// Whether the set holds this number.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        self.find(number).is_some()
    }

    /// How many numbers are before this one, if the set holds it and keeps ranks.
    #[must_use]
    pub fn rank(&self, number: u64) -> Option<u64> {
        let rank = self.find(number)?;
        self.packed.footer.has_counts.then_some(rank)
    }

    /// All numbers in order, as ranges of consecutive ones.
    #[must_use]
    pub fn ranges(&self) -> Ranges<'_, 'a> {
        Ranges::new(self)
    }

    /// How many super blocks there are.
    pub(super) fn supers(&self) -> usize {
        self.packed.index.len()
    }

    /// One super block with its place.
    pub(super) fn super_at(&self, number: usize) -> Option<Super<'_>> {
        self.open_super(self.packed.index.place(number)?)
    }

    #[inline]
    fn find(&self, number: u64) -> Option<u64> {
        if number == 0 || number > self.packed.footer.last {
            return None;
        }
        let place = self.packed.index.find(number)?;
        self.open_super(place)?.find(number)
    }

    #[inline]
    fn open_super(&self, place: Place) -> Option<Super<'_>> {
        Some(Super {
            group: Group::open(
                self.packed.body.get(place.offset..)?,
                self.packed.footer.has_counts,
            ),
            head: place.head,
            rank: place.extra,
            tables: self.tables.get(place.table)?,
        })
    }
}
