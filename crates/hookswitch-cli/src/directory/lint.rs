//! `hookswitch directory lint`.

use std::path::Path;
use std::process::ExitCode;

use hookswitch_directory::lists::words::{self, Reader, Words};
use hookswitch_directory::lists::{Collected, Doubt, Format, Lint, Order, Skip, Tally};
use serde_json::{Value, json};

use super::args;
use crate::failure::Failure;
use crate::screen::{Mark, Screen, wrapped};

/// Entries among which duplicates are looked for: 320 MB for them at most.
const DUPLICATES_AMONG: usize = 20_000_000;

/// Checks each file.
pub fn run(lint: &args::Lint, screen: &Screen) -> Result<ExitCode, Failure> {
    let numbers = super::numbers(&lint.read.region)?;
    let (mut refused, mut empty) = (0, false);
    for path in &lint.files {
        let mut report = Lint::new(DUPLICATES_AMONG);
        let mut found = Collected::default();
        let format = super::files::read(path, &lint.read, &numbers, &mut |event| {
            report.take(&event);
            found.take(&event, false);
        })?;
        found.sort();
        refused += report.refused_count();
        empty |= report.entries == 0;
        if screen.is_json() {
            screen.document(&document(path, format, &report, &found));
        } else {
            show(path, format, &report, &found, screen);
        }
    }
    Ok(ExitCode::from(u8::from(refused > 0 || empty)))
}

fn show(path: &Path, format: Format, report: &Lint, found: &Collected, screen: &Screen) {
    let title = format!("{} ({})", path.display(), format.name());
    screen.line(&screen.marked(Mark::Strong, &title));
    // In the words of "load" and "status".
    let (blocks, names) = (found.blocked_count(), found.names.len());
    let entries = report.entries;
    let text = format!("{entries} entries; loaded, it blocks {blocks} numbers and names {names}");
    screen.line(&format!("  {}", wrapped(&text, 2)));
    if entries == 0 {
        let text = "no number was found in it";
        screen.line(&screen.marked(Mark::Bad, &format!("  {text}")));
    }
    for (fault, tally) in &report.refused {
        problem(
            screen,
            Mark::Bad,
            "left out",
            tally,
            words::fault(*fault, Reader::CommandLine),
        );
    }
    for (doubt, tally) in &report.doubts {
        let mark = match doubt {
            Doubt::TrunkZero | Doubt::LooksNational | Doubt::Wide | Doubt::LongName => {
                Mark::Warning
            }
            Doubt::Completed => Mark::Faint,
        };
        problem(
            screen,
            mark,
            "taken",
            tally,
            words::doubt(*doubt, Reader::CommandLine),
        );
    }
    let (duplicates, unseen) = report.duplicates();
    if duplicates.count > 0 {
        problem(
            screen,
            Mark::Warning,
            "taken",
            &duplicates,
            words::DUPLICATE,
        );
    }
    if unseen > 0 {
        screen.line(&format!(
            "  duplicates were not looked for among the last {unseen} entries"
        ));
    }
    order(report, screen);
}

fn order(report: &Lint, screen: &Screen) {
    let text = match report.order() {
        Order::Ascending => return,
        Order::AsText { line } => format!(
            "sorted as text, not as numbers, from line {line} on. We sort it; Apple's call \
             directory refuses it. Sort with “sort -n”."
        ),
        Order::None { line } => format!(
            "not sorted, from line {line} on. We sort it; Apple's call directory refuses it."
        ),
    };
    screen.line(&format!("  {}", wrapped(&text, 2)));
}

fn problem(screen: &Screen, mark: Mark, fate: &str, tally: &Tally, words: Words) {
    let (_, what, advice) = words;
    let count = screen.marked(mark, &format!("{} {fate}:", tally.count));
    let text = format!("{count} they {what}: {}. {advice}", places(tally));
    screen.line(&format!("  {}", wrapped(&text, 6)));
}

/// `line 9`, `lines 9, 12, 13, …`.
fn places(tally: &Tally) -> String {
    let lines: Vec<String> = tally.lines.iter().map(u64::to_string).collect();
    let word = if tally.count == 1 { "line" } else { "lines" };
    let more = tally.count > lines.len() as u64;
    format!(
        "{word} {}{}",
        lines.join(", "),
        if more { ", …" } else { "" }
    )
}

fn document(path: &Path, format: Format, report: &Lint, found: &Collected) -> Value {
    let tally = |tally: &Tally, (name, ..): Words| {
        let lines = &tally.lines;
        json!({ "what": name, "count": tally.count, "first_lines": lines })
    };
    let reader = Reader::CommandLine;
    let refused = report.refused.iter();
    let refused = refused.map(|(f, t)| tally(t, words::fault(*f, reader)));
    let doubts = report.doubts.iter();
    let doubts = doubts.map(|(d, t)| tally(t, words::doubt(*d, reader)));
    let skipped = report.skipped.iter();
    let skip = |(skip, n): (&Skip, &u64)| json!({ "what": words::skipped(*skip), "count": n });
    let skipped = skipped.map(skip);
    let (duplicates, unseen) = report.duplicates();
    let (order, line) = match report.order() {
        Order::Ascending => ("ascending", None),
        Order::AsText { line } => ("as-text", Some(line)),
        Order::None { line } => ("none", Some(line)),
    };
    json!({
        "file": path.display().to_string(),
        "format": format.name(),
        "entries": report.entries,
        "numbers": report.numbers,
        "labels": report.labels,
        "blocks": found.blocked_count(),
        "names": found.names.len(),
        "refused": refused.collect::<Vec<_>>(),
        "odd": doubts.collect::<Vec<_>>(),
        "skipped": skipped.collect::<Vec<_>>(),
        "duplicates": { "count": duplicates.count, "first_lines": duplicates.lines },
        "not_looked_at": unseen,
        "order": order,
        "out_of_order": line,
    })
}
