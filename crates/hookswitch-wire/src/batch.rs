//! Entries of a list as bytes: how a big load reaches the daemon, in a file instead of messages.
//!
//! A batch is `hswbat1\n` and entries one after the other:
//!
//! ```text
//! kind (1 byte)   bits 0-1: the list; bit 2: there is a width; bit 3: there is a line
//! step            from the number before it in the same list, or from 0
//! width           how many more numbers the range has, if bit 2 is set
//! line            step from the line before it, from 0, if bit 3 is set
//! label           length in bytes and UTF-8 text, in lists of labels
//! ```
//!
//! Lists: 0 blocking, 1 identification, 2 blocking removals, 3 identification removals. Integers
//! have seven bits a byte, the low ones first; steps and widths are zigzag (0, -1, 1, -2, …), so
//! that what is wrong can be said of any number.
//!
//! # Promises
//!
//! - **BA1** what [`BatchWriter`] wrote, [`BatchReader`] reads as the same entries, in pieces of
//!   any size.
//! - **BA2** any bytes are read without panic, and memory is bounded by one entry.

/// What a batch begins with.
pub const BATCH_MAGIC: &[u8; 8] = b"hswbat1\n";

/// The longest label of an entry, in bytes. The daemon may refuse shorter ones.
pub const BATCH_LABEL_MAX: usize = 4096;

/// More bytes than any entry has.
const ENTRY_MAX: usize = 1 + 4 * 10 + BATCH_LABEL_MAX;
const HAS_WIDTH: u8 = 1 << 2;
const HAS_LINE: u8 = 1 << 3;

/// The list that an entry is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BatchList {
    /// Numbers to block.
    Blocking,
    /// Numbers with labels.
    Identification,
    /// Numbers to block no longer.
    BlockingRemovals,
    /// Numbers that lose their labels.
    IdentificationRemovals,
}

impl BatchList {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 4] = [
        Self::Blocking,
        Self::Identification,
        Self::BlockingRemovals,
        Self::IdentificationRemovals,
    ];
}

/// One entry.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct BatchEntry<'a> {
    /// Its list.
    pub list: BatchList,
    /// The number, or the first one of a range.
    pub first: i64,
    /// The last one of a range, or the number again.
    pub last: i64,
    /// Where it stands in a file, counted from 1.
    pub line: Option<u64>,
    /// The label; empty in lists without labels.
    pub label: &'a str,
}

/// Why bytes are no batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BatchError {
    /// It does not begin with [`BATCH_MAGIC`].
    NoBatch,
    /// An entry cannot be read; so many were whole before it.
    Damaged(u64),
}

impl core::fmt::Display for BatchError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoBatch => f.write_str("the file is no batch: it begins with hswbat1"),
            Self::Damaged(whole) => write!(f, "entry {} of the batch cannot be read", whole + 1),
        }
    }
}

impl core::error::Error for BatchError {}

/// Writes entries.
#[derive(Clone, Debug, Default)]
pub struct BatchWriter {
    bytes: Vec<u8>,
    before: [i64; 4],
    line: u64,
}

impl BatchWriter {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bytes: BATCH_MAGIC.to_vec(),
            ..Self::default()
        }
    }

    /// Appends an entry. A label longer than [`BATCH_LABEL_MAX`] is no batch for the reader.
    pub fn push(&mut self, entry: &BatchEntry<'_>) {
        let list = entry.list as usize;
        let width = entry.last.wrapping_sub(entry.first);
        let mut kind = list as u8;
        kind |= if width == 0 { 0 } else { HAS_WIDTH };
        kind |= if entry.line.is_some() { HAS_LINE } else { 0 };
        self.bytes.push(kind);
        self.number(zigzag(entry.first.wrapping_sub(self.before[list])));
        self.before[list] = entry.first;
        if width != 0 {
            self.number(zigzag(width));
        }
        if let Some(line) = entry.line {
            self.number(zigzag(line.wrapping_sub(self.line) as i64));
            self.line = line;
        }
        if entry.list == BatchList::Identification {
            self.number(entry.label.len() as u64);
            self.bytes.extend_from_slice(entry.label.as_bytes());
        }
    }

    /// The bytes so far.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes the bytes so far, for whoever writes them out; the batch goes on behind them.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

/// Reads a batch in pieces.
#[derive(Clone, Debug, Default)]
pub struct BatchReader {
    rest: Vec<u8>,
    has_begun: bool,
    before: [i64; 4],
    line: u64,
    count: u64,
}

impl BatchReader {
    /// A reader at the beginning of a batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next piece; gives each whole entry to `visit`, whose error ends it.
    ///
    /// # Errors
    ///
    /// What `visit` says, or that the bytes are no batch.
    pub fn feed<E: From<BatchError>>(
        &mut self,
        piece: &[u8],
        visit: &mut dyn FnMut(BatchEntry<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(piece);
        let mut at = 0;
        if !self.has_begun {
            if bytes.len() < BATCH_MAGIC.len() {
                self.rest = bytes;
                return Ok(());
            }
            if !bytes.starts_with(BATCH_MAGIC) {
                return Err(BatchError::NoBatch.into());
            }
            (self.has_begun, at) = (true, BATCH_MAGIC.len());
        }
        while at < bytes.len() {
            match self.entry(&bytes[at..])? {
                Some((entry, len)) => {
                    visit(entry)?;
                    at += len;
                }
                None => break,
            }
        }
        bytes.drain(..at);
        self.rest = bytes;
        Ok(())
    }

    /// Ends the batch; how many entries it had.
    ///
    /// # Errors
    ///
    /// If it is cut within an entry.
    pub fn finish(&self) -> Result<u64, BatchError> {
        match (self.has_begun, self.rest.is_empty()) {
            (true, true) => Ok(self.count),
            (true, false) => Err(BatchError::Damaged(self.count)),
            (false, _) => Err(BatchError::NoBatch),
        }
    }

    /// The entry at the beginning and its length; nothing if it is not whole yet.
    fn entry<'b>(
        &mut self,
        bytes: &'b [u8],
    ) -> Result<Option<(BatchEntry<'b>, usize)>, BatchError> {
        let damaged = BatchError::Damaged(self.count);
        let mut input = Input { bytes, at: 0 };
        match self.try_entry(&mut input) {
            Ok(entry) => {
                self.before[entry.list as usize] = entry.first;
                self.line = entry.line.unwrap_or(self.line);
                self.count += 1;
                Ok(Some((entry, input.at)))
            }
            Err(Short::More) if bytes.len() < ENTRY_MAX => Ok(None),
            Err(Short::More | Short::Wrong) => Err(damaged),
        }
    }

    fn try_entry<'b>(&self, input: &mut Input<'b>) -> Result<BatchEntry<'b>, Short> {
        let kind = input.byte()?;
        let known = 0b11 | HAS_WIDTH | HAS_LINE;
        if kind & !known != 0 {
            return Err(Short::Wrong);
        }
        let list = BatchList::ALL[usize::from(kind & 0b11)];
        let step = unzigzag(input.number()?);
        let first = self.before[list as usize].wrapping_add(step);
        let mut last = first;
        if kind & HAS_WIDTH != 0 {
            last = first.wrapping_add(unzigzag(input.number()?));
        }
        let mut line = None;
        if kind & HAS_LINE != 0 {
            line = Some(self.line.wrapping_add_signed(unzigzag(input.number()?)));
        }
        let mut label = "";
        if list == BatchList::Identification {
            let len = usize::try_from(input.number()?).map_err(|_| Short::Wrong)?;
            if len > BATCH_LABEL_MAX {
                return Err(Short::Wrong);
            }
            label = core::str::from_utf8(input.bytes(len)?).map_err(|_| Short::Wrong)?;
        }
        Ok(BatchEntry {
            list,
            first,
            last,
            line,
            label,
        })
    }
}

/// Why there is no entry.
enum Short {
    /// The bytes end within it.
    More,
    /// No batch has such bytes.
    Wrong,
}

struct Input<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Input<'b> {
    fn byte(&mut self) -> Result<u8, Short> {
        let byte = *self.bytes.get(self.at).ok_or(Short::More)?;
        self.at += 1;
        Ok(byte)
    }

    fn bytes(&mut self, len: usize) -> Result<&'b [u8], Short> {
        let bytes = self.bytes.get(self.at..self.at + len).ok_or(Short::More)?;
        self.at += len;
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u64, Short> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Short::Wrong)
    }
}

fn zigzag(value: i64) -> u64 {
    (value.wrapping_shl(1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Owned = (BatchList, i64, i64, Option<u64>, String);

    fn read(bytes: &[u8], piece: usize) -> Result<Vec<Owned>, BatchError> {
        let mut reader = BatchReader::new();
        let mut out = Vec::new();
        for piece in bytes.chunks(piece) {
            reader.feed::<BatchError>(piece, &mut |e| {
                out.push((e.list, e.first, e.last, e.line, e.label.to_owned()));
                Ok(())
            })?;
        }
        assert_eq!(reader.finish()?, out.len() as u64);
        Ok(out)
    }

    fn sample() -> (BatchWriter, Vec<Owned>) {
        use BatchList as L;
        let rows = [
            (L::Blocking, 442_079_460_000, 442_079_460_000, None, ""),
            (L::Blocking, 442_079_460_001, 442_079_460_999, Some(7), ""),
            (L::Blocking, -5, -5, Some(2), ""),
            (
                L::Identification,
                12_025_550_101,
                12_025_550_101,
                None,
                "Añá",
            ),
            (L::Identification, i64::MAX, i64::MIN, None, ""),
            (L::BlockingRemovals, 0, i64::MAX, Some(u64::MAX), ""),
            (L::IdentificationRemovals, 1, 1, Some(0), ""),
        ];
        let mut writer = BatchWriter::new();
        for (list, first, last, line, label) in rows {
            writer.push(&BatchEntry {
                list,
                first,
                last,
                line,
                label,
            });
        }
        let owned = rows.map(|(a, b, c, d, e)| (a, b, c, d, e.to_owned()));
        (writer, owned.to_vec())
    }

    #[test]
    fn what_is_written_is_read_in_pieces_of_any_size() {
        let (writer, want) = sample();
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(read(writer.bytes(), piece).as_ref(), Ok(&want), "{piece}");
        }
    }

    #[test]
    fn damage_is_told_and_never_panics() {
        let (writer, want) = sample();
        let whole = writer.bytes();
        for cut in 0..whole.len() {
            let read = read(&whole[..cut], 5);
            assert!(read.is_err() || read.is_ok_and(|r| r.len() < want.len()));
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.to_vec();
                bytes[at] ^= 1 << bit;
                let _ = read(&bytes, 64);
            }
        }
        assert_eq!(read(b"hswbat2\n", 8), Err(BatchError::NoBatch));
        assert_eq!(read(b"hswbat1\n\xff", 9), Err(BatchError::Damaged(0)));
        let long = [&BATCH_MAGIC[..], &[1, 0, 0x81, 0x80, 1]].concat();
        assert_eq!(read(&long, 64), Err(BatchError::Damaged(0)));
    }
}
