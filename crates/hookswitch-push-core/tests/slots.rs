//! One push waits in a slot, the newest; stages and decisions of single pushes.

use hookswitch_push_core::frame::{Close, Down, Outcome, Up};
use hookswitch_push_core::gateway::{Decision, Effect, Event, Gateway, Kept, LinkId, Stage};
use hookswitch_push_core::limits::Limits;
use hookswitch_push_core::push::{Address, DeviceId, Priority, Push, PushId, Service};
use hookswitch_push_core::time::{Boot, Stamp, Utc};

const DEVICE: DeviceId = DeviceId([1; 16]);
const NOW: u64 = 1_800_000_000;

#[test]
fn of_two_stored_pushes_for_one_slot_only_the_newest_is_offered() {
    let mut bench = Bench::default();
    bench.link(1);
    let kept = vec![kept(1, 10, 5), kept(2, 11, 5)];
    bench.play(Event::Fetched {
        device: DEVICE,
        epoch: 1,
        kept,
    });
    assert_eq!(bench.granted(), [2]);
    assert!(bench.logged(1, Stage::Replaced));
}

#[test]
fn a_push_without_life_does_not_evict_a_stored_one_and_is_not_kept() {
    let mut bench = Bench::default();
    bench.send(1, Some(0));
    assert!(
        !bench
            .seen
            .iter()
            .any(|effect| matches!(effect, Effect::Keep(_)))
    );
    assert_eq!(bench.decisions(), [Decision::Away]);
    bench.link(1);
    assert_eq!(bench.granted(), [1], "the device came within the window");
}

#[test]
fn a_sender_of_a_dated_push_waits_for_the_engine_and_not_for_ever() {
    let mut bench = Bench::default();
    bench.send(1, Some(NOW + 60));
    assert_eq!(bench.decisions(), []);
    bench.stored(1, Some(1));
    assert_eq!(bench.decisions(), [Decision::Stored]);
    bench.send(2, Some(NOW + 60));
    bench.pass(Limits::DEFAULT.engine_ms);
    bench.play(Event::Tick);
    assert_eq!(bench.decisions(), [Decision::Unavailable]);
    bench.send(3, Some(NOW + 60));
    bench.stored(3, None);
    assert_eq!(bench.decisions(), [Decision::Unavailable]);
}

#[test]
fn a_claim_after_the_end_gets_nothing() {
    let mut bench = Bench::default();
    bench.link(1);
    bench.send(1, Some(0));
    bench.pass(Limits::DEFAULT.window_ms);
    let claim = Up::Claim { id: id(1) };
    bench.play(Event::Frame {
        link: LinkId(1),
        frame: claim,
    });
    let gone = |effect: &Effect| {
        let link = LinkId(1);
        let frame = Down::Gone { id: id(1) };
        *effect == Effect::Frame { link, frame }
    };
    assert!(bench.seen.iter().any(gone));
    assert!(bench.logged(1, Stage::ExpiredAtGateway));
}

#[test]
fn a_second_link_closes_the_first_and_an_older_one_changes_nothing() {
    let mut bench = Bench::default();
    bench.link(2);
    bench.link(3);
    assert!(bench.closed(2, Close::Replaced));
    bench.link(1);
    assert!(bench.closed(1, Close::Replaced));
    assert_eq!(bench.gateway.links(), 1);
}

#[test]
fn a_silent_link_is_offered_nothing_and_is_closed() {
    let mut bench = Bench::default();
    bench.link(1);
    bench.pass(Limits::DEFAULT.silence_ms + 1);
    bench.send(1, Some(0));
    assert_eq!(bench.granted(), []);
    assert!(bench.closed(1, Close::Silent));
    bench.link(2);
    assert_eq!(bench.granted(), [1]);
}

#[test]
fn what_the_device_completed_is_forgotten_by_the_engine() {
    let mut bench = Bench::default();
    bench.link(1);
    bench.send(1, Some(NOW + 60));
    bench.stored(1, Some(1));
    let outcome = Outcome::Delivered;
    bench.play(Event::Frame {
        link: LinkId(1),
        frame: Up::Ack { id: id(1), outcome },
    });
    let forgets = |effect: &Effect| matches!(effect, Effect::Forget { .. });
    assert!(bench.seen.iter().any(forgets));
    assert_eq!(bench.gateway.pending(), 0);
}

#[test]
fn one_device_cannot_fill_the_gateway() {
    let mut bench = Bench::default();
    for n in 0..Limits::DEFAULT.pending {
        bench.send(n as u8, Some(0));
    }
    bench.decisions();
    bench.send(200, Some(0));
    assert_eq!(bench.decisions(), [Decision::TooMany]);
}

/// A gateway, its time, and the effects of the last events.
struct Bench {
    gateway: Gateway,
    now: u64,
    seen: Vec<Effect>,
}

impl Default for Bench {
    fn default() -> Self {
        Self {
            gateway: Gateway::new(Limits::DEFAULT),
            now: 5_000,
            seen: Vec::new(),
        }
    }
}

impl Bench {
    fn play(&mut self, event: Event) {
        let stamp = Stamp {
            boot: Boot(self.now),
            utc: Utc(NOW * 1_000 + self.now - 5_000),
        };
        self.gateway.handle(stamp, event, &mut self.seen);
    }

    fn pass(&mut self, ms: u64) {
        self.now += ms;
    }

    fn link(&mut self, n: u64) {
        self.play(Event::Linked {
            link: LinkId(n),
            device: DEVICE,
            epoch: n,
            beat: 1,
        });
    }

    fn send(&mut self, n: u8, expiration: Option<u64>) {
        self.play(Event::Send {
            address: address(),
            push: push(n),
            expiration,
        });
    }

    fn stored(&mut self, n: u8, sequence: Option<u64>) {
        self.play(Event::Stored {
            device: DEVICE,
            id: id(n),
            sequence,
        });
    }

    fn granted(&self) -> Vec<u8> {
        let mut granted = Vec::new();
        for effect in &self.seen {
            if let Effect::Frame { frame, .. } = effect
                && let Down::Grant(grant) = frame
            {
                granted.push(grant.push.id.0[0]);
            }
        }
        granted
    }

    /// The decisions since the last question.
    fn decisions(&mut self) -> Vec<Decision> {
        let mut decisions = Vec::new();
        for effect in self.seen.drain(..) {
            if let Effect::Decided { decision, .. } = effect {
                decisions.push(decision);
            }
        }
        decisions
    }

    fn logged(&self, n: u8, stage: Stage) -> bool {
        self.seen.contains(&Effect::Log { id: id(n), stage })
    }

    fn closed(&self, n: u64, why: Close) -> bool {
        let link = LinkId(n);
        self.seen.contains(&Effect::Close { link, why })
    }
}

fn id(n: u8) -> PushId {
    PushId([n; 16])
}

fn push(n: u8) -> Push {
    Push {
        id: id(n),
        priority: Priority::Immediate,
        collapse: None,
        payload: b"{}".to_vec(),
    }
}

fn address() -> Address {
    Address {
        device: DEVICE,
        app: "org.example.app".to_owned(),
        service: Service::Voip,
    }
}

fn kept(n: u8, sequence: u64, seconds: u64) -> Kept {
    Kept {
        address: address(),
        push: push(n),
        expires: Utc((NOW + seconds) * 1_000),
        until: None,
        accepted: Utc(NOW * 1_000),
        sequence,
    }
}
