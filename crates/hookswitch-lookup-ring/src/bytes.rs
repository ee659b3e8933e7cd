//! Polynomials and ciphertexts as bytes.
//!
//! Input: bytes of strangers, or values. Output: values, or exactly the bytes of Apple's library
//! (`CoefficientPacking.swift`, `PolyRq+Serialize.swift`, `SerializedCiphertext.swift`).
//!
//! A polynomial is one row for each modulus; a row is its coefficients with the bits of the
//! modulus each, most significant bit first, padded to a whole byte at its end. Several polynomials
//! in one field have their count in front, 16 bits, least significant byte first.
//!
//! # Promises
//!
//! - **Y1** what is read is below its modulus; anything else is refused.
//! - **Y2** no allocation is larger than what the bytes can fill.

use alloc::vec::Vec;

use crate::bits::{pack, packed_length, unpack};
use crate::ciphertext::{Ciphertext, Seeded};
use crate::context::Context;
use crate::drbg::SEED_BYTES;
use crate::error::Error;
use crate::poly::{Coefficients, Poly, Values};
use crate::word::Word;

/// A ciphertext in the two forms in which it travels.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CiphertextBytes {
    /// A fresh ciphertext.
    Seeded {
        /// The first polynomial, without a count.
        first: Vec<u8>,
        /// The seed of the second.
        seed: Vec<u8>,
    },
    /// A whole ciphertext.
    Full {
        /// The polynomials, with their count.
        polys: Vec<u8>,
        /// Low bits of each polynomial that were not written.
        dropped: Vec<u32>,
        /// The correction factor: 1.
        correction: u64,
    },
}

/// Bytes of a polynomial modulo the first `moduli` moduli.
pub fn poly_length<W: Word>(context: &Context<W>, moduli: usize) -> usize {
    let basis = context.basis()[..moduli].iter();
    let row = |bits: u32| packed_length(context.degree(), bits);
    basis.map(|ntt| row(ntt.modulus().bits())).sum()
}

/// Appends a polynomial, less the `dropped` low bits of each coefficient.
fn write_rows<W: Word, F>(
    context: &Context<W>,
    poly: &Poly<W, F>,
    dropped: u32,
    bytes: &mut Vec<u8>,
) {
    for (row, ntt) in poly.rows().zip(context.basis()) {
        let words = row.iter().map(|word| word.to_u64() >> dropped);
        pack(words, ntt.modulus().bits() - dropped, bytes);
    }
}

fn read_rows<W: Word, F>(
    context: &Context<W>,
    bytes: &[u8],
    moduli: usize,
    dropped: u32,
) -> Result<Poly<W, F>, Error> {
    let (degree, mut rest) = (context.degree(), bytes);
    let mut words = Vec::with_capacity(degree * moduli);
    for ntt in &context.basis()[..moduli] {
        let modulus = ntt.modulus();
        let bits = modulus.bits();
        let kept = bits.checked_sub(dropped).filter(|kept| *kept > 0);
        let kept = kept.ok_or(Error::DroppedBits)?;
        let length = packed_length(degree, kept);
        let (row, after) = rest.split_at_checked(length).ok_or(Error::Length)?;
        rest = after;
        let mut is_low = true;
        words.extend(unpack(row, kept).take(degree).map(|number| {
            let number = number << dropped;
            is_low &= number < modulus.value().to_u64();
            W::from_u64(number)
        }));
        if !is_low {
            return Err(Error::Coefficient);
        }
    }
    match rest.is_empty() {
        true => Ok(Poly::from_words(degree, words)),
        false => Err(Error::Length),
    }
}

/// The polynomial without a count, as in a seeded ciphertext and a processed database.
pub fn write_poly<W: Word, F>(context: &Context<W>, poly: &Poly<W, F>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(poly_length(context, poly.moduli()));
    write_rows(context, poly, 0, &mut bytes);
    bytes
}

/// Reads what [`write_poly`] wrote.
///
/// # Errors
///
/// When the length is wrong or a coefficient is not below its modulus.
pub fn read_poly<W: Word, F>(
    context: &Context<W>,
    bytes: &[u8],
    moduli: usize,
) -> Result<Poly<W, F>, Error> {
    read_rows(context, bytes, moduli, 0)
}

/// Polynomials with their count in front, less some low bits of each.
pub fn write_polys<W: Word, F>(
    context: &Context<W>,
    polys: &[Poly<W, F>],
    dropped: &[u32],
) -> Vec<u8> {
    let mut bytes = (polys.len() as u16).to_le_bytes().to_vec();
    for (poly, dropped) in polys.iter().zip(dropped) {
        write_rows(context, poly, *dropped, &mut bytes);
    }
    bytes
}

/// Reads what [`write_polys`] wrote; there must be one number of dropped bits for each polynomial,
/// or none at all.
///
/// # Errors
///
/// When the bytes do not hold just these polynomials.
pub fn read_polys<W: Word, F>(
    context: &Context<W>,
    bytes: &[u8],
    moduli: usize,
    dropped: &[u32],
) -> Result<Vec<Poly<W, F>>, Error> {
    let (count, mut rest) = bytes.split_first_chunk().ok_or(Error::Length)?;
    let count = usize::from(u16::from_le_bytes(*count));
    if !(1..=3).contains(&count) {
        return Err(Error::PolyCount);
    }
    if !dropped.is_empty() && dropped.len() != count {
        return Err(Error::DroppedBits);
    }
    let mut polys = Vec::with_capacity(count);
    for index in 0..count {
        let dropped = dropped.get(index).copied().unwrap_or(0);
        let row = |bits: u32| {
            let kept = bits.checked_sub(dropped).filter(|kept| *kept > 0);
            kept.map(|kept| packed_length(context.degree(), kept))
        };
        let basis = context.basis()[..moduli].iter();
        let length = basis
            .map(|ntt| row(ntt.modulus().bits()))
            .sum::<Option<usize>>();
        let length = length.ok_or(Error::DroppedBits)?;
        let (poly, after) = rest.split_at_checked(length).ok_or(Error::Length)?;
        polys.push(read_rows(context, poly, moduli, dropped)?);
        rest = after;
    }
    match rest.is_empty() {
        true => Ok(polys),
        false => Err(Error::Length),
    }
}

impl<W: Word, F> Seeded<W, F> {
    /// The ciphertext as it travels.
    pub fn to_bytes(&self, context: &Context<W>) -> CiphertextBytes {
        CiphertextBytes::Seeded {
            first: write_poly(context, &self.first),
            seed: self.seed.to_vec(),
        }
    }

    fn from_parts(
        context: &Context<W>,
        first: &[u8],
        seed: &[u8],
        moduli: usize,
    ) -> Result<Self, Error> {
        let seed = <[u8; SEED_BYTES]>::try_from(seed).map_err(|_| Error::Seed)?;
        let first = read_poly(context, first, moduli)?;
        Ok(Self { first, seed })
    }
}

impl<W: Word> Ciphertext<W, Coefficients> {
    /// The ciphertext as it travels, less the low bits that decryption does not need. It must have
    /// the first modulus only.
    pub fn to_answer_bytes(&self, context: &Context<W>) -> CiphertextBytes {
        let dropped = context.parameters().dropped_bits();
        CiphertextBytes::Full {
            polys: write_polys(context, self.polys(), &dropped),
            dropped: dropped.to_vec(),
            correction: 1,
        }
    }

    /// Reads a ciphertext by coefficients with this many moduli: a query with all, an answer with
    /// one.
    ///
    /// # Errors
    ///
    /// When it is none, or does not consist of two polynomials.
    pub fn from_bytes(
        context: &Context<W>,
        bytes: &CiphertextBytes,
        moduli: usize,
    ) -> Result<Self, Error> {
        match bytes {
            CiphertextBytes::Seeded { first, seed } => {
                let seeded = Seeded::<W, Coefficients>::from_parts(context, first, seed, moduli)?;
                Ok(seeded.expand(context))
            }
            CiphertextBytes::Full {
                polys,
                dropped,
                correction,
            } => {
                if *correction != 1 {
                    return Err(Error::CorrectionFactor);
                }
                let polys = read_polys(context, polys, moduli, dropped)?;
                match polys.len() {
                    2 => Ok(Self::new(polys)),
                    _ => Err(Error::PolyCount),
                }
            }
        }
    }
}

impl<W: Word> Ciphertext<W, Values> {
    /// Reads a row of a key-switching key.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn from_key_bytes(context: &Context<W>, bytes: &CiphertextBytes) -> Result<Self, Error> {
        let moduli = context.basis().len();
        match bytes {
            CiphertextBytes::Seeded { first, seed } => {
                let seeded = Seeded::<W, Values>::from_parts(context, first, seed, moduli)?;
                Ok(seeded.expand(context))
            }
            CiphertextBytes::Full { polys, .. } => {
                let polys = read_polys(context, polys, moduli, &[])?;
                match polys.len() {
                    2 => Ok(Self::new(polys)),
                    _ => Err(Error::PolyCount),
                }
            }
        }
    }
}
