//! Where the user wants it to ring, kept over restarts in one small file.
//!
//! Output: what `kept` writes into the file; the choice of the file for the next daemon, before
//! which the line of the configuration does not count.
//!
//! # Promises
//!
//! - **RO1** a file that cannot be read counts as "no choice"; one that cannot be written is told.

use std::path::{Path, PathBuf};

use hookswitch_model::{RingOn, Snapshot};

use crate::kept::Choice;

/// The file in the state directory.
const FILE: &str = "ring-on";

/// The choice that was made under a former daemon, if there was one.
#[must_use]
pub fn load(dir: &Path) -> Option<RingOn> {
    let text = std::fs::read_to_string(file(dir)).ok()?;
    RingOn::from_name(text.trim_end())
}

/// Where the choice is kept.
#[must_use]
pub fn file(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

impl Choice for RingOn {
    fn of(state: &Snapshot) -> &Self {
        &state.ring_on
    }

    fn text(&self) -> String {
        format!("{}\n", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_reads_back_and_no_file_is_no_choice() {
        let dir = tempfile::tempdir().expect("a directory");
        assert_eq!(load(dir.path()), None);
        for name in ["default", "all", "alsa_output.pci-0000_00_1f.3"] {
            let on = RingOn::from_name(name).expect("valid");
            crate::kept::write(&file(dir.path()), &on.text()).expect("written");
            assert_eq!(load(dir.path()), Some(on));
        }
    }
}
