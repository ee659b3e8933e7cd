//! One daemon on one private bus, and a hand that controls it.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use futures_util::StreamExt;
use hookswitch_testbed::{Bed, PrivateBus, Process};
use serde_json::Value;
use zbus::{Connection, connection};

/// Longest wait for anything that should come at once.
pub const HANG: Duration = Duration::from_secs(10);

#[zbus::proxy(
    interface = "org.hookswitch.Calls1.Controller",
    default_service = "org.hookswitch.Calls1",
    default_path = "/org/hookswitch/Calls1"
)]
pub trait Controller {
    fn answer(&self, call: &str, mode: &str) -> zbus::Result<String>;
    fn decline(&self, call: &str) -> zbus::Result<String>;
    fn end(&self, call: &str) -> zbus::Result<String>;
    fn set_held(&self, call: &str, on: bool) -> zbus::Result<String>;
    fn merge(&self, call: &str, with: &str) -> zbus::Result<String>;
    fn end_group(&self, call: &str) -> zbus::Result<String>;
    fn set_video(&self, call: &str, on: bool) -> zbus::Result<String>;
    fn play_digits(&self, call: &str, digits: &str) -> zbus::Result<String>;
    fn set_route(&self, endpoint: &str) -> zbus::Result<()>;
    fn set_do_not_disturb(&self, on: bool, until: i64) -> zbus::Result<()>;
    fn set_blocked(&self, handle_kind: &str, handle: &str, on: bool) -> zbus::Result<()>;
    fn set_allowed(&self, handle_kind: &str, handle: &str, on: bool) -> zbus::Result<()>;
    fn set_restricted(&self, on: bool) -> zbus::Result<()>;
    fn set_protected(&self, app: &str, on: bool) -> zbus::Result<()>;
    fn set_second_calls(&self, rule: &str, app: &str) -> zbus::Result<()>;
    fn interrupt(&self, reason: &str, began: bool) -> zbus::Result<()>;
    fn rules(&self) -> zbus::Result<String>;
    fn dial(
        &self,
        app: &str,
        handle_kind: &str,
        handle: &str,
        options: std::collections::HashMap<&str, zbus::Variant<'_>>,
    ) -> zbus::Result<(String, String)>;
    fn state(&self) -> zbus::Result<String>;
    fn watch(&self) -> zbus::Result<String>;
    fn recents(&self, filter: &str, limit: u32) -> zbus::Result<String>;
    fn record(&self, with_names: bool) -> zbus::Result<String>;
    fn callers(&self) -> zbus::Result<String>;
    fn ui_address(&self) -> zbus::Result<String>;
    #[zbus(signal)]
    fn state_changed(&self, revision: u64, state: &str) -> zbus::Result<()>;
    #[zbus(signal)]
    fn transaction_finished(&self, transaction: &str, complete: bool) -> zbus::Result<()>;
    #[zbus(signal)]
    fn action_dropped(
        &self,
        transaction: &str,
        call: &str,
        action: &str,
        reason: &str,
    ) -> zbus::Result<()>;
    #[zbus(signal)]
    fn recents_changed(&self, revision: u64) -> zbus::Result<()>;
}

/// A running daemon.
pub struct World {
    pub bed: Bed,
    pub bus: PrivateBus,
    pub daemon: Process,
    pub hand: Hand,
}

/// A connection of the user's hand.
pub struct Hand {
    pub connection: Connection,
    pub controller: ControllerProxy<'static>,
}

impl World {
    /// Starts everything with a configuration.
    pub async fn start(config: &str) -> Self {
        let bed = Bed::new();
        let bus = PrivateBus::start(&bed);
        Self::start_on(bed, bus, config).await
    }

    /// Starts the daemon on a bus that is there.
    pub async fn start_on(bed: Bed, bus: PrivateBus, config: &str) -> Self {
        let daemon = start_daemon(&bed, bus.env(), config);
        let hand = Hand::on(bus.address()).await;
        Self {
            bed,
            bus,
            daemon,
            hand,
        }
    }

    /// Starts the example app as a process.
    pub fn spawn_app(&self, args: &[&str]) -> Process {
        let mut command = Command::new(app_path());
        command.args(args).envs(self.bed.env()).envs(self.bus.env());
        let app = Process::spawn("provider_app", command);
        app.wait_for_line("registered", HANG);
        app
    }
}

impl Hand {
    pub async fn on(address: &str) -> Self {
        let connection = connect(address).await;
        let controller = ControllerProxy::new(&connection).await.expect("a proxy");
        Self {
            connection,
            controller,
        }
    }

    /// The state document.
    pub async fn state(&self) -> Value {
        let text = self.controller.state().await.expect("the state");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Waits until the state is as wanted.
    pub async fn wait(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait_within(HANG, what, wanted).await
    }

    /// The same with a deadline.
    pub async fn wait_within(
        &self,
        within: Duration,
        what: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let mut changes = self
            .controller
            .receive_state_changed()
            .await
            .expect("a stream");
        // Anew each time: the daemon may be another one than before.
        let text = self.controller.watch().await.expect("the state");
        let mut last: Value = serde_json::from_str(&text).expect("JSON");
        let deadline = tokio::time::Instant::now() + within;
        while !wanted(&last) {
            match tokio::time::timeout_at(deadline, changes.next()).await {
                Ok(Some(change)) => {
                    let args = change.args().expect("a state");
                    last = serde_json::from_str(args.state()).expect("JSON");
                }
                Ok(None) => panic!("the daemon went away while waiting for {what}"),
                Err(_) => panic!("waited {within:?} in vain for {what}; the state is {last:#}"),
            }
        }
        last
    }

    /// Waits until a call is in a phase.
    pub async fn wait_phase(&self, call: &str, phase: &str) -> Value {
        self.wait(&format!("{call} to be {phase}"), |state| {
            find(state, call).is_some_and(|found| found["phase"]["name"] == phase)
        })
        .await
    }

    /// Waits until a call is gone.
    pub async fn wait_gone(&self, call: &str) -> Value {
        self.wait(&format!("{call} to end"), |state| {
            find(state, call).is_none()
        })
        .await
    }

    /// Waits for a number of recents.
    pub async fn recents(&self, count: usize) -> Vec<Value> {
        self.recents_of("all", count).await
    }

    /// Waits for a number of recents that a filter lets through.
    pub async fn recents_of(&self, filter: &str, count: usize) -> Vec<Value> {
        let mut changes = self
            .controller
            .receive_recents_changed()
            .await
            .expect("a stream");
        self.controller.watch().await.expect("the state");
        loop {
            let text = self.controller.recents(filter, 50).await.expect("recents");
            let entries: Vec<Value> = serde_json::from_str(&text).expect("JSON");
            if entries.len() >= count {
                return entries;
            }
            let change = tokio::time::timeout(HANG, changes.next()).await;
            change.unwrap_or_else(|_| panic!("{count} recents never came: {text}"));
        }
    }
}

/// A call of the state document.
pub fn find<'s>(state: &'s Value, call: &str) -> Option<&'s Value> {
    let calls = state["calls"].as_array().expect("a list of calls");
    calls.iter().find(|found| found["id"] == call)
}

/// Starts the daemon and waits until it is ready.
pub fn start_daemon(bed: &Bed, bus: Vec<(String, String)>, config: &str) -> Process {
    let daemon = spawn_daemon(bed, bus, config, &["--port", "0"]);
    daemon.wait_for_line("ready in", HANG);
    daemon
}

/// Starts the daemon.
pub fn spawn_daemon(bed: &Bed, bus: Vec<(String, String)>, config: &str, args: &[&str]) -> Process {
    let folder = bed.path().join("config/hookswitch");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("hookswitchd.toml"), config).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookswitchd"));
    command.args(args).envs(bed.env()).envs(bus);
    match config.contains("log = ") {
        true => command.env_remove("HOOKSWITCH_LOG"),
        false => command.env("HOOKSWITCH_LOG", "debug,zbus=warn"),
    };
    Process::spawn("hookswitchd", command)
}

/// The example app, which is built with the tests.
pub fn app_path() -> PathBuf {
    let daemon = PathBuf::from(env!("CARGO_BIN_EXE_hookswitchd"));
    let path = daemon.with_file_name("examples").join("provider_app");
    assert!(path.exists(), "run `cargo build -p hookswitchd --examples`");
    path
}

pub async fn connect(address: &str) -> Connection {
    let connecting = connection::Builder::address(address).build();
    let connected = tokio::time::timeout(HANG, connecting).await;
    connected.expect("in time").expect("a bus")
}
