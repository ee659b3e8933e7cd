//! The sets of codes of one file: few, shared by segments that are alike.

use super::huffman::{ESCAPE, Lengths, PACKED, SYMBOLS, codes, lengths, unpack};

/// Most sets of codes in one file.
pub(crate) const TABLES_MAX: usize = 16;

/// How often each symbol comes in each context.
pub(crate) type Counts<const N: usize> = [[u32; SYMBOLS]; N];

/// Code and length of each symbol in each context.
pub(crate) type Codes<const N: usize> = [[(u16, u8); SYMBOLS]; N];

/// The sets of codes in use.
#[derive(Debug)]
pub(crate) struct TableList<const N: usize> {
    lengths: Vec<[Lengths; N]>,
    codes: Vec<Codes<N>>,
}

impl<const N: usize> Default for TableList<N> {
    fn default() -> Self {
        Self {
            lengths: Vec::new(),
            codes: Vec::new(),
        }
    }
}

impl<const N: usize> TableList<N> {
    /// Codes for these counts: some that are there already if they are about as good.
    pub(crate) fn choose(&mut self, counts: &Counts<N>) -> usize {
        let own: [Lengths; N] = core::array::from_fn(|context| lengths(&counts[context]));
        let best = self
            .lengths
            .iter()
            .enumerate()
            .map(|(index, known)| (cost(known, counts), index))
            .min();
        let enough = cost(&own, counts) + cost(&own, counts) / 400;
        match best {
            Some((bits, index)) if bits <= enough || self.lengths.len() == TABLES_MAX => index,
            Some(_) | None => {
                self.codes.push(core::array::from_fn(|context| {
                    let codes = codes(&own[context]);
                    core::array::from_fn(|symbol| (codes[symbol], own[context][symbol]))
                }));
                self.lengths.push(own);
                self.lengths.len() - 1
            }
        }
    }

    pub(crate) fn codes(&self, table: usize) -> &Codes<N> {
        &self.codes[table]
    }

    /// Writes the lengths, two in a byte; returns how many sets there are.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> u16 {
        for table in &self.lengths {
            let (pairs, _) = table.as_flattened().as_chunks();
            out.extend(pairs.iter().map(|[low, high]| low | high << 4));
        }
        self.lengths.len() as u16
    }
}

/// How many bits the symbols take.
fn cost<const N: usize>(codes: &[Lengths; N], counts: &Counts<N>) -> u64 {
    let mut bits = 0;
    for (lengths, counts) in codes.iter().zip(counts) {
        let escape = u64::from(lengths[usize::from(ESCAPE)]) + 8;
        for (length, count) in lengths.iter().zip(counts) {
            let each = match *length {
                0 => escape,
                length => u64::from(length),
            };
            bits += each * u64::from(*count);
        }
    }
    bits
}

/// Bytes of one set of codes as they are kept.
pub(crate) const fn size<const N: usize>() -> usize {
    N * PACKED
}

/// Reads one set of codes.
pub(crate) fn read<const N: usize>(bytes: &[u8]) -> [Lengths; N] {
    core::array::from_fn(|context| unpack(bytes.get(context * PACKED..).unwrap_or(&[])))
}
