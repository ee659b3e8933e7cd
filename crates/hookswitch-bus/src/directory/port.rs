//! What the directory interface hands to whoever keeps the lists, and what it hands back.
//!
//! # Promises
//!
//! - **DP1** handing over never waits: a full queue ([`WISHES_MAX`]) is the error `Busy`.
//! - **DP2** waiting for an answer ends after [`LOAD_REPLY_MAX`].
//! - **DP3** entries that wait have at most `WAITING_BYTES_MAX` bytes, those of one message
//!   [`MESSAGE_BYTES_MAX`]; more is the error `Busy` or `LimitReached`.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use hookswitch_wire::batch::BatchList;
use hookswitch_wire::dbus::{DirectoryCode, ErrorCode};
use hookswitch_wire::json::DirectorySource;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::error::BusError;
use crate::port::PortError;

/// Most wishes that wait for the lists.
pub const WISHES_MAX: usize = 64;
/// Most bytes of entries that wait for the lists, of all loads together.
pub const WAITING_BYTES_MAX: usize = 128 << 20;
/// Most bytes of the entries of one message or file.
pub const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// What the room for entries that wait is counted in.
const ROOM_UNIT: usize = 1 << 10;
/// Longest wait for an answer: a load of tens of millions is written to the disk meanwhile.
pub const LOAD_REPLY_MAX: Duration = Duration::from_secs(60);

/// Most orders to ask extensions that wait.
pub const LOAD_ASKS_MAX: usize = 64;

/// Why a wish was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DirectoryFault {
    /// Its name on the bus.
    pub code: ErrorCode,
    /// One sentence that says what to do.
    pub text: String,
}

/// Where an answer goes.
pub type DirectoryReply<T> = oneshot::Sender<Result<T, DirectoryFault>>;

/// A load that has begun.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Begun {
    /// Its number.
    pub load: u64,
    /// Whether its entries are changes; else they are everything.
    pub incremental: bool,
}

/// A load that was kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeptLoad {
    /// The number of the load in its list.
    pub generation: u64,
    /// How many entries the list has now.
    pub entries: u64,
}

/// Entries of a message: numbers, with labels in a list of labels.
pub enum Entries {
    /// Numbers.
    Numbers(Vec<i64>),
    /// Numbers with labels.
    Labeled(Vec<(i64, String)>),
    /// A batch of entries of all lists (`hookswitch_wire::batch`), in a file that cannot change.
    File(OwnedFd),
    /// Everything that is in the list, to be removed.
    All,
}

impl Entries {
    /// How much memory they take.
    fn bytes(&self) -> usize {
        let number = size_of::<i64>();
        match self {
            Self::Numbers(numbers) => numbers.len() * number,
            Self::Labeled(numbers) => {
                let one = |(_, label): &(i64, String)| size_of::<(i64, String)>() + label.len();
                numbers.iter().map(one).sum()
            }
            Self::File(file) => {
                let size = rustix::fs::fstat(file).map_or(i64::MAX, |about| about.st_size);
                usize::try_from(size).unwrap_or(usize::MAX)
            }
            Self::All => 0,
        }
    }
}

/// How many there are; the numbers are somebody's.
impl std::fmt::Debug for Entries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Numbers(numbers) => write!(f, "Numbers({})", numbers.len()),
            Self::Labeled(numbers) => write!(f, "Labeled({})", numbers.len()),
            Self::File(_) => f.write_str("File"),
            Self::All => f.write_str("All"),
        }
    }
}

/// The place of entries among the bytes that wait; it is given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    _permit: OwnedSemaphorePermit,
}

/// A wish about the lists.
#[derive(Debug)]
pub enum ListWish {
    /// A list is offered: from now on the user sees it.
    Offer {
        /// Its id.
        id: String,
        /// What people call it.
        name: String,
        /// Whether an app keeps it up to date; else it is the user's own, and on at once.
        is_app: bool,
        /// Where the answer goes.
        reply: DirectoryReply<()>,
    },
    /// A load begins.
    Begin {
        /// The connection it comes by.
        owner: String,
        /// The list.
        id: String,
        /// Whether changes are wanted; without data to change it is a full load all the same.
        incremental: bool,
        /// Where the answer goes.
        reply: DirectoryReply<Begun>,
    },
    /// Entries of a load.
    Add {
        /// The connection it comes by.
        owner: String,
        /// The load.
        load: u64,
        /// Their list; for a file each entry names its own.
        list: BatchList,
        /// The entries.
        entries: Entries,
        /// Their place among the bytes that wait.
        room: Room,
        /// Where the answer goes.
        reply: DirectoryReply<()>,
    },
    /// A load is complete, and to be kept.
    Commit {
        /// The connection it comes by.
        owner: String,
        /// The load.
        load: u64,
        /// Where the answer goes.
        reply: DirectoryReply<KeptLoad>,
    },
    /// A load is given up.
    Cancel {
        /// The connection it comes by.
        owner: String,
        /// The load.
        load: u64,
        /// Where the answer goes.
        reply: DirectoryReply<()>,
    },
    /// The user switches a list on or off.
    Enable {
        /// The list.
        id: String,
        /// On.
        on: bool,
        /// Where the answer goes.
        reply: DirectoryReply<()>,
    },
    /// The user puts the lists in order; those not named come behind.
    Order {
        /// The lists, the one that names callers first in front.
        ids: Vec<String>,
        /// Where the answer goes.
        reply: DirectoryReply<()>,
    },
    /// The user removes a list and its data.
    Remove {
        /// The list.
        id: String,
        /// Where the answer goes.
        reply: DirectoryReply<()>,
    },
    /// A connection ended.
    Gone {
        /// Which.
        owner: String,
    },
}

/// An order to ask an extension to load.
#[derive(Debug)]
pub struct LoadAsk {
    /// Its bus name.
    pub(crate) id: String,
    /// Where it goes that the extension will, or why not.
    pub(crate) reply: oneshot::Sender<Result<(), BusError>>,
}

/// The way to whoever keeps the lists, and the lists as they were published last.
#[derive(Clone, Debug)]
pub struct DirectoryPort {
    /// Where wishes go.
    pub wishes: SyncSender<ListWish>,
    /// Where orders to ask extensions go.
    pub asks: mpsc::Sender<LoadAsk>,
    /// The lists, in the user's order.
    pub sources: watch::Receiver<Arc<Vec<DirectorySource>>>,
    /// How many bytes of entries may still wait ([`DirectoryPort::room`]).
    pub room: Arc<Semaphore>,
}

impl DirectoryPort {
    /// Nobody keeps lists here: every wish is refused.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            wishes: sync_channel(0).0,
            asks: mpsc::channel(1).0,
            sources: watch::channel(Arc::default()).1,
            room: Self::room(),
        }
    }

    /// Room for `WAITING_BYTES_MAX` bytes of entries.
    #[must_use]
    pub fn room() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(WAITING_BYTES_MAX / ROOM_UNIT))
    }

    /// Hands over entries of a load and waits until they are taken.
    ///
    /// # Errors
    ///
    /// [`BusError`]: too many bytes in them or before them, or what the lists say.
    pub async fn add(
        &self,
        owner: String,
        load: u64,
        list: BatchList,
        entries: Entries,
    ) -> Result<(), BusError> {
        let room = self.room_for(&entries)?;
        let wish = |reply| ListWish::Add {
            owner,
            load,
            list,
            entries,
            room,
            reply,
        };
        self.ask(wish).await
    }

    fn room_for(&self, entries: &Entries) -> Result<Room, BusError> {
        let bytes = entries.bytes();
        if bytes > MESSAGE_BYTES_MAX {
            let most = MESSAGE_BYTES_MAX >> 20;
            let text = format!("more than {most} MiB of entries at once; send several");
            return Err(BusError::new(ErrorCode::LimitReached, text));
        }
        let units = u32::try_from(bytes.div_ceil(ROOM_UNIT)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(units);
        let permit = room.map_err(|_| PortError::Busy)?;
        Ok(Room { _permit: permit })
    }

    /// Switches a list; an app's that is switched on is asked to load.
    ///
    /// # Errors
    ///
    /// [`BusError`]: there is no such list, or the setting cannot be kept.
    pub async fn enable(&self, list: String, on: bool) -> Result<(), BusError> {
        let id = list.clone();
        self.ask(|reply| ListWish::Enable { id, on, reply }).await?;
        if on && self.source(&list).is_some_and(|source| source.is_app) {
            let port = self.clone();
            tokio::spawn(async move {
                if let Err(error) = port.ask_extension(list.clone()).await {
                    tracing::info!(list, %error, "a list that was switched on is not loaded yet");
                }
            });
        }
        Ok(())
    }

    /// Asks an app to load its list again; it does so after its answer.
    ///
    /// # Errors
    ///
    /// [`BusError`]: the list is the user's own, is off, is being loaded, or its app does not
    /// answer.
    pub async fn reload(&self, id: &str) -> Result<(), BusError> {
        let source = self.source(id).ok_or_else(|| unknown(id))?;
        if !source.is_app {
            let text = format!("{id} is your own list: load it again from its files");
            return Err(refused(DirectoryCode::NoExtensionFound, text));
        }
        if !source.enabled {
            let text = format!("{id} is switched off; only the user switches it on");
            return Err(refused(DirectoryCode::ExtensionDisabled, text));
        }
        if source.loading {
            let text = format!("{id} is being loaded; try again when that is done");
            return Err(refused(DirectoryCode::CurrentlyLoading, text));
        }
        self.ask_extension(id.to_owned()).await
    }

    async fn ask_extension(&self, id: String) -> Result<(), BusError> {
        let (reply, answer) = oneshot::channel();
        self.asks.try_send(LoadAsk { id, reply }).map_err(|error| {
            BusError::from(match error {
                mpsc::error::TrySendError::Full(_) => PortError::Busy,
                mpsc::error::TrySendError::Closed(_) => PortError::Stopping,
            })
        })?;
        // Whoever asks has a deadline of its own; the bus may be away for a while.
        match tokio::time::timeout(LOAD_REPLY_MAX, answer).await {
            Ok(Ok(asked)) => asked,
            Ok(Err(_)) => Err(PortError::Lost.into()),
            Err(_) => Err(PortError::NoAnswer.into()),
        }
    }

    /// Hands over and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`BusError`]: what was refused, a full queue, or no answer in time.
    pub async fn ask<T>(
        &self,
        wish: impl FnOnce(DirectoryReply<T>) -> ListWish,
    ) -> Result<T, BusError> {
        let (reply, answer) = oneshot::channel();
        self.wishes.try_send(wish(reply)).map_err(|error| {
            BusError::from(match error {
                TrySendError::Full(_) => PortError::Busy,
                TrySendError::Disconnected(_) => PortError::Stopping,
            })
        })?;
        match tokio::time::timeout(LOAD_REPLY_MAX, answer).await {
            Ok(Ok(Ok(done))) => Ok(done),
            Ok(Ok(Err(fault))) => Err(BusError::new(fault.code, fault.text)),
            Ok(Err(_)) => Err(PortError::Lost.into()),
            Err(_) => Err(PortError::NoAnswer.into()),
        }
    }

    /// Tells that a connection ended. Does not wait: the lists may be writing.
    pub fn gone(&self, owner: &str) {
        let owner = owner.to_owned();
        if let Err(TrySendError::Full(wish)) = self.wishes.try_send(ListWish::Gone { owner }) {
            let wishes = self.wishes.clone();
            // An error means that the lists are gone, and their loads with them.
            tokio::task::spawn_blocking(move || drop(wishes.send(wish)));
        }
    }

    /// One list as it was published last.
    #[must_use]
    pub fn source(&self, id: &str) -> Option<DirectorySource> {
        let sources = self.sources.borrow();
        sources.iter().find(|source| source.id == id).cloned()
    }
}

/// There is no such list.
pub(super) fn unknown(id: &str) -> BusError {
    let text = format!("there is no list {id}; \"hookswitch directory list\" shows them all");
    refused(DirectoryCode::NoExtensionFound, text)
}

pub(super) fn refused(code: DirectoryCode, text: String) -> BusError {
    BusError::new(ErrorCode::Directory(code), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn entries_that_wait_have_a_bound_in_bytes() {
        let (wishes, received) = sync_channel(WISHES_MAX);
        let port = DirectoryPort {
            wishes,
            ..DirectoryPort::nobody()
        };
        let numbers = |bytes: usize| Entries::Numbers(vec![1; bytes / 8]);
        let add = |entries| {
            let port = port.clone();
            let add = async move {
                port.add(":1.1".to_owned(), 1, BatchList::Blocking, entries)
                    .await
            };
            tokio::spawn(add)
        };
        let big = add(numbers(MESSAGE_BYTES_MAX + 8)).await.expect("no panic");
        let error = big.expect_err("too much at once");
        assert_eq!(error.code(), ErrorCode::LimitReached);
        let waiting = [0, 1].map(|_| add(numbers(MESSAGE_BYTES_MAX)));
        while port.room.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let label = Entries::Labeled(vec![(1, "x".to_owned())]);
        let full = add(label).await.expect("no panic");
        assert_eq!(full.expect_err("no room").code(), ErrorCode::Busy);
        drop(received);
        for one in waiting {
            assert!(one.await.expect("no panic").is_err(), "nobody keeps lists");
        }
        assert_eq!(port.room.available_permits() * ROOM_UNIT, WAITING_BYTES_MAX);
    }
}
