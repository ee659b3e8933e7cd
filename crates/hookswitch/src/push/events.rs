//! What happens to an app's pushes, as a stream.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::mpsc;

use super::{IncomingPush, PushService};
use crate::error::Error;
use crate::link::Alive;

/// How many events wait for the app. Beyond that the app's own bus connection is held up, and
/// nobody else's.
pub const PUSHES_MAX: usize = 256;

/// Something about pushes (`PKPushRegistryDelegate`). Its `Debug` shows no token.
#[non_exhaustive]
pub enum PushEvent {
    /// The token to send to the app's server, in hexadecimal digits as the sender puts it into its
    /// path (`didUpdate pushCredentials`). Comes once at each start of the app, and at each change.
    TokenUpdated {
        /// For these pushes.
        service: PushService,
        /// The token.
        token: String,
    },
    /// The token is dead: tell the app's server. There is nothing to register again
    /// (`didInvalidatePushTokenFor`).
    TokenInvalidated(PushService),
    /// A push (`didReceiveIncomingVoIPPushWith`).
    Incoming(IncomingPush),
    /// The daemon that is there now takes no registration, for this reason: it has no gateway, for
    /// example. Calls go on; the SDK tries again by itself.
    Unavailable(Error),
}

impl fmt::Debug for PushEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenUpdated { service, .. } => f
                .debug_struct("TokenUpdated")
                .field("service", service)
                .finish_non_exhaustive(),
            Self::TokenInvalidated(service) => {
                f.debug_tuple("TokenInvalidated").field(service).finish()
            }
            Self::Incoming(push) => f.debug_tuple("Incoming").field(push).finish(),
            Self::Unavailable(error) => f.debug_tuple("Unavailable").field(error).finish(),
        }
    }
}

/// The events of a push registry, in order. A [`Stream`], with a [`next`](Self::next) of its own.
/// A push whose time is over is passed over, and never returned.
#[derive(Debug)]
pub struct PushEvents {
    receiver: mpsc::Receiver<PushEvent>,
    _alive: Arc<Alive>,
}

impl PushEvents {
    pub(super) fn new(receiver: mpsc::Receiver<PushEvent>, alive: Arc<Alive>) -> Self {
        Self {
            receiver,
            _alive: alive,
        }
    }

    /// Waits for the next event; nothing when the connection is closed for good.
    pub async fn next(&mut self) -> Option<PushEvent> {
        loop {
            let event = self.receiver.recv().await?;
            if let Some(event) = fresh(event) {
                return Some(event);
            }
        }
    }
}

impl Stream for PushEvents {
    type Item = PushEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match self.receiver.poll_recv(cx) {
                Poll::Ready(Some(event)) => {
                    if let Some(event) = fresh(event) {
                        return Poll::Ready(Some(event));
                    }
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// The last check: what the app takes now may still begin.
fn fresh(event: PushEvent) -> Option<PushEvent> {
    match event {
        PushEvent::Incoming(push) if !push.may_begin() => {
            push.too_late();
            None
        }
        event @ (PushEvent::Incoming(_)
        | PushEvent::TokenUpdated { .. }
        | PushEvent::TokenInvalidated(_)
        | PushEvent::Unavailable(_)) => Some(event),
    }
}

pub(super) fn channel() -> (mpsc::Sender<PushEvent>, mpsc::Receiver<PushEvent>) {
    mpsc::channel(PUSHES_MAX)
}
