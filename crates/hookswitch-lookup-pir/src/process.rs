//! From tables to plaintexts, in the order of the processed file.
//!
//! Tables follow each other; in a table, chunks; in a chunk, columns of the second dimension; in a
//! column, one plaintext for each row of the first dimension (`MulPir.swift`, `process`).
//!
//! # Promises
//!
//! - **O1** a plaintext of zeros only is left out: the server skips it.

use hookswitch_lookup_ring::bits::payload_to_coefficients;
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::error::Error;
use hookswitch_lookup_ring::poly::{Poly, Values};
use hookswitch_lookup_ring::word::Word;

use crate::cuckoo::Tables;
use crate::shape::Shape;

/// The place of a plaintext in a processed file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    /// The table.
    pub table: usize,
    /// The chunk of the table.
    pub chunk: usize,
    /// The number of the plaintext in its chunk, row-major.
    pub plaintext: usize,
}

/// Every place, in the order of the file.
pub fn places(shape: &Shape) -> impl Iterator<Item = Place> + use<> {
    let (rows, columns) = (shape.first_dimension(), shape.columns());
    let per_chunk = rows * columns;
    let chunks = shape.chunks();
    (0..shape.plaintexts()).map(move |number| {
        let (chunk, within) = (number / per_chunk, number % per_chunk);
        Place {
            table: chunk / chunks,
            chunk: chunk % chunks,
            plaintext: within % rows * columns + within / rows,
        }
    })
}

/// The payload of the plaintext at a place; empty where there is none.
pub fn payload(shape: &Shape, tables: &Tables, place: Place) -> Vec<u8> {
    let per_plaintext = shape.entries_per_plaintext();
    let entries = shape.entries();
    let first = place.plaintext * per_plaintext;
    let mut payload = Vec::new();
    for entry in (first..entries).take(per_plaintext) {
        let bytes = tables.bucket(place.table, entry);
        let start = (place.chunk * shape.plaintext_bytes()).min(bytes.len());
        let end = (start + shape.plaintext_bytes()).min(bytes.len());
        payload.resize((entry - first) * shape.entry_size(), 0);
        payload.extend(&bytes[start..end]);
    }
    payload
}

/// The plaintexts of built tables as the server multiplies them.
///
/// # Errors
///
/// When a payload does not fit, which the shape rules out.
pub fn plaintexts<'a, W: Word>(
    context: &'a Context<W>,
    shape: &'a Shape,
    tables: &'a Tables,
) -> impl Iterator<Item = Result<Option<Poly<W, Values>>, Error>> + 'a {
    places(shape).map(move |place| {
        let payload = payload(shape, tables, place);
        if payload.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let coefficients = payload_to_coefficients(&payload, shape.payload_bits());
        context.encode(&coefficients).map(Some)
    })
}
