//! Real processes in the place of simulated apps.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hookswitch_sim::cli::load;
use hookswitch_sim::guest::{Guest, Process};
use hookswitch_sim::player::{Run, play_with};
use hookswitch_sim::scenario::{Scenario, parse};

/// Real time that no failure may take; far more than a person would wait for.
const NO_HANG: Duration = Duration::from_secs(30);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn phone() -> String {
    let file = root().join("examples/app-under-test/phone.py");
    format!("python3 {}", file.display())
}

fn story() -> Scenario {
    load(&root().join("examples/app-under-test/phone.hsw")).expect("the example is readable")
}

fn run(story: &Scenario, command: &str, patience: Duration) -> Run {
    let guest: Box<dyn Guest> = Box::new(Process::new(command, patience));
    play_with(story, vec![(0, guest)])
}

#[test]
fn a_real_process_is_tested_in_virtual_time_and_twice_the_same() {
    let story = story();
    let write = || {
        let run = run(&story, &phone(), NO_HANG);
        assert_eq!(run.failures, []);
        hookswitch_sim::trace::of(&story, &run).write()
    };
    assert_eq!(write(), write());
}

#[test]
fn a_process_that_is_killed_comes_back_and_hears_of_its_call() {
    let text = "hookswitch-scenario 1\ntitle t\napp phone { restart=1s }\n\
                at 0s phone reports incoming a from tel:+12025550101\n\
                at 1s user answers a\n  within 1s expect a active\n\
                at 5s phone crashes\n  expect a orphaned\n\
                at 9s phone reports ended a remote-hangup\n  state a gone\n";
    let story = parse(text).expect("readable");
    let run = run(&story, &phone(), NO_HANG);
    assert_eq!(run.failures, []);
}

/// Plays a call over which the audio is interrupted; what the process was told.
fn interrupted(acknowledges: &str, letters: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let heard = folder.path().join("heard");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests/listener.py");
    let command = format!(
        "python3 {} {} {acknowledges}",
        script.display(),
        heard.display()
    );
    let text = format!(
        "hookswitch-scenario 1\ntitle t\napp phone {{ restart=5s }}\n\
         at 0s audio offers speaker:desk using desk\n\
         at 0s phone reports incoming a from tel:+12025550101\n\
         at 1s user answers a\n  expect told phone audio-activated a\n\
         at 2s audio interrupts exclusive\n  expect told phone audio-interrupted a\n\
         at 3s audio frees exclusive\nat 5s user ends a\n\
         at 6s phone reports incoming b from tel:+12025550102\n\
         at 7s phone crashes\n\
         at 15s time passes\n  state b gone, connected phone, {letters}\n"
    );
    let run = run(&parse(&text).expect("readable"), &command, NO_HANG);
    let told = std::fs::read_to_string(&heard).expect("it heard something");
    assert_eq!(run.failures, [], "{told}");
    told
}

#[test]
fn a_process_hears_of_its_audio_and_acknowledges() {
    let told = interrupted("acknowledges", "letters phone 0");
    for word in [
        "\"audio-interrupted\"",
        "\"began\":true",
        "\"began\":false",
        "\"letter\":",
    ] {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }
}

#[test]
fn what_a_process_does_not_acknowledge_waits_for_it() {
    interrupted("", "letters phone 1");
}

/// A process that misbehaves is a failure that says this, and nobody waits for it.
#[track_caller]
fn check(command: &str, patience: Duration, wanted: &str) {
    let began = Instant::now();
    let run = run(&story(), command, patience);
    assert!(began.elapsed() < NO_HANG, "{command} kept the test waiting");
    let [first] = run.failures.as_slice() else {
        panic!("one failure, said once: {:?}", run.failures);
    };
    assert_eq!(
        first.expected,
        "an app under test that keeps to the protocol"
    );
    assert!(first.found.contains(wanted), "{}", first.found);
}

#[test]
fn a_process_that_hangs_is_a_failure() {
    check("sleep 100", Duration::from_secs(1), "did not say");
}

#[test]
fn a_process_that_ends_is_a_failure() {
    check("true", NO_HANG, "it ended by itself");
}

#[test]
fn a_process_that_cannot_be_started_is_a_failure() {
    check("/nowhere/at/all", NO_HANG, "there is no program");
}

#[test]
fn a_process_that_writes_garbage_is_a_failure() {
    check("echo garbage", NO_HANG, "no JSON message");
}

#[test]
fn a_process_finds_no_bus_of_the_users() {
    let told = tempfile::NamedTempFile::new().expect("a file");
    let command = format!(
        "sh -c 'echo $DBUS_SESSION_BUS_ADDRESS $XDG_RUNTIME_DIR > {}'",
        told.path().display()
    );
    check(&command, NO_HANG, "");
    let told = std::fs::read_to_string(told.path()).expect("written");
    assert_eq!(told, "disabled: /nonexistent\n");
}

#[test]
fn a_process_that_writes_without_end_is_a_failure() {
    check("yes x", NO_HANG, "no JSON message");
    check("head -c 200000 /dev/zero", NO_HANG, "more than 65536 bytes");
    let endless = "sh -c 'echo \"{\\\"type\\\":\\\"hello\\\",\\\"protocol\\\":1}\"; \
                   yes \"{\\\"type\\\":\\\"register\\\"}\"'";
    check(endless, NO_HANG, "without");
}

#[test]
fn a_process_of_a_later_protocol_is_told_so() {
    let later = "echo '{\"type\":\"hello\",\"protocol\":9}'";
    check(later, NO_HANG, "speaks version 9");
}
