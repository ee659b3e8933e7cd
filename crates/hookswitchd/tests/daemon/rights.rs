//! Who may only watch sees flags: no name and no number is in any message that reaches it.

use std::collections::HashMap;

use futures_util::StreamExt;
use zbus::{Connection, MatchRule, Message, MessageStream, Variant};

use crate::app::{App, configuration};
use crate::world::{ControllerProxy, HANG, World, connect};

const WATCHER: &str = "org.example.Watcher";
const GRANT: &str = "[[grant]]\napp = \"org.example.Watcher\"\nrights = [\"observer\"]\n";
const SECRETS: [&str; 4] = ["Kowalska", "5550199", "secret-key", "471147"];
/// One call of the observer interface.
type Flags = (String, bool, bool, bool, bool);

/// A connection that hears whatever the bus gives to anyone who asks for everything.
struct Ear {
    connection: Connection,
    heard: MessageStream,
}

impl Ear {
    async fn on(address: &str, name: Option<&str>) -> Self {
        let connection = connect(address).await;
        if let Some(name) = name {
            connection.request_name(name).await.expect("free");
        }
        let driver = zbus::fdo::DBusProxy::new(&connection)
            .await
            .expect("a proxy");
        let everything = MatchRule::builder().build().expect("a rule");
        driver.add_match_rule(everything).await.expect("allowed");
        let heard = MessageStream::from(&connection);
        Self { connection, heard }
    }

    /// All signals of the daemon until a call is told to be over.
    async fn until_ended(&mut self, call: &str) -> Vec<Message> {
        let mut messages = Vec::new();
        loop {
            let next = tokio::time::timeout(HANG, self.heard.next()).await;
            let message = next.expect("in time").expect("a bus").expect("a message");
            let flags = message.body().deserialize::<(Flags,)>();
            messages.push(message);
            if let Ok(((id, _, _, _, ended),)) = flags
                && id == call
                && ended
            {
                return messages;
            }
        }
    }
}

/// T67: "observer in P2, any call changes: gets uuid and flags only, never handle or name".
#[tokio::test]
async fn an_observer_is_told_flags_and_never_a_name_or_a_number() {
    let world = World::start(GRANT).await;
    let address = world.bus.address();
    let mut watcher = Ear::on(address, Some(WATCHER)).await;
    // A program with all rights that did not ask for the state is not told it either.
    let mut bystander = Ear::on(address, None).await;
    let call = one_call_with_secrets(&world).await;
    for ear in [&mut watcher, &mut bystander] {
        let messages = ear.until_ended(&call).await;
        let signals: Vec<String> = messages.iter().filter_map(member).collect();
        assert!(signals.contains(&"CallChanged".to_owned()), "{signals:?}");
        assert!(!signals.contains(&"StateChanged".to_owned()), "{signals:?}");
        for message in &messages {
            let bytes = String::from_utf8_lossy(message.data().bytes());
            for secret in SECRETS {
                assert!(!bytes.contains(secret), "{secret} is in {message:?}");
            }
        }
    }
    reads_are_refused(&watcher.connection, &call).await;
}

async fn one_call_with_secrets(world: &World) -> String {
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let update = HashMap::from([
        ("name", Variant::from("Ana Kowalska")),
        ("handle", Variant::new(("phone-number", "+15550199"))),
    ]);
    let key = "sip:secret-key@example.org";
    let reported = app.provider.report_incoming(key, update).await;
    let (call, _) = reported.expect("reported");
    let hand = &world.hand;
    hand.controller.answer(&call, "auto").await.expect("taken");
    app.does("answer").await;
    hand.wait_phase(&call, "active").await;
    let digits = hand.controller.play_digits(&call, "4711471147").await;
    digits.expect("taken");
    app.does("play-digits").await;
    let ended = app.provider.report_ended(key, "remote-hangup").await;
    ended.expect("reported");
    hand.recents(1).await;
    call
}

async fn reads_are_refused(connection: &Connection, call: &str) {
    let controller = ControllerProxy::new(connection).await.expect("a proxy");
    check(controller.state().await);
    check(controller.watch().await);
    check(controller.recents("all", 5).await);
    check(controller.ui_address().await);
    check(controller.answer(call, "auto").await);
    let provider = crate::app::ProviderProxy::new(connection)
        .await
        .expect("a proxy");
    check(provider.register(WATCHER, configuration("W")).await);
}

fn member(message: &Message) -> Option<String> {
    Some(message.header().member()?.to_string())
}

#[track_caller]
fn check<T: std::fmt::Debug>(result: zbus::Result<T>) {
    let refused = result.expect_err("refused");
    let text = refused.to_string();
    let name = "org.hookswitch.Calls1.Error.NotPermitted";
    assert!(text.contains(name), "{text}");
    assert!(
        text.contains(WATCHER) && text.contains("[[grant]]"),
        "{text}"
    );
}
