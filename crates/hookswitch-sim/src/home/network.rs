//! The network between the devices and the services: messages on their way, lost and held up.
//!
//! What is lost is sent again until it arrives. What cannot arrive, because the device sleeps or
//! has no network, waits at its sender; of what waits about one call only what was said last is
//! sent. A device that no word about a call has reached is told whom it missed.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use hookswitch_model::{CallId, Timestamp};

use super::message::{Down, Up};
use super::service::is_missed;
use crate::rng::Rng;

/// Most messages on their way at once.
const MESSAGES_MAX: usize = 100_000;

/// What is said, in which direction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum What {
    /// To the service.
    Up(Up),
    /// To the device.
    Down(Down),
}

/// One message about one call.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The device at one end, by number.
    pub(super) device: usize,
    /// The service at the other.
    pub(super) service: usize,
    /// About this call, by its name on the device.
    pub(super) call: CallId,
    pub(super) what: What,
    /// What was said later has a higher one.
    pub(super) number: u64,
    /// The line of the trace that led to it.
    pub(super) cause: u64,
}

/// Something that comes by itself.
#[derive(Clone, Debug)]
pub(super) enum Coming {
    /// A message arrives.
    Message(Box<Message>),
    /// A call has rung for its whole time.
    RingOver(usize, usize),
    /// The device can be reached again: it is awake, or its network is back.
    Reachable(usize),
    /// The network of a device comes back.
    Returns(usize, u64),
}

/// What is on its way.
#[derive(Debug)]
pub(super) struct Network {
    queue: BTreeMap<(Timestamp, u64, u64), Coming>,
    /// The latest word about a call that waits for its device; the bool says that it goes up.
    held: BTreeMap<(usize, usize, CallId, bool), Message>,
    /// The calls of which a word has reached a device.
    reached: BTreeSet<(usize, CallId)>,
    coin: Option<Rng>,
    next: u64,
    said: u64,
}

impl Network {
    /// An empty one. Seed zero keeps the order of sending at the same instant.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            queue: BTreeMap::new(),
            held: BTreeMap::new(),
            reached: BTreeSet::new(),
            coin: (seed != 0).then(|| Rng::new(seed ^ 0x0de7_1ce5)),
            next: 0,
            said: 0,
        }
    }

    /// A number from the seed, zero without one.
    pub(super) fn toss(&mut self) -> u64 {
        self.coin.as_mut().map_or(0, Rng::draw)
    }

    /// Puts something on its way.
    pub(super) fn push(&mut self, at: Timestamp, coming: Coming) {
        assert!(
            self.queue.len() < MESSAGES_MAX,
            "the simulated network fills without end"
        );
        let tie = self.toss();
        self.next += 1;
        self.queue.insert((at, tie, self.next), coming);
    }

    /// When the first thing comes.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.queue.first_key_value().map(|((at, ..), _)| *at)
    }

    /// Takes the first thing.
    pub(super) fn pop(&mut self) -> Option<Coming> {
        self.queue.pop_first().map(|(_, coming)| coming)
    }

    /// The number of a message that is said now.
    pub(super) fn number(&mut self) -> u64 {
        self.said += 1;
        self.said
    }

    /// A word about a call has reached a device.
    pub(super) fn has_reached(&mut self, device: usize, call: CallId) {
        self.reached.insert((device, call));
    }

    /// A message waits until its device can be reached.
    pub(super) fn hold(&mut self, message: Message) {
        let is_up = matches!(message.what, What::Up(_));
        let key = (message.device, message.service, message.call, is_up);
        let is_new = !self.reached.contains(&(message.device, message.call));
        let outdated = |held: &Message| replaces(&message, held, is_new);
        if self.held.get(&key).is_none_or(outdated) {
            self.held.insert(key, message);
        }
    }

    /// Everything that waits for a device, in the order of the calls.
    pub(super) fn release(&mut self, device: usize) -> Vec<Message> {
        let keys: Vec<_> = self
            .held
            .keys()
            .filter(|key| key.0 == device)
            .copied()
            .collect();
        keys.iter()
            .filter_map(|key| self.held.remove(key))
            .collect()
    }

    /// Whether something about a call is on its way from or to a device.
    pub(super) fn has(&self, device: usize, call: CallId) -> bool {
        let is_it = |message: &Message| message.device == device && message.call == call;
        let on_its_way = |coming: &Coming| matches!(coming, Coming::Message(m) if is_it(m));
        self.queue.values().any(on_its_way) || self.held.values().any(is_it)
    }
}

/// Whether of two messages about one call that wait the first is sent and the second is not.
fn replaces(message: &Message, held: &Message, is_new: bool) -> bool {
    let rings = |one: &Message| matches!(one.what, What::Down(Down::Ring { .. }));
    let gives_up =
        |one: &Message| matches!(one.what, What::Down(Down::Over(reason)) if is_missed(reason));
    // Whoever did not hear of the call at all is told whom he missed.
    if is_new && (rings(held) && gives_up(message) || rings(message) && gives_up(held)) {
        return rings(message);
    }
    message.number >= held.number
}

/// Which of the messages of a service go wrong.
#[derive(Debug, Default)]
pub(super) struct Luck {
    sent: u64,
}

/// What becomes of one message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Fate {
    /// It is lost, and sent again later.
    pub(super) is_lost: bool,
    /// It arrives a second time.
    pub(super) is_doubled: bool,
    /// How long it takes.
    pub(super) takes: Duration,
}

impl Luck {
    /// The fate of the next message.
    pub(super) fn next(&mut self, decl: &crate::scenario::ServiceDecl, delay: Duration) -> Fate {
        self.sent += 1;
        let is_nth = |of: u64| of != 0 && self.sent.is_multiple_of(of);
        let is_lost = is_nth(decl.loses);
        let times = if is_nth(decl.reorders) { 3 } else { 1 };
        let waits = if is_lost {
            decl.repeats
        } else {
            Duration::ZERO
        };
        Fate {
            is_lost,
            is_doubled: is_nth(decl.doubles),
            takes: waits.saturating_add(delay.saturating_mul(times)),
        }
    }
}
