//! The automorphisms `X -> X^g` of the ring.

use crate::context::Context;
use crate::error::Error;
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

/// The polynomial with `X^element` for `X`. The element must have passed [`check`].
pub fn apply<W: Word>(
    context: &Context<W>,
    poly: &Poly<W, Coefficients>,
    element: u32,
) -> Poly<W, Coefficients> {
    let degree = poly.degree();
    let mut image = Poly::zero(degree, poly.moduli());
    for (index, (row, ntt)) in image.rows_mut().zip(context.basis()).enumerate() {
        let modulus = ntt.modulus();
        let mut place = 0;
        for word in poly.row(index) {
            let is_turned = place & degree != 0;
            row[place & (degree - 1)] = if is_turned {
                modulus.negate(*word)
            } else {
                *word
            };
            place = (place + element as usize) & (2 * degree - 1);
        }
    }
    image
}

/// The polynomial divided by `X^power`, with `power` below the degree.
pub fn divide_by_power<W: Word>(
    context: &Context<W>,
    poly: &mut Poly<W, Coefficients>,
    power: usize,
) {
    let degree = poly.degree();
    for (row, ntt) in poly.rows_mut().zip(context.basis()) {
        row.rotate_left(power);
        for word in &mut row[degree - power..] {
            *word = ntt.modulus().negate(*word);
        }
    }
}
