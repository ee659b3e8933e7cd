//! What the whole call system costs over D-Bus: hold-then-answer across two apps, an app that dies,
//! an app that hangs, 1,000 live calls of 50 apps.
//!
//! Runs a private bus and the daemon beside this program. The floor, an empty round trip to the
//! same daemon (`org.freedesktop.DBus.Peer.Ping`), is measured between the rounds. Prints a table,
//! or JSON with `--json`.
//!
//! `cargo build --release -p hookswitchd --bins --examples && cargo run --release -p hookswitchd
//! --example bench_system`

mod contract;
mod measure;

use std::collections::HashMap;
use std::process::Command;
use std::time::{Duration, Instant};

use contract::{ControllerProxy, ProviderProxy, StateChangedStream};
use futures_util::StreamExt;
use hookswitch_testbed::{Bed, PrivateBus, Process};
use measure::{HANG, Row, Times, ping, print, program, rss_kib, start};
use tokio::sync::mpsc;
use zbus::{Connection, OwnedVariant, Variant, connection, interface};

const ROUNDS: usize = 300;
const DEATHS: usize = 20;
const APPS: usize = 50;
const CALLS_OF_EACH: usize = 20;
/// Room for the crowd; the shipped limits are smaller.
const CONFIG: &str = "[limits]\ncalls = 1100\nringing = 1100\nreport-rate = 100000\n\
    request-rate = 100000\n";

/// An app that fulfills at once, or never.
struct Side {
    hangs: bool,
    audio: mpsc::UnboundedSender<(Instant, bool)>,
}

#[interface(name = "org.hookswitch.App1", spawn = false)]
impl Side {
    #[allow(clippy::too_many_arguments)]
    async fn perform(
        &self,
        ask: String,
        _transaction: String,
        _call: String,
        _key: String,
        _action: String,
        _details: HashMap<String, OwnedVariant>,
        _deadline_ms: u64,
        _cursor: u64,
        _at: i64,
        _replayed: bool,
        #[zbus(connection)] connection: &Connection,
    ) {
        if self.hangs {
            return;
        }
        let connection = connection.clone();
        tokio::spawn(async move {
            let provider = ProviderProxy::new(&connection).await?;
            provider.fulfill(&ask, 0).await
        });
    }

    async fn audio_activated(&self, _call: String, _cursor: u64, _at: i64, _replayed: bool) {
        // An error means that nobody measures.
        let _ = self.audio.send((Instant::now(), true));
    }

    async fn audio_deactivated(&self, _call: String, _cursor: u64, _at: i64, _replayed: bool) {
        let _ = self.audio.send((Instant::now(), false));
    }

    async fn call_ended(
        &self,
        _call: String,
        _key: String,
        _reason: String,
        _cursor: u64,
        _at: i64,
        _replayed: bool,
    ) {
    }
}

/// One app on a connection of its own.
struct App {
    provider: ProviderProxy<'static>,
    audio: mpsc::UnboundedReceiver<(Instant, bool)>,
}

impl App {
    async fn new(address: &str, name: &str, hangs: bool) -> zbus::Result<Self> {
        let (sender, audio) = mpsc::unbounded_channel();
        let side = Side {
            hangs,
            audio: sender,
        };
        let connection = connection::Builder::address(address)
            .serve_at("/org/hookswitch/App1", side)
            .name(name)
            .build()
            .await?;
        let provider = ProviderProxy::new(&connection).await?;
        let configuration = HashMap::from([("name", Variant::from("Bench"))]);
        provider.register(name, configuration).await?;
        Ok(Self { provider, audio })
    }

    async fn ring(&self, key: &str) -> zbus::Result<String> {
        let update = HashMap::new();
        Ok(self.provider.report_incoming(key, update).await?.0)
    }

    /// When it was told that it has the audio, or has it no more.
    async fn told(&mut self, on: bool) -> Instant {
        loop {
            let told = tokio::time::timeout(HANG, self.audio.recv()).await;
            let (at, now) = told.expect("in time").expect("the app is connected");
            if now == on {
                return at;
            }
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    configure(&bed);
    let daemon = start(&bed, &bus);
    let address = bus.address().to_owned();
    let mut rows: Vec<Row<Times>> = Vec::new();
    two_apps(&address, &mut rows).await.expect("the bus works");
    deaths(&bed, &bus, &mut rows).await.expect("the bus works");
    hung(&address, &mut rows).await.expect("the bus works");
    let alone = rss_kib(daemon.pid());
    let all = crowd(&address, &mut rows).await.expect("the bus works");
    let full = rss_kib(daemon.pid());
    let figures = [
        (
            "crowd: all 1,000 calls reported, ms",
            all.as_millis() as u64,
        ),
        ("resident memory before the crowd, KiB", alone),
        ("resident memory with 1,000 live calls, KiB", full),
    ];
    print(&rows, &figures.map(|(label, value)| (label, label, value)));
}

/// Writes the configuration that the daemon will read.
fn configure(bed: &Bed) {
    let folder = bed.path().join("config/hookswitch");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("hookswitchd.toml"), CONFIG).expect("a file");
}

/// A row whose words are its key.
fn row(label: &'static str, times: Vec<Duration>) -> Row<Times> {
    (label, label, Times::new(times))
}

/// Hold & Answer: from the user's press until the second app has the audio.
async fn two_apps(address: &str, rows: &mut Vec<Row<Times>>) -> zbus::Result<()> {
    let mut a = App::new(address, "org.example.A", false).await?;
    let mut b = App::new(address, "org.example.B", false).await?;
    let hand = connection::Builder::address(address).build().await?;
    let controller = ControllerProxy::new(&hand).await?;
    let first = a.ring("first").await?;
    controller.answer(&first, "auto").await?;
    a.told(true).await;
    let (mut floor, mut times) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let call = b.ring(&format!("b{round}")).await?;
        for _ in 0..3 {
            ping(&hand).await?;
        }
        floor.push(ping(&hand).await?);
        let began = Instant::now();
        controller.answer(&call, "hold").await?;
        times.push(b.told(true).await.duration_since(began));
        b.provider.report_ended(&call, "remote-hangup").await?;
        b.told(false).await;
        controller.set_held(&first, false).await?;
        a.told(true).await;
    }
    a.provider.report_ended(&first, "remote-hangup").await?;
    rows.push(row("empty round trip (floor)", floor));
    rows.push(row("Hold & Answer until the audio is there", times));
    Ok(())
}

/// From SIGKILL of the app on the line until the other's call may ring and be answered freely.
async fn deaths(bed: &Bed, bus: &PrivateBus, rows: &mut Vec<Row<Times>>) -> zbus::Result<()> {
    let hand = connection::Builder::address(bus.address()).build().await?;
    let controller = ControllerProxy::new(&hand).await?;
    let mut changes = controller.receive_state_changed().await?;
    controller.watch().await?;
    let other = App::new(bus.address(), "org.example.Other", false).await?;
    let mut times = Vec::new();
    for round in 0..DEATHS {
        let name = format!("org.example.Dies{round}");
        let mut command = Command::new(program("provider_app"));
        command.args([&name, "--incoming", "k", "Ana"]);
        command.envs(bed.env()).envs(bus.env());
        let mut app = Process::spawn("provider_app", command);
        let line = app.wait_for_line("reported ", HANG);
        let call = line.trim_start_matches("reported ").to_owned();
        controller.answer(&call, "auto").await?;
        app.wait_for_line("audio on", HANG);
        let waiting = other.ring(&format!("o{round}")).await?;
        until(&mut changes, |state| {
            state["ring"]["waiting"] == waiting || state["ring"].to_string().contains("waiting")
        })
        .await;
        let began = Instant::now();
        app.kill();
        let at = until(&mut changes, |state| {
            state["lease"].is_null() && !state["ring"].to_string().contains("waiting")
        })
        .await;
        times.push(at.duration_since(began));
        other
            .provider
            .report_ended(&waiting, "canceled-by-caller")
            .await?;
        until(&mut changes, |state| {
            state["calls"].as_array().is_some_and(Vec::is_empty)
        })
        .await;
    }
    rows.push(row("app killed, until others are unblocked", times));
    Ok(())
}

/// Waits until the published state is as wanted.
async fn until(
    changes: &mut StateChangedStream,
    wanted: impl Fn(&serde_json::Value) -> bool,
) -> Instant {
    loop {
        let change = tokio::time::timeout(HANG, changes.next()).await;
        let change = change.expect("in time").expect("the daemon runs");
        let at = Instant::now();
        let args = change.args().expect("a state");
        let state = serde_json::from_str(args.state()).expect("JSON");
        if wanted(&state) {
            return at;
        }
    }
}

/// Another app's report, from the call until the reply: alone, and beside an app that hangs.
async fn hung(address: &str, rows: &mut Vec<Row<Times>>) -> zbus::Result<()> {
    let hand = connection::Builder::address(address).build().await?;
    let controller = ControllerProxy::new(&hand).await?;
    let other = App::new(address, "org.example.Prompt", false).await?;
    let hung = App::new(address, "org.example.Hung", true).await?;
    let rounds = async |label: &str| {
        let mut times = Vec::new();
        for round in 0..ROUNDS {
            let began = Instant::now();
            let call = other.ring(&format!("{label}{round}")).await?;
            times.push(began.elapsed());
            other
                .provider
                .report_ended(&call, "canceled-by-caller")
                .await?;
        }
        zbus::Result::Ok(times)
    };
    let alone = rounds("alone").await?;
    let call = hung.ring("hung").await?;
    controller.answer(&call, "auto").await?;
    let beside = rounds("beside").await?;
    hung.provider.report_ended(&call, "failed").await?;
    rows.push(row("report until its reply, no app hangs", alone));
    rows.push(row("the same while another app hangs", beside));
    Ok(())
}

/// 50 apps with 20 calls each, all live at once.
async fn crowd(address: &str, rows: &mut Vec<Row<Times>>) -> zbus::Result<Duration> {
    let mut apps = Vec::new();
    for number in 0..APPS {
        apps.push(App::new(address, &format!("org.example.Crowd{number}"), false).await?);
    }
    let mut times = Vec::new();
    let began = Instant::now();
    for round in 0..CALLS_OF_EACH {
        for app in &apps {
            let start = Instant::now();
            app.ring(&format!("c{round}")).await?;
            times.push(start.elapsed());
        }
    }
    let all = began.elapsed();
    let hand = connection::Builder::address(address).build().await?;
    let state = ControllerProxy::new(&hand).await?.state().await?;
    let live = state.matches("\"phase\"").count();
    assert!(live >= APPS * CALLS_OF_EACH, "only {live} calls are live");
    let last = times.split_off(times.len() - 100);
    rows.push(row("report until its reply, first 900 of 1,000", times));
    rows.push(row("the same, last 100 of 1,000", last));
    Ok(all)
}
