//! The state x event table in the docs is the one that the scenarios and random worlds show.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hookswitch_sim::cli::{find, load};
use hookswitch_sim::coverage::{self, Coverage, EVENTS, Mark, STATES, mark};
use hookswitch_sim::explore::{Mode, corpus, explore, explore_bytes, fuzz};
use hookswitch_sim::player::play;

/// Random worlds behind the table.
const WORLDS: u64 = 400;

/// Cells of the docs that may be unmet for a change elsewhere: worlds shift with every new verb.
const SLACK: usize = 25;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What random and kept worlds meet.
fn met_by_chance() -> Coverage {
    let mut sum = Coverage::default();
    for (_, bytes) in kept() {
        if let Ok(run) = explore_bytes(&bytes, Mode::Liveness) {
            sum.add(&run.coverage);
        }
    }
    for seed in 1..=WORLDS {
        if let Ok(run) = explore(seed, 100, Mode::Liveness) {
            sum.add(&run.coverage);
        }
    }
    sum
}

fn add_stories(sum: &mut Coverage) {
    for file in find(&[root().join("scenarios")]).expect("the scenarios are readable") {
        sum.add(&play(&load(&file).expect("a readable story")).coverage);
    }
}

fn kept() -> Vec<(PathBuf, Vec<u8>)> {
    corpus::read(&root().join("scenarios/corpus")).expect("the corpus is readable")
}

#[test]
fn no_kept_world_breaks_a_law() {
    let inputs = kept();
    assert!(!inputs.is_empty(), "the corpus is empty");
    for (_, bytes) in inputs {
        fuzz(&bytes);
    }
}

/// Beginnings of the names of events that have a row, or need none, and are seldom: with every new
/// row worlds shift, and some world has or has not met them.
const SELDOM: &[(&str, &str)] = &[
    ("app fulfills", "the row `settle` and prompt apps"),
    ("app fails", "the row `settle` and refusing apps"),
    ("grant time", "an audio server that says nothing for long"),
    ("unlock time", "a button that needs the unlocked screen"),
    (
        "time to launch again",
        "an app that cannot be started for a decline",
    ),
];

/// A new kind of event has no name before it has an arm in `coverage/cell.rs`; here it has to show
/// up in random worlds or kept ones, or to be named with the reason why it does not.
#[track_caller]
fn every_event_has_its_row(random: &Coverage) {
    let met: BTreeSet<&str> = random.cells().map(|((_, event), _)| event).collect();
    for event in &met {
        assert!(EVENTS.contains(event), "{event:?} has no row in EVENTS");
    }
    for (start, reason) in SELDOM {
        let is_known = EVENTS.iter().any(|event| event.starts_with(start));
        assert!(is_known, "{start:?}: {reason}");
    }
    let is_excused = |event: &str| SELDOM.iter().any(|(start, _)| event.starts_with(start));
    let is_missing = |event: &&&str| !met.contains(**event) && !is_excused(event);
    let missing: Vec<_> = EVENTS.iter().filter(is_missing).collect();
    assert!(
        missing.is_empty(),
        "no random world meets {missing:?}: give it a row in explore/operations.rs"
    );
}

#[test]
fn what_is_declared_impossible_is_not_met_and_the_docs_show_the_table() {
    let mut sum = met_by_chance();
    every_event_has_its_row(&sum);
    add_stories(&mut sum);
    let cells = EVENTS
        .iter()
        .flat_map(|event| STATES.iter().map(move |state| (*state, *event)));
    for cell in cells {
        if let Mark::Contradicted(reason) = mark(&sum, cell) {
            panic!(
                "{cell:?} was met, and is declared impossible in coverage/unreachable.rs: {reason}"
            );
        }
    }
    let path = root().join("docs/coverage.md");
    let want = page(&sum);
    if std::env::var_os("UPDATE_COVERAGE").is_some_and(|value| value == "1") {
        fs::write(&path, &want).expect("the docs are writable");
    }
    let docs = fs::read_to_string(&path).expect("docs/coverage.md is there");
    compare(&docs, &want);
}

/// The same rows, columns and impossible cells; nearly the same met cells.
#[track_caller]
fn compare(docs: &str, want: &str) {
    let hint =
        "write it with UPDATE_COVERAGE=1 cargo nextest run -p hookswitch-sim --test coverage";
    let rows = |text: &str| {
        let table = text.split("```").nth(1).unwrap_or_default();
        table.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (docs, want) = (rows(docs), rows(want));
    let plain = |rows: &[String]| {
        let without = |row: &String| row.replace(" x", " ?");
        rows.iter().map(without).collect::<Vec<_>>()
    };
    assert!(
        plain(&docs) == plain(&want),
        "docs/coverage.md has other rows or columns; {hint}"
    );
    let lost = docs
        .iter()
        .zip(&want)
        .flat_map(|(old, new)| old.chars().zip(new.chars()));
    let lost = lost.filter(|pair| *pair == ('x', '?')).count();
    assert!(
        lost <= SLACK,
        "{lost} cells of docs/coverage.md are not met any more; {hint}"
    );
}

fn page(sum: &Coverage) -> String {
    let met = sum.cells().count();
    let open: Vec<String> = coverage::missing(sum)
        .iter()
        .map(|((state, event), _)| format!("- {event}: {state}\n"))
        .collect();
    let reasons: Vec<String> = coverage::UNREACHABLE
        .iter()
        .map(|row| format!("- {}: {}\n", row.events.join(", "), row.reason))
        .collect();
    format!(
        "# State x event\n\n\
         Which events met a call in which state, over all scenario files, the kept worlds and \
         {WORLDS} random worlds.\n`x` was met, `.` cannot happen, `?` was not met so far. The laws \
         held in every one of these steps.\n\n\
         This file is written by `UPDATE_COVERAGE=1 cargo nextest run -p hookswitch-sim --test \
         coverage` and checked by\nthe same test. `hookswitch sim coverage --html FILE` shows the \
         counts, and whether an event was done, refused by name,\nor without effect.\n\n\
         {met} cells were met.\n\n```text\n{}```\n\n\
         ## Why some cannot happen\n\n{}\n## Not met so far\n\n{}",
        coverage::text(sum),
        reasons.concat(),
        open.concat()
    )
}
