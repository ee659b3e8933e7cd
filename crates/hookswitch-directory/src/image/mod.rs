//! The image of one extension: everything that one load left, in one file that never changes.
//!
//! ```text
//! image   = start (64 bytes), section*, trailer (256 bytes); each begins at a multiple of 64
//! section = blocked set | labeled set | label ids | label texts
//! trailer = version, generation, time, counts, section table with checksums, its own checksum
//! ```
//!
//! The header stands at the end, so that an image is written from front to back in one pass, and a
//! file that was cut has none.
//!
//! # Promises
//!
//! - **F1** [`Image::verify`] notices any byte that is not as it was written.
//! - **F2** opening reads the trailer and the codes, however large the image is.
//! - **F3** damaged bytes never cause a panic.

mod layout;
mod view;

pub use layout::{Facts, Section, Writer};
pub use view::{Image, Opened};
