//! Random worlds under the laws, in a short form; `hookswitch sim explore` is the long one.

use hookswitch_sim::explore::operations::OPERATIONS;
use hookswitch_sim::explore::{Dice, Draft, Mode, bytes_of, explore, explore_bytes, story};
use hookswitch_sim::player::play;
use hookswitch_sim::scenario::{
    DaemonAct, Input, Line, LineKind, from_json, parse, print, to_json,
};
use proptest::prelude::*;

/// Worlds of the short form, split into tests that run side by side.
const WORLDS: u64 = 250;

#[track_caller]
fn check(first: u64) {
    for seed in first..first + WORLDS {
        let mode = [Mode::Safety, Mode::Liveness][usize::from(seed % 4 != 0)];
        if let Err(found) = explore(seed, 100, mode) {
            panic!("{found}");
        }
    }
}

#[test]
fn no_world_breaks_a_law_1() {
    check(1);
}

#[test]
fn no_world_breaks_a_law_2() {
    check(1 + WORLDS);
}

#[test]
fn no_world_breaks_a_law_3() {
    check(1 + 2 * WORLDS);
}

#[test]
fn no_world_breaks_a_law_4() {
    check(1 + 3 * WORLDS);
}

#[test]
fn no_world_of_two_devices_breaks_a_law() {
    for seed in 1..=WORLDS {
        if let Err(found) = explore(seed, 60, Mode::Devices) {
            panic!("{found}");
        }
    }
}

/// Worlds in which a law once asked for what it should not: A3 counted the time that the machine
/// slept, AM looked before what expired in the same step, DV1 and DV3 took a call that the user
/// dialed under the name of the service's for the service's, DV3 took what a device's own app said
/// of its own call for a missed one, and the reference did not know that who talks takes the line.
#[test]
fn no_world_in_which_a_law_was_wrong_breaks_one() {
    let seeds = [
        (Mode::Liveness, &[4352][..]),
        (Mode::Safety, &[4501, 10_352]),
        (
            Mode::Devices,
            &[
                904, 946, 1240, 1267, 770_157, 1_003_899, 2_000_175, 2_001_641, 2_002_327, 5908,
            ],
        ),
    ];
    for (mode, seeds) in seeds {
        for seed in seeds {
            if let Err(found) = explore(*seed, 100, mode) {
                panic!("{found}");
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 1..20u64 {
        let bytes: Vec<u8> = (0..400u64).map(|n| (n * seed % 251) as u8).collect();
        for mode in [Mode::Liveness, Mode::Devices] {
            let world = story(&bytes, mode);
            let write = || hookswitch_sim::trace::of(&world, &play(&world)).write();
            assert_eq!(write(), write(), "seed {seed}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_a_world_under_the_laws(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        if let Err(found) = explore_bytes(&bytes, Mode::Liveness) {
            return Err(TestCaseError::fail(found.to_string()));
        }
    }

    #[test]
    fn any_world_reads_back_what_it_writes(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        for mode in [Mode::Liveness, Mode::Devices] {
            let world = story(&bytes, mode);
            let text = print(&world);
            let again = parse(&text).expect("canonical text is readable");
            prop_assert_eq!(print(&again), text.clone());
            let json = from_json(&to_json(&world)).expect("the JSON form is readable");
            prop_assert_eq!(print(&json), text);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = parse(&format!("hookswitch-scenario 1\ntitle x\napp sip\n{text}"));
    }
}

#[test]
fn some_worlds_lose_their_daemon_and_most_do_not() {
    let has_restart = |seed: &u64| {
        let world = story(&bytes_of(*seed, 100), Mode::Liveness);
        let restarts = |line: &Line| {
            let LineKind::Input(line) = &line.kind else {
                return false;
            };
            matches!(line.input, Input::Daemon(DaemonAct::Restart(_)))
        };
        world.lines.iter().any(restarts)
    };
    let with = (1..201).filter(has_restart).count();
    assert!((20..120).contains(&with), "{with} of 200 worlds");
}

#[test]
fn every_operation_has_its_own_name_and_is_reached_by_some_world() {
    let mut missing: Vec<&str> = OPERATIONS.iter().map(|op| op.name).collect();
    missing.sort_unstable();
    let count = missing.len();
    missing.dedup();
    assert_eq!(missing.len(), count, "two operations have the same name");
    for name in OPERATIONS.iter().map(|op| op.name) {
        let words = written_by(name);
        assert!(!words.is_empty(), "{name} is written by no byte");
    }
}

/// Lines that an operation writes for many bytes; every one is an act of the format.
fn written_by(name: &str) -> Vec<String> {
    let row = OPERATIONS.iter().find(|op| op.name == name);
    let row = row.expect("asked with the names of the table");
    let line = |seed: u64| row.write(&mut Dice::new(&bytes_of(seed, 0)), &Draft::default());
    let lines: Vec<String> = (0..200).map(line).collect();
    for line in &lines {
        let calls = "calls a, b, c, d, e, f, g, h, i, j, k, l";
        let apps = "app sip\napp mx\napp modem";
        let text = format!("hookswitch-scenario 1\ntitle t\n{calls}\n{apps}\nat 1s {line}\n");
        if let Err(why) = parse(&text) {
            panic!("operation {name} writes {line:?}, which is no act: {why}");
        }
    }
    lines
}
