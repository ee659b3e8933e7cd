//! A small timeline for a terminal of 80 columns.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::describe::time;
use crate::trace::Line;

/// Widest line.
const COLUMNS: usize = 80;

/// Most lanes that are drawn; those who come later share the last one.
const LANES_MAX: usize = 7;

/// Draws the lines from `first` on, one row each, below the initials of those who took part.
#[must_use]
pub fn draw(lines: &[Line], first: usize) -> Vec<String> {
    let shown = &lines[first.min(lines.len())..];
    let lanes = lanes(shown);
    let mut out = Vec::new();
    let mut head = String::new();
    for (device, name) in &lanes {
        let name = match device {
            Some(device) if *name == "core" => device,
            Some(_) | None => name,
        };
        let name: String = name.chars().take(5).collect();
        let _ = write!(head, "{name:<6}");
    }
    out.push(format!("{:>10}  {}", "", head.trim_end()));
    let mut before = None;
    for line in shown {
        let at = time(line.at.at);
        let label = if before == Some(line.at.at) {
            ""
        } else {
            at.as_str()
        };
        before = Some(line.at.at);
        let row = format!("{label:>10}  {} {}", arrow(&lanes, line), line.what);
        out.push(clip(&row));
    }
    out
}

/// A lane: the device, in a story of several, and the name.
type Lane<'a> = (Option<&'a str>, &'a str);

/// Everybody who says or hears something, the user first, the system in the middle.
fn lanes(lines: &[Line]) -> Vec<Lane<'_>> {
    let mut out: Vec<Lane<'_>> = Vec::new();
    let mut devices: Vec<Option<&str>> = lines.iter().map(|l| l.device.as_deref()).collect();
    let mut seen = BTreeSet::new();
    devices.retain(|device| seen.insert(*device));
    for device in devices {
        let here = || lines.iter().filter(|line| line.device.as_deref() == device);
        let mut names: Vec<Lane<'_>> = Vec::new();
        if here().any(|line| line.actor == "user") {
            names.push((device, "user"));
        }
        names.push((device, "core"));
        names.extend(
            here().flat_map(|line| [lane_of(line, &line.actor), lane_of(line, &line.target)]),
        );
        for lane in names {
            if !out.contains(&lane) {
                out.push(lane);
            }
        }
    }
    out.truncate(LANES_MAX);
    out
}

/// The clock and the daemon are the core to a reader.
fn lane_of<'a>(line: &'a Line, name: &'a str) -> Lane<'a> {
    let device = line.device.as_deref();
    match name {
        "clock" | "daemon" | "system" | "nobody" | "observers" => (device, "core"),
        "ringer" | "recents" | "rules" | "screen" if device.is_some() => (device, "core"),
        service if service.ends_with("-service") => (None, service),
        name => (device, name),
    }
}

/// Six signs a lane: a dot where it begins, a point where it arrives.
fn arrow(lanes: &[Lane<'_>], line: &Line) -> String {
    let place = |name: &str| {
        let name = lane_of(line, name);
        let found = lanes.iter().position(|lane| *lane == name);
        found.unwrap_or(lanes.len().saturating_sub(1))
    };
    let (from, to) = (place(&line.actor), place(&line.target));
    let mut signs: Vec<char> = "\u{2502}     ".repeat(lanes.len()).chars().collect();
    let (low, high) = (from.min(to) * 6, from.max(to) * 6);
    for sign in signs.iter_mut().take(high).skip(low + 1) {
        *sign = '\u{2500}';
    }
    if let Some(sign) = signs.get_mut(from * 6) {
        *sign = '\u{25cf}';
    }
    let point = if from < to { '\u{25b6}' } else { '\u{25c0}' };
    if from != to
        && let Some(sign) = signs.get_mut(to * 6)
    {
        *sign = point;
    }
    signs.truncate(lanes.len() * 6 - 4);
    signs.into_iter().collect()
}

fn clip(row: &str) -> String {
    if row.chars().count() <= COLUMNS {
        return row.to_owned();
    }
    let mut out: String = row.chars().take(COLUMNS - 1).collect();
    out.push('\u{2026}');
    out
}
