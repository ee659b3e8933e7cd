//! Switching a ciphertext from one key to another.
//!
//! Hybrid key switching with one special modulus: A. Kim, Y. Polyakov, V. Zucca, "Revisiting
//! homomorphic encryption schemes for finite fields", ePrint 2021/204, appendix B.2.3 with
//! `alpha = 1` (`Bfv+Keys.swift`).

use alloc::vec;
use alloc::vec::Vec;

use crate::ciphertext::Ciphertext;
use crate::context::Context;
use crate::error::Error;
use crate::galois;
use crate::kernels;
use crate::keys::{EvaluationKey, KeySwitchKey};
use crate::poly::{Coefficients, Poly};
use crate::word::Word;

/// Memory that key switching works in. One for each thread saves asking for it each time.
#[derive(Clone, Debug)]
pub struct Workspace<W> {
    digits: Vec<W>,
    scratch: Vec<W>,
    both: Vec<W>,
    product: Vec<W>,
}

impl<W: Word> Workspace<W> {
    /// Memory for a context.
    pub fn new(context: &Context<W>) -> Self {
        let (degree, moduli) = (context.degree(), context.basis().len());
        Self {
            digits: vec![W::ZERO; moduli * moduli * degree],
            scratch: vec![W::ZERO; degree],
            both: vec![W::ZERO; 2 * degree],
            product: vec![W::ZERO; moduli * degree],
        }
    }
}

/// What `poly` times the old key is under the new key: two polynomials by coefficients.
fn switch_key<W: Word>(
    context: &Context<W>,
    poly: &Poly<W, Coefficients>,
    key: &KeySwitchKey<W>,
    work: &mut Workspace<W>,
) -> [Poly<W, Coefficients>; 2] {
    let (kernels, degree, level) = (context.kernels(), context.degree(), poly.moduli());
    let (special, scratch) = (context.level(), &mut work.scratch);
    let place = |row: usize| if row == level { special } else { row };
    let digits = &mut work.digits[..(level + 1) * level * degree];
    for (row, digits) in digits.chunks_exact_mut(level * degree).enumerate() {
        let ntt = &context.basis()[place(row)];
        for (digit, from) in digits.chunks_exact_mut(degree).zip(poly.rows()) {
            kernels::reduce_row(kernels, ntt.modulus(), from, digit);
            ntt.forward(kernels, digit, scratch);
        }
    }
    [0, 1].map(|index| {
        let product = &mut work.product[..(level + 1) * degree];
        let rows = product.chunks_exact_mut(degree);
        for ((row, product), digits) in rows.enumerate().zip(digits.chunks_exact(level * degree)) {
            let ntt = &context.basis()[place(row)];
            let keys = key
                .rows()
                .iter()
                .map(|key| key.polys()[index].row(place(row)));
            let pairs = digits.chunks_exact(degree).zip(keys).collect::<Vec<_>>();
            kernels::dot(kernels, ntt.modulus(), &pairs, product);
            ntt.inverse(kernels, product, scratch);
        }
        context.divide_last_row(product, special);
        Poly::from_words(degree, product[..level * degree].to_vec())
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
    work: &mut Workspace<W>,
) -> Result<Ciphertext<W, Coefficients>, Error> {
    let key = key.galois(element).ok_or(Error::MissingGaloisKey)?;
    let [first, second] = ciphertext.polys() else {
        return Err(Error::PolyCount);
    };
    let mut image = galois::apply(context, first, element, &mut work.both);
    let second = galois::apply(context, second, element, &mut work.both);
    let [update, second] = switch_key(context, &second, key, work);
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
    work: &mut Workspace<W>,
) -> Result<Ciphertext<W, Coefficients>, Error> {
    let key = key
        .relinearization()
        .ok_or(Error::MissingRelinearizationKey)?;
    let polys = <[_; 3]>::try_from(ciphertext.into_polys()).map_err(|_| Error::PolyCount)?;
    let [first, second, third] = polys;
    let update = switch_key(context, &third, key, work).to_vec();
    let mut result = Ciphertext::new(vec![first, second]);
    result.add(context, &Ciphertext::new(update));
    Ok(result)
}
