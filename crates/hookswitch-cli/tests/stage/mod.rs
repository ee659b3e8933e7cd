//! The command line, and a private bus with the real daemon on it.
#![allow(dead_code, reason = "not every test needs every part")]

use std::process::{Command, Output};
use std::time::Duration;

use hookswitch_testbed::{Bed, PrivateBus, Process, built, start_daemon};
use serde_json::Value;

/// A hang bound, not a measurement.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The bus, the daemon, and their folders.
pub struct Stage {
    _daemon: Process,
    pub bus: PrivateBus,
    pub bed: Bed,
}

impl Stage {
    pub fn set() -> Self {
        Self::set_in(Bed::new())
    }

    /// The same in a bed that holds something else already.
    pub fn set_in(bed: Bed) -> Self {
        let bus = PrivateBus::start(&bed);
        let daemon = start_daemon(&bed, &bus);
        Self {
            _daemon: daemon,
            bus,
            bed,
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = hookswitch(&self.bed);
        command.envs(self.bus.env()).args(args);
        command
    }

    /// The sample provider of the SDK: "Ana Kowalska" calls.
    pub fn app(&self) -> Process {
        let mut command = Command::new(built("hookswitch", "examples/provider"));
        command.envs(self.bed.env()).envs(self.bus.env());
        Process::spawn("provider", command)
    }

    pub fn spawn(&self, args: &[&str]) -> Process {
        Process::spawn("hookswitch", self.command(args))
    }

    pub fn output(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program runs")
    }

    /// What a command that succeeds prints.
    #[track_caller]
    pub fn done(&self, args: &[&str]) -> String {
        let output = self.output(args);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {text}{told}");
        text
    }

    /// The same for a person, who reads it in a narrow window.
    #[track_caller]
    pub fn text(&self, args: &[&str]) -> String {
        let text = self.done(args);
        fits(&text);
        text
    }

    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.output(args);
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    #[track_caller]
    pub fn refused(&self, args: &[&str], code: i32, words: &str) {
        let output = self.output(args);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(words), "{args:?}: {told}");
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
    }
}

/// The command line, away from the user's own settings.
pub fn hookswitch(bed: &Bed) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookswitch"));
    command.envs(bed.env()).env("TZ", "UTC");
    command
}

#[track_caller]
pub fn fits(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "too wide: {line}");
        assert!(!line.contains('\u{1b}'), "colored: {line}");
    }
}
