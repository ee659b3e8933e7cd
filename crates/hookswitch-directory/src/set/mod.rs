//! A sorted set of phone numbers in about nine bits each, searchable in place.
//!
//! # Format
//!
//! Numbers become *tokens*: a gap from the number before (2 or more), or a run of further
//! consecutive numbers. A token is a symbol in a Huffman code, which depends on the kind of the
//! token before it, and some plain bits. 64 tokens make a *block*, whose first number stands in
//! the index instead; 16 blocks make a *super block* with its small index in front; 2^17 tokens
//! make a *segment*, which can be decoded alone. All integers are little-endian.
//!
//! ```text
//! file    = segment* table* directory footer
//! segment = super* top                      (bit-packed supers; top: one entry per super)
//! super   = widths, 15 heads, 16 ends, payload
//! top     = (head u64, byte offset u32) per super
//! footer  = fixed size, last in the file: counts, places, checksums, magic
//! ```
//!
//! Phone numbers are not spread evenly: area codes, blocks of ten thousand, extensions of a
//! company. Gaps inside one area have one size, extensions follow each other; a code per segment
//! and per kind of token before follows both.

mod bits;
mod builder;
mod code;
mod footer;
mod huffman;
mod view;

pub use builder::{Builder, PushError};
pub use footer::FormatError;
pub use view::NumberSet;

/// Tokens of one block.
const BLOCK: usize = 64;

/// Blocks of one super block.
const SUPER: usize = 16;

/// Tokens of one segment, after which it is closed at the next gap.
const SEGMENT: usize = 1 << 17;

/// The largest number: 18 digits fit, and the arithmetic never overflows.
pub const NUMBER_MAX: u64 = (1 << 62) - 1;
