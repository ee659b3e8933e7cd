//! Polynomials modulo several primes.
//!
//! A polynomial is one row of `N` words for each modulus. Its form is part of its type: the
//! coefficients, or the values that the transform gives. Both are written in the same way, and
//! mixing them up would be silent.

use alloc::vec;
use alloc::vec::Vec;
use core::marker::PhantomData;

use zeroize::Zeroize;

use crate::kernels::{self, Kernels};
use crate::ntt::Ntt;
use crate::word::Word;

/// The form of a polynomial: its coefficients.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Coefficients {}

/// The form of a polynomial: its values at the roots of unity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Values {}

/// A polynomial of degree below `N` modulo several primes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Poly<W, F> {
    degree: usize,
    words: Vec<W>,
    form: PhantomData<F>,
}

impl<W: Word, F> Poly<W, F> {
    /// The polynomial 0 for this many moduli.
    pub fn zero(degree: usize, moduli: usize) -> Self {
        Self::from_words(degree, vec![W::ZERO; degree * moduli])
    }

    /// A polynomial from its rows, one after the other.
    ///
    /// # Panics
    ///
    /// When the words are no whole number of rows.
    pub fn from_words(degree: usize, words: Vec<W>) -> Self {
        assert!(words.len().is_multiple_of(degree), "rows are whole");
        Self {
            degree,
            words,
            form: PhantomData,
        }
    }

    /// The degree of the ring.
    pub fn degree(&self) -> usize {
        self.degree
    }

    /// How many moduli there are.
    pub fn moduli(&self) -> usize {
        self.words.len() / self.degree
    }

    /// All rows, one after the other.
    pub fn words(&self) -> &[W] {
        &self.words
    }

    /// All rows, one after the other.
    pub fn words_mut(&mut self) -> &mut [W] {
        &mut self.words
    }

    /// The row of a modulus.
    pub fn row(&self, modulus: usize) -> &[W] {
        &self.words[modulus * self.degree..][..self.degree]
    }

    /// The row of a modulus.
    pub fn row_mut(&mut self, modulus: usize) -> &mut [W] {
        &mut self.words[modulus * self.degree..][..self.degree]
    }

    /// Every row.
    pub fn rows(&self) -> impl Iterator<Item = &[W]> {
        self.words.chunks_exact(self.degree)
    }

    /// Every row.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut [W]> {
        self.words.chunks_exact_mut(self.degree)
    }

    /// Keeps the rows of the first moduli only.
    pub fn truncate(&mut self, moduli: usize) {
        self.words.truncate(moduli * self.degree);
    }

    /// Adds a polynomial of the same form.
    pub fn add(&mut self, kernels: Kernels, basis: &[Ntt<W>], other: &Self) {
        for ((row, other), ntt) in self.rows_mut().zip(other.rows()).zip(basis) {
            kernels::add_row(kernels, ntt.modulus(), row, other);
        }
    }

    /// Subtracts a polynomial of the same form.
    pub fn subtract(&mut self, kernels: Kernels, basis: &[Ntt<W>], other: &Self) {
        for ((row, other), ntt) in self.rows_mut().zip(other.rows()).zip(basis) {
            kernels::subtract_row(kernels, ntt.modulus(), row, other);
        }
    }

    /// Changes the sign.
    pub fn negate(&mut self, basis: &[Ntt<W>]) {
        for (row, ntt) in self.rows_mut().zip(basis) {
            for word in row {
                *word = ntt.modulus().negate(*word);
            }
        }
    }

    /// Overwrites every word with zero.
    pub fn wipe(&mut self) {
        self.words.zeroize();
    }

    fn into_form<G>(self) -> Poly<W, G> {
        Poly::from_words(self.degree, self.words)
    }
}

impl<W: Word> Poly<W, Coefficients> {
    /// The values of the polynomial.
    pub fn into_values(mut self, kernels: Kernels, basis: &[Ntt<W>]) -> Poly<W, Values> {
        let mut scratch = vec![W::ZERO; self.degree];
        for (row, ntt) in self.rows_mut().zip(basis) {
            ntt.forward(kernels, row, &mut scratch);
        }
        self.into_form()
    }
}

impl<W: Word> Poly<W, Values> {
    /// The coefficients of the polynomial.
    pub fn into_coefficients(
        mut self,
        kernels: Kernels,
        basis: &[Ntt<W>],
    ) -> Poly<W, Coefficients> {
        let mut scratch = vec![W::ZERO; self.degree];
        for (row, ntt) in self.rows_mut().zip(basis) {
            ntt.inverse(kernels, row, &mut scratch);
        }
        self.into_form()
    }

    /// Multiplies by a polynomial that may have more rows.
    pub fn multiply(&mut self, basis: &[Ntt<W>], other: &Self) {
        for ((row, other), ntt) in self.rows_mut().zip(other.rows()).zip(basis) {
            for (word, other) in row.iter_mut().zip(other) {
                *word = ntt.modulus().multiply(*word, *other);
            }
        }
    }
}
