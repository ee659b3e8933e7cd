//! The cellular line beside an app with calls of its own.

use hookswitch::{
    Action, AnswerMode, Ask, BusAddress, Call, CallUpdate, Configuration, Handle, Provider,
    ProviderEvent, ProviderEvents,
};
use hookswitch_testbed::modem::CallState;
use tokio::time::timeout;

use crate::world::{PATIENCE, World};

const CELLULAR: &str = "+12025550101";

/// The app gives up the line before the modem hears of the answer (T48).
pub async fn cellular_rings(world: World) {
    let (provider, mut events) = app(&world).await;
    let voip = rings(&provider).await;
    world.answer(voip.id(), AnswerMode::Auto).await;
    asked(&mut events, &Action::Answer)
        .await
        .fulfill()
        .await
        .expect("in time");
    world.wait_phase(voip.id(), "active").await;

    let cellular = world.rings(CELLULAR).await;
    world.answer(&cellular, AnswerMode::HoldAndAnswer).await;
    let hold = asked(&mut events, &Action::SetHeld(true)).await;
    assert_eq!(world.modem.calls()[0].state, CallState::Incoming);
    world.modem.mark("the app holds");
    hold.fulfill().await.expect("in time");
    world.wait_phase(&cellular, "active").await;
    world.wait_phase(voip.id(), "held").await;
    assert!(world.place("the app holds") < world.place("ATA"));
}

/// What a way to answer does to the cellular call is in the state before it is chosen.
pub async fn voip_rings(world: World) {
    let cellular = world.talks_to(CELLULAR).await;
    let (provider, mut events) = app(&world).await;
    let voip = rings(&provider).await;
    let state = world
        .wait("the ways to answer", |state| {
            state["answers"]
                .as_array()
                .is_some_and(|answers| !answers.is_empty())
        })
        .await;
    let answers = state["answers"].as_array().expect("a list");
    let end = answers.iter().find(|answer| answer["mode"] == "end");
    let end = end.unwrap_or_else(|| panic!("End & Answer is offered: {answers:#?}"));
    assert!(
        end.to_string().contains(&cellular),
        "it names what it ends: {end}"
    );

    world.answer(voip.id(), AnswerMode::EndAndAnswer).await;
    let answer = asked(&mut events, &Action::Answer).await;
    // The modem has ended its call before the app was asked.
    assert!(world.modem.calls().is_empty());
    answer.fulfill().await.expect("in time");
    world.wait_phase(voip.id(), "active").await;
    world.wait_gone(&cellular).await;
}

async fn app(world: &World) -> (Provider, ProviderEvents) {
    let address = BusAddress::At(world.bus.address().to_owned());
    let configuration = Configuration::new("Voice");
    let connected = Provider::connect_at(address, "org.hookswitch.test.Voice", configuration);
    connected.await.expect("registered")
}

/// The app reports a call of its own.
async fn rings(provider: &Provider) -> Call {
    let update = CallUpdate::new().handle(Handle::generic("ana@example.org"));
    let reported = provider.report_incoming("v1", &update).await;
    reported.expect("taken")
}

async fn asked(events: &mut ProviderEvents, wanted: &Action) -> Ask {
    loop {
        match timeout(PATIENCE, events.next())
            .await
            .expect("asked in time")
        {
            Some(ProviderEvent::Perform(ask)) if ask.action() == wanted => return ask,
            Some(_) => {}
            None => panic!("the app was closed"),
        }
    }
}
