//! Being woken by pushes (PushKit `PKPushRegistry`).
//!
//! Input: what the daemon calls at `org.hookswitch.Push1`. Output: tokens for the app's server,
//! and pushes that are still fresh.
//!
//! # Promises
//!
//! - **PK1** no push is handed to the app after its deadline: the boot clock is compared as the app
//!   takes the push, however long it waited here.
//! - **PK2** a push that is dropped is completed, so that nothing waits for it.
//! - **PK3** after a restart of the daemon the registration is made again by itself.

mod app;
mod events;
mod incoming;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookswitch_wire::dbus::{CallKitDomain, PUSH_INTERFACE};
use hookswitch_wire::json::PushStatus;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use zbus::Connection;
use zbus::connection::Builder;

use crate::bus::BusAddress;
use crate::error::Error;
use crate::link::{self, Alive, Driver, Link, Method, Owner, Repeat, Role, lock};

pub use events::{PUSHES_MAX, PushEvent, PushEvents};
pub use incoming::{IncomingPush, PushReason};

/// What an app wants pushes for (`PKPushType`).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum PushService {
    /// Pushes that announce a call; the topic ends in `.voip`. They start the app.
    Voip,
    /// All others.
    App,
}

impl PushService {
    /// Its word on the bus.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Voip => "voip",
            Self::App => "app",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Voip, Self::App];
        all.into_iter().find(|known| known.name() == name)
    }
}

/// How an app takes pushes for calls.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PushStyle {
    /// It looks at [`IncomingPush::must_report`] (the delegate with `PKVoIPPushMetadata`).
    #[default]
    Metadata,
    /// It always reports a call, so it gets nothing that is too old to ring (the delegate without).
    AlwaysReport,
}

impl PushStyle {
    fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::AlwaysReport => "always-report",
        }
    }
}

/// What a connection of an app knows of its pushes.
#[derive(Debug, Default)]
pub(crate) struct Pushes {
    /// What the app registered: services and style.
    wanted: Mutex<Option<(Vec<String>, PushStyle)>>,
    events: Mutex<Option<mpsc::Sender<PushEvent>>>,
    /// Registers again with the daemon that is there now.
    again: Mutex<Option<AbortHandle>>,
}

/// Pauses between two tries to register again: from, and to.
const AGAIN_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

impl Pushes {
    /// Adds the object that the daemon calls.
    pub(crate) fn serve(
        self: &Arc<Self>,
        builder: Builder<'static>,
        link: &Link,
    ) -> Builder<'static> {
        app::serve(builder, self.clone(), link.clone())
    }

    /// The daemon is there again: registers again, aside. Calls do not wait for that and do not
    /// depend on it: a daemon without a gateway refuses it.
    pub(crate) fn up(self: &Arc<Self>, connection: &Connection) {
        let (pushes, connection) = (self.clone(), connection.clone());
        let again = tokio::spawn(async move {
            let (mut pause, longest) = AGAIN_AFTER;
            let mut is_told = false;
            while let Err(error) = pushes.register(&connection).await {
                if !is_told {
                    pushes.emit(PushEvent::Unavailable(error)).await;
                    is_told = true;
                }
                tokio::select! {
                    () = connection.closed() => return,
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(longest),
                }
            }
        });
        if let Some(former) = lock(&self.again).replace(again.abort_handle()) {
            former.abort();
        }
    }

    async fn register(&self, connection: &Connection) -> Result<(), Error> {
        let wanted = lock(&self.wanted).clone();
        if let Some((services, style)) = wanted {
            let body = (services, style.name());
            link::call_now(connection, method("Register"), &body).await?;
        }
        Ok(())
    }

    async fn emit(&self, event: PushEvent) {
        let events = lock(&self.events).clone();
        if let Some(events) = events {
            // An app that dropped its events hears nothing; a push among them is completed.
            let _ = events.send(event).await;
        }
    }
}

/// The registration of an app for pushes (`PKPushRegistry`). Cheap to clone.
///
/// Made by [`Provider::push_registry`](crate::Provider::push_registry), at every start of the app:
/// a push that started it waits for that. See `docs/push.md`.
#[derive(Clone, Debug)]
pub struct PushRegistry {
    link: Link,
    pushes: Arc<Pushes>,
    _alive: Arc<Alive>,
}

impl PushRegistry {
    pub(crate) async fn open(
        (link, alive): (Link, Arc<Alive>),
        pushes: Arc<Pushes>,
        services: &[PushService],
        style: PushStyle,
    ) -> Result<(Self, PushEvents), Error> {
        let names: Vec<String> = services.iter().map(|one| one.name().to_owned()).collect();
        let (sender, receiver) = events::channel();
        *lock(&pushes.events) = Some(sender);
        let body = (names.clone(), style.name());
        let () = link.call(method("Register"), &body).await?;
        *lock(&pushes.wanted) = Some((names, style));
        let registry = Self {
            link,
            pushes,
            _alive: alive.clone(),
        };
        Ok((registry, PushEvents::new(receiver, alive)))
    }

    /// The app wants no more pushes of these kinds: the tokens die, and senders are told so.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached or refuses.
    pub async fn unregister(&self, services: &[PushService]) -> Result<(), Error> {
        let names: Vec<String> = services.iter().map(|one| one.name().to_owned()).collect();
        if let Some((wanted, _)) = lock(&self.pushes.wanted).as_mut() {
            wanted.retain(|known| !names.contains(known));
        }
        let none = matches!(&*lock(&self.pushes.wanted), Some((wanted, _)) if wanted.is_empty());
        if none {
            *lock(&self.pushes.wanted) = None;
        }
        self.link.call(method("Unregister"), &(names,)).await
    }

    /// What became of this app's pushes: tokens, strikes, history.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn status(&self) -> Result<PushStatus, Error> {
        let (text,): (String,) = self.link.call(method("Status"), &()).await?;
        parse(&text)
    }
}

/// The user's hand over all apps that take pushes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PushApps {
    link: Link,
    _alive: Arc<Alive>,
}

impl PushApps {
    /// Connects to the daemon. Must be called within a tokio runtime.
    ///
    /// # Errors
    ///
    /// At once, when no bus is found or no daemon runs there and none can be started.
    pub async fn connect() -> Result<Self, Error> {
        Self::connect_at(BusAddress::Session).await
    }

    /// The same, on a given bus.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn connect_at(address: BusAddress) -> Result<Self, Error> {
        let (driver, link) = Driver::new();
        let alive = Arc::new(driver.start(Arc::new(Hand), address));
        link.ready(false).await?;
        Ok(Self {
            link,
            _alive: alive,
        })
    }

    /// The gateway and all apps.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn status(&self) -> Result<PushStatus, Error> {
        let (text,): (String,) = self.link.call(method("Apps"), &()).await?;
        parse(&text)
    }

    /// Forgives an app its strikes: it is started for pushes again.
    ///
    /// # Errors
    ///
    /// When the app takes no pushes.
    pub async fn allow(&self, app: &str) -> Result<(), Error> {
        self.link.call(method("Allow"), &(app,)).await
    }

    /// Takes an app's tokens away: senders are told that they are dead.
    ///
    /// # Errors
    ///
    /// When the app takes no pushes.
    pub async fn forget(&self, app: &str) -> Result<(), Error> {
        self.link.call(method("Forget"), &(app,)).await
    }
}

/// A connection that only asks.
#[derive(Debug)]
struct Hand;

impl Role for Hand {
    const SIGNALS: &'static str = PUSH_INTERFACE;

    fn prepare(self: &Arc<Self>, builder: Builder<'static>) -> Builder<'static> {
        builder
    }

    async fn up(&self, _connection: &Connection) -> Result<(), Error> {
        Ok(())
    }

    fn down(&self) {}

    fn signal(&self, _message: &zbus::Message) {}
}

/// How long until a deadline of the boot clock.
fn until(deadline_ms: u64) -> Duration {
    Duration::from_millis(deadline_ms.saturating_sub(boot_ms()))
}

/// The boot clock of this machine, in milliseconds; all processes share it and nobody can set it.
fn boot_ms() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(now.tv_nsec).unwrap_or(0);
    seconds * 1_000 + nanos / 1_000_000
}

fn method(name: &'static str) -> Method {
    Method {
        interface: PUSH_INTERFACE,
        name,
        during: CallKitDomain::General,
        repeat: Repeat::Harmless,
    }
}

fn parse(text: &str) -> Result<PushStatus, Error> {
    serde_json::from_str(text).map_err(|error| Error::BadReply(error.to_string()))
}

/// Whether a caller is the daemon.
fn is_daemon(owner: &Owner, sender: Option<&str>) -> zbus::fdo::Result<()> {
    match owner.is(sender) {
        true => Ok(()),
        false => {
            let text = "only the call system may call this";
            Err(zbus::fdo::Error::AccessDenied(text.to_owned()))
        }
    }
}
