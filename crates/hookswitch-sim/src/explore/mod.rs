//! Random worlds: bytes become a story, the story is played, the laws are checked.
//!
//! Input: bytes, from a seed, a property test, a fuzzer or a kept corpus. Output: nothing, or a
//! story as short as it can be made that still breaks a law.
//!
//! # Promises
//!
//! - **E1** every byte string is a story; the same bytes are the same story.
//! - **E2** each world draws first which behaviors exist in it and how likely they are.
//! - **E3** in liveness mode all faults stop after the acts, and the world must become quiet and
//!   carry one more call (law L9); on several devices it must become quiet.
//! - **E4** what a search finds depends on its seed and its corpus only.
//!
//! What can happen stands in [`operations`].

pub mod corpus;
mod devices;
mod dice;
mod draft;
mod heal;
pub mod operations;
pub mod search;
mod shrink;
mod story;

pub use dice::Dice;
pub use draft::{Draft, Guess};
pub use story::{ACT, HEAD};

use core::any::Any;
use core::fmt;
use std::panic;

use crate::player::{Failure, Run, play};
use crate::rng::Rng;
use crate::scenario::{Scenario, parse};
use story::Story;

/// When faults happen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum Mode {
    /// All the time; only the laws of every step count.
    Safety,
    /// They stop at the end of the acts, and then the world must heal.
    #[default]
    Liveness,
    /// As in liveness mode, on two devices of one user with services that ring both.
    Devices,
}

impl Mode {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Safety => "safety",
            Self::Liveness => "liveness",
            Self::Devices => "devices",
        }
    }
}

/// A story that breaks a law.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where the world came from, such as its seed.
    pub title: String,
    /// The mode it was found in.
    pub mode: Mode,
    /// The first broken expectation.
    pub failure: Failure,
    /// The shortest story found that breaks it, ready to be kept.
    pub story: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, in {} mode: breaks {}: {}",
            self.title,
            self.mode.name(),
            self.failure.expected,
            self.failure.found
        )?;
        for line in &self.failure.timeline {
            writeln!(f, "    {line}")?;
        }
        write!(f, "---- shortest story ----\n{}", self.story)
    }
}

/// The bytes of the world of a seed, with about so many acts.
#[must_use]
pub fn bytes_of(seed: u64, acts: usize) -> Vec<u8> {
    let mut bytes = vec![0; acts.saturating_mul(ACT).saturating_add(HEAD)];
    Rng::new(seed).fill(&mut bytes);
    bytes
}

/// Plays the world of a seed.
///
/// # Errors
///
/// The shortest story that breaks a law.
pub fn explore(seed: u64, acts: usize, mode: Mode) -> Result<Run, Box<Found>> {
    try_bytes(&title(seed), &bytes_of(seed, acts), mode)
}

/// Plays the world that the bytes mean.
///
/// # Errors
///
/// The shortest story that breaks a law.
pub fn explore_bytes(bytes: &[u8], mode: Mode) -> Result<Run, Box<Found>> {
    try_bytes("found by exploring", bytes, mode)
}

/// The body of a fuzz target: plays the world that the bytes mean, in both modes.
///
/// ```no_run
/// # let bytes: &[u8] = &[];
/// // libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hookswitch_sim::explore::fuzz(bytes));
/// hookswitch_sim::explore::fuzz(bytes);
/// ```
///
/// # Panics
///
/// If a law is broken, with the shortest story that breaks it.
pub fn fuzz(bytes: &[u8]) {
    for mode in [Mode::Safety, Mode::Liveness] {
        if let Err(found) = explore_bytes(bytes, mode) {
            panic!("{found}");
        }
    }
}

/// The story of some bytes.
///
/// # Panics
///
/// Never: every byte string is a story.
#[must_use]
pub fn story(bytes: &[u8], mode: Mode) -> Scenario {
    let text = story::decode(bytes, mode).text("found by exploring");
    parse(&text).expect("the generator writes the format")
}

fn try_bytes(title: &str, bytes: &[u8], mode: Mode) -> Result<Run, Box<Found>> {
    let story = story::decode(bytes, mode);
    let (run, failure) = judge(&story);
    match failure {
        None => Ok(run),
        Some(failure) => Err(Box::new(shrink::shrink(title, mode, story, failure))),
    }
}

fn title(seed: u64) -> String {
    format!("found by exploring, seed {seed}")
}

/// Plays a story. Acts that are not possible are left out, as a dead app stays silent.
fn judge(story: &Story) -> (Run, Option<Failure>) {
    let text = story.text("t");
    let scenario = match parse(&text) {
        Ok(scenario) => scenario,
        Err(why) => {
            let failure = plain("a story that can be read", why.to_string());
            return (Run::default(), Some(failure));
        }
    };
    let run = match panic::catch_unwind(|| play(&scenario)) {
        Ok(run) => run,
        Err(why) => return (Run::default(), Some(stopped(&*why))),
    };
    let counts = |failure: &&Failure| failure.expected != IMPOSSIBLE;
    let broken = run.failures.iter().find(counts).cloned();
    let noisy = || plain("law L9", "the world never becomes quiet".to_owned());
    let heals = match story.mode {
        Mode::Liveness | Mode::Devices => !story.ending.is_empty(),
        Mode::Safety => false,
    };
    let is_noisy = heals && !run.quiet;
    let failure = broken.or_else(|| is_noisy.then(noisy));
    (run, failure)
}

/// A core built with its own checks stops at a broken promise; that is a broken law like any other.
fn stopped(why: &(dyn Any + Send)) -> Failure {
    let text = why
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| why.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given");
    let law = text.split('"').nth(1).unwrap_or("L1: it is total");
    let found = text.split(" in Core {").next().unwrap_or(text);
    plain(&format!("law {law}"), format!("the core stopped: {found}"))
}

/// What the player says of an act that a world does not allow.
const IMPOSSIBLE: &str = "an act that is possible";

fn plain(expected: &str, found: String) -> Failure {
    Failure {
        line: 1,
        expected: expected.to_owned(),
        found,
        ..Failure::default()
    }
}
