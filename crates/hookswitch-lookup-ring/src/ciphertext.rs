//! Ciphertexts in memory.

use alloc::vec::Vec;

use crate::context::Context;
use crate::drbg::SEED_BYTES;
use crate::poly::{Coefficients, Poly, Values};
use crate::sample;
use crate::word::Word;

/// A ciphertext: two polynomials, or three after a product.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ciphertext<W, F> {
    polys: Vec<Poly<W, F>>,
}

/// A fresh ciphertext as it travels: its first polynomial, and the seed of the second.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seeded<W, F> {
    /// The first polynomial.
    pub first: Poly<W, F>,
    /// The seed; [`sample::uniform`] gives the values of the second polynomial.
    pub seed: [u8; SEED_BYTES],
}

impl<W: Word, F> Ciphertext<W, F> {
    /// A ciphertext of these polynomials, which have the same moduli.
    pub fn new(polys: Vec<Poly<W, F>>) -> Self {
        Self { polys }
    }

    /// The polynomials.
    pub fn polys(&self) -> &[Poly<W, F>] {
        &self.polys
    }

    /// The polynomials.
    pub fn polys_mut(&mut self) -> &mut Vec<Poly<W, F>> {
        &mut self.polys
    }

    /// The polynomials.
    pub fn into_polys(self) -> Vec<Poly<W, F>> {
        self.polys
    }

    /// How many moduli its polynomials have.
    pub fn moduli(&self) -> usize {
        self.polys[0].moduli()
    }

    /// Adds a ciphertext.
    pub fn add(&mut self, context: &Context<W>, other: &Self) {
        for (poly, other) in self.polys.iter_mut().zip(&other.polys) {
            poly.add(context.kernels(), context.basis(), other);
        }
    }

    /// Subtracts a ciphertext.
    pub fn subtract(&mut self, context: &Context<W>, other: &Self) {
        for (poly, other) in self.polys.iter_mut().zip(&other.polys) {
            poly.subtract(context.kernels(), context.basis(), other);
        }
    }
}

impl<W: Word> Ciphertext<W, Coefficients> {
    /// The same ciphertext by values.
    pub fn into_values(self, context: &Context<W>) -> Ciphertext<W, Values> {
        let (kernels, basis) = (context.kernels(), context.basis());
        let polys = self.polys.into_iter();
        Ciphertext::new(polys.map(|p| p.into_values(kernels, basis)).collect())
    }

    /// Switches to the first modulus alone, the form of an answer.
    pub fn switch_to_first(&mut self, context: &Context<W>) {
        while self.moduli() > 1 {
            let last = self.moduli() - 1;
            for poly in &mut self.polys {
                context.divide_last(poly, last);
            }
        }
    }
}

impl<W: Word> Ciphertext<W, Values> {
    /// The same ciphertext by coefficients.
    pub fn into_coefficients(self, context: &Context<W>) -> Ciphertext<W, Coefficients> {
        let (kernels, basis) = (context.kernels(), context.basis());
        let polys = self.polys.into_iter();
        Ciphertext::new(polys.map(|p| p.into_coefficients(kernels, basis)).collect())
    }
}

impl<W: Word> Seeded<W, Coefficients> {
    /// The whole ciphertext.
    pub fn expand(&self, context: &Context<W>) -> Ciphertext<W, Coefficients> {
        let basis = &context.basis()[..self.first.moduli()];
        let second = sample::uniform(basis, context.degree(), &self.seed);
        let second = second.into_coefficients(context.kernels(), basis);
        Ciphertext::new(alloc::vec![self.first.clone(), second])
    }
}

impl<W: Word> Seeded<W, Values> {
    /// The whole ciphertext.
    pub fn expand(&self, context: &Context<W>) -> Ciphertext<W, Values> {
        let basis = &context.basis()[..self.first.moduli()];
        let second = sample::uniform(basis, context.degree(), &self.seed);
        Ciphertext::new(alloc::vec![self.first.clone(), second])
    }
}
