//! Checks of the tree that compilers do not make.
//!
//! Input: the tree this was built in. Output: [`tidy::Finding`]s.
//!
//! # Not here
//!
//! Formatting and lints: `cargo fmt` and `cargo clippy` do that. Building: `./check`.

pub mod source;
pub mod tidy;

use std::path::{Path, PathBuf};

/// The top of the tree.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
