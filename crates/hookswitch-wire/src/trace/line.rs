//! A trace as it is written to a file: its head and its lines.

use hookswitch_model::{Stamp, Timestamp};
use serde_json::{Map, Value, json};

use super::{Kind, Origin, State, TRACE_VERSION, write_span};

/// What is said of a whole run.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Head {
    /// What the story is about.
    pub title: String,
    /// The profile of limits.
    pub profile: String,
    /// The seed it was played with.
    pub seed: u64,
    /// How many expectations were checked.
    pub checks: usize,
    /// The expectations that failed, in the order of the file.
    pub unmet: Vec<Unmet>,
    /// The header lines of a story that plays a recording; empty for what a story made.
    pub story: Vec<String>,
    /// What a recording holds: [`RECORDING_VERSION`](super::RECORDING_VERSION) when it was made;
    /// 0 for what a story made.
    pub recording: u32,
    /// Steps before the first line that a recording does not have any more.
    pub dropped: u64,
    /// Live calls that were there before the first line of a recording.
    pub inherited: usize,
}

/// An expectation that failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unmet {
    /// The line of the scenario file, from 1.
    pub line: usize,
    /// What was expected.
    pub expected: String,
    /// What was the case.
    pub found: String,
    /// The last line of the trace when it was decided.
    pub seq: u64,
    /// When the wait for it began.
    pub from: Timestamp,
    /// When it was decided.
    pub at: Timestamp,
}

/// One line after the head.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// Its number, from 1.
    pub seq: u64,
    /// When, on the boot and the wall clock.
    pub at: Stamp,
    /// When, on the monotonic clock, which stops in suspend.
    pub monotonic: Timestamp,
    /// What it is about.
    pub kind: Kind,
    /// The device of the user it happened on; `None` in a story of one device, and for a service.
    pub device: Option<String>,
    /// Who did it.
    pub actor: String,
    /// Who it goes to.
    pub target: String,
    /// Who wanted it.
    pub origin: Origin,
    /// The line that led to it.
    pub cause: Option<u64>,
    /// The call it is about.
    pub call: Option<String>,
    /// What, in the words of the vocabulary.
    pub what: String,
    /// The phase of the call before the step.
    pub before: Option<String>,
    /// The phase of the call after the step.
    pub after: Option<String>,
    /// What everybody may know from here on, if that changed.
    pub state: Option<State>,
    /// An event of a recording as a story writes it.
    pub input: Option<String>,
}

/// A whole trace.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Trace {
    /// What is said of the whole.
    pub head: Head,
    /// The lines, in the order in which they happened.
    pub lines: Vec<Line>,
}

impl Trace {
    /// The JSON lines, the head first.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = format!("{}\n", self.head.json());
        for line in &self.lines {
            out.push_str(&line.json().to_string());
            out.push('\n');
        }
        out
    }
}

/// The lines that led to one, first cause first.
#[must_use]
pub fn chain(lines: &[Line], last: u64) -> Vec<&Line> {
    let find = |seq: u64| {
        let at = lines.binary_search_by_key(&seq, |line| line.seq);
        at.ok().and_then(|at| lines.get(at))
    };
    let mut out: Vec<&Line> = Vec::new();
    let mut next = find(last);
    while let Some(line) = next {
        out.push(line);
        next = line.cause.filter(|cause| *cause < line.seq).and_then(find);
    }
    out.reverse();
    out
}

impl Head {
    fn json(&self) -> Value {
        let unmet = self.unmet.iter().map(|unmet| {
            json!({
                "line": unmet.line,
                "expected": unmet.expected,
                "found": unmet.found,
                "seq": unmet.seq,
                "from_ns": unmet.from.as_nanos(),
                "at_ns": unmet.at.as_nanos(),
            })
        });
        let mut value = json!({
            "v": TRACE_VERSION,
            "format": "hookswitch-trace",
            "title": self.title,
            "profile": self.profile,
            "seed": self.seed,
            "checks": self.checks,
            "failures": unmet.collect::<Vec<_>>(),
        });
        if let Some(members) = value.as_object_mut().filter(|_| !self.story.is_empty()) {
            members.insert("story".to_owned(), json!(self.story));
            members.insert("recording".to_owned(), json!(self.recording));
            members.insert("dropped".to_owned(), json!(self.dropped));
            members.insert("inherited".to_owned(), json!(self.inherited));
        }
        value
    }
}

impl Line {
    /// The line as people read it.
    #[must_use]
    pub fn text(&self) -> String {
        let at = write_span(self.at.at.since(Timestamp::ZERO));
        let device = self.device.as_deref();
        let device = device.map_or(String::new(), |name| format!("{name:<8} "));
        format!("{at:>10}  {device}{:<8} {}", self.actor, self.what)
    }

    /// The words of what happened.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.what.split_whitespace()
    }

    /// The line as a JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut value = json!({
            "v": TRACE_VERSION,
            "seq": self.seq,
            "at_ns": self.at.at.as_nanos(),
            "monotonic_ns": self.monotonic.as_nanos(),
            "wall_ms": self.at.wall.as_millis(),
            "kind": match self.kind { Kind::Event => "event", Kind::Effect => "effect" },
            "actor": self.actor,
            "target": self.target,
            "origin": self.origin.name(),
            "cause": self.cause,
            "call": self.call,
            "what": self.what,
            "before": self.before,
            "after": self.after,
        });
        let state = self.state.as_ref().map(|state| ("state", state.json()));
        let input = self.input.as_ref().map(|input| ("input", json!(input)));
        if let Some(members) = value.as_object_mut() {
            let members: &mut Map<String, Value> = members;
            let device = self.device.as_ref().map(|device| ("device", json!(device)));
            for (name, value) in state.into_iter().chain(input).chain(device) {
                members.insert(name.to_owned(), value);
            }
        }
        value
    }
}
