//! The daemon is killed at any instant of a call: no call is lost, doubled or stuck.
//!
//! Each case kills it right after the reply to one step of the same day, with no time to tidy up.

use crate::app::{App, configuration};
use crate::world::{World, find, start_daemon};

const NAME: &str = "org.example.A";

/// How far the day goes before the kill; each step contains the ones above it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Until {
    Reported,
    AnswerAccepted,
    AnswerAsked,
    Answered,
    HoldAccepted,
    Held,
    EndAccepted,
}

#[tokio::test]
async fn killed_after_the_report() {
    check(Until::Reported, "ringing", None).await;
}

#[tokio::test]
async fn killed_after_the_answer_was_accepted() {
    check(Until::AnswerAccepted, "ringing", Some(("answer", "active"))).await;
}

#[tokio::test]
async fn killed_after_the_app_was_asked_to_answer() {
    check(Until::AnswerAsked, "ringing", Some(("answer", "active"))).await;
}

#[tokio::test]
async fn killed_after_the_answer() {
    check(Until::Answered, "active", None).await;
}

#[tokio::test]
async fn killed_after_the_hold_was_accepted() {
    check(Until::HoldAccepted, "active", None).await;
}

#[tokio::test]
async fn killed_after_the_hold() {
    check(Until::Held, "held", None).await;
}

#[tokio::test]
async fn killed_after_the_end_was_accepted() {
    check(Until::EndAccepted, "ending", Some(("end", "gone"))).await;
}

/// `after`: the phase in which the next daemon shows the call; `asked`: what it asks the app again,
/// and what comes of it.
async fn check(until: Until, after: &str, asked: Option<(&str, &str)>) {
    let mut world = World::start("").await;
    let mut app = App::register(world.bus.address(), NAME).await;
    let call = live(&world, &mut app, until).await;
    world.daemon.kill();
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    let state = world.hand.state().await;
    let found = find(&state, &call).expect("the call survives");
    assert_eq!(found["orphaned"], true, "{until:?}: {found}");
    let registered = app.provider.register(NAME, configuration("Test App")).await;
    let (_epoch, orphans) = registered.expect("registered");
    assert_eq!(orphans, [(call.clone(), "k".to_owned())], "{until:?}");
    // What the former daemon asked may arrive late; its ids are void.
    while app.told.try_recv().is_ok() {}
    app.provider.adopt("k").await.expect("adopted");
    let state = world.hand.wait_phase(&call, after).await;
    assert_eq!(
        state["calls"].as_array().map(Vec::len),
        Some(1),
        "{until:?}"
    );
    match asked {
        Some((action, "gone")) => {
            app.does(action).await;
            world.hand.wait_gone(&call).await;
            let recents = world.hand.recents(1).await;
            assert_eq!(recents.len(), 1, "told once: {recents:?}");
        }
        Some((action, phase)) => {
            app.does(action).await;
            world.hand.wait_phase(&call, phase).await;
        }
        None => {}
    }
}

async fn live(world: &World, app: &mut App, until: Until) -> String {
    let call = app.ring("k", "Ana").await;
    let controller = &world.hand.controller;
    if until >= Until::AnswerAccepted {
        controller.answer(&call, "auto").await.expect("accepted");
    }
    if until >= Until::AnswerAsked {
        let ask = app.asked("answer").await;
        if until >= Until::Answered {
            app.provider.fulfill(&ask, 0).await.expect("fulfilled");
        }
    }
    if until >= Until::HoldAccepted {
        controller.set_held(&call, true).await.expect("accepted");
    }
    if until >= Until::Held {
        app.does("set-held").await;
    }
    if until >= Until::EndAccepted {
        controller.end(&call).await.expect("accepted");
        app.asked("end").await;
    }
    while app.told.try_recv().is_ok() {}
    call
}

#[tokio::test]
async fn a_call_whose_app_does_not_come_back_ends_with_a_reason() {
    let mut world = World::start("").await;
    let mut app = App::register(world.bus.address(), NAME).await;
    let call = live(&world, &mut app, Until::Answered).await;
    world.daemon.kill();
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    world.hand.wait_gone(&call).await;
    let recents = world.hand.recents(1).await;
    let told = recents[0].to_string();
    assert!(told.contains("stopped working"), "{told}");
}
