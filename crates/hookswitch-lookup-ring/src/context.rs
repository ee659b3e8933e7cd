//! Everything that follows from the parameters: transforms, constants and the kernels to use.

use alloc::vec::Vec;

use crate::behz::Behz;
use crate::error::Error;
use crate::kernels::{self, Kernels};
use crate::modulus::{Constant, Modulus};
use crate::ntt::Ntt;
use crate::parameters::Parameters;
use crate::poly::{Coefficients, Poly, Values};
use crate::secret::Rounding;
use crate::word::Word;

/// What is computed once for a parameter set.
#[derive(Clone, Debug)]
pub struct Context<W> {
    parameters: Parameters,
    kernels: Kernels,
    plaintext: Modulus<W>,
    basis: Vec<Ntt<W>>,
    /// For each modulus, its inverse modulo each modulus before it.
    inverses: Vec<Vec<Constant<W>>>,
    behz: Behz<W>,
    rounding: Vec<Rounding<W>>,
}

impl<W: Word> Context<W> {
    /// The context of parameters, with these kernels.
    ///
    /// # Errors
    ///
    /// When a modulus does not fit the word.
    pub fn new(parameters: Parameters, kernels: Kernels) -> Result<Self, Error> {
        let moduli = parameters.coefficient_moduli();
        if moduli.iter().any(|q| *q >> (W::BITS - 2) != 0) {
            return Err(Error::CoefficientModulus);
        }
        let degree = parameters.degree();
        let plaintext = Modulus::new(W::from_u64(parameters.plaintext_modulus()));
        let ntt = |modulus: &u64| Ntt::new(Modulus::new(W::from_u64(*modulus)), degree);
        let basis = moduli.iter().map(ntt).collect::<Vec<_>>();
        let level = basis.len() - 1;
        let inverse = |of: &Ntt<W>, modulus: &Modulus<W>| {
            let inverse = modulus.inverse(modulus.reduce(of.modulus().value()));
            modulus.constant(inverse.expect("the moduli are different primes"))
        };
        let inverses = basis.iter().enumerate().map(|(index, last)| {
            let before = basis[..index].iter();
            before.map(|ntt| inverse(last, ntt.modulus())).collect()
        });
        let rounding = (1..=level).map(|level| Rounding::new(&basis[..level], &plaintext));
        Ok(Self {
            kernels,
            inverses: inverses.collect(),
            behz: Behz::new(&basis[..level], &plaintext, degree),
            rounding: rounding.collect(),
            plaintext,
            basis,
            parameters,
        })
    }

    /// The parameters.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The degree of the ring.
    pub fn degree(&self) -> usize {
        self.parameters.degree()
    }

    /// The kernels in use.
    pub fn kernels(&self) -> Kernels {
        self.kernels
    }

    /// The plaintext modulus.
    pub fn plaintext_modulus(&self) -> &Modulus<W> {
        &self.plaintext
    }

    /// The transforms of all moduli; the last serves key switching only.
    pub fn basis(&self) -> &[Ntt<W>] {
        &self.basis
    }

    /// The transforms of the moduli of a ciphertext.
    pub fn ciphertext_basis(&self) -> &[Ntt<W>] {
        &self.basis[..self.level()]
    }

    /// How many moduli a fresh ciphertext has.
    pub fn level(&self) -> usize {
        self.basis.len() - 1
    }

    /// The constants of the ciphertext product.
    pub fn behz(&self) -> &Behz<W> {
        &self.behz
    }

    /// The constants of decryption for this many moduli.
    pub(crate) fn rounding(&self, moduli: usize) -> &Rounding<W> {
        &self.rounding[moduli - 1]
    }

    /// Divides by the modulus of the last row and rounds, modulo the others; drops the row. The row
    /// belongs to modulus number `last`, the others to the first moduli.
    ///
    /// Algorithm 2 of ePrint 2018/931 (`divideAndRoundQLast` of `PolyRq.swift`).
    pub fn divide_last(&self, poly: &mut Poly<W, Coefficients>, last: usize) {
        let kept = poly.moduli() - 1;
        self.divide_last_row(poly.words_mut(), last);
        poly.truncate(kept);
    }

    /// [`Context::divide_last`] on the rows themselves; the last one is left as it comes.
    pub(crate) fn divide_last_row(&self, words: &mut [W], last: usize) {
        let modulus = self.basis[last].modulus();
        let half = modulus.value().shift_right(1);
        let (rows, row) = words.split_at_mut(words.len() - self.parameters.degree());
        kernels::shift(self.kernels, modulus, half, row);
        let rows = rows.chunks_exact_mut(self.parameters.degree());
        for ((kept, ntt), inverse) in rows.zip(&self.basis).zip(&self.inverses[last]) {
            kernels::divide_last(self.kernels, ntt.modulus(), half, *inverse, row, kept);
        }
    }

    /// A plaintext as the server multiplies it: values above half the plaintext modulus count as
    /// negative. The rest of the coefficients is 0.
    ///
    /// # Errors
    ///
    /// When a value is not below the plaintext modulus or there are more than the degree.
    pub fn encode(&self, plaintext: &[u64]) -> Result<Poly<W, Values>, Error> {
        let t = self.parameters.plaintext_modulus();
        if plaintext.len() > self.degree() || plaintext.iter().any(|value| *value >= t) {
            return Err(Error::Plaintext);
        }
        let basis = self.ciphertext_basis();
        let mut poly = Poly::<W, Coefficients>::zero(self.degree(), basis.len());
        for (row, ntt) in poly.rows_mut().zip(basis) {
            let shift = ntt.modulus().value().to_u64() - t;
            for (word, value) in row.iter_mut().zip(plaintext) {
                *word = W::from_u64(value + shift * u64::from(*value > t / 2));
            }
        }
        Ok(poly.into_values(self.kernels, basis))
    }

    /// The plaintext that [`Context::encode`] was given, padded with 0 to the degree.
    ///
    /// # Errors
    ///
    /// When the polynomial is no encoded plaintext.
    pub fn decode(&self, poly: &Poly<W, Values>) -> Result<Vec<u64>, Error> {
        let t = self.parameters.plaintext_modulus();
        let basis = &self.basis[..1];
        let first = Poly::<W, Values>::from_words(self.degree(), poly.row(0).to_vec());
        let first = first.into_coefficients(self.kernels, basis);
        let q = basis[0].modulus().value().to_u64();
        let value = |word: &W| match word.to_u64() {
            value if value <= t / 2 => Ok(value),
            value if value >= q - t / 2 => Ok(value - (q - t)),
            _ => Err(Error::Plaintext),
        };
        first.words().iter().map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Predefined;

    #[test]
    fn plaintexts_go_both_ways() {
        let set = Predefined::named("n_4096_logq_27_28_28_logt_5").expect("a set");
        for kernels in Kernels::available() {
            let context = Context::<u32>::new(set.parameters(), kernels).expect("it fits");
            let plaintext = (0..4096).map(|n| n % 17).collect::<Vec<_>>();
            let poly = context.encode(&plaintext).expect("it fits");
            assert_eq!(context.decode(&poly), Ok(plaintext));
            assert_eq!(context.encode(&[17]).err(), Some(Error::Plaintext));
        }
        let wide = Predefined::named("n_8192_logq_3x55_logt_24").expect("a set");
        let refused = Context::<u32>::new(wide.parameters(), Kernels::portable());
        assert_eq!(refused.err(), Some(Error::CoefficientModulus));
    }
}
