//! Hashes of keywords, the shard of a keyword, and its buckets.
//!
//! All three are on the wire: client and server must agree (`HashKeyword.swift`, `Sharding` of
//! swift-homomorphic-encryption). A keyword is any bytes; for a phone number the UTF-8 text with
//! the plus sign.

use sha2::{Digest, Sha256};

/// Most values of the counter that finds a bucket unlike the earlier ones.
const TRIES: u8 = 10;

/// The hash of a keyword: the first 8 bytes of its SHA-256, least significant byte first.
pub fn hash(keyword: &[u8]) -> u64 {
    first_word(&Sha256::digest(keyword))
}

fn first_word(digest: &[u8]) -> u64 {
    let first = digest.first_chunk().expect("a digest has 32 bytes");
    u64::from_le_bytes(*first)
}

/// How the shard of a keyword is found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sharding {
    /// The hash modulo the number of shards.
    Sha256,
    /// The hash modulo the number of shards of another use case, modulo the number of shards: the
    /// two shard numbers of one keyword then say no more than the larger one alone.
    DoubleMod {
        /// The number of shards of the other use case, at least 1.
        other: u32,
    },
}

impl Sharding {
    /// The shard of a keyword hash, below `shards`, which is at least 1.
    pub fn shard(self, hash: u64, shards: u32) -> u32 {
        let first = match self {
            Self::Sha256 => hash,
            Self::DoubleMod { other } => hash % u64::from(other.max(1)),
        };
        (first % u64::from(shards.max(1))) as u32
    }
}

/// The bucket of a keyword hash in each table: `functions` numbers below `buckets`, unlike each
/// other where ten tries are enough.
pub fn buckets(hash: u64, buckets: usize, functions: usize) -> Vec<usize> {
    let mut found = Vec::with_capacity(functions);
    for _ in 0..functions {
        let candidates = (0..=TRIES).map(|counter| {
            let mut input = [0; 9];
            input[..8].copy_from_slice(&hash.to_be_bytes());
            input[8] = counter;
            (first_word(&Sha256::digest(input)) % buckets as u64) as usize
        });
        let mut candidates = candidates.enumerate();
        let last = usize::from(TRIES);
        let chosen = candidates.find(|(try_, index)| *try_ == last || !found.contains(index));
        found.extend(chosen.map(|(_, index)| index));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_the_test_number_is_known() {
        assert_eq!(hash(b"+14085551212"), 0xe7dc_1540_c0ed_9d47);
        assert_eq!(buckets(0xe7dc_1540_c0ed_9d47, 2, 2), [1, 0]);
        assert_eq!(buckets(5, 1, 2), [0, 0]);
    }

    #[test]
    fn double_modulo_goes_through_the_other_number() {
        assert_eq!(Sharding::Sha256.shard(17, 5), 2);
        assert_eq!(Sharding::DoubleMod { other: 10 }.shard(17, 5), 2);
        assert_eq!(Sharding::DoubleMod { other: 9 }.shard(17, 5), 3);
    }
}
