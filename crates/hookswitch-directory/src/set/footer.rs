//! The end of a file: where everything is, and whether it is whole.

use core::fmt;

use super::code::{CONTEXTS, SYMBOLS};

/// The last bytes of every file.
const MAGIC: [u8; 8] = *b"hswset\x01\n";

/// Bytes of the footer.
pub(super) const FOOTER: usize = 64;

/// Bytes of one directory entry.
pub(super) const ENTRY: usize = 24;

/// Bytes of the code lengths of one set of codes: four bits a symbol.
pub(super) const TABLE: usize = CONTEXTS * SYMBOLS / 2;

/// Most sets of codes in one file.
pub(super) const TABLES_MAX: usize = 24;

/// Why bytes are not a set of numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FormatError {
    /// Too short, or another kind of file.
    NotASet,
    /// Made by a version of the format that this one does not read.
    Version(u8),
    /// The footer, the directory or a code does not fit the file.
    Damaged,
    /// The checksum does not fit the bytes.
    Checksum,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASet => f.write_str("this is not a set of numbers"),
            Self::Version(v) => write!(f, "version {v} of the format is not known"),
            Self::Damaged => f.write_str("the set of numbers is damaged"),
            Self::Checksum => f.write_str("the set of numbers is damaged: wrong checksum"),
        }
    }
}

impl core::error::Error for FormatError {}

/// What the footer says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Footer {
    pub(super) numbers: u64,
    pub(super) last: u64,
    pub(super) tables_at: u64,
    pub(super) directory_at: u64,
    pub(super) segments: u32,
    pub(super) tables: u32,
    /// Over everything before the footer.
    pub(super) body_sum: u64,
}

impl Footer {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let begin = out.len();
        for number in [self.numbers, self.last, self.tables_at, self.directory_at] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.segments.to_le_bytes());
        out.extend_from_slice(&self.tables.to_le_bytes());
        out.extend_from_slice(&self.body_sum.to_le_bytes());
        let mut sum = Sum::default();
        sum.add(&out[begin..]);
        out.extend_from_slice(&sum.value().to_le_bytes());
        out.extend_from_slice(&MAGIC);
        debug_assert_eq!(out.len() - begin, FOOTER);
    }

    /// Reads and checks the footer of a file.
    pub(super) fn read(file: &[u8]) -> Result<Self, FormatError> {
        let begin = file.len().checked_sub(FOOTER).ok_or(FormatError::NotASet)?;
        let footer = &file[begin..];
        let magic = &footer[FOOTER - MAGIC.len()..];
        if magic[..6] != MAGIC[..6] || magic[7] != MAGIC[7] {
            return Err(FormatError::NotASet);
        }
        if magic[6] != MAGIC[6] {
            return Err(FormatError::Version(magic[6]));
        }
        let mut sum = Sum::default();
        sum.add(&footer[..48]);
        if sum.value() != u64_at(footer, 48) {
            return Err(FormatError::Checksum);
        }
        let read = Self {
            numbers: u64_at(footer, 0),
            last: u64_at(footer, 8),
            tables_at: u64_at(footer, 16),
            directory_at: u64_at(footer, 24),
            segments: u32_at(footer, 32),
            tables: u32_at(footer, 36),
            body_sum: u64_at(footer, 40),
        };
        read.check(begin as u64)?;
        Ok(read)
    }

    fn check(&self, end: u64) -> Result<(), FormatError> {
        let tables = u64::from(self.tables) * TABLE as u64;
        let directory = u64::from(self.segments) * ENTRY as u64;
        let fits = self.tables as usize <= TABLES_MAX
            && self.tables_at.checked_add(tables) == Some(self.directory_at)
            && self.directory_at.checked_add(directory) == Some(end);
        if fits {
            Ok(())
        } else {
            Err(FormatError::Damaged)
        }
    }
}

/// Four bytes; zero behind the end.
#[inline]
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    match bytes.get(at..at + 4) {
        Some(four) => u32::from_le_bytes(four.try_into().expect("four bytes")),
        None => 0,
    }
}

/// Eight bytes; zero behind the end.
#[inline]
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..at + 8) {
        Some(eight) => u64::from_le_bytes(eight.try_into().expect("eight bytes")),
        None => 0,
    }
}

/// A checksum against damage, not against malice: eight bytes a step.
#[derive(Clone, Debug)]
pub(super) struct Sum {
    state: u64,
    rest: [u8; 8],
    held: usize,
    len: u64,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            state: 0x243f_6a88_85a3_08d3,
            rest: [0; 8],
            held: 0,
            len: 0,
        }
    }
}

impl Sum {
    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        self.len += bytes.len() as u64;
        if self.held > 0 {
            let take = bytes.len().min(8 - self.held);
            self.rest[self.held..self.held + take].copy_from_slice(&bytes[..take]);
            self.held += take;
            bytes = &bytes[take..];
            if self.held < 8 {
                return;
            }
            self.state = step(self.state, u64::from_le_bytes(self.rest));
            self.held = 0;
        }
        let words = bytes.chunks_exact(8);
        let rest = words.remainder();
        for word in words {
            self.state = step(self.state, u64_at(word, 0));
        }
        self.rest[..rest.len()].copy_from_slice(rest);
        self.held = rest.len();
    }

    pub(super) fn value(&self) -> u64 {
        let mut last = [0; 8];
        last[..self.held].copy_from_slice(&self.rest[..self.held]);
        step(step(self.state, u64::from_le_bytes(last)), self.len)
    }
}

/// Multiplies to twice the width and folds, so that every bit reaches every bit.
#[inline]
fn step(state: u64, word: u64) -> u64 {
    let wide = u128::from(state ^ word) * u128::from(0x9e37_79b9_7f4a_7c15u64);
    (wide as u64) ^ (wide >> 64) as u64 ^ state.rotate_left(29)
}
