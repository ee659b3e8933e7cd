//! What changed since an image was made: records for a log, and the sum of them for lookups.
//!
//! # Promises
//!
//! - **C1** a record that was cut or damaged ends the reading of the log; what comes before it
//!   counts, and nothing of it or behind it.
//! - **C2** removals of a change come before its additions.
//! - **C3** adding what is there and removing what is not there change nothing.

mod change;
mod merge;
mod overlay;
mod record;

pub use change::{Change, Labeled};
pub use merge::{Target, merge};
pub use overlay::Overlay;
pub use record::{Record, read_log, write_record};
