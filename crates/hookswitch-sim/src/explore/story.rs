//! Bytes become a story: the one decoder for seeds, fuzzers and the kept corpus.
//!
//! The first [`HEAD`] bytes are the world: its profile, its apps, and which operations exist in it
//! and how likely they are. Each following [`ACT`] bytes are one act.

use super::Mode;
use super::dice::{Dice, choose, mix};
use super::draft::{APPS, CALLS, Draft};
use super::operations::{FIELDS, Nature, OPERATIONS, Operation};

/// Bytes of a world before its acts.
pub const HEAD: usize = 24;

/// Bytes of one act.
pub const ACT: usize = 12;

const SHORT_WAITS: [&str; 6] = ["0s", "10ms", "50ms", "60ms", "200ms", "1s"];

const LONG_WAITS: [&str; 10] = [
    "0s", "50ms", "1s", "2s", "3s", "5s", "10s", "30s", "60s", "120s",
];

/// A story as lines, in parts that shrinking treats differently.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Story {
    /// The seed of the order of what happens at the same instant.
    pub(super) seed: u64,
    /// Header lines after the title.
    pub(super) header: Vec<String>,
    /// What happens.
    pub(super) acts: Vec<String>,
    /// When faults happen.
    pub(super) mode: Mode,
    /// Lines after the acts: faults stop, and the world must heal.
    pub(super) ending: Vec<String>,
}

impl Story {
    /// The story as a scenario file.
    pub(super) fn text(&self, title: &str) -> String {
        let mut lines = vec!["hookswitch-scenario 1".to_owned(), format!("title {title}")];
        if self.seed != 0 {
            lines.push(format!("seed {}", self.seed));
        }
        lines.extend(self.header.iter().cloned());
        lines.extend(self.acts.iter().cloned());
        lines.extend(self.ending.iter().cloned());
        lines.join("\n") + "\n"
    }

    /// Whether the story has an app of this name.
    pub(super) fn has_app(&self, name: &str) -> bool {
        let is_it = |line: &String| line.split(' ').nth(1) == Some(name);
        let apps = self.header.iter().filter(|line| line.starts_with("app "));
        apps.into_iter().any(is_it)
    }
}

/// Writes the story that the bytes mean.
pub(super) fn decode(bytes: &[u8], mode: Mode) -> Story {
    let (head, acts) = bytes.split_at(bytes.len().min(HEAD));
    let mut head = Dice::new(head);
    let profile = if head.chance(64) { "callkit" } else { "native" };
    let waits: &[&str] = if head.chance(128) {
        &SHORT_WAITS
    } else {
        &LONG_WAITS
    };
    let swarm = Swarm {
        key: number(&mut head, 8),
        waits,
    };
    let mut header = vec![
        format!("profile {profile}"),
        format!("calls {}", CALLS.join(", ")),
    ];
    header.extend(APPS.map(|app| app_line(app, number(&mut head, 4))));
    let mut draft = Draft::default();
    // A daemon numbers its asks by the clock: the first one is not born at the hour zero.
    let mut lines = vec!["at 1s time passes".to_owned()];
    for act in acts.chunks(ACT) {
        lines.push(swarm.act(&mut Dice::new(act), &mut draft));
    }
    let mut story = Story {
        seed: swarm.key & 0xffff_ffff,
        header,
        acts: lines,
        mode,
        ending: Vec::new(),
    };
    if mode == Mode::Devices {
        super::devices::spread(&mut story, swarm.key);
    }
    story.ending = super::heal::ending(&story);
    story
}

/// Which operations a world knows, and how likely they are.
struct Swarm {
    key: u64,
    waits: &'static [&'static str],
}

impl Swarm {
    fn act(&self, dice: &mut Dice<'_>, draft: &mut Draft) -> String {
        let wait = dice.of(self.waits);
        let pick = number(dice, 2);
        let sensible = OPERATIONS.iter().filter(|op| op.fits(draft));
        let weighed = sensible.map(|op| (op.name, self.weight(op)));
        let chosen = choose(mix(pick, "act"), weighed);
        let row = OPERATIONS.iter().find(|op| Some(op.name) == chosen);
        let Some(row) = row else {
            return format!("at +{wait} time passes");
        };
        let line = row.write(dice, draft);
        draft.follow(&line);
        format!("at +{wait} {line}")
    }

    fn weight(&self, operation: &Operation) -> u64 {
        let draw = mix(self.key, operation.name);
        let share = draw >> 8 & 0xff;
        let is_known = match operation.nature {
            Nature::Use => share < 192,
            Nature::Fault => share < 80,
        };
        let times = [1, 1, 2, 4][usize::try_from(draw & 3).unwrap_or(0)];
        u64::from(operation.weight) * times * u64::from(is_known)
    }
}

fn app_line(name: &str, key: u64) -> String {
    let group = |group: &&[(&'static str, u64)]| {
        let salt = group.get(1).map_or("", |(field, _)| field);
        choose(mix(key, salt), group.iter().copied())
    };
    let mut fields: Vec<&str> = FIELDS.iter().filter_map(group).collect();
    fields.retain(|field| !field.is_empty());
    if name == "modem" {
        fields.push("cellular");
    }
    if fields.is_empty() {
        return format!("app {name}");
    }
    format!("app {name} {{ {} }}", fields.join(" "))
}

fn number(dice: &mut Dice<'_>, bytes: usize) -> u64 {
    (0..bytes).fold(0, |sum, _| sum << 8 | u64::from(dice.byte()))
}
