//! Measures the core on one processor: events per second, memory per live call, scenarios and
//! worlds per second.
//!
//! `cargo run --release -p hookswitch-sim --example core_events [-- --json]`

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use hookswitch_core::{Core, Effect, Effects, Event, Outcome, Report, Request, Requester};
use hookswitch_model::{
    AnswerMode, AppId, AskId, CallId, CallKey, CallUpdate, ClientId, Configuration, EndReason,
    Limit, Limits, RequestId, Stamp, Text, Timestamp, Wall,
};
use hookswitch_sim::cli::{find, load};
use hookswitch_sim::explore::explore;
use hookswitch_sim::player::play;

const CLIENT: ClientId = ClientId(1);

/// Whole lives of calls in one measurement.
const LIVES: u64 = 200_000;

/// Calls alive at once for the memory figure.
const LIVE_CALLS: u64 = 10_000;

/// Drives a core without a simulated world around it.
struct Bench {
    core: Core,
    effects: Effects,
    request: u64,
    nanos: u64,
    events: u64,
    /// Takes the read model and what is to be kept after each step, as the daemon does.
    follows: bool,
}

impl Bench {
    fn new(mut limits: Limits) -> Self {
        // One app that does all this in an instant would be told to wait.
        for rate in [Limit::ReportRate, Limit::RequestRate] {
            limits.set(rate, u64::from(u32::MAX));
        }
        let mut bench = Self {
            core: Core::new(limits),
            effects: Effects::new(),
            request: 0,
            nanos: 0,
            events: 0,
            follows: false,
        };
        let name = Text::new("Bench").expect("a name");
        let mut configuration = Configuration::new(name);
        configuration.groups_max = u32::MAX;
        bench.report(Report::Register {
            app: AppId::new("org.example.Bench").expect("a bus name"),
            configuration,
        });
        bench
    }

    fn handle(&mut self, event: Event) {
        self.nanos += 1_000;
        self.events += 1;
        self.effects.clear();
        let millis = i64::try_from(self.nanos / 1_000_000).unwrap_or(i64::MAX);
        let at = Stamp::new(Timestamp::from_nanos(self.nanos), Wall::from_millis(millis));
        self.core.handle(at, event, &mut self.effects);
        black_box(&self.effects);
        if self.follows && matches!(self.effects.last(), Some(Effect::Publish { .. })) {
            black_box(self.core.publish());
            black_box(self.core.take_saved());
        }
    }

    fn report(&mut self, report: Report) {
        self.request += 1;
        let request = RequestId(self.request);
        self.handle(Event::Report {
            client: CLIENT,
            request,
            report,
        });
    }

    fn wish(&mut self, wish: Request) {
        self.request += 1;
        let request = RequestId(self.request);
        self.handle(Event::Request {
            from: Requester::User,
            request,
            wish,
        });
    }

    fn fulfill(&mut self) {
        let asked = self.effects.iter().find_map(|effect| {
            let Effect::Ask { ask, .. } = effect else {
                return None;
            };
            Some(ask.id)
        });
        let ask: AskId = asked.expect("the step asked the app");
        self.handle(Event::Settled {
            client: CLIENT,
            ask,
            outcome: Outcome::Fulfilled { at: None },
        });
    }

    fn incoming(&mut self, call: CallId) {
        let key = CallKey::new("bench").expect("a key");
        let update = CallUpdate::default();
        self.report(Report::Incoming { call, key, update });
    }

    /// Rings, is answered, muted, held, resumed and ended: ten events.
    fn life(&mut self, number: u64) {
        let call = CallId(u128::from(number) + 1);
        self.incoming(call);
        self.wish(Request::Answer {
            call,
            mode: AnswerMode::Auto,
        });
        self.fulfill();
        self.wish(Request::SetMuted(call, true));
        self.fulfill();
        self.wish(Request::SetHeld(call, true));
        self.fulfill();
        self.wish(Request::SetHeld(call, false));
        self.fulfill();
        self.report(Report::Ended {
            call,
            reason: EndReason::RemoteHangup,
            at: None,
        });
    }
}

fn events_per_second(follows: bool) -> f64 {
    let mut bench = Bench::new(Limits::default());
    bench.follows = follows;
    for number in 0..LIVES / 10 {
        bench.life(number);
    }
    bench.events = 0;
    let began = Instant::now();
    for number in 0..LIVES {
        bench.life(LIVES + number);
    }
    bench.events as f64 / began.elapsed().as_secs_f64()
}

/// Bytes of resident memory per live call, read from the kernel around many calls.
fn bytes_per_call() -> Option<f64> {
    let mut limits = Limits::default();
    limits.set(Limit::Calls, LIVE_CALLS * 2);
    limits.set(Limit::Ringing, LIVE_CALLS * 2);
    let mut bench = Bench::new(limits);
    let before = resident()?;
    for number in 0..LIVE_CALLS {
        bench.incoming(CallId(u128::from(number) + 1));
    }
    let after = resident()?;
    let calls = bench.core.snapshot().calls.len();
    Some((after - before) / calls as f64)
}

/// `/proc/self/statm`, second field: resident pages of 4096 bytes.
fn resident() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096.0)
}

fn scenarios_per_second() -> f64 {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let files = find(&[root]).expect("the scenarios are readable");
    let stories: Vec<_> = files.iter().filter_map(|file| load(file).ok()).collect();
    let began = Instant::now();
    for _ in 0..10 {
        for story in &stories {
            black_box(play(story).failures.len());
        }
    }
    (stories.len() * 10) as f64 / began.elapsed().as_secs_f64()
}

fn worlds_per_second() -> f64 {
    let began = Instant::now();
    for seed in 1..=200 {
        black_box(explore(seed, 100, hookswitch_sim::explore::Mode::Liveness).is_ok());
    }
    200.0 / began.elapsed().as_secs_f64()
}

fn main() {
    let memory = bytes_per_call();
    let events = events_per_second(false);
    let published = events_per_second(true);
    let scenarios = scenarios_per_second();
    let worlds = worlds_per_second();
    if std::env::args().any(|arg| arg == "--json") {
        let value = serde_json::json!({
            "core_events_per_second": events.round(),
            "core_events_published_per_second": published.round(),
            "bytes_per_live_call": memory.map(f64::round),
            "scenarios_per_second": scenarios.round(),
            "worlds_per_second": worlds.round(),
        });
        println!("{value}");
        return;
    }
    println!("core events per second, one core   {events:>12.0}");
    println!("the same, published and kept       {published:>12.0}");
    match memory {
        Some(bytes) => println!("memory per live call, bytes        {bytes:>12.0}"),
        None => println!("memory per live call               not known on this system"),
    }
    println!("scenarios per second, all laws on  {scenarios:>12.0}");
    println!("random worlds per second           {worlds:>12.0}");
}
