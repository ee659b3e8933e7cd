//! Where the sections are, and writing them down.

use crate::bytes::{u32_at, u64_at};
use crate::set::FormatError;
use crate::sum::Sum;

/// The first bytes of every image.
const START: [u8; 64] = {
    let mut start = [0; 64];
    let words = b"hookswitch call directory, image of one extension, version 1\n";
    let mut at = 0;
    while at < words.len() {
        start[at] = words[at];
        at += 1;
    }
    start
};

/// The last bytes of every image.
const MAGIC: [u8; 8] = *b"hswimg1\n";

/// Bytes of the trailer.
const TRAILER: usize = 256;

/// Where the section table begins in the trailer.
const TABLE: usize = 64;

/// The parts of an image, in the order in which they stand.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Section {
    /// The blocked numbers.
    Blocked,
    /// The numbers with labels.
    Labeled,
    /// The ids of their labels.
    Ids,
    /// The labels.
    Texts,
}

impl Section {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Blocked, Self::Labeled, Self::Ids, Self::Texts];
}

/// What an image says about itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    /// The number of the load that made it.
    pub generation: u64,
    /// When it was loaded, in milliseconds since 1970.
    pub loaded: i64,
    /// Entries as they were loaded; a range is one.
    pub entries: u64,
    /// Blocked numbers.
    pub blocked: u64,
    /// Numbers with labels.
    pub labeled: u64,
}

/// Where a section is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Span {
    pub(super) at: u64,
    pub(super) len: u64,
    pub(super) sum: u64,
}

/// Notes what is written, and says what stands between the sections.
///
/// The caller appends to a file whatever comes out, and the bytes of the sections in their order.
#[derive(Debug)]
pub struct Writer {
    at: u64,
    spans: [Span; 4],
    open: Option<(Section, Sum)>,
}

impl Writer {
    /// Begins; the first bytes of the file are in `out`.
    #[must_use]
    pub fn new(out: &mut Vec<u8>) -> Self {
        out.extend_from_slice(&START);
        Self {
            at: START.len() as u64,
            spans: [Span::default(); 4],
            open: None,
        }
    }

    /// Begins a section; what fills up the one before is in `out`.
    pub fn begin(&mut self, section: Section, out: &mut Vec<u8>) {
        self.fill(out);
        self.spans[section as usize].at = self.at;
        self.open = Some((section, Sum::default()));
    }

    /// Notes the next bytes of the section.
    pub fn add(&mut self, bytes: &[u8]) {
        if let Some((section, sum)) = &mut self.open {
            sum.add(bytes);
            self.spans[*section as usize].len += bytes.len() as u64;
            self.at += bytes.len() as u64;
        }
    }

    /// Ends the image; its last bytes are in `out`.
    pub fn finish(mut self, facts: &Facts, out: &mut Vec<u8>) {
        self.fill(out);
        let begin = out.len();
        let numbers = [
            1,
            facts.generation,
            facts.loaded.cast_unsigned(),
            facts.entries,
            facts.blocked,
            facts.labeled,
            self.at + TRAILER as u64,
            0,
        ];
        let spans = self.spans.iter().flat_map(|s| [s.at, s.len, s.sum]);
        for number in numbers.into_iter().chain(spans) {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.resize(begin + TRAILER - 16, 0);
        let sum = Sum::of(&out[begin..]);
        out.extend_from_slice(&sum.to_le_bytes());
        out.extend_from_slice(&MAGIC);
    }

    /// Closes a section and fills up to a multiple of 64.
    fn fill(&mut self, out: &mut Vec<u8>) {
        if let Some((section, sum)) = self.open.take() {
            self.spans[section as usize].sum = sum.value();
        }
        let next = self.at.next_multiple_of(64);
        out.extend_from_slice(&[0; 64][..(next - self.at) as usize]);
        self.at = next;
    }
}

/// Reads the trailer: facts and places.
pub(super) fn read(bytes: &[u8]) -> Result<(Facts, [Span; 4]), FormatError> {
    let (_, trailer) = bytes
        .split_last_chunk::<TRAILER>()
        .ok_or(FormatError::NotAPart)?;
    if trailer[TRAILER - 8..] != MAGIC || !bytes.starts_with(&START) {
        return Err(FormatError::NotAPart);
    }
    if Sum::of(&trailer[..TRAILER - 16]) != u64_at(trailer, TRAILER - 16) {
        return Err(FormatError::Checksum);
    }
    match u32_at(trailer, 0) {
        1 => {}
        other => return Err(FormatError::Version(other as u8)),
    }
    let facts = Facts {
        generation: u64_at(trailer, 8),
        loaded: u64_at(trailer, 16).cast_signed(),
        entries: u64_at(trailer, 24),
        blocked: u64_at(trailer, 32),
        labeled: u64_at(trailer, 40),
    };
    let span = |index: usize| Span {
        at: u64_at(trailer, TABLE + index * 24),
        len: u64_at(trailer, TABLE + index * 24 + 8),
        sum: u64_at(trailer, TABLE + index * 24 + 16),
    };
    let spans = core::array::from_fn(span);
    let mut end = START.len() as u64;
    for span in &spans {
        let behind = span.at.checked_add(span.len);
        if span.at != end.next_multiple_of(64) || behind.is_none_or(|at| at > bytes.len() as u64) {
            return Err(FormatError::Damaged);
        }
        end = span.at + span.len;
    }
    let whole = end.next_multiple_of(64) + TRAILER as u64;
    if whole != bytes.len() as u64 || u64_at(trailer, 48) != whole {
        return Err(FormatError::Damaged);
    }
    Ok((facts, spans))
}

/// Compares the checksum of each section, and what stands between them.
pub(super) fn verify(bytes: &[u8], spans: &[Span; 4]) -> Result<(), FormatError> {
    for (index, span) in spans.iter().enumerate() {
        let (begin, end) = (span.at as usize, (span.at + span.len) as usize);
        let next = match spans.get(index + 1) {
            Some(next) => next.at as usize,
            None => bytes.len() - TRAILER,
        };
        let is_whole = Sum::of(&bytes[begin..end]) == span.sum;
        if !is_whole || bytes[end..next].iter().any(|byte| *byte != 0) {
            return Err(FormatError::Checksum);
        }
    }
    Ok(())
}
