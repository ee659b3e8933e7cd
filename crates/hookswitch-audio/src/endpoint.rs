//! Which places sound can go to, and which of them is the default.
//!
//! Input: the nodes and the default metadata of the audio server, from the audio thread.
//! Output: an [`EndpointList`] whose revision grows with every change.
//!
//! # Promises
//!
//! - **N1** an endpoint keeps its id as long as the device keeps its node name.
//! - **N3** an order to use another endpoint ends within a bound, and one at a time is under way:
//!   a newer one ends it, so that a device that hangs holds up nobody.
//! - **N2** a server that is away reads as [`EndpointList::missing`], with no endpoints.
//!
//! # Not here
//!
//! Which endpoint a call should use: the core decides that.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::{Audio, Command};
use crate::error::AudioError;

/// How long the session manager may take, for a caller that has no bound of its own.
const WISH_MAX: Duration = Duration::from_secs(3);

/// What an endpoint is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Kind {
    /// A loudspeaker, or nothing says otherwise.
    #[default]
    Speaker,
    /// Held to the ear.
    Handset,
    /// Worn, on a wire.
    Headset,
    /// Over Bluetooth.
    Bluetooth,
}

/// A place sound can go to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// The node name, stable across restarts.
    pub id: String,
    /// The name a person knows.
    pub description: String,
    /// What it is, by the properties of the node and its device.
    pub kind: Kind,
    /// Whether streams without a choice of their own go here.
    pub is_default: bool,
}

/// The endpoints at one moment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EndpointList {
    /// Grows with every change.
    pub revision: u64,
    /// The endpoints, ordered by id.
    pub sinks: Vec<Endpoint>,
    /// The default microphone is muted where it is: by its key, or in a mixer.
    pub microphone_muted: bool,
    /// Why there is no server, or nothing when there is one.
    pub missing: Option<AudioError>,
}

/// A watch on the endpoints of the audio server.
#[derive(Debug)]
pub struct Endpoints {
    audio: Audio,
    board: Arc<Board>,
}

impl Endpoints {
    /// Watches the user's own audio server. A server that is away is no error here: the list
    /// says so, and fills when the server comes.
    pub fn watch() -> Result<Self, AudioError> {
        Audio::shared().endpoints()
    }

    /// The endpoints as of now.
    pub fn current(&self) -> EndpointList {
        self.board.lock().list.clone()
    }

    /// Waits until the list is newer than `revision`; nothing when the deadline passes first.
    pub fn newer_than(&self, revision: u64, within: Duration) -> Option<EndpointList> {
        let state = self.board.lock();
        let old = |state: &mut BoardState| state.list.revision <= revision;
        let waited = self.board.changed.wait_timeout_while(state, within, old);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        (state.list.revision > revision).then(|| state.list.clone())
    }

    /// Calls `on_change` at once with the list as it is, and then on the audio thread after every
    /// change; it must not block, and must not ask this watch.
    pub fn on_change(&self, mut on_change: impl FnMut(&EndpointList) + Send + 'static) {
        let mut state = self.board.lock();
        on_change(&state.list);
        state.on_change = Some(Box::new(on_change));
    }

    /// Makes the endpoint the default for every stream without a choice of its own, and returns
    /// when the session manager has done so.
    pub fn set_default_sink(&self, id: &str) -> Result<(), AudioError> {
        let id = id.to_owned();
        self.audio.engine.ask(|reply| {
            let done = Box::new(move |result| {
                // The caller has given up if nobody listens.
                let _ = reply.try_send(result);
            });
            Command::SetDefault {
                id,
                within: WISH_MAX,
                since: Instant::now(),
                done,
            }
        })
    }

    /// The same without waiting, and with a bound of the caller's: after `within` the order ends as
    /// [`AudioError::ServerSilent`]. `done` is called once, on the audio thread, and must not
    /// block. A newer order takes the place of one that is under way, which ends as
    /// [`AudioError::Superseded`].
    pub fn order_default_sink(
        &self,
        id: &str,
        within: Duration,
        done: impl FnOnce(Result<(), AudioError>) + Send + 'static,
    ) -> Result<(), AudioError> {
        let (id, done) = (id.to_owned(), Box::new(done));
        let since = Instant::now();
        self.audio.engine.send(Command::SetDefault {
            id,
            within,
            since,
            done,
        })
    }
}

impl Audio {
    /// Watches the endpoints of this server; see [`Endpoints::watch`].
    pub fn endpoints(&self) -> Result<Endpoints, AudioError> {
        let board = Arc::new(Board::default());
        let watched = Arc::downgrade(&board);
        self.engine.ask(|reply| Command::Watch {
            board: watched,
            reply,
        })?;
        Ok(Endpoints {
            audio: self.clone(),
            board,
        })
    }
}

/// The list as the audio thread keeps it for one watcher.
#[derive(Default)]
pub(crate) struct Board {
    state: Mutex<BoardState>,
    changed: Condvar,
}

type OnChange = Box<dyn FnMut(&EndpointList) + Send>;

#[derive(Default)]
struct BoardState {
    list: EndpointList,
    on_change: Option<OnChange>,
}

impl Board {
    /// Replaces the list if it differs.
    pub(crate) fn publish(
        &self,
        sinks: &[Endpoint],
        microphone_muted: bool,
        missing: Option<&AudioError>,
    ) {
        let mut state = self.lock();
        if state.list.revision > 0
            && state.list.sinks == sinks
            && state.list.microphone_muted == microphone_muted
            && state.list.missing.as_ref() == missing
        {
            return;
        }
        let revision = state.list.revision + 1;
        state.list = EndpointList {
            revision,
            sinks: sinks.to_vec(),
            microphone_muted,
            missing: missing.cloned(),
        };
        self.changed.notify_all();
        let BoardState { list, on_change } = &mut *state;
        if let Some(on_change) = on_change {
            on_change(list);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BoardState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board")
            .field("list", &self.lock().list)
            .finish_non_exhaustive()
    }
}
