//! The last events, kept in memory for the report of a defect and for recordings.
//!
//! Input: each event with its stamp and what followed. Output: a text, on request or when a law was
//! broken; a trace that can be played again (`hookswitch record`).
//!
//! # Promises
//!
//! - **J1** no name, address or digit is in the text: it is the `Debug` form of model types. None
//!   is in a recording, unless it is asked for with names.
//! - **J2** memory is bounded by [`EVENTS_MAX`], files by the newest and the one before.
//! - **J3** of what one connection sends too fast, the first event that is refused is kept, and the
//!   others are counted: no flood pushes out what came before it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hookswitch_core::{Effect, Environment, Event, Report, Requester};
use hookswitch_model::{ClientId, Limits, Rejection, Stamp};
use hookswitch_trace::record::{Recording, Step, record};

use crate::standing::Standing;

/// Most events kept.
pub const EVENTS_MAX: usize = 2048;

/// Most connections whose floods are thinned out.
const FLOODS_MAX: usize = 64;

/// Most registrations kept of events that are not.
const REGISTERED_MAX: usize = 64;

/// The ring of events.
#[derive(Debug, Default)]
pub struct Journal {
    steps: VecDeque<Kept>,
    dropped: u64,
    /// Live calls before the first step that is kept.
    inherited: usize,
    /// How apps registered before it, by connection.
    registered: BTreeMap<ClientId, Step>,
    /// What was known around before it.
    standing: Standing,
    /// Whose last report or request was refused as too fast.
    floods: BTreeSet<ClientId>,
    /// Events that are not kept for that.
    refused: u64,
}

/// A step, and how many calls were live after it.
#[derive(Debug)]
struct Kept {
    step: Step,
    live: usize,
}

impl Journal {
    /// A journal of a daemon that took over live calls of the former one.
    #[must_use]
    pub fn new(inherited: usize) -> Self {
        Self {
            inherited,
            ..Self::default()
        }
    }

    /// Keeps an event; the oldest goes when it is full.
    pub fn record(&mut self, at: Stamp, event: &Event) {
        if self.steps.len() >= EVENTS_MAX
            && let Some(oldest) = self.steps.pop_front()
        {
            self.dropped += 1;
            self.inherited = oldest.live;
            self.keep_standing(oldest.step);
        }
        let live = self.steps.back().map_or(self.inherited, |last| last.live);
        let step = Step {
            at,
            event: event.clone(),
            effects: Vec::new(),
        };
        self.steps.push_back(Kept { step, live });
    }

    /// Keeps what followed from the newest event.
    pub fn followed(&mut self, effects: &[Effect], live: Option<usize>) {
        if let Some(newest) = self.steps.back_mut() {
            newest.step.effects = effects.to_vec();
            newest.live = live.unwrap_or(newest.live);
        }
        self.thin_out(effects);
    }

    /// Forgets the newest step if it is one more of a flood (J3).
    fn thin_out(&mut self, effects: &[Effect]) {
        let newest = self.steps.back().map(|kept| &kept.step.event);
        let (Some(Event::Report { client, .. })
        | Some(Event::Request {
            from: Requester::App(client),
            ..
        })) = newest
        else {
            return;
        };
        let client = *client;
        if !is_too_fast(effects) {
            self.floods.remove(&client);
        } else if !self.floods.insert(client) {
            self.steps.pop_back();
            self.refused += 1;
        } else if self.floods.len() > FLOODS_MAX {
            self.floods.pop_first();
        }
    }

    /// What still stands of a step that goes.
    fn keep_standing(&mut self, step: Step) {
        self.standing.follow(&step);
        match &step.event {
            Event::Report { client, report, .. } => {
                let (client, room) = (*client, self.registered.len() < REGISTERED_MAX);
                if matches!(report, Report::Register { .. }) && room {
                    self.registered.insert(client, step);
                } else if matches!(report, Report::Invalidate) {
                    self.registered.remove(&client);
                }
            }
            Event::Environment(Environment::ClientGone(client)) => {
                self.registered.remove(client);
            }
            Event::Environment(_)
            | Event::Request { .. }
            | Event::Settled { .. }
            | Event::Acknowledged { .. }
            | Event::Tick => {}
        }
    }

    /// What a recording is made of: the steps, how many are not there, and the calls before them.
    #[must_use]
    pub fn tape(&self) -> Tape {
        let mut steps = self.standing.steps();
        steps.extend(self.registered.values().cloned());
        steps.sort_by_key(|step| step.at.at);
        steps.extend(self.steps.iter().map(|kept| kept.step.clone()));
        Tape {
            steps,
            dropped: self.dropped,
            inherited: self.inherited,
        }
    }

    /// The text, oldest event first.
    #[must_use]
    pub fn text(&self, cause: &str) -> String {
        let mut text = format!(
            "hookswitchd {} journal, written because: {cause}\n{} older events are not here\n",
            env!("CARGO_PKG_VERSION"),
            self.dropped
        );
        if self.refused > 0 {
            writeln!(
                text,
                "{} events came too fast and are not here",
                self.refused
            )
            .expect("a String takes all");
        }
        for Kept { step, .. } in &self.steps {
            let (at, wall) = (step.at.at, step.at.wall.as_millis());
            writeln!(text, "{at} wall={wall} {:?}", step.event).expect("a String takes all");
        }
        text
    }
}

/// Whether all that followed is a refusal of what came too fast.
fn is_too_fast(effects: &[Effect]) -> bool {
    let [Effect::Reply { result, .. }] = effects else {
        return false;
    };
    matches!(result, Err(Rejection::RateLimited { .. }))
}

/// A copy of the journal that can be written down elsewhere.
#[derive(Debug)]
pub struct Tape {
    steps: Vec<Step>,
    dropped: u64,
    inherited: usize,
}

impl Tape {
    /// The recording as JSON lines.
    #[must_use]
    pub fn trace(&self, limits: &Limits, with_names: bool) -> String {
        let recording = Recording {
            steps: &self.steps,
            dropped: self.dropped,
            inherited: self.inherited,
            with_names,
        };
        record(&recording, limits).write()
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
    fn a_flood_pushes_nothing_out() {
        let event = |client| Event::Report {
            client: ClientId(client),
            request: RequestId(1),
            report: Report::Adopt { call: CallId(7) },
        };
        let refusal = Effect::Reply {
            request: RequestId(1),
            result: Err(Rejection::RateLimited {
                limit: hookswitch_model::Limit::ReportRate,
                wait_ms: 5,
            }),
        };
        let mut journal = Journal::default();
        journal.record(Stamp::default(), &Event::Tick);
        journal.followed(&[], None);
        for _ in 0..EVENTS_MAX {
            for client in [1, 2] {
                journal.record(Stamp::default(), &event(client));
                journal.followed(std::slice::from_ref(&refusal), None);
            }
        }
        // Who is let through again begins anew.
        journal.record(Stamp::default(), &event(1));
        journal.followed(&[], None);
        journal.record(Stamp::default(), &event(1));
        journal.followed(&[refusal], None);
        assert_eq!(journal.steps.len(), 5);
        let text = journal.text("x");
        assert!(text.contains("Tick"), "{text}");
        assert!(text.contains("\n4094 events came too fast"), "{text}");
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
