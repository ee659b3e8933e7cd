//! A run as trace events: phases and audio as slices, what happened as instants, causes as flows.
//!
//! The format is the JSON of the Trace Event Format, which ui.perfetto.dev and chrome://tracing
//! open.

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_model::Timestamp;
use serde_json::{Value, json};

use super::model::Timeline;
use crate::trace::{Line, State, Trace};

/// The track of what is said to and by one part.
const SAID: u64 = 1;
/// The track of calls and audio.
const CALLS: u64 = 2;

/// The document.
pub(super) fn perfetto(trace: &Trace) -> String {
    let timeline = Timeline::of(trace);
    let mut events = vec![name("process_name", SAID, 0, "Who said what")];
    events.push(name("process_name", CALLS, 0, "Calls and audio"));
    let mut tracks: BTreeMap<(Option<&str>, &str), u64> = BTreeMap::new();
    for lane in &timeline.lanes {
        if !lane.name.is_empty() {
            let next = tracks.len() as u64 + 1;
            tracks.insert((lane.device.as_deref(), &lane.name), next);
            events.push(name("thread_name", SAID, next, &lane.title()));
        }
    }
    let of = |line: &Line| {
        let device = line.device.as_deref();
        let places = [
            (device, line.actor.as_str()),
            (None, &line.actor),
            (device, "core"),
        ];
        let mut found = places.iter().filter_map(|place| tracks.get(place));
        found.next().copied().unwrap_or(1)
    };
    for line in trace.lines.iter().filter(|line| line.what != "publish") {
        let track = of(line);
        events.push(instant(line, track));
        if let Some(cause) = line.cause {
            flow(&mut events, trace, line, cause, track, of);
        }
    }
    slices(trace, &mut events);
    let document = json!({
        "displayTimeUnit": "ms",
        "otherData": { "title": trace.head.title, "profile": trace.head.profile },
        "traceEvents": events,
    });
    format!("{document}\n")
}

fn name(what: &str, pid: u64, tid: u64, name: &str) -> Value {
    json!({ "ph": "M", "name": what, "pid": pid, "tid": tid, "args": { "name": name } })
}

/// Microseconds, with three places for the rest.
fn micros(at: Timestamp) -> Value {
    let nanos = at.as_nanos();
    if nanos.is_multiple_of(1000) {
        json!(nanos / 1000)
    } else {
        json!(nanos as f64 / 1000.0)
    }
}

fn instant(line: &Line, track: u64) -> Value {
    json!({
        "ph": "X", "name": line.what, "cat": line.origin.name(), "pid": SAID, "tid": track,
        "ts": micros(line.at.at), "dur": 1,
        "args": {
            "seq": line.seq, "cause": line.cause, "call": line.call,
            "to": line.target, "before": line.before, "after": line.after,
        },
    })
}

fn flow(
    events: &mut Vec<Value>,
    trace: &Trace,
    line: &Line,
    cause: u64,
    track: u64,
    of: impl Fn(&Line) -> u64,
) {
    let found = trace.lines.binary_search_by_key(&cause, |line| line.seq);
    let Some(from) = found.ok().and_then(|at| trace.lines.get(at)) else {
        return;
    };
    let end = |ph: &str, line: &Line, track: u64, id: u64| {
        json!({
            "ph": ph, "name": "cause", "cat": "cause", "id": id, "bp": "e",
            "pid": SAID, "tid": track, "ts": micros(line.at.at),
        })
    };
    events.push(end("s", from, of(from), line.seq));
    events.push(end("f", line, track, line.seq));
}

/// Per device one track for the phase of each call, one for the audio.
fn slices(trace: &Trace, events: &mut Vec<Value>) {
    let of = |line: &Line| line.state.is_some().then(|| line.device.clone());
    let devices: BTreeSet<Option<String>> = trace.lines.iter().filter_map(of).collect();
    let mut first = 1;
    for device in devices {
        first = slices_of(trace, &device, first, events);
    }
}

/// The tracks of one device from a number on; gives the next free number.
fn slices_of(trace: &Trace, device: &Option<String>, first: u64, events: &mut Vec<Value>) -> u64 {
    let place = device
        .as_ref()
        .map_or(String::new(), |device| format!("{device}: "));
    let states: Vec<(Timestamp, &State)> = trace
        .lines
        .iter()
        .filter(|line| line.device == *device)
        .filter_map(|line| Some((line.at.at, line.state.as_ref()?)))
        .collect();
    let end = trace
        .lines
        .last()
        .map_or(Timestamp::ZERO, |line| line.at.at);
    let mut calls: Vec<(&str, &str)> = Vec::new();
    for call in states.iter().flat_map(|(_, state)| &state.calls) {
        if !calls.iter().any(|(name, _)| *name == call.call) {
            calls.push((&call.call, &call.app));
        }
    }
    let mut track = |tid: u64, label: &str, of: &dyn Fn(&State) -> Option<String>| {
        events.push(name("thread_name", CALLS, tid, &format!("{place}{label}")));
        let mut open: Option<(Timestamp, String)> = None;
        let last = (end, None);
        let states = states.iter().map(|(at, state)| (*at, of(state)));
        for (at, now) in states.chain([last]) {
            if open.as_ref().map(|(_, text)| text) == now.as_ref() {
                continue;
            }
            if let Some((from, text)) = open.take() {
                events.push(json!({
                    "ph": "X", "name": text, "cat": "state", "pid": CALLS, "tid": tid,
                    "ts": micros(from), "dur": micros(Timestamp::ZERO.after(at.since(from))),
                }));
            }
            open = now.map(|text| (at, text));
        }
    };
    track(first, "Audio", &|state| state.lease.clone());
    track(first + 1, "Route", &|state| state.route.clone());
    for (number, (call, app)) in (first + 2..).zip(&calls) {
        track(number, &format!("{app} (call {call})"), &|state| {
            let found = state.calls.iter().find(|live| live.call == **call)?;
            Some(found.phase.clone())
        });
    }
    first + 2 + calls.len() as u64
}
