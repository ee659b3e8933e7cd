//! How many parts a message has, counted before any of it is built.
//!
//! Two bytes on the wire can become hundreds in memory: an empty message in a list. So the body of
//! a stranger is walked first, and built only when its parts are few.
//!
//! # Promises
//!
//! - **V1** [`decode`] builds nothing of a message with more than [`PARTS_MAX`] fields, those of
//!   the messages in it included; numbers in a packed list count one for each byte.

use prost::Message;

use crate::error::Error;
use crate::messages::api::{ConfigRequest, EvaluationKeys, Requests};

/// Most fields of a body. Sixteen questions with an evaluation key in each have some 8,000.
pub const PARTS_MAX: usize = 16_384;

/// Which fields of a message hold others.
#[derive(Debug)]
pub struct Shape(&'static [(u64, Inside)]);

/// What is inside a field.
#[derive(Debug)]
enum Inside {
    Message(&'static Shape),
    Numbers,
}

const LEAF: Shape = Shape(&[]);
const FULL: Shape = Shape(&[(2, Inside::Numbers)]);
const CIPHERTEXT: Shape = Shape(&[(1, Inside::Message(&LEAF)), (2, Inside::Message(&FULL))]);
const CIPHERTEXTS: Shape = Shape(&[(1, Inside::Message(&CIPHERTEXT))]);
const SWITCH_KEY: Shape = Shape(&[(1, Inside::Message(&CIPHERTEXTS))]);
const GALOIS_ENTRY: Shape = Shape(&[(2, Inside::Message(&SWITCH_KEY))]);
const GALOIS: Shape = Shape(&[(1, Inside::Message(&GALOIS_ENTRY))]);
const RELIN: Shape = Shape(&[(1, Inside::Message(&SWITCH_KEY))]);
const KEY: Shape = Shape(&[(1, Inside::Message(&GALOIS)), (2, Inside::Message(&RELIN))]);
const SENT_KEY: Shape = Shape(&[(1, Inside::Message(&LEAF)), (2, Inside::Message(&KEY))]);
const QUERY: Shape = Shape(&[(1, Inside::Message(&CIPHERTEXT))]);
const PIR: Shape = Shape(&[
    (2, Inside::Message(&QUERY)),
    (3, Inside::Message(&LEAF)),
    (6, Inside::Message(&KEY)),
]);
const REQUEST: Shape = Shape(&[(2, Inside::Message(&PIR)), (4, Inside::Message(&LEAF))]);

/// A message that strangers send.
pub trait Counted: Message + Default {
    /// Which of its fields hold messages.
    const SHAPE: Shape;
}

impl Counted for ConfigRequest {
    const SHAPE: Shape = LEAF;
}

impl Counted for EvaluationKeys {
    const SHAPE: Shape = Shape(&[(1, Inside::Message(&SENT_KEY))]);
}

impl Counted for Requests {
    const SHAPE: Shape = Shape(&[(1, Inside::Message(&REQUEST))]);
}

/// Builds a message whose parts are few.
///
/// # Errors
///
/// When it is none, or has too many parts.
pub fn decode<M: Counted>(bytes: &[u8]) -> Result<M, Error> {
    let mut left = PARTS_MAX;
    walk(bytes, &M::SHAPE, &mut left)?;
    Ok(M::decode(bytes)?)
}

/// Takes the fields of a message from those that are left. It is as deep as the shape is.
fn walk(mut bytes: &[u8], shape: &Shape, left: &mut usize) -> Result<(), Error> {
    while !bytes.is_empty() {
        *left = left.checked_sub(1).ok_or(Error::TooManyParts)?;
        let tag = number(&mut bytes)?;
        match tag & 7 {
            0 => {
                number(&mut bytes)?;
            }
            1 => bytes = bytes.get(8..).ok_or(Error::Message)?,
            2 => {
                let length = usize::try_from(number(&mut bytes)?).map_err(|_| Error::Message)?;
                let inside = bytes.split_at_checked(length).ok_or(Error::Message)?;
                bytes = inside.1;
                match shape.0.iter().find(|(field, _)| *field == tag >> 3) {
                    Some((_, Inside::Message(shape))) => walk(inside.0, shape, left)?,
                    Some((_, Inside::Numbers)) => {
                        *left = left.checked_sub(length).ok_or(Error::TooManyParts)?;
                    }
                    None => {}
                }
            }
            5 => bytes = bytes.get(4..).ok_or(Error::Message)?,
            _ => return Err(Error::Message),
        }
    }
    Ok(())
}

/// A number of up to ten bytes, least significant first.
fn number(bytes: &mut &[u8]) -> Result<u64, Error> {
    let mut value = 0;
    for index in 0..10 {
        let byte = bytes.split_off_first().ok_or(Error::Message)?;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Error::Message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<M: Counted>(bytes: &[u8]) -> Option<Error> {
        decode::<M>(bytes).err()
    }

    #[test]
    fn parts_are_counted_at_every_depth() {
        let many = |part: &[u8]| part.repeat(PARTS_MAX / 2 + 1);
        let inside = |tags: &[u8], mut bytes: Vec<u8>| {
            for tag in tags {
                let mut outer = vec![*tag];
                prost::encoding::encode_varint(bytes.len() as u64, &mut outer);
                outer.extend(bytes);
                bytes = outer;
            }
            bytes
        };
        let rows = [
            ("few", vec![0x0a, 0], None),
            ("nothing", vec![], None),
            (
                "requests",
                many(&[0x0a, 0, 0x0a, 0]),
                Some(Error::TooManyParts),
            ),
            (
                "ciphertexts",
                inside(&[0x12, 0x12, 0x0a], many(&[0x0a, 0, 0x0a, 0])),
                Some(Error::TooManyParts),
            ),
            (
                "entries",
                inside(&[0x0a, 0x32, 0x12, 0x0a], many(&[0x0a, 0, 0x0a, 0])),
                Some(Error::TooManyParts),
            ),
            (
                "low bits",
                inside(&[0x12, 0x12, 0x0a, 0x12, 0x12, 0x0a], many(&[0, 0])),
                Some(Error::TooManyParts),
            ),
            (
                "bytes are no parts",
                inside(&[0x22, 0x12, 0x0a], many(&[0x0a, 0, 0x0a, 0])),
                None,
            ),
            ("a group", vec![0x0b, 0x0c], Some(Error::Message)),
            ("a length beyond", vec![0x0a, 5], Some(Error::Message)),
            ("a long number", vec![0xff; 11], Some(Error::Message)),
        ];
        for (name, bytes, want) in rows {
            assert_eq!(refused::<Requests>(&bytes), want, "{name}");
        }
        let keys = many(&[0x0a, 0, 0x0a, 0]);
        assert_eq!(refused::<EvaluationKeys>(&keys), Some(Error::TooManyParts));
        assert_eq!(refused::<ConfigRequest>(&keys), Some(Error::TooManyParts));
    }
}
