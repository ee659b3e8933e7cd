//! Arithmetic modulo one number.
//!
//! Input: residues below the modulus, unless a method says otherwise. Output: residues below the
//! modulus, unless the name ends in `lazy`.
//!
//! # Promises
//!
//! - **M1** what takes residues runs in a time that does not depend on them: the conditional
//!   subtraction is a minimum of two words. `power`, `inverse`, [`is_prime`] and [`primes`] are for
//!   public numbers only.
//! - **M2** every result is the one residue that mathematics names; the way there cannot be seen.
//!
//! Products with a constant follow Shoup's method (D. Harvey, "Faster arithmetic for
//! number-theoretic transforms", arXiv 1205.2926).

use alloc::vec::Vec;

use crate::word::Word;

/// A modulus below a quarter of its word, with what reduction needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Modulus<W> {
    value: W,
    /// One, ready to multiply: reduces a word.
    one: Constant<W>,
    /// Two to the bits of the word, ready to multiply: reduces the high half of a wide number.
    word: Constant<W>,
}

/// A constant factor below its modulus, ready to multiply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Constant<W> {
    /// The factor.
    pub value: W,
    /// `floor(value * 2^BITS / modulus)`.
    pub quotient: W,
}

impl<W: Word> Modulus<W> {
    /// The modulus, which must be at least 2 and below a quarter of the word.
    ///
    /// # Panics
    ///
    /// When it is not.
    pub fn new(value: W) -> Self {
        let number = value.to_u64();
        assert!(
            number >= 2 && number >> (W::BITS - 2) == 0,
            "a modulus is from 2 up to a quarter of the word"
        );
        let of = |factor: u64| constant::<W>(factor, number);
        let word = ((1_u128 << W::BITS) % u128::from(number)) as u64;
        Self {
            value,
            one: of(1),
            word: of(word),
        }
    }

    /// The modulus as a word.
    #[inline(always)]
    pub fn value(&self) -> W {
        self.value
    }

    /// Bits needed for the largest residue: `ceil(log2(modulus))`.
    pub fn bits(&self) -> u32 {
        64 - (self.value.to_u64() - 1).leading_zeros()
    }

    /// A constant below the modulus, ready to multiply.
    pub fn constant(&self, factor: W) -> Constant<W> {
        constant(factor.to_u64(), self.value.to_u64())
    }

    /// Any word, reduced.
    #[inline(always)]
    pub fn reduce(&self, word: W) -> W {
        self.once(self.times_lazy(word, self.one))
    }

    /// Any wide number, reduced.
    #[inline(always)]
    pub fn reduce_wide(&self, wide: W::Wide) -> W {
        let high = self.times_lazy(W::wide_high(wide), self.word);
        let low = self.times_lazy(W::wide_low(wide), self.one);
        self.once(self.twice(high.plus(low)))
    }

    /// Sum.
    #[inline(always)]
    pub fn add(&self, a: W, b: W) -> W {
        self.once(a.plus(b))
    }

    /// Difference.
    #[inline(always)]
    pub fn subtract(&self, a: W, b: W) -> W {
        self.once(a.plus(self.value).minus(b))
    }

    /// The other sign.
    #[inline(always)]
    pub fn negate(&self, a: W) -> W {
        self.once(self.value.minus(a))
    }

    /// Product.
    #[inline(always)]
    pub fn multiply(&self, a: W, b: W) -> W {
        self.reduce_wide(a.times_wide(b))
    }

    /// Product of any word with a constant.
    #[inline(always)]
    pub fn times(&self, a: W, constant: Constant<W>) -> W {
        self.once(self.times_lazy(a, constant))
    }

    /// Product of any word with a constant, below twice the modulus.
    #[inline(always)]
    pub fn times_lazy(&self, a: W, constant: Constant<W>) -> W {
        let estimate = a.times_high(constant.quotient);
        a.times(constant.value).minus(estimate.times(self.value))
    }

    /// Takes the modulus off once, if it fits.
    #[inline(always)]
    pub fn once(&self, a: W) -> W {
        a.min(a.minus(self.value))
    }

    /// Takes twice the modulus off once, if it fits.
    #[inline(always)]
    pub fn twice(&self, a: W) -> W {
        a.min(a.minus(self.value.plus(self.value)))
    }

    /// A public number to a public power.
    pub fn power(&self, base: W, mut exponent: u64) -> W {
        let (mut square, mut result) = (self.reduce(base), self.reduce(W::ONE));
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.multiply(result, square);
            }
            square = self.multiply(square, square);
            exponent >>= 1;
        }
        result
    }

    /// The inverse of a public number, if it has one.
    pub fn inverse(&self, a: W) -> Option<W> {
        let modulus = i128::from(self.value.to_u64());
        let (mut r0, mut r1) = (modulus, i128::from(self.reduce(a).to_u64()));
        let (mut t0, mut t1) = (0_i128, 1_i128);
        while r1 != 0 {
            let quotient = r0 / r1;
            (r0, r1) = (r1, r0 - quotient * r1);
            (t0, t1) = (t1, t0 - quotient * t1);
        }
        (r0 == 1).then(|| W::from_u64(t0.rem_euclid(modulus) as u64))
    }

    /// Product of public words, reduced.
    pub fn product(&self, factors: impl IntoIterator<Item = W>) -> W {
        factors
            .into_iter()
            .fold(self.reduce(W::ONE), |product, factor| {
                self.multiply(product, self.reduce(factor))
            })
    }
}

fn constant<W: Word>(factor: u64, modulus: u64) -> Constant<W> {
    let quotient = (u128::from(factor) << W::BITS) / u128::from(modulus);
    Constant {
        value: W::from_u64(factor),
        quotient: W::from_u64(quotient as u64),
    }
}

/// Whether a public number is prime (Miller-Rabin with bases that decide every 64-bit number:
/// J. Sorenson and J. Webster, "Strong pseudoprimes to twelve prime bases", arXiv 1509.00864).
pub fn is_prime(number: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if number < 2
        || BASES
            .iter()
            .any(|base| number != *base && number.is_multiple_of(*base))
    {
        return false;
    }
    if BASES.contains(&number) {
        return true;
    }
    let multiply = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(number)) as u64;
    let twos = (number - 1).trailing_zeros();
    BASES.iter().all(|base| {
        let (mut power, mut square, mut rest) = (1, *base, (number - 1) >> twos);
        while rest > 0 {
            if rest & 1 == 1 {
                power = multiply(power, square);
            }
            square = multiply(square, square);
            rest >>= 1;
        }
        let mut is_witness = power != 1 && power != number - 1;
        for _ in 1..twos {
            power = multiply(power, power);
            is_witness &= power != number - 1;
        }
        !is_witness
    })
}

/// The smallest primes with at least `bits` bits that are one more than a multiple of
/// `2 * degree`.
pub fn primes(bits: u32, degree: usize, count: usize) -> Vec<u64> {
    let step = 2 * degree as u64;
    let candidates = (0..).map(|index: u64| (1 << (bits - 1)) + 1 + index * step);
    candidates.filter(|n| is_prime(*n)).take(count).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NARROW: [u32; 4] = [17, 134_176_769, 268_369_921, (1 << 30) - 20_405];
    const BROAD: [u64; 4] = [17, 36_028_797_018_652_673, 1 << 32, (1 << 62) - 40_797];

    proptest! {
        #[test]
        fn arithmetic_agrees_with_division(a: u64, b: u64, wide: u128, which in 0..4_usize) {
            let modulus = Modulus::new(BROAD[which]);
            let q = u128::from(BROAD[which]);
            let (a, b) = (modulus.reduce(a), modulus.reduce(b));
            let (x, y) = (u128::from(a), u128::from(b));
            prop_assert_eq!(u128::from(modulus.add(a, b)), (x + y) % q);
            prop_assert_eq!(u128::from(modulus.subtract(a, b)), (x + q - y) % q);
            prop_assert_eq!(u128::from(modulus.negate(a)), (q - x) % q);
            prop_assert_eq!(u128::from(modulus.multiply(a, b)), x * y % q);
            prop_assert_eq!(u128::from(modulus.times(a, modulus.constant(b))), x * y % q);
            prop_assert_eq!(u128::from(modulus.reduce_wide(wide)), wide % q);
        }

        #[test]
        fn narrow_words_agree_with_division(a: u32, b: u32, wide: u64, which in 0..4_usize) {
            let modulus = Modulus::new(NARROW[which]);
            let q = u64::from(NARROW[which]);
            let (a, b) = (modulus.reduce(a), modulus.reduce(b));
            let (x, y) = (u64::from(a), u64::from(b));
            prop_assert_eq!(u64::from(modulus.multiply(a, b)), x * y % q);
            prop_assert_eq!(u64::from(modulus.times(a, modulus.constant(b))), x * y % q);
            prop_assert_eq!(u64::from(modulus.reduce_wide(wide)), wide % q);
        }
    }

    #[test]
    fn primes_are_the_smallest() {
        assert_eq!(primes(8, 8, 3), [193, 241, 257]);
        assert!(is_prime(268_369_921) && !is_prime(268_369_923) && is_prime(2) && !is_prime(1));
        assert!(!is_prime(3_215_031_751) && is_prime(1_152_921_504_606_830_593));
    }

    #[test]
    fn inverses_exist_where_they_should() {
        let modulus = Modulus::new(1_u64 << 32);
        assert_eq!(modulus.inverse(2), None);
        let three = modulus.inverse(3).expect("three is odd");
        assert_eq!(modulus.multiply(3, three), 1);
    }
}
