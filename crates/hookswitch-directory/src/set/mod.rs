//! A sorted set of phone numbers in about nine bits each, searchable in place.
//!
//! # Format
//!
//! Numbers become *tokens*: a gap from the number before (2 or more), or a run of further
//! consecutive numbers. A token is a symbol in a Huffman code, which depends on the kind of the
//! token before it, and some plain bits. 40 tokens (64 with ranks) make a *block*, whose first
//! number stands in the index instead; 32 blocks make a *super block* with its small index in
//! front; 2^16 tokens make a *segment*, which has one set of codes. All integers are
//! little-endian.
//!
//! ```text
//! set     = super* codes index footer
//! super   = widths, 31 heads, 32 ends, 31 counts if ranks are kept, tokens; packed in bits
//! index   = static tree over the first numbers of all supers, then their places
//! footer  = fixed size, last in the file: counts, places, checksums, magic
//! ```
//!
//! A lookup reads one node of each layer of the tree, one super index and one block: the tree
//! stays in the cache, so one number costs two or three reads from far memory.
//!
//! Phone numbers are not spread evenly: area codes, blocks of ten thousand, extensions of a
//! company. Gaps inside one area have one size, extensions follow each other; a code per segment
//! and per kind of token before follows both.

mod block;
mod builder;
mod code;
mod decode;
mod ranges;
mod segment;
mod view;

use crate::pack::footer::Magic;

pub use crate::pack::footer::FormatError;
pub use builder::{Builder, PushError};
pub use ranges::Ranges;
pub use view::{NumberSet, Opened};

/// What a set ends with.
const MAGIC: Magic = Magic(*b"hswset", 2);

/// Tokens of one block.
const BLOCK: usize = 40;

/// Tokens of one block of a set with ranks: labels take longer than that anyway.
const RANKED_BLOCK: usize = 64;

/// Tokens of one segment, after which it is closed at the next gap.
const SEGMENT: usize = 1 << 16;

/// The largest number: all that are a positive signed 64-bit integer.
pub const NUMBER_MAX: u64 = i64::MAX as u64;
