//! What the laws of facts and of emergency calls say when they are broken: each is broken here on
//! purpose.

use std::sync::Arc;

use hookswitch_core::{Accepted, Effect, Event, Report};
use hookswitch_model::{
    CallSnapshot, ClientId, HeldBy, Hold, Phase, RequestId, Snapshot, Timestamp,
};
use hookswitch_sim::laws::{Laws, Step};
use hookswitch_sim::scenario::{LineKind, parse};
use hookswitch_sim::world::World;

/// The state after all of a story.
fn state(story: &str) -> Snapshot {
    let head = "hookswitch-scenario 1\ntitle t\napp sip\napp modem { cellular }\n";
    let story = parse(&format!("{head}{story}")).expect("readable");
    let mut world = World::new(&story);
    for line in &story.lines {
        if let LineKind::Input(line) = &line.kind {
            world.apply(&line.input).expect("possible");
        }
    }
    world.state().clone()
}

/// How often a step from one state to another breaks a law.
fn broken(event: &Event, before: &Snapshot, after: &Snapshot, law: &str) -> usize {
    let mut laws = Laws::new(hookswitch_model::Limits::default());
    let reply = [Effect::Reply {
        request: RequestId(1),
        result: Ok(Accepted::Done),
    }];
    laws.check(&Step {
        at: after.at.at,
        event,
        before,
        after,
        effects: &reply,
        due_before: None,
        due_after: None,
    });
    let found = laws.violations().iter().filter(|found| found.law == law);
    found.count()
}

fn says(report: Report) -> Event {
    Event::Report {
        client: ClientId(1),
        request: RequestId(1),
        report,
    }
}

/// The same state with one call changed.
fn with(state: &Snapshot, index: usize, change: impl Fn(&mut CallSnapshot)) -> Snapshot {
    let mut state = state.clone();
    let mut call = (*state.calls[index]).clone();
    change(&mut call);
    state.calls[index] = Arc::new(call);
    state
}

fn talks(state: &Snapshot) -> Phase {
    Phase::Active { since: state.at }
}

fn is_held(state: &Snapshot, by: HeldBy) -> Phase {
    Phase::Held(Hold {
        by,
        since: state.at,
        displaced_by: None,
    })
}

#[test]
fn f_a_fact_that_is_not_taken_over_is_found() {
    let rings = state("at 0s modem reports incoming a\n");
    let (call, at) = (rings.calls[0].id, None);
    let connected = says(Report::Connected { call, at });
    assert_eq!(broken(&connected, &rings, &rings, "F"), 1);
    let talk = with(&rings, 0, |call| call.phase = talks(&rings));
    assert_eq!(broken(&connected, &rings, &talk, "F"), 0);
    let hold = with(&rings, 0, |call| call.phase = is_held(&rings, HeldBy::User));
    let held = says(Report::Held { call, on: true });
    assert_eq!(broken(&held, &talk, &talk, "F"), 1);
    assert_eq!(broken(&held, &talk, &hold, "F"), 0);
    let resumed = says(Report::Held { call, on: false });
    assert_eq!(broken(&resumed, &hold, &hold, "F"), 1);
    assert_eq!(broken(&resumed, &hold, &talk, "F"), 0);
}

/// An emergency call on the line, and a call that rings or talks.
fn emergency(other: impl Fn(&mut CallSnapshot)) -> Snapshot {
    let both = state("at 0s modem reports incoming e\nat 0s sip reports incoming a\n");
    let both = with(&both, 0, |call| {
        call.emergency = true;
        call.phase = talks(&both);
    });
    with(&both, 1, other)
}

#[test]
fn ce_an_emergency_call_that_loses_the_line_is_found() {
    let held = |call: &mut CallSnapshot| {
        call.phase = Phase::Held(Hold {
            by: HeldBy::User,
            since: call.began,
            displaced_by: None,
        });
    };
    let before = emergency(held);
    assert_eq!(broken(&Event::Tick, &before, &before, "CE"), 0);
    let lost = with(&before, 0, |call| {
        call.phase = is_held(&before, HeldBy::SystemDisplaced);
    });
    assert_eq!(broken(&Event::Tick, &before, &lost, "CE"), 1);
    let call = before.calls[0].id;
    let by_its_app = says(Report::Held { call, on: true });
    assert_eq!(broken(&by_its_app, &before, &lost, "CE"), 0);
    let beside = with(&before, 1, |call| call.phase = talks(&before));
    assert_eq!(broken(&Event::Tick, &before, &beside, "CE"), 1);
    let rings = emergency(|_| {});
    assert_eq!(broken(&Event::Tick, &before, &rings, "CE"), 1);
    // While its app is away it counts as well.
    let away = |state: &Snapshot| {
        with(state, 0, |call| {
            call.orphaned_until = Some(Timestamp::from_millis(3_000));
        })
    };
    assert_eq!(broken(&Event::Tick, &away(&before), &away(&rings), "CE"), 1);
}
