//! Random worlds of two devices: the acts of one random story, spread over both, and services that
//! ring them.
//!
//! The same bytes are the same story here too: everything follows from the key of the world.

use super::dice::mix;
use super::draft::{APPS, CALLS};
use super::heal;
use super::story::Story;

/// The devices of every such world.
const DEVICES: [&str; 2] = ["laptop", "phone"];

/// The apps that have a service.
const SERVED: [&str; 2] = ["sip", "mx"];

/// How services and the network are: of each group one is written.
const FIELDS: [&[&str]; 6] = [
    &["", "", "delay=10ms", "delay=300ms", "delay=2s"],
    &["", "", "", "loses=3 repeats=1s", "loses=5 repeats=4s"],
    &["", "", "", "doubles=1", "doubles=3"],
    &["", "", "", "reorders=2", "reorders=3"],
    &["", "", "", "ring=10s", "ring=30s"],
    &["", "", "", "", "", "", "joins"],
];

/// Makes a story of one device a story of two.
pub(super) fn spread(story: &mut Story, key: u64) {
    let apps = story
        .header
        .iter()
        .position(|line| line.starts_with("app "));
    let apps = apps.unwrap_or(story.header.len());
    let devices = DEVICES.map(|device| {
        let draw = mix(key, device);
        let field = ["", "", " { delay=400ms }", " { wall=+1h }"];
        format!("device {device}{}", pick(&field, draw))
    });
    story.header.splice(apps..apps, devices);
    story.header.extend(SERVED.map(|app| service(app, key)));
    let acts = core::mem::take(&mut story.acts);
    let numbered = acts.iter().enumerate();
    story.acts = numbered
        .map(|(number, line)| act(line, mix(key, &number.to_string())))
        .collect();
}

/// The lines after the acts: every network is there again, all behave, and everything settles: no
/// call rings at its service, and none is left over on a device.
pub(super) fn ending(story: &Story) -> Vec<String> {
    let apps: Vec<_> = APPS.into_iter().filter(|app| story.has_app(app)).collect();
    let calm = |device| {
        let mut acts = heal::behave(&apps);
        acts.push("network returns".to_owned());
        let acts = acts.into_iter();
        acts.map(move |act| format!("at +0s {device} {act}"))
    };
    let mut lines: Vec<String> = DEVICES.into_iter().flat_map(calm).collect();
    lines.push(heal::settle());
    let left = CALLS.iter().flat_map(|call| {
        let on = |device| format!("not {device} {call} orphaned, not {device} {call} ending");
        DEVICES.map(on)
    });
    lines.push(format!("  state {}", left.collect::<Vec<_>>().join(", ")));
    let rings = CALLS.map(|call| format!("not service {call} ringing"));
    lines.push(format!("  state {}", rings.join(", ")));
    lines
}

fn service(app: &str, key: u64) -> String {
    let field = |(number, group): (usize, &&[&'static str])| {
        pick(group, mix(key, &format!("{app} {number}")))
    };
    let fields = FIELDS.iter().enumerate().map(field);
    let fields: Vec<&str> = fields.filter(|field| !field.is_empty()).collect();
    match fields.is_empty() {
        true => format!("service {app}"),
        false => format!("service {app} {{ {} }}", fields.join(" ")),
    }
}

/// An act on one of the devices, or of a service.
fn act(line: &str, draw: u64) -> String {
    let mut words = line.splitn(3, ' ');
    let (Some(at), Some(wait), Some(what)) = (words.next(), words.next(), words.next()) else {
        return line.to_owned();
    };
    if what == "time passes" {
        return line.to_owned();
    }
    let device = pick(&DEVICES, draw);
    let app = pick(&SERVED, draw >> 8);
    let (call, other) = (pick(&CALLS, draw >> 16), pick(&CALLS, draw >> 24));
    let what = match (draw >> 32) % 24 {
        0 => format!("{device} network drops for 3s"),
        1 => format!("{device} {app} pulls {call} as {other}"),
        2 => format!("{device} system suspends 3s"),
        3 => format!("{device} daemon restarts down=500ms"),
        _ => relayed(what, draw).unwrap_or_else(|| format!("{device} {what}")),
    };
    format!("{at} {wait} {what}")
}

/// What an app would have reported of the other party comes from its service.
fn relayed(what: &str, draw: u64) -> Option<String> {
    let words: Vec<&str> = what.split(' ').collect();
    match words.as_slice() {
        [app, "reports", "incoming", call, facts @ ..] if SERVED.contains(app) => {
            let facts = facts.join(" ");
            Some(
                format!("service {app} calls {call} {facts}")
                    .trim_end()
                    .to_owned(),
            )
        }
        [app, "reports", "ended", call, ..] if SERVED.contains(app) && draw >> 40 & 1 == 0 => {
            Some(format!("service {app} hangs-up {call}"))
        }
        _ => None,
    }
}

fn pick<'a>(list: &[&'a str], draw: u64) -> &'a str {
    let index = usize::try_from(draw % list.len() as u64).unwrap_or(0);
    list[index]
}
