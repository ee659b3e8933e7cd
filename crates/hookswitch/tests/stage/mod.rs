//! A private bus with the real daemon on it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hookswitch_testbed::{Bed, PrivateBus, Process};

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

fn start_daemon(bed: &Bed, bus: &PrivateBus) -> Process {
    let mut command = Command::new(built("hookswitchd", "hookswitchd"));
    command.envs(bed.env()).envs(bus.env());
    command.args(["--port", "0", "--json"]);
    let daemon = Process::spawn("hookswitchd", command);
    daemon.wait_for_line("\"ready\"", PATIENCE);
    daemon
}

/// A program of the workspace; it is built if it was not.
pub fn built(package: &str, program: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("a test knows its own place");
    let folder = tests
        .parent()
        .and_then(Path::parent)
        .expect("in target/<profile>/deps");
    let path = folder.join(program);
    if !path.exists() {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--package", package])
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "cannot build {package}"
        );
    }
    path
}
