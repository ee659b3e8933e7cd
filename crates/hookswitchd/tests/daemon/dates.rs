//! The dates that an app gives, over the bus: what the timer counts from, what the recents say.

use serde_json::Value;

use crate::app::{App, Told};
use crate::world::{World, find};

#[tokio::test]
async fn a_call_is_as_long_as_its_app_says_within_what_can_be() {
    let world = World::start("").await;
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let hand = &world.hand;
    let call = app.ring("sip-1", "Ana").await;
    let state = hand.wait_phase(&call, "ringing").await;
    let began = find(&state, &call).expect("there")["began_ms"].clone();
    hand.controller.answer(&call, "auto").await.expect("taken");
    let Told::Perform { ask, .. } = app.next().await else {
        panic!("an ask");
    };
    // Long before it rang.
    app.provider.fulfill(&ask, 1).await.expect("settled");
    let state = hand.wait_phase(&call, "active").await;
    let shown = find(&state, &call).expect("there");
    assert_eq!(shown["connected_at_ms"], began, "{shown}");
    assert_eq!(shown["started_at_ms"], Value::Null, "{shown}");
    // Long after it is over.
    let ended = app
        .provider
        .report_ended_at(&call, "remote-hangup", i64::MAX);
    ended.await.expect("taken");
    let entry = hand.recents(1).await.remove(0);
    assert_eq!(entry["started_ms"], began, "{entry}");
    let lasted = entry["duration_ms"].as_i64().expect("it was connected");
    assert!((0..60_000).contains(&lasted), "{entry}");
}
