//! A second call of the same line.

use hookswitch::AnswerMode;
use hookswitch_testbed::modem::{AtModem, CallState, Network, SimulatedCall};
use serde_json::Value;

use crate::world::{PATIENCE, World, calls, find, phase};

const FIRST: &str = "+12025550101";
const SECOND: &str = "+12025550102";

pub async fn hold_and_answer(world: World) {
    let first = world.talks_to(FIRST).await;
    let second = world.rings(SECOND).await;
    world.answer(&second, AnswerMode::HoldAndAnswer).await;
    world.wait_phase(&second, "active").await;
    world.wait_phase(&first, "held").await;
    let codes = world
        .modem
        .log()
        .into_iter()
        .filter(|line| line.starts_with("AT+CHLD="));
    let codes: Vec<_> = codes.filter(|line| line != "AT+CHLD=?").collect();
    assert_eq!(codes, ["AT+CHLD=2"], "one verb for both asks");
    world.hand.swap().await.expect("taken");
    world.wait_phase(&first, "active").await;
    world.wait_phase(&second, "held").await;
    // The user's own hang-up brings the held call back, at the modem too.
    world.hand.end(&first).await.expect("taken");
    world.wait_phase(&second, "active").await;
    world.modem.wait(
        "the second to be active alone",
        PATIENCE,
        |modem, _| matches!(modem.calls(), [only] if only.state == CallState::Active),
    );
}

pub async fn end_and_answer(world: World) {
    let first = world.talks_to(FIRST).await;
    let second = world.rings(SECOND).await;
    world.answer(&second, AnswerMode::EndAndAnswer).await;
    world.wait_phase(&second, "active").await;
    world.wait_gone(&first).await;
    world.wait_command("AT+CHLD=1");
    assert_eq!(world.modem.calls().len(), 1);
}

/// T46 of the field: one gesture ends exactly the call it is drawn on.
pub async fn decline(world: World) {
    let first = world.talks_to(FIRST).await;
    let second = world.rings(SECOND).await;
    world.hand.decline(&second).await.expect("taken");
    world.wait_gone(&second).await;
    world.wait_phase(&first, "active").await;
    world.modem.wait("only the first", PATIENCE, |modem, _| {
        matches!(modem.calls(), [only] if only.state == CallState::Active && only.number == FIRST)
    });
}

/// The waiting call rings on when the first ends, and is one call throughout.
pub async fn first_ends(world: World) {
    let first = world.talks_to(FIRST).await;
    let second = world.rings(SECOND).await;
    world.modem.network(Network::HangsUp(FIRST.into()));
    let state = world.wait_gone(&first).await;
    assert_eq!(calls(&state).count(), 1, "the second is there once");
    world.answer(&second, AnswerMode::Auto).await;
    world.wait_phase(&second, "active").await;
}

pub async fn second_dialed(world: World) {
    let first = world.talks_to(FIRST).await;
    let second = world.dials(SECOND).await;
    world.wait_command(&format!("ATD{SECOND};"));
    world.modem.network(Network::Answers);
    world.wait_phase(&second, "active").await;
    let state = world.wait_phase(&first, "held").await;
    assert!(calls(&state).all(|call| phase(call) != "ringing"));
    assert!(world.place("AT+CHLD=2") < world.place(&format!("ATD{SECOND};")));
}

/// Two calls become one conversation, and one of them is talked to alone again.
pub async fn merge_and_split(world: World) {
    let first = world.talks_to(FIRST).await;
    let second = world.rings(SECOND).await;
    world.answer(&second, AnswerMode::HoldAndAnswer).await;
    world.wait_phase(&second, "active").await;
    world.wait_listed();
    world.hand.merge(&second, &first).await.expect("taken");
    world.wait_phase(&first, "active").await;
    world.wait_phase(&second, "active").await;
    let parties = |modem: &AtModem, wanted| {
        let joined = |call: &&SimulatedCall| call.multiparty && call.state == CallState::Active;
        modem.calls().iter().filter(joined).count() == wanted
    };
    world
        .modem
        .wait("a group", PATIENCE, |modem, _| parties(modem, 2));
    let ready = |state: &Value| {
        find(state, &first).is_some_and(|call| call["pending"].is_null())
            && find(state, &second).is_some_and(|call| call["pending"].is_null())
    };
    world.wait("the merge to be over", ready).await;
    world.hand.split(&first).await.expect("taken");
    world.wait_phase(&second, "held").await;
    world.wait_phase(&first, "active").await;
    world
        .modem
        .wait("no group", PATIENCE, |modem, _| parties(modem, 0));
}
