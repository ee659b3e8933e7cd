//! The generator that stretches the seed of a ciphertext: AES-128 `CTR_DRBG`.
//!
//! Input: a seed of 32 bytes. Output: the same bytes on every machine. NIST SP 800-90A rev. 1,
//! section 10.2.1, without derivation function, personalization or additional input; requests of
//! 4,096 bytes (swift-homomorphic-encryption, `NistCtrDrbg.swift`, `NistAes128Ctr.swift`).
//!
//! # Not here
//!
//! Reseeding: the bytes are public and their number is bounded by the size of a ciphertext.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Block};
use alloc::vec;
use alloc::vec::Vec;

/// Bytes of a seed.
pub const SEED_BYTES: usize = 32;
/// Bytes of one request.
const REQUEST_BYTES: usize = 4096;

/// The generator and the bytes of its current request that are left.
pub struct Drbg {
    key: Aes128,
    counter: u128,
    request: Vec<u8>,
    used: usize,
}

impl Drbg {
    /// The generator of a seed.
    pub fn new(seed: &[u8; SEED_BYTES]) -> Self {
        let mut drbg = Self {
            key: Aes128::new(&[0; 16].into()),
            counter: 0,
            request: vec![0; REQUEST_BYTES],
            used: REQUEST_BYTES,
        };
        drbg.update(seed);
        drbg
    }

    /// The next 16 bytes as a little-endian number.
    #[inline]
    pub fn next_u128(&mut self) -> u128 {
        if self.used == REQUEST_BYTES {
            let mut request = core::mem::take(&mut self.request);
            self.generate(&mut request);
            self.request = request;
            self.used = 0;
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.request[self.used..self.used + 16]);
        self.used += 16;
        u128::from_le_bytes(bytes)
    }

    /// Answers one request and moves on.
    fn generate(&mut self, bytes: &mut [u8]) {
        self.keystream(bytes);
        self.update(&[0; SEED_BYTES]);
    }

    fn update(&mut self, provided: &[u8; SEED_BYTES]) {
        let mut state = [0; SEED_BYTES];
        self.keystream(&mut state);
        for (byte, provided) in state.iter_mut().zip(provided) {
            *byte ^= provided;
        }
        let (mut key, mut counter) = ([0; 16], [0; 16]);
        key.copy_from_slice(&state[..16]);
        counter.copy_from_slice(&state[16..]);
        self.key = Aes128::new(&key.into());
        self.counter = u128::from_be_bytes(counter);
    }

    fn keystream(&mut self, bytes: &mut [u8]) {
        let mut blocks = [Block::default(); 16];
        for chunk in bytes.chunks_mut(16 * 16) {
            let count = chunk.len().div_ceil(16);
            for block in &mut blocks[..count] {
                self.counter = self.counter.wrapping_add(1);
                *block = self.counter.to_be_bytes().into();
            }
            self.key.encrypt_blocks(&mut blocks[..count]);
            for (part, block) in chunk.chunks_mut(16).zip(&blocks) {
                part.copy_from_slice(&block[..part.len()]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        core::array::from_fn(|index| {
            u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).expect("hexadecimal digits")
        })
    }

    /// NIST CAVP `CTR_DRBG.rsp`, AES-128 no df, without prediction resistance: two requests of 512
    /// bits, the second is compared. The second vector has a reseed, which is an update here.
    #[test]
    fn the_published_vectors_come_out() {
        check(
            "ce50f33da5d4c1d3d4004eb35244b7f2cd7f2e5076fbf6780a7ff634b249a5fc",
            None,
            "6545c0529d372443b392ceb3ae3a99a30f963eaf313280f1d1a1e87f9db373d3\
             61e75d18018266499cccd64d9bbb8de0185f213383080faddec46bae1f784e5a",
        );
        check(
            "ed1e7f21ef66ea5d8e2a85b9337245445b71d6393a4eecb0e63c193d0f72f9a9",
            Some("303fb519f0a4e17d6df0b6426aa0ecb2a36079bd48be47ad2a8dbfe48da3efad"),
            "f80111d08e874672f32f42997133a5210f7a9375e22cea70587f9cfafebe0f6a\
             6aa2eb68e7dd9164536d53fa020fcab20f54caddfab7d6d91e5ffec1dfd8deaa",
        );
    }

    #[track_caller]
    fn check(seed: &str, reseed: Option<&str>, want: &str) {
        let mut drbg = Drbg::new(&bytes(seed));
        if let Some(reseed) = reseed {
            drbg.update(&bytes(reseed));
        }
        let mut output = [0; 64];
        drbg.generate(&mut output);
        drbg.generate(&mut output);
        assert_eq!(output, bytes(want));
    }
}
