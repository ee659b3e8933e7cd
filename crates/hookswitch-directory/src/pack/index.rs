//! Which group of blocks may hold a key: a static tree with sixteen keys a node.
//!
//! ```text
//! index = leaf keys, keys of each layer above, places, second words if kept
//! ```
//!
//! The leaves are the first keys of all groups. Every layer above has the first key of
//! each sixteen below, up to a layer of one node. Layers are filled up with the largest integer.
//! A search reads one node of each layer: two lines of memory, three or four times.

use crate::bytes::u64_at;

/// Keys of one node.
const NODE: usize = 16;

/// Layers at most: 16^8 keys are 2^32.
const LAYERS_MAX: usize = 8;

/// How many bits of a place are the byte offset; the others are the set of codes.
const OFFSET_BITS: u32 = 48;

/// Where a group is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) number: usize,
    pub(crate) head: u64,
    pub(crate) offset: usize,
    pub(crate) table: usize,
    /// A second word, such as how many numbers are before it; zero if that is not kept.
    pub(crate) extra: u64,
}

/// The index of a set being built.
#[derive(Debug, Default)]
pub(crate) struct IndexBuilder {
    keys: Vec<u64>,
    places: Vec<u64>,
    extras: Vec<u64>,
    has_extras: bool,
}

impl IndexBuilder {
    pub(crate) fn new(has_extras: bool) -> Self {
        Self {
            has_extras,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, head: u64, offset: u64, table: usize, extra: u64) {
        self.keys.push(head);
        self.places.push(offset | (table as u64) << OFFSET_BITS);
        if self.has_extras {
            self.extras.push(extra);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        out.reserve(size(self.keys.len() as u32, self.has_extras) as usize);
        let mut step = 1;
        for width in layers(self.keys.len()) {
            let keys = self.keys.iter().step_by(step);
            keys.for_each(|key| out.extend_from_slice(&key.to_le_bytes()));
            let filled = self.keys.len().div_ceil(step);
            (filled..width).for_each(|_| out.extend_from_slice(&[0xff; 8]));
            step *= NODE;
        }
        for word in self.places.iter().chain(&self.extras) {
            out.extend_from_slice(&word.to_le_bytes());
        }
    }
}

/// The widths of the layers in keys, from the leaves to the root.
fn layers(keys: usize) -> impl Iterator<Item = usize> {
    let mut next = (keys > 0).then(|| keys.next_multiple_of(NODE));
    core::iter::from_fn(move || {
        let width = next?;
        next = (width > NODE).then(|| (width / NODE).next_multiple_of(NODE));
        Some(width)
    })
}

/// Bytes of an index.
pub(crate) fn size(groups: u32, has_extras: bool) -> u64 {
    let words = 1 + usize::from(has_extras);
    let keys: usize = layers(groups as usize).sum();
    (keys + words * groups as usize) as u64 * 8
}

/// The index in the bytes of a set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index<'a> {
    bytes: &'a [u8],
    groups: usize,
    /// Where each layer begins, from the leaves on.
    starts: [usize; LAYERS_MAX],
    depth: usize,
    places: usize,
    extras: Option<usize>,
}

impl<'a> Index<'a> {
    /// An index in bytes of the right size ([`size`]).
    pub(crate) fn of(bytes: &'a [u8], groups: u32, has_extras: bool) -> Self {
        let groups = groups as usize;
        let (mut starts, mut depth, mut at) = ([0; LAYERS_MAX], 0, 0);
        for width in layers(groups) {
            starts[depth] = at;
            depth += 1;
            at += width * 8;
        }
        Self {
            bytes,
            groups,
            starts,
            depth,
            places: at,
            extras: has_extras.then_some(at + groups * 8),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.groups
    }

    /// The group that holds the key if any does.
    #[inline]
    pub(crate) fn find(&self, key: u64) -> Option<Place> {
        let mut at = 0;
        for layer in (0..self.depth).rev() {
            let begin = self.starts[layer] + at * NODE * 8;
            let node: &[u8; NODE * 8] = self.bytes.get(begin..)?.first_chunk()?;
            let below = node
                .as_chunks()
                .0
                .iter()
                .filter(|own| u64::from_le_bytes(**own) <= key)
                .count();
            at = at * NODE + below.checked_sub(1)?;
        }
        self.place(at)
    }

    #[inline]
    pub(crate) fn place(&self, number: usize) -> Option<Place> {
        if number >= self.groups {
            return None;
        }
        let word = u64_at(self.bytes, self.places + number * 8);
        Some(Place {
            number,
            head: u64_at(self.bytes, number * 8),
            offset: (word & ((1 << OFFSET_BITS) - 1)) as usize,
            table: (word >> OFFSET_BITS) as usize,
            extra: self
                .extras
                .map_or(0, |at| u64_at(self.bytes, at + number * 8)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Index, IndexBuilder, size};

    #[test]
    fn the_last_key_that_is_not_greater_is_found() {
        for count in [0u64, 1, 15, 16, 17, 255, 256, 257, 5000] {
            let mut builder = IndexBuilder::new(true);
            for key in 1..=count {
                builder.add(key * 10, key, 3, key * 7);
            }
            let mut bytes = Vec::new();
            builder.write(&mut bytes);
            assert_eq!(bytes.len() as u64, size(count as u32, true));
            let index = Index::of(&bytes, count as u32, true);
            assert_eq!(index.find(9), None);
            for key in 1..=count {
                for number in [key * 10, key * 10 + 9] {
                    let place = index.find(number).expect("there is one");
                    assert_eq!((place.head, place.offset), (key * 10, key as usize));
                    assert_eq!((place.table, place.extra), (3, key * 7));
                }
            }
        }
    }
}
