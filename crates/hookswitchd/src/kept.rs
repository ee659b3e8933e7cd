//! A small choice of the user in a file of its own, written whenever it changes.
//!
//! Input: the published states. Output: the file, replaced as a whole; a disk that does not take
//! it is told in the log, and the choice counts until the daemon ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookswitch_model::Snapshot;
use tokio::sync::watch;

/// What is kept: how it is found in a state, and what the file says.
pub trait Choice: Clone + PartialEq + Send + 'static {
    /// The choice of a state.
    fn of(state: &Snapshot) -> &Self;

    /// The text of the file.
    fn text(&self) -> String;
}

/// Follows the choice until nothing is published any more.
pub async fn follow<C: Choice>(
    file: PathBuf,
    mut kept: C,
    mut states: watch::Receiver<Arc<Snapshot>>,
) {
    while states.changed().await.is_ok() {
        let state = states.borrow_and_update().clone();
        // The empty state before the first publication has no choice of its own.
        if state.revision == 0 || *C::of(&state) == kept {
            continue;
        }
        kept.clone_from(C::of(&state));
        let (path, text) = (file.clone(), kept.text());
        let written = tokio::task::spawn_blocking(move || write(&path, &text)).await;
        if let Ok(Err(error)) = written {
            let file = file.display();
            tracing::warn!(%error, %file, "a choice is not kept; check the disk");
        }
    }
}

/// Replaces the file.
pub fn write(file: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new("/")))?;
    let fresh = file.with_extension("new");
    std::fs::write(&fresh, text)?;
    std::fs::rename(&fresh, file)
}
