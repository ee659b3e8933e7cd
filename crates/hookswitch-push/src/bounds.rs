//! The bounds of the program; those of the contract are in the core's limits.

use std::time::Duration;

/// Connections of senders at once.
pub const SENDERS: usize = 4_096;
/// Connections of devices at once.
pub const DEVICES: usize = 500_000;
/// TLS handshakes of devices at once: a storm waits in the kernel's queue, not in memory.
pub const HANDSHAKES: usize = 256;
/// Streams of one sender at once.
pub const STREAMS: u32 = 1_000;
/// Bytes of all headers of one request.
pub const HEADERS: u32 = 16 * 1_024;
/// Bytes of a body that are kept; every limit of a push type is lower.
pub const BODY: usize = 8 * 1_024;
/// Bytes of a body that are read before its stream is given up.
pub const DRAINED: usize = 256 * 1_024;
/// How long a TLS handshake may take.
pub const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a body may take to come.
pub const READ: Duration = Duration::from_secs(10);
/// How long one write to a device may take.
pub const WRITE: Duration = Duration::from_secs(10);
/// How often an idle sender is pinged, and how long it may take to answer.
pub const PING: Duration = Duration::from_secs(60);
/// See [`PING`].
pub const PONG: Duration = Duration::from_secs(20);
/// How long open requests may take when the gateway stops.
pub const DRAIN: Duration = Duration::from_secs(10);
/// Events that wait for one shard; beyond it senders get 503.
pub const INBOX: usize = 4_096;
/// Frames that wait for one device; beyond it the link is given up.
pub const FRAMES: usize = 128;
/// Orders that wait for the engine.
pub const ORDERS: usize = 8_192;
/// Orders that share one write to the disk.
pub const BATCH: usize = 512;
/// Pushes in the delivery log of the development environment.
pub const DELIVERIES: usize = 10_000;
