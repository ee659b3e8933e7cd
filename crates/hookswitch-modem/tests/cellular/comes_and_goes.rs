//! What dies, and what comes back.

use hookswitch::AnswerMode;
use hookswitch_testbed::modem::{Fault, Network};

use crate::world::{PATIENCE, World, calls};

const NUMBER: &str = "+12025550101";

/// The call is over for the system, the reason is true, and the next one rings.
pub async fn daemon_killed(mut world: World) {
    let call = world.talks_to(NUMBER).await;
    world.stack.kill();
    world.wait_gone(&call).await;
    let end = world.last_end().await;
    assert!(end.contains("the connection failed"), "{end}");
    world.modem.network(Network::HangsUp(NUMBER.into()));
    world.restart_stack().await;
    let next = world.talks_to("+12025550102").await;
    let state = world.wait_phase(&next, "active").await;
    assert_eq!(calls(&state).count(), 1);
}

/// The call goes on at the modem, and the next run of the line takes it back.
pub async fn bridge_killed(mut world: World) {
    let call = world.talks_to(NUMBER).await;
    world.bridge.kill();
    world
        .wait("the call to be without its app", |state| {
            calls(state).any(|call| call["orphaned"] == true)
        })
        .await;
    world.restart_bridge();
    world
        .wait("the call to be taken back", |state| {
            calls(state).any(|found| found["id"] == call && found["orphaned"] == false)
        })
        .await;
    world.hand.end(&call).await.expect("taken");
    world.wait_gone(&call).await;
    world
        .modem
        .wait("no call", PATIENCE, |modem, _| modem.calls().is_empty());
}

pub async fn signal_lost(world: World) {
    let call = world.talks_to(NUMBER).await;
    world.modem.network(Network::SignalLost);
    let state = world.wait_gone(&call).await;
    assert_eq!(calls(&state).count(), 0);
    world.modem.network(Network::SignalBack);
    world.rings(NUMBER).await;
}

/// A modem that refuses to answer ends nothing but the answer.
pub async fn answer_refused(world: World) {
    world.modem.break_with(Fault::RefusesAnswer);
    let call = world.rings(NUMBER).await;
    world.answer(&call, AnswerMode::Auto).await;
    world.wait_gone(&call).await;
    let end = world.last_end().await;
    assert!(end.contains("Could not connect"), "{end}");
}
