//! What the daemon adds to a D-Bus round trip, and how long it takes to start.
//!
//! Runs a private bus and the daemon beside this program, and measures in one run, interleaved:
//! the floor (an empty round trip to the same daemon, `org.freedesktop.DBus.Peer.Ping`), from a
//! report to the signal that it rings, and from "answer" to the ask that reaches the app. Prints a
//! table, or JSON with `--json`.
//!
//! `cargo build --release -p hookswitchd && cargo run --release -p hookswitchd --example
//! bench_latency`

mod contract;
mod measure;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use contract::{ControllerProxy, ProviderProxy, StateChangedStream};
use futures_util::StreamExt;
use hookswitch_testbed::{Bed, PrivateBus};
use measure::{Times, ping, print, rss_kib, start};
use tokio::sync::mpsc;
use zbus::{Connection, OwnedVariant, Variant, connection, interface};

const WARM_UP: usize = 50;
const ROUNDS: usize = 1_000;
const COLD_STARTS: usize = 20;
/// Empty round trips before each measurement, so that all three begin with a quiet daemon.
const SETTLE: usize = 5;

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

/// Nobody presses buttons as fast as this program does.
const CONFIG: &str = "[limits]\nreport-rate = 100000\nrequest-rate = 100000\n";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    let folder = bed.path().join("config/hookswitch");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("hookswitchd.toml"), CONFIG).expect("a file");
    let cold = cold_starts(&bed, &bus);
    let daemon = start(&bed, &bus);
    let (floor, ring, answer) = latencies(bus.address()).await.expect("the bus works");
    let rows = [
        ("empty round trip (floor)", "floor", floor),
        ("report to ringing signal", "report_to_ring", ring),
        ("answer to ask at the app", "answer_to_ask", answer),
        ("cold start to ready", "cold_start", cold),
    ];
    let memory = rss_kib(daemon.pid());
    print(
        &rows,
        &[(
            "resident memory of the daemon after the run, KiB",
            "rss_kib",
            memory,
        )],
    );
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
