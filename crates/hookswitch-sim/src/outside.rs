//! Apps under test on a real bus: they say what they want, when they want, by events of the core.
//!
//! Input: a host, which serves the bus (`hookswitch-host`). Output: a world in which the calls of
//! such apps live beside those of simulated apps.
//!
//! # Promises
//!
//! - **AO1** virtual time moves only while the host waits, and by as much as it says.
//! - **AO2** no hang: each wait has an end in virtual time, each start one in real time.
//!
//! # Not here
//!
//! Buses, processes, clocks. Apps that speak JSON lines: [`crate::guest`].

use core::fmt;
use core::time::Duration;

use hookswitch_core::{Core, Effect, Event};
use hookswitch_model::{AppId, Snapshot, Stamp, Timestamp};

/// An app under test on a real bus.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutsideApp {
    /// Its name in the story.
    pub name: String,
    /// Its bus name.
    pub id: AppId,
    /// What starts it, a line of the shell.
    pub command: String,
}

/// How virtual time follows the apps.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum Pace {
    /// A second of the story takes a second (level D0).
    #[default]
    Real,
    /// Time jumps on as soon as the apps have said nothing for a moment (level D1).
    Quiet,
}

impl Pace {
    /// How far a run can be repeated.
    #[must_use]
    pub fn level(self) -> &'static str {
        match self {
            Self::Real => "D0",
            Self::Quiet => "D1",
        }
    }
}

/// Whoever serves apps on a real bus.
pub trait Outside: fmt::Debug {
    /// Starts an app, and waits until it has registered.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong and what to do.
    fn start(&mut self, app: &AppId) -> Result<(), String>;

    /// How an app ended whose connection is gone, as the end of a sentence about it.
    fn how_it_ended(&mut self, app: &AppId) -> String;

    /// Ends an app without a word, as a crash does.
    fn stop(&mut self, app: &AppId);

    /// Waits for what apps say, at most to a point of virtual time; when they said it.
    fn wait(&mut self, now: Timestamp, until: Timestamp) -> Option<(Timestamp, Event)>;

    /// Hands out what followed from a step, and the state after it. The core says what is told of
    /// refusals.
    fn follow(&mut self, at: Stamp, effects: &[Effect], state: &Snapshot, core: &Core);
}

/// Makes hosts for stories.
pub trait Hosts {
    /// A bus for these apps; each may take so long in real time to start.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong and what to do.
    fn host(
        &self,
        apps: &[OutsideApp],
        pace: Pace,
        patience: Duration,
    ) -> Result<Box<dyn Outside>, String>;
}

/// A program without a bus.
#[derive(Clone, Copy, Debug)]
pub struct NoHosts;

impl Hosts for NoHosts {
    fn host(&self, _: &[OutsideApp], _: Pace, _: Duration) -> Result<Box<dyn Outside>, String> {
        Err("this program serves no bus; use `hookswitch sim run --dbus`".to_owned())
    }
}
