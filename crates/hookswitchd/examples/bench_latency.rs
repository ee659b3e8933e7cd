//! What the daemon adds to a D-Bus round trip, and how long it takes to start.
//!
//! Runs a private bus and the daemon beside this program, and measures in one run, interleaved:
//! the floor (an empty round trip to the same daemon, `org.freedesktop.DBus.Peer.Ping`), from a
//! report to the signal that it rings, and from "answer" to the ask that reaches the app. Prints a
//! table, or JSON with `--json`.
//!
//! `cargo build --release -p hookswitchd && cargo run --release -p hookswitchd --example
//! bench_latency`

use std::collections::HashMap;
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use hookswitch_testbed::{Bed, PrivateBus, Process};
use tokio::sync::mpsc;
use zbus::{Connection, OwnedVariant, Variant, connection, interface};

const WARM_UP: usize = 50;
const ROUNDS: usize = 1_000;
const COLD_STARTS: usize = 20;
/// Empty round trips before each measurement, so that all three begin with a quiet daemon.
const SETTLE: usize = 5;
const HANG: Duration = Duration::from_secs(10);
const BUS_NAME: &str = "org.hookswitch.Calls1";
const OBJECT: &str = "/org/hookswitch/Calls1";

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
    fn fulfill(&self, ask: &str, at: i64) -> zbus::Result<()>;
}

#[zbus::proxy(
    interface = "org.hookswitch.Calls1.Controller",
    default_service = "org.hookswitch.Calls1",
    default_path = "/org/hookswitch/Calls1"
)]
trait Controller {
    fn answer(&self, call: &str, mode: &str) -> zbus::Result<String>;
    fn watch(&self) -> zbus::Result<String>;
    #[zbus(signal)]
    fn state_changed(&self, revision: u64, state: &str) -> zbus::Result<()>;
}

struct App(mpsc::UnboundedSender<(Instant, String)>);

#[interface(name = "org.hookswitch.App1", spawn = false)]
impl App {
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
    ) {
        // An error means that the run is over.
        let _ = self.0.send((Instant::now(), ask));
    }

    async fn audio_activated(&self, _call: String, _cursor: u64, _at: i64, _replayed: bool) {}

    async fn audio_deactivated(&self, _call: String, _cursor: u64, _at: i64, _replayed: bool) {}
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

struct Results {
    floor: Times,
    ring: Times,
    answer: Times,
    cold: Times,
    rss_kib: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    let cold = cold_starts(&bed, &bus);
    let daemon = start(&bed, &bus);
    let (floor, ring, answer) = latencies(bus.address()).await.expect("the bus works");
    let results = Results {
        floor,
        ring,
        answer,
        cold,
        rss_kib: rss_kib(daemon.pid()),
    };
    print(&results, std::env::args().any(|arg| arg == "--json"));
}

fn start(bed: &Bed, bus: &PrivateBus) -> Process {
    let example = std::env::current_exe().expect("this program has a path");
    let target = example.parent().and_then(|examples| examples.parent());
    let path = target.expect("target/PROFILE/examples").join("hookswitchd");
    let mut command = Command::new(path);
    command.args(["--port", "0", "--json"]);
    command
        .envs(bed.env())
        .envs(bus.env())
        .env("HOOKSWITCH_LOG", "info,zbus=warn");
    let daemon = Process::spawn("hookswitchd", command);
    daemon.wait_for_line("\"event\":\"ready\"", HANG);
    daemon
}

fn cold_starts(bed: &Bed, bus: &PrivateBus) -> Times {
    let one = |_| {
        let began = Instant::now();
        let mut daemon = start(bed, bus);
        let took = began.elapsed();
        daemon.stop();
        took
    };
    Times::new((0..COLD_STARTS).map(one).collect())
}

async fn latencies(address: &str) -> zbus::Result<(Times, Times, Times)> {
    let (sender, mut asks) = mpsc::unbounded_channel();
    let app = connection::Builder::address(address)
        .serve_at("/org/hookswitch/App1", App(sender))
        .name("org.example.Bench")
        .build()
        .await?;
    let provider = ProviderProxy::new(&app).await?;
    let name = HashMap::from([("name", Variant::from("Bench"))]);
    provider.register("org.example.Bench", name).await?;
    let hand = connection::Builder::address(address).build().await?;
    let controller = ControllerProxy::new(&hand).await?;
    let mut changes = controller.receive_state_changed().await?;
    controller.watch().await?;
    let (mut floor, mut ring, mut answer) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..WARM_UP + ROUNDS {
        let call = format!("00000000-0000-4000-8000-{round:012x}");
        let empty = quiet(&hand).await?;
        let began = Instant::now();
        let report = provider.report_incoming(&call, HashMap::new());
        let (reported, rang) = tokio::join!(report, until(&mut changes, &call, true));
        reported?;
        let ringing = rang.duration_since(began);
        quiet(&hand).await?;
        let began = Instant::now();
        let (answered, asked) = tokio::join!(controller.answer(&call, "auto"), asks.recv());
        answered?;
        let (at, ask) = asked.expect("the app is connected");
        provider.fulfill(&ask, 0).await?;
        provider.report_ended(&call, "remote-hangup").await?;
        until(&mut changes, &call, false).await;
        if round >= WARM_UP {
            floor.push(empty);
            ring.push(ringing);
            answer.push(at.duration_since(began));
        }
    }
    Ok((Times::new(floor), Times::new(ring), Times::new(answer)))
}

/// Empty round trips until what came before is over; returns the time of the last one.
async fn quiet(hand: &Connection) -> zbus::Result<Duration> {
    for _ in 1..SETTLE {
        ping(hand).await?;
    }
    ping(hand).await
}

async fn ping(hand: &Connection) -> zbus::Result<Duration> {
    let began = Instant::now();
    let peer = Some("org.freedesktop.DBus.Peer");
    hand.call_method(Some(BUS_NAME), OBJECT, peer, "Ping", &())
        .await?;
    Ok(began.elapsed())
}

/// Waits until the published calls hold the call, or hold it no more.
async fn until(changes: &mut StateChangedStream, call: &str, there: bool) -> Instant {
    let id = format!("\"id\":\"{call}\"");
    loop {
        let change = changes.next().await.expect("the daemon runs");
        let at = Instant::now();
        let args = change.args().expect("a state");
        if args.state().contains(&id) == there {
            return at;
        }
    }
}

fn rss_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

fn print(results: &Results, json: bool) {
    let rows = [
        ("empty round trip (floor)", "floor", &results.floor),
        ("report to ringing signal", "report_to_ring", &results.ring),
        ("answer to ask at the app", "answer_to_ask", &results.answer),
        ("cold start to ready", "cold_start", &results.cold),
    ];
    let (p50, p99) = (results.floor.at(50), results.floor.at(99));
    if json {
        let mut document = serde_json::Map::new();
        for (_, key, times) in rows {
            let row = serde_json::json!({
                "n": times.0.len(), "p50_us": times.at(50), "p99_us": times.at(99),
                "p50_ratio": times.at(50) / p50, "p99_ratio": times.at(99) / p99,
            });
            document.insert(key.to_owned(), row);
        }
        document.insert("rss_kib".to_owned(), results.rss_kib.into());
        println!("{}", serde_json::Value::Object(document));
        return;
    }
    println!(
        "{:<28}{:>6}{:>12}{:>12}{:>10}{:>10}",
        "", "n", "p50 us", "p99 us", "p50 x", "p99 x"
    );
    for (label, _, times) in rows {
        let (mid, high) = (times.at(50), times.at(99));
        println!(
            "{label:<28}{:>6}{mid:>12.0}{high:>12.0}{:>10.2}{:>10.2}",
            times.0.len(),
            mid / p50,
            high / p99
        );
    }
    println!(
        "resident memory of the daemon after the run: {} KiB",
        results.rss_kib
    );
}
