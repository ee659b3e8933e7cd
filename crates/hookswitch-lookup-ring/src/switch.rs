//! Switching a ciphertext from one key to another.
//!
//! Hybrid key switching with one special modulus: A. Kim, Y. Polyakov, V. Zucca, "Revisiting
//! homomorphic encryption schemes for finite fields", ePrint 2021/204, appendix B.2.3 with
//! `alpha = 1` (`Bfv+Keys.swift`).

use alloc::vec;

use crate::ciphertext::Ciphertext;
use crate::context::Context;
use crate::error::Error;
use crate::galois;
use crate::kernels;
use crate::keys::{EvaluationKey, KeySwitchKey};
use crate::poly::{Coefficients, Poly, Values};
use crate::word::Word;

/// What `poly` times the old key is under the new key: two polynomials by coefficients.
pub fn switch_key<W: Word>(
    context: &Context<W>,
    poly: &Poly<W, Coefficients>,
    key: &KeySwitchKey<W>,
) -> [Poly<W, Coefficients>; 2] {
    let (kernels, degree) = (context.kernels(), context.degree());
    let (level, special) = (poly.moduli(), context.level());
    let mut products = [0, 1].map(|_| Poly::<W, Values>::zero(degree, level + 1));
    let mut digit = vec![W::ZERO; degree];
    let mut scratch = vec![W::ZERO; degree];
    let mut sums = [0, 1].map(|_| vec![W::WIDE_ZERO; degree]);
    for row in 0..=level {
        let place = if row == level { special } else { row };
        let ntt = &context.basis()[place];
        for sums in &mut sums {
            sums.fill(W::WIDE_ZERO);
        }
        for (from, key) in key.rows().iter().enumerate().take(level) {
            kernels::reduce_row(kernels, ntt.modulus(), poly.row(from), &mut digit);
            ntt.forward(kernels, &mut digit, &mut scratch);
            for (sums, key) in sums.iter_mut().zip(key.polys()) {
                kernels::multiply_add(kernels, sums, &digit, key.row(place));
            }
        }
        for (product, sums) in products.iter_mut().zip(&sums) {
            kernels::reduce_sums(kernels, ntt.modulus(), sums, product.row_mut(row));
            ntt.inverse(kernels, product.row_mut(row), &mut scratch);
        }
    }
    products.map(|product| {
        let mut product = Poly::from_words(degree, product.words().to_vec());
        context.divide_last(&mut product, special);
        product
    })
}

/// Puts `X^element` for `X` in what the ciphertext hides.
///
/// # Errors
///
/// When the evaluation key lacks the element.
pub fn apply_galois<W: Word>(
    context: &Context<W>,
    ciphertext: &Ciphertext<W, Coefficients>,
    element: u32,
    key: &EvaluationKey<W>,
) -> Result<Ciphertext<W, Coefficients>, Error> {
    let key = key.galois(element).ok_or(Error::MissingGaloisKey)?;
    let [first, second] = ciphertext.polys() else {
        return Err(Error::PolyCount);
    };
    let mut image = galois::apply(context, first, element);
    let second = galois::apply(context, second, element);
    let [update, second] = switch_key(context, &second, key);
    image.add(context.kernels(), context.basis(), &update);
    Ok(Ciphertext::new(vec![image, second]))
}

/// Brings a product back to two polynomials.
///
/// # Errors
///
/// When the evaluation key has no relinearization key, or the ciphertext has not three
/// polynomials.
pub fn relinearize<W: Word>(
    context: &Context<W>,
    ciphertext: Ciphertext<W, Coefficients>,
    key: &EvaluationKey<W>,
) -> Result<Ciphertext<W, Coefficients>, Error> {
    let key = key
        .relinearization()
        .ok_or(Error::MissingRelinearizationKey)?;
    let polys = <[_; 3]>::try_from(ciphertext.into_polys()).map_err(|_| Error::PolyCount)?;
    let [first, second, third] = polys;
    let update = switch_key(context, &third, key).to_vec();
    let mut result = Ciphertext::new(vec![first, second]);
    result.add(context, &Ciphertext::new(update));
    Ok(result)
}
