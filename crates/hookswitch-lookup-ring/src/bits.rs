//! Numbers of a few bits in a row of bytes, most significant bit first.
//!
//! Polynomials and plaintext payloads are written so (swift-homomorphic-encryption,
//! `CoefficientPacking.swift`): a big-endian stream of bits, padded with zeros to a whole byte at
//! the end.

use alloc::vec::Vec;

/// Bytes that this many numbers of this many bits take.
pub fn packed_length(numbers: usize, bits: u32) -> usize {
    (numbers * bits as usize).div_ceil(8)
}

/// Appends numbers, `bits` low bits of each. Higher bits must be zero. `bits` is 1 to 64.
pub fn pack(numbers: impl IntoIterator<Item = u64>, bits: u32, bytes: &mut Vec<u8>) {
    let (mut waiting, mut count) = (0_u128, 0);
    for number in numbers {
        waiting = waiting << bits | u128::from(number);
        count += bits;
        while count >= 8 {
            count -= 8;
            bytes.push((waiting >> count) as u8);
        }
    }
    if count > 0 {
        bytes.push((waiting << (8 - count)) as u8);
    }
}

/// Reads as many whole numbers of `bits` bits as the bytes hold. `bits` is 1 to 64.
pub fn unpack(bytes: &[u8], bits: u32) -> impl Iterator<Item = u64> + '_ {
    let mask = u64::MAX >> (64 - bits);
    let mut bytes = bytes.iter();
    let (mut waiting, mut count) = (0_u128, 0);
    core::iter::from_fn(move || {
        while count < bits {
            waiting = waiting << 8 | u128::from(*bytes.next()?);
            count += 8;
        }
        count -= bits;
        Some((waiting >> count) as u64 & mask)
    })
}

/// Payload bytes as plaintext coefficients of `bits` bits; the last is padded with zero bits.
pub fn payload_to_coefficients(bytes: &[u8], bits: u32) -> Vec<u64> {
    let count = (bytes.len() * 8).div_ceil(bits as usize);
    let mut padded = bytes.to_vec();
    padded.resize(packed_length(count, bits), 0);
    unpack(&padded, bits).take(count).collect()
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_bit_is_the_highest() {
        let mut bytes = vec![];
        pack([0b101, 0b001, 0b110], 3, &mut bytes);
        assert_eq!(bytes, [0b1010_0111, 0b0000_0000]);
        assert_eq!(unpack(&bytes, 3).take(3).collect::<Vec<_>>(), [5, 1, 6]);
        assert_eq!(payload_to_coefficients(&[0xff], 5), [31, 28]);
    }

    proptest! {
        #[test]
        fn packing_goes_both_ways(bits in 1..=64_u32, numbers: Vec<u64>) {
            let numbers = numbers.iter().map(|n| n >> (64 - bits)).collect::<Vec<_>>();
            let mut bytes = vec![];
            pack(numbers.iter().copied(), bits, &mut bytes);
            prop_assert_eq!(bytes.len(), packed_length(numbers.len(), bits));
            let read = unpack(&bytes, bits).take(numbers.len()).collect::<Vec<_>>();
            prop_assert_eq!(read, numbers);
        }
    }
}
