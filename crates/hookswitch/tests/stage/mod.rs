//! A private bus with the real daemon on it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use hookswitch_testbed::{Bed, PrivateBus, Process, start_daemon};

/// A hang bound, not a measurement.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The bus, the daemon, and their folders.
pub struct Stage {
    daemon: Process,
    pub bus: PrivateBus,
    pub bed: Bed,
}

impl Stage {
    pub fn set() -> Self {
        let bed = Bed::new();
        let bus = PrivateBus::start(&bed);
        let daemon = start_daemon(&bed, &bus);
        Self { daemon, bus, bed }
    }

    /// Another daemon, after the old one was killed.
    #[allow(dead_code, reason = "not every test restarts the daemon")]
    pub fn restart_daemon(&mut self) {
        self.daemon.kill();
        self.daemon = start_daemon(&self.bed, &self.bus);
    }

    /// Another daemon, which finds nothing of what the old one kept of its live calls.
    #[allow(dead_code, reason = "not every test loses the calls")]
    pub fn restart_daemon_that_forgets(&mut self) {
        self.daemon.kill();
        let kept = self.bed.runtime_dir().join("hookswitch/live-calls");
        std::fs::remove_file(kept).expect("the daemon kept its calls");
        self.daemon = start_daemon(&self.bed, &self.bus);
    }

    /// The daemon hears and says nothing from here on, until it is killed.
    #[allow(dead_code, reason = "not every test freezes the daemon")]
    pub fn freeze_daemon(&self) {
        self.daemon.freeze();
    }

    #[allow(dead_code, reason = "not every test stops the daemon")]
    pub fn stop_daemon(&mut self) {
        self.daemon.kill();
    }

    /// A program that finds the bus.
    #[allow(dead_code, reason = "not every test runs programs")]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.envs(self.bed.env()).envs(self.bus.env());
        command.env("TZ", "UTC").env_remove("NO_COLOR");
        command
    }
}
