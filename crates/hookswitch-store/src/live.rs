//! The live calls, kept so that the next daemon has them when this one is killed.
//!
//! Input: all live calls after each step. Output: those calls, when the file is opened again.
//! The file is a log of JSON lines in the runtime directory: memory, gone with the boot, as the
//! calls are. Only what changed is written, with one system call, before anybody is told of it.
//!
//! # Promises
//!
//! - **K1** when [`LiveCalls::keep`] has returned, a kill of the process at any later instant
//!   leaves these calls readable. (The machine itself may lose them; no call survives that.)
//! - **K2** a line that was being written when the process died is not read; those before it are.
//! - **K3** the file is bounded: past [`LOG_MAX`] bytes it is written anew, live calls only.
//! - **K4** the file is readable by its owner only.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hookswitch_model::{CallId, SavedCall};
use hookswitch_wire::json;
use serde::{Deserialize, Serialize};

/// Longest log, in bytes, before it is written anew.
pub const LOG_MAX: u64 = 256 * 1024;

/// The live calls could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("live calls are not kept in {path}: {why}; they would not survive a crash of the daemon")]
pub struct LiveError {
    path: PathBuf,
    #[source]
    why: io::Error,
}

/// The log of live calls.
#[derive(Debug)]
pub struct LiveCalls {
    path: PathBuf,
    file: Option<File>,
    kept: BTreeMap<CallId, SavedCall>,
    length: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Live(Box<json::SavedCall>),
    Over(String),
}

impl LiveCalls {
    /// Opens the log and reads the calls that were live when it was written last, oldest first.
    ///
    /// A log that cannot be read counts as empty.
    #[must_use]
    pub fn open(path: PathBuf) -> (Self, Vec<SavedCall>) {
        let calls = fs::read_to_string(&path).map_or_else(|_| Vec::new(), |text| read(&text));
        let log = Self {
            path,
            file: None,
            kept: calls.iter().map(|call| (call.id, call.clone())).collect(),
            length: LOG_MAX,
        };
        (log, calls)
    }

    /// Keeps these calls, and forgets all others.
    ///
    /// # Errors
    ///
    /// [`LiveError`] if the file cannot be written. The next call tries to write all of it.
    pub fn keep(&mut self, calls: &[SavedCall]) -> Result<(), LiveError> {
        let written = self.write(calls);
        if written.is_err() {
            self.file = None;
        }
        written.map_err(|why| LiveError {
            path: self.path.clone(),
            why,
        })
    }

    fn write(&mut self, calls: &[SavedCall]) -> io::Result<()> {
        let mut text = Vec::new();
        if self.file.is_none() || self.length >= LOG_MAX {
            for call in calls {
                append(&mut text, &live(call))?;
            }
            self.file = Some(replace(&self.path, &text)?);
            self.length = text.len() as u64;
        } else {
            self.changes(calls, &mut text)?;
            if let (Some(file), false) = (&mut self.file, text.is_empty()) {
                file.write_all(&text)?;
                self.length += text.len() as u64;
            }
        }
        if !text.is_empty() || self.kept.len() != calls.len() {
            self.kept = calls.iter().map(|call| (call.id, call.clone())).collect();
        }
        Ok(())
    }

    fn changes(&self, calls: &[SavedCall], text: &mut Vec<u8>) -> io::Result<()> {
        for call in calls {
            if self.kept.get(&call.id) != Some(call) {
                append(text, &live(call))?;
            }
        }
        for id in self.kept.keys() {
            if !calls.iter().any(|call| call.id == *id) {
                append(text, &Line::Over(id.to_string()))?;
            }
        }
        Ok(())
    }
}

fn live(call: &SavedCall) -> Line {
    Line::Live(Box::new(call.into()))
}

fn append(text: &mut Vec<u8>, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *text, line)?;
    text.push(b'\n');
    Ok(())
}

/// Writes a whole new file beside the old one and puts it in its place.
fn replace(path: &Path, text: &[u8]) -> io::Result<File> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    let options = options.create(true).write(true).truncate(true).mode(0o600);
    let mut file = options.open(&beside)?;
    file.write_all(text)?;
    fs::rename(&beside, path)?;
    Ok(file)
}

fn read(text: &str) -> Vec<SavedCall> {
    let mut calls: Vec<SavedCall> = Vec::new();
    // The text behind the last line end was being written when the process died (K2).
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines() {
        match serde_json::from_str(line) {
            Ok(Line::Live(call)) => {
                let Some(call) = call.read() else { continue };
                match calls.iter_mut().find(|known| known.id == call.id) {
                    Some(known) => *known = call,
                    None => calls.push(call),
                }
            }
            Ok(Line::Over(id)) => calls.retain(|call| call.id.to_string() != id),
            Err(_) => {}
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookswitch_model::{
        AppId, CallKey, Capabilities, Direction, Phase, Stamp, Text, Timestamp, Wall,
    };

    fn call(id: u128, at: u64) -> SavedCall {
        let since = Stamp::new(Timestamp::from_millis(at), Wall::from_millis(0));
        SavedCall {
            id: CallId(id),
            key: CallKey::new("k").expect("key"),
            app: AppId::new("org.example.App").expect("app"),
            app_name: Text::new("Acme").expect("name"),
            direction: Direction::Incoming,
            handle: None,
            name: None,
            capabilities: Capabilities::default(),
            video: false,
            emergency: false,
            phase: Phase::Active { since },
            answering: false,
            connected_at: None,
            began: since,
            muted: false,
            remote_hold: false,
            silenced: false,
            group: None,
            in_recents: true,
            missed_reasons: hookswitch_model::MissedReasons::NONE,
        }
    }

    #[test]
    fn what_was_kept_last_is_read_whatever_was_half_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("live-calls");
        let steps = [
            vec![call(1, 1)],
            vec![call(1, 1), call(2, 2)],
            vec![call(1, 9), call(2, 2)],
            vec![call(2, 2)],
        ];
        let (mut log, none) = LiveCalls::open(path.clone());
        assert_eq!(none, []);
        for step in steps {
            log.keep(&step).expect("written");
            let text = fs::read(&path).expect("a file");
            assert_eq!(LiveCalls::open(path.clone()).1, step);
            let mut torn = text.clone();
            torn.extend_from_slice(b"{\"live\":{\"id\":\"0000");
            fs::write(&path, &torn).expect("written");
            assert_eq!(LiveCalls::open(path.clone()).1, step, "torn");
            fs::write(&path, &text).expect("written");
        }
    }

    #[test]
    fn the_log_is_bounded_and_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("live-calls");
        let (mut log, _) = LiveCalls::open(path.clone());
        for at in 0..3_000 {
            log.keep(&[call(1, at), call(2, at)]).expect("written");
        }
        let file = fs::metadata(&path).expect("a file");
        assert!(file.len() < LOG_MAX + 4_096, "{} bytes", file.len());
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        let latest = vec![call(1, 2_999), call(2, 2_999)];
        assert_eq!(LiveCalls::open(path).1, latest);
    }

    #[test]
    fn a_folder_that_takes_nothing_is_a_typed_error_and_may_recover() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("later/live-calls");
        let (mut log, _) = LiveCalls::open(path.clone());
        let error = log.keep(&[call(1, 1)]).expect_err("no such folder");
        assert!(error.to_string().contains("would not survive"), "{error}");
        fs::create_dir(folder.path().join("later")).expect("a folder");
        log.keep(&[call(1, 1)]).expect("written");
        assert_eq!(LiveCalls::open(path).1, [call(1, 1)]);
    }
}
