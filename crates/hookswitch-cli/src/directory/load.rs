//! `hookswitch directory load`: files to one list, sorted and without doubles, as a whole.

use std::io::{self, IsTerminal as _, Write as _};

use hookswitch::{DirectoryEntry, DirectoryLists};
use hookswitch_directory::lists::{Event, What, ranges};
use serde_json::json;

use super::args::Load;
use crate::failure::Failure;
use crate::screen::{Mark, Screen, wrapped};

/// After so many entries progress is shown again.
const TOLD_EACH: usize = 200_000;

/// What was read.
#[derive(Default)]
struct Read {
    blocked: Vec<(u64, u64)>,
    names: Vec<(u64, Box<str>)>,
    refused: u64,
    first_refused: Option<(String, u64)>,
}

/// Reads, sends and says what became of it.
pub async fn run(what: &Load, screen: &Screen) -> Result<(), Failure> {
    let read = read(what)?;
    if let Some((file, line)) = &read.first_refused
        && what.strict
    {
        let text = format!(
            "{} lines cannot be used, the first one is line {line} of {file}; nothing was \
             loaded. “hookswitch directory lint” says what is wrong",
            read.refused
        );
        return Err(Failure::NotDone(text));
    }
    if read.blocked.is_empty() && read.names.is_empty() {
        let text = "no number was found in the files; nothing was loaded. “hookswitch directory \
                    lint” says why";
        return Err(Failure::NotDone(text.to_owned()));
    }
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
    let width = |(first, last): &(u64, u64)| last - first + 1;
    let blocked: u64 = read.blocked.iter().map(width).sum();
    let (list, names) = (&what.name, read.names.len());
    let text = format!("{list} blocks {blocked} numbers and names {names}, from now on.");
    screen.line(&screen.marked(Mark::Good, &wrapped(&text, 0)));
    if read.refused > 0 {
        let text = format!(
            "{} lines were left out; “hookswitch directory lint” says why.",
            read.refused
        );
        screen.line(&screen.marked(Mark::Warning, &wrapped(&text, 0)));
    }
    Ok(())
}

fn read(what: &Load) -> Result<Read, Failure> {
    let numbers = super::numbers(&what.read.region)?;
    let progress = Progress::new();
    let mut out = Read::default();
    for path in &what.files {
        super::files::read(
            path,
            &what.read,
            &numbers,
            &mut |event: Event<'_>| match event.what {
                What::Entry { pattern, label, .. } => {
                    if !what.names {
                        out.blocked.extend(ranges(pattern));
                    }
                    let one = pattern.range().filter(|(first, last)| first == last);
                    if let (Some((number, _)), Some(label)) = (one, label) {
                        out.names.push((number, label.into()));
                    }
                    progress.tell("read", out.blocked.len());
                }
                What::Refused(_) => {
                    out.refused += event.lines.max(1);
                    let place = || (path.display().to_string(), event.line);
                    out.first_refused.get_or_insert_with(place);
                }
                What::Skipped(_) => {}
            },
        )?;
    }
    progress.end();
    out.blocked = joined(out.blocked);
    out.names.sort();
    out.names.dedup();
    Ok(out)
}

/// Sorts ranges, and joins those that touch or overlap.
fn joined(mut ranges: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    ranges.sort_unstable();
    ranges.dedup_by(|next, kept| {
        let touches = next.0 <= kept.1.saturating_add(1);
        if touches {
            kept.1 = kept.1.max(next.1);
        }
        touches
    });
    ranges
}

fn entries(read: &Read) -> impl Iterator<Item = DirectoryEntry> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_sorted_and_joined() {
        let ranges = vec![(20, 29), (10, 14), (15, 15), (25, 40), (60, 60), (60, 60)];
        assert_eq!(joined(ranges), [(10, 15), (20, 40), (60, 60)]);
        assert_eq!(joined(vec![]), []);
    }
}
