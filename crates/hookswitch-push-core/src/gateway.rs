//! The gateway's end of the contract: who is offered what, and when it is too late.
//!
//! Input: pushes that passed every check, the links of devices, answers of the engine, with both
//! clocks of the gateway read for each event. Output: frames, orders to the engine, decisions for
//! senders and stages for the delivery log.
//!
//! # Promises
//!
//! Those of the crate, and: a push that is not stored is offered on no link that was silent for
//! too long; everything that waits has a deadline; one device has at most
//! [`Limits::pending`] pushes in memory; the frames of one link leave in the order in which
//! their pushes were accepted.
//!
//! # Not here
//!
//! The engine itself, which orders pushes to one slot by a sequence; who a device is; tokens.

mod mailbox;

use std::collections::{BTreeMap, BTreeSet};

use crate::frame::{Close, Down, Up};
use crate::limits::Limits;
use crate::push::{Address, DeviceId, Push, PushId};
use crate::time::{Boot, Stamp, Utc, Wall};

use mailbox::Mailbox;

/// One connection of one device; never used again for another.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LinkId(pub u64);

/// One gateway among those that share an engine.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct NodeId(pub u32);

/// A push as the engine keeps it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kept {
    /// Its slot.
    pub address: Address,
    /// The push.
    pub push: Push,
    /// E.
    pub expires: Utc,
    /// E by the boot clock of the machine that accepted it, when this is that machine and it was
    /// not started again since.
    pub until: Option<Boot>,
    /// A, by the wall.
    pub accepted: Utc,
    /// The engine's sequence: newer is larger. Zero until the engine has it.
    pub sequence: u64,
}

/// What happens to a gateway.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// A sender's push, all checks passed.
    Send {
        /// Where to.
        address: Address,
        /// The push.
        push: Push,
        /// The header `apns-expiration`, in seconds since 1970.
        expiration: Option<u64>,
    },
    /// The engine answered an [`Effect::Keep`].
    Stored {
        /// The device.
        device: DeviceId,
        /// The push.
        id: PushId,
        /// Its sequence, or nothing when the engine failed.
        sequence: Option<u64>,
    },
    /// A device proved who it is.
    Linked {
        /// Its connection.
        link: LinkId,
        /// The device.
        device: DeviceId,
        /// The number of its session, from the engine: larger is newer.
        epoch: u64,
        /// The number of the heartbeat in its greeting.
        beat: u32,
    },
    /// What the engine keeps for a device that came.
    Fetched {
        /// The device.
        device: DeviceId,
        /// The session that it was fetched for.
        epoch: u64,
        /// All of it.
        kept: Vec<Kept>,
    },
    /// A device said something: heartbeats, claims, acknowledgments.
    Frame {
        /// Its connection.
        link: LinkId,
        /// What it said.
        frame: Up,
    },
    /// A connection ended.
    Unlinked {
        /// The connection.
        link: LinkId,
    },
    /// A newer session of the device began at another gateway.
    Moved {
        /// The device.
        device: DeviceId,
        /// The number of the newer session.
        epoch: u64,
    },
    /// Another gateway stored something for a device whose session is here.
    Woken {
        /// The device.
        device: DeviceId,
    },
    /// Another gateway says something to a device whose session is here.
    Relayed {
        /// The other gateway: answers go to it.
        from: NodeId,
        /// The device.
        device: DeviceId,
        /// What it says.
        frame: Down,
    },
    /// A device whose session is at another gateway answers what was relayed.
    Answered {
        /// The device.
        device: DeviceId,
        /// Its answer.
        frame: Up,
    },
    /// The time of [`Gateway::next_deadline`] came.
    Tick,
}

/// What a gateway wants done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Answer the sender.
    Decided {
        /// The device.
        device: DeviceId,
        /// The push.
        id: PushId,
        /// The answer.
        decision: Decision,
    },
    /// Keep a push in its slot, in place of an older one; answer with [`Event::Stored`].
    Keep(Kept),
    /// Forget a push, if its slot still holds this very one.
    Forget {
        /// The slot.
        address: Address,
        /// The push.
        id: PushId,
    },
    /// Read all slots of a device; answer with [`Event::Fetched`].
    Fetch {
        /// The device.
        device: DeviceId,
        /// The session.
        epoch: u64,
    },
    /// Say something to a device.
    Frame {
        /// Its connection.
        link: LinkId,
        /// What to say.
        frame: Down,
    },
    /// Renew the lease of a device's route; [`Event::Moved`] answers when another gateway has a
    /// newer session, even one whose link was dead before it began.
    Renew {
        /// The device.
        device: DeviceId,
        /// The session.
        epoch: u64,
    },
    /// Tell the gateway that has the device's session, if any: [`Event::Woken`].
    Wake {
        /// The device.
        device: DeviceId,
    },
    /// Say something to a device by the gateway that has its session, if any:
    /// [`Event::Relayed`]. The claim and its grant pass through that gateway, so the proof of
    /// freshness is between the device's clock and this gateway's.
    Relay {
        /// The device.
        device: DeviceId,
        /// What to say.
        frame: Down,
    },
    /// Pass a device's answer to the gateway that it is for: [`Event::Answered`].
    Answer {
        /// That gateway.
        to: NodeId,
        /// The device.
        device: DeviceId,
        /// The answer.
        frame: Up,
    },
    /// End a connection, after saying why.
    Close {
        /// The connection.
        link: LinkId,
        /// Why.
        why: Close,
    },
    /// A line of the delivery log.
    Log {
        /// The push.
        id: PushId,
        /// The stage it reached.
        stage: Stage,
    },
}

/// What a sender is told.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Decision {
    /// 200: it was offered to the device.
    Offered,
    /// 200: it is stored.
    Stored,
    /// 200: the device is away; it is dropped unless the device comes within the window.
    Away,
    /// 429: too many pushes wait for this device.
    TooMany,
    /// 503: the engine did not keep it in time.
    Unavailable,
}

/// How far a push came.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Stage {
    /// The gateway took it.
    Accepted,
    /// The engine keeps it.
    Stored,
    /// The device was told of it.
    Offered,
    /// The device was sent the payload.
    Granted,
    /// The device has it.
    Taken,
    /// The app completed it.
    Delivered,
    /// Its life ended at the gateway.
    ExpiredAtGateway,
    /// Its life ended on the device.
    ExpiredAtDevice,
    /// The device had it already.
    Duplicate,
    /// The device did not want it.
    Refused,
    /// A newer push took its slot.
    Replaced,
    /// The engine did not keep it.
    Failed,
}

/// The state of one gateway, or of one shard of its devices.
#[derive(Clone, Debug)]
pub struct Gateway {
    limits: Limits,
    wall: Wall,
    boxes: BTreeMap<DeviceId, Mailbox>,
    links: BTreeMap<LinkId, DeviceId>,
    looks: BTreeSet<(Boot, DeviceId)>,
}

/// The time of one event, and where its effects go.
struct Turn<'a> {
    limits: &'a Limits,
    boot: Boot,
    utc: Utc,
    effects: &'a mut Vec<Effect>,
}

impl Gateway {
    /// An empty gateway.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            wall: Wall::default(),
            boxes: BTreeMap::new(),
            links: BTreeMap::new(),
            looks: BTreeSet::new(),
        }
    }

    /// Takes one event; the clocks must be read after it was received.
    pub fn handle(&mut self, stamp: Stamp, event: Event, effects: &mut Vec<Effect>) {
        let utc = self.wall.read(stamp, self.limits.step_ms);
        let boot = stamp.boot;
        let due = self.due(boot);
        let limits = self.limits;
        let mut turn = Turn {
            limits: &limits,
            boot,
            utc,
            effects,
        };
        for device in due {
            self.visit(device, &mut turn, |mailbox, turn| mailbox.look(turn));
        }
        if let Some(device) = self.device_of(&event) {
            self.dispatch(device, stamp, event, &mut turn);
        }
    }

    /// When [`Event::Tick`] is wanted at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Boot> {
        self.looks.first().map(|(at, _)| *at)
    }

    /// Whether the wall clock was stepped, and dates are decided by the time before the step.
    #[must_use]
    pub fn is_clock_disputed(&self) -> bool {
        self.wall.is_disputed()
    }

    /// Takes the wall clock as it is, after another clock confirmed it.
    pub fn trust_clock(&mut self, stamp: Stamp) {
        self.wall.trust(stamp);
    }

    /// How many devices are connected.
    #[must_use]
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// How many pushes are in memory.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.boxes.values().map(Mailbox::len).sum()
    }

    fn dispatch(&mut self, device: DeviceId, stamp: Stamp, event: Event, turn: &mut Turn<'_>) {
        self.visit(device, turn, |mailbox, turn| match event {
            Event::Send {
                address,
                push,
                expiration,
            } => mailbox.send(stamp, address, push, expiration, turn),
            Event::Stored { id, sequence, .. } => mailbox.stored(id, sequence, turn),
            Event::Linked {
                link, epoch, beat, ..
            } => mailbox.linked(link, device, epoch, beat, turn),
            Event::Fetched { epoch, kept, .. } => mailbox.fetched(epoch, kept, turn),
            Event::Frame { link, frame } => mailbox.frame(link, device, frame, turn),
            Event::Unlinked { link } => mailbox.unlinked(link),
            Event::Moved { epoch, .. } => mailbox.moved(epoch, turn),
            Event::Woken { .. } => mailbox.woken(device, turn),
            Event::Relayed { from, frame, .. } => mailbox.relayed(from, frame, turn),
            Event::Answered { frame, .. } => mailbox.answered(device, frame, turn),
            Event::Tick => {}
        });
    }

    /// The device that an event is about; nothing for links that were replaced (I4).
    fn device_of(&mut self, event: &Event) -> Option<DeviceId> {
        match event {
            Event::Send { address, .. } => Some(address.device),
            Event::Stored { device, .. }
            | Event::Fetched { device, .. }
            | Event::Moved { device, .. }
            | Event::Woken { device }
            | Event::Relayed { device, .. }
            | Event::Answered { device, .. } => Some(*device),
            Event::Linked { link, device, .. } => {
                self.links.insert(*link, *device);
                Some(*device)
            }
            Event::Frame { link, .. } => self.links.get(link).copied(),
            Event::Unlinked { link } => self.links.remove(link),
            Event::Tick => None,
        }
    }

    /// The devices that something is due for.
    fn due(&mut self, now: Boot) -> Vec<DeviceId> {
        let mut due = Vec::new();
        while let Some((at, device)) = self.looks.first().copied().filter(|(at, _)| *at <= now) {
            self.looks.remove(&(at, device));
            due.push(device);
        }
        due
    }

    /// Lets one device's mailbox act, and notes when it wants to be looked at again.
    fn visit(
        &mut self,
        device: DeviceId,
        turn: &mut Turn<'_>,
        act: impl FnOnce(&mut Mailbox, &mut Turn<'_>),
    ) {
        let mailbox = self.boxes.entry(device).or_default();
        if let Some(at) = mailbox.look_at.take() {
            self.looks.remove(&(at, device));
        }
        let from = turn.effects.len();
        act(mailbox, turn);
        mailbox.look_at = mailbox.next_look(turn);
        if let Some(at) = mailbox.look_at {
            self.looks.insert((at, device));
        }
        if mailbox.is_idle() {
            self.boxes.remove(&device);
        }
        for effect in &turn.effects[from..] {
            if let Effect::Close { link, .. } = effect {
                self.links.remove(link);
            }
        }
    }
}
