//! Numbers with labels: who a number belongs to, or what it is known for.
//!
//! A number may have several labels; their order is kept. Three parts belong together: the set of
//! numbers with their ranks ([`crate::set`]), for each rank the ids of its labels, and the text of
//! each label once.
//!
//! # Promises
//!
//! - **G1** a number has the labels that were pushed for it, in that order, and no others.
//! - **G2** building keeps the distinct labels in memory and a segment of everything else.
//! - **G3** damaged parts give an error, or labels that were not pushed, and never a panic.

mod builder;
mod code;
mod ids;
mod text;
mod text_builder;
mod view;

pub use builder::{Builder, LABELS_OF_ONE_MAX, Parts, PushError};
pub use text::LABEL_BYTES_MAX;
pub use view::{Entries, Labels, Opened};

use crate::pack::footer::Magic;

/// What label ids end with.
const IDS_MAGIC: Magic = Magic(*b"hswids", 1);

/// What label texts end with.
const TEXT_MAGIC: Magic = Magic(*b"hswtxt", 1);
