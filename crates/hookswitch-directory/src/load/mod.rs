//! One load of one extension: what may come, in which order, and what is wrong with it.
//!
//! Input: the entries as an extension gives them, one after the other. Output: for each, the
//! number to keep, or a [`LoadError`] that says which entry, which rule, and CallKit's code for it.
//! Nothing is stored here.
//!
//! # Promises
//!
//! - **O1** a load is full unless the extension asked ([`Load::ask_incremental`]) before its first
//!   entry, and there is something to add to (CallKit: `isIncremental`).
//! - **O2** blocking and identification are two sequences; each strictly ascends. The same number
//!   may come again with another label.
//! - **O3** after an error nothing is taken any more: all or nothing.
//! - **O4** removals are for incremental loads only, and come in sequences of their own.

mod error;
mod sequence;

pub use error::{Code, List, LoadError, Why};
pub use sequence::{Entry, Limits, Load, Mode};

/// Most bytes that the labels of one load have, each of them counted once: they are held in memory
/// until it is kept.
pub const LABEL_TEXTS_MAX: usize = 64 << 20;
