//! Private lookup by keyword: a server answers without learning what was asked.
//!
//! Layer 1 of the lookup crates: no IO, no clock, no protocol messages; chance comes in as
//! [`Random`](hookswitch_lookup_ring::sample::Random). Rows of keyword and value become cuckoo
//! tables ([`cuckoo`]), tables become plaintexts ([`process`]), a server answers an encrypted query
//! over them ([`server`]), and the client decrypts the answer ([`client`]).
//!
//! The scheme is MulPIR (A. Ali and others, "Communication-computation trade-offs in PIR", ePrint
//! 2019/1483) with two dimensions, in the form of swift-homomorphic-encryption (folder
//! `PrivateInformationRetrieval`).
//!
//! # Promises
//!
//! - **P1** a server with a database that Apple's tool processed answers with the same bytes as
//!   Apple's server, and our processed files are read by it.
//! - **P2** queries and keys of strangers are refused by name; they never panic and never make the
//!   server compute more than one honest query of the shard would.
//! - **P3** what a client learns from an answer does not depend in time on the keyword or value, up
//!   to the reading of the decrypted bucket.
//!
//! # Not here
//!
//! Messages (`hookswitch-lookup-wire`), HTTP, tokens, files.

pub mod bucket;
pub mod client;
pub mod cuckoo;
pub mod error;
pub mod expand;
pub mod file;
pub mod keyword;
pub mod process;
pub mod server;
pub mod shape;
pub mod tiles;
