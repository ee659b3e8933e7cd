//! Records of a log.
//!
//! ```text
//! record  = magic (4), bytes of the payload (4), generation (8), time (8), payload, sum (8)
//! payload = unblock, unlabel, block, label; each a count and numbers as steps from the one
//!           before; a label has a count of texts, each with its length
//! ```

use super::change::Change;
use crate::bytes::{part, u32_at, u64_at};
use crate::sum::Sum;

const MAGIC: [u8; 4] = *b"hsw+";
const HEAD: usize = 24;

/// A change that was logged.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Record {
    /// The number of the load.
    pub generation: u64,
    /// When it was loaded, in milliseconds since 1970.
    pub loaded: i64,
    /// What it changed.
    pub change: Change,
}

/// Appends a record.
pub fn write_record(record: &Record, out: &mut Vec<u8>) {
    let mut payload = Vec::new();
    let change = &record.change;
    for numbers in [&change.unblock, &change.unlabel, &change.block] {
        put(numbers.len() as u64, &mut payload);
        let mut before = 0;
        for number in numbers {
            put(number - before, &mut payload);
            before = *number;
        }
    }
    put(change.label.len() as u64, &mut payload);
    let mut before = 0;
    for (number, labels) in &change.label {
        put(number - before, &mut payload);
        before = *number;
        put(labels.len() as u64, &mut payload);
        for label in labels {
            put(label.len() as u64, &mut payload);
            payload.extend_from_slice(label.as_bytes());
        }
    }
    let begin = out.len();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.extend_from_slice(&record.generation.to_le_bytes());
    out.extend_from_slice(&record.loaded.to_le_bytes());
    out.append(&mut payload);
    let sum = Sum::of(&out[begin..]);
    out.extend_from_slice(&sum.to_le_bytes());
}

/// Reads the records of a log whose first one follows generation `after`; gives also how many
/// bytes they take. Reading ends at a record that is not whole or not the next one.
pub fn read_log(log: &[u8], after: u64) -> (Vec<Record>, usize) {
    let (mut records, mut at) = (Vec::new(), 0);
    while let Some((record, len)) = read(&log[at..])
        && record.generation == after + 1 + records.len() as u64
    {
        records.push(record);
        at += len;
    }
    (records, at)
}

fn read(bytes: &[u8]) -> Option<(Record, usize)> {
    if !bytes.starts_with(&MAGIC) || bytes.len() < HEAD {
        return None;
    }
    let len = u32_at(bytes, 4) as usize;
    let end = HEAD.checked_add(len)?;
    let whole = bytes.get(..end.checked_add(8)?)?;
    if Sum::of(&whole[..end]) != u64_at(whole, end) {
        return None;
    }
    let mut reader = Reader(part(whole, HEAD as u64, len as u64)?);
    let record = Record {
        generation: u64_at(whole, 8),
        loaded: u64_at(whole, 16).cast_signed(),
        change: reader.change()?,
    };
    reader.0.is_empty().then_some((record, whole.len()))
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn change(&mut self) -> Option<Change> {
        let mut change = Change::default();
        let sets = [&mut change.unblock, &mut change.unlabel, &mut change.block];
        for numbers in sets {
            let mut number = 0u64;
            for _ in 0..self.number()? {
                number = number.checked_add(self.number()?)?;
                numbers.push(number);
            }
        }
        let mut number = 0u64;
        for _ in 0..self.number()? {
            number = number.checked_add(self.number()?)?;
            let mut labels = Vec::new();
            for _ in 0..self.number()? {
                labels.push(self.text()?);
            }
            change.label.push((number, labels));
        }
        Some(change)
    }

    /// Seven bits a byte, the low ones first.
    fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0u64, 0);
        loop {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 127) << shift;
            if byte & 128 == 0 {
                return Some(number);
            }
            shift += 7;
            if shift > 63 {
                return None;
            }
        }
    }

    fn text(&mut self) -> Option<Box<str>> {
        let len = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        core::str::from_utf8(text).ok().map(Into::into)
    }
}

fn put(mut number: u64, out: &mut Vec<u8>) {
    while number > 127 {
        out.push(number as u8 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}
