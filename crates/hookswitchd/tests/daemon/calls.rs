//! A call's life over the bus.

use std::collections::HashMap;

use futures_util::StreamExt;
use zbus::Variant;

use crate::app::{App, Told};
use crate::world::{HANG, World, find};

#[tokio::test]
async fn a_call_rings_is_answered_held_resumed_and_ended() {
    let world = World::start("").await;
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let hand = &world.hand;
    let call = app.ring("sip-1", "Ana Kowalska").await;
    let state = hand.wait_phase(&call, "ringing").await;
    assert_eq!(state["presented"], call.as_str());

    hand.controller.answer(&call, "auto").await.expect("taken");
    app.does("answer").await;
    hand.wait_phase(&call, "active").await;
    assert_eq!(app.next().await, Told::Audio(call.clone(), true));

    hand.controller.set_held(&call, true).await.expect("taken");
    app.does("set-held").await;
    hand.wait_phase(&call, "held").await;
    hand.controller.set_held(&call, false).await.expect("taken");
    app.does("set-held").await;
    hand.wait_phase(&call, "active").await;

    hand.controller.end(&call).await.expect("taken");
    app.does("end").await;
    hand.wait_gone(&call).await;
    let recents = hand.recents(1).await;
    assert_eq!(recents[0]["party"]["title"], "Ana Kowalska");
}

#[tokio::test]
async fn the_end_of_a_transaction_is_told_after_its_state() {
    let world = World::start("").await;
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let controller = &world.hand.controller;
    let mut finished = controller
        .receive_transaction_finished()
        .await
        .expect("a stream");
    controller.watch().await.expect("the state");
    let call = app.ring("sip-1", "Ana").await;
    let transaction = controller.decline(&call).await.expect("taken");
    app.does("end").await;
    let signal = tokio::time::timeout(HANG, finished.next()).await;
    let signal = signal.expect("in time").expect("a signal");
    let told = signal.args().expect("arguments");
    assert_eq!(*told.transaction(), transaction);
    assert!(*told.complete());
    assert!(find(&world.hand.state().await, &call).is_none());
}

#[tokio::test]
async fn a_second_app_takes_the_line_and_the_first_is_held_before() {
    let world = World::start("").await;
    let mut first = App::register(world.bus.address(), "org.example.A").await;
    let mut second = App::register(world.bus.address(), "org.example.B").await;
    let hand = &world.hand;
    let a = first.ring("1", "Ana").await;
    hand.controller.answer(&a, "auto").await.expect("taken");
    first.does("answer").await;
    hand.wait_phase(&a, "active").await;
    let b = second.ring("1", "Omar").await;
    assert_ne!(a, b, "the same key of two apps means two calls");
    hand.controller.answer(&b, "hold").await.expect("taken");
    first.does("set-held").await;
    second.does("answer").await;
    hand.wait_phase(&b, "active").await;
    hand.wait_phase(&a, "held").await;
}

#[tokio::test]
async fn a_hung_app_delays_nobody_and_its_call_fails_by_itself() {
    let limits = "[limits]\nconnect = 700\nask = 500\n";
    let world = World::start(limits).await;
    let mut hung = App::register(world.bus.address(), "org.example.Hung").await;
    let mut well = App::register(world.bus.address(), "org.example.Well").await;
    let hand = &world.hand;
    let stuck = hung.ring("1", "Ana").await;
    hand.controller.answer(&stuck, "auto").await.expect("taken");
    let ask = hung.asked("answer").await;
    let other = well.ring("1", "Omar").await;
    hand.wait_phase(&other, "ringing").await;
    assert_eq!(expired(&mut hung).await, ask);
    hand.wait_gone(&stuck).await;
    let late = hung.provider.fulfill(&ask, 0).await.expect_err("too late");
    assert!(late.to_string().contains("UnknownAsk"), "{late}");
    hand.controller.answer(&other, "auto").await.expect("taken");
    well.does("answer").await;
    hand.wait_phase(&other, "active").await;
}

#[tokio::test]
async fn an_app_calls_out_by_itself() {
    let world = World::start("").await;
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let start = HashMap::from([
        ("kind", Variant::from("start")),
        ("call", Variant::from("out-1")),
        ("handle", Variant::new(("phone-number", "+15550100"))),
    ]);
    let (_transaction, call) = app.provider.request(vec![start]).await.expect("taken");
    app.does("start").await;
    world.hand.wait_phase(&call, "dialing").await;
    let connected = app.provider.report_connected("out-1", 0).await;
    connected.expect("the app's own key names the call");
    world.hand.wait_phase(&call, "active").await;
    let ended = app.provider.report_ended("out-1", "remote-hangup").await;
    ended.expect("reported");
    world.hand.wait_gone(&call).await;
}

async fn expired(app: &mut App) -> String {
    loop {
        if let Told::Expired(ask) = app.next().await {
            return ask;
        }
    }
}
