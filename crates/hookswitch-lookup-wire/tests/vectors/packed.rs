//! Processed databases in a small form, for the tree.
//!
//! A processed database is its payload, transformed; the transform makes it fourteen times as long
//! and incompressible. A packed database holds the payload and the SHA-256 of the whole file, so
//! that a test can build the file again and know that not a bit differs: 32 bytes of SHA-256; for
//! each plaintext 4 bytes of length, least significant byte first, and so many bytes of payload,
//! without zeros at the end. Length 0 is a plaintext that is left out.

use hookswitch_lookup_pir::file;
use hookswitch_lookup_pir::shape::Shape;
use hookswitch_lookup_ring::bits::payload_to_coefficients;
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::word::Word;
use sha2::{Digest, Sha256};

/// Builds the processed database again.
pub fn unpack_database<W: Word>(context: &Context<W>, shape: &Shape, packed: &[u8]) -> Vec<u8> {
    let (digest, mut rest) = packed.split_at(32);
    let mut bytes = file::header(shape);
    while let Some((length, after)) = rest.split_first_chunk() {
        let (payload, after) = after.split_at(u32::from_le_bytes(*length) as usize);
        rest = after;
        let coefficients = payload_to_coefficients(payload, shape.payload_bits());
        let poly = context.encode(&coefficients).expect("a payload");
        let poly = (!payload.is_empty()).then_some(&poly);
        bytes.extend(file::plaintext(context, poly));
    }
    assert!(
        Sha256::digest(&bytes)[..] == *digest,
        "the built database has other bytes"
    );
    bytes
}
