//! Who may ring: told over the bus, kept for the next daemon, answered to the app.

use std::collections::HashMap;

use serde_json::Value;
use zbus::Variant;

use crate::app::App;
use crate::world::{Hand, World, start_daemon};

const NAME: &str = "org.example.A";
const ERROR: &str = "org.hookswitch.Calls1.Error.";

#[tokio::test]
async fn a_blocked_caller_stays_blocked_after_a_restart() {
    let mut world = World::start("").await;
    let number = ("phone-number", "+12025550101");
    let set = world.hand.controller.set_blocked(number.0, number.1, true);
    set.await.expect("blocked");
    refused(&world, "a", number, "FilteredByBlockList").await;
    // The file is written behind the reply: a daemon that is told to leave writes it first.
    world.daemon.stop();
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    world.hand = Hand::on(world.bus.address()).await;
    refused(&world, "b", number, "FilteredByBlockList").await;
    let recents = world.hand.recents_of("blocked", 2).await;
    assert_eq!(recents.len(), 2, "{recents:?}");
    let main: Value = read(&world.hand.controller.recents("all", 9).await.unwrap());
    assert_eq!(main.as_array().map(Vec::len), Some(0), "{main}");
}

#[tokio::test]
async fn do_not_disturb_is_told_to_the_app_and_lets_the_allowed_ring() {
    let world = World::start("").await;
    let controller = &world.hand.controller;
    controller.set_do_not_disturb(true, 0).await.expect("on");
    let ana = ("phone-number", "+12025550102");
    controller
        .set_allowed(ana.0, ana.1, true)
        .await
        .expect("allowed");
    let rules: Value = read(&controller.rules().await.expect("the rules"));
    assert_eq!(rules["do_not_disturb"], true, "{rules}");
    assert_eq!(rules["allowed"][0]["value"], ana.1, "{rules}");
    refused(
        &world,
        "a",
        ("phone-number", "+12025550101"),
        "FilteredByDoNotDisturb",
    )
    .await;
    let app = App::register(world.bus.address(), "org.example.B").await;
    let update = HashMap::from([("handle", Variant::from(ana))]);
    let rings = app.provider.report_incoming("b", update).await;
    rings.expect("rings");
    controller
        .set_do_not_disturb(true, 1)
        .await
        .expect("over in 1970");
    let state = world.hand.state().await;
    assert_eq!(state["do_not_disturb"], false, "{state}");
}

#[tokio::test]
async fn a_shared_screen_and_a_locked_app_are_told_to_apps_and_outlive_the_daemon() {
    let mut world = World::start("").await;
    let ana = ("phone-number", "+12025550101");
    let controller = &world.hand.controller;
    controller.set_restricted(true).await.expect("restricted");
    let locked = format!("{NAME}.b");
    controller
        .set_protected(&locked, true)
        .await
        .expect("locked");
    refused(&world, "a", ana, "FilteredByRestriction").await;
    refused(&world, "b", ana, "CallIsProtected").await;
    let recents = world.hand.recents_of("all", 2).await;
    assert_eq!(recents.len(), 2, "{recents:?}");
    world.daemon.stop();
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    world.hand = Hand::on(world.bus.address()).await;
    refused(&world, "c", ana, "FilteredByRestriction").await;
    let controller = &world.hand.controller;
    controller
        .set_restricted(false)
        .await
        .expect("not any more");
    let app = App::register(world.bus.address(), &locked).await;
    let update = || HashMap::from([("handle", Variant::from(ana))]);
    let error = app.provider.report_incoming("b2", update()).await;
    let error = error.expect_err("locked").to_string();
    assert!(error.contains("CallIsProtected"), "{error}");
    let rules: Value = read(&controller.rules().await.expect("the rules"));
    assert_eq!(rules["restricted"], false, "{rules}");
    assert_eq!(rules["protected"][0], locked, "{rules}");
    controller
        .set_protected(&locked, false)
        .await
        .expect("open");
    app.provider
        .report_incoming("d", update())
        .await
        .expect("rings");
}

#[tokio::test]
async fn a_second_call_is_turned_away_as_configured_until_the_user_chooses() {
    let configured =
        "[second_calls]\nrule = \"busy\"\napps = { \"org.example.A.c\" = \"missed\" }\n";
    let mut world = World::start(configured).await;
    let ana = ("phone-number", "+12025550101");
    let first = App::register(world.bus.address(), "org.example.First").await;
    let update = HashMap::from([("handle", Variant::from(ana))]);
    let rings = first.provider.report_incoming("a", update).await;
    rings.expect("rings");
    refused(&world, "b", ana, "UserBusy").await;
    refused(&world, "c", ana, "FilteredWhileBusy").await;
    let recents = world.hand.recents_of("missed", 2).await;
    assert_eq!(recents.len(), 2, "{recents:?}");
    let controller = &world.hand.controller;
    let wrong = controller.set_second_calls("wait", "").await;
    let error = wrong.expect_err("no such rule").to_string();
    assert!(error.contains("ring, busy, missed"), "{error}");
    let set = controller.set_second_calls("missed", "").await;
    set.expect("chosen");
    world.daemon.stop();
    world.daemon = start_daemon(&world.bed, world.bus.env(), configured);
    world.hand = Hand::on(world.bus.address()).await;
    let rules: Value = read(&world.hand.controller.rules().await.expect("the rules"));
    assert_eq!(rules["second_calls"], "missed", "{rules}");
    assert_eq!(
        rules["second_calls_of"]["org.example.A.c"], "missed",
        "{rules}"
    );
}

#[tokio::test]
async fn who_needs_the_audio_for_something_else_has_it_as_long_as_it_is_there() {
    let world = World::start("").await;
    let recorder = Hand::on(world.bus.address()).await;
    let begun = recorder.controller.interrupt("exclusive", true).await;
    begun.expect("begun");
    let is = |reason: Value| move |state: &Value| state["audio"]["interruption"] == reason;
    let wait = world.hand.wait("the interruption", is("exclusive".into()));
    wait.await;
    let lost = recorder.controller.interrupt("server-lost", true).await;
    let error = lost.expect_err("not its word").to_string();
    assert!(error.contains("emergency, exclusive"), "{error}");
    drop(recorder);
    world.hand.wait("its end", is(Value::Null)).await;
}

async fn refused(world: &World, key: &str, handle: (&str, &str), name: &str) {
    let app = App::register(world.bus.address(), &format!("{NAME}.{key}")).await;
    let update = HashMap::from([("handle", Variant::from(handle))]);
    let error = app.provider.report_incoming(key, update).await;
    let error = error.expect_err("refused");
    assert!(
        error.to_string().contains(&format!("{ERROR}{name}")),
        "{error}"
    );
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}
