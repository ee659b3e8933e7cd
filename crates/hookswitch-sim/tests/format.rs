//! Errors of the scenario format, the pictures, and what a failure tells.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use hookswitch_sim::cli;
use hookswitch_sim::diagram;
use hookswitch_sim::player::play;
use hookswitch_sim::scenario::{parse, print};

const HEAD: &str = "hookswitch-scenario 1\ntitle t\napp sip\n";

#[track_caller]
fn refuses(line: &str, column: usize, part: &str) {
    let error = parse(&format!("{HEAD}{line}\n")).expect_err("the line is wrong");
    assert_eq!((error.line, error.column), (4, column), "{error}");
    assert!(error.message.contains(part), "{error}");
}

#[test]
fn a_slip_is_an_error_with_its_place_and_a_suggestion() {
    refuses("at 1s user anwsers a", 12, "did you mean \"answers\"?");
    refuses("at 1s sop crashes", 7, "did you mean \"sip\"?");
    refuses(
        "at 1s sip reports incomming a",
        19,
        "did you mean \"incoming\"?",
    );
    refuses("at 1s user answers zz", 20, "unknown call");
    refuses("at 1x user swaps", 4, "not a time");
    refuses("limits rng=3s", 8, "did you mean \"ring\"?");
    refuses("ap mx", 1, "did you mean");
    refuses("at 1s user swaps now", 18, "nothing should follow");
    refuses("at 1s user digits 1x a", 19, "not one of");
    refuses("at 1s deamon restarts", 7, "did you mean \"daemon\"?");
    refuses("at 1s daemon restart", 14, "did you mean \"restarts\"?");
    refuses("at 1s daemon restarts down=soon", 23, "not a time");
    refuses("at 1s daemon restarts don=1s", 23, "did you mean \"down\"?");
}

#[test]
fn an_app_of_an_older_story_may_be_called_daemon() {
    let text = format!("{HEAD}app daemon\nat 1s daemon reports incoming a\n  state a ringing\n");
    let story = parse(&text).expect("as before the daemon had verbs");
    assert_eq!(play(&story).failures, []);
}

#[test]
fn words_kept_for_later_say_so() {
    let text = format!("{HEAD}at 1s sip reports incoming a\n  expect lookup sip\n");
    let error = parse(&text).expect_err("not in this version");
    assert!(error.message.contains("online identification"), "{error}");
}

#[test]
fn an_unknown_version_is_refused_by_name() {
    let error = parse("hookswitch-scenario 2\n").expect_err("a later version");
    assert!(error.message.contains("version \"2\""), "{error}");
}

#[test]
fn times_may_not_go_back() {
    let text = format!("{HEAD}at 5s user swaps\nat 4s user swaps\n");
    assert!(parse(&text).is_err());
}

#[test]
fn formatting_twice_changes_nothing() {
    let text =
        format!("{HEAD}\n#  a remark\nat 1500ms   user   swaps\n   expect   reply refused\n");
    let once = print(&parse(&text).expect("readable"));
    let twice = print(&parse(&once).expect("readable"));
    assert_eq!(once, twice);
    assert!(
        once.contains("at 1.5s     user swaps\n  expect reply refused\n"),
        "{once}"
    );
}

#[test]
fn a_failure_names_line_timeline_causes_and_seed() {
    let text = format!(
        "{HEAD}at 1s sip reports incoming a from tel:+12025550101\nat 2s user answers a\n  \
         within 1s expect a held\n"
    );
    let story = parse(&text).expect("readable");
    let run = play(&story);
    let [failure] = run.failures.as_slice() else {
        panic!("one failure, not {:?}", run.failures);
    };
    let told = cli::failure_text(Path::new("x.hsw"), story.seed, failure);
    for part in [
        "x.hsw:6:",
        "expected within 1s expect a held",
        "ask sip answer a",
        "seed 0",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    assert!(
        failure
            .chain
            .first()
            .is_some_and(|line| line.contains("user     answers-auto a"))
    );
}

#[test]
fn a_never_is_broken_by_what_happens_later() {
    let text = format!(
        "{HEAD}at 1s sip reports incoming a\n  never ask sip answer a\nat 2s user answers a\n"
    );
    assert_eq!(play(&parse(&text).expect("readable")).failures.len(), 1);
}

#[test]
fn traces_hold_no_address_name_or_digit() {
    let text = format!(
        "{HEAD}at 1s sip reports incoming a from tel:+12025550101 name \"Ana\"\n\
         at 2s user answers a\nat 3s user digits 4711 a\nat 5s time passes\n  \
         expect a from tel:+12025550101, a gone\n  expect a named \"Ana\", a gone\n"
    );
    let story = parse(&text).expect("readable");
    let run = play(&story);
    let trace = hookswitch_sim::trace::of(&story, &run).write();
    for secret in ["12025550101", "Ana", "4711"] {
        assert!(!trace.contains(secret), "{secret} is in\n{trace}");
    }
    assert!(trace.lines().all(|line| line.starts_with("{\"")), "{trace}");
    assert!(diagram::draw(&run.entries).contains("core"));
}

#[test]
fn the_commands_end_with_the_right_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.hsw");
    let run = |words: &[&str]| {
        let mut args: Vec<OsString> = words.iter().map(OsString::from).collect();
        args.push(file.clone().into());
        format!("{:?}", cli::main(&args, &[]))
    };
    let is = |code: u8| format!("{:?}", ExitCode::from(code));
    let text = format!("{HEAD}at 1s     user swaps\n  expect reply refused\n");
    std::fs::write(&file, &text).expect("writable");
    assert_eq!(run(&["run"]), is(0));
    assert_eq!(run(&["fmt", "--check"]), is(1));
    assert_eq!(run(&["fmt"]), is(0));
    assert_eq!(run(&["fmt", "--check"]), is(0));
    assert_eq!(run(&["parse", "--json"]), is(0));
    std::fs::write(&file, text.replace("refused", "accepted")).expect("writable");
    assert_eq!(run(&["run", "--json"]), is(1));
    std::fs::write(&file, "nonsense").expect("writable");
    assert_eq!(run(&["run"]), is(2));
}
