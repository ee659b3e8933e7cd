//! The daemons that have the modem: what they tell, and what they are asked.
//!
//! Input: the system bus. Output: [`LineNews`] of every modem with voice, and the results of verbs.
//!
//! # Promises
//!
//! - **S1** a daemon or modem that goes away ends its calls; one that comes is looked at whole.
//! - **S2** signals of a daemon are taken in the order in which it sent them, and only from it.
//! - **S3** nothing is switched: no modem is enabled, powered or set up here.
//! - **S4** every verb ends within [`VERB_MAX`].

mod bus;
mod mm;
mod ofono;
mod watch;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use zbus::{Connection, OwnedVariant};

use crate::line::Rules;
use crate::words::{CallPath, News, Verb};

/// How long a daemon may take for one verb. Some networks take half a minute to set up a call, but
/// no ask of the call system waits as long.
pub const VERB_MAX: Duration = Duration::from_secs(20);
/// How much news waits for the loop; beyond that the bus connection is held up.
pub const NEWS_MAX: usize = 256;

/// ModemManager's pause between two looks at the calls, and the time of a look.
const LISTED_AFTER: Duration = Duration::from_secs(3);

/// A dictionary of the bus.
type Dict = BTreeMap<String, OwnedVariant>;

/// Which daemon.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// `org.freedesktop.ModemManager1`.
    ModemManager,
    /// `org.ofono`.
    Ofono,
}

impl Kind {
    /// How a line of this daemon behaves.
    pub fn rules(self) -> Rules {
        let listed_after = match self {
            Self::ModemManager => LISTED_AFTER,
            Self::Ofono => Duration::ZERO,
        };
        Rules { listed_after }
    }
}

/// A modem: its daemon and its object there.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct LineId {
    /// Its daemon.
    pub kind: Kind,
    /// Which run of the daemon, by its unique bus name: objects mean nothing in another run.
    pub run: String,
    /// Its object.
    pub modem: String,
}

/// What happened on a line.
#[derive(Debug)]
pub enum LineNews {
    /// A modem with voice is there; its calls follow.
    Found(LineId),
    /// All calls that it had when it was found have been told.
    Listed(LineId),
    /// The numbers that its card and daemon know as emergency numbers.
    Emergency(LineId, Vec<String>),
    /// News of its calls.
    Call(LineId, News),
}

/// Hears one daemon, for as long as the bus is there.
///
/// # Errors
///
/// When the bus is gone.
pub async fn watch(
    kind: Kind,
    connection: Connection,
    news: mpsc::Sender<LineNews>,
) -> zbus::Result<()> {
    match kind {
        Kind::ModemManager => watch::follow(mm::ModemManager::default(), connection, news).await,
        Kind::Ofono => watch::follow(ofono::Ofono::default(), connection, news).await,
    }
}

/// Asks a daemon to do something. Dialing tells the new call's object.
///
/// # Errors
///
/// What the daemon said, or that it said nothing in time.
pub async fn perform(
    connection: &Connection,
    line: &LineId,
    verb: Verb,
) -> Result<Option<CallPath>, String> {
    let doing = async {
        match line.kind {
            Kind::ModemManager => mm::perform(connection, &line.modem, verb).await,
            Kind::Ofono => ofono::perform(connection, &line.modem, verb).await,
        }
    };
    match tokio::time::timeout(VERB_MAX, doing).await {
        Ok(result) => result.map_err(|error| bus::describe(&error)),
        Err(_) => Err("it did not answer in time".to_owned()),
    }
}
