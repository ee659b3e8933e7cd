//! A real call on a real bus is recorded, and the recording plays again with the same effects.

mod stage;

use std::fs;

use hookswitch_testbed::wait_for;
use stage::{PATIENCE, Stage};

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
