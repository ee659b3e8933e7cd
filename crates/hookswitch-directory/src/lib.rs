//! The call directory: sets of phone numbers and their labels, built in one pass and looked up in
//! place.
//!
//! Layer 1: pure. Bytes and numbers go in, bytes and answers come out; files, memory maps and
//! clocks live in edges.
//!
//! # Promises
//!
//! - **D1** a number that was pushed is found, a number that was not is not found: no filter, no
//!   false answer.
//! - **D2** building needs memory for one segment and an index, however many numbers there are.
//! - **D3** damaged bytes give an error or a wrong "not found" until they are checked
//!   ([`set::NumberSet::verify`]), and never a panic.
//!
//! # Not here
//!
//! Files, memory maps, the numbering plans of the world, words for people.

mod bytes;
pub mod decide;
pub mod delta;
pub mod image;
pub mod labels;
pub mod lists;
pub mod load;
pub mod number;
mod pack;
pub mod set;
pub mod sum;

/// Words of the field that answers are made of.
pub use hookswitch_model::{CallerRules, Decision, NumberPattern, PatternError, Text, Wall};
