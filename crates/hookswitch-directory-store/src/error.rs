//! What can go wrong with the files.

use std::io;

use hookswitch_directory::load::LoadError;
use hookswitch_directory::set::FormatError;

/// Why a load was not kept or an extension not opened. The data before it counts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The load broke a rule.
    #[error("{0}")]
    Load(#[from] LoadError),
    /// A file could not be written or read.
    #[error("the directory could not be stored or read: {0}; free some space and load again")]
    Io(#[from] io::Error),
    /// What was written does not read back.
    #[error("the directory did not read back as it was written ({0}); load again")]
    Format(#[from] FormatError),
    /// Nothing of the extension could be read.
    #[error("the data of this list is damaged; load it again")]
    Damaged,
}
