//! A file of numbers that a page sends: read as it comes, checked, and loaded if that is wished.
//!
//! # Promises
//!
//! - **IM1** a file that did not arrive whole, holds no number, or would block a whole country
//!   unasked loads nothing.
//! - **IM2** reading does not keep calls waiting: it has a thread of its own.
//! - **IM3** nothing is kept after the deadline, and nothing for a page that has gone away.

use std::fs::File;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use hookswitch_bus::{DirectoryPort, Entries, KeptLoad, ListWish};
use hookswitch_directory::lists::words::{self, Reader, Words};
use hookswitch_directory::lists::{
    Bare, Collected, Doubt, Event, Format, Lint, ListReader, NoPlan, NumberingPlan, Order, Reading,
    Tally, detect,
};
use hookswitch_http::{DirectoryRefusal, ImportOptions, RefusalKind};
use hookswitch_number::Numbers;
use hookswitch_wire::batch::{BatchEntry, BatchList, BatchWriter};
use hookswitch_wire::dbus::ErrorCode;
use hookswitch_wire::view::{ImportNote, ImportReport, Tone, thousands};
use rustix::fs::MemfdFlags;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::desk::{refusal, refused};

/// Entries among which duplicates are looked for: 80 MB for them at most.
const DUPLICATES_AMONG: usize = 5_000_000;
/// So many bytes tell what a file is.
const HEAD_BYTES: usize = 1 << 16;
/// So many bytes of entries are handed over at once.
const BATCH_BYTES: usize = 4 << 20;
/// Loads of files so far: each has an owner of its own. No connection of the bus has such a name.
static LOADS: AtomicU64 = AtomicU64::new(0);

type Answer = Result<ImportReport, DirectoryRefusal>;
/// The bytes of a file, in pieces of any size.
pub type Pieces<B> = mpsc::Receiver<B>;

/// Reads, checks, and loads if there is a list to load.
pub async fn run<B: AsRef<[u8]> + Send + 'static>(
    list: Option<String>,
    options: ImportOptions,
    pieces: Pieces<B>,
    deadline: Instant,
    port: &DirectoryPort,
) -> Answer {
    let names = options.names;
    let read = tokio::task::spawn_blocking(move || read(&options, pieces));
    let read = timeout_at(deadline, read).await.map_err(|_| late())?;
    let (read, wide_is_meant) = read.map_err(|_| lost())??;
    let mut report = report(&read, names);
    let Some(list) = list else {
        return Ok(report);
    };
    if read.found.is_empty() {
        let message = "No number was found in the file. Nothing was loaded.";
        return Err(refused(RefusalKind::Conflict, "NothingFound", message));
    }
    if let (Some(line), false) = (read.found.first_wide, wide_is_meant) {
        let message = format!(
            "Line {line} would block a whole country or more. Nothing was loaded. Confirm that \
             this is meant, or take the line out."
        );
        return Err(refused(RefusalKind::Conflict, "TooWide", &message));
    }
    let kept = load(&list, &read.found, deadline, port).await?;
    report.loaded = true;
    report.headline = format!(
        "{list} blocks {} numbers and names {}, from now on.",
        thousands(report.blocks),
        thousands(report.names),
    );
    tracing::debug!(generation = kept.generation, "a page has loaded a list");
    Ok(report)
}

/// What was read.
struct Read {
    format: Format,
    lint: Lint,
    found: Collected,
}

fn read<B: AsRef<[u8]>>(
    options: &ImportOptions,
    mut pieces: Pieces<B>,
) -> Result<(Read, bool), DirectoryRefusal> {
    let numbers = options.region.as_ref().filter(|region| !region.is_empty());
    let numbers = numbers.map(|region| Numbers::new(&[region]));
    let numbers = numbers.transpose().map_err(|error| {
        refused(
            RefusalKind::Wrong,
            "BadRegion",
            &format!("The region cannot be used: {error}."),
        )
    })?;
    let plan: &dyn NumberingPlan = numbers.as_ref().map_or(&NoPlan, |numbers| numbers as _);
    let bare = match options.national && numbers.is_some() {
        true => Bare::National,
        false => Bare::WithCode,
    };
    let mut head = Vec::new();
    let mut whole = false;
    while head.len() < HEAD_BYTES && !whole {
        let piece = pieces.blocking_recv().ok_or_else(cut)?;
        whole = piece.as_ref().is_empty();
        head.extend_from_slice(piece.as_ref());
    }
    if head.contains(&0) {
        let message = "This is no text in UTF-8. Save it as UTF-8, or choose another file.";
        return Err(refused(RefusalKind::Conflict, "NoText", message));
    }
    let format = detect(&head, options.file.as_deref());
    let mut reader = ListReader::new(format, Reading { bare, plan });
    let (mut lint, mut found) = (Lint::new(DUPLICATES_AMONG), Collected::default());
    let mut visit = |event: Event<'_>| {
        lint.take(&event);
        found.take(&event, options.names);
    };
    reader.feed(&head, &mut visit);
    while !whole {
        let piece = pieces.blocking_recv().ok_or_else(cut)?;
        whole = piece.as_ref().is_empty();
        reader.feed(piece.as_ref(), &mut visit);
    }
    reader.finish(&mut visit);
    found.sort();
    Ok((
        Read {
            format,
            lint,
            found,
        },
        options.wide,
    ))
}

fn cut() -> DirectoryRefusal {
    let message = "The file did not arrive whole. Nothing was loaded. Send it again.";
    refused(RefusalKind::Wrong, "CutOff", message)
}

fn late() -> DirectoryRefusal {
    let message = "Reading the file took too long. Nothing was loaded. Split it.";
    refused(RefusalKind::Late, "TimedOut", message)
}

fn lost() -> DirectoryRefusal {
    let message = "The file could not be read. Nothing was loaded.";
    refused(RefusalKind::Conflict, "Failed", message)
}

/// A load that is given up unless it is completed.
struct Open<'p> {
    owner: String,
    port: &'p DirectoryPort,
}

impl<'p> Open<'p> {
    fn new(port: &'p DirectoryPort) -> Self {
        let number = LOADS.fetch_add(1, Ordering::Relaxed);
        let owner = format!("page {number}");
        Self { owner, port }
    }
}

impl Drop for Open<'_> {
    /// As if a connection had ended: what is complete is kept, what is not is forgotten.
    fn drop(&mut self) {
        self.port.gone(&self.owner);
    }
}

/// Loads what was read in place of what a list of the user's own holds.
pub async fn load(
    list: &str,
    found: &Collected,
    deadline: Instant,
    port: &DirectoryPort,
) -> Result<KeptLoad, DirectoryRefusal> {
    let offer = |reply| ListWish::Offer {
        id: list.to_owned(),
        name: list.to_owned(),
        is_app: false,
        reply,
    };
    if list.contains('.') {
        let message = "Your own list has no dot in its name: that is how apps name theirs.";
        return Err(refused(RefusalKind::Wrong, "BadName", message));
    }
    port.ask(offer).await.map_err(|error| refusal(&error))?;
    let open = Open::new(port);
    let begin = |reply| ListWish::Begin {
        owner: open.owner.clone(),
        id: list.to_owned(),
        incremental: false,
        reply,
    };
    let begun = port.ask(begin).await.map_err(|error| refusal(&error))?;
    let (owner, load) = (open.owner.clone(), begun.load);
    let filled = timeout_at(deadline, fill(&open, load, found)).await;
    filled.map_err(|_| late())??;
    let commit = |reply| ListWish::Commit { owner, load, reply };
    let kept = port.ask(commit).await;
    kept.map_err(|error| {
        if error.code() != ErrorCode::TimedOut {
            return refusal(&error);
        }
        let message = "The list is still being written. Look at it before you try again.";
        refused(RefusalKind::Late, "TimedOut", message)
    })
}

async fn fill(open: &Open<'_>, load: u64, found: &Collected) -> Result<(), DirectoryRefusal> {
    let mut batch = BatchWriter::new();
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let blocked = found.blocked.iter().map(|(first, last)| BatchEntry {
        list: BatchList::Blocking,
        first: number(*first),
        last: number(*last),
        line: None,
        label: "",
    });
    let names = found.names.iter().map(|(called, label)| BatchEntry {
        list: BatchList::Identification,
        first: number(*called),
        last: number(*called),
        line: None,
        label,
    });
    for entry in blocked.chain(names) {
        batch.push(&entry);
        if batch.bytes().len() >= BATCH_BYTES {
            add(open, load, batch.bytes()).await?;
            batch = BatchWriter::new();
        }
    }
    add(open, load, batch.bytes()).await
}

async fn add(open: &Open<'_>, load: u64, bytes: &[u8]) -> Result<(), DirectoryRefusal> {
    let file = in_memory(bytes).map_err(|_| lost())?;
    let (owner, entries) = (open.owner.clone(), Entries::File(file.into()));
    let added = open.port.add(owner, load, BatchList::Blocking, entries);
    added.await.map_err(|error| refusal(&error))
}

fn in_memory(bytes: &[u8]) -> std::io::Result<File> {
    let file = rustix::fs::memfd_create("hookswitch-import", MemfdFlags::CLOEXEC)?;
    let mut file = File::from(file);
    file.write_all(bytes)?;
    Ok(file)
}

/// What is to be said of a file.
fn report(read: &Read, names: bool) -> ImportReport {
    let (lint, found) = (&read.lint, &read.found);
    let mut notes: Vec<ImportNote> = Vec::new();
    for (fault, tally) in &lint.refused {
        notes.push(note(
            Tone::Bad,
            "left out",
            tally,
            words::fault(*fault, Reader::Page),
        ));
    }
    for (doubt, tally) in &lint.doubts {
        let tone = match doubt {
            Doubt::TrunkZero | Doubt::LooksNational | Doubt::Wide | Doubt::LongName => {
                Tone::Caution
            }
            Doubt::Completed => Tone::Info,
        };
        notes.push(note(
            tone,
            "taken",
            tally,
            words::doubt(*doubt, Reader::Page),
        ));
    }
    let (duplicates, _) = lint.duplicates();
    if duplicates.count > 0 {
        notes.push(note(Tone::Info, "taken", &duplicates, words::DUPLICATE));
    }
    if let Order::AsText { line } = lint.order() {
        let text = format!("Sorted as text from line {line} on. That does not matter here.");
        notes.push(ImportNote {
            tone: Tone::Info,
            text,
        });
    }
    if found.nameless > 0 {
        let count = thousands(found.nameless);
        let text = format!("{count} entries have no name and are left out.");
        notes.push(ImportNote {
            tone: Tone::Caution,
            text,
        });
    }
    let (blocks, named) = (found.blocked_count(), found.names.len() as u64);
    let (blocked_text, named_text) = (thousands(blocks), thousands(named));
    let headline = match (found.is_empty(), names) {
        (true, true) => "No number with a name was found.".to_owned(),
        (true, false) => "No number was found.".to_owned(),
        (false, true) => format!("{named_text} names for numbers were found."),
        (false, false) => {
            format!("{blocked_text} numbers to block were found, {named_text} names.")
        }
    };
    ImportReport {
        loaded: false,
        headline,
        format: read.format.name().to_owned(),
        blocks,
        names: named,
        left_out: lint.refused_count(),
        wide: found.first_wide.is_some(),
        notes,
    }
}

/// `3 left out: they have no country code (lines 2, 9, 12, …). Name the country …`.
fn note(tone: Tone, fate: &str, tally: &Tally, (_, what, advice): Words) -> ImportNote {
    let lines: Vec<String> = tally.lines.iter().map(u64::to_string).collect();
    let word = if tally.count == 1 { "line" } else { "lines" };
    let more = if tally.count > lines.len() as u64 {
        ", …"
    } else {
        ""
    };
    let count = thousands(tally.count);
    let lines = lines.join(", ");
    let text = format!("{count} {fate}: they {what} ({word} {lines}{more}). {advice}");
    ImportNote { tone, text }
}
