//! Processed databases as files of Apple's format.
//!
//! One byte with the version, 1; the number of plaintexts in 4 bytes, least significant byte
//! first; for each plaintext a byte, 0 where it is all zeros, or 1 and then the polynomial
//! (`ProcessedDatabase` of `IndexPirDatabase.swift`).

use hookswitch_lookup_ring::bytes::{poly_length, read_poly, write_poly};
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::poly::{Poly, Values};
use hookswitch_lookup_ring::word::Word;

use crate::error::Error;
use crate::shape::Shape;

/// The version of the format.
const VERSION: u8 = 1;

/// The first bytes of the file of a shard.
pub fn header(shape: &Shape) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend((shape.plaintexts() as u32).to_le_bytes());
    bytes
}

/// The bytes of one plaintext.
pub fn plaintext<W: Word>(context: &Context<W>, poly: Option<&Poly<W, Values>>) -> Vec<u8> {
    let Some(poly) = poly else {
        return vec![0];
    };
    let mut bytes = vec![1];
    bytes.extend(write_poly(context, poly));
    bytes
}

/// Reads the plaintexts of a file one after the other.
pub struct Reader<'a, W> {
    context: &'a Context<W>,
    bytes: &'a [u8],
    left: usize,
}

impl<'a, W: Word> Reader<'a, W> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// When it is of another version, or not of this shape.
    pub fn new(context: &'a Context<W>, shape: &Shape, bytes: &'a [u8]) -> Result<Self, Error> {
        let (version, rest) = bytes.split_first().ok_or(Error::File("it is empty"))?;
        if *version != VERSION {
            return Err(Error::File("it is of another version"));
        }
        let (count, bytes) = rest
            .split_first_chunk()
            .ok_or(Error::File("it ends in its header"))?;
        let left = u32::from_le_bytes(*count) as usize;
        if left != shape.plaintexts() {
            return Err(Error::File("it has another number of plaintexts"));
        }
        Ok(Self {
            context,
            bytes,
            left,
        })
    }

    fn read(&mut self) -> Result<Option<Poly<W, Values>>, Error> {
        let cut = Error::File("it ends too early");
        let (tag, rest) = self.bytes.split_first().ok_or(cut.clone())?;
        self.bytes = rest;
        match tag {
            0 => Ok(None),
            1 => {
                let level = self.context.level();
                let length = poly_length(self.context, level);
                let (poly, rest) = rest.split_at_checked(length).ok_or(cut)?;
                self.bytes = rest;
                Ok(Some(read_poly(self.context, poly, level)?))
            }
            _ => Err(Error::File("a plaintext has an unknown tag")),
        }
    }
}

impl<W: Word> Iterator for Reader<'_, W> {
    type Item = Result<Option<Poly<W, Values>>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            let rest = std::mem::take(&mut self.bytes);
            return (!rest.is_empty()).then_some(Err(Error::File("it is too long")));
        }
        self.left -= 1;
        let read = self.read();
        if read.is_err() {
            (self.left, self.bytes) = (0, &[]);
        }
        Some(read)
    }
}
