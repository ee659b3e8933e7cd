//! The catalogue of faults in the docs: every block is a story that passes.

use std::fs;
use std::path::Path;

use hookswitch_sim::player::play;
use hookswitch_sim::scenario::parse;

/// The catalogue: every fault has its story.
const NAMES: [&str; 19] = [
    "late push",
    "duplicate push",
    "cancel overtakes ring",
    "app crash while ringing",
    "app crash while dialing",
    "app crash while active",
    "app crash while held",
    "app crash while it is asked",
    "app crash while ending",
    "app never acknowledges",
    "audio refused",
    "audio granted late",
    "route lost",
    "hold forced by another app",
    "decline races remote end",
    "daemon restart",
    "bus disconnect",
    "permission missing",
    "do-not-disturb",
];
/// The rest of it: what the machine does.
const MACHINE: [&str; 3] = ["clock jump", "suspend", "simultaneous events"];

#[test]
fn every_fault_of_the_catalogue_is_a_story_that_passes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/faults.md");
    let docs = fs::read_to_string(path).expect("docs/faults.md is there");
    let mut played = Vec::new();
    for section in docs.split("\n## ").skip(1) {
        let (name, body) = section.split_once('\n').expect("a heading and a text");
        let block = body
            .split("```hsw\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next());
        let block = block.unwrap_or_else(|| panic!("{name} has no story"));
        let text = format!("hookswitch-scenario 1\ntitle {name}\n{block}");
        let story = parse(&text).unwrap_or_else(|why| panic!("{name}:{why}\n{text}"));
        let run = play(&story);
        assert!(run.failures.is_empty(), "{name}: {:#?}", run.failures);
        assert!(run.checks > 0, "{name} expects nothing");
        played.push(name.to_owned());
    }
    for name in NAMES.into_iter().chain(MACHINE) {
        assert!(
            played.iter().any(|known| known == name),
            "{name} is not there"
        );
    }
}
