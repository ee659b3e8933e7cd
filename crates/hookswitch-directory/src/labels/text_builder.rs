//! Gathering labels and writing their text.

use super::TEXT_MAGIC;
use super::code::{IDS_MAX, bits_of};
use super::text::{BUCKET, CONTEXTS, LENGTH, LONG, SHARED, kind, symbol};
use crate::pack::bits::BitWriter;
use crate::pack::footer::Footer;
use crate::pack::huffman::ESCAPE;
use crate::pack::tables::{Codes, Counts, TableList};
use crate::sum::Sum;

/// The distinct labels so far; an id is the number of labels that came before.
///
/// All texts stand in one string; a table with linear probing finds them by their sum.
#[derive(Debug, Default)]
pub(super) struct TextBuilder {
    texts: String,
    /// The end of each text.
    ends: Vec<u32>,
    /// An id and one, or zero; at least half of them are zero, and their number a power of two.
    slots: Vec<u32>,
}

/// What one label is made of.
enum Piece {
    /// A symbol in a context.
    Symbol(usize, u8),
    /// Sixteen plain bits.
    Plain(u64),
}

impl TextBuilder {
    /// The id of a label; `None` if there are too many.
    pub(super) fn id(&mut self, label: &str) -> Option<u32> {
        if self.slots.len() < 2 * (self.ends.len() + 1) {
            self.grow();
        }
        let slot = self.slot(label);
        if let Some(id) = self.slots[slot].checked_sub(1) {
            return Some(id);
        }
        let end = u32::try_from(self.texts.len() + label.len()).ok()?;
        let id = u32::try_from(self.ends.len())
            .ok()
            .filter(|id| *id < IDS_MAX)?;
        self.texts.push_str(label);
        self.ends.push(end);
        self.slots[slot] = id + 1;
        Some(id)
    }

    /// How many bytes all labels have.
    pub(super) fn bytes(&self) -> usize {
        self.texts.len()
    }

    /// Where a label is, or would be.
    fn slot(&self, label: &str) -> usize {
        let last = self.slots.len() - 1;
        let mut slot = Sum::of(label.as_bytes()) as usize & last;
        while let Some(id) = self.slots[slot].checked_sub(1) {
            if self.text(id) == label {
                break;
            }
            slot = (slot + 1) & last;
        }
        slot
    }

    fn grow(&mut self) {
        let more = (self.slots.len() * 2).max(64);
        self.slots.clear();
        self.slots.resize(more, 0);
        for id in 0..self.ends.len() as u32 {
            let slot = self.slot(self.text(id));
            self.slots[slot] = id + 1;
        }
    }

    fn text(&self, id: u32) -> &str {
        let id = id as usize;
        let begin = if id == 0 { 0 } else { self.ends[id - 1] };
        &self.texts[begin as usize..self.ends[id] as usize]
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.slots = Vec::new();
        let mut order: Vec<u32> = (0..self.ends.len() as u32).collect();
        order.sort_unstable_by(|a, b| self.text(*a).cmp(self.text(*b)));
        let mut counts: Box<Counts<CONTEXTS>> = Box::new([[0; _]; _]);
        self.walk(&order, |_, piece| {
            if let Piece::Symbol(context, symbol) = piece {
                counts[context][usize::from(symbol.min(ESCAPE))] += 1;
            }
        });
        let mut tables = TableList::default();
        tables.choose(&counts);
        let mut out = Vec::new();
        let offsets = self.write_buckets(&order, tables.codes(0), &mut out);
        let tables_at = out.len() as u64;
        tables.write(&mut out);
        for offset in &offsets {
            out.extend_from_slice(&offset.to_le_bytes());
        }
        let index_at = out.len() as u64;
        let bits = usize::BITS - self.ends.len().saturating_sub(1).leading_zeros();
        write_order(&order, bits, &mut out);
        let footer = Footer {
            numbers: self.ends.len() as u64,
            last: u64::from(bits),
            tables_at,
            index_at,
            groups: offsets.len() as u32,
            tables: 1,
            has_counts: false,
            body_sum: Sum::of(&out),
        };
        footer.write(TEXT_MAGIC, &mut out);
        out
    }

    /// Writes the labels; gives the offset of each bucket.
    fn write_buckets(&self, order: &[u32], codes: &Codes<CONTEXTS>, out: &mut Vec<u8>) -> Vec<u32> {
        let (mut offsets, mut writer) = (Vec::new(), BitWriter::default());
        self.walk(order, |starts, piece| {
            if starts {
                writer.drain_into(out);
                offsets.push(out.len() as u32);
            }
            match piece {
                Piece::Symbol(context, symbol) => {
                    let (bits, count) = bits_of(codes, context, symbol);
                    writer.put(bits, count);
                }
                Piece::Plain(bits) => writer.put(bits, 16),
            }
        });
        writer.drain_into(out);
        offsets
    }

    /// Goes over the pieces of all labels in order; tells which begin a bucket.
    fn walk(&self, order: &[u32], mut visit: impl FnMut(bool, Piece)) {
        let mut before = "";
        for (place, id) in order.iter().enumerate() {
            let label = self.text(*id);
            let starts = place % BUCKET == 0;
            let pairs = before.bytes().zip(label.bytes());
            let shared = match starts {
                true => 0,
                false => pairs.take_while(|(a, b)| a == b).count(),
            };
            let rest = &label.as_bytes()[shared..];
            let mut first = starts;
            for (context, length) in [(SHARED, shared), (LENGTH, rest.len())] {
                let short = u8::try_from(length).ok().filter(|short| *short < LONG);
                visit(first, Piece::Symbol(context, short.unwrap_or(LONG)));
                first = false;
                if short.is_none() {
                    visit(false, Piece::Plain(length as u64));
                }
            }
            let mut context = label.as_bytes()[..shared]
                .last()
                .map_or(0, |byte| kind(*byte));
            for byte in rest {
                visit(false, Piece::Symbol(context, symbol(*byte)));
                context = kind(*byte);
            }
            before = label;
        }
    }
}

/// Writes for each id its place in the alphabet.
fn write_order(order: &[u32], bits: u32, out: &mut Vec<u8>) {
    let mut places = vec![0u32; order.len()];
    for (place, id) in (0u32..).zip(order) {
        places[*id as usize] = place;
    }
    let mut writer = BitWriter::default();
    for place in places {
        writer.put(u64::from(place), bits);
    }
    writer.drain_into(out);
}
