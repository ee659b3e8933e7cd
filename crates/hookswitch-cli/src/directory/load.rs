//! `hookswitch directory load`: files to one list, sorted and without doubles, as a whole.

use std::io::{self, IsTerminal as _, Write as _};

use hookswitch::{DirectoryEntry, DirectoryLists};
use hookswitch_directory::lists::{Collected, Event, What};
use serde_json::json;

use super::args::Load;
use crate::failure::Failure;
use crate::screen::{Mark, Screen, wrapped};

/// After so many entries progress is shown again.
const TOLD_EACH: usize = 200_000;

/// Reads, sends and says what became of it.
pub async fn run(what: &Load, screen: &Screen) -> Result<(), Failure> {
    let (read, first_refused) = read(what)?;
    may_load(what, &read, first_refused)?;
    let progress = Progress::new();
    let entries = entries(&read).enumerate().map(|(at, entry)| {
        progress.tell("sent", at);
        entry
    });
    let lists = DirectoryLists::connect().await?;
    let loaded = lists.load(&what.name, entries).await;
    progress.end();
    let loaded = loaded?;
    if screen.is_json() {
        screen.document(&json!({
            "list": what.name,
            "generation": loaded.generation,
            "entries": loaded.entries,
            "left_out": read.refused,
        }));
        return Ok(());
    }
    tell(what, &read, screen);
    Ok(())
}

fn tell(what: &Load, read: &Collected, screen: &Screen) {
    let (blocked, names) = (read.blocked_count(), read.names.len());
    let list = &what.name;
    let text = format!("{list} blocks {blocked} numbers and names {names}, from now on.");
    screen.line(&screen.marked(Mark::Good, &wrapped(&text, 0)));
    let left_out = |count: u64, why: &str| {
        if count > 0 {
            let lines = if count == 1 { "line was" } else { "lines were" };
            let text = format!("{count} {lines} left out; {why}.");
            screen.line(&screen.marked(Mark::Warning, &wrapped(&text, 0)));
        }
    };
    left_out(read.refused, "“hookswitch directory lint” says why");
    left_out(read.nameless, "they have no name");
}

/// Whether what was read may be loaded as it was asked for.
fn may_load(what: &Load, read: &Collected, refused: Option<(String, u64)>) -> Result<(), Failure> {
    let not_done = |text: String| Err(Failure::NotDone(text));
    match (refused, read.first_wide) {
        (Some((file, line)), _) if what.strict => not_done(format!(
            "{} lines cannot be used, the first one is line {line} of {file}; nothing was \
             loaded. “hookswitch directory lint” says what is wrong",
            read.refused
        )),
        (_, Some(line)) if !what.wide => not_done(format!(
            "line {line} blocks a whole country or more; nothing was loaded. Write more digits, \
             or say --wide if that is meant"
        )),
        _ if read.is_empty() && what.names && read.nameless > 0 => not_done(format!(
            "none of the {} numbers in the files has a name; nothing was loaded. Leave out \
             --names to block them",
            read.nameless
        )),
        _ if read.is_empty() => not_done(
            "no number was found in the files; nothing was loaded. “hookswitch directory lint” \
             says why"
                .to_owned(),
        ),
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

fn read(what: &Load) -> Result<(Collected, Option<(String, u64)>), Failure> {
    let numbers = super::numbers(&what.read.region)?;
    let progress = Progress::new();
    let mut out = Collected::default();
    let mut first_refused = None;
    for path in &what.files {
        super::files::read(path, &what.read, &numbers, &mut |event: Event<'_>| {
            out.take(&event, what.names);
            if let What::Refused(_) = event.what {
                first_refused.get_or_insert_with(|| (path.display().to_string(), event.line));
            }
            progress.tell("read", out.blocked.len().max(out.names.len()));
        })?;
    }
    progress.end();
    out.sort();
    Ok((out, first_refused))
}

fn entries(read: &Collected) -> impl Iterator<Item = DirectoryEntry> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let blocked = read.blocked.iter();
    let blocked = blocked
        .map(move |(first, last)| DirectoryEntry::block_range(number(*first), number(*last)));
    let names = read.names.iter();
    let names = names.map(move |(called, label)| DirectoryEntry::name(number(*called), &**label));
    blocked.chain(names)
}

/// A counter on a terminal.
struct Progress(bool);

impl Progress {
    fn new() -> Self {
        Self(io::stderr().is_terminal())
    }

    fn tell(&self, what: &str, count: usize) {
        if self.0 && count > 0 && count.is_multiple_of(TOLD_EACH) {
            // Nobody is hurt if it is not seen.
            let _ = write!(io::stderr(), "\r{count} entries {what}");
        }
    }

    fn end(&self) {
        if self.0 {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
