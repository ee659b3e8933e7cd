//! How long a person waits: from a SIP call to the card and the ringtone, from a click to the call.
//!
//! Starts the whole system with a real SIP client and a real browser, and in each round measures
//! calls beside their floors: an empty question of the same browser to the daemon, an empty SIP
//! round trip to the phone, and how long the stock player takes until it is heard. Prints a table,
//! or JSON with `--json`.
//!
//! `cargo build --workspace --bins && cargo run -p hookswitch-e2e --example first_ring`
//! (`-- --rounds N` for other than 20)
//!
//! What is heard is taken from a recording of the loudspeaker. The recorder's own delay, up to
//! 20 ms, is part of these figures; the SIP client's time to send is part of the first two.

use std::io::IsTerminal as _;
use std::net::UdpSocket;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use hookswitch_e2e::{Desk, HANG, write_tone};
use hookswitch_testbed::{Baresip, PeerOptions, PeerTransport, wait_for};
use serde_json::{Value, json};

const ROUNDS: usize = 20;
const CALLER: &str = "Ana Kowalska";

/// The figures, in the order of the table.
const NAMES: [&str; 7] = [
    "call placed -> card in the browser",
    "call placed -> ringtone heard",
    "Answer clicked -> ringtone silent",
    "Answer clicked -> caller connected",
    "floor: empty question browser -> daemon",
    "floor: empty SIP round trip to the phone",
    "floor: stock player started -> heard",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let as_json = arguments.iter().any(|argument| argument == "--json");
    let rounds = arguments.iter().position(|argument| argument == "--rounds");
    let rounds = match rounds.map(|at| arguments.get(at + 1).and_then(|n| n.parse().ok())) {
        None => ROUNDS,
        Some(Some(rounds)) if rounds > 0 => rounds,
        Some(_) => {
            eprintln!("--rounds wants a number above zero");
            return ExitCode::from(2);
        }
    };
    let figures = Bench::start().run(rounds);
    if as_json {
        println!("{}", document(rounds, &figures));
    } else {
        print_table(rounds, &figures);
    }
    ExitCode::SUCCESS
}

struct Bench {
    desk: Desk,
    caller: Baresip,
    sip: String,
}

impl Bench {
    fn start() -> Self {
        let desk = Desk::start();
        // It says nothing, so that all that is heard is the ringtone.
        let caller = Baresip::start(PeerOptions {
            name: CALLER,
            user: "ana",
            tone_hz: 1000.0,
            tone_dbfs: -120.0,
            answers: true,
            transport: PeerTransport::Udp,
        });
        let sip = desk.system.sip();
        Self { desk, caller, sip }
    }

    /// One warm-up, then the rounds.
    fn run(mut self, rounds: usize) -> [Vec<f64>; NAMES.len()] {
        let mut figures = NAMES.map(|_name| Vec::with_capacity(rounds));
        self.round();
        for round in 1..=rounds {
            if std::io::stderr().is_terminal() {
                eprint!("\rround {round} of {rounds} ");
            }
            for (figure, millis) in figures.iter_mut().zip(self.round()) {
                figure.extend(millis);
            }
        }
        figures
    }

    fn round(&mut self) -> [Option<f64>; NAMES.len()] {
        let [card, heard, silent, connected] = self.call();
        let trip = self.desk.browser.round_trip();
        let sip = sip_round_trip(&self.sip);
        let player = self.player();
        let floor = |time: Duration| Some(time.as_secs_f64() * 1000.0);
        let (trip, sip) = (floor(trip), floor(sip));
        [card, heard, silent, connected, trip, sip, Some(player)]
    }

    fn call(&mut self) -> [Option<f64>; 4] {
        let Desk {
            browser, speaker, ..
        } = &mut self.desk;
        speaker.forget();
        let placed = SystemTime::now();
        self.caller.call(&format!("desk@{}", self.sip));
        browser.see("alertdialog", CALLER);
        let card = browser.card_at();
        let (heard, _) = wait_for("the ringtone", HANG, || speaker.loud_between());
        browser.click("button", "^Answer");
        let clicked = browser.click_at();
        let (connected, _event) = self.caller.event_at("CALL_ESTABLISHED");
        speaker.falls_silent();
        let silent = speaker.loud_between().map(|(_, last)| last);
        self.caller.command("hangup", "");
        self.caller.event("CALL_CLOSED");
        browser.see("heading", "Recents");
        [
            Some(millis(placed, card)),
            Some(millis(placed, heard)),
            // A click in a pause of the ringtone tells nothing.
            silent
                .map(|last| millis(clicked, last))
                .filter(|ms| *ms > 0.0),
            Some(millis(clicked, connected)),
        ]
    }

    fn player(&self) -> f64 {
        let (system, speaker) = (&self.desk.system, &self.desk.speaker);
        let wav = write_tone(system.bed.path(), 523.0);
        speaker.hears_nothing();
        speaker.forget();
        let started = SystemTime::now();
        let player = system.audio.play("speaker", &wav);
        let (heard, _) = wait_for("the player", HANG, || speaker.loud_between());
        drop(player);
        speaker.hears_nothing();
        millis(started, heard)
    }
}

/// An OPTIONS request: the phone's SIP stack answers it without asking anybody.
fn sip_round_trip(phone: &str) -> Duration {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    socket.connect(phone).expect("the phone is on loopback");
    socket
        .set_read_timeout(Some(HANG))
        .expect("a positive time");
    let own = socket.local_addr().expect("it is bound");
    let port = own.port();
    let request = format!(
        "OPTIONS sip:phone@{phone} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{port}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:floor@{own}>;tag={port}\r\nTo: <sip:phone@{phone}>\r\n\
         Call-ID: floor-{port}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    );
    let began = Instant::now();
    socket.send(request.as_bytes()).expect("loopback takes it");
    let mut answer = [0; 4096];
    let length = socket.recv(&mut answer).expect("the phone answers");
    let took = began.elapsed();
    assert!(answer[..length].starts_with(b"SIP/2.0 200"), "an OK");
    took
}

/// From one moment to another, below zero if it is the other way round.
fn millis(from: SystemTime, to: SystemTime) -> f64 {
    let seconds = match to.duration_since(from) {
        Ok(after) => after.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    };
    seconds * 1000.0
}

/// Median, 95th percentile (nearest rank), least and most.
fn summary(millis: &[f64]) -> Option<[f64; 4]> {
    let mut sorted = millis.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).max(1) - 1);
    Some([*rank(50)?, *rank(95)?, *sorted.first()?, *sorted.last()?])
}

fn print_table(rounds: usize, figures: &[Vec<f64>; NAMES.len()]) {
    println!("{rounds} rounds, milliseconds");
    println!(
        "{:44}{:>8}{:>8}{:>8}{:>8}{:>6}",
        "", "median", "p95", "min", "max", "n"
    );
    for (name, figure) in NAMES.iter().zip(figures) {
        match summary(figure) {
            Some([median, p95, min, max]) => println!(
                "{name:44}{median:>8.1}{p95:>8.1}{min:>8.1}{max:>8.1}{:>6}",
                figure.len()
            ),
            None => println!("{name:44}{:>8}", "none"),
        }
    }
}

fn document(rounds: usize, figures: &[Vec<f64>; NAMES.len()]) -> Value {
    let figures = NAMES.iter().zip(figures).map(|(name, figure)| {
        let [median, p95, min, max] = summary(figure).map_or([None; 4], |all| all.map(Some));
        json!({"name": name, "count": figure.len(), "median_ms": median, "p95_ms": p95,
            "min_ms": min, "max_ms": max, "all_ms": figure})
    });
    json!({"rounds": rounds, "figures": figures.collect::<Vec<_>>()})
}
