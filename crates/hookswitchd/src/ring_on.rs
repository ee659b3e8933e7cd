//! Where the user wants it to ring, kept over restarts in one small file.
//!
//! Input: the published states. Output: the file, whenever the choice changed; the choice of the
//! file for the next daemon, before which the line of the configuration does not count.
//!
//! # Promises
//!
//! - **RO1** a file that cannot be read counts as "no choice"; one that cannot be written is told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookswitch_model::{RingOn, Snapshot};
use tokio::sync::watch;

/// The file in the state directory.
const FILE: &str = "ring-on";

/// The choice that was made under a former daemon, if there was one.
#[must_use]
pub fn load(dir: &Path) -> Option<RingOn> {
    let text = std::fs::read_to_string(dir.join(FILE)).ok()?;
    RingOn::from_name(text.trim_end())
}

/// Writes the file whenever the choice changes, until nothing is published any more.
pub async fn follow(dir: PathBuf, mut kept: RingOn, mut states: watch::Receiver<Arc<Snapshot>>) {
    while states.changed().await.is_ok() {
        let state = states.borrow_and_update().clone();
        // The empty state before the first publication has no choice of its own.
        if state.revision == 0 || state.ring_on == kept {
            continue;
        }
        kept.clone_from(&state.ring_on);
        let (dir, on) = (dir.clone(), kept.clone());
        let written = tokio::task::spawn_blocking(move || keep(&dir, &on)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(%error, "the choice of where it rings is not kept; check the disk");
        }
    }
}

fn keep(dir: &Path, on: &RingOn) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let fresh = dir.join(format!("{FILE}.new"));
    std::fs::write(&fresh, format!("{}\n", on.name()))?;
    std::fs::rename(&fresh, dir.join(FILE))
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
            keep(dir.path(), &on).expect("written");
            assert_eq!(load(dir.path()), Some(on));
        }
    }
}
