//! An unmodified app, built with the SDK, is run against a story over a real bus.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Far more than a person would wait for.
const NO_HANG: Duration = Duration::from_secs(60);

#[test]
fn the_example_of_the_sdk_plays_its_story_in_real_time() {
    let began = Instant::now();
    let output = play(&provider(), &["--pace", "real"]);
    let told = text(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("level D0"), "{told}");
    assert!(
        began.elapsed() >= Duration::from_millis(2500),
        "it took its time"
    );
}

#[test]
fn the_same_in_lock_step() {
    let output = play(&provider(), &["--pace", "quiet", "--json"]);
    let told = text(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("\"level\":\"D1\""), "{told}");
}

#[test]
fn an_app_that_does_not_register_is_a_failure_that_says_so() {
    let began = Instant::now();
    let output = play("sleep 100", &["--pace", "quiet", "--app-timeout", "1s"]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("did not register"), "{told}");
    let output = play("true", &["--pace", "quiet"]);
    let told = text(&output);
    assert!(told.contains("it ended by itself"), "{told}");
    assert!(began.elapsed() < NO_HANG, "it kept the test waiting");
}

fn text(output: &Output) -> String {
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    told + &String::from_utf8_lossy(&output.stderr)
}

fn play(command: &str, options: &[&str]) -> Output {
    let story =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/app-under-test/provider.hsw");
    let mut run = Command::new(env!("CARGO_BIN_EXE_hookswitch"));
    run.args(["sim", "run", "--dbus", "--app"])
        .arg(format!("phone={command}"))
        .args(options)
        .arg(story);
    run.output().expect("the program runs")
}

/// The sample provider of the SDK; it is built if it was not.
fn provider() -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_hookswitch")).parent();
    let path: PathBuf = folder
        .expect("in target/<profile>")
        .join("examples/provider");
    if !path.exists() {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let example = ["build", "--package", "hookswitch", "--example", "provider"];
        let status = Command::new(cargo).args(example).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "cannot build it"
        );
    }
    path.display().to_string()
}
