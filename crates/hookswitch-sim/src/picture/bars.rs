//! The audio-ownership chart: one bar for each call, who had nothing, the route, the microphone.

use std::collections::BTreeSet;

use hookswitch_model::Timestamp;

use super::model::spent;
use crate::trace::{CallState, State};

/// Most calls with a bar of their own.
const CALLS_MAX: usize = 12;

/// One line of the chart.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) label: String,
    pub(super) spans: Vec<Span>,
}

/// A part of a line, from the beginning of a column to that of another.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) from: usize,
    /// `None` means: to the end of the picture.
    pub(super) to: Option<usize>,
    pub(super) look: Look,
    /// The longest text that fits is shown.
    pub(super) texts: Vec<String>,
}

/// How a part is drawn; the look carries the meaning together with the color.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Look {
    /// It has the audio.
    Owner,
    /// On hold.
    Held,
    /// It wants something: ringing, dialing, asked.
    Asked,
    /// It is on the line and hears nothing.
    Silent,
    /// Nobody has the audio.
    Nobody,
    /// A plain fact.
    Strip,
}

/// All lines of the chart.
pub(super) fn rows(states: &[(usize, State)], columns: &[Timestamp]) -> Vec<Row> {
    let mut seen = BTreeSet::new();
    let mut order: Vec<(String, String)> = Vec::new();
    for call in states.iter().flat_map(|(_, state)| &state.calls) {
        if seen.insert(call.call.clone()) {
            order.push((call.call.clone(), call.app.clone()));
        }
    }
    if order.is_empty() {
        return Vec::new();
    }
    let mut out: Vec<Row> = Vec::new();
    for (call, app) in order.iter().take(CALLS_MAX) {
        let of = |state: &State| {
            let found = state.calls.iter().find(|live| live.call == *call)?;
            Some(call_look(state, found))
        };
        out.push(row(format!("{app} (call {call})"), states, of));
    }
    if order.len() > CALLS_MAX {
        let label = format!("and {} more calls", order.len() - CALLS_MAX);
        out.push(Row {
            label,
            spans: Vec::new(),
        });
    }
    out.extend(nobody(states, columns));
    let route = |state: &State| {
        let route = state.route.clone()?;
        Some((Look::Strip, vec![route]))
    };
    let routes = row("Route".to_owned(), states, route);
    if !routes.spans.is_empty() {
        out.push(routes);
    }
    out.push(row("Microphone".to_owned(), states, microphone));
    out
}

/// What is drawn of one state.
type Drawn = (Look, Vec<String>);

fn row(label: String, states: &[(usize, State)], of: impl Fn(&State) -> Option<Drawn>) -> Row {
    let mut spans: Vec<Span> = Vec::new();
    let mut before: Option<Drawn> = None;
    for (column, state) in states {
        let drawn = of(state);
        if drawn == before {
            continue;
        }
        if before.is_some()
            && let Some(last) = spans.last_mut()
        {
            last.to = Some(*column);
        }
        if let Some((look, texts)) = drawn.clone() {
            spans.push(Span {
                from: *column,
                to: None,
                look,
                texts,
            });
        }
        before = drawn;
    }
    spans.retain(|span| span.to != Some(span.from));
    Row { label, spans }
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn call_look(state: &State, call: &CallState) -> Drawn {
    if call.orphaned {
        return (Look::Silent, texts(&["waits for its app", "waits"]));
    }
    if state.lease.as_deref() == Some(&call.call) {
        return match call.remote_held {
            true => (
                Look::Owner,
                texts(&["owner, held by the other party", "owner"]),
            ),
            false => (Look::Owner, texts(&["owner"])),
        };
    }
    let asked = call.pending.as_deref().filter(|kind| *kind != "mute");
    let mut words = call.phase.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("ringing"), ..) => match asked {
            Some(_) => (Look::Asked, texts(&["asked"])),
            None => (Look::Asked, texts(&["ringing, no lease", "ringing"])),
        },
        (Some("held"), Some("by"), Some(by)) => {
            let long = match by {
                "user" => "held by the user".to_owned(),
                by if by.starts_with("system") => "held by the system".to_owned(),
                by => format!("held by {}", by.replace('-', " ")),
            };
            (Look::Held, vec![long, "held".to_owned()])
        }
        (Some("active"), ..) => (Look::Silent, texts(&["active, no audio", "no audio"])),
        (Some(phase), ..) => (Look::Asked, vec![phase.to_owned()]),
        (None, ..) => (Look::Asked, Vec::new()),
    }
}

fn microphone(state: &State) -> Option<Drawn> {
    let lease = state.lease.as_deref()?;
    let call = state.calls.iter().find(|call| call.call == lease)?;
    let drawn = if call.muted {
        (Look::Asked, texts(&["muted"]))
    } else {
        (Look::Strip, texts(&["live"]))
    };
    Some(drawn)
}

/// The times between two owners.
fn nobody(states: &[(usize, State)], columns: &[Timestamp]) -> Option<Row> {
    let free = |state: &State| {
        let talks = |call: &CallState| !call.phase.starts_with("ringing") || call.pending.is_some();
        (state.lease.is_none() && state.calls.iter().any(talks)).then(|| (Look::Nobody, Vec::new()))
    };
    let mut row = row("Nobody".to_owned(), states, free);
    let owned_before = |column: usize| {
        let earlier = states.iter().take_while(|(at, _)| *at < column);
        earlier
            .last()
            .is_some_and(|(_, state)| state.lease.is_some())
    };
    row.spans.retain(|span| owned_before(span.from));
    for span in &mut row.spans {
        let end = span.to.and_then(|to| columns.get(to)).or(columns.last());
        if let (Some(from), Some(end)) = (columns.get(span.from), end) {
            let took = spent(end.since(*from));
            span.texts = vec![format!("nobody for {took}"), took];
        }
    }
    (!row.spans.is_empty()).then_some(row)
}
