//! Messages as they travel, one module for each package of the published protocol files
//! (`swift-homomorphic-encryption-protobuf`, Apache-2.0).
//!
//! Written by hand, so that no protocol compiler is needed. Field numbers and types are frozen by
//! the protocol. Map fields are lists of entries here: on the wire they are the same, and a list
//! keeps the order in which they came, so that a message can be written again byte for byte.

#![allow(
    missing_docs,
    reason = "the protocol files name and explain the fields"
)]

pub mod api;
pub mod he;
pub mod lookup;
pub mod pir;
