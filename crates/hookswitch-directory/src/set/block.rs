//! One super block: its small index, and the tokens of its blocks.

use super::code::meaning;
use super::decode::{Entry, Tables};
use crate::pack::bits::{get, mask, peek};
use crate::pack::group::Group;

/// Bits left in a word below which the next ones are read.
const LOW: u32 = 34;

/// One super block in the bytes of a set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Super<'a> {
    pub(super) group: Group<'a>,
    /// Its first number.
    pub(super) head: u64,
    /// How many numbers of the set are before it.
    pub(super) rank: u64,
    pub(super) tables: &'a Tables,
}

impl<'a> Super<'a> {
    /// The tokens of a block.
    #[inline]
    pub(super) fn tokens(&self, block: usize) -> Tokens<'a> {
        let (at, end) = self.group.span(block);
        Tokens {
            bytes: self.group.bytes,
            tables: self.tables,
            at,
            end,
            word: 0,
            left: 0,
            context: 0,
        }
    }

    /// How many numbers are before this one, if it is here.
    #[inline]
    pub(super) fn find(&self, number: u64) -> Option<u64> {
        let wanted = number - self.head;
        let block = self.group.find(wanted);
        let found = self
            .tokens(block)
            .find(wanted.wrapping_sub(self.group.key(block)))?;
        let before = self.rank.wrapping_add(self.group.count(block));
        Some(before.wrapping_add(found))
    }
}

/// What a token adds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Step {
    pub(super) by: u64,
    pub(super) is_run: bool,
}

/// The tokens of one block, read one after the other.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    tables: &'a Tables,
    at: usize,
    end: usize,
    word: u64,
    left: u32,
    context: usize,
}

impl Tokens<'_> {
    /// Follows the tokens until `wanted` further than the first number; how many numbers of the
    /// block are before it.
    #[inline]
    fn find(mut self, wanted: u64) -> Option<u64> {
        let (mut number, mut index) = (0u64, 0u64);
        while number < wanted {
            let step = self.step()?;
            let before = number;
            number = number.saturating_add(step.by);
            if step.is_run {
                if number >= wanted {
                    return Some(index.wrapping_add(wanted - before));
                }
                index = index.wrapping_add(step.by);
            } else {
                index = index.wrapping_add(1);
            }
        }
        (number == wanted).then_some(index)
    }

    /// The next token; `None` at the end of the block, and for bits that mean nothing.
    #[inline]
    pub(super) fn step(&mut self) -> Option<Step> {
        if self.at >= self.end {
            return None;
        }
        if self.left < LOW {
            self.word = peek(self.bytes, self.at);
            self.left = 57;
        }
        let entry = self.tables.entry(self.context, self.word);
        let (length, extra_bits) = (entry.length(), entry.extra_bits());
        let all = length + extra_bits;
        if entry.mantissa() == 0 || all > LOW {
            return self.rare(entry);
        }
        let extra = (self.word >> length) & mask(extra_bits);
        self.word >>= all;
        self.left -= all;
        self.at += all as usize;
        self.context = entry.next();
        Some(Step {
            by: (entry.mantissa() << extra_bits) + extra,
            is_run: entry.next() == 2,
        })
    }

    /// Tokens with many bits, and such without a code of their own.
    #[cold]
    fn rare(&mut self, mut entry: Entry) -> Option<Step> {
        if entry.length() == 0 {
            return None;
        }
        self.at += entry.length() as usize;
        if entry.mantissa() == 0 {
            let symbol = get(self.bytes, self.at, 8) as u8;
            meaning(symbol)?;
            entry = Entry::of(symbol, 1);
            self.at += 8;
        }
        let extra_bits = entry.extra_bits();
        let extra = get(self.bytes, self.at, extra_bits);
        self.at += extra_bits as usize;
        self.left = 0;
        self.context = entry.next();
        Some(Step {
            by: (entry.mantissa() << extra_bits) + extra,
            is_run: entry.next() == 2,
        })
    }
}
