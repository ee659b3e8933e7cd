//! Messages of the private lookup protocol, and the values they stand for.
//!
//! Layer 2 of the lookup crates. Input: bytes of strangers, or values of `hookswitch-lookup-pir`.
//! Output: the other. [`messages`] are the protocol buffers; [`convert`] turns them into
//! parameters, shapes, keys, queries and answers, and back.
//!
//! # Promises
//!
//! - **X1** what is written has the bytes that Apple's library writes for the same values; hashes
//!   of messages (config id, key id) depend on it.
//! - **X2** what cannot be a value of the protocol is refused by name; nothing panics.
//!
//! # Not here
//!
//! HTTP, tokens, files.

pub mod convert;
pub mod count;
pub mod error;
pub mod identity;
pub mod messages;

pub use prost::Message;
