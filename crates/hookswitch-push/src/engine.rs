//! What a gateway keeps, and where.
//!
//! An engine takes orders in sequence and answers each by calling what came with it. Expiry is
//! never left to an engine: what it gives back is checked again by the core. The embedded engine
//! is one SQLite file, see `docs/decisions/020-push-store.md`.

mod sqlite;

use hookswitch_push_core::gateway::Kept;
use hookswitch_push_core::push::{Address, DeviceId, PushId};
use hookswitch_push_core::tokens::Row;

pub use sqlite::Sqlite;

/// The engine could not: full, gone, or too much to do. Nothing is known to be kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Failed;

/// What to call when an order was carried out and is safe on the disk, or failed.
pub type Done<T> = Box<dyn FnOnce(Result<T, Failed>) + Send>;

/// One order.
pub enum Order {
    /// Keep a push in its slot; gives its sequence.
    Keep {
        /// The push.
        kept: Box<Kept>,
        /// The answer.
        done: Done<u64>,
    },
    /// Forget a push if its slot still holds it.
    Forget {
        /// The slot.
        address: Address,
        /// The push.
        id: PushId,
    },
    /// Read all slots of a device.
    Fetch {
        /// The device.
        device: DeviceId,
        /// The answer.
        done: Done<Vec<Kept>>,
    },
    /// Keep a row of the tokens.
    Token {
        /// The row.
        row: Row,
        /// The answer.
        done: Done<()>,
    },
    /// Keep a new device.
    Enroll {
        /// The device.
        device: DeviceId,
        /// The SHA-256 of its secret.
        hash: Vec<u8>,
        /// The answer.
        done: Done<()>,
    },
}

/// Everything that a gateway has in memory from its start on.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// All tokens.
    pub tokens: Vec<Row>,
    /// All devices with the SHA-256 of their secrets.
    pub devices: Vec<(DeviceId, Vec<u8>)>,
}

/// A store for gateways.
pub trait Engine: Send + Sync {
    /// Takes an order; orders of one device are carried out in sequence.
    ///
    /// # Errors
    ///
    /// When too many orders wait, or the engine is gone. The order's answer is not called then.
    fn order(&self, order: Order) -> Result<(), Failed>;
}
