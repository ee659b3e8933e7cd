//! The end of each part: where everything is in it, and whether it is whole.

use core::fmt;

use crate::bytes::{u32_at, u64_at};
use crate::sum::Sum;

/// Bytes of the footer.
pub(crate) const FOOTER: usize = 72;

/// What a part is, and the version of its format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Magic(pub(crate) [u8; 6], pub(crate) u8);

/// Why bytes are not a part of a directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FormatError {
    /// Too short, or another kind of file.
    NotAPart,
    /// Made by a version of the format that this one does not read.
    Version(u8),
    /// The footer, the index or a code does not fit the file.
    Damaged,
    /// The checksum does not fit the bytes.
    Checksum,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPart => f.write_str("this is no part of a directory"),
            Self::Version(v) => write!(f, "version {v} of the format is not known"),
            Self::Damaged => f.write_str("the directory is damaged"),
            Self::Checksum => f.write_str("the directory is damaged: wrong checksum"),
        }
    }
}

impl core::error::Error for FormatError {}

/// What the footer says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Footer {
    /// Numbers of a set, or labels.
    pub(crate) numbers: u64,
    /// The largest number.
    pub(crate) last: u64,
    /// Where the sets of codes begin.
    pub(crate) tables_at: u64,
    /// Where the index begins, behind the codes.
    pub(crate) index_at: u64,
    /// Groups in the index.
    pub(crate) groups: u32,
    /// Sets of codes.
    pub(crate) tables: u16,
    /// Whether the place of a number among all is kept.
    pub(crate) has_counts: bool,
    /// Over everything before the footer.
    pub(crate) body_sum: u64,
}

impl Footer {
    pub(crate) fn write(&self, magic: Magic, out: &mut Vec<u8>) {
        let begin = out.len();
        for number in [self.numbers, self.last, self.tables_at, self.index_at] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.groups.to_le_bytes());
        out.extend_from_slice(&self.tables.to_le_bytes());
        out.extend_from_slice(&u16::from(self.has_counts).to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&self.body_sum.to_le_bytes());
        let sum = Sum::of(&out[begin..]);
        out.extend_from_slice(&sum.to_le_bytes());
        out.extend_from_slice(&magic.0);
        out.extend_from_slice(&[magic.1, b'\n']);
        debug_assert_eq!(out.len() - begin, FOOTER);
    }

    /// Reads and checks the footer of a part; gives also what is before it.
    pub(crate) fn read(part: &[u8], wanted: Magic) -> Result<(Self, &[u8]), FormatError> {
        let (body, footer) = part
            .split_last_chunk::<FOOTER>()
            .ok_or(FormatError::NotAPart)?;
        let magic = &footer[64..];
        if magic[..6] != wanted.0 || magic[7] != b'\n' {
            return Err(FormatError::NotAPart);
        }
        if magic[6] != wanted.1 {
            return Err(FormatError::Version(magic[6]));
        }
        if Sum::of(&footer[..56]) != u64_at(footer, 56) {
            return Err(FormatError::Checksum);
        }
        let kinds = u32_at(footer, 36);
        let read = Self {
            numbers: u64_at(footer, 0),
            last: u64_at(footer, 8),
            tables_at: u64_at(footer, 16),
            index_at: u64_at(footer, 24),
            groups: u32_at(footer, 32),
            tables: kinds as u16,
            has_counts: kinds >> 16 == 1,
            body_sum: u64_at(footer, 48),
        };
        Ok((read, body))
    }

    /// Whether what is before the footer is what was written.
    pub(crate) fn verify(&self, body: &[u8]) -> Result<(), FormatError> {
        match Sum::of(body) == self.body_sum {
            true => Ok(()),
            false => Err(FormatError::Checksum),
        }
    }
}
