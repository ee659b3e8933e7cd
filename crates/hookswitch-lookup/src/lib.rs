//! The private lookup service: builds a database, serves it, and asks it.
//!
//! Layer 4. A table of numbers and names becomes processed shards ([`build`]), a service answers
//! the protocol over HTTP ([`serve`]), and a client asks it for a number ([`ask`]).
//!
//! # Promises
//!
//! - **Z1** the service never learns a number; it logs no body, no user and no address.
//! - **Z2** what a stranger sends is bounded: bytes of a body, requests in it, keys that are kept.

pub mod ask;
pub mod bounds;
pub mod build;
pub mod chance;
pub mod gateway;
pub mod manifest;
pub mod post;
pub mod question;
pub mod refusal;
pub mod rows;
pub mod secrets;
pub mod serve;
pub mod service;
pub mod shard;
pub mod tls;
pub mod tokens;
