//! The client's side: a query for a keyword, and the value in its answer.

use hookswitch_lookup_ring::bits::pack;
use hookswitch_lookup_ring::ciphertext::{Ciphertext, Seeded};
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::poly::Coefficients;
use hookswitch_lookup_ring::sample::Random;
use hookswitch_lookup_ring::secret::SecretKey;
use hookswitch_lookup_ring::word::Word;

use crate::bucket;
use crate::error::Error;
use crate::keyword;
use crate::shape::Shape;

/// What a query hides: plaintext coefficients, a list for each ciphertext. The places asked for
/// carry the inverse of the factor that the expansion brings in.
pub fn query_plaintexts<W: Word>(context: &Context<W>, shape: &Shape, hash: u64) -> Vec<Vec<u64>> {
    let (total, degree) = (shape.expanded(), context.degree());
    let t = context.plaintext_modulus();
    let mut plaintexts = Vec::with_capacity(shape.query_ciphertexts());
    for part in (0..total).step_by(degree) {
        let length = (total - part).min(degree);
        let doublings = u64::from(length.next_power_of_two().ilog2());
        let factor = t.power(t.reduce(W::from_u64(2)), doublings);
        let one = t
            .inverse(factor)
            .expect("the plaintext modulus is an odd prime");
        let mut plaintext = vec![0; length];
        for position in positions(shape, hash) {
            if (part..part + length).contains(&position) {
                plaintext[position - part] = one.to_u64();
            }
        }
        plaintexts.push(plaintext);
    }
    plaintexts
}

/// The coefficients of a query that are set.
fn positions(shape: &Shape, hash: u64) -> Vec<usize> {
    let entries = keyword::buckets(hash, shape.entries(), shape.tables());
    let mut positions = Vec::new();
    let mut start = 0;
    for entry in entries {
        for (coordinate, size) in shape.coordinates(entry).into_iter().zip(shape.dimensions()) {
            positions.push(start + coordinate);
            start += size;
        }
    }
    positions
}

/// An encrypted query for a keyword hash.
///
/// # Errors
///
/// When the plaintext does not fit, which the shape rules out.
pub fn query<W: Word>(
    context: &Context<W>,
    shape: &Shape,
    secret: &SecretKey<W>,
    hash: u64,
    random: &mut dyn Random,
) -> Result<Vec<Seeded<W, Coefficients>>, Error> {
    let plaintexts = query_plaintexts(context, shape, hash);
    let encrypted = plaintexts
        .iter()
        .map(|p| secret.encrypt(context, p, random));
    Ok(encrypted.collect::<Result<_, _>>()?)
}

/// The decrypted bucket of each table.
///
/// # Errors
///
/// When the answer has the wrong number of ciphertexts.
pub fn buckets<W: Word>(
    context: &Context<W>,
    shape: &Shape,
    secret: &SecretKey<W>,
    hash: u64,
    answer: &[Vec<Ciphertext<W, Coefficients>>],
) -> Result<Vec<Vec<u8>>, Error> {
    if answer.len() != shape.tables() {
        return Err(Error::AnswerCiphertexts);
    }
    let entries = keyword::buckets(hash, shape.entries(), shape.tables());
    let bucket = |(reply, entry): (&Vec<Ciphertext<W, Coefficients>>, usize)| {
        if reply.len() != shape.chunks() {
            return Err(Error::AnswerCiphertexts);
        }
        let mut bytes = Vec::with_capacity(shape.chunks() * shape.plaintext_bytes());
        let bits = shape.payload_bits();
        for ciphertext in reply {
            // A wrong answer may hold a value with one bit more than the payload.
            let mask = (1 << bits) - 1;
            let plaintext = secret.decrypt(context, ciphertext);
            pack(plaintext.iter().map(|value| value & mask), bits, &mut bytes);
        }
        let mut bytes = bytes.split_off(shape.bytes_of(entry).start);
        bytes.truncate(shape.entry_size());
        Ok(bytes)
    };
    answer.iter().zip(entries).map(bucket).collect()
}

/// The value of a keyword hash, if the database has it.
///
/// # Errors
///
/// When the answer has the wrong number of ciphertexts, or does not decrypt to buckets.
pub fn value<W: Word>(
    context: &Context<W>,
    shape: &Shape,
    secret: &SecretKey<W>,
    hash: u64,
    answer: &[Vec<Ciphertext<W, Coefficients>>],
) -> Result<Option<Vec<u8>>, Error> {
    for bytes in buckets(context, shape, secret, hash, answer)? {
        if let Some(value) = bucket::find(&bytes, hash)? {
            return Ok(Some(value.to_vec()));
        }
    }
    Ok(None)
}
