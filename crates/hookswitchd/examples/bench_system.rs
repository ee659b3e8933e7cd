//! What the whole call system costs over D-Bus: hold-then-answer across two apps, an app that dies,
//! an app that hangs, 1,000 live calls of 50 apps.
//!
//! Runs a private bus and the daemon beside this program. The floor, an empty round trip to the
//! same daemon (`org.freedesktop.DBus.Peer.Ping`), is measured between the rounds. Prints a table,
//! or JSON with `--json`.
//!
//! `cargo build --release -p hookswitchd --bins --examples && cargo run --release -p hookswitchd
//! --example bench_system`

use std::collections::HashMap;
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use hookswitch_testbed::{Bed, PrivateBus, Process};
use tokio::sync::mpsc;
use zbus::{Connection, OwnedVariant, Variant, connection, interface};

const ROUNDS: usize = 300;
const DEATHS: usize = 20;
const APPS: usize = 50;
const CALLS_OF_EACH: usize = 20;
const HANG: Duration = Duration::from_secs(60);
const BUS_NAME: &str = "org.hookswitch.Calls1";
const OBJECT: &str = "/org/hookswitch/Calls1";
/// Room for the crowd; the shipped limits are smaller.
const CONFIG: &str = "[limits]\ncalls = 1100\nringing = 1100\n";

#[zbus::proxy(
    interface = "org.hookswitch.Calls1.Provider",
    default_service = "org.hookswitch.Calls1",
    default_path = "/org/hookswitch/Calls1"
)]
trait Provider {
    fn register(
        &self,
        app: &str,
        configuration: HashMap<&str, Variant<'_>>,
    ) -> zbus::Result<(u64, Vec<(String, String)>)>;
    fn report_incoming(
        &self,
        key: &str,
        update: HashMap<&str, Variant<'_>>,
    ) -> zbus::Result<(String, bool)>;
    fn report_ended(&self, call: &str, reason: &str) -> zbus::Result<()>;
}

#[zbus::proxy(
    interface = "org.hookswitch.Calls1.Controller",
    default_service = "org.hookswitch.Calls1",
    default_path = "/org/hookswitch/Calls1"
)]
trait Controller {
    fn answer(&self, call: &str, mode: &str) -> zbus::Result<String>;
    fn set_held(&self, call: &str, on: bool) -> zbus::Result<String>;
    fn state(&self) -> zbus::Result<String>;
    fn watch(&self) -> zbus::Result<String>;
    #[zbus(signal)]
    fn state_changed(&self, revision: u64, state: &str) -> zbus::Result<()>;
}

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
        #[zbus(connection)] connection: &Connection,
    ) {
        if self.hangs {
            return;
        }
        let connection = connection.clone();
        tokio::spawn(async move {
            let (provider, body) = (Some("org.hookswitch.Calls1.Provider"), (ask, 0i64));
            let told = connection.call_method(Some(BUS_NAME), OBJECT, provider, "Fulfill", &body);
            told.await.map(drop)
        });
    }

    async fn audio_activated(&self, _call: String) {
        // An error means that nobody measures.
        let _ = self.audio.send((Instant::now(), true));
    }

    async fn audio_deactivated(&self, _call: String) {
        let _ = self.audio.send((Instant::now(), false));
    }

    async fn call_ended(&self, _call: String, _key: String, _reason: String) {}
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

/// Times of one kind, sorted.
struct Times(Vec<Duration>);

impl Times {
    fn new(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    fn at(&self, percent: usize) -> f64 {
        let index = (self.0.len() * percent / 100).min(self.0.len() - 1);
        self.0[index].as_secs_f64() * 1e6
    }
}

/// A name, the times, and the floor of the same rounds.
type Row = (&'static str, Times);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    let daemon = start(&bed, &bus);
    let address = bus.address().to_owned();
    let mut rows: Vec<Row> = Vec::new();
    two_apps(&address, &mut rows).await.expect("the bus works");
    deaths(&bed, &bus, &mut rows).await.expect("the bus works");
    hung(&address, &mut rows).await.expect("the bus works");
    let alone = rss_kib(daemon.pid());
    let all = crowd(&address, &mut rows).await.expect("the bus works");
    let full = rss_kib(daemon.pid());
    let json = std::env::args().any(|arg| arg == "--json");
    print(
        &rows,
        json,
        &[
            (
                "crowd: all 1,000 calls reported, ms",
                all.as_millis() as u64,
            ),
            ("resident memory before the crowd, KiB", alone),
            ("resident memory with 1,000 live calls, KiB", full),
        ],
    );
}

fn program(name: &str) -> std::path::PathBuf {
    let example = std::env::current_exe().expect("this program has a path");
    let examples = example
        .parent()
        .expect("target/PROFILE/examples")
        .to_owned();
    match name {
        "hookswitchd" => examples.parent().expect("target/PROFILE").join(name),
        name => examples.join(name),
    }
}

fn start(bed: &Bed, bus: &PrivateBus) -> Process {
    let folder = bed.path().join("config/hookswitch");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("hookswitchd.toml"), CONFIG).expect("a file");
    let mut command = Command::new(program("hookswitchd"));
    command.args(["--port", "0", "--json"]);
    command.envs(bed.env()).envs(bus.env());
    command.env("HOOKSWITCH_LOG", "info,zbus=warn");
    let daemon = Process::spawn("hookswitchd", command);
    daemon.wait_for_line("\"event\":\"ready\"", HANG);
    daemon
}

async fn ping(hand: &Connection) -> zbus::Result<Duration> {
    let began = Instant::now();
    let peer = Some("org.freedesktop.DBus.Peer");
    hand.call_method(Some(BUS_NAME), OBJECT, peer, "Ping", &())
        .await?;
    Ok(began.elapsed())
}

/// Hold & Answer: from the user's press until the second app has the audio.
async fn two_apps(address: &str, rows: &mut Vec<Row>) -> zbus::Result<()> {
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
    rows.push(("empty round trip (floor)", Times::new(floor)));
    rows.push(("Hold & Answer until the audio is there", Times::new(times)));
    Ok(())
}

/// From SIGKILL of the app on the line until the other's call may ring and be answered freely.
async fn deaths(bed: &Bed, bus: &PrivateBus, rows: &mut Vec<Row>) -> zbus::Result<()> {
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
    rows.push(("app killed, until others are unblocked", Times::new(times)));
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
async fn hung(address: &str, rows: &mut Vec<Row>) -> zbus::Result<()> {
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
        zbus::Result::Ok(Times::new(times))
    };
    let alone = rounds("alone").await?;
    let call = hung.ring("hung").await?;
    controller.answer(&call, "auto").await?;
    let beside = rounds("beside").await?;
    hung.provider.report_ended(&call, "failed").await?;
    rows.push(("report until its reply, no app hangs", alone));
    rows.push(("the same while another app hangs", beside));
    Ok(())
}

/// 50 apps with 20 calls each, all live at once.
async fn crowd(address: &str, rows: &mut Vec<Row>) -> zbus::Result<Duration> {
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
    rows.push((
        "report until its reply, first 900 of 1,000",
        Times::new(times),
    ));
    rows.push(("the same, last 100 of 1,000", Times::new(last)));
    Ok(all)
}

fn rss_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

fn print(rows: &[Row], json: bool, figures: &[(&str, u64)]) {
    let (p50, p99) = (rows[0].1.at(50), rows[0].1.at(99));
    if json {
        let mut document = serde_json::Map::new();
        for (label, times) in rows {
            let row = serde_json::json!({
                "n": times.0.len(), "p50_us": times.at(50), "p99_us": times.at(99),
                "p50_ratio": times.at(50) / p50, "p99_ratio": times.at(99) / p99,
            });
            document.insert((*label).to_owned(), row);
        }
        for (label, value) in figures {
            document.insert((*label).to_owned(), (*value).into());
        }
        println!("{}", serde_json::Value::Object(document));
        return;
    }
    println!(
        "{:<44}{:>6}{:>10}{:>10}{:>9}{:>9}",
        "", "n", "p50 us", "p99 us", "p50 x", "p99 x"
    );
    for (label, times) in rows {
        let (mid, high) = (times.at(50), times.at(99));
        println!(
            "{label:<44}{:>6}{mid:>10.0}{high:>10.0}{:>9.1}{:>9.1}",
            times.0.len(),
            mid / p50,
            high / p99
        );
    }
    for (label, value) in figures {
        println!("{label:<50}{value:>10}");
    }
}
