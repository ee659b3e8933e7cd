//! A run as arrows between those who took part, in plain text.

use core::fmt::Write as _;

use crate::describe::time;
use crate::trace::Entry;

/// Draws one line per step: who, an arrow to whom, what.
#[must_use]
pub fn draw(entries: &[Entry]) -> String {
    let width = |side: fn(&Entry) -> &str| entries.iter().map(|e| side(e).len()).max().unwrap_or(0);
    let left = width(|entry| &entry.actor);
    let right = width(|entry| &entry.target);
    let mut out = String::new();
    for entry in entries.iter().filter(|entry| entry.what[0] != "publish") {
        let _ = writeln!(
            out,
            "{:>10}  {:<left$} ──▶ {:<right$}  {}",
            time(entry.at.at),
            entry.actor,
            entry.target,
            entry.what.join(" ")
        );
    }
    out
}
