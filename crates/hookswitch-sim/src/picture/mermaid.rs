//! A run as a Mermaid sequence diagram, as many hosts of code draw it in a page.

use std::fmt::Write as _;

use super::bars::Look;
use super::model::{Role, Timeline, Tone};
use crate::describe::time;
use crate::trace::Trace;

/// The diagram.
pub(super) fn mermaid(trace: &Trace) -> String {
    let timeline = Timeline::of(trace);
    let mut out = String::from("sequenceDiagram\n");
    for (number, lane) in timeline.lanes.iter().enumerate() {
        let kind = if lane.role == Role::User || lane.role == Role::Remote {
            "actor"
        } else {
            "participant"
        };
        let _ = writeln!(out, "  {kind} p{number} as {}", plain(&lane.title()));
    }
    let mut moment = None;
    for arrow in &timeline.arrows {
        let at = timeline.columns.get(arrow.column).copied();
        if let Some(at) = at.filter(|_| moment != at) {
            let last = timeline.lanes.len().saturating_sub(1);
            let _ = writeln!(out, "  Note over p0,p{last}: {}", plain(&time(at)));
        }
        moment = at;
        let label = plain(&arrow.label);
        if let [alone] = arrow.stops.as_slice() {
            let _ = writeln!(out, "  Note over p{alone}: {label}");
        }
        for pair in arrow.stops.windows(2) {
            let sign = if arrow.tone == Tone::Bad { "-x" } else { "->>" };
            let _ = writeln!(out, "  p{}{sign}p{}: {label}", pair[0], pair[1]);
        }
    }
    silent(&timeline, &mut out);
    out
}

/// A call that is on the line and hears nothing is worth a remark.
fn silent(timeline: &Timeline, out: &mut String) {
    let Some(audio) = timeline.lane(Role::Audio) else {
        return;
    };
    for row in &timeline.rows {
        for span in row.spans.iter().filter(|span| span.look == Look::Silent) {
            let from = timeline.columns.get(span.from).copied().unwrap_or_default();
            let text = span.texts.first().map_or("", String::as_str);
            let text = format!("{}: {text} from {}", row.label, time(from));
            let _ = writeln!(out, "  Note over p{audio}: {}", plain(&text));
        }
    }
}

/// Text without what Mermaid reads as its own.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '#' => out.push_str("#35;"),
            ';' => out.push_str("#59;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
