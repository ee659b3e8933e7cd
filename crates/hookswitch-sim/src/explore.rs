//! Random worlds: bytes become a story, the story is played, the laws are checked.
//!
//! Input: bytes, from a seed, a property test or a fuzzer. Output: nothing, or a story as short as
//! it can be made that still breaks a law.
//!
//! # Promises
//!
//! - **E1** every byte string is a story; the same bytes are the same story.
//! - **E2** each world draws first which behaviors exist in it and how likely they are.
//! - **E3** after the acts all faults stop, and the world must become quiet (law L9).

use core::fmt;
use core::time::Duration;

use crate::player::{Failure, play};
use crate::rng::Rng;
use crate::scenario::{Scenario, parse, print};

/// Virtual time within which a world without faults must become quiet: longer than every limit of
/// the native profile in a row.
const QUIET_WITHIN: Duration = Duration::from_secs(400);

/// Apps of every world.
const APPS: [&str; 3] = ["sip", "mx", "modem"];

/// Call names a world uses.
const CALLS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

const TEMPERS: [&str; 7] = [
    "prompt",
    "slow",
    "silent",
    "refusing",
    "crashing",
    "contradictory",
    "late",
];

const REASONS: [&str; 8] = [
    "remote-hangup",
    "canceled-by-caller",
    "failed",
    "answered-elsewhere",
    "declined-elsewhere",
    "unanswered",
    "busy",
    "declined-by-remote",
];

/// A story that breaks a law.
#[derive(Clone, Debug)]
pub struct Found {
    /// The seed or other source of the bytes.
    pub seed: u64,
    /// The first broken expectation.
    pub failure: Failure,
    /// The shortest story found that breaks it, ready to be kept.
    pub story: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {} breaks {}: {}",
            self.seed, self.failure.expected, self.failure.found
        )?;
        for line in &self.failure.timeline {
            writeln!(f, "    {line}")?;
        }
        write!(f, "---- shortest story ----\n{}", self.story)
    }
}

/// Plays the world of a seed; returns the length of its trace.
///
/// # Errors
///
/// The shortest story that breaks a law.
pub fn explore(seed: u64, acts: usize) -> Result<usize, Box<Found>> {
    let mut bytes = vec![0; acts.saturating_mul(6).saturating_add(32)];
    Rng::new(seed).fill(&mut bytes);
    explore_bytes(seed, &bytes)
}

/// Plays the world that the bytes mean; returns the length of its trace.
///
/// # Errors
///
/// The shortest story that breaks a law.
pub fn explore_bytes(seed: u64, bytes: &[u8]) -> Result<usize, Box<Found>> {
    let lines = decode(seed, bytes);
    let (length, failure) = try_lines(&lines);
    match failure {
        None => Ok(length),
        Some(_) => Err(Box::new(shrink(seed, lines))),
    }
}

/// Reads bytes one by one; zero when they are used up.
struct Bytes<'a>(core::slice::Iter<'a, u8>);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or(0)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    fn of<'b>(&mut self, list: &[&'b str]) -> &'b str {
        list[self.below(list.len())]
    }

    fn is_empty(&self) -> bool {
        self.0.as_slice().is_empty()
    }
}

/// Kinds of acts; the number of the restart among them.
const KINDS: usize = 17;
const RESTART: usize = 15;

/// Which acts a world knows, and how likely they are.
struct Swarm {
    weights: [u8; KINDS],
    short_waits: bool,
}

/// Writes the story that the bytes mean, line by line.
fn decode(seed: u64, bytes: &[u8]) -> Vec<String> {
    let mut bytes = Bytes(bytes.iter());
    let mut lines = vec![
        "hookswitch-scenario 1".to_owned(),
        format!("title found by exploring seed {seed}"),
        format!("seed {}", seed & 0xffff_ffff),
        format!(
            "profile {}",
            if bytes.byte() < 64 {
                "callkit"
            } else {
                "native"
            }
        ),
        format!("calls {}", CALLS.join(", ")),
    ];
    for app in APPS {
        lines.push(app_line(app, &mut bytes));
    }
    let mut swarm = Swarm {
        weights: [0; KINDS],
        short_waits: bytes.byte() & 1 == 0,
    };
    for weight in &mut swarm.weights {
        let byte = bytes.byte();
        *weight = if byte & 3 == 0 { 0 } else { byte >> 4 };
    }
    swarm.weights[0] = swarm.weights[0].max(4);
    // Most worlds have a daemon that stays; in the others it is killed now and then.
    let restarts = &mut swarm.weights[RESTART];
    *restarts = if *restarts < 8 { 0 } else { *restarts - 7 };
    // A daemon numbers its asks by the clock: the first one is not born at the hour zero.
    lines.push("at 1s time passes".to_owned());
    while !bytes.is_empty() {
        lines.push(act_line(&swarm, &mut bytes));
    }
    lines
}

fn app_line(name: &str, bytes: &mut Bytes<'_>) -> String {
    let temper = if bytes.byte() < 128 {
        "prompt"
    } else {
        bytes.of(&TEMPERS)
    };
    let flags = bytes.byte();
    let mut fields = vec![format!("temper={temper}")];
    for (bit, field) in [
        (1, "holding=no"),
        (2, "digits=no"),
        (4, "recents=no"),
        (8, "adopts=no"),
    ] {
        if flags & bit != 0 && flags & 0x80 != 0 {
            fields.push(field.to_owned());
        }
    }
    match bytes.byte() {
        0..0x10 => fields.push("reconnect=never".to_owned()),
        0x10..0x20 => fields.push("reconnect=2.99s".to_owned()),
        0x20..0x40 => fields.push("reconnect=1s".to_owned()),
        0x40..=0xff => {}
    }
    match flags & 0x30 {
        0x10 => fields.push("restart=1s".to_owned()),
        0x20 => fields.push("stopped".to_owned()),
        _ => {}
    }
    if name == "modem" {
        fields.push("cellular".to_owned());
    }
    format!("app {name} {{ {} }}", fields.join(" "))
}

fn act_line(swarm: &Swarm, bytes: &mut Bytes<'_>) -> String {
    let wait = wait_word(swarm, bytes);
    let total: usize = swarm.weights.iter().map(|w| usize::from(*w)).sum();
    let mut pick = (usize::from(bytes.byte()) * 7 + usize::from(bytes.byte())) % total.max(1);
    let mut kind = 0;
    for (number, weight) in swarm.weights.iter().enumerate() {
        if pick < usize::from(*weight) {
            kind = number;
            break;
        }
        pick -= usize::from(*weight);
    }
    format!("at +{wait} {}", act_words(kind, bytes))
}

fn wait_word(swarm: &Swarm, bytes: &mut Bytes<'_>) -> &'static str {
    let short = ["0s", "10ms", "50ms", "60ms", "200ms", "1s"];
    let long = [
        "0s", "50ms", "1s", "2s", "3s", "5s", "10s", "30s", "60s", "120s",
    ];
    if swarm.short_waits {
        bytes.of(&short)
    } else {
        bytes.of(&long)
    }
}

fn act_words(kind: usize, bytes: &mut Bytes<'_>) -> String {
    let app = bytes.of(&APPS);
    let call = bytes.of(&CALLS);
    match kind {
        0 => format!("{app} reports incoming {call} from tel:+12025550101"),
        1 => format!(
            "user answers {call} {}",
            bytes.of(&["auto", "hold", "end", "end-held"])
        ),
        2 => format!(
            "user {} {call}",
            bytes.of(&["declines", "ends", "ends", "silences"])
        ),
        3 => format!("user {} {call}", bytes.of(&["holds", "resumes"])),
        4 => "user swaps".to_owned(),
        5 => format!("user {} {call}", bytes.of(&["mutes", "unmutes"])),
        6 => format!("user digits 12 {call}"),
        7 => format!("user dials {app} sip:bob as {call}"),
        8 => format!("{app} reports ended {call} {}", bytes.of(&REASONS)),
        9 => format!(
            "{app} reports {} {call}",
            bytes.of(&["connecting", "connected"])
        ),
        10 => {
            let facts = ["remote-held", "remote-resumed", "muted", "unmuted"];
            format!("{app} reports {} {call}", bytes.of(&facts))
        }
        11 => format!(
            "{app} {}",
            bytes.of(&["crashes", "starts", "starts", "invalidates"])
        ),
        12 => {
            let ask = bytes.of(&["start", "answer", "end", "hold", "resume", "mute", "digits"]);
            format!("{app} {} {ask} {call}", bytes.of(&["fulfills", "fails"]))
        }
        13 => {
            let other = bytes.of(&CALLS);
            let action = bytes.of(&["hold", "resume", "end", "answer", "mute"]);
            format!("{app} requests {action} {call}, start {other} sip:eve")
        }
        14 => format!("{app} becomes {}", bytes.of(&TEMPERS)),
        RESTART => format!(
            "daemon restarts{}",
            bytes.of(&["", "", " down=20ms", " down=500ms", " down=4s"])
        ),
        _ => bytes
            .of(&[
                "system suspends for 5s",
                "system jumps -1h",
                "system ticks",
                "sip registers",
                "mx requests nothing",
                "audio server offers speaker:desk, headset:bt using desk",
                "user routes bt",
            ])
            .to_owned(),
    }
}

/// Plays the story; acts that are not possible are left out, as a dead app stays silent.
fn try_lines(lines: &[String]) -> (usize, Option<Failure>) {
    let text = format!("{}\n{}", lines.join("\n"), ending(lines));
    let story = match parse(&text) {
        Ok(story) => story,
        Err(why) => {
            return (0, Some(plain("a story that can be read", why.to_string())));
        }
    };
    let run = play(&story);
    let length = run.entries.len();
    let broken = run
        .failures
        .into_iter()
        .find(|failure| failure.expected.starts_with("law"));
    let noisy = || plain("law L9", "the world never becomes quiet".to_owned());
    (length, broken.or_else(|| (!run.quiet).then(noisy)))
}

fn plain(expected: &str, found: String) -> Failure {
    Failure {
        line: 1,
        expected: expected.to_owned(),
        found,
        timeline: Vec::new(),
        chain: Vec::new(),
    }
}

/// Faults stop, and time passes until all must be quiet.
fn ending(lines: &[String]) -> String {
    let is_there = |app: &&&str| {
        let begin = format!("app {app}");
        lines.iter().any(|line| line.starts_with(&begin))
    };
    let calm: String = APPS
        .iter()
        .filter(is_there)
        .map(|app| format!("at +0s {app} becomes prompt\n"))
        .collect();
    format!("{calm}at +{}s time passes\n", QUIET_WITHIN.as_secs())
}

/// Leaves out lines as long as the story still breaks the same law.
fn shrink(seed: u64, lines: Vec<String>) -> Found {
    let mut lines = lines;
    let first = try_lines(&lines)
        .1
        .unwrap_or_else(|| plain("", String::new()));
    let breaks = |lines: &[String]| {
        try_lines(lines)
            .1
            .is_some_and(|failure| failure.expected == first.expected)
    };
    let head = 2;
    let mut size = (lines.len() / 2).max(1);
    loop {
        let mut start = head;
        while start < lines.len() {
            let end = (start + size).min(lines.len());
            let mut fewer = lines.clone();
            fewer.drain(start..end);
            if breaks(&fewer) {
                lines = fewer;
            } else {
                start = end;
            }
        }
        if size == 1 {
            break;
        }
        size /= 2;
    }
    for index in head..lines.len() {
        let mut plainer = lines.clone();
        if let Some((app, _)) = lines[index].split_once(" {") {
            app.clone_into(&mut plainer[index]);
        }
        if breaks(&plainer) {
            lines = plainer;
        }
    }
    let failure = try_lines(&lines).1.unwrap_or(first);
    let text = format!("{}\n{}", lines.join("\n"), ending(&lines));
    let story = parse(&text).as_ref().map_or(text.clone(), print);
    Found {
        seed,
        failure,
        story,
    }
}

/// The story of some bytes, for tests of the story itself.
///
/// # Panics
///
/// Never: every byte string is a story.
#[must_use]
pub fn story(seed: u64, bytes: &[u8]) -> Scenario {
    let lines = decode(seed, bytes);
    let text = format!("{}\n{}", lines.join("\n"), ending(&lines));
    parse(&text).expect("the generator writes the format")
}
