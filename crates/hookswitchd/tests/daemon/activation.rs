//! Starting an app that is not running when a call for it is dialed.

use std::collections::HashMap;
use std::fs;

use hookswitch_testbed::{Bed, PrivateBus};

use crate::world::{World, app_path};

#[tokio::test]
async fn dialing_starts_the_app() {
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    let service = format!(
        "[D-BUS Service]\nName=org.example.Sleeping\nExec={} org.example.Sleeping\n",
        app_path().display()
    );
    let path = "data/dbus-1/services/org.example.Sleeping.service";
    fs::write(bed.path().join(path), service).expect("a file");
    let world = World::start_on(bed, bus, "").await;
    let dialed = world
        .hand
        .controller
        .dial("org.example.Sleeping", "generic", "ana", HashMap::new())
        .await;
    let (call, _transaction) = dialed.expect("taken");
    world.hand.wait_phase(&call, "dialing").await;
    world
        .hand
        .wait("the app", |state| {
            state["providers"][0]["app"] == "org.example.Sleeping"
        })
        .await;
}

#[tokio::test]
async fn an_app_that_is_not_installed_fails_the_call_at_once() {
    let world = World::start("").await;
    let dialed = world
        .hand
        .controller
        .dial("org.example.Nowhere", "generic", "ana", HashMap::new())
        .await;
    let (call, _transaction) = dialed.expect("taken: whether it starts is seen later");
    let state = world.hand.wait_gone(&call).await;
    let notices = state["notices"].to_string();
    assert!(notices.contains("app-unresponsive"), "{notices}");
}
