//! The expiry lab with real processes: curl, a gateway, a proxy that stalls and cuts, a device.
//!
//! The short form runs with the tests. The full form, 10,000 pushes in about half an hour:
//! `HOOKSWITCH_LAB_PUSHES=10000 cargo nextest run -p hookswitch-push lab --no-capture`.
//! The schedule follows from `HOOKSWITCH_LAB_SEED`; the threads of a real machine do not.

use std::collections::BTreeMap;
use std::env::var;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;

use crate::bed::{APP, Device, Gateway};
use crate::proxy::{Mode, Proxy};

/// The window of a push with expiration 0, and what scheduling may add to a measurement.
const WINDOW: u64 = 5_000;
const SLACK: u64 = 50;
/// How long after a fault the path is whole again: the pause between two attempts of the device,
/// a third of the longest fault, and a handshake on a busy machine.
const RECOVERY: u64 = 5_000;
/// How long an undisturbed push may take on a busy machine.
const CALM: u64 = 1_500;
/// Senders at once.
const SENDERS: usize = 4;

/// One push of the lab; times are UTC in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Sent {
    began: u64,
    expires: u64,
    accepted: bool,
}

#[test]
fn no_callback_is_late_while_gateway_device_and_link_fail() {
    let number = |name: &str, usual: u64| {
        var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(usual)
    };
    let mut chance = Chance(number("HOOKSWITCH_LAB_SEED", 7));
    let pushes = number("HOOKSWITCH_LAB_PUSHES", 240);
    let gateway = Gateway::start();
    let proxy = Proxy::start(&gateway.devices);
    let device = gateway.device_at(&proxy.address);
    let sent = Arc::new(Mutex::new(BTreeMap::new()));
    let faults = thread::scope(|scope| {
        let (stop, stopped) = channel::<()>();
        let mut for_faults = Chance(chance.next());
        let (gateway, device, proxy) = (&gateway, &device, &proxy);
        let faults = scope.spawn(move || fail(&mut for_faults, gateway, device, proxy, &stopped));
        send(&mut chance, pushes, gateway, device, &sent);
        drop(stop);
        faults.join().unwrap()
    });
    let rest = Duration::from_millis(WINDOW + 11_000);
    assert!(!device.process.comes("no such line", rest));
    let sent = sent.lock().unwrap();
    judge(&sent, &faults, &device);
}

/// Sends one push after the other, four at once.
fn send(
    chance: &mut Chance,
    pushes: u64,
    gateway: &Gateway,
    device: &Device,
    sent: &Mutex<BTreeMap<u64, Sent>>,
) {
    let path = format!("/3/device/{}", device.voip);
    let topic = format!("apns-topic: {APP}.voip");
    let (job, jobs) = channel::<(u64, u64)>();
    let jobs = Mutex::new(jobs);
    let (never, pause) = channel::<()>();
    thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                loop {
                    let next = jobs.lock().unwrap().recv();
                    let Ok((n, life)) = next else {
                        return;
                    };
                    let began = now();
                    let date = if life == 0 { 0 } else { began / 1_000 + life };
                    let expiration = format!("apns-expiration: {date}");
                    let body = format!(r#"{{"n":{n}}}"#);
                    let answer = gateway.try_post(&path, &[&topic, &expiration], &body);
                    let accepted = answer.is_some_and(|answer| answer.status == 200);
                    // A date that was over when the gateway had read it counts like 0.
                    let over = date * 1_000 <= now();
                    let expires = if over { now() + WINDOW } else { date * 1_000 };
                    let one = Sent {
                        began,
                        expires,
                        accepted,
                    };
                    sent.lock().unwrap().insert(n, one);
                }
            });
        }
        for n in 0..pushes {
            let life = if chance.below(10) < 7 {
                0
            } else {
                1 + chance.below(10)
            };
            job.send((n, life)).unwrap();
            let _ = pause.recv_timeout(Duration::from_millis(50 + chance.below(120)));
        }
        drop((job, never));
    });
}

/// Breaks one thing after the other until the sending is over; gives the times.
fn fail(
    chance: &mut Chance,
    gateway: &Gateway,
    device: &Device,
    proxy: &Proxy,
    stopped: &Receiver<()>,
) -> Vec<(u64, u64)> {
    let mut faults = Vec::new();
    let pause = |ms: u64| {
        let over = stopped.recv_timeout(Duration::from_millis(ms));
        over == Err(std::sync::mpsc::RecvTimeoutError::Disconnected)
    };
    while !pause(3_000 + chance.below(11_000)) {
        let from = now();
        let lasts = 300 + chance.below(6_500);
        match chance.below(4) {
            0 => {
                gateway.process.signal(Signal::STOP);
                pause(lasts);
                gateway.process.signal(Signal::CONT);
            }
            1 => {
                device.process.signal(Signal::STOP);
                pause(lasts);
                device.process.signal(Signal::CONT);
            }
            2 => {
                proxy.set(Mode::Stall);
                pause(lasts);
                proxy.set(Mode::Pass);
            }
            _ => {
                proxy.set(Mode::Cut);
                pause(lasts);
                proxy.set(Mode::Pass);
            }
        }
        faults.push((from, now()));
    }
    faults
}

/// Joins what was sent with what began.
fn judge(sent: &BTreeMap<u64, Sent>, faults: &[(u64, u64)], device: &Device) {
    let mut begun: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for line in device.process.passed("\"callback\"") {
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let payload = line["payload"].as_str().unwrap();
        let payload: serde_json::Value = serde_json::from_str(payload).unwrap();
        let n = payload["n"].as_u64().unwrap();
        begun
            .entry(n)
            .or_default()
            .push(line["at"].as_u64().unwrap());
    }
    let (mut late, mut twice, mut healthy, mut delivered) = (0, 0, 0, 0);
    for (n, one) in sent {
        let times = begun.get(n).map(Vec::as_slice).unwrap_or_default();
        for at in times.iter().filter(|at| **at > one.expires + SLACK) {
            println!("push {n}: {one:?} began at {at}");
            late += 1;
        }
        twice += usize::from(times.len() > 1);
        let calm = one.began + CALM;
        let meets = |(from, until): &(u64, u64)| *from <= calm && until + RECOVERY >= one.began;
        if one.accepted && !faults.iter().any(meets) && one.expires > calm {
            healthy += 1;
            delivered += usize::from(!times.is_empty());
            if times.is_empty() {
                println!("push {n}: {one:?} never began; faults {faults:?}");
            }
        }
    }
    let (all, began, broken) = (sent.len(), begun.len(), faults.len());
    println!(
        "{all} pushes, {began} callbacks, {broken} faults: {late} late, {twice} twice; \
         undisturbed {delivered}/{healthy}"
    );
    assert_eq!((late, twice), (0, 0));
    assert!(
        delivered * 1_000 >= healthy * 999,
        "{delivered} of {healthy}"
    );
    assert!(healthy > 0 && broken > 0, "the schedule has calm and storm");
}

/// Chance that is the same for the same seed (xorshift).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
