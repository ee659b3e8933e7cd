//! What the tokens mean, ready to be looked up by their first bits.

use super::code::{CONTEXTS, meaning};
use crate::pack::huffman::{Lengths, SLOTS, fill_slots};

/// One entry of a decoding table: length of the code (4 bits), plain bits behind it (6), mantissa
/// (4), context of the next token (2). A zero length is no code; a zero mantissa is the escape.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry(u16);

impl Entry {
    #[inline]
    pub(super) fn length(self) -> u32 {
        u32::from(self.0 & 15)
    }

    #[inline]
    pub(super) fn extra_bits(self) -> u32 {
        u32::from(self.0 >> 4 & 63)
    }

    #[inline]
    pub(super) fn mantissa(self) -> u64 {
        u64::from(self.0 >> 10 & 15)
    }

    /// The context of the token after this one; 2 after a run.
    #[inline]
    pub(super) fn next(self) -> usize {
        usize::from(self.0 >> 14)
    }

    /// The entry of a symbol with a code of this length.
    pub(super) fn of(symbol: u8, length: u8) -> Self {
        let length = u16::from(length);
        let Some(meaning) = meaning(symbol) else {
            return Self(length);
        };
        let next = match meaning {
            m if m.is_run => 2,
            // Gaps of 8 and more have plain bits; they are not near.
            m if m.extra_bits > 0 => 0,
            _ => 1,
        };
        let bits = u16::from(meaning.extra_bits);
        Self(length | bits << 4 | u16::from(meaning.mantissa) << 10 | next << 14)
    }
}

/// Decoding tables of one set of codes.
#[derive(Clone, Debug)]
pub(super) struct Tables(Box<[[Entry; SLOTS]; CONTEXTS]>);

impl Tables {
    /// Tables for code lengths; `None` if the lengths are no code.
    pub(super) fn of(lengths: &[Lengths; CONTEXTS]) -> Option<Self> {
        let mut tables = Self(Box::new([[Entry::default(); _]; _]));
        for (table, lengths) in tables.0.iter_mut().zip(lengths) {
            let fill = |slot: usize, symbol, length| table[slot] = Entry::of(symbol, length);
            if !fill_slots(lengths, fill) {
                return None;
            }
        }
        Some(tables)
    }

    /// The entry for the next bits.
    #[inline]
    pub(super) fn entry(&self, context: usize, bits: u64) -> Entry {
        self.0[context % CONTEXTS][bits as usize & (SLOTS - 1)]
    }
}
