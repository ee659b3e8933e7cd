//! What happened in a run, line by line: for checks, for people and, as JSON lines, for tools.
//!
//! # Promises
//!
//! - **T1** the same story and seed give the same bytes.
//! - **T2** no address, name or digit is in it.
//! - **T3** every line but a first cause names the line that caused it.

use hookswitch_model::{CallId, Stamp, Timestamp};
use serde_json::{Value, json};

use crate::describe::{Words, time};

/// The version of the JSON lines.
pub const TRACE_VERSION: u32 = 1;

/// What a line is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Something that happened to the core.
    Event,
    /// Something the core wanted done.
    Effect,
}

/// One line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// When, on the boot and the wall clock.
    pub at: Stamp,
    /// When, on the monotonic clock, which stops in suspend.
    pub monotonic: Timestamp,
    /// What it is about.
    pub kind: Kind,
    /// Who did it.
    pub actor: String,
    /// Who it goes to, for the picture.
    pub target: String,
    /// Who wanted it: user, app, clock, audio, system or core.
    pub origin: &'static str,
    /// The line that led to it.
    pub cause: Option<u64>,
    /// The call it is about.
    pub call: Option<(CallId, String)>,
    /// What, in the words of the vocabulary.
    pub what: Words,
    /// The phase of the call before the step.
    pub before: Option<&'static str>,
    /// The phase of the call after the step.
    pub after: Option<&'static str>,
}

impl Entry {
    /// The line as people read it.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{:>10}  {:<8} {}",
            time(self.at.at),
            self.actor,
            self.what.join(" ")
        )
    }

    /// The line as a JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "v": TRACE_VERSION,
            "seq": self.seq,
            "at_ns": self.at.at.as_nanos(),
            "monotonic_ns": self.monotonic.as_nanos(),
            "wall_ms": self.at.wall.as_millis(),
            "kind": match self.kind { Kind::Event => "event", Kind::Effect => "effect" },
            "actor": self.actor,
            "target": self.target,
            "origin": self.origin,
            "cause": self.cause,
            "call": self.call.as_ref().map(|(_, name)| name.as_str()),
            "what": masked(&self.what).join(" "),
            "before": self.before,
            "after": self.after,
        })
    }
}

/// Digits may be a PIN.
fn masked(words: &[String]) -> Words {
    let mut out = words.to_vec();
    let about = out.get(2).map(String::as_str);
    if out.first().is_some_and(|word| word == "ask")
        && about == Some("digits")
        && let Some(digits) = out.get_mut(4)
    {
        *digits = "*".repeat(digits.chars().count());
    }
    out
}

/// Writes a whole trace as JSON lines, its head first.
#[must_use]
pub fn write(title: &str, profile: &str, seed: u64, entries: &[Entry]) -> String {
    let head = json!({
        "v": TRACE_VERSION,
        "format": "hookswitch-trace",
        "title": title,
        "profile": profile,
        "seed": seed,
    });
    let mut out = format!("{head}\n");
    for entry in entries {
        out.push_str(&entry.json().to_string());
        out.push('\n');
    }
    out
}

/// The lines that led to the last one, first cause first.
#[must_use]
pub fn chain(entries: &[Entry], last: u64) -> Vec<&Entry> {
    let find = |seq: u64| entries.iter().find(|entry| entry.seq == seq);
    let mut out: Vec<&Entry> = Vec::new();
    let mut next = find(last);
    while let Some(entry) = next {
        out.push(entry);
        next = entry
            .cause
            .filter(|cause| *cause < entry.seq)
            .and_then(find);
    }
    out.reverse();
    out
}
