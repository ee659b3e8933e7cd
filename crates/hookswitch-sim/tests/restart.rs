//! What the laws say when a restart of the daemon is not what it should be.

use hookswitch_core::Core;
use hookswitch_model::{Limits, Saved, Snapshot, Stamp};
use hookswitch_sim::laws::Laws;
use hookswitch_sim::player::play;
use hookswitch_sim::scenario::parse;
use hookswitch_sim::trace::{Entry, Kind};
use hookswitch_sim::world::World;

const STORY: &str = "hookswitch-scenario 1
title t
app sip
at 1s sip reports incoming a from tel:+12025550101
at 2s user answers a
at 3s daemon restarts down=1s
at 3.5s user ends a
at 9s time passes
";

/// The state of a world in which a call rings.
fn ringing() -> Snapshot {
    let story = parse(STORY).expect("readable");
    let mut world = World::new(&story);
    for line in &story.lines[2..3] {
        let hookswitch_sim::scenario::LineKind::Input(line) = &line.kind else {
            panic!("an input line");
        };
        world.apply(&line.input).expect("possible");
    }
    world.state().clone()
}

#[track_caller]
fn breaks(law: &str, before: &Snapshot, after: &Snapshot) {
    let mut laws = Laws::new(Limits::default());
    laws.restart(before, after);
    let broken: Vec<_> = laws.violations().iter().map(|found| found.law).collect();
    assert!(broken.contains(&law), "{broken:?}");
}

#[test]
fn a_lost_a_doubled_and_a_sounding_call_are_found() {
    let before = ringing();
    let empty = Core::restore(Limits::default(), Stamp::default(), Saved::default());
    breaks("RE1", &before, &empty.snapshot());
    let mut doubled = before.clone();
    doubled.calls.extend(before.calls.clone());
    breaks("RE1", &before, &doubled);
    breaks("RE1", &before, &before);
    breaks("RE3", &before, &before);
}

#[test]
fn what_is_done_without_a_daemon_is_in_the_trace_and_leads_to_nothing() {
    let run = play(&parse(STORY).expect("readable"));
    assert_eq!(run.failures, []);
    let is_unheard = |entry: &&Entry| entry.target == "nobody";
    let unheard: Vec<_> = run.entries.iter().filter(is_unheard).collect();
    assert_eq!(unheard.len(), 1);
    assert_eq!(unheard[0].what, ["ends", "a"]);
    assert_eq!(unheard[0].kind, Kind::Event);
    let led_to = |entry: &Entry| entry.cause == Some(unheard[0].seq);
    assert!(!run.entries.iter().any(led_to));
    let back = run.entries.iter().find(|entry| entry.what == ["is-back"]);
    let killed = run.entries.iter().find(|entry| entry.what == ["restarts"]);
    assert_eq!(back.and_then(|e| e.cause), killed.map(|e| e.seq));
}

#[test]
fn an_answer_given_while_there_is_no_daemon_is_asked_for_again() {
    let text = "hookswitch-scenario 1
title t
app sip { on-answer=silent }
at 1s sip reports incoming a from tel:+12025550101
at 2s user answers a
at 3s daemon restarts down=1s
at 3.5s sip fulfills answer a
at 4.2s sip fulfills answer a
  state a active, lease a
  expect exactly 2 ask sip answer a
";
    let run = play(&parse(text).expect("readable"));
    assert_eq!(run.failures, []);
    let unheard = run.entries.iter().find(|entry| entry.target == "nobody");
    assert_eq!(
        unheard.map(|e| e.what.join(" ")).as_deref(),
        Some("fulfills answer a")
    );
}
