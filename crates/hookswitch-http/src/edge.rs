//! What the edge is made of, what it hands to the shell, and its bounds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hookswitch_core::{Accepted, Request};
use hookswitch_model::{Limits, Refusal};
use hookswitch_wire::json::RecentsFilter;
use hookswitch_wire::view::{RecentsEntry, View};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

use crate::directory::DirectoryQuery;
use crate::token::Token;

/// A good bound for the queue of commands.
pub const COMMANDS_MAX: usize = 64;
/// A good bound for the queue of recents queries.
pub const QUERIES_MAX: usize = 16;

/// The edge, ready to serve.
#[derive(Debug)]
pub struct HttpEdge {
    /// Where it listens; see [`bind`](crate::bind).
    pub listener: TcpListener,
    /// What a client must show.
    pub token: Token,
    /// Wishes for the shell.
    pub commands: mpsc::Sender<HttpCommand>,
    /// The latest view.
    pub views: watch::Receiver<Arc<View>>,
    /// Questions about the recents.
    pub recents: mpsc::Sender<RecentsQuery>,
    /// Questions and wishes about the call directory.
    pub directory: mpsc::Sender<DirectoryQuery>,
    /// The icons of apps.
    pub icons: watch::Receiver<Arc<Icons>>,
    /// Its bounds.
    pub limits: HttpLimits,
    /// The limits of the call system, for how much pages may ask.
    pub rates: Limits,
}

/// The icons of apps, by the id of the app.
pub type Icons = BTreeMap<String, Icon>;

/// An icon that an app brought along, checked by whoever keeps it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Icon {
    /// Which of the app's icons it is: another one has another word.
    pub version: String,
    /// The PNG file.
    pub png: Arc<[u8]>,
}

impl Icon {
    /// Where the page finds it.
    #[must_use]
    pub fn path(&self, app: &str) -> String {
        format!("/api/v1/apps/{app}/icon?v={}", self.version)
    }
}

/// A wish of the user. The shell maps it to `hookswitch_core::Event::Request` with
/// `Requester::User`.
#[derive(Debug)]
pub struct HttpCommand {
    /// The wish.
    pub wish: Request,
    /// Where the core's reply goes.
    pub reply: oneshot::Sender<Result<Accepted, Refusal>>,
}

/// A question about the recents.
#[derive(Debug)]
pub struct RecentsQuery {
    /// Which.
    pub filter: RecentsFilter,
    /// How many at most.
    pub limit: usize,
    /// Only entries older than the one with this id.
    pub before: Option<u64>,
    /// Where the entries go, newest first.
    pub reply: oneshot::Sender<Result<Vec<RecentsEntry>, RecentsFault>>,
}

/// The recents could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct RecentsFault {
    /// What is wrong and what to do, as a sentence for a person.
    pub message: String,
}

/// The bounds of the edge.
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// Connections at once; further ones wait in the system's queue.
    pub connections: usize,
    /// WebSockets at once; a further one is refused as `Busy`.
    pub sockets: usize,
    /// Bytes of a request body.
    pub body: usize,
    /// How long a client may take to send the head of its next request.
    pub head: Duration,
    /// How long one request may take in all.
    pub request: Duration,
    /// How long the shell or the store may take to reply.
    pub reply: Duration,
    /// How long a WebSocket client may take to accept one view.
    pub send: Duration,
    /// Most recents in one answer.
    pub recents: usize,
    /// Bytes of a file of numbers.
    pub file: usize,
    /// How long such a file may take until it is read.
    pub import: Duration,
    /// How long keeping what was read may take beyond that.
    pub keep: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connections: 128,
            sockets: 32,
            body: 16 * 1024,
            head: Duration::from_secs(30),
            request: Duration::from_secs(10),
            reply: Duration::from_secs(5),
            send: Duration::from_secs(5),
            recents: 200,
            file: 256 << 20,
            import: Duration::from_secs(120),
            keep: Duration::from_secs(65),
        }
    }
}
