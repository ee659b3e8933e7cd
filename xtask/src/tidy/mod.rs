//! The rules of the tree, as checks.
//!
//! Input: the files of the tree and `cargo metadata`.
//! Output: [`Finding`]s, each with a place and what to do.
//!
//! # Promises
//!
//! - **H1** what Git does not keep (build output, packages, tools) is not looked at.
//! - **H2** the same tree gives the same findings in the same order.

pub mod comparisons;
pub mod layers;
pub mod licenses;
pub mod links;
pub mod purity;
pub mod sizes;
pub mod text;
pub mod tree;
pub mod unsafe_code;
pub mod words;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use self::tree::File;

/// Something to put right.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Finding {
    /// The file, relative to the top of the tree.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Finding {
    /// A finding in a file.
    pub fn new(path: impl Into<PathBuf>, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}

/// Checks the whole tree.
///
/// # Errors
///
/// When the tree cannot be read or `cargo metadata` fails.
pub fn check(root: &Path) -> io::Result<Vec<Finding>> {
    let files = tree::read(root)?;
    let mut findings = files.iter().flat_map(check_file).collect::<Vec<_>>();
    findings.extend(links::check(root, &files));
    findings.extend(comparisons::check(&files));
    let metadata = layers::metadata(root)?;
    findings.extend(layers::check(&metadata));
    findings.extend(licenses::check(&metadata));
    findings.sort();
    Ok(findings)
}

fn check_file(file: &File) -> Vec<Finding> {
    let checks = [
        sizes::check,
        text::check,
        purity::check,
        words::check,
        unsafe_code::check,
    ];
    checks.iter().flat_map(|check| check(file)).collect()
}
