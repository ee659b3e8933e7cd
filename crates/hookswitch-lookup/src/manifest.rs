//! The list of use cases in a folder of processed shards: `lookup.toml`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The file name.
pub const NAME: &str = "lookup.toml";

/// What a folder holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Manifest {
    /// The use cases.
    pub usecases: Vec<UseCase>,
}

/// One use case: shard S is in `<stem>-S.bin` and `<stem>-S.params.binpb`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct UseCase {
    /// Its name on the wire, `<bundle>.block` or `<bundle>.identity`.
    pub name: String,
    /// The first part of the names of its files.
    pub stem: String,
    /// How many shards it has.
    pub shards: u32,
}

impl Manifest {
    /// Reads the list of a folder.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is none.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("reading {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("reading {}", path.display()))
    }

    /// Writes the list of a folder.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let text = toml::to_string(self)?;
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    }
}
