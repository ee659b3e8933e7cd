//! Machine words that hold one residue: 32 or 64 bits.
//!
//! Decides nothing; it is the seam between arithmetic that is written once and the two word sizes
//! of the protocol. All moduli of a parameter set below 2^30: 32-bit words, otherwise 64-bit ones
//! (swift-homomorphic-encryption, `ModularArithmetic/Scalar.swift`).
//!
//! # Promises
//!
//! - **W1** no method branches on the value of a word.

use core::fmt::Debug;

use zeroize::DefaultIsZeroes;

use crate::kernels::Loops;

/// An unsigned word and the constants that depend on its size.
pub trait Word:
    Copy + Debug + Default + Eq + Ord + Send + Sync + DefaultIsZeroes + Loops<Self> + 'static
{
    /// The word of twice the size, for products.
    type Wide: Copy + Debug + Default + Eq + Ord + Send + Sync + 'static;

    /// Bits of the word.
    const BITS: u32;
    /// The word 0.
    const ZERO: Self;
    /// The word 1.
    const ONE: Self;
    /// The number 0 in the wide type.
    const WIDE_ZERO: Self::Wide;
    /// Bits of the auxiliary primes of the ciphertext product: the word less three.
    const AUXILIARY_BITS: u32 = Self::BITS - 3;
    /// The power of two that takes the excess out of a base extension (`m-tilde`).
    const M_TILDE: Self;
    /// The correction factor of scaling and rounding (`gamma`), above every other modulus used.
    const GAMMA: Self;

    /// The word with this value.
    ///
    /// # Panics
    ///
    /// In debug builds, when the value does not fit.
    fn from_u64(value: u64) -> Self;
    /// The value of the word.
    fn to_u64(self) -> u64;
    /// Sum without the carry.
    fn plus(self, other: Self) -> Self;
    /// Difference without the borrow.
    fn minus(self, other: Self) -> Self;
    /// Low half of the product.
    fn times(self, other: Self) -> Self;
    /// High half of the product.
    fn times_high(self, other: Self) -> Self;
    /// The whole product.
    fn times_wide(self, other: Self) -> Self::Wide;
    /// All ones if the lowest bit of the word is set, otherwise zero.
    fn spread_low_bit(self) -> Self;
    /// Bitwise and.
    fn and(self, other: Self) -> Self;
    /// Logical shift to the right.
    fn shift_right(self, bits: u32) -> Self;
    /// Sum of two wide numbers without the carry.
    fn wide_plus(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// High half of a wide number.
    fn wide_high(a: Self::Wide) -> Self;
    /// Low half of a wide number.
    fn wide_low(a: Self::Wide) -> Self;
    /// The wide number with this value.
    fn widen(self) -> Self::Wide;
}

macro_rules! word {
    ($word:ty, $wide:ty, $m_tilde:expr, $gamma:expr) => {
        impl Word for $word {
            type Wide = $wide;

            const BITS: u32 = <$word>::BITS;
            const ZERO: Self = 0;
            const ONE: Self = 1;
            const WIDE_ZERO: $wide = 0;
            const M_TILDE: Self = $m_tilde;
            const GAMMA: Self = $gamma;

            #[inline(always)]
            fn from_u64(value: u64) -> Self {
                debug_assert!(value <= <$word>::MAX as u64, "a word holds the value");
                value as $word
            }

            #[inline(always)]
            fn to_u64(self) -> u64 {
                self as u64
            }

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }

            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }

            #[inline(always)]
            fn times_high(self, other: Self) -> Self {
                ((self as $wide * other as $wide) >> <$word>::BITS) as $word
            }

            #[inline(always)]
            fn times_wide(self, other: Self) -> $wide {
                self as $wide * other as $wide
            }

            #[inline(always)]
            fn spread_low_bit(self) -> Self {
                (self & 1).wrapping_neg()
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self & other
            }

            #[inline(always)]
            fn shift_right(self, bits: u32) -> Self {
                self >> bits
            }

            #[inline(always)]
            fn wide_plus(a: $wide, b: $wide) -> $wide {
                a.wrapping_add(b)
            }

            #[inline(always)]
            fn wide_high(a: $wide) -> Self {
                (a >> <$word>::BITS) as $word
            }

            #[inline(always)]
            fn wide_low(a: $wide) -> Self {
                a as $word
            }

            #[inline(always)]
            fn widen(self) -> $wide {
                self as $wide
            }
        }
    };
}

word!(u32, u64, 1 << 16, (1 << 30) - 20_405);
word!(u64, u128, 1 << 32, (1 << 62) - 40_797);
