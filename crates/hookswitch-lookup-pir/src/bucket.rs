//! Buckets as bytes (`HashBucket.swift`).
//!
//! One byte with the number of slots; for each slot the hash of its keyword (8 bytes) and the
//! length of its value (2 bytes), both least significant byte first, and the value. The rest of the
//! entry is zeros.

use crate::error::Error;

/// Most slots of a bucket.
pub const SLOTS_MAX: usize = 255;
/// Most bytes of a value.
pub const VALUE_BYTES_MAX: usize = 65_535;
/// Bytes of a bucket before its slots.
pub const HEADER_BYTES: usize = 1;
/// Bytes of a slot before its value.
pub const SLOT_BYTES: usize = 10;

/// One slot: the hash of a keyword, and its value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Slot<'a> {
    /// The hash of the keyword.
    pub hash: u64,
    /// The value.
    pub value: &'a [u8],
}

/// Appends a bucket of these slots: at most 255, values of at most 65,535 bytes.
pub fn write<'a>(slots: impl ExactSizeIterator<Item = Slot<'a>>, bytes: &mut Vec<u8>) {
    debug_assert!(
        slots.len() <= SLOTS_MAX,
        "a bucket counts its slots in a byte"
    );
    bytes.push(slots.len() as u8);
    for slot in slots {
        debug_assert!(
            slot.value.len() <= VALUE_BYTES_MAX,
            "its length has two bytes"
        );
        bytes.extend(slot.hash.to_le_bytes());
        bytes.extend((slot.value.len() as u16).to_le_bytes());
        bytes.extend(slot.value);
    }
}

/// Reads the slots of a bucket; what follows them is not looked at.
///
/// # Errors
///
/// When the bytes end before the slots do.
pub fn read(bytes: &[u8]) -> Result<Vec<Slot<'_>>, Error> {
    let (count, mut rest) = bytes.split_first().ok_or(Error::Bucket)?;
    let mut slots = Vec::new();
    for _ in 0..*count {
        let (hash, after) = rest.split_first_chunk().ok_or(Error::Bucket)?;
        let (length, after) = after.split_first_chunk().ok_or(Error::Bucket)?;
        let length = usize::from(u16::from_le_bytes(*length));
        let (value, after) = after.split_at_checked(length).ok_or(Error::Bucket)?;
        let hash = u64::from_le_bytes(*hash);
        slots.push(Slot { hash, value });
        rest = after;
    }
    Ok(slots)
}

/// The value of a keyword hash in a bucket.
///
/// # Errors
///
/// When the bytes end before the slots do.
pub fn find(bytes: &[u8], hash: u64) -> Result<Option<&[u8]>, Error> {
    let slots = read(bytes)?;
    let found = slots.iter().find(|slot| slot.hash == hash);
    Ok(found.map(|slot| slot.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_go_both_ways_and_cut_ones_are_refused() {
        let slots = [(7, &b"seven"[..]), (8, b"")];
        let slots = slots.map(|(hash, value)| Slot { hash, value });
        let mut bytes = Vec::new();
        write(slots.into_iter(), &mut bytes);
        assert_eq!(read(&bytes), Ok(slots.to_vec()));
        assert_eq!(find(&bytes, 7), Ok(Some(&b"seven"[..])));
        assert_eq!(find(&bytes, 9), Ok(None));
        for length in 0..bytes.len() {
            assert_eq!(read(&bytes[..length]), Err(Error::Bucket));
        }
    }
}
