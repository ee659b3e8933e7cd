//! A follower is told the whole state once and differences from then on, and has the whole state.

use futures_util::StreamExt;
use hookswitch_wire::json::{State, StateChange};
use zbus::{Message, MessageStream};

use crate::app::App;
use crate::world::{HANG, World, connect};

#[tokio::test]
async fn a_follower_has_the_whole_state_from_differences() {
    let world = World::start("").await;
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let first = app.ring("first", "Ana").await;
    let connection = connect(world.bus.address()).await;
    let mut heard = MessageStream::from(&connection);
    let (bus, path) = ("org.hookswitch.Calls1", "/org/hookswitch/Calls1");
    let interface = Some("org.hookswitch.Calls1.Controller");
    let reply = connection.call_method(Some(bus), path, interface, "Follow", &());
    reply.await.expect("followed");
    let second = app.ring("second", "Omar").await;
    world
        .hand
        .controller
        .answer(&first, "auto")
        .await
        .expect("taken");
    app.does("answer").await;
    world.hand.controller.decline(&second).await.expect("taken");
    app.does("end").await;
    world.hand.wait_gone(&second).await;
    let (mut state, mut differences) = (None, 0);
    loop {
        let message = tokio::time::timeout(HANG, heard.next()).await;
        let message = message
            .expect("in time")
            .expect("a bus")
            .expect("a message");
        if let Some(whole) = whole(&message) {
            assert!(state.is_none(), "told whole once");
            state = Some(whole);
        } else if let Some(change) = difference(&message) {
            let state = state.as_mut().expect("the whole state came first");
            state.apply(change).expect("no gap");
            differences += 1;
        }
        let text = world.hand.controller.state().await.expect("the state");
        let now: State = serde_json::from_str(&text).expect("JSON");
        if state
            .as_ref()
            .is_some_and(|known| known.revision == now.revision)
        {
            assert_eq!(state, Some(now));
            break;
        }
    }
    assert!(differences > 2, "{differences}");
}

fn whole(message: &Message) -> Option<State> {
    let (_, text) = body::<(u64, String)>(message, "StateChanged")?;
    Some(serde_json::from_str(&text).expect("a state"))
}

fn difference(message: &Message) -> Option<StateChange> {
    let (from, revision, text) = body::<(u64, u64, String)>(message, "StateDiffers")?;
    let change: StateChange = serde_json::from_str(&text).expect("a change");
    assert_eq!((from, revision), (change.from, change.revision));
    assert!(change.calls.len() <= 2, "what changed only: {change:?}");
    Some(change)
}

fn body<B>(message: &Message, member: &str) -> Option<B>
where
    B: for<'d> zbus::wire::DynamicDeserialize<'d>,
{
    let header = message.header();
    let is_it = header.member().is_some_and(|name| name.as_str() == member);
    is_it.then(|| message.body().deserialize().expect("the promised types"))
}
