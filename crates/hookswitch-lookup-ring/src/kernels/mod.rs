//! The inner loops, compiled once for each instruction set and chosen at run time.
//!
//! Input: slices of one modulus. Output: slices. The loops are written once, in `loops`, in a
//! form that the compiler turns into vectors; here each is compiled for the machine's baseline, for
//! AVX2 and for AVX-512, and called through a [`Kernels`] that says what the machine has.
//!
//! # Promises
//!
//! - **K1** every instruction set gives the same words; the tests compare them.
//! - **K2** a [`Kernels`] above the portable one exists only where the machine has its
//!   instructions: only [`Kernels::detect`] and [`Kernels::available`] make one.
//!
//! # Why the `unsafe` is sound
//!
//! The only unsafe act is the call of a function compiled for more instructions than the baseline.
//! It is sound because of K2. The functions themselves are safe Rust.
#![allow(
    unsafe_code,
    reason = "calls behind a feature check; the argument stands above"
)]

mod loops;

use alloc::vec::Vec;

use crate::modulus::{Constant, Modulus};
use crate::word::Word;

pub use self::loops::{BLOCK, Stage};

/// Which instructions the inner loops use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kernels(Level);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

#[cfg(target_arch = "x86_64")]
cpufeatures::new!(cpu_avx2, "avx2", "bmi2");
#[cfg(target_arch = "x86_64")]
cpufeatures::new!(
    cpu_avx512, "avx2", "bmi2", "avx512f", "avx512bw", "avx512dq", "avx512vl"
);

impl Kernels {
    /// The loops for any machine of this architecture.
    pub const fn portable() -> Self {
        Self(Level::Portable)
    }

    /// The loops for the most instructions that this machine has.
    pub fn detect() -> Self {
        let mut available = Self::available();
        available.pop().unwrap_or(Self::portable())
    }

    /// Everything this machine can run, from the portable loops up.
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "there is nothing to add on other architectures")]
        let mut available = alloc::vec![Self::portable()];
        #[cfg(target_arch = "x86_64")]
        {
            if cpu_avx2::get() {
                available.push(Self(Level::Avx2));
            }
            if cpu_avx512::get() {
                available.push(Self(Level::Avx512));
            }
        }
        available
    }

    /// A word for people: `portable`, `avx2` or `avx512`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Level::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "avx512",
        }
    }
}

/// The wide word of a word.
type Wide<W> = <W as Word>::Wide;

/// Declares the loops as methods, each compiled for every instruction set, for both words.
macro_rules! kernels {
    ($($(#[$note:meta])* $name:ident($($argument:ident: $type:ty),* $(,)?);)*) => {
        /// The loops of a word, compiled in this crate.
        pub trait Loops<W: Word> {
            $(
                $(#[$note])*
                fn $name(kernels: Kernels, $($argument: $type),*);
            )*
        }

        kernels!(@word narrow, u32, $($name($($argument: $type),*);)*);
        kernels!(@word broad, u64, $($name($($argument: $type),*);)*);

        $(
            $(#[$note])*
            #[inline]
            pub fn $name<W: Word>(kernels: Kernels, $($argument: $type),*) {
                <W as Loops<W>>::$name(kernels, $($argument),*);
            }
        )*
    };
    (@word $module:ident, $word:ty, $($name:ident($($argument:ident: $type:ty),*);)*) => {
        mod $module {
            use super::{Constant, Kernels, Level, Loops, Modulus, Stage, Wide, loops};

            type W = $word;

            impl Loops<W> for W {
                $(
                    fn $name(kernels: Kernels, $($argument: $type),*) {
                        #[cfg(target_arch = "x86_64")]
                        #[target_feature(enable = "avx2,bmi2")]
                        fn avx2($($argument: $type),*) {
                            loops::$name::<W>($($argument),*);
                        }
                        #[cfg(target_arch = "x86_64")]
                        #[target_feature(
                            enable = "avx2,bmi2,avx512f,avx512bw,avx512dq,avx512vl"
                        )]
                        fn avx512($($argument: $type),*) {
                            loops::$name::<W>($($argument),*);
                        }
                        match kernels.0 {
                            Level::Portable => loops::$name::<W>($($argument),*),
                            // SAFETY: only a machine with the instructions has the level (K2).
                            #[cfg(target_arch = "x86_64")]
                            Level::Avx2 => unsafe { avx2($($argument),*) },
                            // SAFETY: only a machine with the instructions has the level (K2).
                            #[cfg(target_arch = "x86_64")]
                            Level::Avx512 => unsafe { avx512($($argument),*) },
                        }
                    }
                )*
            }
        }
    };
}

kernels! {
    /// All stages of a forward transform; the result ends in `data`, below four times the modulus
    /// before the last correction and below the modulus after it.
    forward(modulus: &Modulus<W>, stages: &[Stage<W>], data: &mut [W], scratch: &mut [W]);
    /// All stages of an inverse transform, and the division by the degree.
    inverse(
        modulus: &Modulus<W>,
        stages: &[Stage<W>],
        degree_inverse: Constant<W>,
        data: &mut [W],
        scratch: &mut [W],
    );
    /// Adds the products of two rows to a row of wide sums.
    multiply_add(sums: &mut [Wide<W>], a: &[W], b: &[W]);
    /// Reduces wide sums to residues.
    reduce_sums(modulus: &Modulus<W>, sums: &[Wide<W>], residues: &mut [W]);
    /// Reduces wide sums and keeps them wide.
    reduce_wide_sums(modulus: &Modulus<W>, sums: &mut [Wide<W>]);
    /// Multiplies each residue of a row by a constant.
    scale(modulus: &Modulus<W>, constant: Constant<W>, row: &mut [W]);
    /// Reduces each word of a row that belonged to another modulus.
    reduce_row(modulus: &Modulus<W>, from: &[W], row: &mut [W]);
    /// Adds a row to a row.
    add_row(modulus: &Modulus<W>, row: &mut [W], other: &[W]);
    /// Takes a row from a row.
    subtract_row(modulus: &Modulus<W>, row: &mut [W], other: &[W]);
    /// One block of [`BLOCK`] coefficients of an inner product: `plains` holds the block of each
    /// plaintext that is there, `places` says which query entry it belongs to, `queries` holds for
    /// each entry the block of polynomial 0 and then of polynomial 1. The two sums go to `sums`,
    /// reduced at least each `most` products.
    inner_block(
        modulus: &Modulus<W>,
        most: usize,
        plains: &[W],
        places: &[u32],
        queries: &[W],
        sums: &mut [W],
    );
    /// Takes the last modulus off: `row` and `last` belong to one polynomial, `half` is half the
    /// last modulus, `inverse` the inverse of the last modulus; rounds to nearest.
    divide_last(modulus: &Modulus<W>, half: W, inverse: Constant<W>, last: &[W], row: &mut [W]);
    /// Adds a row times a number to a row of wide sums.
    scale_add(sums: &mut [Wide<W>], row: &[W], factor: W);
    /// Takes the excess out of a base extension: `(row + q * excess) / m~`, with the excess modulo
    /// `m~` counted as negative from its half on. The constants are `q` and the inverse of `m~`.
    take_excess(modulus: &Modulus<W>, constants: [Constant<W>; 2], excess: &[W], row: &mut [W]);
    /// Adds `factor * alpha` to a row, with `alpha` modulo `m_sk` counted as negative above half.
    take_multiples(
        modulus: &Modulus<W>,
        m_sk: W,
        factor: Constant<W>,
        alpha: &[W],
        row: &mut [W],
    );
/// The sums of the products of pairs of rows, reduced; at most eight pairs.
dot(modulus: &Modulus<W>, pairs: &[(&[W], &[W])], row: &mut [W]);
/// The difference of two rows.
difference(modulus: &Modulus<W>, a: &[W], b: &[W], row: &mut [W]);
/// Takes words from a row of twice the length, whose second half is the first with the other sign,
/// each `step` words further than the one before, round and round.
pick(row: &mut [W], from: &[W], step: usize);
/// A row and then the same with the other sign.
with_negative(modulus: &Modulus<W>, row: &[W], both: &mut [W]);
/// Adds a residue to each word of a row.
shift(modulus: &Modulus<W>, by: W, row: &mut [W]);
}
