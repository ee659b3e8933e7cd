//! One life of our connection to the bus.
//!
//! Input: an address, and the daemon's ends of all queues ([`Links`]).
//! Output: the served object `org.hookswitch.Calls1` until the bus goes away.
//!
//! # Promises
//!
//! - **S1** the name is taken when everything behind it works, never before.
//! - **S2** only one daemon serves a bus: a second one is told where the first one runs.
//! - **S3** when the bus goes away, or the names on it are not watched any more, all its clients
//!   are gone for the core; calls wait there for their apps.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hookswitch_core::Environment;
use hookswitch_model::{AppId, CallId, Limits};
use hookswitch_wire::dbus::{BUS_NAME, OBJECT_PATH};
use tokio::sync::{mpsc, oneshot, watch};
use zbus::fdo::{DBusProxy, RequestNameFlags, RequestNameReply};
use zbus::names::{BusName, WellKnownName};
use zbus::{Connection, connection};

use crate::access::{Access, Guard};
use crate::clients::Clients;
use crate::controller::Controller;
use crate::directory::{Directory, DirectoryPort, LoadAsk, ask_all};
use crate::error::EdgeError;
use crate::flood::Flood;
use crate::launch::{Starts, launch_all};
use crate::lock;
use crate::materials::{Keeper, Materials};
use crate::mpris::{self, MediaPolicy};
use crate::names::{Concerned, Owners, watch as watch_names};
use crate::needs::Needs;
use crate::notify::{Card, notify_all};
use crate::observer::Observer;
use crate::port::Inbox;
use crate::projector::{Finished, project};
use crate::provider::Provider;
use crate::published::Published;
use crate::push::{Push, PushPort, PushWish};
use crate::rights::Grants;
use crate::watchers::Watchers;

/// Longest wait for a connection.
pub const CONNECT_MAX: Duration = Duration::from_secs(3);

/// The daemon's ends of everything the bus edge reads and writes.
#[derive(Debug)]
pub struct Links {
    /// The way into the shell.
    pub inbox: Inbox,
    /// What is published.
    pub published: Published,
    /// Finished transactions and orders to be told.
    pub finished: mpsc::Receiver<Finished>,
    /// Apps to be started.
    pub launches: mpsc::Receiver<AppId>,
    /// Orders to show the unlock screen.
    pub unlocks: mpsc::Receiver<()>,
    /// The notification to be shown, or `None` for notifications being switched off.
    pub cards: Option<watch::Receiver<Option<Card>>>,
    /// When media players are paused, or `None` for players being left alone.
    pub media: Option<MediaPolicy>,
    /// Told when a presented call has no notification.
    pub unshown: mpsc::Sender<CallId>,
    /// Which start of the daemon this is; grows.
    pub epoch: u64,
    /// Registered connections.
    pub clients: Clients,
    /// Keeps what apps bring along.
    pub keeper: Arc<dyn Keeper>,
    /// What the user lets apps do.
    pub grants: Arc<Grants>,
    /// When apps were started.
    pub starts: Starts,
    /// The limits of the call system, for how much a connection may send.
    pub rates: Limits,
    /// The apps of the mobile network, which may send as much as they want.
    pub cellular: Arc<BTreeSet<AppId>>,
    /// The lists of the call directory.
    pub directory: DirectoryPort,
    /// The pushes of this device.
    pub push: PushPort,
    /// Extensions to be asked to load.
    pub load_asks: mpsc::Receiver<LoadAsk>,
}

/// A connection that serves.
#[derive(Debug)]
pub struct Session {
    serving: Connection,
    asking: Connection,
    watcher: tokio::task::JoinHandle<zbus::Result<()>>,
    watchers: Watchers,
    needs: Needs,
}

/// Connects to a bus.
///
/// # Errors
///
/// [`EdgeError`] if there is none at this address, or it does not answer.
pub async fn connect(address: &str) -> Result<Connection, EdgeError> {
    let connecting = connection::Builder::address(address).build();
    finish(connecting).await
}

async fn finish(
    connecting: impl Future<Output = zbus::Result<Connection>>,
) -> Result<Connection, EdgeError> {
    match tokio::time::timeout(CONNECT_MAX, connecting).await {
        Ok(connected) => Ok(connected?),
        Err(_) => Err(EdgeError::NoBus("the bus does not answer".to_owned())),
    }
}

impl Session {
    /// Connects, exports the interfaces and takes the name.
    ///
    /// # Errors
    ///
    /// [`EdgeError::AlreadyRunning`] if another daemon has the name.
    pub async fn open(address: &str, links: &Links) -> Result<Self, EdgeError> {
        let asking = connect(address).await?;
        let owners = Owners::new(&asking).await?;
        let (ready, watching) = oneshot::channel();
        let concerned = Concerned {
            clients: links.clients.clone(),
            watchers: Watchers::default(),
            needs: Needs::default(),
            access: Access::new(
                owners.clone(),
                links.grants.clone(),
                Flood::new(&links.rates, links.clients.clone(), links.cellular.clone()),
            ),
            directory: links.directory.clone(),
            push: links.push.clone(),
        };
        let watcher = tokio::spawn(watch_names(
            owners.clone(),
            concerned.clone(),
            links.inbox.clone(),
            ready,
        ));
        if watching.await.is_err() {
            return Err(EdgeError::NoBus(
                "the bus driver does not answer".to_owned(),
            ));
        }
        let serving = finish(serve(address, links, owners, &concerned).build()).await?;
        take_name(&serving).await?;
        Ok(Self {
            serving,
            asking,
            watcher,
            watchers: concerned.watchers,
            needs: concerned.needs,
        })
    }

    /// Serves until the bus goes away or the daemon stops publishing.
    pub async fn run(self, links: &mut Links) {
        let published = links.published.clone();
        let mut watcher = self.watcher;
        let ended = tokio::select! {
            () = self.serving.closed() => Ok(()),
            () = self.asking.closed() => Ok(()),
            // Without it nobody would notice that an app died: another connection begins anew.
            ended = &mut watcher => ended.unwrap_or_else(|defect| {
                tracing::error!(%defect, "the watch of bus names ended");
                Ok(())
            }),
            ended = project(
                &self.serving,
                &self.watchers,
                &links.clients,
                published,
                &mut links.finished,
            ) => ended,
            ended = launch_all(
                &self.asking,
                &mut links.starts,
                &mut links.launches,
                &links.inbox,
            ) => ended,
            () = notify(&self.asking, links.cards.clone(), &links.unshown, &links.inbox) => Ok(()),
            () = follow_lock(&self.asking, &mut links.unlocks, &links.inbox) => Ok(()),
            () = ask_all(&self.asking, &mut links.load_asks) => Ok(()),
            () = follow_players(&self.asking, links.media.clone(), &links.published) => Ok(()),
        };
        if let Err(error) = ended {
            tracing::warn!(%error, "the connection to the bus broke");
        }
        watcher.abort();
        self.needs.clear(&links.inbox).await;
        for client in links.clients.clear() {
            let app = client.app.clone();
            links.push.tell(PushWish::Gone { app, owner: None });
            links.inbox.tell(Environment::ClientGone(client.id)).await;
        }
    }
}

/// Notifications never end a session: a broken server is logged and left alone.
async fn notify(
    connection: &Connection,
    cards: Option<watch::Receiver<Option<Card>>>,
    unshown: &mpsc::Sender<CallId>,
    inbox: &Inbox,
) {
    if let Some(cards) = cards {
        let notified = notify_all(connection, cards, unshown.clone(), inbox.clone()).await;
        if let Err(error) = notified {
            tracing::warn!(%error, "desktop notifications stopped");
        }
    }
    std::future::pending().await
}

/// A desktop that does not tell its lock never ends a session.
async fn follow_lock(connection: &Connection, unlocks: &mut mpsc::Receiver<()>, inbox: &Inbox) {
    if let Err(error) = lock::follow(connection, unlocks, inbox).await {
        tracing::warn!(%error, "the lock of the screen is not followed");
    }
    std::future::pending().await
}

/// Media players never end a session.
async fn follow_players(
    connection: &Connection,
    policy: Option<MediaPolicy>,
    published: &Published,
) {
    if let Some(policy) = policy {
        let states = published.state.clone();
        if let Err(error) = mpris::follow(connection, policy, states).await {
            tracing::warn!(%error, "media players are not paused any more");
        }
    }
    std::future::pending().await
}

fn serve<'a>(
    address: &'a str,
    links: &Links,
    owners: Owners,
    concerned: &Concerned,
) -> connection::Builder<'a> {
    let provider = Provider {
        inbox: links.inbox.clone(),
        clients: links.clients.clone(),
        owners: owners.clone(),
        epoch: links.epoch,
        published: links.published.clone(),
        push: links.push.clone(),
    };
    let controller = Controller {
        inbox: links.inbox.clone(),
        published: links.published.clone(),
        watchers: concerned.watchers.clone(),
        needs: concerned.needs.clone(),
        access: concerned.access.clone(),
        clients: links.clients.clone(),
        owners: owners.clone(),
        push: links.push.clone(),
    };
    let directory = Directory {
        port: links.directory.clone(),
        inbox: links.inbox.clone(),
        owners,
    };
    let observer = Observer {
        published: links.published.clone(),
    };
    let materials = Materials::new(
        links.inbox.clone(),
        links.clients.clone(),
        links.keeper.clone(),
    );
    let push = Push {
        port: links.push.clone(),
        clients: links.clients.clone(),
    };
    let access = &concerned.access;
    connection::Builder::address(address)
        .serve_at(OBJECT_PATH, Guard::new(provider, access))
        .serve_at(OBJECT_PATH, Guard::new(controller, access))
        .serve_at(OBJECT_PATH, Guard::new(observer, access))
        .serve_at(OBJECT_PATH, Guard::new(directory, access))
        .serve_at(OBJECT_PATH, Guard::new(materials, access))
        .serve_at(OBJECT_PATH, Guard::new(push, access))
}

async fn take_name(connection: &Connection) -> Result<(), EdgeError> {
    let name = WellKnownName::try_from(BUS_NAME).expect("a valid constant");
    let flags = RequestNameFlags::DO_NOT_QUEUE;
    match connection.request_name_with_flags(name, flags).await {
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => Ok(()),
        Ok(RequestNameReply::InQueue | RequestNameReply::Exists) | Err(zbus::Error::NameTaken) => {
            Err(EdgeError::AlreadyRunning(describe_owner(connection).await))
        }
        Err(error) => Err(error.into()),
    }
}

async fn describe_owner(connection: &Connection) -> String {
    let pid = async {
        let driver = DBusProxy::new(connection).await.ok()?;
        let name = BusName::try_from(BUS_NAME).ok()?;
        driver.get_connection_unix_process_id(name).await.ok()
    };
    match pid.await {
        Some(pid) => format!("process {pid}; stop it first, or use it as it is"),
        None => "its process is not known; stop it first, or use it as it is".to_owned(),
    }
}
