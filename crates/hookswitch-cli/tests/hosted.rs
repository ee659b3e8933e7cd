//! Real apps, unchanged, are run against stories over a real bus.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use hookswitch_testbed::built;
use tempfile::TempDir;

/// Far more than a person would wait for.
const NO_HANG: Duration = Duration::from_secs(60);

/// The bus name of the sample provider of the SDK.
const SAMPLE: &str = "org.hookswitch.example.Provider";

#[test]
fn the_example_of_the_sdk_plays_its_story_in_real_time() {
    let provider = provider();
    let began = Instant::now();
    let output = play(&shipped(), &provider, &["--pace", "real"]);
    let told = text(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("1 of 1 scenario passed"), "{told}");
    assert!(told.contains("level D0"), "{told}");
    let span = began.elapsed();
    assert!(span >= Duration::from_millis(2500), "it took {span:?}");
}

#[test]
fn the_same_in_lock_step() {
    let output = play(&shipped(), &provider(), &["--pace", "quiet", "--json"]);
    let told = text(&output);
    assert!(output.status.success(), "{told}");
    for want in ["\"level\":\"D1\"", "\"passed\":true", "\"failed\":0"] {
        assert!(told.contains(want), "{want}: {told}");
    }
}

#[test]
fn a_story_that_the_app_does_not_fit_fails_and_says_what_was_seen() {
    let story = Story::new(
        SAMPLE,
        "at 0s time passes\n  within 2s expect a ringing\n\
         at 1s user answers a\n  within 2s expect a named \"Omar\"\n",
    );
    let output = play(&story.file, &provider(), &["--pace", "quiet"]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let wanted = [
        "story.hsw:8",
        "within 2s expect a named \"Omar\"",
        "but a active, lease a at 3s",
        "phone",
        "0 of 1 scenario passed",
        "level D1",
    ];
    for want in wanted {
        assert!(told.contains(want), "{want}: {told}");
    }
}

#[test]
fn an_app_that_does_not_register_is_a_failure_that_says_so() {
    let began = Instant::now();
    let not_ours = ["--pace", "quiet", "--app-timeout", "1s"];
    for (command, want) in [
        ("sleep 100", "phone: it did not register org.hookswitch"),
        ("true", "phone: it ended by itself (exit status: 0)"),
        (
            "/nowhere/at/all",
            "phone: there is no program \"/nowhere/at/all\"",
        ),
    ] {
        let output = play(&shipped(), command, &not_ours);
        let told = text(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(want), "{want}: {told}");
        let failures = told.matches(": expected ").count();
        assert_eq!(
            failures, 1,
            "said once, for no line that was not played: {told}"
        );
    }
    assert!(began.elapsed() < NO_HANG, "it kept the test waiting");
}

#[test]
fn an_app_with_another_name_than_in_the_story_is_told_which() {
    let story = Story::new("org.example.Other", "at 1s time passes\n");
    let output = play(&story.file, &provider(), &["--app-timeout", "2s"]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("did not register org.example.Other"),
        "{told}"
    );
    assert!(
        told.contains(&format!("app NAME {{ id={SAMPLE} }}")),
        "{told}"
    );
}

#[test]
fn an_app_that_never_answers_delays_nobody() {
    let bare = built("hookswitchd", "examples/provider_app");
    let hung = format!(
        "{} org.example.Hung --incoming k Ana --hang",
        bare.display()
    );
    let story = Story::new(
        "org.example.Hung",
        "at 0s time passes\n  within 2s expect a ringing\n\
         at 1s user answers a\n  within 2s expect a active\n",
    );
    let began = Instant::now();
    let output = play(&story.file, &hung, &["--pace", "quiet"]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("within 2s expect a active"), "{told}");
    assert!(told.contains("ask phone answer a"), "{told}");

    // What the person sees is a story, too, and ten seconds of it take a moment.
    let story = Story::new(
        "org.example.Hung",
        "app mx\nat 0s time passes\n  within 2s expect a ringing\n\
         at 1s user answers a\n\
         at 2s mx reports incoming b from @omar:example.org\n\
         at 3s user answers b end\n  within 3s expect b active, lease b of mx\n\
         at 4s time passes\n  within 70s expect told phone expired end a, a gone\n",
    );
    let output = play(&story.file, &hung, &["--pace", "quiet"]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(began.elapsed() < NO_HANG, "it kept the test waiting");
}

#[test]
fn an_app_that_the_story_kills_loses_its_call_after_three_seconds() {
    let story = Story::new(
        SAMPLE,
        "at 0s time passes\n  within 2s expect a ringing\n\
         at 1s user answers a\n  within 2s expect a active\n\
         at 2s phone crashes\n  expect a orphaned\n\
         at 3s time passes\n  within 4s expect a gone, recents a app-crashed\n",
    );
    let output = play(&story.file, &provider(), &["--pace", "quiet"]);
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
fn an_app_that_dies_by_itself_is_a_failure_that_says_how() {
    let story = Story::new(
        SAMPLE,
        "at 0s time passes\n  within 2s expect a ringing\n\
         at 4s time passes\n",
    );
    let command = format!("timeout -s KILL 2 {}", provider());
    let output = play(&story.file, &command, &["--pace", "real"]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("phone: it ended by itself (signal: 9"),
        "{told}"
    );
}

#[test]
fn what_makes_no_sense_is_said_at_once() {
    let nobody = play_as("fax", &shipped(), "true", &[]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(text(&nobody).contains("has no such app; it has phone, mx"));
    let story = Story::new(SAMPLE, "at 0s phone reports ended a remote-hangup\n");
    let reports = play(&story.file, &provider(), &["--pace", "quiet"]);
    assert_eq!(reports.status.code(), Some(1));
    assert!(text(&reports).contains("says by itself what its far end does"));
}

/// A story with the app under test as `phone`, and a call `a`.
struct Story {
    file: PathBuf,
    _folder: TempDir,
}

impl Story {
    fn new(id: &str, lines: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("story.hsw");
        let head = "hookswitch-scenario 1\ntitle t\n";
        let text = format!("{head}app phone {{ id={id} }}\ncalls a\n{lines}");
        fs::write(&file, text).expect("writable");
        Self {
            file,
            _folder: folder,
        }
    }
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/app-under-test/provider.hsw")
}

fn provider() -> String {
    let program = built("hookswitch", "examples/provider");
    program.display().to_string()
}

fn text(output: &Output) -> String {
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    told + &String::from_utf8_lossy(&output.stderr)
}

fn play(story: &Path, command: &str, options: &[&str]) -> Output {
    play_as("phone", story, command, options)
}

fn play_as(app: &str, story: &Path, command: &str, options: &[&str]) -> Output {
    let mut run = Command::new(env!("CARGO_BIN_EXE_hookswitch"));
    run.args(["sim", "run", "--dbus", "--app"])
        .arg(format!("{app}={command}"))
        .args(options)
        .arg(story);
    run.output().expect("the program runs")
}
