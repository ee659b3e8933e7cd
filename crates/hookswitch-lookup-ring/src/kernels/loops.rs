//! The inner loops, in safe and portable Rust that compilers turn into vectors.
//!
//! The transforms use the constant geometry of M. Pease ("An adaptation of the fast Fourier
//! transform for parallel processing", J. ACM 15, 1968): every stage pairs word `i` with word
//! `i + N/2` and writes to `2i` and `2i + 1`, so all stages look alike and none has short strides.
//! After `log2 N` stages the order is that of the in-place algorithm. The butterflies are lazy
//! (D. Harvey, arXiv 1205.2926): words stay below four times the modulus.

use alloc::vec::Vec;

use crate::modulus::{Constant, Modulus};
use crate::word::Word;

/// Coefficients of one block of an inner product.
pub const BLOCK: usize = 16;

/// The roots of one stage, one for each residue class of pairs; at least as many as a vector holds.
#[derive(Clone, Debug)]
pub struct Stage<W> {
    /// The roots.
    pub roots: Vec<W>,
    /// Their quotients, see [`Constant`].
    pub quotients: Vec<W>,
}

#[inline(always)]
pub(super) fn forward<W: Word>(
    modulus: &Modulus<W>,
    stages: &[Stage<W>],
    data: &mut [W],
    scratch: &mut [W],
) {
    let half = data.len() / 2;
    let mut pairs = stages.chunks_exact(2);
    for pair in &mut pairs {
        forward_stage(modulus, &pair[0], half, data, scratch);
        forward_stage(modulus, &pair[1], half, scratch, data);
    }
    if let [stage] = pairs.remainder() {
        forward_stage(modulus, stage, half, data, scratch);
        data.copy_from_slice(scratch);
    }
    for word in data {
        *word = modulus.once(modulus.twice(*word));
    }
}

#[inline(always)]
fn forward_stage<W: Word>(
    modulus: &Modulus<W>,
    stage: &Stage<W>,
    half: usize,
    from: &[W],
    to: &mut [W],
) {
    let twice = modulus.value().plus(modulus.value());
    let (left, right) = from.split_at(half);
    let length = stage.roots.len();
    let blocks = left.chunks_exact(length).zip(right.chunks_exact(length));
    for ((left, right), to) in blocks.zip(to.chunks_exact_mut(2 * length)) {
        let roots = stage.roots.iter().zip(&stage.quotients);
        let pairs = left.iter().zip(right).zip(roots);
        for (((a, b), (value, quotient)), to) in pairs.zip(to.chunks_exact_mut(2)) {
            let root = Constant {
                value: *value,
                quotient: *quotient,
            };
            let a = modulus.twice(*a);
            let b = modulus.times_lazy(*b, root);
            to[0] = a.plus(b);
            to[1] = a.plus(twice).minus(b);
        }
    }
}

#[inline(always)]
pub(super) fn inverse<W: Word>(
    modulus: &Modulus<W>,
    stages: &[Stage<W>],
    degree_inverse: Constant<W>,
    data: &mut [W],
    scratch: &mut [W],
) {
    let half = data.len() / 2;
    let mut pairs = stages.chunks_exact(2);
    for pair in &mut pairs {
        inverse_stage(modulus, &pair[0], half, data, scratch);
        inverse_stage(modulus, &pair[1], half, scratch, data);
    }
    if let [stage] = pairs.remainder() {
        inverse_stage(modulus, stage, half, data, scratch);
        data.copy_from_slice(scratch);
    }
    for word in data {
        *word = modulus.times(*word, degree_inverse);
    }
}

#[inline(always)]
fn inverse_stage<W: Word>(
    modulus: &Modulus<W>,
    stage: &Stage<W>,
    half: usize,
    from: &[W],
    to: &mut [W],
) {
    let twice = modulus.value().plus(modulus.value());
    let (left, right) = to.split_at_mut(half);
    let length = stage.roots.len();
    let blocks = left
        .chunks_exact_mut(length)
        .zip(right.chunks_exact_mut(length));
    for ((left, right), from) in blocks.zip(from.chunks_exact(2 * length)) {
        let roots = stage.roots.iter().zip(&stage.quotients);
        let pairs = left.iter_mut().zip(right).zip(roots);
        for (((left, right), (value, quotient)), from) in pairs.zip(from.chunks_exact(2)) {
            let root = Constant {
                value: *value,
                quotient: *quotient,
            };
            *left = modulus.twice(from[0].plus(from[1]));
            *right = modulus.times_lazy(from[0].plus(twice).minus(from[1]), root);
        }
    }
}

#[inline(always)]
pub(super) fn multiply_add<W: Word>(sums: &mut [W::Wide], a: &[W], b: &[W]) {
    for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
        *sum = W::wide_plus(*sum, a.times_wide(*b));
    }
}

#[inline(always)]
pub(super) fn reduce_sums<W: Word>(modulus: &Modulus<W>, sums: &[W::Wide], residues: &mut [W]) {
    for (residue, sum) in residues.iter_mut().zip(sums) {
        *residue = modulus.reduce_wide(*sum);
    }
}

#[inline(always)]
pub(super) fn reduce_wide_sums<W: Word>(modulus: &Modulus<W>, sums: &mut [W::Wide]) {
    for sum in sums {
        *sum = modulus.reduce_wide(*sum).widen();
    }
}

#[inline(always)]
pub(super) fn scale<W: Word>(modulus: &Modulus<W>, constant: Constant<W>, row: &mut [W]) {
    for word in row {
        *word = modulus.times(*word, constant);
    }
}

#[inline(always)]
pub(super) fn reduce_row<W: Word>(modulus: &Modulus<W>, from: &[W], row: &mut [W]) {
    for (word, from) in row.iter_mut().zip(from) {
        *word = modulus.reduce(*from);
    }
}

#[inline(always)]
pub(super) fn add_row<W: Word>(modulus: &Modulus<W>, row: &mut [W], other: &[W]) {
    for (word, other) in row.iter_mut().zip(other) {
        *word = modulus.add(*word, *other);
    }
}

#[inline(always)]
pub(super) fn subtract_row<W: Word>(modulus: &Modulus<W>, row: &mut [W], other: &[W]) {
    for (word, other) in row.iter_mut().zip(other) {
        *word = modulus.subtract(*word, *other);
    }
}

#[inline(always)]
pub(super) fn inner_block<W: Word>(
    modulus: &Modulus<W>,
    most: usize,
    plains: &[W],
    places: &[u32],
    queries: &[W],
    sums: &mut [W],
) {
    let mut wide = [W::WIDE_ZERO; 2 * BLOCK];
    let runs = places.chunks(most).zip(plains.chunks(most * BLOCK));
    for (places, plains) in runs {
        for (place, plain) in places.iter().zip(plains.chunks_exact(BLOCK)) {
            let start = *place as usize * 2 * BLOCK;
            let (first, second) = queries[start..start + 2 * BLOCK].split_at(BLOCK);
            let (one, two) = wide.split_at_mut(BLOCK);
            for index in 0..BLOCK {
                one[index] = W::wide_plus(one[index], plain[index].times_wide(first[index]));
                two[index] = W::wide_plus(two[index], plain[index].times_wide(second[index]));
            }
        }
        for sum in &mut wide {
            *sum = modulus.reduce_wide(*sum).widen();
        }
    }
    for (sum, wide) in sums.iter_mut().zip(wide) {
        *sum = W::wide_low(wide);
    }
}

#[inline(always)]
pub(super) fn divide_last<W: Word>(
    modulus: &Modulus<W>,
    half: W,
    inverse: Constant<W>,
    last: &[W],
    row: &mut [W],
) {
    let half = modulus.reduce(half);
    for (word, last) in row.iter_mut().zip(last) {
        let rounded = modulus.add(*word, half);
        *word = modulus.times(modulus.subtract(rounded, modulus.reduce(*last)), inverse);
    }
}

#[inline(always)]
pub(super) fn scale_add<W: Word>(sums: &mut [W::Wide], row: &[W], factor: W) {
    for (sum, word) in sums.iter_mut().zip(row) {
        *sum = W::wide_plus(*sum, word.times_wide(factor));
    }
}

#[inline(always)]
pub(super) fn take_excess<W: Word>(
    modulus: &Modulus<W>,
    constants: [Constant<W>; 2],
    excess: &[W],
    row: &mut [W],
) {
    let [q, inverse] = constants;
    let shift = W::M_TILDE.to_u64().ilog2() - 1;
    let correction = modulus.value().minus(W::M_TILDE);
    for (word, excess) in row.iter_mut().zip(excess) {
        let is_negative = excess.shift_right(shift).spread_low_bit();
        let excess = excess.plus(is_negative.and(correction));
        let sum = word.plus(modulus.times_lazy(excess, q));
        *word = modulus.times(sum, inverse);
    }
}

#[inline(always)]
pub(super) fn take_multiples<W: Word>(
    modulus: &Modulus<W>,
    m_sk: W,
    factor: Constant<W>,
    alpha: &[W],
    row: &mut [W],
) {
    let half = m_sk.shift_right(1);
    for (word, alpha) in row.iter_mut().zip(alpha) {
        let is_negative = half.minus(*alpha).shift_right(W::BITS - 1).spread_low_bit();
        let below = modulus.negate(modulus.times(m_sk.minus(*alpha), factor));
        let above = modulus.times(*alpha, factor);
        let chosen = above.plus(is_negative.and(below.minus(above)));
        *word = modulus.add(*word, chosen);
    }
}

#[inline(always)]
pub(super) fn dot<W: Word>(modulus: &Modulus<W>, pairs: &[(&[W], &[W])], row: &mut [W]) {
    // Degrees are at least 8, so chunks of 8 are whole.
    const CHUNK: usize = 8;
    for (index, chunk) in row.chunks_exact_mut(CHUNK).enumerate() {
        let mut sums = [W::WIDE_ZERO; CHUNK];
        for (a, b) in pairs {
            let (a, b) = (&a[index * CHUNK..][..CHUNK], &b[index * CHUNK..][..CHUNK]);
            for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
                *sum = W::wide_plus(*sum, a.times_wide(*b));
            }
        }
        for (word, sum) in chunk.iter_mut().zip(sums) {
            *word = modulus.reduce_wide(sum);
        }
    }
}

#[inline(always)]
pub(super) fn difference<W: Word>(modulus: &Modulus<W>, a: &[W], b: &[W], row: &mut [W]) {
    for (word, (a, b)) in row.iter_mut().zip(a.iter().zip(b)) {
        *word = modulus.subtract(*a, *b);
    }
}

#[inline(always)]
pub(super) fn pick<W: Word>(row: &mut [W], from: &[W], step: usize) {
    let mask = from.len() - 1;
    let mut place = 0;
    for word in row {
        *word = from[place & mask];
        place += step;
    }
}

#[inline(always)]
pub(super) fn with_negative<W: Word>(modulus: &Modulus<W>, row: &[W], both: &mut [W]) {
    let (same, negative) = both.split_at_mut(row.len());
    same.copy_from_slice(row);
    for (negative, word) in negative.iter_mut().zip(row) {
        *negative = modulus.negate(*word);
    }
}

#[inline(always)]
pub(super) fn shift<W: Word>(modulus: &Modulus<W>, by: W, row: &mut [W]) {
    for word in row {
        *word = modulus.add(*word, by);
    }
}
