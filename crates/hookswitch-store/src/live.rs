//! The live calls, kept so that the next daemon has them when this one is killed; with them what
//! apps have not acknowledged, the latest ends of calls, the emergency numbers that apps told, and
//! the records that are to enter the recents.
//!
//! Input: what there is after each step. Output: the same, when the file is opened again.
//! The file is a log of JSON lines in the runtime directory: memory, gone with the boot, as the
//! calls are. Only what changed is written, with one system call, before anybody is told of it.
//!
//! # Promises
//!
//! - **K1** when [`LiveCalls::keep`] has returned, a kill of the process at any later instant
//!   leaves all of it readable. (The machine itself may lose it; no call survives that.)
//! - **K2** a line that was being written when the process died is not read; those before it are.
//! - **K3** the file is bounded: past [`LOG_MAX`] bytes, and past twice what there is, it is
//!   written anew with what there is. Of calls that ended the last [`ENDS_MAX`] are kept,
//!   and no app pushes out those of another.
//! - **K4** the file is readable by its owner only.
//! - **K5** the record of a call that ended is written before the call is removed, with the same
//!   system call, and stays until [`LiveCalls::recorded`]. At most [`RECORDS_MAX`] wait; one more
//!   drops the oldest, which [`LiveCalls::keep`] tells. What amends a record waits in the same way
//!   behind it, until [`LiveCalls::amended`].

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hookswitch_model::{
    Amendment, AppId, CallId, Cursor, Latest, RecentsEntry, Saved, SavedCall, SavedChange,
    SavedEnd, SavedLetter, SavedNumbers, Wall,
};
use hookswitch_wire::json;
use serde::{Deserialize, Serialize};

/// Longest log, in bytes, before it is written anew; longer if what there is needs half of it.
pub const LOG_MAX: u64 = 256 * 1024;
/// Most ended calls that are kept.
pub const ENDS_MAX: usize = 256;
/// Most records that wait for the recents: days of calls with a full disk.
pub const RECORDS_MAX: usize = 100;

/// The live calls could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("live calls are not kept in {path}: {why}; they would not survive a crash of the daemon")]
pub struct LiveError {
    path: PathBuf,
    #[source]
    why: io::Error,
}

/// What is to be kept after a step.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// How the live calls differ from before.
    pub calls: SavedChange,
    /// All letters that are not acknowledged.
    pub letters: Vec<SavedLetter>,
    /// The calls that ended in this step.
    pub ended: Vec<SavedEnd>,
    /// The records of this step, to be kept until the recents have them.
    pub records: Vec<RecentsEntry>,
    /// What this step changes in records, to be kept in the same way.
    pub amendments: Vec<Amendment>,
    /// All emergency numbers that apps told.
    pub emergency: Vec<SavedNumbers>,
}

/// The log of live calls.
#[derive(Debug)]
pub struct LiveCalls {
    path: PathBuf,
    file: Option<File>,
    calls: BTreeMap<CallId, SavedCall>,
    /// The calls in their order.
    order: Vec<CallId>,
    letters: BTreeMap<(AppId, Cursor), SavedLetter>,
    ended: Latest<SavedEnd>,
    waiting: Waiting,
    emergency: Vec<SavedNumbers>,
    length: u64,
    /// Where it is written anew.
    full_at: u64,
}

/// What the recents have not confirmed, oldest first.
#[derive(Debug, Default)]
struct Waiting {
    records: VecDeque<RecentsEntry>,
    amendments: VecDeque<Amendment>,
}

impl Waiting {
    /// Drops the oldest above the bound; says how many.
    fn cut(&mut self) -> usize {
        cut(&mut self.records) + cut(&mut self.amendments)
    }
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Live(Box<json::SavedCall>),
    Over(String),
    Order(Vec<String>),
    Letter(Box<json::SavedLetter>),
    Done(String, u64),
    Ended(json::SavedEnd),
    Record(Box<json::SavedRecord>),
    Recorded(String, i64),
    Amend(json::SavedAmendment),
    Amended(String, i64),
    Emergency(Vec<json::SavedNumbers>),
}

impl LiveCalls {
    /// Opens the log and reads what was written last.
    ///
    /// A log that cannot be read counts as empty.
    #[must_use]
    pub fn open(path: PathBuf) -> (Self, Saved) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let (saved, waiting) = read(&text);
        let mut log = Self {
            path,
            file: None,
            calls: BTreeMap::new(),
            order: Vec::new(),
            letters: by_cursor(&saved.letters),
            ended: latest(&saved.ended),
            waiting,
            emergency: saved.emergency.clone(),
            length: LOG_MAX,
            full_at: LOG_MAX,
        };
        log.change_calls(&SavedChange {
            changed: saved.calls.clone(),
            ..SavedChange::default()
        });
        (log, saved)
    }

    /// The records that wait for the recents, oldest first.
    pub fn records(&self) -> impl Iterator<Item = &RecentsEntry> {
        self.waiting.records.iter()
    }

    /// What amends records of the recents and waits for them, oldest first.
    pub fn amendments(&self) -> impl Iterator<Item = &Amendment> {
        self.waiting.amendments.iter()
    }

    /// Keeps this with the calls, ends and records of before. Gives the number of records that were
    /// dropped because too many wait.
    ///
    /// # Errors
    ///
    /// [`LiveError`] if the file cannot be written. The next call tries to write all of it.
    pub fn keep(&mut self, kept: &Kept) -> Result<usize, LiveError> {
        let mut text = Vec::new();
        let changed = self.change(kept, &mut text);
        let written = changed.and_then(|dropped| self.write(text).map(|()| dropped));
        self.told(written)
    }

    /// The recents have the record of this call: it is forgotten here.
    ///
    /// # Errors
    ///
    /// [`LiveError`] if the file cannot be written; the next daemon hands it over once more then.
    pub fn recorded(&mut self, call: CallId, began: Wall) -> Result<(), LiveError> {
        let records = &mut self.waiting.records;
        let before = records.len();
        records.retain(|record| !is_of(record, call, began));
        if records.len() == before {
            return Ok(());
        }
        self.confirm(&Line::Recorded(call.to_string(), began.as_millis()))
    }

    /// The recents have amended the record of this call: that is forgotten here.
    ///
    /// # Errors
    ///
    /// [`LiveError`], as of [`LiveCalls::recorded`].
    pub fn amended(&mut self, call: CallId, began: Wall) -> Result<(), LiveError> {
        let amendments = &mut self.waiting.amendments;
        let before = amendments.len();
        amendments.retain(|amendment| amendment.call != call || amendment.began != began);
        if amendments.len() == before {
            return Ok(());
        }
        self.confirm(&Line::Amended(call.to_string(), began.as_millis()))
    }

    fn confirm(&mut self, line: &Line) -> Result<(), LiveError> {
        let mut text = Vec::new();
        let written = append(&mut text, line).and_then(|()| self.write(text));
        self.told(written)
    }

    fn told<T>(&mut self, written: io::Result<T>) -> Result<T, LiveError> {
        if written.is_err() {
            self.file = None;
        }
        written.map_err(|why| LiveError {
            path: self.path.clone(),
            why,
        })
    }

    /// Takes over what is to be kept, and writes the lines that say so.
    fn change(&mut self, kept: &Kept, text: &mut Vec<u8>) -> io::Result<usize> {
        self.changes(kept, text)?;
        let letters_changed = self.letters.len() != kept.letters.len() || !text.is_empty();
        self.change_calls(&kept.calls);
        if letters_changed {
            self.letters = by_cursor(&kept.letters);
        }
        keep(&mut self.ended, &kept.ended);
        self.emergency.clone_from(&kept.emergency);
        self.waiting.records.extend(kept.records.iter().cloned());
        let amendments = kept.amendments.iter().cloned();
        self.waiting.amendments.extend(amendments);
        Ok(self.waiting.cut())
    }

    fn write(&mut self, mut text: Vec<u8>) -> io::Result<()> {
        if self.file.is_none() || self.length >= self.full_at {
            text = self.whole()?;
            self.file = Some(replace(&self.path, &text)?);
            self.length = text.len() as u64;
            self.full_at = LOG_MAX.max(2 * self.length);
        } else if let (Some(file), false) = (&mut self.file, text.is_empty()) {
            file.write_all(&text)?;
            self.length += text.len() as u64;
        }
        Ok(())
    }

    fn change_calls(&mut self, change: &SavedChange) {
        for id in &change.gone {
            if self.calls.remove(id).is_some() {
                self.order.retain(|known| known != id);
            }
        }
        for call in &change.changed {
            if self.calls.insert(call.id, call.clone()).is_none() {
                self.order.push(call.id);
            }
        }
        if let Some(order) = &change.order {
            self.order.clone_from(order);
        }
    }

    /// The lines of all that there is.
    fn whole(&self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        if !self.emergency.is_empty() {
            append(&mut text, &numbers(&self.emergency))?;
        }
        for (_, end) in self.ended.iter() {
            append(&mut text, &Line::Ended(end.into()))?;
        }
        for record in &self.waiting.records {
            append(&mut text, &Line::Record(Box::new(record.into())))?;
        }
        for amendment in &self.waiting.amendments {
            append(&mut text, &Line::Amend(amendment.into()))?;
        }
        for call in self.order.iter().filter_map(|id| self.calls.get(id)) {
            append(&mut text, &live(call))?;
        }
        for letter in self.letters.values() {
            append(&mut text, &Line::Letter(Box::new(letter.into())))?;
        }
        Ok(text)
    }

    fn changes(&self, kept: &Kept, text: &mut Vec<u8>) -> io::Result<()> {
        for record in &kept.records {
            append(text, &Line::Record(Box::new(record.into())))?;
        }
        for call in &kept.calls.changed {
            if self.calls.get(&call.id) != Some(call) {
                append(text, &live(call))?;
            }
        }
        for id in &kept.calls.gone {
            if self.calls.contains_key(id) {
                append(text, &Line::Over(id.to_string()))?;
            }
        }
        if let Some(order) = &kept.calls.order {
            let order = order.iter().map(CallId::to_string).collect();
            append(text, &Line::Order(order))?;
        }
        for letter in &kept.letters {
            let place = (letter.app.clone(), letter.cursor);
            if !self.letters.contains_key(&place) {
                append(text, &Line::Letter(Box::new(letter.into())))?;
            }
        }
        for (app, cursor) in self.letters.keys() {
            let is_there = |l: &SavedLetter| l.cursor == *cursor && l.app == *app;
            if !kept.letters.iter().any(is_there) {
                append(text, &Line::Done(app.as_str().to_owned(), cursor.0))?;
            }
        }
        for end in &kept.ended {
            append(text, &Line::Ended(end.into()))?;
        }
        for amendment in &kept.amendments {
            append(text, &Line::Amend(amendment.into()))?;
        }
        if self.emergency != kept.emergency {
            append(text, &numbers(&kept.emergency))?;
        }
        Ok(())
    }
}

fn by_cursor(letters: &[SavedLetter]) -> BTreeMap<(AppId, Cursor), SavedLetter> {
    let place = |letter: &SavedLetter| (letter.app.clone(), letter.cursor);
    letters.iter().map(|l| (place(l), l.clone())).collect()
}

fn is_of(record: &RecentsEntry, call: CallId, began: Wall) -> bool {
    record.call == call && record.began == began
}

/// Drops the oldest records above the bound; says how many.
fn cut<T>(waiting: &mut VecDeque<T>) -> usize {
    let surplus = waiting.len().saturating_sub(RECORDS_MAX);
    waiting.drain(..surplus);
    surplus
}

fn live(call: &SavedCall) -> Line {
    Line::Live(Box::new(call.into()))
}

fn numbers(told: &[SavedNumbers]) -> Line {
    Line::Emergency(told.iter().map(Into::into).collect())
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

fn read(text: &str) -> (Saved, Waiting) {
    let mut saved = Saved::default();
    let mut waiting = Waiting::default();
    // The text behind the last line end was being written when the process died (K2).
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines() {
        if let Ok(line) = serde_json::from_str(line) {
            take(&mut saved, &mut waiting, line);
        }
    }
    saved.letters.sort_by_key(|letter| letter.cursor);
    let ended = latest(&saved.ended);
    saved.ended = ended.iter().map(|(_, end)| end.clone()).collect();
    waiting.cut();
    (saved, waiting)
}

/// The latest of these ends; a call that stands twice counts by its last one.
fn latest(ended: &[SavedEnd]) -> Latest<SavedEnd> {
    let mut latest = Latest::default();
    keep(&mut latest, ended);
    latest
}

fn keep(latest: &mut Latest<SavedEnd>, ended: &[SavedEnd]) {
    for end in ended {
        latest.remove(&end.app, |known| known.call == end.call);
        // What is forgotten for it is of the app with most.
        let _ = latest.push(end.app.clone(), end.clone(), ENDS_MAX);
    }
}

/// Follows one line; what cannot be read is left out.
fn take(saved: &mut Saved, waiting: &mut Waiting, line: Line) {
    match line {
        Line::Live(call) => {
            let Some(call) = call.read() else { return };
            match saved.calls.iter_mut().find(|known| known.id == call.id) {
                Some(known) => *known = call,
                None => saved.calls.push(call),
            }
        }
        Line::Over(id) => saved.calls.retain(|call| call.id.to_string() != id),
        Line::Order(order) => saved.calls.sort_by_cached_key(|call| {
            let id = call.id.to_string();
            order.iter().position(|known| *known == id)
        }),
        Line::Letter(letter) => saved.letters.extend(letter.read()),
        Line::Done(app, cursor) => saved
            .letters
            .retain(|l| l.cursor.0 != cursor || l.app.as_str() != app),
        Line::Ended(end) => saved.ended.extend(end.read()),
        Line::Record(record) => waiting.records.extend(record.read()),
        Line::Amend(amendment) => waiting.amendments.extend(amendment.read()),
        Line::Amended(call, began) => waiting.amendments.retain(|amendment| {
            amendment.call.to_string() != call || amendment.began.as_millis() != began
        }),
        Line::Emergency(told) => {
            let told = told.into_iter().filter_map(json::SavedNumbers::read);
            saved.emergency = told.collect();
        }
        Line::Recorded(call, began) => waiting
            .records
            .retain(|record| record.call.to_string() != call || record.began.as_millis() != began),
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
