//! One call.

use hookswitch::AnswerMode;
use hookswitch_testbed::modem::{CallState, Network};

use crate::world::{PATIENCE, World, find};

pub async fn incoming(world: World) {
    let call = world.rings("+12025550101").await;
    world.answer(&call, AnswerMode::Auto).await;
    world.wait_phase(&call, "active").await;
    world.wait_command("ATA");
    world.wait_in_call();
    world.modem.network(Network::HangsUp("+12025550101".into()));
    world.wait_gone(&call).await;
    ended(&world, "they ended it").await;
}

pub async fn withheld(world: World) {
    let call = world.rings("").await;
    let state = world.wait_phase(&call, "ringing").await;
    assert!(find(&state, &call).expect("it rings")["handle"].is_null());
}

pub async fn declined(world: World) {
    let call = world.rings("+12025550101").await;
    world.hand.decline(&call).await.expect("taken");
    world.wait_gone(&call).await;
    world
        .modem
        .wait("no call", PATIENCE, |modem, _| modem.calls().is_empty());
    ended(&world, "You declined").await;
}

pub async fn canceled(world: World) {
    let call = world.rings("+12025550101").await;
    world.modem.network(Network::HangsUp("+12025550101".into()));
    world.wait_gone(&call).await;
    // Nothing could be heard here, and the recents say why.
    ended(&world, "there was no sound device").await;
}

pub async fn outgoing(world: World) {
    let call = world.dials("+12025550102").await;
    world.wait_command("ATD+12025550102;");
    world.modem.network(Network::Rings);
    world.modem.network(Network::Answers);
    world.wait_phase(&call, "active").await;
    world.hand.end(&call).await.expect("taken");
    world.wait_gone(&call).await;
    world
        .modem
        .wait("no call", PATIENCE, |modem, _| modem.calls().is_empty());
    ended(&world, "you ended it").await;
}

pub async fn busy(world: World) {
    let call = world.dials("+12025550102").await;
    world.wait_command("ATD+12025550102;");
    world.modem.network(Network::Busy("+12025550102".into()));
    world.wait_gone(&call).await;
    // With this modem neither daemon tells busy from other failures.
    let end = world.last_end().await;
    let known = ["busy", "Could not connect", "declined"];
    assert!(known.iter().any(|words| end.contains(words)), "{end}");
}

/// Checks the words about the last call in the recents.
async fn ended(world: &World, how: &str) {
    let end = world.last_end().await;
    assert!(end.contains(how), "{end}");
}

/// 08 is an emergency number of the simulated card.
pub async fn emergency(world: World) {
    world.knows_emergency_numbers();
    let call = world.dials("08").await;
    let state = world.wait_phase(&call, "dialing").await;
    assert_eq!(find(&state, &call).expect("dials")["emergency"], true);
}

pub async fn hold(world: World) {
    let call = world.talks_to("+12025550101").await;
    world.hand.hold(&call).await.expect("taken");
    world.wait_phase(&call, "held").await;
    assert_eq!(world.modem.calls()[0].state, CallState::Held);
    world.hand.resume(&call).await.expect("taken");
    world.wait_phase(&call, "active").await;
    assert_eq!(world.modem.calls()[0].state, CallState::Active);
}

pub async fn digits(world: World) {
    let call = world.talks_to("+12025550101").await;
    world.hand.play_digits(&call, "12#").await.expect("taken");
    world.hand.play_digits(&call, "4,*").await.expect("taken");
    world
        .modem
        .wait("all digits", PATIENCE, |modem, _| modem.digits() == "12#4*");
}
