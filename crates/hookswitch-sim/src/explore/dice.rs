//! Choices made by bytes: every byte string is a world, and close strings are close worlds.
//!
//! # Promises
//!
//! - **D1** bytes that are used up read as zero: nothing fails.
//! - **D2** which operation is chosen depends on its name, not on its place in the table, so a new
//!   row changes only the acts that it wins.

/// The bytes of one act, read one by one.
#[derive(Clone, Debug)]
pub struct Dice<'a> {
    bytes: core::slice::Iter<'a, u8>,
}

impl<'a> Dice<'a> {
    /// Reads these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes: bytes.iter(),
        }
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }

    /// A number from 0 to below `end`, which should be at most 256.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    /// One of a list that is not empty.
    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// True in about `of_256` of 256 cases.
    pub fn chance(&mut self, of_256: u8) -> bool {
        self.byte() < of_256
    }
}

/// A number that depends on a key and a name only.
pub(super) fn mix(key: u64, name: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ key;
    for byte in name.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    crate::rng::Rng::new(hash).draw()
}

/// Chooses one of weighted names by a key. Zero weights are never chosen; `None` if all are zero.
pub(super) fn choose<'a>(
    key: u64,
    list: impl IntoIterator<Item = (&'a str, u64)>,
) -> Option<&'a str> {
    list.into_iter()
        .filter(|(_, weight)| *weight > 0)
        .min_by_key(|(name, weight)| surprise(mix(key, name)) / weight)
        .map(|(name, _)| name)
}

/// About the negative binary logarithm of a number read as a fraction, times 2^32. The smallest
/// of several, each divided by its weight, falls on each in proportion to its weight.
fn surprise(number: u64) -> u64 {
    let number = number | 1;
    let zeros = number.leading_zeros();
    let below_the_first_one = (number << zeros) << 1;
    (u64::from(zeros + 1) << 32) - (below_the_first_one >> 32)
}

#[cfg(test)]
mod tests {
    use super::{choose, mix};

    #[test]
    fn weights_are_shares() {
        let list = [("a", 1), ("b", 3), ("c", 0), ("d", 12)];
        let mut counts = [0u32; 4];
        for key in 0..16_000u64 {
            let chosen = choose(mix(key, ""), list).expect("some weight is not zero");
            let index = list.iter().position(|(name, _)| *name == chosen);
            counts[index.expect("one of the list")] += 1;
        }
        assert_eq!(counts[2], 0);
        for (count, (name, weight)) in counts.into_iter().zip(list) {
            let want = weight as f64 * 1000.0;
            let near = (f64::from(count) - want).abs() <= want * 0.15;
            assert!(near, "{name} was chosen {count} times, not about {want}");
        }
    }

    #[test]
    fn a_new_name_changes_only_what_it_wins() {
        let (few, more) = ([("a", 2), ("b", 5)], [("a", 2), ("b", 5), ("new", 1)]);
        for key in 0..2_000 {
            let now = choose(key, more);
            assert!(now == Some("new") || now == choose(key, few), "{key}");
        }
    }
}
