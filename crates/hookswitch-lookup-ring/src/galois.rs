//! The automorphisms `X -> X^g` of the ring.

use crate::context::Context;
use crate::error::Error;
use crate::kernels;
use crate::poly::{Coefficients, Poly};
use crate::word::Word;

/// Whether this is an element of the Galois group: odd and below twice the degree.
///
/// # Errors
///
/// When it is not.
pub fn check(element: u32, degree: usize) -> Result<(), Error> {
    let is_element = element % 2 == 1 && element > 1 && (element as usize) < 2 * degree;
    is_element.then_some(()).ok_or(Error::GaloisElement)
}

/// The polynomial with `X^element` for `X`. The element must have passed [`check`]. `both` has room
/// for twice the degree; what it holds does not matter.
pub fn apply<W: Word>(
    context: &Context<W>,
    poly: &Poly<W, Coefficients>,
    element: u32,
    both: &mut [W],
) -> Poly<W, Coefficients> {
    let degree = poly.degree();
    let mut image = Poly::zero(degree, poly.moduli());
    let step = inverse(element as usize, 2 * degree);
    for (index, (row, ntt)) in image.rows_mut().zip(context.basis()).enumerate() {
        kernels::with_negative(context.kernels(), ntt.modulus(), poly.row(index), both);
        kernels::pick(context.kernels(), row, both, step);
    }
    image
}

/// The inverse of an odd number modulo a power of two: each round doubles the right bits.
fn inverse(number: usize, modulus: usize) -> usize {
    let mut inverse = number;
    for _ in 0..5 {
        inverse = inverse.wrapping_mul(2_usize.wrapping_sub(number.wrapping_mul(inverse)));
    }
    inverse & (modulus - 1)
}

/// The difference of two polynomials, divided by `X^power`, with `power` below the degree.
pub fn difference_over_power<W: Word>(
    context: &Context<W>,
    a: &Poly<W, Coefficients>,
    b: &Poly<W, Coefficients>,
    power: usize,
) -> Poly<W, Coefficients> {
    let (kernels, degree) = (context.kernels(), a.degree());
    let mut quotient = Poly::zero(degree, a.moduli());
    for (index, (row, ntt)) in quotient.rows_mut().zip(context.basis()).enumerate() {
        let (a, b) = (a.row(index), b.row(index));
        let (low, high) = row.split_at_mut(degree - power);
        // What falls below 1 comes back from above with the other sign.
        kernels::difference(kernels, ntt.modulus(), &a[power..], &b[power..], low);
        kernels::difference(kernels, ntt.modulus(), &b[..power], &a[..power], high);
    }
    quotient
}
