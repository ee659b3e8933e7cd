//! A recording cut into a story that can be kept.

use core::time::Duration;
use std::fmt::Write as _;

use hookswitch_model::Timestamp;

use crate::scenario::write_span;
use crate::trace::{Kind, Trace};

/// Writes a recording as a scenario file. What a story cannot say becomes a remark.
///
/// # Errors
///
/// A sentence, if the trace is no recording.
pub fn cut(trace: &Trace) -> Result<String, String> {
    if trace.head.story.is_empty() {
        let why = "this trace is no recording: it was made from a story, which can be played again";
        return Err(why.to_owned());
    }
    let mut out = format!("hookswitch-scenario 1\ntitle {}\n", trace.head.title);
    for line in &trace.head.story {
        let _ = writeln!(out, "{line}");
    }
    if trace.head.dropped > 0 || trace.head.inherited > 0 {
        let _ = writeln!(
            out,
            "# It began earlier: {} older steps and {} live calls are not here.",
            trace.head.dropped, trace.head.inherited
        );
    }
    let mut end = Timestamp::ZERO;
    for line in trace.lines.iter().filter(|line| line.kind == Kind::Event) {
        let at = write_span(line.at.at.since(Timestamp::ZERO));
        end = line.at.at;
        match &line.input {
            Some(input) => {
                let _ = writeln!(out, "at {at} {input}");
            }
            None if line.actor == "clock" || line.actor == "daemon" => {}
            None => {
                let _ = writeln!(out, "# {at} {} {}", line.actor, line.what);
            }
        }
    }
    let rest = end.after(Duration::from_micros(1)).since(Timestamp::ZERO);
    let _ = writeln!(out, "at {} time passes", write_span(rest));
    Ok(out)
}
