//! What the user has set for the lists of the call directory, in one file beside their data.
//!
//! # Promises
//!
//! - **LF1** settings whose [`ListsFile::keep`] returned survive a crash of the process or the
//!   machine; a crash meanwhile leaves the former ones.
//! - **LF2** a file that cannot be read is moved aside and told; every list is off then.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hookswitch_wire::json::{KeptList, KeptLists, LISTS_VERSION};

use crate::replace::{move_aside, replace};

/// What was found.
#[derive(Debug)]
pub struct OpenedLists {
    /// The file.
    pub file: ListsFile,
    /// The settings in it, in the user's order.
    pub lists: Vec<KeptList>,
    /// Where a file is that could not be read.
    pub damaged: Option<PathBuf>,
}

/// The file of the settings.
#[derive(Clone, Debug)]
pub struct ListsFile(PathBuf);

impl ListsFile {
    /// Opens the file and reads the settings; a missing file holds none.
    #[must_use]
    pub fn open(path: PathBuf) -> OpenedLists {
        let (lists, damaged) = match fs::read_to_string(&path) {
            Ok(text) => match read(&text) {
                Some(lists) => (lists, None),
                None => (Vec::new(), Some(move_aside(&path))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Vec::new(), None),
            // What cannot be read may be read another time: nothing is written over it.
            Err(_) => (Vec::new(), Some(move_aside(&path))),
        };
        OpenedLists {
            file: Self(path),
            lists,
            damaged,
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps the settings in place of the former ones.
    ///
    /// # Errors
    ///
    /// If the disk does not take them; the former ones are in the file then.
    pub fn keep(&self, lists: &[KeptList]) -> io::Result<()> {
        let document = KeptLists {
            version: LISTS_VERSION,
            lists: lists.to_vec(),
        };
        replace(&self.0, &document)
    }
}

fn read(text: &str) -> Option<Vec<KeptList>> {
    let document: KeptLists = serde_json::from_str(text).ok()?;
    (document.version == LISTS_VERSION).then_some(document.lists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_and_a_damaged_file_is_moved_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("directory/lists.json");
        let opened = ListsFile::open(path.clone());
        assert_eq!((opened.lists.len(), opened.damaged), (0, None));
        let lists = vec![KeptList {
            id: "org.example.Spam".to_owned(),
            name: "Spam".to_owned(),
            is_app: true,
            enabled: true,
            error: None,
        }];
        opened.file.keep(&lists).unwrap();
        assert_eq!(ListsFile::open(path.clone()).lists, lists);
        fs::write(&path, "[]").unwrap();
        let opened = ListsFile::open(path.clone());
        assert_eq!(opened.lists, []);
        assert_eq!(opened.damaged, Some(path.with_extension("damaged")));
        opened.file.keep(&lists).unwrap();
        assert_eq!(ListsFile::open(path).lists, lists);
    }
}
