//! Who owns which bus name, as the bus driver says.
//!
//! Input: the bus driver's answers and its `NameOwnerChanged` signals.
//! Output: the answer to "does this connection own this name", and
//! [`Environment::ClientGone`] when a registered connection or its app name goes away.
//!
//! # Promises
//!
//! - **N1** questions to the driver go over a connection of their own, so that a full queue of
//!   method calls cannot hold up the answer that the method at its head waits for.

use std::time::Duration;

use futures_util::StreamExt;
use hookswitch_core::Environment;
use hookswitch_model::AppId;
use hookswitch_wire::dbus::ErrorCode;
use zbus::fdo::DBusProxy;
use zbus::names::{BusName, OwnedUniqueName, WellKnownName};
use zbus::{Connection, fdo};

use crate::access::Access;
use crate::clients::Clients;
use crate::directory::DirectoryPort;
use crate::error::BusError;
use crate::identity::{self, Sandbox, sandbox_of};
use crate::needs::Needs;
use crate::port::{Inbox, PortError};
use crate::push::{PushPort, PushWish};
use crate::watchers::Watchers;

/// Longest wait for the bus driver.
pub const DRIVER_MAX: Duration = Duration::from_secs(2);

/// Asks the bus driver for owners of names.
#[derive(Clone, Debug)]
pub struct Owners {
    driver: DBusProxy<'static>,
}

impl Owners {
    /// Uses a connection of its own.
    pub(crate) async fn new(connection: &Connection) -> zbus::Result<Self> {
        let driver = DBusProxy::new(connection).await?;
        Ok(Self { driver })
    }

    /// Says whether the connection owns the app's name.
    pub(crate) async fn owns(
        &self,
        unique: &OwnedUniqueName,
        app: &AppId,
    ) -> Result<bool, BusError> {
        let Ok(name) = WellKnownName::try_from(app.as_str()) else {
            return Ok(false);
        };
        let question = self.driver.get_name_owner(BusName::WellKnown(name));
        match tokio::time::timeout(DRIVER_MAX, question).await {
            Ok(Ok(owner)) => Ok(owner == *unique),
            Ok(Err(fdo::Error::NameHasNoOwner(_))) => Ok(false),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the bus driver did not say who owns a name");
                Err(PortError::NoAnswer.into())
            }
            Err(_) => Err(PortError::NoAnswer.into()),
        }
    }
}

impl Owners {
    /// Whether a connection is still on the bus; a driver that does not say so counts as yes.
    pub(crate) async fn is_there(&self, unique: &OwnedUniqueName) -> bool {
        let question = self.driver.name_has_owner(BusName::Unique(unique.as_ref()));
        let answer = tokio::time::timeout(DRIVER_MAX, question).await;
        !matches!(answer, Ok(Ok(false)))
    }

    /// The sandbox of the process behind a connection; asked twice, so that it is still the same.
    pub(crate) async fn sandbox(&self, unique: &OwnedUniqueName) -> Result<Sandbox, BusError> {
        let before = self.process(unique).await?;
        let looking = tokio::task::spawn_blocking(move || sandbox_of(&identity::proc(), before));
        // Its files may lie on a disk that does not answer.
        let sandbox = tokio::time::timeout(DRIVER_MAX, looking).await;
        let sandbox = sandbox.map_err(|_| unknown("its files do not answer"))?;
        let sandbox = sandbox.map_err(std::io::Error::other).flatten();
        let sandbox = sandbox.map_err(|error| unknown(&error.to_string()))?;
        if self.process(unique).await? == before {
            Ok(sandbox)
        } else {
            Err(unknown("it is another process now"))
        }
    }

    /// The process behind a connection, and the file it runs; nothing of what cannot be seen.
    pub(crate) async fn program(&self, unique: &str) -> (Option<u32>, Option<String>) {
        let Ok(unique) = OwnedUniqueName::try_from(unique.to_owned()) else {
            return (None, None);
        };
        let Ok(process) = self.process(&unique).await else {
            return (None, None);
        };
        let path = identity::proc().join(process.to_string()).join("exe");
        let looking = tokio::task::spawn_blocking(move || std::fs::read_link(path));
        let file = tokio::time::timeout(DRIVER_MAX, looking).await;
        let file = file.ok().and_then(Result::ok).and_then(Result::ok);
        let file = file.map(|file| file.to_string_lossy().into_owned());
        (Some(process), file)
    }

    async fn process(&self, unique: &OwnedUniqueName) -> Result<u32, BusError> {
        let name = BusName::Unique(unique.as_ref());
        let question = self.driver.get_connection_credentials(name);
        let known = tokio::time::timeout(DRIVER_MAX, question).await;
        let known = known.map_err(|_| BusError::from(PortError::NoAnswer))?;
        let known = known.map_err(|error| unknown(&error.to_string()))?;
        known
            .process_id()
            .ok_or_else(|| unknown("the bus does not know its process"))
    }
}

fn unknown(why: &str) -> BusError {
    let text =
        format!("who the caller is cannot be found out ({why}); connect to the bus directly");
    BusError::new(ErrorCode::Unentitled, text)
}

/// Who has to know that a name changed hands.
#[derive(Clone, Debug)]
pub(crate) struct Concerned {
    pub(crate) clients: Clients,
    pub(crate) watchers: Watchers,
    pub(crate) needs: Needs,
    pub(crate) access: Access,
    pub(crate) directory: DirectoryPort,
    pub(crate) push: PushPort,
}

/// Watches owners of names until the bus goes away.
pub(crate) async fn watch(
    owners: Owners,
    concerned: Concerned,
    inbox: Inbox,
    ready: tokio::sync::oneshot::Sender<()>,
) -> zbus::Result<()> {
    let mut changes = owners.driver.receive_name_owner_changed().await?;
    if ready.send(()).is_err() {
        return Ok(());
    }
    while let Some(change) = changes.next().await {
        let change = change.args()?;
        if let Some(owner) = change.new_owner().as_ref() {
            concerned.access.forget(owner);
        }
        let Some(former) = change.old_owner().as_ref() else {
            continue;
        };
        concerned.access.forget(former);
        if change.name().as_str() == former.as_str() {
            concerned.watchers.leave(former);
            concerned.needs.leave(former, &inbox).await;
            concerned.directory.gone(former);
        }
        let clients = &concerned.clients;
        if let Some(client) = clients.leave(change.name().as_str(), former.as_str()) {
            tracing::debug!(app = %client.app, "an app left the bus");
            let (app, owner) = (client.app.clone(), Some(former.to_string()));
            concerned.push.tell(PushWish::Gone { app, owner });
            inbox.tell(Environment::ClientGone(client.id)).await;
        }
    }
    Ok(())
}
