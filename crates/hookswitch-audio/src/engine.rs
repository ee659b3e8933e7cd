//! The handle of the audio thread: its bounded queue and its life.
//!
//! Input: commands of duplex streams, ringers and endpoint watchers.
//! Output: their replies, each within [`REPLY_MAX`].
//!
//! # Promises
//!
//! - **G1** the queue holds at most [`COMMANDS_MAX`] commands; a full queue is a typed refusal.
//! - **G2** the thread ends when the last handle is dropped; nothing keeps it alive.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use pipewire::channel as wake;

use crate::endpoint::Board;
use crate::error::AudioError;
use crate::port::{DeviceCell, Port, StreamSpec};
use crate::worker;

/// Most commands that may wait for the audio thread.
pub const COMMANDS_MAX: usize = 64;
/// Longest a call of this crate waits for the audio thread.
pub const REPLY_MAX: Duration = Duration::from_secs(4);

/// Which PipeWire server to talk to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum ServerAddress {
    /// The user's server, as PipeWire's own clients find it.
    #[default]
    Session,
    /// The server that listens on this socket.
    Socket(PathBuf),
}

/// Access to one audio thread; clones share it.
#[derive(Clone, Debug)]
pub struct Audio {
    pub(crate) engine: Arc<Engine>,
}

impl Audio {
    /// Starts an audio thread for a server. Nothing is opened and nothing can fail yet.
    pub fn new(address: ServerAddress) -> Self {
        Self {
            engine: Arc::new(Engine::start(address)),
        }
    }

    /// The thread that every caller of this process shares, for the user's own server.
    pub fn shared() -> Self {
        static SHARED: Mutex<Weak<Engine>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = shared.upgrade() {
            return Self { engine };
        }
        let audio = Self::new(ServerAddress::Session);
        *shared = Arc::downgrade(&audio.engine);
        audio
    }
}

/// What the audio thread is asked to do.
pub(crate) enum Command {
    /// Opens a stream; the reply comes once the server was tried.
    Open {
        id: u64,
        spec: StreamSpec,
        port: Port,
        device: DeviceCell,
        reply: Option<Reply>,
    },
    /// Closes a stream once its feed has faded out, at the latest at `by`.
    Close { id: u64, by: Instant },
    /// Keeps a board of endpoints up to date.
    Watch { board: Weak<Board>, reply: Reply },
    /// Makes a sink the default, in place of any other that is under way.
    SetDefault {
        id: String,
        /// How long it may take, from this instant on.
        within: Duration,
        since: Instant,
        done: Done,
    },
}

/// Told once how an order ended, on the audio thread.
pub(crate) type Done = Box<dyn FnOnce(Result<(), AudioError>) + Send>;

/// Where the audio thread answers; it never waits for the reader.
pub(crate) type Reply = SyncSender<Result<(), AudioError>>;

/// The sending side of the audio thread.
pub(crate) struct Engine {
    queue: Option<SyncSender<Command>>,
    wake: wake::Sender<()>,
    next_id: AtomicU64,
}

impl Engine {
    fn start(address: ServerAddress) -> Self {
        let (queue, commands) = mpsc::sync_channel(COMMANDS_MAX);
        let (wake, woken) = wake::channel();
        let run = move || worker::run(address, commands, woken);
        let thread = thread::Builder::new()
            .name("hookswitch-audio".to_owned())
            .spawn(run);
        if let Err(error) = thread {
            // The queue is closed with the thread: every call says `Closed`.
            tracing::error!(%error, "the audio thread could not be started");
        }
        Self {
            queue: Some(queue),
            wake,
            next_id: AtomicU64::new(1),
        }
    }

    /// A fresh number for a stream.
    pub(crate) fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Hands a command over without waiting.
    pub(crate) fn send(&self, command: Command) -> Result<(), AudioError> {
        let queue = self.queue.as_ref().ok_or(AudioError::Closed)?;
        queue.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => AudioError::Busy { max: COMMANDS_MAX },
            TrySendError::Disconnected(_) => AudioError::Closed,
        })?;
        self.wake.send(()).map_err(|()| AudioError::Closed)
    }

    /// Hands a command over and waits for its reply, at most [`REPLY_MAX`].
    pub(crate) fn ask(&self, command: impl FnOnce(Reply) -> Command) -> Result<(), AudioError> {
        let (reply, answer) = mpsc::sync_channel(1);
        self.send(command(reply))?;
        await_reply(&answer)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.queue = None;
        // An error means that the thread has already ended.
        let _ = self.wake.send(());
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("next_id", &self.next_id)
            .finish_non_exhaustive()
    }
}

fn await_reply(answer: &Receiver<Result<(), AudioError>>) -> Result<(), AudioError> {
    answer
        .recv_timeout(REPLY_MAX)
        .unwrap_or_else(|error| match error {
            mpsc::RecvTimeoutError::Timeout => Err(AudioError::ServerSilent(REPLY_MAX)),
            mpsc::RecvTimeoutError::Disconnected => Err(AudioError::Closed),
        })
}
