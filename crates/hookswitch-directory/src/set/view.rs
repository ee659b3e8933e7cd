//! Looking numbers up in the bytes of a set.

use super::bits::{get, peek};
use super::code::{CONTEXTS, SYMBOLS, meaning};
use super::footer::{ENTRY, FOOTER, Footer, FormatError, Sum, TABLE, u32_at, u64_at};
use super::huffman::{Lengths, Tables};

/// A set of numbers in bytes that somebody else owns, such as a mapped file.
#[derive(Clone, Debug)]
pub struct NumberSet<'a> {
    bytes: &'a [u8],
    footer: Footer,
    tables: Vec<Box<Tables>>,
}

/// Where a segment is.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: usize,
    top: usize,
    supers: usize,
    table: usize,
}

impl<'a> NumberSet<'a> {
    /// Opens a set. Reads the footer and the codes only, whatever the size.
    ///
    /// # Errors
    ///
    /// If the bytes are no set, or visibly damaged.
    pub fn open(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let footer = Footer::read(bytes)?;
        let begin = usize::try_from(footer.tables_at).map_err(|_| FormatError::Damaged)?;
        let tables = (0..footer.tables as usize).map(|index| {
            let at = begin + index * TABLE;
            let packed = bytes.get(at..at + TABLE)?;
            Tables::of(&unpack(packed))
        });
        let tables: Option<Vec<_>> = tables.collect();
        Ok(Self {
            bytes,
            footer,
            tables: tables.ok_or(FormatError::Damaged)?,
        })
    }

    /// Reads everything and compares the checksum.
    ///
    /// # Errors
    ///
    /// If a byte is not as it was written.
    pub fn verify(&self) -> Result<(), FormatError> {
        let mut sum = Sum::default();
        sum.add(&self.bytes[..self.bytes.len() - FOOTER]);
        match sum.value() == self.footer.body_sum {
            true => Ok(()),
            false => Err(FormatError::Checksum),
        }
    }

    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.footer.numbers
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.footer.numbers == 0
    }

    /// Whether the set holds this number.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        if number == 0 || number > self.footer.last {
            return false;
        }
        self.place(number)
            .is_some_and(|place| self.is_in_segment(place, number))
    }

    /// The segment that has the number if any has.
    fn place(&self, number: u64) -> Option<Place> {
        let at = self.footer.directory_at as usize;
        let directory = self.bytes.get(at..)?;
        let first = |index: usize| u64_at(directory, index * ENTRY);
        let behind = upper_bound(self.footer.segments as usize, |index| {
            first(index) <= number
        });
        let entry = behind.checked_sub(1)? * ENTRY;
        let start = u64_at(directory, entry + 8) as usize;
        let kinds = u32_at(directory, entry + 20);
        Some(Place {
            start,
            top: start.checked_add(u32_at(directory, entry + 16) as usize)?,
            supers: (kinds & 0xffff) as usize,
            table: (kinds >> 16) as usize,
        })
    }

    #[inline]
    fn is_in_segment(&self, place: Place, number: u64) -> bool {
        let (Some(top), Some(tables)) = (self.bytes.get(place.top..), self.tables.get(place.table))
        else {
            return false;
        };
        let behind = upper_bound(place.supers, |index| u64_at(top, index * 12) <= number);
        let Some(index) = behind.checked_sub(1) else {
            return false;
        };
        let head = u64_at(top, index * 12);
        let offset = u32_at(top, index * 12 + 8) as usize;
        match self.bytes.get(place.start + offset..) {
            Some(bytes) => Super {
                bytes,
                head,
                tables,
            }
            .contains(number),
            None => false,
        }
    }
}

/// The first index for which it does not hold, of `len`; it holds for a beginning of them.
#[inline]
fn upper_bound(len: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut base, mut size) = (0, len);
    while size > 0 {
        let half = size.div_ceil(2);
        // Written so that it becomes a move and not a jump.
        base = if holds(base + half - 1) {
            base + half
        } else {
            base
        };
        size -= half;
    }
    base
}

/// One super block.
struct Super<'a> {
    bytes: &'a [u8],
    head: u64,
    tables: &'a Tables,
}

impl Super<'_> {
    #[inline]
    fn contains(&self, number: u64) -> bool {
        let widths = peek(self.bytes, 0);
        let head_bits = (widths & 63) as u32;
        let end_bits = (widths >> 6 & 63) as u32;
        let blocks = (widths >> 12 & 15) as usize + 1;
        let from_head = number - self.head;
        let head = |block: usize| get(self.bytes, 16 + (block - 1) * head_bits as usize, head_bits);
        let block = upper_bound(blocks - 1, |index| head(index + 1) <= from_head);
        let begin = if block == 0 { 0 } else { head(block) };
        let ends = 16 + (blocks - 1) * head_bits as usize;
        let end =
            |block: usize| get(self.bytes, ends + block * end_bits as usize, end_bits) as usize;
        let payload = (ends + blocks * end_bits as usize).next_multiple_of(8);
        let from = payload + if block == 0 { 0 } else { end(block - 1) };
        self.scan(from, payload + end(block), from_head - begin)
    }

    /// Follows the tokens of a block until `wanted` further than its first number.
    #[inline]
    fn scan(&self, mut at: usize, end: usize, wanted: u64) -> bool {
        let (mut number, mut context) = (0u64, 0);
        while number < wanted && at < end {
            let bits = peek(self.bytes, at);
            let mut entry = self.tables.entry(context, bits);
            let length = entry.length();
            if length == 0 {
                return false;
            }
            at += length as usize;
            let mut bits = bits >> length;
            if entry.mantissa() == 0 {
                let symbol = (bits & 255) as u8;
                if meaning(symbol).is_none() {
                    return false;
                }
                entry = super::huffman::Entry::of(symbol, 1);
                at += 8;
                bits >>= 8;
            }
            let extra_bits = entry.extra_bits();
            let extra = if extra_bits <= 32 {
                bits & super::bits::mask(extra_bits)
            } else {
                get(self.bytes, at, extra_bits)
            };
            at += extra_bits as usize;
            let by = (entry.mantissa() << extra_bits) + extra;
            context = entry.next();
            number = number.saturating_add(by);
            if context == 2 && number >= wanted {
                return true;
            }
        }
        number == wanted
    }
}

fn unpack(packed: &[u8]) -> [Lengths; CONTEXTS] {
    let length = |index: usize| packed[index / 2] >> (index % 2 * 4) & 15;
    core::array::from_fn(|context| {
        core::array::from_fn(|symbol| length(context * SYMBOLS + symbol))
    })
}
