//! Bad input: each misuse has a clear, typed outcome, and nothing else is disturbed.

use std::collections::HashMap;

use zbus::Variant;

use crate::app::{App, configuration};
use crate::world::{World, find};

const UUID: &str = "01234567-89ab-cdef-0123-456789abcdef";

#[tokio::test]
async fn each_misuse_has_its_own_error_and_disturbs_nobody() {
    let world = World::start("").await;
    let address = world.bus.address();
    let good = App::register(address, "org.example.Good").await;
    let undisturbed = good.ring("1", "Ana").await;
    let bad = App::register(address, "org.example.Bad").await;

    a_uuid_of_another_app(&good, &bad).await;
    names_and_dictionaries(&bad).await;
    calls_and_asks_that_do_not_exist(&bad).await;
    wishes_that_cannot_be(&world).await;

    let state = world.hand.state().await;
    assert!(find(&state, &undisturbed).is_some(), "{state:#}");
}

async fn a_uuid_of_another_app(good: &App, bad: &App) {
    good.ring(UUID, "Omar").await;
    let stolen = bad.provider.report_incoming(UUID, HashMap::new()).await;
    check(stolen, "CallExists");
    let (_, known) = good
        .provider
        .report_incoming(UUID, HashMap::new())
        .await
        .expect("one's own call is merged");
    assert!(known);
    check(
        bad.provider.report_ended(UUID, "failed").await,
        "UnknownCall",
    );
}

async fn names_and_dictionaries(bad: &App) {
    let provider = &bad.provider;
    let long = "x".repeat(257);
    let wrong_type = HashMap::from([("name", Variant::from(7u32))]);
    check(
        provider.report_incoming("k", wrong_type).await,
        "InvalidArgument",
    );
    let oversized = HashMap::from([("name", Variant::from(long.as_str()))]);
    check(
        provider.report_incoming("k", oversized).await,
        "InvalidArgument",
    );
    let half = HashMap::from([("handle", Variant::from("+1555"))]);
    check(provider.report_incoming("k", half).await, "InvalidArgument");
    check(
        provider.report_incoming("", HashMap::new()).await,
        "InvalidArgument",
    );
    let key = "k".repeat(256);
    check(
        provider.report_incoming(&key, HashMap::new()).await,
        "InvalidArgument",
    );
    let nameless = provider.register("org.example.Bad", HashMap::new()).await;
    check(nameless, "InvalidArgument");
    let foreign = provider
        .register("org.example.Good", configuration("X"))
        .await;
    check(foreign, "Unentitled");
    let unowned = provider
        .register("org.example.Nobody", configuration("X"))
        .await;
    check(unowned, "Unentitled");
}

async fn calls_and_asks_that_do_not_exist(bad: &App) {
    let provider = &bad.provider;
    check(provider.report_connected("no-such", 0).await, "UnknownCall");
    check(
        provider.report_updated("no-such", HashMap::new()).await,
        "UnknownCall",
    );
    check(provider.adopt("no-such").await, "UnknownCall");
    check(provider.fulfill("ask99", 0).await, "UnknownAsk");
    check(provider.fulfill("nonsense", 0).await, "UnknownAsk");
    check(provider.fail("ask99").await, "UnknownAsk");
    check(provider.request(vec![]).await, "EmptyTransaction");
    check(
        provider.request(vec![HashMap::new()]).await,
        "InvalidArgument",
    );
    let reason = provider.report_ended("no-such", "because").await;
    check(reason, "InvalidArgument");
}

async fn wishes_that_cannot_be(world: &World) {
    let controller = &world.hand.controller;
    let unheard = "99999999-89ab-cdef-0123-456789abcdef";
    check(controller.answer(unheard, "auto").await, "UnknownCall");
    check(controller.answer(UUID, "maybe").await, "InvalidArgument");
    check(controller.end("no uuid").await, "InvalidArgument");
    check(controller.play_digits(UUID, "12x").await, "InvalidArgument");
    check(
        controller.set_route("no-such-device").await,
        "UnknownEndpoint",
    );
    check(controller.recents("mine", 5).await, "InvalidArgument");
}

#[tokio::test]
async fn who_never_registered_is_not_known() {
    let world = World::start("").await;
    let app = App::connect(world.bus.address(), Some("org.example.A")).await;
    let reported = app.provider.report_incoming("1", HashMap::new()).await;
    check(reported, "UnknownProvider");
    check(app.provider.fulfill("ask1", 0).await, "UnknownProvider");
    check(app.provider.invalidate().await, "UnknownProvider");
}

#[tokio::test]
async fn one_connection_is_one_app() {
    let world = World::start("").await;
    let app = App::register(world.bus.address(), "org.example.A").await;
    let connection = app.provider.inner().connection();
    connection
        .request_name("org.example.B")
        .await
        .expect("free");
    let second = app
        .provider
        .register("org.example.B", configuration("B"))
        .await;
    check(second, "Unentitled");
}

#[track_caller]
fn check<T: std::fmt::Debug>(result: zbus::Result<T>, want: &str) {
    match result {
        Err(zbus::Error::MethodError(name, text, _)) => {
            assert_eq!(name.as_str(), format!("org.hookswitch.Calls1.Error.{want}"));
            assert!(text.is_some_and(|text| !text.is_empty()), "{want} says why");
        }
        other => panic!("wanted {want}, got {other:?}"),
    }
}
