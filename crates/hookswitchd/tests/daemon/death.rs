//! Apps that are killed in each phase: others are undisturbed, and the call ends as app-crashed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt;

use crate::app::App;
use crate::world::{HANG, World, find};

/// The orphan limit, and what an overloaded machine may add to it.
const ORPHAN: Duration = Duration::from_secs(3);

#[tokio::test]
async fn killed_while_ringing() {
    check(
        &["--incoming", "k", "Ana"],
        "ringing",
        None,
        async |_, _| {},
    )
    .await;
}

#[tokio::test]
async fn killed_while_answering() {
    let args = ["--incoming", "k", "Ana", "--hang"];
    check(&args, "ringing", None, async |world, call| {
        let answered = world.hand.controller.answer(call, "auto").await;
        answered.expect("taken");
    })
    .await;
}

#[tokio::test]
async fn a_watcher_is_told_what_was_given_up_because_an_app_died() {
    let world = World::start("").await;
    let controller = &world.hand.controller;
    let dropped = controller.receive_action_dropped().await;
    let finished = controller.receive_transaction_finished().await;
    let (mut dropped, mut finished) = (dropped.expect("a stream"), finished.expect("a stream"));
    controller.watch().await.expect("watched");
    let mut app = world.spawn_app(&["org.example.A", "--incoming", "k", "Ana", "--hang"]);
    let call = reported(&app);
    let transaction = controller.answer(&call, "auto").await.expect("taken");
    app.wait_for_line("perform answer", HANG);
    app.kill();
    let told = tokio::time::timeout(HANG, dropped.next()).await;
    let told = told.expect("in time").expect("a signal");
    let told = told.args().expect("well-formed");
    let told = (told.transaction, told.call, told.action, told.reason);
    // It had not acknowledged the ask, so the next process of it would have been asked again.
    let wanted = (transaction.as_str(), call.as_str(), "answer", "call-ended");
    assert_eq!(told, wanted);
    let over = tokio::time::timeout(HANG, finished.next()).await;
    let over = over.expect("in time").expect("a signal");
    let over = over.args().expect("well-formed");
    assert_eq!(
        (over.transaction, over.complete),
        (transaction.as_str(), false)
    );
}

#[tokio::test]
async fn killed_while_active() {
    let args = ["--incoming", "k", "Ana"];
    check(&args, "active", None, async |world, call| {
        let answered = world.hand.controller.answer(call, "auto").await;
        answered.expect("taken");
    })
    .await;
}

#[tokio::test]
async fn killed_while_held() {
    let args = ["--incoming", "k", "Ana"];
    check(&args, "held", None, async |world, call| {
        let answered = world.hand.controller.answer(call, "auto").await;
        answered.expect("taken");
        world.hand.wait_phase(call, "active").await;
        let held = world.hand.controller.set_held(call, true).await;
        held.expect("taken");
    })
    .await;
}

#[tokio::test]
async fn killed_while_dialing() {
    check(&[], "dialing", Some("+15550100"), async |_, _| {}).await;
}

#[tokio::test]
async fn an_app_that_comes_back_in_time_keeps_its_call() {
    let world = World::start("").await;
    let hand = &world.hand;
    let mut app = world.spawn_app(&["org.example.A", "--incoming", "k", "Ana"]);
    let call = reported(&app);
    hand.controller.answer(&call, "auto").await.expect("taken");
    hand.wait_phase(&call, "active").await;
    app.kill();
    hand.wait("the orphan", |state| {
        find(state, &call).is_some_and(|call| call["orphaned"] == true)
    })
    .await;
    let back = App::connect(world.bus.address(), Some("org.example.A")).await;
    let configuration = crate::app::configuration("Test App");
    let registered = back.provider.register("org.example.A", configuration).await;
    let (_epoch, orphans) = registered.expect("registered");
    assert_eq!(orphans, [(call.clone(), "k".to_owned())]);
    back.provider.adopt("k").await.expect("adopted");
    let state = hand.state().await;
    assert_eq!(
        find(&state, &call).expect("kept")["phase"]["name"],
        "active"
    );
}

/// Kills the app of a call in a phase and looks at everyone else.
async fn check(args: &[&str], phase: &str, dial: Option<&str>, reach: impl AsyncFn(&World, &str)) {
    let world = World::start("").await;
    let hand = &world.hand;
    let other = App::register(world.bus.address(), "org.example.Other").await;
    let args: Vec<_> = ["org.example.A"].iter().chain(args).copied().collect();
    let mut app = world.spawn_app(&args);
    let call = match dial {
        Some(number) => {
            let dialed = hand
                .controller
                .dial("org.example.A", "phone-number", number, HashMap::new())
                .await;
            dialed.expect("taken").0
        }
        None => reported(&app),
    };
    reach(&world, &call).await;
    hand.wait_phase(&call, phase).await;
    app.kill();
    let killed = Instant::now();
    let neighbor = other.ring("1", "Omar").await;
    hand.wait_phase(&neighbor, "ringing").await;
    let state = hand.wait_gone(&call).await;
    let took = killed.elapsed();
    assert!(took >= ORPHAN - Duration::from_millis(300), "{took:?}");
    assert!(find(&state, &neighbor).is_some(), "{state:#}");
    let ended = state["notices"].as_array().expect("notices").iter();
    let reasons: Vec<_> = ended.map(|notice| notice.to_string()).collect();
    let crashed = reasons.iter().any(|notice| notice.contains("app-crashed"));
    assert!(crashed, "{reasons:?}");
}

fn reported(app: &hookswitch_testbed::Process) -> String {
    let line = app.wait_for_line("reported ", crate::world::HANG);
    line.trim_start_matches("reported ").to_owned()
}
