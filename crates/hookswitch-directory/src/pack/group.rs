//! The small index in front of a group of blocks: the first key and the end of each.
//!
//! ```text
//! group = widths, keys of all blocks but the first, ends of all blocks, counts of all but the
//!         first if kept; all packed in bits, filled up to a byte, then what the blocks hold
//! ```
//!
//! Keys and counts are less those of the first block; ends are in bits from where the blocks
//! begin.

use super::bits::{BitWriter, get, peek};

/// Blocks of one group at most.
pub(crate) const BLOCKS: usize = 32;

/// A block that is about to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Its first key.
    pub(crate) key: u64,
    /// How many numbers are before it.
    pub(crate) count: u64,
    /// The bit behind it, from the begin of the first block.
    pub(crate) end: u64,
}

/// Writes what stands in front of the blocks of a group.
pub(crate) fn write(blocks: &[Block], has_counts: bool, out: &mut BitWriter) {
    let (first, last) = (blocks[0], blocks[blocks.len() - 1]);
    let bits_of = |value: u64| u64::BITS - value.leading_zeros();
    let key_bits = bits_of(last.key - first.key);
    let end_bits = bits_of(last.end);
    let count_bits = bits_of(last.count - first.count);
    out.put(u64::from(key_bits), 6);
    out.put(u64::from(end_bits), 6);
    out.put(blocks.len() as u64 - 1, 5);
    if has_counts {
        out.put(u64::from(count_bits), 6);
    }
    for block in &blocks[1..] {
        out.put(block.key - first.key, key_bits);
    }
    for block in blocks {
        out.put(block.end, end_bits);
    }
    if has_counts {
        for block in &blocks[1..] {
            out.put(block.count - first.count, count_bits);
        }
    }
}

/// A group in bytes: where everything is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group<'a> {
    /// From its first byte on, and more.
    pub(crate) bytes: &'a [u8],
    /// How many blocks there are, 1 to 32.
    pub(crate) blocks: usize,
    key_bits: u32,
    end_bits: u32,
    count_bits: u32,
    keys: usize,
    ends: usize,
    counts: usize,
    begin: usize,
}

impl<'a> Group<'a> {
    #[inline]
    pub(crate) fn open(bytes: &'a [u8], has_counts: bool) -> Self {
        let widths = peek(bytes, 0);
        let key_bits = (widths & 63) as u32;
        let end_bits = (widths >> 6 & 63) as u32;
        let blocks = (widths >> 12 & 31) as usize + 1;
        let (count_bits, keys) = match has_counts {
            true => ((widths >> 17 & 63) as u32, 23),
            false => (0, 17),
        };
        let ends = keys + (blocks - 1) * key_bits as usize;
        let counts = ends + blocks * end_bits as usize;
        let behind = counts + (blocks - 1) * count_bits as usize;
        Self {
            bytes,
            blocks,
            key_bits,
            end_bits,
            count_bits,
            keys,
            ends,
            counts,
            begin: behind.next_multiple_of(8),
        }
    }

    /// How much greater the first key of a block is than that of the group.
    #[inline]
    pub(crate) fn key(&self, block: usize) -> u64 {
        self.less_first(self.keys, block, self.key_bits)
    }

    /// How many numbers of the group are before a block; zero if that is not kept.
    #[inline]
    pub(crate) fn count(&self, block: usize) -> u64 {
        self.less_first(self.counts, block, self.count_bits)
    }

    /// The bits of a block, from the first byte of the group; never behind the end of the part,
    /// so that reading damaged bytes ends.
    #[inline]
    pub(crate) fn span(&self, block: usize) -> (usize, usize) {
        let end = |block: usize| {
            let at = self.ends + block * self.end_bits as usize;
            let end = self
                .begin
                .saturating_add(get(self.bytes, at, self.end_bits) as usize);
            end.min(self.bytes.len() * 8)
        };
        let begin = if block == 0 {
            self.begin
        } else {
            end(block - 1)
        };
        (begin, end(block))
    }

    /// The last block whose first key is not greater; `key` is less that of the group.
    #[inline]
    pub(crate) fn find(&self, key: u64) -> usize {
        let (mut base, mut size) = (0, self.blocks - 1);
        while size > 0 {
            let half = size.div_ceil(2);
            let at = self.keys + (base + half - 1) * self.key_bits as usize;
            // Written so that it becomes a move and not a jump.
            base = if get(self.bytes, at, self.key_bits) <= key {
                base + half
            } else {
                base
            };
            size -= half;
        }
        base
    }

    #[inline]
    fn less_first(&self, begin: usize, block: usize, bits: u32) -> u64 {
        match block {
            0 => 0,
            _ => get(self.bytes, begin + (block - 1) * bits as usize, bits),
        }
    }
}
