//! The client's side of the scheme: the secret key, encryption, evaluation keys, decryption.
//!
//! # Promises
//!
//! - **C1** what is computed from the secret key, the errors and the plaintext takes a time that
//!   does not depend on them: products and conditional subtractions without branches, and no
//!   division.
//! - **C2** a secret key and its powers are wiped when they are dropped; `Debug` shows nothing of
//!   them.
//! - **C3** every seed that travels is fresh, and no error shares chance with a seed.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroize;

use crate::ciphertext::{Ciphertext, Seeded};
use crate::context::Context;
use crate::error::Error;
use crate::galois;
use crate::keys::{SeededEvaluationKey, SeededKeySwitchKey};
use crate::modulus::{Constant, Modulus};
use crate::ntt::Ntt;
use crate::poly::{Coefficients, Poly, Values};
use crate::sample::{self, Random};
use crate::word::Word;

/// A secret key, by values modulo all moduli.
pub struct SecretKey<W: Word> {
    values: Poly<W, Values>,
}

impl<W: Word> fmt::Debug for SecretKey<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl<W: Word> Drop for SecretKey<W> {
    fn drop(&mut self) {
        self.values.wipe();
    }
}

/// How far a ciphertext of one modulus is from a wrong decryption.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Noise {
    /// The modulus.
    pub modulus: u64,
    /// The largest error times the plaintext modulus; decryption is right below half the modulus.
    pub largest: u64,
}

impl<W: Word> SecretKey<W> {
    /// A fresh key.
    pub fn generate(context: &Context<W>, random: &mut dyn Random) -> Self {
        let poly = sample::ternary(context.basis(), context.degree(), random);
        Self::from_values(poly.into_values(context.kernels(), context.basis()))
    }

    /// A key from its values modulo all moduli.
    pub fn from_values(values: Poly<W, Values>) -> Self {
        Self { values }
    }

    /// Its values, to be kept where nobody else reads.
    pub fn expose(&self) -> &Poly<W, Values> {
        &self.values
    }

    /// Encrypts 0 modulo the moduli of `basis`, by coefficients.
    fn encrypt_zero(
        &self,
        context: &Context<W>,
        basis: &[Ntt<W>],
        random: &mut dyn Random,
    ) -> Seeded<W, Coefficients> {
        let kernels = context.kernels();
        let seed = sample::seed(random);
        let mut product = sample::uniform(basis, context.degree(), &seed);
        product.multiply(basis, &self.values);
        let mut first = product.into_coefficients(kernels, basis);
        let mut error = sample::error(basis, context.degree(), random);
        first.add(kernels, basis, &error);
        error.wipe();
        first.negate(basis);
        Seeded { first, seed }
    }

    /// Encrypts plaintext coefficients; the rest up to the degree is 0.
    ///
    /// # Errors
    ///
    /// When there are more than the degree, or one is not below the plaintext modulus.
    pub fn encrypt(
        &self,
        context: &Context<W>,
        plaintext: &[u64],
        random: &mut dyn Random,
    ) -> Result<Seeded<W, Coefficients>, Error> {
        let t = context.parameters().plaintext_modulus();
        if plaintext.len() > context.degree() || plaintext.iter().any(|value| *value >= t) {
            return Err(Error::Plaintext);
        }
        let basis = context.ciphertext_basis();
        let mut ciphertext = self.encrypt_zero(context, basis, random);
        let scaling = Scaling::new(context);
        for (index, value) in plaintext.iter().enumerate() {
            let value = W::from_u64(*value);
            let rounding = scaling.rounding(context.plaintext_modulus(), value);
            for (ntt, (row, delta)) in basis.iter().zip(scaling.delta.iter().enumerate()) {
                let modulus = ntt.modulus();
                let scaled = modulus.add(modulus.times(value, *delta), rounding);
                let word = &mut ciphertext.first.row_mut(row)[index];
                *word = modulus.add(*word, scaled);
            }
        }
        Ok(ciphertext)
    }

    /// The keys with which a server can apply these Galois elements and relinearize.
    ///
    /// # Errors
    ///
    /// When an element is not of the group.
    pub fn evaluation_key(
        &self,
        context: &Context<W>,
        elements: &[u32],
        random: &mut dyn Random,
    ) -> Result<SeededEvaluationKey<W>, Error> {
        let (kernels, basis) = (context.kernels(), context.basis());
        let mut galois = Vec::with_capacity(elements.len());
        let mut secret = self.values.clone().into_coefficients(kernels, basis);
        let mut both = vec![W::ZERO; 2 * context.degree()];
        for element in elements {
            galois::check(*element, context.degree())?;
            let image = galois::apply(context, &secret, *element, &mut both);
            let image = image.into_values(kernels, basis);
            galois.push((*element, self.switch_from(context, image, random)));
        }
        secret.wipe();
        both.zeroize();
        let mut square = self.values.clone();
        square.multiply(basis, &self.values);
        Ok(SeededEvaluationKey {
            galois,
            relinearization: Some(self.switch_from(context, square, random)),
        })
    }

    /// The key that switches from `old` to this key.
    fn switch_from(
        &self,
        context: &Context<W>,
        mut old: Poly<W, Values>,
        random: &mut dyn Random,
    ) -> SeededKeySwitchKey<W> {
        let basis = context.basis();
        let special = basis[context.level()].modulus().value();
        let mut rows = Vec::with_capacity(context.level());
        for index in 0..context.level() {
            let zero = self.encrypt_zero(context, basis, random);
            let mut first = zero.first.into_values(context.kernels(), basis);
            let modulus = basis[index].modulus();
            let factor = modulus.constant(modulus.reduce(special));
            for (word, old) in first.row_mut(index).iter_mut().zip(old.row(index)) {
                *word = modulus.add(*word, modulus.times(*old, factor));
            }
            let seed = zero.seed;
            rows.push(Seeded { first, seed });
        }
        old.wipe();
        rows
    }

    /// What the ciphertext hides: one value for each coefficient.
    pub fn decrypt(
        &self,
        context: &Context<W>,
        ciphertext: &Ciphertext<W, Coefficients>,
    ) -> Vec<u64> {
        let mut phase = self.phase(context, ciphertext);
        let rounding = context.rounding(phase.moduli());
        let plaintext = rounding.plaintext(context.plaintext_modulus(), context.basis(), &phase);
        phase.wipe();
        plaintext
    }

    /// How much noise an answer carries. Not constant time; for measurements.
    pub fn noise(&self, context: &Context<W>, ciphertext: &Ciphertext<W, Coefficients>) -> Noise {
        let phase = self.phase(context, ciphertext);
        let modulus = context.basis()[0].modulus();
        let q = modulus.value().to_u64();
        let noise = phase.row(0).iter().map(|word| {
            let noise = modulus.multiply(*word, context.plaintext_modulus().value());
            noise.to_u64().min(q - noise.to_u64())
        });
        Noise {
            modulus: q,
            largest: noise.max().unwrap_or(0),
        }
    }

    /// The first polynomial plus the others times the powers of the key, by coefficients.
    fn phase(
        &self,
        context: &Context<W>,
        ciphertext: &Ciphertext<W, Coefficients>,
    ) -> Poly<W, Coefficients> {
        let kernels = context.kernels();
        let basis = &context.basis()[..ciphertext.moduli()];
        let values = ciphertext.clone().into_values(context);
        let mut power = self.values.clone();
        let mut polys = values.into_polys().into_iter();
        let mut phase = polys.next().expect("a ciphertext has polynomials");
        for mut poly in polys {
            poly.multiply(basis, &power);
            phase.add(kernels, basis, &poly);
            power.multiply(context.basis(), &self.values);
        }
        power.wipe();
        phase.into_coefficients(kernels, basis)
    }
}

/// The constants of `round(q m / t)`.
struct Scaling<W> {
    /// `floor(q/t)` modulo each ciphertext modulus.
    delta: Vec<Constant<W>>,
    /// `q` modulo `t`.
    remainder: W,
    /// Half of `t`, rounded up.
    half: W,
    /// The inverse of `t` modulo two to the bits of the word.
    inverse: W,
}

impl<W: Word> Scaling<W> {
    fn new(context: &Context<W>) -> Self {
        let t = context.plaintext_modulus();
        let basis = context.ciphertext_basis();
        let remainder = t.product(basis.iter().map(|ntt| ntt.modulus().value()));
        // q = t * floor(q/t) + remainder, and q is 0 modulo each of its primes.
        let delta = basis.iter().map(|ntt| {
            let modulus = ntt.modulus();
            let inverse = modulus.inverse(modulus.reduce(t.value()));
            let inverse = inverse.expect("the plaintext modulus is below every prime");
            let quotient = modulus.multiply(modulus.negate(modulus.reduce(remainder)), inverse);
            modulus.constant(quotient)
        });
        // Newton's iteration doubles the right bits: 5, 10, 20, 40, 80.
        let t = t.value();
        let three = W::ONE.plus(W::ONE).plus(W::ONE);
        let mut inverse = t.times(three).plus(W::ZERO);
        inverse = W::from_u64(inverse.to_u64() ^ 2);
        for _ in 0..4 {
            let two = W::ONE.plus(W::ONE);
            inverse = inverse.times(two.minus(t.times(inverse)));
        }
        Self {
            delta: delta.collect(),
            remainder,
            half: t.plus(W::ONE).shift_right(1),
            inverse,
        }
    }

    /// `floor((remainder * value + half) / t)`: less the remainder, the division is exact, so it is
    /// a product with the inverse of the odd `t`.
    #[inline]
    fn rounding(&self, t: &Modulus<W>, value: W) -> W {
        let sum = W::wide_plus(self.remainder.times_wide(value), self.half.widen());
        let rest = t.reduce_wide(sum);
        W::wide_low(sum).minus(rest).times(self.inverse)
    }
}

/// The constants of `round(t x / q)` for some moduli, in the base of those moduli: the division
/// runs over `t` and the correction factor `gamma` (algorithm 2 of ePrint 2016/510).
#[derive(Clone, Debug)]
pub(crate) struct Rounding<W> {
    /// `gamma t (q/q_i)^-1` modulo `q_i`.
    scale: Vec<Constant<W>>,
    gamma: Modulus<W>,
    /// `q/q_i` modulo `t` and modulo `gamma`.
    factors: [Vec<W>; 2],
    /// `-q^-1` modulo `t` and modulo `gamma`.
    minus_inverse: [Constant<W>; 2],
    /// `gamma^-1` modulo `t`.
    gamma_inverse: Constant<W>,
}

impl<W: Word> Rounding<W> {
    pub(crate) fn new(basis: &[Ntt<W>], t: &Modulus<W>) -> Self {
        let gamma = Modulus::new(W::GAMMA);
        let values = || basis.iter().map(|ntt| ntt.modulus().value());
        let punctured = |without: usize, modulus: &Modulus<W>| {
            let others = values().enumerate().filter(|(i, _)| *i != without);
            modulus.product(others.map(|(_, value)| value))
        };
        let inverse =
            |modulus: &Modulus<W>, of: W| modulus.inverse(of).expect("the moduli share no prime");
        let scale = basis.iter().enumerate().map(|(index, ntt)| {
            let modulus = ntt.modulus();
            let inverse = inverse(modulus, punctured(index, modulus));
            modulus.constant(modulus.product([W::GAMMA, t.value(), inverse]))
        });
        let each = [t, &gamma];
        let factors =
            |modulus: &Modulus<W>| (0..basis.len()).map(|i| punctured(i, modulus)).collect();
        let minus_inverse = |modulus: &Modulus<W>| {
            let q = modulus.product(values());
            modulus.constant(modulus.negate(inverse(modulus, q)))
        };
        Self {
            scale: scale.collect(),
            factors: each.map(factors),
            minus_inverse: each.map(minus_inverse),
            gamma_inverse: t.constant(inverse(t, t.reduce(W::GAMMA))),
            gamma,
        }
    }

    fn plaintext(
        &self,
        t: &Modulus<W>,
        basis: &[Ntt<W>],
        phase: &Poly<W, Coefficients>,
    ) -> Vec<u64> {
        let coefficient = |index: usize| {
            let mut sums = [W::WIDE_ZERO; 2];
            for (row, scale) in self.scale.iter().enumerate() {
                let scaled = basis[row].modulus().times(phase.row(row)[index], *scale);
                for (sum, factors) in sums.iter_mut().zip(&self.factors) {
                    *sum = W::wide_plus(*sum, scaled.times_wide(factors[row]));
                }
            }
            let in_t = t.times(t.reduce_wide(sums[0]), self.minus_inverse[0]);
            let in_gamma = self.gamma.reduce_wide(sums[1]);
            let in_gamma = self.gamma.times(in_gamma, self.minus_inverse[1]);
            let half = W::GAMMA.shift_right(1);
            let is_negative = half
                .minus(in_gamma)
                .shift_right(W::BITS - 1)
                .spread_low_bit();
            let above = t.reduce(in_gamma);
            let below = t.negate(t.reduce(W::GAMMA.minus(in_gamma)));
            let correction = above.plus(is_negative.and(below.minus(above)));
            t.times(t.subtract(in_t, correction), self.gamma_inverse)
                .to_u64()
        };
        (0..phase.degree()).map(coefficient).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behz::Behz;
    use crate::kernels::Kernels;
    use crate::parameters::{PREDEFINED, Predefined};
    use crate::sample::tests::Fixed;
    use crate::switch;

    #[test]
    fn every_predefined_set_decrypts_what_it_encrypts() {
        for set in PREDEFINED {
            match set.parameters().is_narrow() {
                true => check_round_trip::<u32>(set),
                false => check_round_trip::<u64>(set),
            }
        }
    }

    fn check_round_trip<W: Word>(set: &Predefined) {
        let context = Context::<W>::new(set.parameters(), Kernels::detect()).expect("it fits");
        let mut random = Fixed::new(7);
        let secret = SecretKey::generate(&context, &mut random);
        let t = set.parameters().plaintext_modulus();
        let plaintext = (0..context.degree() as u64).map(|n| (n * n * 77_777 + 3) % t);
        let plaintext = plaintext.collect::<Vec<_>>();
        let ciphertext = secret
            .encrypt(&context, &plaintext, &mut random)
            .expect("it fits");
        let mut ciphertext = ciphertext.expand(&context);
        assert_eq!(
            secret.decrypt(&context, &ciphertext),
            plaintext,
            "{}",
            set.name
        );
        ciphertext.switch_to_first(&context);
        assert_eq!(
            secret.decrypt(&context, &ciphertext),
            plaintext,
            "{}",
            set.name
        );
    }

    #[test]
    fn products_and_automorphisms_reach_the_plaintext() {
        for name in ["n_4096_logq_27_28_28_logt_5", "n_8192_logq_3x55_logt_24"] {
            let set = Predefined::named(name).expect("a set");
            match set.parameters().is_narrow() {
                true => check_product::<u32>(set),
                false => check_product::<u64>(set),
            }
        }
    }

    fn check_product<W: Word>(set: &Predefined) {
        let results = Kernels::available().into_iter().map(|kernels| {
            let context = Context::<W>::new(set.parameters(), kernels).expect("it fits");
            let mut random = Fixed::new(9);
            let secret = SecretKey::generate(&context, &mut random);
            let key = secret
                .evaluation_key(&context, &[3], &mut random)
                .expect("an element");
            let key = key.expand(&context);
            let mut encrypt = |plaintext: &[u64]| {
                let seeded = secret.encrypt(&context, plaintext, &mut random);
                seeded.expect("it fits").expand(&context)
            };
            // (2 + X) * 5X^(N-1) = 10 X^(N-1) - 5
            let mut high = alloc::vec![0; context.degree()];
            high[context.degree() - 1] = 5;
            let (a, b) = (encrypt(&[2, 1]), encrypt(&high));
            let mut work = switch::Workspace::new(&context);
            let behz: &Behz<W> = context.behz();
            let mut sum = behz.sum();
            let (x, y) = (behz.lift(&context, &a, None), behz.lift(&context, &b, None));
            behz.add_product(&context, &mut sum, &x, &y);
            let product = behz.finish(&context, &sum);
            let product =
                switch::relinearize(&context, product, &key, &mut work).expect("the key is there");
            let t = set.parameters().plaintext_modulus();
            let mut want = alloc::vec![0; context.degree()];
            (want[0], want[context.degree() - 1]) = (t - 5, 10);
            assert_eq!(secret.decrypt(&context, &product), want);
            // X^3 for X: 10 X^(3N-3) = 10 X^(N-3), for X^(2N) is 1.
            let image =
                switch::apply_galois(&context, &product, 3, &key, &mut work).expect("an element");
            (want[context.degree() - 1], want[context.degree() - 3]) = (0, 10);
            assert_eq!(secret.decrypt(&context, &image), want);
            let missing = switch::apply_galois(&context, &product, 5, &key, &mut work).err();
            assert_eq!(missing, Some(Error::MissingGaloisKey));
            (product, image)
        });
        let results = results.collect::<Vec<_>>();
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
