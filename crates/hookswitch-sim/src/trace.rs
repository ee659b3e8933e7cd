//! What happened in a run, line by line: for checks, for people and, as JSON lines, for tools.
//!
//! # Promises
//!
//! - **T1** the same story and seed give the same bytes.
//! - **T2** no address, name or digit is in it.
//! - **T3** every line but a first cause names the line that caused it.
//!
//! # Not here
//!
//! The members of a line (`hookswitch-wire`) and its words (`hookswitch-trace`), which the daemon
//! writes too.

pub use hookswitch_trace::{Entry, state_of};
pub use hookswitch_wire::trace::{
    CallState, Head, Kind, Line, Origin, RECORDING_VERSION, State, TRACE_VERSION, Trace, Unmet,
    chain,
};

use crate::player::Run;
use crate::scenario::Scenario;

/// The trace of a story that was played.
#[must_use]
pub fn of(story: &Scenario, run: &Run) -> Trace {
    let unmet = run.failures.iter().map(|failure| Unmet {
        line: failure.line,
        expected: without_names(&failure.expected),
        found: without_names(&failure.found),
        seq: failure.seq,
        from: failure.from,
        at: failure.at,
    });
    Trace {
        head: Head {
            title: story.title.clone(),
            profile: story.profile.name().to_owned(),
            seed: story.seed,
            checks: run.checks,
            unmet: unmet.collect(),
            ..Head::default()
        },
        lines: run.entries.iter().map(Entry::line).collect(),
    }
}

/// What was expected, without the addresses and names of the story (T2).
fn without_names(text: &str) -> String {
    let quoted = text.split('"').enumerate().map(
        |(number, part)| {
            if number % 2 == 1 { "\u{2026}" } else { part }
        },
    );
    let text = quoted.collect::<Vec<_>>().join("\"");
    let words = text.split(' ').map(|word| {
        let bare = word.trim_end_matches(',');
        let is_address = bare.contains('@') || bare.contains(":+") || bare.starts_with("tel:");
        if is_address { "\u{2026}" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}
