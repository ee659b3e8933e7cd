//! Ring arithmetic and the BFV scheme of the private lookup protocol.
//!
//! Layer 0 of the lookup crates: no IO, no clock, no threads, no protocol messages; `no_std` with
//! `alloc`. Input: parameters, keys and ciphertexts as values or bytes. Output: the same. Chance
//! comes in as [`sample::Random`].
//!
//! # Promises
//!
//! - **R1** bytes and results are those of Apple's published library
//!   (swift-homomorphic-encryption) bit for bit, with every kernel: no path trades exactness for
//!   speed.
//! - **R2** what a client computes from its secret key takes a time that does not depend on the
//!   key, the errors or the plaintext.
//! - **R3** bytes of strangers are refused by name; they never panic.
//! - **R4** a secret key is wiped when it is dropped, and its `Debug` says nothing.
//!
//! # Not here
//!
//! Protocol messages (`hookswitch-lookup-wire`), databases and queries (`hookswitch-lookup-pir`).

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod behz;
pub mod bits;
pub mod bytes;
pub mod ciphertext;
pub mod context;
pub mod drbg;
pub mod error;
pub mod galois;
pub mod kernels;
pub mod keys;
pub mod modulus;
pub mod ntt;
pub mod parameters;
pub mod poly;
pub mod sample;
pub mod secret;
pub mod switch;
pub mod word;
