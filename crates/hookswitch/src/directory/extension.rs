//! An app's side: offers a list and keeps it up to date.

use std::sync::Arc;

use hookswitch_wire::dbus::EXTENSION_PATH;
use hookswitch_wire::json::DirectorySource;
use tokio::sync::{Mutex, mpsc};
use zbus::connection::Builder;
use zbus::fdo;
use zbus::message::Header;

use super::load::{self, DirectoryEntry, Loaded};
use super::{Heard, method, parse};
use crate::bus::BusAddress;
use crate::error::Error;
use crate::link::{Alive, Driver, Link, Owner, Repeat};

/// A list of an app (CallKit `CXCallDirectoryProvider` and `CXCallDirectoryExtensionContext`).
/// Cheap to clone.
///
/// The user sees the list as soon as it is offered, and decides whether it counts; until then loads
/// are refused with [`DirectoryCode::ExtensionDisabled`](crate::DirectoryCode). When the user has
/// switched it on, [`DirectoryExtension::requested`] returns.
///
/// ```no_run
/// # async fn example() -> Result<(), hookswitch::Error> {
/// use hookswitch::{DirectoryEntry, DirectoryExtension};
/// let list = DirectoryExtension::connect("org.example.Spam.Directory", "Example spam").await?;
/// while list.requested().await.is_some() {
///     let numbers = [12_025_550_101, 12_025_550_102].map(DirectoryEntry::block);
///     let loaded = list.load_full(numbers).await?;
///     println!("{} entries", loaded.entries);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DirectoryExtension {
    link: Link,
    id: String,
    requests: Arc<Mutex<mpsc::Receiver<()>>>,
    _alive: Arc<Alive>,
}

impl DirectoryExtension {
    /// Takes the bus name `id` and offers a list under it; `name` is what people read. A name that
    /// can be activated lets the daemon start the app when the list is wanted. Must be called
    /// within a tokio runtime.
    ///
    /// # Errors
    ///
    /// When there is no bus or no daemon, the name is taken, or the offer is refused.
    pub async fn connect(id: &str, name: &str) -> Result<Self, Error> {
        Self::connect_at(BusAddress::Session, id, name).await
    }

    /// The same, on a given bus.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn connect_at(address: BusAddress, id: &str, name: &str) -> Result<Self, Error> {
        let (driver, link) = Driver::new();
        // One request that waits is as good as many.
        let (sender, requests) = mpsc::channel(1);
        let heard = Arc::new(Heard {
            extension: Some(id.to_owned()),
            owner: link.owner().clone(),
            requests: sender,
        });
        let alive = Arc::new(driver.start(heard, address));
        let ready = link.ready(false).await;
        ready.map_err(|error| error.about(id))?;
        let offer = method("Offer", Repeat::Harmless);
        let (_source,): (String,) = link.call(offer, &(id, name)).await?;
        Ok(Self {
            link,
            id: id.to_owned(),
            requests: Arc::new(Mutex::new(requests)),
            _alive: alive,
        })
    }

    /// Replaces everything in the list. Numbers to block ascend strictly, and so do numbers with
    /// labels; one number may have several labels.
    ///
    /// # Errors
    ///
    /// When the daemon refuses an entry, with its place in the message, or cannot be reached; what
    /// the list held before counts then.
    pub async fn load_full(
        &self,
        entries: impl IntoIterator<Item = DirectoryEntry>,
    ) -> Result<Loaded, Error> {
        let loaded = load::send(&self.link, ("BeginLoad", &self.id), false, entries).await?;
        loaded.ok_or_else(|| Error::BadReply("a full load was not kept".to_owned()))
    }

    /// Changes the list: removals count before additions. Nothing is given back, and nothing
    /// changed, if there is no data to change; load everything then.
    ///
    /// # Errors
    ///
    /// As [`Self::load_full`].
    pub async fn load_changes(
        &self,
        entries: impl IntoIterator<Item = DirectoryEntry>,
    ) -> Result<Option<Loaded>, Error> {
        load::send(&self.link, ("BeginLoad", &self.id), true, entries).await
    }

    /// The list as the daemon has it: switched on or not, entries, the last error.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached, or does not know the list.
    pub async fn status(&self) -> Result<DirectorySource, Error> {
        let status = method("Status", Repeat::Harmless);
        let (text,): (String,) = self.link.call(status, &(&self.id,)).await?;
        parse(&text)
    }

    /// Waits until the daemon asks for a load; nothing when the connection is closed for good.
    pub async fn requested(&self) -> Option<()> {
        self.requests.lock().await.recv().await
    }
}

/// The object that the daemon calls: `org.hookswitch.Extension1`.
struct Extension {
    owner: Owner,
    requests: mpsc::Sender<()>,
}

#[zbus::interface(name = "org.hookswitch.Extension1")]
impl Extension {
    async fn begin_request(
        &self,
        #[zbus(header)] header: Header<'_>,
        _extension: String,
    ) -> fdo::Result<()> {
        if !self.owner.is(header.sender().map(|name| name.as_str())) {
            let text = "only the call system may call this";
            return Err(fdo::Error::AccessDenied(text.to_owned()));
        }
        // Full: a request waits already.
        let _ = self.requests.try_send(());
        Ok(())
    }
}

/// Adds the object to a connection.
pub(super) fn serve(
    builder: Builder<'static>,
    owner: Owner,
    requests: mpsc::Sender<()>,
) -> Builder<'static> {
    builder.serve_at(EXTENSION_PATH, Extension { owner, requests })
}
