//! The device end of the push link: TLS 1.3, heartbeats, and the pure device of the push core.
//!
//! Connects to a gateway, keeps the link up, feeds frames, apps and time into
//! [`hookswitch_push_core::device::Device`] and hands out what it wants done. Input: a
//! [`Config`] and [`Order`]s. Output: [`Told`]s, in order.
//!
//! # Promises
//!
//! - The boot clock is read after an event was received and never before.
//! - Each wait has a deadline: connecting, greeting, writing; retries back off up to
//!   [`RETRY_MAX`], spread by the id of the device.
//! - A reader who does not take what is told stops the link, not the memory.
//!
//! # Not here
//!
//! Starting apps, keeping ids and tokens across a restart: whoever runs this does.

mod connect;
mod run;
mod wire;

use std::time::Duration;

use hookswitch_push_core::device::{Event, Handed, Record, Status};
use hookswitch_push_core::frame::{Close, Secret};
use hookswitch_push_core::limits::Limits;
use hookswitch_push_core::push::{DeviceId, PushId, Service};
use hookswitch_push_core::time::Boot;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::sync::{mpsc, oneshot};

/// The name of the protocol in the TLS handshake.
pub const ALPN: &[u8] = b"hookswitch-push/1";
/// How long connecting may take, the TLS handshake and the greeting included.
pub const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long one write may take.
pub const WRITE_MAX: Duration = Duration::from_secs(10);
/// The longest pause between two attempts.
pub const RETRY_MAX: Duration = Duration::from_secs(30);
/// How long an acknowledgment waits for the disk.
pub const KEEP_MAX: Duration = Duration::from_secs(2);
/// Orders that may wait, and what may wait to be told.
const QUEUE: usize = 256;

/// Where the gateway is and who this device is.
#[derive(Clone, Debug)]
pub struct Config {
    /// `host:port` of the gateway's device side.
    pub gateway: String,
    /// The name that its certificate must carry.
    pub name: String,
    /// The certificates to trust; nothing else is trusted.
    pub trust: Vec<CertificateDer<'static>>,
    /// This device.
    pub device: DeviceId,
    /// What proves that it is this device.
    pub secret: Secret,
    /// The numbers of the device.
    pub limits: Limits,
    /// Ids of completed pushes that were to be remembered.
    pub remembered: Vec<(PushId, Boot)>,
    /// Apps that may be launched.
    pub apps: Vec<String>,
    /// The strikes of apps, from [`Told::Duty`].
    pub duties: Vec<(String, SavedDuty, u64)>,
}

/// The strikes of an app as they are kept: their ages and the rest of a stop, in milliseconds. In
/// [`Config::duties`], a third number says how long ago that was.
pub type SavedDuty = (Vec<u64>, Option<u64>);

/// What the owner of the link wants.
#[derive(Debug)]
pub enum Order {
    /// A token for an app; told as [`Told::Token`], also again after each new link.
    Register {
        /// The app.
        app: String,
        /// The service.
        service: Service,
    },
    /// The app wants no more pushes.
    Unregister {
        /// The app.
        app: String,
        /// The service.
        service: Service,
    },
    /// Something happened to an app.
    App(Event),
    /// What is known about an app.
    Status {
        /// The app.
        app: String,
        /// Where the answer goes.
        answer: oneshot::Sender<Option<Status>>,
    },
}

/// What the owner of the link is told.
#[derive(Debug)]
pub enum Told {
    /// The gateway welcomed this device.
    Linked,
    /// No connection to the gateway can be made: nobody answers, or its certificate is not one of
    /// those to trust. It is tried again.
    Unreachable,
    /// The link is down; it is being made again.
    Unlinked {
        /// What the gateway said, if it said anything.
        why: Option<Close>,
    },
    /// An app's token.
    Token {
        /// The app.
        app: String,
        /// The service.
        service: Service,
        /// The token.
        token: Secret,
    },
    /// Start this app.
    Launch {
        /// The app.
        app: String,
    },
    /// Begin a callback; look at its deadline right before.
    Hand(Handed),
    /// Keep this id across a restart. The push is acknowledged when `kept` is answered or dropped,
    /// at the latest after [`KEEP_MAX`].
    Remember {
        /// The push.
        id: PushId,
        /// Until when.
        until: Boot,
        /// Answered when it is on the disk.
        kept: oneshot::Sender<()>,
    },
    /// The strikes of an app changed; keep them across a restart.
    Duty {
        /// The app.
        app: String,
        /// Its strikes.
        saved: SavedDuty,
    },
    /// A line of an app's history.
    Record(Record),
}

/// The link is not running any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the push link has stopped; start it again")]
pub struct Stopped;

/// A running link. It ends when the last handle, or the receiver of what is told, is dropped.
#[derive(Clone, Debug)]
pub struct Link {
    orders: mpsc::Sender<Order>,
}

impl Link {
    /// Starts a link on the current runtime.
    ///
    /// # Errors
    ///
    /// When a certificate to trust cannot be read.
    pub fn start(config: Config) -> Result<(Self, mpsc::Receiver<Told>), rustls::Error> {
        let tls = connect::client(&config.trust)?;
        let (orders, inbox) = mpsc::channel(QUEUE);
        let (told, outbox) = mpsc::channel(QUEUE);
        tokio::spawn(run::run(config, tls, inbox, told));
        Ok((Self { orders }, outbox))
    }

    /// Gives an order.
    ///
    /// # Errors
    ///
    /// When the link has stopped.
    pub async fn order(&self, order: Order) -> Result<(), Stopped> {
        self.orders.send(order).await.map_err(|_| Stopped)
    }
}

/// The certificates of a PEM text, for [`Config::trust`].
///
/// # Errors
///
/// What is wrong with it, in words.
pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(found) if found.is_empty() => Err("there is no certificate in it".to_owned()),
        Ok(found) => Ok(found),
        Err(error) => Err(error.to_string()),
    }
}

/// The boot clock of this machine, shared by all its processes.
#[must_use]
pub fn boot() -> Boot {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(now.tv_nsec).unwrap_or(0);
    Boot(seconds * 1_000 + nanos / 1_000_000)
}
