//! Integers in bytes, little-endian, without a panic.

/// Four bytes; zero behind the end.
#[inline]
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    match at.checked_add(4).and_then(|end| bytes.get(at..end)) {
        Some(four) => u32::from_le_bytes(four.try_into().expect("four bytes")),
        None => 0,
    }
}

/// Eight bytes; zero behind the end.
#[inline]
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    match at.checked_add(8).and_then(|end| bytes.get(at..end)) {
        Some(eight) => u64::from_le_bytes(eight.try_into().expect("eight bytes")),
        None => 0,
    }
}

/// `len` bytes from a place on, if they are there.
pub(crate) fn part(bytes: &[u8], at: u64, len: u64) -> Option<&[u8]> {
    let begin = usize::try_from(at).ok()?;
    let end = begin.checked_add(usize::try_from(len).ok()?)?;
    bytes.get(begin..end)
}
