//! What a device makes of pushes: metadata, launches, strikes, repeats. No faults of the path here,
//! those are the lab's.

#![allow(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]

use hookswitch_push_core::device::{Device, Doing, Effect, Event, Handed, Reason, Style, What};
use hookswitch_push_core::frame::{Down, Grant, Outcome, Up};
use hookswitch_push_core::fresh::Proof;
use hookswitch_push_core::limits::Limits;
use hookswitch_push_core::push::{Priority, Push, PushId, Service};
use hookswitch_push_core::time::Boot;

const APP: &str = "org.example.phone";
const LIMITS: Limits = Limits::DEFAULT;
const DAY: u64 = 24 * 3_600_000;

#[test]
fn a_push_to_an_app_that_is_not_running_starts_it_and_waits_for_its_registry() {
    let mut bench = Bench::linked();
    bench.grant(1, 5_000, 0);
    assert_eq!(bench.launches(), 1);
    assert_eq!(bench.handed(), []);
    bench.pass(3_000);
    bench.ready(Style::Metadata);
    let handed = bench.handed();
    assert_eq!(handed.len(), 1);
    let about = handed[0].about;
    assert!(about.must_report && about.reason == Reason::None);
    assert_eq!((about.age_ms, about.stored), (3_000, false));
    assert_eq!(
        about.expires_in_ms, 1_997,
        "5 s, less 3 s, less what clocks may drift"
    );
}

#[test]
fn a_push_whose_app_comes_up_too_late_is_dropped() {
    let mut bench = Bench::linked();
    bench.grant(1, 5_000, 0);
    bench.pass(5_000);
    bench.ready(Style::Metadata);
    assert_eq!(bench.handed(), []);
    assert_eq!(bench.outcomes(), [Outcome::Taken, Outcome::Expired]);
    assert!(bench.what(What::Expired));
}

#[test]
fn an_app_that_does_not_come_up_is_started_again() {
    let mut bench = Bench::linked();
    bench.grant(1, 60_000, 0);
    bench.pass(LIMITS.launch_ms);
    bench.play(Event::Tick);
    assert_eq!(bench.launches(), 2);
}

#[test]
fn an_app_in_front_need_not_report_and_gets_no_strike() {
    let mut bench = Bench::ready_app();
    bench.doing(true, false);
    bench.grant(1, 5_000, 0);
    let about = bench.handed()[0].about;
    assert!(!about.must_report && about.reason == Reason::Foreground);
    bench.pass(LIMITS.report_ms);
    bench.play(Event::Tick);
    assert_eq!(bench.strikes(), 0);
}

#[test]
fn an_app_on_a_call_need_not_report_and_that_comes_before_being_in_front() {
    let mut bench = Bench::ready_app();
    bench.doing(true, true);
    bench.grant(1, 5_000, 0);
    let about = bench.handed()[0].about;
    assert!(!about.must_report && about.reason == Reason::ActiveCall);
}

#[test]
fn a_push_within_the_ring_time_must_be_reported_and_says_what_is_left() {
    let mut bench = Bench::ready_app();
    bench.grant(1, 20_000, LIMITS.ring_ms - 1);
    let about = bench.handed()[0].about;
    assert!(about.must_report);
    assert!((19_900..20_000).contains(&about.expires_in_ms), "{about:?}");
}

#[test]
fn a_push_that_is_too_old_to_ring_says_so_and_an_old_app_is_not_even_started() {
    let mut bench = Bench::ready_app();
    bench.grant(1, 60_000, LIMITS.ring_ms + 1);
    let about = bench.handed()[0].about;
    assert!(!about.must_report && about.reason == Reason::Stale);
    bench.ready(Style::AlwaysReport);
    bench.gone();
    bench.grant(2, 60_000, LIMITS.ring_ms + 1);
    assert_eq!(bench.launches(), 0);
    assert!(bench.what(What::Stale));
    assert_eq!(bench.outcomes().last(), Some(&Outcome::Refused));
}

#[test]
fn a_push_that_is_not_reported_is_a_strike_and_five_stop_launches() {
    let mut bench = Bench::ready_app();
    for n in 1..=5 {
        bench.grant(n, 5_000, 0);
        bench.complete(n);
        bench.pass(LIMITS.report_ms);
        bench.play(Event::Tick);
        assert_eq!(bench.strikes(), usize::from(n));
    }
    bench.grant(6, 5_000, 0);
    assert_eq!(
        bench.handed().len(),
        6,
        "a running app keeps getting its pushes"
    );
    bench.report();
    bench.gone();
    bench.grant(7, 5_000, 0);
    assert_eq!(bench.launches(), 0);
    assert!(bench.what(What::Stopped));
    let status = bench.device.status(APP, bench.now).unwrap();
    let stopped = status.stopped_until.unwrap();
    assert_eq!(stopped, bench.now.plus(DAY));
    assert_eq!(status.records.last().unwrap().what, What::Stopped);
    bench.play(Event::Released { app: APP.into() });
    bench.grant(8, 5_000, 0);
    assert_eq!(bench.launches(), 1, "the user opened it");
}

#[test]
fn a_day_after_the_fifth_strike_the_app_is_started_again() {
    let mut bench = Bench::ready_app();
    for n in 1..=5 {
        bench.grant(n, 5_000, 0);
    }
    bench.gone();
    assert_eq!(
        bench.strikes(),
        5,
        "a process that ends with debts has not reported"
    );
    bench.pass(DAY);
    bench.relink();
    bench.grant(9, 5_000, 0);
    assert_eq!(bench.launches(), 1);
}

#[test]
fn a_report_in_time_is_no_strike() {
    let mut bench = Bench::ready_app();
    bench.grant(1, 5_000, 0);
    bench.report();
    bench.pass(LIMITS.report_ms);
    bench.play(Event::Tick);
    assert_eq!(bench.strikes(), 0);
}

#[test]
fn a_callback_that_did_not_begin_owes_no_report() {
    let mut bench = Bench::ready_app();
    bench.grant(1, 5_000, 0);
    let (app, id) = (APP.into(), id(1));
    bench.play(Event::TooLate { app, id });
    bench.pass(LIMITS.report_ms);
    bench.play(Event::Tick);
    assert_eq!(bench.strikes(), 0);
    assert_eq!(bench.outcomes(), [Outcome::Taken, Outcome::Expired]);
}

#[test]
fn a_crash_loses_a_push_that_is_not_stored_and_repeats_one_that_is() {
    let mut bench = Bench::ready_app();
    bench.grant(1, 5_000, 0);
    bench.stored(2, 60_000);
    assert_eq!(bench.handed().len(), 2);
    bench.gone();
    assert!(bench.what(What::Lost));
    assert_eq!(bench.launches(), 1);
    bench.ready(Style::Metadata);
    let handed = bench.handed();
    assert_eq!(handed.len(), 3);
    assert_eq!(handed[2].id, id(2), "the same id");
    bench.complete(2);
    assert_eq!(bench.outcomes(), [Outcome::Taken, Outcome::Delivered]);
}

#[test]
fn a_completed_push_is_told_as_a_duplicate_also_after_a_restart() {
    let mut bench = Bench::ready_app();
    bench.stored(1, 60_000);
    bench.complete(1);
    bench.stored(1, 59_000);
    assert_eq!(bench.outcomes(), [Outcome::Delivered, Outcome::Duplicate]);
    let remembered = bench.seen.iter().find_map(|effect| match effect {
        Effect::Remember { id, until } => Some((*id, *until)),
        _ => None,
    });
    let (known, until) = remembered.unwrap();
    assert!(until > bench.now.plus(60_000), "until after its expiry");
    let mut again = Bench::ready_app();
    again.device.restore([(known, until)]);
    again.stored(1, 58_000);
    assert_eq!(again.handed(), []);
    assert_eq!(again.outcomes(), [Outcome::Duplicate]);
}

#[test]
fn a_push_that_was_late_by_its_heartbeat_is_claimed() {
    let mut bench = Bench::ready_app();
    bench.pass(6_000);
    let (beat, ago_ms) = (bench.beat(), 0);
    bench.frame(grant(1, 5_000, 0, Proof::Beat { beat, ago_ms }, false));
    assert_eq!(bench.handed(), [], "it may have left 6 s ago");
    let claim = Effect::Frame(Up::Claim { id: id(1) });
    assert!(bench.seen.contains(&claim));
    bench.pass(40);
    bench.frame(grant(1, 4_900, 100, Proof::Claim, false));
    assert_eq!(bench.handed().len(), 1);
    let left = bench.handed()[0].about.expires_in_ms;
    assert_eq!(left, 4_900 - 40 - 3);
}

#[test]
fn a_grant_that_answers_no_claim_is_claimed_and_one_that_took_too_long_is_dropped() {
    let mut bench = Bench::ready_app();
    bench.frame(grant(1, 5_000, 0, Proof::Claim, false));
    assert_eq!(bench.handed(), []);
    bench.pass(5_000);
    bench.frame(grant(1, 5_000, 0, Proof::Claim, false));
    assert_eq!(bench.handed(), []);
    assert_eq!(bench.outcomes(), [Outcome::Expired]);
}

#[test]
fn low_priority_starts_nothing_and_waits() {
    let mut bench = Bench::linked();
    let Down::Grant(mut low) = grant(1, 60_000, 0, Proof::Claim, true) else {
        return;
    };
    low.push.priority = Priority::Low;
    bench.frame(Down::Offer {
        id: id(1),
        app: APP.into(),
        service: Service::Voip,
        priority: Priority::Low,
    });
    bench.frame(Down::Grant(low));
    assert_eq!(bench.launches(), 0);
    bench.ready(Style::Metadata);
    assert_eq!(bench.handed().len(), 1);
}

#[test]
fn nothing_reaches_an_app_that_is_removed_or_was_never_there() {
    let mut bench = Bench::linked();
    bench.play(Event::Removed { app: APP.into() });
    bench.grant(1, 5_000, 0);
    assert_eq!(bench.outcomes(), [Outcome::Refused]);
    assert_eq!(bench.launches(), 0);
}

#[test]
fn a_device_speaks_in_time_and_gives_a_silent_link_up() {
    let mut bench = Bench::linked();
    assert_eq!(
        bench.device.next_deadline(),
        Some(bench.now.plus(LIMITS.beat_ms))
    );
    bench.pass(LIMITS.beat_ms);
    bench.play(Event::Tick);
    assert!(bench.seen.contains(&Effect::Frame(Up::Beat { beat: 2 })));
    bench.pass(LIMITS.silence_ms - LIMITS.beat_ms);
    bench.play(Event::Tick);
    assert_eq!(bench.seen.last(), Some(&Effect::Relink));
}

#[test]
fn apps_that_do_not_come_up_cannot_fill_the_device() {
    let mut bench = Bench::linked();
    for n in 0..u8::try_from(LIMITS.held).unwrap() {
        bench.grant(n, 60_000, 0);
    }
    bench.grant(200, 60_000, 0);
    assert!(bench.what(What::Crowded));
    assert_eq!(bench.outcomes().last(), Some(&Outcome::Refused));
}

/// A device with one app, its time, and everything that it wanted done.
struct Bench {
    device: Device,
    now: Boot,
    linked: Boot,
    seen: Vec<Effect>,
}

impl Bench {
    fn linked() -> Self {
        let mut device = Device::new(LIMITS);
        device.install(APP);
        let mut bench = Self {
            device,
            now: Boot(1_000_000),
            linked: Boot(0),
            seen: Vec::new(),
        };
        bench.relink();
        bench
    }

    fn ready_app() -> Self {
        let mut bench = Self::linked();
        bench.ready(Style::Metadata);
        bench
    }

    fn relink(&mut self) {
        self.play(Event::Unlinked);
        self.play(Event::Linked);
        self.linked = self.now;
    }

    fn play(&mut self, event: Event) {
        self.device.handle(self.now, event, &mut self.seen);
    }

    fn frame(&mut self, frame: Down) {
        self.play(Event::Frame(frame));
    }

    fn pass(&mut self, ms: u64) {
        self.now = self.now.plus(ms);
    }

    /// A push that was granted this instant: the gateway heard the greeting when it was sent.
    fn grant(&mut self, n: u8, left_ms: u64, age_ms: u64) {
        let ago_ms = self.now.since(self.linked);
        let beat = self.beat();
        self.frame(grant(
            n,
            left_ms,
            age_ms,
            Proof::Beat { beat, ago_ms },
            false,
        ));
    }

    fn stored(&mut self, n: u8, left_ms: u64) {
        let ago_ms = self.now.since(self.linked);
        let beat = self.beat();
        self.frame(grant(n, left_ms, 0, Proof::Beat { beat, ago_ms }, true));
    }

    /// The number of the last greeting.
    fn beat(&self) -> u32 {
        let beats = self.seen.iter().rev().find_map(|effect| match effect {
            Effect::Hello { beat } => Some(*beat),
            _ => None,
        });
        beats.unwrap()
    }

    fn ready(&mut self, style: Style) {
        let app = APP.into();
        self.play(Event::Ready { app, style });
    }

    fn gone(&mut self) {
        self.play(Event::Gone { app: APP.into() });
    }

    fn report(&mut self) {
        self.play(Event::Reported { app: APP.into() });
    }

    fn complete(&mut self, n: u8) {
        let (app, id) = (APP.into(), id(n));
        self.play(Event::Completed { app, id });
    }

    fn doing(&mut self, in_front: bool, on_call: bool) {
        let (app, doing) = (APP.into(), Doing { in_front, on_call });
        self.play(Event::Doing { app, doing });
    }

    fn launches(&self) -> usize {
        let launch = |effect: &&Effect| matches!(effect, Effect::Launch { .. });
        self.seen.iter().filter(launch).count()
    }

    fn handed(&self) -> Vec<Handed> {
        let handed = self.seen.iter().filter_map(|effect| match effect {
            Effect::Hand(handed) => Some(handed.clone()),
            _ => None,
        });
        handed.collect()
    }

    fn outcomes(&self) -> Vec<Outcome> {
        let outcomes = self.seen.iter().filter_map(|effect| match effect {
            Effect::Frame(Up::Ack { outcome, .. }) => Some(*outcome),
            _ => None,
        });
        outcomes.collect()
    }

    fn what(&self, what: What) -> bool {
        let is = |effect: &Effect| matches!(effect, Effect::Record(record) if record.what == what);
        self.seen.iter().any(is)
    }

    fn strikes(&self) -> usize {
        self.device.status(APP, self.now).unwrap().strikes
    }
}

fn id(n: u8) -> PushId {
    PushId([n; 16])
}

fn grant(n: u8, left_ms: u64, age_ms: u64, proof: Proof, stored: bool) -> Down {
    Down::Grant(Grant {
        app: APP.to_owned(),
        service: Service::Voip,
        push: Push {
            id: id(n),
            priority: Priority::Immediate,
            collapse: None,
            payload: b"{}".to_vec(),
        },
        left_ms,
        age_ms,
        proof,
        stored,
    })
}
