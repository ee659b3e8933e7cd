//! Privacy Pass: who may ask, without the service learning who asks.
//!
//! An issuer signs blindly for users it knows; the service takes a token once and cannot tell
//! whose it is. Type 2 of RFC 9578 (blind RSA of 2,048 bits), as iPhones use it: an empty
//! redemption context and no origin in the challenge, one key for each tier of users.
//!
//! Issuer and service share a folder of public keys and nothing else; they may be one program.

pub mod blind;
pub mod issuer;
pub mod keys;
pub mod message;
pub mod spent;
pub mod verifier;
pub mod wallet;
