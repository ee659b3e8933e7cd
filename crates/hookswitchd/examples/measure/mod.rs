//! What the benchmarks share: the daemon under test, the floor, and the table of times.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use hookswitch_testbed::{Bed, PrivateBus, Process};
use zbus::Connection;

/// A hang bound, not a measurement.
pub const HANG: Duration = Duration::from_secs(60);

/// Times of one kind, sorted.
pub struct Times(Vec<Duration>);

impl Times {
    pub fn new(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    /// The time below which so many of a hundred are, in microseconds.
    fn at(&self, percent: usize) -> f64 {
        let index = (self.0.len() * percent / 100).min(self.0.len() - 1);
        self.0[index].as_secs_f64() * 1e6
    }
}

/// What was measured, for people; its key in JSON; and the value.
pub type Row<T> = (&'static str, &'static str, T);

/// A program that was built beside the examples, or an example.
pub fn program(name: &str) -> PathBuf {
    let example = std::env::current_exe().expect("this program has a path");
    let examples = example.parent().expect("target/PROFILE/examples");
    let profile = examples.parent().expect("target/PROFILE");
    let path = profile.join(name);
    if path.exists() {
        path
    } else {
        examples.join(name)
    }
}

/// Starts the daemon and waits until it is ready.
pub fn start(bed: &Bed, bus: &PrivateBus) -> Process {
    let mut command = Command::new(program("hookswitchd"));
    command.args(["--port", "0", "--json"]);
    command.envs(bed.env()).envs(bus.env());
    command.env("HOOKSWITCH_LOG", "info,zbus=warn");
    let daemon = Process::spawn("hookswitchd", command);
    daemon.wait_for_line("\"event\":\"ready\"", HANG);
    daemon
}

/// The floor: an empty round trip to the daemon.
pub async fn ping(hand: &Connection) -> zbus::Result<Duration> {
    let began = Instant::now();
    let (daemon, object) = (Some("org.hookswitch.Calls1"), "/org/hookswitch/Calls1");
    let peer = Some("org.freedesktop.DBus.Peer");
    hand.call_method(daemon, object, peer, "Ping", &()).await?;
    Ok(began.elapsed())
}

/// Resident memory of a process.
pub fn rss_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// Prints a table, or JSON with `--json`. The first row is the floor.
pub fn print(rows: &[Row<Times>], figures: &[Row<u64>]) {
    let (p50, p99) = (rows[0].2.at(50), rows[0].2.at(99));
    if std::env::args().any(|arg| arg == "--json") {
        let mut document = serde_json::Map::new();
        for (_, key, times) in rows {
            let row = serde_json::json!({
                "n": times.0.len(), "p50_us": times.at(50), "p99_us": times.at(99),
                "p50_ratio": times.at(50) / p50, "p99_ratio": times.at(99) / p99,
            });
            document.insert((*key).to_owned(), row);
        }
        for (_, key, value) in figures {
            document.insert((*key).to_owned(), (*value).into());
        }
        println!("{}", serde_json::Value::Object(document));
        return;
    }
    println!(
        "{:<44}{:>6}{:>10}{:>10}{:>9}{:>9}",
        "", "n", "p50 us", "p99 us", "p50 x", "p99 x"
    );
    for (label, _, times) in rows {
        let (mid, high) = (times.at(50), times.at(99));
        println!(
            "{label:<44}{:>6}{mid:>10.0}{high:>10.0}{:>9.1}{:>9.1}",
            times.0.len(),
            mid / p50,
            high / p99
        );
    }
    for (label, _, value) in figures {
        println!("{label:<50}{value:>10}");
    }
}
