//! The number-theoretic transform modulo one prime.
//!
//! Input: a row of `N` coefficients, in order. Output: the values of the polynomial at the odd
//! powers of a root of unity, in bit-reversed order, and back.
//!
//! # Promises
//!
//! - **T1** the root is the smallest primitive `2N`-th root of unity modulo the prime. Root and
//!   order are on the wire, in keys and in the second polynomial of a seeded ciphertext
//!   (swift-homomorphic-encryption, `PolyRq+Ntt.swift`).
//! - **T2** a row of one transform times a row of another is the transform of the product modulo
//!   `X^N + 1`.
//!
//! The algorithm is that of P. Longa and M. Naehrig, ePrint 2016/504.

use alloc::vec;
use alloc::vec::Vec;

use crate::kernels::{self, BLOCK, Kernels, Stage};
use crate::modulus::{Constant, Modulus};
use crate::word::Word;

/// The transform of one degree and prime.
#[derive(Clone, Debug)]
pub struct Ntt<W> {
    modulus: Modulus<W>,
    forward: Vec<Stage<W>>,
    inverse: Vec<Stage<W>>,
    degree_inverse: Constant<W>,
}

impl<W: Word> Ntt<W> {
    /// The transform for a prime that is 1 modulo twice the degree.
    ///
    /// # Panics
    ///
    /// When the degree is no power of two, or the prime has no such root.
    pub fn new(modulus: Modulus<W>, degree: usize) -> Self {
        assert!(degree.is_power_of_two(), "the degree is a power of two");
        let root = smallest_root(&modulus, degree).expect("the prime is 1 modulo twice the degree");
        let root_inverse = modulus.inverse(root).expect("a root has an inverse");
        let mut inverse = stages(&modulus, root_inverse, degree);
        inverse.reverse();
        let degree_word = modulus.reduce(W::from_u64(degree as u64));
        let degree_inverse = modulus
            .inverse(degree_word)
            .expect("an odd prime does not divide a power of two");
        Self {
            modulus,
            forward: stages(&modulus, root, degree),
            inverse,
            degree_inverse: modulus.constant(degree_inverse),
        }
    }

    /// The prime.
    #[inline(always)]
    pub fn modulus(&self) -> &Modulus<W> {
        &self.modulus
    }

    /// Coefficients to values. `scratch` is as long as the row; what it holds does not matter.
    pub fn forward(&self, kernels: Kernels, row: &mut [W], scratch: &mut [W]) {
        kernels::forward(kernels, &self.modulus, &self.forward, row, scratch);
    }

    /// Values to coefficients. `scratch` is as long as the row; what it holds does not matter.
    pub fn inverse(&self, kernels: Kernels, row: &mut [W], scratch: &mut [W]) {
        let (stages, degree_inverse) = (&self.inverse, self.degree_inverse);
        kernels::inverse(kernels, &self.modulus, stages, degree_inverse, row, scratch);
    }
}

/// The roots of each stage, first stage first.
fn stages<W: Word>(modulus: &Modulus<W>, root: W, degree: usize) -> Vec<Stage<W>> {
    let mut powers = vec![modulus.reduce(W::ONE); degree];
    for index in 1..degree {
        powers[index] = modulus.multiply(powers[index - 1], root);
    }
    let bits = degree.ilog2();
    let reversed = |index: usize| index.reverse_bits() >> (usize::BITS - bits);
    let stage = |stage: u32| {
        let groups = 1_usize << stage;
        let length = groups.max(BLOCK).min(degree / 2);
        let constants = (0..length).map(|index| {
            let place = groups + (index & (groups - 1));
            modulus.constant(powers[reversed(place)])
        });
        let constants = constants.collect::<Vec<_>>();
        Stage {
            roots: constants.iter().map(|constant| constant.value).collect(),
            quotients: constants.iter().map(|constant| constant.quotient).collect(),
        }
    };
    (0..bits).map(stage).collect()
}

/// The smallest primitive root of unity of order `2 * degree`.
fn smallest_root<W: Word>(modulus: &Modulus<W>, degree: usize) -> Option<W> {
    let prime = modulus.value().to_u64();
    let order = 2 * degree as u64;
    if !(prime - 1).is_multiple_of(order) {
        return None;
    }
    let minus_one = W::from_u64(prime - 1);
    let candidates = (2..prime).map(|base| modulus.power(W::from_u64(base), (prime - 1) / order));
    let mut candidates = candidates.take(1_000);
    let mut root = candidates.find(|root| modulus.power(*root, order / 2) == minus_one)?;
    let square = modulus.multiply(root, root);
    let mut smallest = root;
    for _ in 0..degree {
        root = modulus.multiply(root, square);
        smallest = smallest.min(root);
    }
    Some(smallest)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;

    /// The product modulo `X^N + 1`, coefficient by coefficient.
    fn slow_product<W: Word>(modulus: &Modulus<W>, a: &[W], b: &[W]) -> Vec<W> {
        let mut product = vec![W::ZERO; a.len()];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                let (term, place) = (modulus.multiply(*x, *y), (i + j) % a.len());
                product[place] = match i + j < a.len() {
                    true => modulus.add(product[place], term),
                    false => modulus.subtract(product[place], term),
                };
            }
        }
        product
    }

    fn check_product<W: Word>(prime: u64, degree: usize, words: &[u64]) {
        let modulus = Modulus::<W>::new(W::from_u64(prime));
        let ntt = Ntt::new(modulus, degree);
        let row = |words: &[u64]| {
            let reduced = words.iter().map(|word| W::from_u64(word % prime));
            reduced.collect::<Vec<_>>()
        };
        let (a, b) = (row(&words[..degree]), row(&words[degree..2 * degree]));
        let want = slow_product(&modulus, &a, &b);
        for kernels in Kernels::available() {
            let (mut x, mut y, mut scratch) = (a.clone(), b.clone(), vec![W::ZERO; degree]);
            ntt.forward(kernels, &mut x, &mut scratch);
            ntt.forward(kernels, &mut y, &mut scratch);
            let mut product = vec![W::ZERO; degree];
            for (index, out) in product.iter_mut().enumerate() {
                *out = modulus.multiply(x[index], y[index]);
            }
            ntt.inverse(kernels, &mut product, &mut scratch);
            assert_eq!(product, want, "{}", kernels.name());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn transforms_multiply(words in prop::collection::vec(any::<u64>(), 128)) {
            check_product::<u32>(134_176_769, 8, &words);
            check_product::<u32>(268_369_921, 64, &words);
            check_product::<u64>(36_028_797_018_652_673, 32, &words);
            check_product::<u64>(1_152_921_504_606_830_593, 64, &words);
        }
    }

    #[test]
    fn values_are_at_odd_powers_in_reversed_order() {
        let modulus = Modulus::new(17_u32);
        let ntt = Ntt::new(modulus, 8);
        let mut row = [0, 1, 0, 0, 0, 0, 0, 0];
        ntt.forward(Kernels::portable(), &mut row, &mut [0; 8]);
        let powers = [1, 9, 5, 13, 3, 11, 7, 15].map(|power| modulus.power(3, power));
        assert_eq!(row, powers);
    }
}
