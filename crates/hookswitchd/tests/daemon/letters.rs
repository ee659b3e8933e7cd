//! What an app was told and did not acknowledge reaches it after it was killed, after the daemon
//! was, or both; what it acknowledged does not come again.

use hookswitch_testbed::Process;

use crate::app::{App, Told, configuration};
use crate::world::{HANG, World, find, start_daemon};

const NAME: &str = "org.example.A";

#[tokio::test]
async fn an_answer_that_the_app_died_with_reaches_the_next_process() {
    let world = World::start("").await;
    let (mut app, call) = ringing(&world);
    answer(&world, &call).await;
    app.wait_for_line("perform answer", HANG);
    app.kill();
    gone(&world, &call).await;
    let mut back = come_back(&world).await;
    back.does("answer").await;
    world.hand.wait_phase(&call, "active").await;
}

#[tokio::test]
async fn an_answer_survives_its_app_and_the_daemon() {
    let mut world = World::start("").await;
    let (mut app, call) = ringing(&world);
    answer(&world, &call).await;
    app.wait_for_line("perform answer", HANG);
    world.daemon.kill();
    app.kill();
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    let mut back = come_back(&world).await;
    back.provider.adopt("k").await.expect("adopted");
    back.does("answer").await;
    world.hand.wait_phase(&call, "active").await;
}

#[tokio::test]
async fn the_end_of_a_call_is_told_until_it_is_acknowledged() {
    let mut world = World::start("").await;
    let (mut app, call) = ringing(&world);
    app.kill();
    world.hand.wait_gone(&call).await;
    world.daemon.kill();
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    let ended = Told::CallEnded(call.clone(), "app-crashed".to_owned());
    let mut back = come_back(&world).await;
    assert_eq!(back.next().await, ended);
    // A late report of the call meets a tombstone, though the daemon is another one.
    let late = back.provider.report_incoming("k", Default::default()).await;
    assert!(late.is_err_and(|error| error.to_string().contains("AlreadyEnded")));
    drop(back);
    let mut again = come_back(&world).await;
    assert_eq!(again.next().await, ended, "not acknowledged");
    again.provider.acknowledge(u64::MAX).await.expect("taken");
}

/// A process that answers nothing, with a ringing call.
fn ringing(world: &World) -> (Process, String) {
    let app = world.spawn_app(&[NAME, "--incoming", "k", "Ana", "--hang"]);
    let line = app.wait_for_line("reported ", HANG);
    let call = line.trim_start_matches("reported ").to_owned();
    (app, call)
}

async fn answer(world: &World, call: &str) {
    let answered = world.hand.controller.answer(call, "auto").await;
    answered.expect("taken");
}

/// Waits until the daemon knows that the app of a call is gone.
async fn gone(world: &World, call: &str) {
    let is_orphan =
        |state: &serde_json::Value| find(state, call).is_some_and(|call| call["orphaned"] == true);
    world.hand.wait("the orphan", is_orphan).await;
}

/// Another process of the app registers.
async fn come_back(world: &World) -> App {
    let app = App::connect(world.bus.address(), Some(NAME)).await;
    let registered = app.provider.register(NAME, configuration("Test App")).await;
    registered.expect("registered");
    app
}
