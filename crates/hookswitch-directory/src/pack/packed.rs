//! Groups of blocks with their codes and their index: what a set and the label ids have in common.

use super::footer::{FOOTER, Footer, FormatError, Magic};
use super::huffman::Lengths;
use super::index::{self, Index, IndexBuilder};
use super::tables::{self, TABLES_MAX, TableList};
use crate::sum::Sum;

/// A part being written; `N` codes belong together.
#[derive(Debug)]
pub(crate) struct PackedWriter<const N: usize> {
    pub(crate) out: Vec<u8>,
    /// Bytes that were taken.
    taken: u64,
    sum: Sum,
    /// Bytes of `out` that are in the sum.
    summed: usize,
    pub(crate) tables: TableList<N>,
    pub(crate) index: IndexBuilder,
    has_counts: bool,
}

impl<const N: usize> PackedWriter<N> {
    pub(crate) fn new(has_counts: bool, has_extras: bool) -> Self {
        Self {
            out: Vec::new(),
            taken: 0,
            sum: Sum::default(),
            summed: 0,
            tables: TableList::default(),
            index: IndexBuilder::new(has_extras),
            has_counts,
        }
    }

    /// How many bytes were taken before those in `out`.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// The bytes that are ready.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.add_to_sum();
        self.taken += self.out.len() as u64;
        self.summed = 0;
        core::mem::take(&mut self.out)
    }

    /// Writes codes, index and footer; gives the rest of the bytes.
    pub(crate) fn finish(mut self, magic: Magic, numbers: u64, last: u64) -> Vec<u8> {
        let tables_at = self.taken + self.out.len() as u64;
        let tables = self.tables.write(&mut self.out);
        // The index begins a line of memory.
        let at = self.taken + self.out.len() as u64;
        let index_at = at.next_multiple_of(64);
        self.out
            .extend_from_slice(&[0; 64][..(index_at - at) as usize]);
        let groups = self.index.len() as u32;
        core::mem::take(&mut self.index).write(&mut self.out);
        self.add_to_sum();
        let footer = Footer {
            numbers,
            last,
            tables_at,
            index_at,
            groups,
            tables,
            has_counts: self.has_counts,
            body_sum: self.sum.value(),
        };
        footer.write(magic, &mut self.out);
        self.out
    }

    fn add_to_sum(&mut self) {
        self.sum.add(&self.out[self.summed..]);
        self.summed = self.out.len();
    }
}

/// A part that is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed<'a> {
    /// Everything before the footer.
    pub(crate) body: &'a [u8],
    pub(crate) footer: Footer,
    pub(crate) index: Index<'a>,
}

impl<'a> Packed<'a> {
    /// Opens a part with `N` codes in a set of codes; `extras` says whether the index has second
    /// words.
    pub(crate) fn open<const N: usize>(
        bytes: &'a [u8],
        magic: Magic,
        extras: impl FnOnce(&Footer) -> bool,
    ) -> Result<Self, FormatError> {
        let (footer, body) = Footer::read(bytes, magic)?;
        let has_extras = extras(&footer);
        let codes = u64::from(footer.tables) * tables::size::<N>() as u64;
        let index = index::size(footer.groups, has_extras);
        let codes_end = footer.tables_at.checked_add(codes);
        let fits = usize::from(footer.tables) <= TABLES_MAX
            && codes_end.is_some_and(|at| at <= footer.index_at && footer.index_at - at < 64)
            && footer.index_at.checked_add(index) == Some(body.len() as u64);
        if !fits {
            return Err(FormatError::Damaged);
        }
        let index = &body[footer.index_at as usize..];
        Ok(Self {
            body,
            footer,
            index: Index::of(index, footer.groups, has_extras),
        })
    }

    /// A part that was opened before.
    pub(crate) fn over(bytes: &'a [u8], footer: Footer, has_extras: bool) -> Self {
        let body = bytes.get(..bytes.len().saturating_sub(FOOTER));
        let body = body.unwrap_or(&[]);
        let index = body.get(footer.index_at as usize..).unwrap_or(&[]);
        Self {
            body,
            footer,
            index: Index::of(index, footer.groups, has_extras),
        }
    }

    /// The code lengths of each set of codes.
    pub(crate) fn codes<const N: usize>(&self) -> impl Iterator<Item = [Lengths; N]> {
        let packed = &self.body[self.footer.tables_at as usize..];
        let sets = packed.chunks_exact(tables::size::<N>());
        sets.take(usize::from(self.footer.tables)).map(tables::read)
    }
}
