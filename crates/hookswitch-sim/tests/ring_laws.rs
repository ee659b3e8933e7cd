//! What the laws of the ring, of room and of who comes back to the line say when they are
//! broken: the worlds in which they are held to say nothing, so each is broken here on purpose.

use hookswitch_core::{Accepted, Effect, Event, Report, Request, Requester};
use hookswitch_model::{
    AppId, CallSnapshot, ClientId, Configuration, EndReason, HeldBy, Hold, Origin, Phase,
    PhaseKind, ProviderId, RequestId, RingState, Snapshot, Text, TransactionId,
};
use hookswitch_sim::laws::{Laws, Step};
use hookswitch_sim::scenario::{LineKind, parse};
use hookswitch_sim::world::World;
use std::sync::Arc;

/// The state after all of a story.
fn state(story: &str) -> Snapshot {
    let text = format!("hookswitch-scenario 1\ntitle t\napp sip\napp mx\n{story}");
    let story = parse(&text).expect("readable");
    let mut world = World::new(&story);
    for line in &story.lines {
        if let LineKind::Input(line) = &line.kind {
            world.apply(&line.input).expect("possible");
        }
    }
    world.state().clone()
}

fn two_ring() -> Snapshot {
    state("at 0s sip reports incoming a\nat 0s mx reports incoming b\n")
}

/// The laws that a step from one state to another breaks, of those that begin so.
fn broken(steps: &[(Event, &Snapshot, &Snapshot, &[Effect])], law: &str) -> usize {
    let mut laws = Laws::new(hookswitch_model::Limits::default());
    for (event, before, after, effects) in steps {
        laws.check(&Step {
            at: after.at.at,
            event,
            before,
            after,
            effects,
            due_before: None,
            due_after: None,
        });
    }
    let found = laws.violations().iter().filter(|found| found.law == law);
    found.count()
}

#[test]
fn a_call_that_takes_the_screen_from_another_is_found() {
    let before = two_ring();
    let mut after = before.clone();
    assert_eq!(broken(&[(Event::Tick, &before, &after, &[])], "R5"), 0);
    after.presented = Some(after.calls[1].id);
    assert_eq!(broken(&[(Event::Tick, &before, &after, &[])], "R5"), 1);
    let mut call = (*after.calls[0]).clone();
    call.silenced = true;
    after.calls[0] = Arc::new(call);
    assert_eq!(broken(&[(Event::Tick, &before, &after, &[])], "R5"), 0);
}

#[test]
fn a_second_call_that_rings_against_the_rule_is_found() {
    let talking = "at 0s sip reports incoming a\nat 1s user answers a\nat 2s time passes\n";
    let rule = "at 0s user second-calls busy\n";
    let (free, ruled) = (state(talking), state(&format!("{rule}{talking}")));
    let after = state(&format!("{talking}at 3s mx reports incoming b\n"));
    assert_eq!(broken(&[(Event::Tick, &free, &after, &[])], "SC"), 0);
    assert_eq!(broken(&[(Event::Tick, &ruled, &after, &[])], "SC"), 1);
}

#[test]
fn a_call_that_nobody_hears_is_found() {
    let state = two_ring();
    assert_eq!(broken(&[(Event::Tick, &state, &state, &[])], "R1"), 0);
    let mut hushed = state.clone();
    hushed.ring = RingState::Quiet;
    assert_eq!(broken(&[(Event::Tick, &state, &hushed, &[])], "R1"), 1);
}

#[test]
fn an_app_with_more_conversations_than_it_can_have_is_found() {
    let before = state("at 0s sip reports incoming a\nat 0s sip reports incoming b\n");
    let mut after = before.clone();
    for call in &mut after.calls {
        let mut talking = (**call).clone();
        talking.phase = Phase::Active { since: after.at };
        *call = Arc::new(talking);
    }
    let app: AppId = after.calls[0].app.clone();
    let mut configuration = Configuration::new(Text::new("t").expect("a name"));
    configuration.groups_max = 1;
    let registers = Event::Report {
        client: ClientId(1),
        request: RequestId(1),
        report: Report::Register { app, configuration },
    };
    let accepted = [Effect::Reply {
        request: RequestId(1),
        result: Ok(Accepted::Registered {
            provider: ProviderId(1),
            orphans: Vec::new(),
        }),
    }];
    let said = (registers, &before, &before, &accepted[..]);
    let took = (Event::Tick, &before, &after, &[][..]);
    assert_eq!(
        broken(std::slice::from_ref(&took), "G4"),
        0,
        "nothing is known of the app"
    );
    assert_eq!(broken(&[said, took], "G4"), 1);
}

/// One call talks, the other one is on hold for it.
fn pair() -> Snapshot {
    let mut pair = two_ring();
    let (at, taker) = (pair.at, pair.calls[1].id);
    change(&mut pair, 0, |call| {
        call.phase = Phase::Held(Hold {
            by: HeldBy::OtherCall,
            since: at,
            displaced_by: Some(taker),
        });
    });
    change(&mut pair, 1, |call| {
        call.phase = Phase::Active { since: at };
        call.has_connected = true;
    });
    pair.ring = RingState::Quiet;
    pair
}

fn change(state: &mut Snapshot, index: usize, how: impl FnOnce(&mut CallSnapshot)) {
    how(Arc::make_mut(&mut state.calls[index]));
}

#[test]
fn a_call_that_does_not_come_back_after_the_hang_up_is_found() {
    let before = pair();
    let hung_up = before.calls[1].id;
    let ends = Event::Request {
        from: Requester::User,
        request: RequestId(1),
        wish: Request::End(hung_up),
    };
    let accepted = [Effect::Reply {
        request: RequestId(1),
        result: Ok(Accepted::Transaction {
            transaction: TransactionId(1),
            call: hung_up,
        }),
    }];
    let mut after = before.clone();
    change(&mut after, 1, |call| {
        call.phase = Phase::Ending {
            reason: EndReason::LocalHangup,
            origin: Origin::User,
            from: PhaseKind::Active,
        };
    });
    let step = (ends, &before, &after, &accepted[..]);
    assert_eq!(broken(std::slice::from_ref(&step), "RS"), 1);
    let mut owed = after.clone();
    change(&mut owed, 0, |call| call.resuming = true);
    assert_eq!(broken(&[(step.0, &before, &owed, &accepted)], "RS"), 0);
    let forgets = (Event::Tick, &owed, &after, &[][..]);
    assert_eq!(broken(&[forgets], "RS"), 1, "and it stays owed");
    let mut loud = owed.clone();
    loud.ring = RingState::Ringing(hung_up);
    assert_eq!(broken(&[(Event::Tick, &owed, &loud, &[])], "RS"), 1);
}

#[test]
fn a_call_that_was_held_in_vain_and_stays_so_is_found() {
    let mut before = pair();
    let mut after = before.clone();
    after.calls.remove(1);
    let step = (Event::Tick, &before, &after, &[][..]);
    assert_eq!(broken(&[step], "RS"), 0, "the other one talked");
    change(&mut before, 1, |call| {
        call.phase = two_ring().calls[1].phase;
        call.has_connected = false;
    });
    assert_eq!(broken(&[(Event::Tick, &before, &after, &[])], "RS"), 1);
}
