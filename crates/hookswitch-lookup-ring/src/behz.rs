//! The product of two ciphertexts: base extension, product, division by `q/t`, and back.
//!
//! Input: ciphertexts by coefficients modulo `q`. Output: a ciphertext of three polynomials by
//! coefficients modulo `q`, which decrypts to the product.
//!
//! J.-C. Bajard, J. Eynard, M. A. Hasan, V. Zucca, "A full RNS variant of FV like somewhat
//! homomorphic encryption schemes", ePrint 2016/510, in the form of swift-homomorphic-encryption
//! (`RnsTool.swift`, `RnsBaseConverter.swift`, `Bfv+Multiply.swift`). Names follow the paper: `B`
//! and `m_sk` are the auxiliary primes, `m~` a power of two.
//!
//! # Promises
//!
//! - **B1** the choice of auxiliary primes and the approximations are those of Apple's library, so
//!   the result is the same bit for bit.

use alloc::vec;
use alloc::vec::Vec;

use crate::ciphertext::Ciphertext;
use crate::context::Context;
use crate::kernels;
use crate::kernels::Kernels;
use crate::modulus::{Constant, Modulus, primes};
use crate::ntt::Ntt;
use crate::poly::{Coefficients, Poly, Values};
use crate::word::Word;

/// The constants of the product.
#[derive(Clone, Debug)]
pub struct Behz<W> {
    degree: usize,
    /// The auxiliary primes; the last is `m_sk`.
    auxiliary: Vec<Ntt<W>>,
    m_tilde: Modulus<W>,
    /// `t`, modulo each `q` and then each auxiliary prime.
    plaintext: Vec<Constant<W>>,
    /// `m~ (q/q_i)^-1` modulo `q_i`.
    lift_scale: Vec<Constant<W>>,
    /// From `q` to the auxiliary primes.
    q_to_auxiliary: Conversion<W>,
    /// `q/q_i` modulo `m~`.
    q_to_m_tilde: Vec<W>,
    /// `-q^-1` modulo `m~`.
    minus_q_inverse: Constant<W>,
    /// `q`, `q^-1` and `m~^-1` modulo each auxiliary prime.
    q: Vec<Constant<W>>,
    q_inverse: Vec<Constant<W>>,
    m_tilde_inverse: Vec<Constant<W>>,
    /// From `B` to `m_sk`, and to `q`.
    b_to_m_sk: Conversion<W>,
    b_to_q: Conversion<W>,
    /// `B^-1` modulo `m_sk`.
    b_inverse: Constant<W>,
    /// `-B` modulo each `q_i`.
    minus_b: Vec<Constant<W>>,
}

/// An approximate conversion from one base to another: the result is off by a small multiple of
/// the product of the first base.
#[derive(Clone, Debug)]
struct Conversion<W> {
    /// `(Q/Q_i)^-1` modulo `Q_i`.
    scale: Vec<Constant<W>>,
    /// For each modulus of the other base, `Q/Q_i` modulo it.
    factors: Vec<Vec<W>>,
}

/// A ciphertext by values, modulo `q` and modulo the auxiliary primes.
#[derive(Clone, Debug)]
pub struct Extended<W> {
    polys: [(Poly<W, Values>, Poly<W, Values>); 2],
}

/// Sums of products of extended ciphertexts.
#[derive(Clone, Debug)]
pub struct ProductSum<W: Word> {
    /// For each of the three polynomials, the rows of `q` and then of the auxiliary primes.
    sums: [Vec<W::Wide>; 3],
    /// Products added since the last reduction.
    pending: usize,
}

fn values<W: Word>(basis: &[Ntt<W>]) -> impl Iterator<Item = W> + Clone + '_ {
    basis.iter().map(|ntt| ntt.modulus().value())
}

/// The product of all moduli but one, modulo another.
fn punctured<W: Word>(basis: &[Ntt<W>], without: usize, modulus: &Modulus<W>) -> W {
    let others = values(basis).enumerate().filter(|(i, _)| *i != without);
    modulus.product(others.map(|(_, value)| value))
}

fn inverse<W: Word>(modulus: &Modulus<W>, of: W) -> W {
    modulus.inverse(of).expect("the bases share no prime")
}

impl<W: Word> Conversion<W> {
    fn new(from: &[Ntt<W>], to: &[Modulus<W>]) -> Self {
        let scale = |(index, ntt): (usize, &Ntt<W>)| {
            let modulus = ntt.modulus();
            modulus.constant(inverse(modulus, punctured(from, index, modulus)))
        };
        let factors = |modulus: &Modulus<W>| {
            let factors = (0..from.len()).map(|index| punctured(from, index, modulus));
            factors.collect()
        };
        Self {
            scale: from.iter().enumerate().map(scale).collect(),
            factors: to.iter().map(factors).collect(),
        }
    }
}

/// One row of a conversion: the sum of the scaled rows times their factors.
fn convert_row<W: Word>(
    kernels: Kernels,
    modulus: &Modulus<W>,
    scaled: &Poly<W, Coefficients>,
    factors: &[W],
    sums: &mut [W::Wide],
    row: &mut [W],
) {
    sums.fill(W::WIDE_ZERO);
    for (scaled, factor) in scaled.rows().zip(factors) {
        kernels::scale_add(kernels, sums, scaled, *factor);
    }
    kernels::reduce_sums(kernels, modulus, sums, row);
}

fn scaled<W: Word>(
    kernels: Kernels,
    basis: &[Ntt<W>],
    mut poly: Poly<W, Coefficients>,
    scale: &[Constant<W>],
) -> Poly<W, Coefficients> {
    for ((row, ntt), scale) in poly.rows_mut().zip(basis).zip(scale) {
        kernels::scale(kernels, ntt.modulus(), *scale, row);
    }
    poly
}

impl<W: Word> Behz<W> {
    /// The constants for these ciphertext moduli.
    pub fn new(basis: &[Ntt<W>], plaintext: &Modulus<W>, degree: usize) -> Self {
        let primes = primes(W::AUXILIARY_BITS, degree, basis.len() + 1);
        let ntt = |prime: &u64| Ntt::new(Modulus::new(W::from_u64(*prime)), degree);
        let auxiliary = primes.iter().map(ntt).collect::<Vec<_>>();
        let (m_sk, b) = auxiliary.split_last().expect("there is at least one");
        let m_sk = *m_sk.modulus();
        let m_tilde = Modulus::new(W::M_TILDE);
        let q_to_auxiliary = Conversion::new(basis, &moduli(&auxiliary));
        let scale = q_to_auxiliary.scale.iter().zip(basis);
        let lift_scale = scale.map(|(scale, ntt)| {
            let modulus = ntt.modulus();
            modulus.constant(modulus.times(modulus.reduce(W::M_TILDE), *scale))
        });
        let lift_scale = lift_scale.collect();
        let each = |constant: &dyn Fn(&Modulus<W>) -> W| {
            let constants = auxiliary.iter().map(|ntt| ntt.modulus());
            constants
                .map(|m| m.constant(constant(m)))
                .collect::<Vec<_>>()
        };
        let q_mod = |modulus: &Modulus<W>| modulus.product(values(basis));
        let b_mod = |modulus: &Modulus<W>| modulus.product(values(b));
        let q_inverse = inverse(&m_tilde, q_mod(&m_tilde));
        let all = basis.iter().chain(&auxiliary).map(|ntt| ntt.modulus());
        let minus_b = basis.iter().map(|ntt| {
            let modulus = ntt.modulus();
            modulus.constant(modulus.negate(b_mod(modulus)))
        });
        Self {
            degree,
            m_tilde,
            plaintext: all
                .map(|m| m.constant(m.reduce(plaintext.value())))
                .collect(),
            lift_scale,
            q_to_m_tilde: (0..basis.len())
                .map(|index| punctured(basis, index, &m_tilde))
                .collect(),
            minus_q_inverse: m_tilde.constant(m_tilde.negate(q_inverse)),
            q: each(&q_mod),
            q_inverse: each(&|m| inverse(m, q_mod(m))),
            m_tilde_inverse: each(&|m| inverse(m, m.reduce(W::M_TILDE))),
            b_to_m_sk: Conversion::new(b, &[m_sk]),
            b_to_q: Conversion::new(b, &moduli(basis)),
            b_inverse: m_sk.constant(inverse(&m_sk, b_mod(&m_sk))),
            minus_b: minus_b.collect(),
            q_to_auxiliary,
            auxiliary,
        }
    }

    /// The polynomial modulo the auxiliary primes (algorithms 1 and 2 of the paper).
    fn extend(&self, context: &Context<W>, poly: &Poly<W, Coefficients>) -> Poly<W, Coefficients> {
        let kernels = context.kernels();
        let basis = context.ciphertext_basis();
        let scaled = scaled(kernels, basis, poly.clone(), &self.lift_scale);
        let mut sums = vec![W::WIDE_ZERO; self.degree];
        let mut excess = vec![W::ZERO; self.degree];
        let (m_tilde, factors) = (&self.m_tilde, &self.q_to_m_tilde);
        convert_row(kernels, m_tilde, &scaled, factors, &mut sums, &mut excess);
        kernels::scale(kernels, m_tilde, self.minus_q_inverse, &mut excess);
        let mut extended = Poly::zero(self.degree, self.auxiliary.len());
        for (index, row) in extended.rows_mut().enumerate() {
            let modulus = self.auxiliary[index].modulus();
            let factors = &self.q_to_auxiliary.factors[index];
            convert_row(kernels, modulus, &scaled, factors, &mut sums, row);
            let constants = [self.q[index], self.m_tilde_inverse[index]];
            kernels::take_excess(kernels, modulus, constants, &excess, row);
        }
        extended
    }

    /// Lifts a ciphertext of two polynomials. Where its values modulo `q` are known they are given,
    /// which saves their transforms.
    pub fn lift(
        &self,
        context: &Context<W>,
        ciphertext: &Ciphertext<W, Coefficients>,
        known: Option<Ciphertext<W, Values>>,
    ) -> Extended<W> {
        let kernels = context.kernels();
        let values = known.unwrap_or_else(|| ciphertext.clone().into_values(context));
        let mut values = values.into_polys().into_iter();
        let mut next = |poly: &Poly<W, Coefficients>| {
            let auxiliary = self.extend(context, poly);
            (
                values.next().expect("both forms have two polynomials"),
                auxiliary.into_values(kernels, &self.auxiliary),
            )
        };
        let [first, second] = [0, 1].map(|index| next(&ciphertext.polys()[index]));
        Extended {
            polys: [first, second],
        }
    }

    /// An empty sum.
    pub fn sum(&self) -> ProductSum<W> {
        let rows = self.plaintext.len();
        ProductSum {
            sums: core::array::from_fn(|_| vec![W::WIDE_ZERO; rows * self.degree]),
            pending: 0,
        }
    }

    /// Adds the product of two lifted ciphertexts.
    pub fn add_product(
        &self,
        context: &Context<W>,
        sum: &mut ProductSum<W>,
        a: &Extended<W>,
        b: &Extended<W>,
    ) {
        // Two products of numbers below 2^(BITS-2) go to the middle polynomial; seven pairs fit.
        const MOST: usize = 7;
        if sum.pending == MOST {
            self.reduce(context, sum);
        }
        sum.pending += 1;
        let kernels = context.kernels();
        let rows = self.degree * context.level();
        for (i, a) in a.polys.iter().enumerate() {
            for (j, b) in b.polys.iter().enumerate() {
                let (q, auxiliary) = sum.sums[i + j].split_at_mut(rows);
                kernels::multiply_add(kernels, q, a.0.words(), b.0.words());
                kernels::multiply_add(kernels, auxiliary, a.1.words(), b.1.words());
            }
        }
    }

    fn reduce(&self, context: &Context<W>, sum: &mut ProductSum<W>) {
        let all = context.ciphertext_basis().iter().chain(&self.auxiliary);
        for (index, ntt) in all.enumerate() {
            for sums in &mut sum.sums {
                let row = &mut sums[index * self.degree..][..self.degree];
                kernels::reduce_wide_sums(context.kernels(), ntt.modulus(), row);
            }
        }
        sum.pending = 0;
    }

    /// Multiplies the sum by `t/q` and rounds: a ciphertext of three polynomials modulo `q`.
    pub fn finish(&self, context: &Context<W>, sum: &ProductSum<W>) -> Ciphertext<W, Coefficients> {
        let polys = sum.sums.iter().map(|sums| {
            let basis = context.ciphertext_basis();
            let (q, auxiliary) = sums.split_at(basis.len() * self.degree);
            let (t_q, t_auxiliary) = self.plaintext.split_at(basis.len());
            let q = self.scaled_coefficients(context, basis, q, t_q);
            let b = self.scaled_coefficients(context, &self.auxiliary, auxiliary, t_auxiliary);
            self.return_to_q(context, &self.floor(context, q, b))
        });
        Ciphertext::new(polys.collect())
    }

    fn scaled_coefficients(
        &self,
        context: &Context<W>,
        basis: &[Ntt<W>],
        sums: &[W::Wide],
        scale: &[Constant<W>],
    ) -> Poly<W, Coefficients> {
        let kernels = context.kernels();
        let mut poly = Poly::<W, Values>::zero(self.degree, basis.len());
        let rows = poly.rows_mut().zip(sums.chunks_exact(self.degree));
        for (((row, sums), ntt), scale) in rows.zip(basis).zip(scale) {
            kernels::reduce_sums(kernels, ntt.modulus(), sums, row);
            kernels::scale(kernels, ntt.modulus(), *scale, row);
        }
        poly.into_coefficients(kernels, basis)
    }

    /// The floor of the division by `q`, modulo the auxiliary primes, off by less than the number
    /// of moduli (section 4.3 of the paper).
    fn floor(
        &self,
        context: &Context<W>,
        q: Poly<W, Coefficients>,
        mut auxiliary: Poly<W, Coefficients>,
    ) -> Poly<W, Coefficients> {
        let kernels = context.kernels();
        let basis = context.ciphertext_basis();
        let q = scaled(kernels, basis, q, &self.q_to_auxiliary.scale);
        let mut sums = vec![W::WIDE_ZERO; self.degree];
        let mut converted = vec![W::ZERO; self.degree];
        for (index, row) in auxiliary.rows_mut().enumerate() {
            let modulus = self.auxiliary[index].modulus();
            let factors = &self.q_to_auxiliary.factors[index];
            convert_row(kernels, modulus, &q, factors, &mut sums, &mut converted);
            kernels::subtract_row(kernels, modulus, row, &converted);
            kernels::scale(kernels, modulus, self.q_inverse[index], row);
        }
        auxiliary
    }

    /// From the auxiliary primes back to `q`, exactly (Shenoy and Kumaresan; section 4.3).
    fn return_to_q(
        &self,
        context: &Context<W>,
        auxiliary: &Poly<W, Coefficients>,
    ) -> Poly<W, Coefficients> {
        let kernels = context.kernels();
        let (m_sk, b) = self.auxiliary.split_last().expect("there is at least one");
        let mut in_b = auxiliary.clone();
        in_b.truncate(b.len());
        let in_b = scaled(kernels, b, in_b, &self.b_to_m_sk.scale);
        let mut sums = vec![W::WIDE_ZERO; self.degree];
        let mut alpha = vec![W::ZERO; self.degree];
        let factors = &self.b_to_m_sk.factors[0];
        convert_row(
            kernels,
            m_sk.modulus(),
            &in_b,
            factors,
            &mut sums,
            &mut alpha,
        );
        kernels::subtract_row(kernels, m_sk.modulus(), &mut alpha, auxiliary.row(b.len()));
        kernels::scale(kernels, m_sk.modulus(), self.b_inverse, &mut alpha);
        let basis = context.ciphertext_basis();
        let mut poly = Poly::zero(self.degree, basis.len());
        for (index, row) in poly.rows_mut().enumerate() {
            let modulus = basis[index].modulus();
            let factors = &self.b_to_q.factors[index];
            convert_row(kernels, modulus, &in_b, factors, &mut sums, row);
            let (m_sk, minus_b) = (m_sk.modulus().value(), self.minus_b[index]);
            kernels::take_multiples(kernels, modulus, m_sk, minus_b, &alpha, row);
        }
        poly
    }
}

fn moduli<W: Word>(basis: &[Ntt<W>]) -> Vec<Modulus<W>> {
    basis.iter().map(|ntt| *ntt.modulus()).collect()
}
