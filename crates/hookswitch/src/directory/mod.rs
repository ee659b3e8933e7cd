//! The call directory: lists of numbers that block and name callers.
//!
//! | you are | you use | CallKit |
//! | --- | --- | --- |
//! | an app that keeps a list up to date | [`DirectoryExtension`] | `CXCallDirectoryProvider` |
//! | the user's hand: a settings page, the command line | [`DirectoryLists`] | Settings |
//!
//! # Promises
//!
//! - **DE1** a load is kept as a whole or not at all; when it returns, it is on the disk and
//!   counts.
//! - **DE2** entries are sent as they come: memory is bounded, however many there are.

mod extension;
mod lists;
mod load;

use std::sync::Arc;
use std::time::Duration;

use hookswitch_wire::dbus::{CallKitDomain, DIRECTORY_INTERFACE};
use tokio::sync::mpsc;
use zbus::connection::Builder;
use zbus::{Connection, Message};

pub use extension::DirectoryExtension;
pub use lists::{DirectoryLists, Supposed};
pub use load::{DirectoryEntry, Loaded};

use crate::error::Error;
use crate::link::{Method, Owner, Repeat, Role};

/// How long one message of a load may take, with the writing of tens of millions of numbers.
pub const LOAD_REPLY_MAX: Duration = Duration::from_secs(60);

/// What the connection is for: an extension has a name and is asked to load.
#[derive(Debug)]
struct Heard {
    /// The bus name of the extension.
    extension: Option<String>,
    owner: Owner,
    requests: mpsc::Sender<()>,
}

impl Role for Heard {
    const SIGNALS: &'static str = DIRECTORY_INTERFACE;

    fn patience(&self) -> Duration {
        LOAD_REPLY_MAX
    }

    fn name(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    fn prepare(self: &Arc<Self>, builder: Builder<'static>) -> Builder<'static> {
        match self.extension {
            Some(_) => extension::serve(builder, self.owner.clone(), self.requests.clone()),
            None => builder,
        }
    }

    async fn up(&self, _connection: &Connection) -> Result<(), Error> {
        Ok(())
    }

    fn down(&self) {}

    fn signal(&self, _message: &Message) {}
}

fn method(name: &'static str, repeat: Repeat) -> Method {
    Method {
        interface: DIRECTORY_INTERFACE,
        name,
        during: CallKitDomain::CallDirectory,
        repeat,
    }
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::BadReply(error.to_string()))
}
