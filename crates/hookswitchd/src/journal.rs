//! The last events, kept in memory for the report of a defect.
//!
//! Input: each event with its stamp. Output: a text, on request or when a law was broken.
//!
//! # Promises
//!
//! - **J1** no name, address or digit is in the text: it is the `Debug` form of model types.
//! - **J2** memory is bounded by [`EVENTS_MAX`], files by the newest and the one before.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hookswitch_core::Event;
use hookswitch_model::Stamp;

/// Most events kept.
pub const EVENTS_MAX: usize = 2048;

/// The ring of events.
#[derive(Debug, Default)]
pub struct Journal {
    events: VecDeque<(Stamp, Event)>,
    dropped: u64,
}

impl Journal {
    /// Keeps an event; the oldest goes when it is full.
    pub fn record(&mut self, at: Stamp, event: &Event) {
        if self.events.len() >= EVENTS_MAX {
            self.events.pop_front();
            self.dropped += 1;
        }
        self.events.push_back((at, event.clone()));
    }

    /// The text, oldest event first.
    #[must_use]
    pub fn text(&self, cause: &str) -> String {
        let mut text = format!(
            "hookswitchd {} journal, written because: {cause}\n{} older events are not here\n",
            env!("CARGO_PKG_VERSION"),
            self.dropped
        );
        for (at, event) in &self.events {
            let wall = at.wall.as_millis();
            writeln!(text, "{} wall={wall} {event:?}", at.at).expect("a String takes all");
        }
        text
    }
}

/// Writes a journal text below `dir`, keeping the one before as `journal.old.txt`.
///
/// # Errors
///
/// If the directory or file cannot be written.
pub fn write(dir: &Path, text: &str) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let path = dir.join("journal.txt");
    match fs::rename(&path, dir.join("journal.old.txt")) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?
        .write_all(text.as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use hookswitch_core::Report;
    use hookswitch_model::{
        CallId, CallKey, CallUpdate, ClientId, Handle, HandleKind, Patch, RequestId, Text,
    };

    use super::*;

    #[test]
    fn no_name_and_no_number_is_in_the_text() {
        let mut journal = Journal::default();
        let handle = Handle::new(HandleKind::PhoneNumber, "+15550100").expect("valid");
        let report = Report::Incoming {
            call: CallId(7),
            key: CallKey::new("sip:omar@example.org").expect("valid"),
            update: CallUpdate {
                handle: Patch::Set(handle),
                name: Patch::Set(Text::new("Omar Haddad").expect("valid")),
                ..CallUpdate::default()
            },
        };
        let event = Event::Report {
            client: ClientId(1),
            request: RequestId(1),
            report,
        };
        journal.record(Stamp::default(), &event);
        let text = journal.text("a test");
        assert!(text.contains("Incoming"), "{text}");
        for secret in ["Omar", "omar", "5550100"] {
            assert!(!text.contains(secret), "{text}");
        }
    }

    #[test]
    fn the_ring_is_bounded_and_the_file_before_is_kept() {
        let mut journal = Journal::default();
        for _ in 0..EVENTS_MAX + 3 {
            journal.record(Stamp::default(), &Event::Tick);
        }
        assert!(journal.text("x").contains("\n3 older events"));
        let dir = tempfile::tempdir().expect("a directory");
        write(dir.path(), "first").expect("written");
        let path = write(dir.path(), "second").expect("written");
        assert_eq!(fs::read_to_string(path).expect("there"), "second");
        let old = dir.path().join("journal.old.txt");
        assert_eq!(fs::read_to_string(old).expect("there"), "first");
    }
}
