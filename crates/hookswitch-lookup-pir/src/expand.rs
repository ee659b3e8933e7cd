//! Expansion of a query: one ciphertext becomes one for each of its coefficients.
//!
//! Each level halves: with `s` the automorphism that turns the sign of every second remaining
//! coefficient, `c + s(c)` keeps the even ones doubled, `(c - s(c)) / X^k` the odd ones.
//! H. Chen, K. Laine, R. Rindal, "SealPIR" (ePrint 2017/1142), with the element order and the
//! doubling of short branches of `PirUtil.swift`.

use hookswitch_lookup_ring::ciphertext::Ciphertext;
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::error::Error;
use hookswitch_lookup_ring::galois::difference_over_power;
use hookswitch_lookup_ring::keys::EvaluationKey;
use hookswitch_lookup_ring::poly::Coefficients;
use hookswitch_lookup_ring::switch::{Workspace, apply_galois};
use hookswitch_lookup_ring::word::Word;

/// The first `count` coefficients of what the ciphertexts hide, one ciphertext for each; a
/// ciphertext gives as many as the degree.
///
/// # Errors
///
/// When the key lacks a Galois element.
pub fn expand<W: Word>(
    context: &Context<W>,
    ciphertexts: Vec<Ciphertext<W, Coefficients>>,
    count: usize,
    key: &EvaluationKey<W>,
) -> Result<Vec<Ciphertext<W, Coefficients>>, Error> {
    let mut outputs = Vec::with_capacity(count);
    for ciphertext in ciphertexts {
        let part = (count - outputs.len()).min(context.degree());
        if part == 0 {
            break;
        }
        let mut expansion = Expansion {
            context,
            key,
            depth: part.next_power_of_two().ilog2(),
            outputs: vec![None; part],
            work: Workspace::new(context),
        };
        expansion.run(ciphertext, 0, 0)?;
        outputs.extend(expansion.outputs.into_iter().flatten());
    }
    Ok(outputs)
}

/// Most times that an element stands in for a larger one: what the strongest compression of the
/// largest degree needs.
const STEPS_MAX: u32 = 128;

struct Expansion<'a, W> {
    context: &'a Context<W>,
    key: &'a EvaluationKey<W>,
    depth: u32,
    outputs: Vec<Option<Ciphertext<W, Coefficients>>>,
    work: Workspace<W>,
}

impl<W: Word> Expansion<'_, W> {
    /// Expands what belongs to the outputs `first`, `first + 2^level`, and so on.
    fn run(
        &mut self,
        mut ciphertext: Ciphertext<W, Coefficients>,
        first: usize,
        level: u32,
    ) -> Result<(), Error> {
        let second = first + (1 << level);
        if second >= self.outputs.len() {
            if level < self.depth {
                let same = ciphertext.clone();
                ciphertext.add(self.context, &same);
            }
            self.outputs[first] = Some(ciphertext);
            return Ok(());
        }
        let image = self.turn(&ciphertext, level)?;
        let pairs = ciphertext.polys().iter().zip(image.polys());
        let odd = pairs.map(|(a, b)| difference_over_power(self.context, a, b, 1 << level));
        let odd = Ciphertext::new(odd.collect());
        ciphertext.add(self.context, &image);
        self.run(ciphertext, first, level + 1)?;
        self.run(odd, second, level + 1)
    }

    /// Applies the automorphism of a level, in several steps where the key for it was compressed
    /// away.
    fn turn(
        &mut self,
        ciphertext: &Ciphertext<W, Coefficients>,
        level: u32,
    ) -> Result<Ciphertext<W, Coefficients>, Error> {
        let degree = self.context.degree() as u32;
        let target = (degree >> level) + 1;
        let mut elements = self.key.elements().rev();
        let element = elements.find(|element| *element <= target);
        let element = element.ok_or(Error::MissingGaloisKey)?;
        let steps = 1_u32 << ((target - 1).ilog2() - (element - 1).ilog2());
        if steps > STEPS_MAX {
            return Err(Error::MissingGaloisKey);
        }
        let turns = (0..steps).fold(1, |turned, _| {
            turned * u64::from(element) % (2 * u64::from(degree))
        });
        if turns != u64::from(target) {
            return Err(Error::MissingGaloisKey);
        }
        let mut image = apply_galois(self.context, ciphertext, element, self.key, &mut self.work)?;
        for _ in 1..steps {
            image = apply_galois(self.context, &image, element, self.key, &mut self.work)?;
        }
        Ok(image)
    }
}
