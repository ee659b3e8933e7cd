//! The text of each label, once.
//!
//! ```text
//! text    = bucket* codes offsets order footer
//! bucket  = 8 labels in alphabetical order; each: bytes shared with the one before, length of
//!           the rest, the rest; in Huffman codes by what comes before, filled up to a byte
//! offsets = byte offset of each bucket (4 bytes)
//! order   = for each id its place in the alphabet, packed in bits
//! ```

use std::sync::Arc;

use super::TEXT_MAGIC;
use super::code::Decoder;
use crate::bytes::{part, u32_at};
use crate::pack::bits::get;
use crate::pack::footer::{Footer, FormatError};
use crate::pack::tables;

/// The longest label, in bytes of UTF-8.
pub const LABEL_BYTES_MAX: usize = 1024;

/// Labels of one bucket.
pub(super) const BUCKET: usize = 8;

/// Codes: after each kind of byte, for shared lengths, for lengths.
pub(super) const CONTEXTS: usize = 6;
pub(super) const SHARED: usize = 4;
pub(super) const LENGTH: usize = 5;

/// Lengths from here on are an escape of this symbol and 16 plain bits.
pub(super) const LONG: u8 = 190;

/// What kind of byte it is, for the code of the next one.
#[inline]
pub(super) fn kind(byte: u8) -> usize {
    match byte {
        b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => 1,
        b'0'..=b'9' => 2,
        b'A'..=b'Z' | b'b'..=b'z' | 0x80.. => 3,
        _ => 0,
    }
}

/// The symbol of a byte: frequent ones are below the escape.
#[inline]
pub(super) fn symbol(byte: u8) -> u8 {
    byte.wrapping_sub(0x20)
}

/// The texts in bytes.
#[derive(Clone, Debug)]
pub(super) struct Texts<'a> {
    body: &'a [u8],
    pub(super) footer: Footer,
    offsets: &'a [u8],
    order: &'a [u8],
    order_bits: u32,
    pub(super) decoders: Arc<[Decoder]>,
}

impl<'a> Texts<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let (footer, body) = Footer::read(bytes, TEXT_MAGIC)?;
        let codes = part(body, footer.tables_at, tables::size::<CONTEXTS>() as u64);
        let decoders: Option<Arc<[_]>> = tables::read::<CONTEXTS>(codes.unwrap_or(&[]))
            .iter()
            .map(Decoder::of)
            .collect();
        let decoders = decoders.ok_or(FormatError::Damaged)?;
        Self::over(body, footer, decoders).ok_or(FormatError::Damaged)
    }

    /// Texts whose codes were read; `None` if something is not there.
    pub(super) fn over(body: &'a [u8], footer: Footer, decoders: Arc<[Decoder]>) -> Option<Self> {
        let order_bits = u32::try_from(footer.last).ok().filter(|bits| *bits <= 32)?;
        let codes_len = tables::size::<CONTEXTS>() as u64;
        let begin = footer.tables_at.checked_add(codes_len)?;
        let offsets = part(body, begin, u64::from(footer.groups) * 4)?;
        let order_len = footer.numbers.checked_mul(footer.last)?.div_ceil(8);
        let order = part(body, footer.index_at, order_len)?;
        Some(Self {
            body,
            footer,
            offsets,
            order,
            order_bits,
            decoders,
        })
    }

    /// No texts.
    pub(super) fn none(decoders: Arc<[Decoder]>) -> Self {
        Self {
            body: &[],
            footer: Footer::default(),
            offsets: &[],
            order: &[],
            order_bits: 0,
            decoders,
        }
    }

    pub(super) fn verify(&self) -> Result<(), FormatError> {
        self.footer.verify(self.body)
    }

    /// The text of a label; nothing if there is no such label, or damage.
    pub(super) fn get(&self, id: u32) -> Option<String> {
        if u64::from(id) >= self.footer.numbers {
            return None;
        }
        let place = get(
            self.order,
            id as usize * self.order_bits as usize,
            self.order_bits,
        );
        let place = usize::try_from(place).ok()?;
        let mut at = (u32_at(self.offsets, place / BUCKET * 4) as usize).checked_mul(8)?;
        let mut text = Vec::with_capacity(64);
        for _ in 0..=place % BUCKET {
            self.next(&mut at, &mut text)?;
        }
        String::from_utf8(text).ok()
    }

    /// Makes the text of a label that of the next one.
    fn next(&self, at: &mut usize, text: &mut Vec<u8>) -> Option<()> {
        let shared = self.length(SHARED, at)?;
        let rest = self.length(LENGTH, at)?;
        if shared > text.len() || shared + rest > LABEL_BYTES_MAX {
            return None;
        }
        text.truncate(shared);
        let mut context = text.last().map_or(0, |byte| kind(*byte));
        for _ in 0..rest {
            let symbol = self.decoders[context].symbol(self.body, at)?;
            let byte = symbol.wrapping_add(0x20);
            text.push(byte);
            context = kind(byte);
        }
        Some(())
    }

    fn length(&self, context: usize, at: &mut usize) -> Option<usize> {
        let symbol = self.decoders[context].symbol(self.body, at)?;
        if symbol < LONG {
            return Some(usize::from(symbol));
        }
        let length = get(self.body, *at, 16);
        *at += 16;
        Some(length as usize)
    }
}
