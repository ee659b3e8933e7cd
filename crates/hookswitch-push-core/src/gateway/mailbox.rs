//! One device's session and the pushes on their way to it.

use std::collections::VecDeque;

use super::{Decision, Effect, Kept, LinkId, NodeId, Stage, Turn};
use crate::frame::{Close, Down, Grant, Outcome, Up};
use crate::fresh::Proof;
use crate::push::{Address, DeviceId, Life, Priority, Push, PushId};
use crate::time::{Boot, Stamp};

/// What the gateway knows of one device.
#[derive(Clone, Debug, Default)]
pub(super) struct Mailbox {
    session: Option<Session>,
    items: Vec<Item>,
    /// Offers of other gateways that were passed on, and whose they are.
    relays: VecDeque<(PushId, NodeId)>,
    /// When this device is in the gateway's list of looks.
    pub(super) look_at: Option<Boot>,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    link: LinkId,
    epoch: u64,
    heard: Boot,
    beat: u32,
    beat_at: Boot,
}

#[derive(Clone, Debug)]
struct Item {
    address: Address,
    push: Push,
    life: Life,
    accepted: Boot,
    state: State,
}

/// How a device is spoken to.
#[derive(Clone, Copy, Debug)]
enum Path {
    Link(LinkId),
    Relay(DeviceId),
}

/// Where a push is. Only `Storing` has not been decided; a sequence belongs to a stored push.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Storing { until: Boot },
    Waiting { sequence: Option<u64> },
    Sent { sequence: Option<u64> },
}

impl State {
    fn sequence(self) -> Option<u64> {
        match self {
            Self::Storing { .. } => None,
            Self::Waiting { sequence } | Self::Sent { sequence } => sequence,
        }
    }
}

impl Mailbox {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.session.is_none() && self.items.is_empty()
    }

    /// A new push: stored first when it has a date, offered at once when it has none.
    pub(super) fn send(
        &mut self,
        stamp: Stamp,
        address: Address,
        push: Push,
        expiration: Option<u64>,
        turn: &mut Turn<'_>,
    ) {
        let (device, id) = (address.device, push.id);
        if self.items.len() >= turn.limits.pending && self.find(id).is_none() {
            return turn.decide(device, id, Decision::TooMany);
        }
        if self.find(id).is_some() {
            return turn.decide(device, id, Decision::Offered);
        }
        turn.log(id, Stage::Accepted);
        let life = Life::new(expiration, stamp, turn.utc, turn.limits);
        let state = match life {
            Life::Immediate { .. } => State::Waiting { sequence: None },
            Life::Dated { utc, until } => {
                let kept = Kept {
                    address: address.clone(),
                    push: push.clone(),
                    expires: utc,
                    until: Some(until),
                    accepted: turn.utc,
                    sequence: 0,
                };
                turn.effects.push(Effect::Keep(kept));
                let until = turn.boot.plus(turn.limits.engine_ms);
                State::Storing { until }
            }
        };
        self.items.push(Item {
            address,
            push,
            life,
            accepted: turn.boot,
            state,
        });
        if !life.is_dated() {
            self.offer_waiting(turn);
            let sent = self.find(id).is_some_and(|item| item.is_sent());
            let decision = if sent {
                Decision::Offered
            } else {
                Decision::Away
            };
            turn.decide(device, id, decision);
            self.offer_elsewhere(device, turn);
        }
    }

    /// The engine keeps a push, or failed to: only then the sender is answered (I6).
    pub(super) fn stored(&mut self, id: PushId, sequence: Option<u64>, turn: &mut Turn<'_>) {
        let Some(at) = self.items.iter().position(|item| item.push.id == id) else {
            return; // The sender was told to come again; a later fetch finds what was kept.
        };
        let device = self.items[at].address.device;
        if !matches!(self.items[at].state, State::Storing { .. }) {
            return;
        }
        let Some(sequence) = sequence else {
            self.items.remove(at);
            turn.log(id, Stage::Failed);
            return turn.decide(device, id, Decision::Unavailable);
        };
        let sequence = Some(sequence);
        self.items[at].state = State::Waiting { sequence };
        turn.log(id, Stage::Stored);
        turn.decide(device, id, Decision::Stored);
        self.keep_newest(turn);
        match self.session {
            Some(_) => self.offer_waiting(turn),
            None => {
                self.items.retain(|item| item.push.id != id);
                turn.effects.push(Effect::Wake { device });
            }
        }
    }

    /// The device came: an older session is closed (I4), what waits is offered again.
    pub(super) fn linked(
        &mut self,
        link: LinkId,
        device: DeviceId,
        epoch: u64,
        beat: u32,
        turn: &mut Turn<'_>,
    ) {
        if let Some(old) = self.session.filter(|old| old.link != link) {
            let newer = epoch > old.epoch;
            let link = if newer { old.link } else { link };
            turn.close(link, Close::Replaced);
            if !newer {
                return;
            }
        }
        let now = turn.boot;
        self.session = Some(Session {
            link,
            epoch,
            heard: now,
            beat,
            beat_at: now,
        });
        let frame = Down::Welcome {
            epoch,
            beat_ms: u32::try_from(turn.limits.beat_ms).unwrap_or(u32::MAX),
            silence_ms: u32::try_from(turn.limits.silence_ms).unwrap_or(u32::MAX),
        };
        turn.say(link, frame);
        turn.effects.push(Effect::Fetch { device, epoch });
        for item in &mut self.items {
            if let State::Sent { sequence } = item.state {
                item.state = State::Waiting { sequence };
            }
        }
        self.offer_waiting(turn);
    }

    /// What the engine kept joins what is here; expired ones are forgotten.
    pub(super) fn fetched(&mut self, epoch: u64, kept: Vec<Kept>, turn: &mut Turn<'_>) {
        if self.session.is_none_or(|session| session.epoch != epoch) {
            return;
        }
        for kept in kept {
            if self.find(kept.push.id).is_none() {
                self.items.push(Item::from_kept(kept, turn));
            }
        }
        self.keep_newest(turn);
        self.drop_expired(turn);
        self.offer_waiting(turn);
    }

    /// A heartbeat, a claim or an acknowledgment of the current session.
    pub(super) fn frame(&mut self, link: LinkId, device: DeviceId, frame: Up, turn: &mut Turn<'_>) {
        let Some(session) = self.session.as_mut().filter(|session| session.link == link) else {
            return;
        };
        session.heard = turn.boot;
        match frame {
            Up::Beat { beat } => {
                session.beat = beat;
                session.beat_at = turn.boot;
                let epoch = session.epoch;
                turn.say(link, Down::Beat { beat });
                turn.effects.push(Effect::Renew { device, epoch });
                self.offer_waiting(turn);
            }
            Up::Claim { id } | Up::Ack { id, .. } if self.relay_of(id).is_some() => {
                if let Some(to) = self.relay_of(id) {
                    turn.effects.push(Effect::Answer { to, device, frame });
                }
            }
            Up::Claim { id } => self.claim(Path::Link(link), id, turn),
            Up::Ack { id, outcome } => self.acknowledge(id, outcome, turn),
            Up::Hello { .. } | Up::Register { .. } | Up::Unregister { .. } => {
                self.session = None;
                turn.close(link, Close::Protocol);
            }
        }
    }

    pub(super) fn unlinked(&mut self, link: LinkId) {
        if self.session.is_some_and(|session| session.link == link) {
            self.session = None;
            self.relays.clear();
            self.items.retain(|item| item.state.sequence().is_none());
        }
    }

    /// Another gateway has a newer session of this device.
    pub(super) fn moved(&mut self, epoch: u64, turn: &mut Turn<'_>) {
        if let Some(old) = self.session.filter(|session| session.epoch < epoch) {
            turn.close(old.link, Close::Replaced);
            self.unlinked(old.link);
        }
    }

    /// Another gateway stored something for this device.
    pub(super) fn woken(&mut self, device: DeviceId, turn: &mut Turn<'_>) {
        if let Some(Session { epoch, .. }) = self.session {
            turn.effects.push(Effect::Fetch { device, epoch });
        }
    }

    /// Another gateway's frame is passed on, if this device is here.
    pub(super) fn relayed(&mut self, from: NodeId, frame: Down, turn: &mut Turn<'_>) {
        let Some(session) = self.session.filter(|session| session.is_heard(turn)) else {
            return;
        };
        if let Down::Offer { id, .. } = &frame {
            self.relays.push_back((*id, from));
            if self.relays.len() > turn.limits.pending {
                self.relays.pop_front();
            }
        }
        turn.say(session.link, frame);
    }

    /// The device's answer to what was relayed.
    pub(super) fn answered(&mut self, device: DeviceId, frame: Up, turn: &mut Turn<'_>) {
        match frame {
            Up::Claim { id } => self.claim(Path::Relay(device), id, turn),
            Up::Ack { id, outcome } => self.acknowledge(id, outcome, turn),
            Up::Beat { .. } | Up::Hello { .. } | Up::Register { .. } | Up::Unregister { .. } => {}
        }
    }

    /// Ends what is over: lives, waits for the engine, silent links.
    pub(super) fn look(&mut self, turn: &mut Turn<'_>) {
        self.give_up_storing(turn);
        self.drop_expired(turn);
        let is_silent = |session: &Session| !session.is_heard(turn);
        if let Some(session) = self.session.filter(is_silent) {
            turn.close(session.link, Close::Silent);
            self.unlinked(session.link);
        }
    }

    /// When something here is over at the earliest.
    pub(super) fn next_look(&self, turn: &Turn<'_>) -> Option<Boot> {
        let items = self.items.iter().map(|item| match item.state {
            State::Storing { until } => until,
            State::Waiting { .. } | State::Sent { .. } => turn.boot.plus(item.left(turn).max(1)),
        });
        let silent = self.session.map(|session| {
            let silent = session.heard.plus(turn.limits.silence_ms + 1);
            silent.max(turn.boot.plus(1))
        });
        items.chain(silent).min()
    }

    /// A grant for a claim, if there is life left at this instant.
    fn claim(&mut self, path: Path, id: PushId, turn: &mut Turn<'_>) {
        self.drop_expired(turn);
        let item = self.find(id).filter(|item| item.is_sent());
        let frame = match item {
            Some(item) => Down::Grant(item.grant(Proof::Claim, turn)),
            None => Down::Gone { id },
        };
        if item.is_some() {
            turn.log(id, Stage::Granted);
        }
        match path {
            Path::Link(link) => turn.say(link, frame),
            Path::Relay(device) => turn.effects.push(Effect::Relay { device, frame }),
        }
    }

    /// A device that is not here may be at another gateway.
    fn offer_elsewhere(&mut self, device: DeviceId, turn: &mut Turn<'_>) {
        if self.session.is_some() {
            return;
        }
        for item in &mut self.items {
            if item.state == (State::Waiting { sequence: None }) {
                item.state = State::Sent { sequence: None };
                let frame = item.offer();
                turn.log(item.push.id, Stage::Offered);
                turn.effects.push(Effect::Relay { device, frame });
            }
        }
    }

    fn relay_of(&self, id: PushId) -> Option<NodeId> {
        let relay = self.relays.iter().find(|(relayed, _)| *relayed == id);
        relay.map(|(_, from)| *from)
    }

    /// The device is done with a push.
    fn acknowledge(&mut self, id: PushId, outcome: Outcome, turn: &mut Turn<'_>) {
        turn.log(
            id,
            match outcome {
                Outcome::Taken => Stage::Taken,
                Outcome::Delivered => Stage::Delivered,
                Outcome::Expired => Stage::ExpiredAtDevice,
                Outcome::Duplicate => Stage::Duplicate,
                Outcome::Refused => Stage::Refused,
            },
        );
        let Some(at) = self.items.iter().position(|item| item.push.id == id) else {
            return;
        };
        if self.items[at].is_sent() {
            let item = self.items.remove(at);
            turn.forget(&item);
        }
    }

    /// Offers, in the order of acceptance, what was not said on this session yet.
    fn offer_waiting(&mut self, turn: &mut Turn<'_>) {
        let Some(session) = self.session.filter(|session| session.is_heard(turn)) else {
            return;
        };
        for item in &mut self.items {
            let State::Waiting { sequence } = item.state else {
                continue;
            };
            if item.left(turn) == 0 {
                continue;
            }
            item.state = State::Sent { sequence };
            let id = item.push.id;
            if turn.limits.ahead && item.push.priority == Priority::Immediate {
                let beat = session.beat;
                let ago_ms = turn.boot.since(session.beat_at);
                let grant = item.grant(Proof::Beat { beat, ago_ms }, turn);
                turn.log(id, Stage::Granted);
                turn.say(session.link, Down::Grant(grant));
            } else {
                let frame = item.offer();
                turn.log(id, Stage::Offered);
                turn.say(session.link, frame);
            }
        }
    }

    /// Of the stored pushes for one slot the newest stays (I3).
    fn keep_newest(&mut self, turn: &mut Turn<'_>) {
        let newest = |address: &Address, items: &[Item]| {
            let same = items.iter().filter(|item| item.address == *address);
            same.filter_map(|item| item.state.sequence()).max()
        };
        let mut at = 0;
        while let Some(item) = self.items.get(at) {
            let sequence = item.state.sequence();
            if sequence.is_some() && sequence < newest(&item.address, &self.items) {
                turn.log(item.push.id, Stage::Replaced);
                self.items.remove(at);
            } else {
                at += 1;
            }
        }
    }

    fn drop_expired(&mut self, turn: &mut Turn<'_>) {
        let mut at = 0;
        while let Some(item) = self.items.get(at) {
            let decided = !matches!(item.state, State::Storing { .. });
            if decided && item.left(turn) == 0 {
                turn.log(item.push.id, Stage::ExpiredAtGateway);
                turn.forget(item);
                self.items.remove(at);
            } else {
                at += 1;
            }
        }
    }

    fn give_up_storing(&mut self, turn: &mut Turn<'_>) {
        let mut at = 0;
        while let Some(item) = self.items.get(at) {
            let (device, id) = (item.address.device, item.push.id);
            if matches!(item.state, State::Storing { until } if until <= turn.boot) {
                turn.log(id, Stage::Failed);
                turn.decide(device, id, Decision::Unavailable);
                self.items.remove(at);
            } else {
                at += 1;
            }
        }
    }

    fn find(&self, id: PushId) -> Option<&Item> {
        self.items.iter().find(|item| item.push.id == id)
    }
}

impl Session {
    fn is_heard(&self, turn: &Turn<'_>) -> bool {
        turn.boot.since(self.heard) <= turn.limits.silence_ms
    }
}

impl Item {
    fn from_kept(kept: Kept, turn: &Turn<'_>) -> Self {
        let age = turn.utc.since(kept.accepted);
        let until = kept.until.unwrap_or(Boot(u64::MAX));
        let utc = kept.expires;
        let sequence = Some(kept.sequence);
        Self {
            address: kept.address,
            push: kept.push,
            life: Life::Dated { utc, until },
            accepted: Boot(turn.boot.0.saturating_sub(age)),
            state: State::Waiting { sequence },
        }
    }

    fn is_sent(&self) -> bool {
        matches!(self.state, State::Sent { .. })
    }

    fn left(&self, turn: &Turn<'_>) -> u64 {
        self.life.left(turn.boot, turn.utc)
    }

    fn offer(&self) -> Down {
        Down::Offer {
            id: self.push.id,
            app: self.address.app.clone(),
            service: self.address.service,
            priority: self.push.priority,
        }
    }

    fn grant(&self, proof: Proof, turn: &Turn<'_>) -> Grant {
        Grant {
            app: self.address.app.clone(),
            service: self.address.service,
            push: self.push.clone(),
            left_ms: self.left(turn),
            age_ms: turn.boot.since(self.accepted),
            proof,
            stored: self.state.sequence().is_some(),
        }
    }
}

impl Turn<'_> {
    fn say(&mut self, link: LinkId, frame: Down) {
        self.effects.push(Effect::Frame { link, frame });
    }

    fn close(&mut self, link: LinkId, why: Close) {
        self.effects.push(Effect::Close { link, why });
    }

    fn log(&mut self, id: PushId, stage: Stage) {
        self.effects.push(Effect::Log { id, stage });
    }

    fn decide(&mut self, device: DeviceId, id: PushId, decision: Decision) {
        self.effects.push(Effect::Decided {
            device,
            id,
            decision,
        });
    }

    fn forget(&mut self, item: &Item) {
        if item.state.sequence().is_some() {
            self.effects.push(Effect::Forget {
                address: item.address.clone(),
                id: item.push.id,
            });
        }
    }
}
