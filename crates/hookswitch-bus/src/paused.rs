//! Which media players are paused for a call, kept for the next daemon.
//!
//! Input: the connections of players that were told to pause. Output: a file in the runtime
//! directory, and what the daemon before this one left in it.
//!
//! # Promises
//!
//! - **PF1** what another bus knows by the same name is never taken for ours: the first line is the
//!   bus's own id, and a bus gives each connection name once.
//! - **PF2** the file is whole or not there; a disk that refuses it costs this memory only.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// The file with what is paused.
#[derive(Debug)]
pub(crate) struct PausedFile {
    path: PathBuf,
    bus: String,
    kept: BTreeSet<String>,
    fails: bool,
}

impl PausedFile {
    /// The file as the daemon before left it, for the bus with this id.
    pub(crate) fn open(path: PathBuf, bus: &str) -> Self {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mut lines = text.lines();
        let ours = lines.next() == Some(bus);
        let kept = lines.filter(|_| ours).map(str::to_owned).collect();
        Self {
            path,
            bus: bus.to_owned(),
            kept,
            fails: false,
        }
    }

    /// The connections of players that are in it.
    pub(crate) fn kept(&self) -> &BTreeSet<String> {
        &self.kept
    }

    /// Keeps these connections, if they are others than before.
    pub(crate) fn keep(&mut self, paused: BTreeSet<String>) {
        if self.kept == paused {
            return;
        }
        self.kept = paused;
        match self.write() {
            Ok(()) => self.fails = false,
            Err(error) if !self.fails => {
                self.fails = true;
                tracing::warn!(%error, "players that are paused now stay so if the daemon dies");
            }
            Err(_) => {}
        }
    }

    fn write(&self) -> io::Result<()> {
        if self.kept.is_empty() {
            return match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                Ok(()) | Err(_) => Ok(()),
            };
        }
        let mut text = self.bus.clone();
        for owner in &self.kept {
            text.push('\n');
            text.push_str(owner);
        }
        let beside = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        let options = options.create(true).write(true).truncate(true).mode(0o600);
        options.open(&beside)?.write_all(text.as_bytes())?;
        fs::rename(&beside, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_next_daemon_on_the_same_bus_reads_what_was_kept() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("paused");
        let mut file = PausedFile::open(path.clone(), "bus-1");
        assert_eq!(*file.kept(), set(&[]));
        file.keep(set(&[":1.4", ":1.9"]));
        let next = PausedFile::open(path.clone(), "bus-1");
        assert_eq!(*next.kept(), set(&[":1.4", ":1.9"]));
        let elsewhere = PausedFile::open(path.clone(), "bus-2");
        assert_eq!(*elsewhere.kept(), set(&[]));
        file.keep(set(&[]));
        assert!(!path.exists(), "nothing is paused, so nothing is kept");
    }

    #[test]
    fn a_folder_that_is_not_there_costs_the_memory_only() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut file = PausedFile::open(dir.path().join("no/paused"), "bus");
        file.keep(set(&[":1.4"]));
        assert_eq!(*file.kept(), set(&[":1.4"]));
        file.keep(set(&[]));
    }
}
