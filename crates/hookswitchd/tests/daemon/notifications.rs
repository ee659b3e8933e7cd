//! Desktop notifications against a small notification server.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use zbus::object_server::SignalEmitter;
use zbus::{Connection, OwnedVariant, connection, interface};

use crate::app::App;
use crate::world::{HANG, World};

/// What the server was asked.
#[derive(Debug)]
enum Asked {
    Notify {
        title: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedVariant>,
        timeout: i32,
    },
    Close(u32),
}

struct Server {
    asked: mpsc::UnboundedSender<Asked>,
    capabilities: Vec<String>,
    /// Closed while notifications are to be answered at once.
    answers: Arc<Semaphore>,
}

#[interface(name = "org.freedesktop.Notifications", spawn = false)]
impl Server {
    async fn get_capabilities(&self) -> Vec<String> {
        self.capabilities.clone()
    }

    #[allow(clippy::too_many_arguments)]
    async fn notify(
        &self,
        _app_name: String,
        _replaces: u32,
        _icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedVariant>,
        timeout: i32,
    ) -> u32 {
        let asked = Asked::Notify {
            title,
            body,
            actions,
            hints,
            timeout,
        };
        self.asked.send(asked).expect("the test looks");
        // An error means that nothing is to be waited for.
        let _ = self.answers.acquire().await;
        7
    }

    async fn close_notification(&self, id: u32) {
        self.asked.send(Asked::Close(id)).expect("the test looks");
    }

    #[zbus(signal)]
    async fn action_invoked(
        emitter: &SignalEmitter<'_>,
        id: u32,
        action_key: &str,
    ) -> zbus::Result<()>;
}

struct Desktop {
    connection: Connection,
    asked: mpsc::UnboundedReceiver<Asked>,
    answers: Arc<Semaphore>,
}

impl Desktop {
    async fn start(world: &World, capabilities: &[&str]) -> Self {
        let desktop = Self::start_hung(world, capabilities).await;
        desktop.answers.close();
        desktop
    }

    /// A server that does not answer until `answers` is closed.
    async fn start_hung(world: &World, capabilities: &[&str]) -> Self {
        let (sender, asked) = mpsc::unbounded_channel();
        let answers = Arc::new(Semaphore::new(0));
        let server = Server {
            asked: sender,
            answers: answers.clone(),
            capabilities: capabilities.iter().map(|name| (*name).to_owned()).collect(),
        };
        let connection = connection::Builder::address(world.bus.address())
            .serve_at("/org/freedesktop/Notifications", server)
            .name("org.freedesktop.Notifications")
            .build()
            .await
            .expect("a bus");
        Self {
            connection,
            asked,
            answers,
        }
    }

    async fn next(&mut self) -> Asked {
        let asked = tokio::time::timeout(HANG, self.asked.recv()).await;
        asked.expect("asked in time").expect("the server runs")
    }
}

#[tokio::test]
async fn a_call_is_shown_and_its_button_answers() {
    let world = World::start("").await;
    let mut desktop = Desktop::start(&world, &["actions", "body-markup"]).await;
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let call = app.ring("1", "Ana <b>").await;
    let Asked::Notify {
        title,
        body,
        actions,
        hints,
        timeout,
    } = desktop.next().await
    else {
        panic!("a notification comes first");
    };
    assert_eq!(title, "Ana <b>", "the title is plain text");
    assert!(body.contains("Test App"), "{body}");
    assert_eq!(actions[0], "decline");
    assert!(actions.contains(&"answer".to_owned()), "{actions:?}");
    assert_eq!(timeout, 0, "it never expires");
    let category: String = hints["category"]
        .try_clone()
        .expect("text")
        .try_into()
        .expect("text");
    assert_eq!(category, "call.incoming");
    assert!(hints.contains_key("suppress-sound") && hints.contains_key("resident"));

    let emitter =
        SignalEmitter::new(&desktop.connection, "/org/freedesktop/Notifications").expect("a path");
    Server::action_invoked(&emitter, 7, "answer")
        .await
        .expect("sent");
    app.does("answer").await;
    world.hand.wait_phase(&call, "active").await;
    assert!(matches!(desktop.next().await, Asked::Close(7)));
}

#[tokio::test]
async fn without_actions_there_are_no_buttons_and_it_closes_when_the_caller_gives_up() {
    let world = World::start("").await;
    let mut desktop = Desktop::start(&world, &["body"]).await;
    let app = App::register(world.bus.address(), "org.example.A").await;
    app.ring("1", "Ana").await;
    let Asked::Notify { actions, .. } = desktop.next().await else {
        panic!("a notification comes first");
    };
    assert!(actions.is_empty(), "{actions:?}");
    let ended = app.provider.report_ended("1", "canceled-by-caller").await;
    ended.expect("reported");
    assert!(matches!(desktop.next().await, Asked::Close(7)));
}

#[tokio::test]
async fn a_notification_that_a_slow_server_shows_after_the_call_is_closed() {
    let world = World::start("").await;
    let mut desktop = Desktop::start_hung(&world, &["body"]).await;
    let app = App::register(world.bus.address(), "org.example.A").await;
    app.ring("1", "Ana").await;
    assert!(matches!(desktop.next().await, Asked::Notify { .. }));
    world
        .daemon
        .wait_for_line("the notification server does not answer", HANG);
    let ended = app.provider.report_ended("1", "canceled-by-caller").await;
    ended.expect("reported");
    desktop.answers.close();
    assert!(matches!(desktop.next().await, Asked::Close(7)));
}
