//! The examples run as their texts say, against the real daemon.

mod stage;

use hookswitch_testbed::{Process, built};
use stage::{PATIENCE, Stage};

#[test]
fn the_three_examples_play_one_call() {
    let stage = Stage::set();
    let run = |name: &str| {
        let program = built("hookswitch", &format!("examples/{name}"));
        Process::spawn(name, stage.command(&program))
    };
    let mut observer = run("observer");
    observer.wait_for_line("hookswitchd", PATIENCE);
    let mut controller = run("controller");
    let mut provider = run("provider");
    for (process, words) in [
        (&provider, ["ringing", "Answer", "audio on", "End"]),
        (
            &controller,
            ["Ana Kowalska rings", "answered: true", "ended: true", ""],
        ),
    ] {
        for word in words {
            process.wait_for_line(word, PATIENCE);
        }
    }
    observer.wait_for_line("connected: true, on hold: false, ended: true", PATIENCE);
    for process in [&mut observer, &mut controller, &mut provider] {
        let status = process.wait(PATIENCE);
        assert!(status.success(), "{}", process.log());
    }
}

#[test]
fn the_provider_is_short() {
    let text = include_str!("../examples/provider.rs");
    assert!(text.lines().count() < 60);
}
