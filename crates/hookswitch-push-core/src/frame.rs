//! What the two ends of the device link say to each other.
//!
//! The bytes are made by [`crate::codec`]; the contract is told in `docs/push-link.md`.

use core::fmt;

use crate::fresh::Proof;
use crate::push::{DeviceId, Priority, Push, PushId, Service};

/// The version of the link that this crate speaks.
pub const VERSION: u8 = 1;

/// What a device says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Up {
    /// The first frame: who this is. It counts as a heartbeat.
    Hello {
        /// The version of the link.
        version: u8,
        /// The device.
        device: DeviceId,
        /// What proves that it is this device.
        secret: Secret,
        /// The number of the heartbeat.
        beat: u32,
    },
    /// A heartbeat.
    Beat {
        /// Its number; numbers grow within one link.
        beat: u32,
    },
    /// An app wants a token.
    Register {
        /// The app.
        app: String,
        /// The service.
        service: Service,
    },
    /// An app wants no more pushes; its token dies.
    Unregister {
        /// The app.
        app: String,
        /// The service.
        service: Service,
    },
    /// The device wants the payload of an offer.
    Claim {
        /// The push.
        id: PushId,
    },
    /// What became of a push.
    Ack {
        /// The push.
        id: PushId,
        /// The outcome.
        outcome: Outcome,
    },
}

/// What a gateway says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Down {
    /// The device is who it says it is.
    Welcome {
        /// The number of this session; a later one replaces it.
        epoch: u64,
        /// How often to send heartbeats.
        beat_ms: u32,
        /// After how much silence to give the link up.
        silence_ms: u32,
    },
    /// The answer to a heartbeat.
    Beat {
        /// Its number.
        beat: u32,
    },
    /// The token of an app.
    Token {
        /// The app.
        app: String,
        /// The service.
        service: Service,
        /// The token; the app tells it to its own server.
        token: Secret,
    },
    /// There is a push; no payload and no promise yet.
    Offer {
        /// The push.
        id: PushId,
        /// The app.
        app: String,
        /// The service.
        service: Service,
        /// How urgent it is.
        priority: Priority,
    },
    /// A push with its payload and the proof of its freshness.
    Grant(Grant),
    /// A claim came too late, or the push was replaced.
    Gone {
        /// The push.
        id: PushId,
    },
    /// The link ends.
    Close {
        /// Why.
        why: Close,
    },
}

/// A push on its way to an app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    /// The app.
    pub app: String,
    /// The service.
    pub service: Service,
    /// The push.
    pub push: Push,
    /// The life left when it was granted, in milliseconds.
    pub left_ms: u64,
    /// Its age when it was granted, in milliseconds.
    pub age_ms: u64,
    /// What proves when it was granted.
    pub proof: Proof,
    /// Whether it is stored: it is acknowledged only when the app has completed it.
    pub stored: bool,
}

/// What became of a push on the device.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Outcome {
    /// The device has it and will not ask again: pushes that are not stored.
    Taken,
    /// The app completed it.
    Delivered,
    /// It expired on the device.
    Expired,
    /// The device had it already.
    Duplicate,
    /// The device did not want it: no such app, launches stopped, too old to ring.
    Refused,
}

/// Why a gateway ends a link.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Close {
    /// Another link of the same device took over.
    Replaced,
    /// The device was silent for too long.
    Silent,
    /// The gateway stops; come again, perhaps to another one.
    Stopping,
    /// A frame could not be read, or came at the wrong time.
    Protocol,
    /// The secret is wrong, or this device may not enroll.
    Refused,
    /// The gateway is too busy; come again later.
    Busy,
}

/// Bytes that prove something: never printed.
#[derive(Clone, Eq, Ord, PartialEq, PartialOrd)]
pub struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} secret bytes)", self.0.len())
    }
}
