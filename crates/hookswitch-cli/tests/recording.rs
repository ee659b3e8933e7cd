//! A real call on a real bus is recorded, and the recording plays again with the same effects.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use hookswitch_testbed::{Bed, PrivateBus, Process, wait_for};

/// A hang bound, not a measurement.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_recorded_call_plays_again_and_what_was_changed_is_found() {
    let stage = Stage::set();
    let mut app = stage.app();
    app.wait_for_line("ringing", PATIENCE);
    for wish in [
        vec!["answer"],
        vec!["mute"],
        vec!["unmute"],
        vec!["digits", "4711"],
        vec!["hold"],
        vec!["resume"],
        vec!["end"],
    ] {
        stage.done(&wish);
    }
    assert!(app.wait(PATIENCE).success());
    wait_for("the app to be gone", PATIENCE, || {
        let trace = stage.done(&["record"]);
        trace.contains("crashes").then_some(())
    });
    let file = stage.bed.path().join("call.jsonl");
    let path = file.to_str().expect("a plain path");
    stage.done(&["record", "--output", path]);
    let trace = fs::read_to_string(&file).expect("written");
    for secret in ["Kowalska", "ana@", "4711"] {
        assert!(!trace.contains(secret), "{secret} is in\n{trace}");
    }
    assert!(stage.done(&["record", "--with-names"]).contains("Kowalska"));

    let verdict = stage.done(&["sim", "replay", path]);
    assert!(verdict.starts_with("the same: "), "{verdict}\n{trace}");
    assert!(
        trace.contains("\"state\":{"),
        "the states are filled in\n{trace}"
    );
    let drawing = stage.done(&["sim", "picture", path, "--form", "svg"]);
    assert!(
        drawing.contains("Hold") && drawing.contains("owner"),
        "{drawing}"
    );

    let story = stage.bed.path().join("story.hsw");
    let story = story.to_str().expect("a plain path");
    stage.done(&["sim", "cut", path, "--output", story]);
    stage.done(&["sim", "run", story]);

    let changed = trace.replacen("audio-activated", "audio-deactivated", 1);
    fs::write(&file, changed).expect("writable");
    let output = stage.output(&["sim", "replay", path]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("then they differ"), "{told}");
    assert!(told.contains("audio-deactivated"), "{told}");
}

struct Stage {
    _daemon: Process,
    bus: PrivateBus,
    bed: Bed,
}

impl Stage {
    fn set() -> Self {
        let bed = Bed::new();
        let bus = PrivateBus::start(&bed);
        let mut command = Command::new(built("hookswitchd", &["--package", "hookswitchd"]));
        command.envs(bed.env()).envs(bus.env());
        command.args(["--port", "0", "--json"]);
        let daemon = Process::spawn("hookswitchd", command);
        daemon.wait_for_line("\"ready\"", PATIENCE);
        Self {
            _daemon: daemon,
            bus,
            bed,
        }
    }

    /// The sample provider of the SDK: "Ana Kowalska" calls.
    fn app(&self) -> Process {
        let example = ["--package", "hookswitch", "--example", "provider"];
        let mut command = Command::new(built("examples/provider", &example));
        command.envs(self.bed.env()).envs(self.bus.env());
        Process::spawn("provider", command)
    }

    fn output(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookswitch"));
        command.envs(self.bed.env()).envs(self.bus.env()).args(args);
        command.output().expect("the program runs")
    }

    #[track_caller]
    fn done(&self, args: &[&str]) -> String {
        let output = self.output(args);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {text}{told}");
        text
    }
}

/// A program of the workspace; it is built if it was not.
fn built(program: &str, package: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_hookswitch")).parent();
    let path = folder.expect("in target/<profile>").join(program);
    if !path.exists() {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let status = Command::new(cargo).arg("build").args(package).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "cannot build {program}"
        );
    }
    path
}
