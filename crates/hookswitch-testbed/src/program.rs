//! The programs of this workspace, as tests run them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{Bed, PrivateBus, Process};

/// How long the daemon may take to be ready: a hang bound, not a measurement.
const READY_MAX: Duration = Duration::from_secs(30);

/// A program of a package, or an example as `examples/NAME`; it is built if it was not.
///
/// # Panics
///
/// When it cannot be built.
#[track_caller]
pub fn built(package: &str, program: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own place");
    let folder = test.parent().and_then(Path::parent);
    let path = folder.expect("in target/<profile>/deps").join(program);
    if !path.exists() {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--package", package]);
        if let Some(example) = program.strip_prefix("examples/") {
            build.args(["--example", example]);
        }
        let status = build.status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "cannot build {program} of {package}"
        );
    }
    path
}

/// Starts our daemon on a bus, on any free port, and waits until it is ready.
///
/// # Panics
///
/// When it is not ready in time; the message holds what it said.
#[track_caller]
pub fn start_daemon(bed: &Bed, bus: &PrivateBus) -> Process {
    let mut command = Command::new(built("hookswitchd", "hookswitchd"));
    command.envs(bed.env()).envs(bus.env());
    command.args(["--port", "0", "--json"]);
    let daemon = Process::spawn("hookswitchd", command);
    daemon.wait_for_line("\"ready\"", READY_MAX);
    daemon
}
