//! The dates of calls as facts, in time since the start of the story.

use core::time::Duration;

use hookswitch_model::{RecentsEntry, Snapshot, Wall};
use hookswitch_trace::WALL_START;

use crate::describe::{Words, words};
use crate::names::Names;
use crate::scenario::write_span;

/// All that is known of the dates of live calls, and of those in the recents.
#[must_use]
pub fn facts(names: &Names, state: &Snapshot, recents: &[RecentsEntry]) -> Vec<Words> {
    let mut out: Vec<String> = Vec::new();
    for call in &state.calls {
        let name = names.call(call.id);
        let dates = [
            ("started", call.started_at),
            ("connecting", call.connecting_at),
            ("connected", call.connected_at),
        ];
        for (what, date) in dates {
            out.extend(date.map(|date| format!("{name} {what} at {}", time(date))));
        }
    }
    for entry in recents {
        let name = names.call(entry.call);
        let (began, ended) = (time(entry.began), time(entry.end.at.wall));
        out.push(format!("recents {name} began at {began}"));
        out.push(format!("recents {name} ended at {ended}"));
        let lasted = [
            ("rang", Some(entry.alerted_ms)),
            ("talked", entry.connected_ms),
        ];
        for (what, millis) in lasted {
            out.extend(millis.map(|ms| format!("recents {name} {what} for {}", span(ms))));
        }
    }
    out.iter().map(|line| words(line)).collect()
}

/// A point on the wall clock, as the time since the start of the story.
#[must_use]
pub fn time(wall: Wall) -> String {
    let millis = wall.as_millis().saturating_sub(WALL_START);
    let sign = if millis < 0 { "-" } else { "" };
    format!("{sign}{}", span(millis.unsigned_abs()))
}

fn span(millis: u64) -> String {
    write_span(Duration::from_millis(millis))
}
