//! Watching without names: ids and flags of all calls (CallKit `CXCallObserver`).

use std::collections::VecDeque;
use std::sync::Arc;

use hookswitch_wire::dbus::{CallKitDomain, OBSERVER_INTERFACE};
use tokio::sync::broadcast::{self, error::RecvError};
use zbus::connection::Builder;
use zbus::{Connection, Message};

use crate::bus::BusAddress;
use crate::error::Error;
use crate::link::{self, Alive, Driver, Link, Method, Repeat, Role};

/// How many changes wait for a slow watcher; beyond that it is given all calls anew.
const CHANGES_MAX: usize = 256;

/// What anyone may know of a call (CallKit `CXCall`). Equal by value.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CallFlags {
    /// Its id (`uuid`).
    pub id: String,
    /// We call the other party (`isOutgoing`).
    pub outgoing: bool,
    /// On hold on our side (`isOnHold`).
    pub on_hold: bool,
    /// It was active at some time (`hasConnected`).
    pub has_connected: bool,
    /// It is over (`hasEnded`).
    pub has_ended: bool,
}

type Flags = (String, bool, bool, bool, bool);

impl From<Flags> for CallFlags {
    fn from((id, outgoing, on_hold, has_connected, has_ended): Flags) -> Self {
        Self {
            id,
            outgoing,
            on_hold,
            has_connected,
            has_ended,
        }
    }
}

/// Watches all calls of the user, of every app (CallKit `CXCallObserver`). Cheap to clone.
#[derive(Clone, Debug)]
pub struct Observer {
    link: Link,
    heard: Arc<Heard>,
    _alive: Arc<Alive>,
}

impl Observer {
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
        let changes = broadcast::channel(CHANGES_MAX).0;
        let heard = Arc::new(Heard { changes });
        let alive = Arc::new(driver.start(heard.clone(), address));
        link.ready(false).await?;
        Ok(Self {
            link,
            heard,
            _alive: alive,
        })
    }

    /// All live calls (`calls`).
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn calls(&self) -> Result<Vec<CallFlags>, Error> {
        let (_, calls): (u64, Vec<Flags>) = self.link.call(CALLS, &()).await?;
        Ok(calls.into_iter().map(CallFlags::from).collect())
    }

    /// The version of the daemon.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn version(&self) -> Result<String, Error> {
        self.link.property(OBSERVER_INTERFACE, "Version").await
    }

    /// Every live call, then each change (`callObserver(_:callChanged:)`). After a restart of the
    /// daemon the live calls come again.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn watch(&self) -> Result<ObserverWatch, Error> {
        let changes = self.heard.changes.subscribe();
        let waiting = self.calls().await?.into();
        Ok(ObserverWatch {
            changes,
            waiting,
            observer: self.clone(),
        })
    }
}

const CALLS: Method = Method {
    interface: OBSERVER_INTERFACE,
    name: "Calls",
    during: CallKitDomain::General,
    repeat: Repeat::Harmless,
};

/// A stream of changes; see [`Observer::watch`].
#[derive(Debug)]
pub struct ObserverWatch {
    changes: broadcast::Receiver<CallFlags>,
    waiting: VecDeque<CallFlags>,
    observer: Observer,
}

impl ObserverWatch {
    /// Waits for the next change.
    ///
    /// # Errors
    ///
    /// When changes were lost and the daemon cannot be asked for all calls.
    pub async fn next(&mut self) -> Result<CallFlags, Error> {
        loop {
            if let Some(call) = self.waiting.pop_front() {
                return Ok(call);
            }
            match self.changes.recv().await {
                Ok(call) => return Ok(call),
                Err(RecvError::Lagged(_)) => self.waiting = self.observer.calls().await?.into(),
                Err(RecvError::Closed) => return Err(Error::Closed),
            }
        }
    }
}

#[derive(Debug)]
struct Heard {
    changes: broadcast::Sender<CallFlags>,
}

impl Heard {
    fn tell(&self, flags: Flags) {
        // Nobody may be watching.
        let _ = self.changes.send(flags.into());
    }
}

impl Role for Heard {
    const SIGNALS: &'static str = OBSERVER_INTERFACE;

    fn prepare(self: &Arc<Self>, builder: Builder<'static>) -> Builder<'static> {
        builder
    }

    async fn up(&self, connection: &Connection) -> Result<(), Error> {
        let reply = link::call_now(connection, CALLS, &()).await?;
        let (_, calls): (u64, Vec<Flags>) = link::read(&reply)?;
        calls.into_iter().for_each(|call| self.tell(call));
        Ok(())
    }

    fn down(&self) {}

    fn signal(&self, message: &Message) {
        let header = message.header();
        if header.member().is_some_and(|name| name == "CallChanged")
            && let Ok((flags,)) = link::read::<(Flags,)>(message)
        {
            self.tell(flags);
        }
    }
}
