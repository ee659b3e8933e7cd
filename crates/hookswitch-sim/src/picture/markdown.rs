//! A run as a summary and a table in Markdown, for the page of a build.

use std::fmt::Write as _;

use super::model::{Timeline, Tone};
use crate::describe::time;
use crate::trace::Trace;

/// The summary.
pub(super) fn markdown(trace: &Trace) -> String {
    let timeline = Timeline::of(trace);
    let head = &trace.head;
    let kept = head.checks.saturating_sub(head.unmet.len());
    let mut out = format!("### {}\n\n", plain(&head.title));
    let _ = writeln!(
        out,
        "Profile {}, seed {}; {kept} of {} expectations hold.\n",
        head.profile, head.seed, head.checks
    );
    for unmet in &head.unmet {
        let _ = writeln!(
            out,
            "- **Line {}**: expected {}, but {}",
            unmet.line,
            plain(&unmet.expected),
            plain(&unmet.found)
        );
    }
    if !head.unmet.is_empty() {
        out.push('\n');
    }
    out.push_str("| time | from | to | what |\n| ---: | --- | --- | --- |\n");
    let mut before = None;
    for arrow in &timeline.arrows {
        let at = timeline
            .columns
            .get(arrow.column)
            .copied()
            .unwrap_or_default();
        let shown = if before == Some(at) {
            String::new()
        } else {
            time(at)
        };
        before = Some(at);
        let name = |stop: Option<&usize>| {
            let lane = stop.and_then(|stop| timeline.lanes.get(*stop));
            lane.map_or(String::new(), |lane| plain(&lane.title()))
        };
        let to = if arrow.stops.len() > 1 {
            name(arrow.stops.last())
        } else {
            String::new()
        };
        let label = match arrow.tone {
            Tone::Plain => plain(&arrow.label),
            Tone::Bad => format!("**{}**", plain(&arrow.label)),
        };
        let _ = writeln!(
            out,
            "| {shown} | {} | {to} | {label} |",
            name(arrow.stops.first())
        );
    }
    out
}

/// Text without what Markdown and HTML read as their own.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '|' | '[' | ']' | '<' | '>' | '#' | '&' => {
                out.push('\\');
                out.push(letter);
            }
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
