//! An app that floods is told to wait; other apps' reports go through, and memory is bounded.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use zbus::message::Flags;
use zbus::{Message, Variant};

use crate::app::App;
use crate::world::World;

const CONFIG: &str = "[limits]\nreport-rate = 100\nrate-burst = 1000\n";
const ROUNDS: usize = 40;
/// A bound on hangs. A person would expect far less; the machine of the test may be busy, and the
/// flood takes a whole processor of it. What it costs is measured in `docs/benchmarks.md`.
const BOUND: Duration = Duration::from_secs(20);
const GROWTH_MAX_KIB: u64 = 64 * 1024;

/// Sends reports without an end, none of which waits for its reply; then asks once more. Gives how
/// many it sent, and the refusal with the time to wait.
async fn flood(address: &str, stop: &AtomicBool) -> (usize, String, u64) {
    let app = App::register(address, "org.example.Flood").await;
    let call = app.ring("flood", "Ana").await;
    let connection = app.provider.inner().connection().clone();
    let update = HashMap::from([("name", Variant::from("Omar"))]);
    let message = || {
        let builder = Message::method_call("/org/hookswitch/Calls1", "ReportUpdated");
        let builder = builder.destination("org.hookswitch.Calls1");
        let builder = builder.interface("org.hookswitch.Calls1.Provider");
        let builder = builder.with_flags(Flags::NO_REPLY_EXPECTED);
        builder.build(&(&call, &update)).expect("a message")
    };
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) {
        let report = message();
        connection.send(&report).await.expect("sent");
        sent += 1;
    }
    loop {
        let (bus, path) = ("org.hookswitch.Calls1", "/org/hookswitch/Calls1");
        let interface = Some("org.hookswitch.Calls1.Provider");
        let body = (&call, &update);
        let reply = connection.call_method(Some(bus), path, interface, "ReportUpdated", &body);
        if let Err(zbus::Error::MethodError(name, _, reply)) = reply.await {
            let (_, wait): (String, u64) = reply.body().deserialize().expect("text and time");
            let ended = app.provider.report_ended(&call, "remote-hangup").await;
            ended.expect("the end of a call gets through");
            return (sent, name.to_string(), wait);
        }
    }
}

#[tokio::test]
async fn an_app_that_floods_is_told_to_wait_and_delays_nobody() {
    let world = World::start(CONFIG).await;
    let other = App::register(world.bus.address(), "org.example.Other").await;
    let before = rss_kib(world.daemon.pid());
    let stop = Arc::new(AtomicBool::new(false));
    let (address, told) = (world.bus.address().to_owned(), stop.clone());
    let flooding = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(flood(&address, &told))
    });
    world
        .hand
        .wait("the flood's call", |state| {
            state["calls"]
                .as_array()
                .is_some_and(|calls| !calls.is_empty())
        })
        .await;
    let mut slowest = Duration::ZERO;
    for round in 0..ROUNDS {
        let began = Instant::now();
        let call = other.ring(&format!("c{round}"), "Omar").await;
        slowest = slowest.max(began.elapsed());
        let ended = other
            .provider
            .report_ended(&call, "canceled-by-caller")
            .await;
        ended.expect("reported");
    }
    let grown = rss_kib(world.daemon.pid()).saturating_sub(before);
    stop.store(true, Ordering::Relaxed);
    let (sent, name, wait) = flooding.join().expect("it floods");
    assert!(sent > ROUNDS * 10, "only {sent} were sent");
    assert_eq!(name, "org.hookswitch.Calls1.Error.RateLimited");
    assert!((1..=1_000).contains(&wait), "{wait} ms");
    assert!(
        slowest < BOUND,
        "a report took {slowest:?} beside {sent} others"
    );
    assert!(grown < GROWTH_MAX_KIB, "grew by {grown} KiB");
}

fn rss_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .expect("a number")
}
