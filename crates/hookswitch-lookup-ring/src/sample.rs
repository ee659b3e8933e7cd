//! Random polynomials.
//!
//! Input: a source of chance. Output: polynomials of the distributions of the scheme.
//!
//! # Promises
//!
//! - **S1** secret samples (ternary and error) take a time that does not depend on their values,
//!   and leave nothing in memory but themselves.
//! - **S2** the same seed gives the same uniform polynomial everywhere; it is on the wire.

use alloc::vec;

use zeroize::Zeroizing;

use crate::drbg::{Drbg, SEED_BYTES};
use crate::modulus::Modulus;
use crate::ntt::Ntt;
use crate::poly::{Coefficients, Poly, Values};
use crate::word::Word;

/// A cryptographic source of chance; the operating system's, at the edges.
pub trait Random {
    /// Fills the bytes with chance.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// Half the coin tosses of one error coefficient: `ceil(2 * 3.2^2)`, for a standard deviation of
/// at least 3.2 (swift-homomorphic-encryption, `PolyRq+Randomize.swift`).
const ERROR_TOSSES: u32 = 21;

/// A fresh seed.
pub fn seed(random: &mut dyn Random) -> [u8; SEED_BYTES] {
    let mut seed = [0; SEED_BYTES];
    random.fill(&mut seed);
    seed
}

/// The uniform polynomial of a seed, by values: 16 bytes for each word, least significant byte
/// first, modulo the prime of its row.
pub fn uniform<W: Word>(
    basis: &[Ntt<W>],
    degree: usize,
    seed: &[u8; SEED_BYTES],
) -> Poly<W, Values> {
    let mut drbg = Drbg::new(seed);
    let mut poly = Poly::zero(degree, basis.len());
    for (row, ntt) in poly.rows_mut().zip(basis) {
        let modulus = Modulus::<u64>::new(ntt.modulus().value().to_u64());
        for word in row {
            *word = W::from_u64(modulus.reduce_wide(drbg.next_u128()));
        }
    }
    poly
}

/// A polynomial with coefficients -1, 0 and 1, equally often (but for one part in 2^62).
pub fn ternary<W: Word>(
    basis: &[Ntt<W>],
    degree: usize,
    random: &mut dyn Random,
) -> Poly<W, Coefficients> {
    let small = |word: u64| ((u128::from(word) * 3) >> 64) as u64;
    from_small(basis, degree, random, small, 1)
}

/// A polynomial of errors: the difference of two counts of 21 coin tosses.
pub fn error<W: Word>(
    basis: &[Ntt<W>],
    degree: usize,
    random: &mut dyn Random,
) -> Poly<W, Coefficients> {
    let tosses = (1_u64 << ERROR_TOSSES) - 1;
    let small = |word: u64| {
        let (heads, tails) = (word & tosses, word >> 32 & tosses);
        u64::from(heads.count_ones() + ERROR_TOSSES - tails.count_ones())
    };
    from_small(basis, degree, random, small, u64::from(ERROR_TOSSES))
}

/// Small numbers, each made of one word of chance, less an offset, modulo every prime. What was
/// drawn is wiped.
fn from_small<W: Word>(
    basis: &[Ntt<W>],
    degree: usize,
    random: &mut dyn Random,
    small: impl Fn(u64) -> u64,
    offset: u64,
) -> Poly<W, Coefficients> {
    let mut drawn = Zeroizing::new(vec![[0; 8]; degree]);
    random.fill(drawn.as_flattened_mut());
    let mut poly = Poly::zero(degree, basis.len());
    for (row, ntt) in poly.rows_mut().zip(basis) {
        let offset = W::from_u64(offset);
        for (word, drawn) in row.iter_mut().zip(drawn.iter()) {
            let small = W::from_u64(small(u64::from_le_bytes(*drawn)));
            *word = ntt.modulus().subtract(small, offset);
        }
    }
    poly
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Chance for tests: the same every time.
    pub(crate) struct Fixed(Drbg);

    impl Fixed {
        pub(crate) fn new(seed: u8) -> Self {
            Self(Drbg::new(&[seed; SEED_BYTES]))
        }
    }

    impl Random for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            for chunk in bytes.chunks_mut(16) {
                let next = self.0.next_u128().to_le_bytes();
                chunk.copy_from_slice(&next[..chunk.len()]);
            }
        }
    }

    #[test]
    fn samples_have_their_distribution() {
        let basis = [Ntt::new(Modulus::new(134_176_769_u32), 4096)];
        let mut random = Fixed::new(1);
        let middle = |word: &u32| i64::from(*word) - 134_176_769 * i64::from(*word > 1 << 26);
        let secret = ternary(&basis, 4096, &mut random);
        for value in -1..=1 {
            let count = secret.words().iter().filter(|w| middle(w) == value).count();
            assert!((1200..1530).contains(&count), "{value}: {count}");
        }
        let error = error(&basis, 4096, &mut random);
        let squares = error.words().iter().map(|w| middle(w) * middle(w));
        let variance = squares.sum::<i64>() as f64 / 4096.0;
        assert!((9.5..11.5).contains(&variance), "{variance}");
    }
}
