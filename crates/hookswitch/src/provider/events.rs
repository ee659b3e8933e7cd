//! What happens to an app's calls, as a stream.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;
use hookswitch_wire::dbus::EndReason;
use tokio::sync::mpsc;

use crate::call::Call;
use crate::link::Alive;

use super::ask::Ask;

/// How many events wait for the app. Beyond that the app's own bus connection is held up, and
/// nobody else's.
pub const EVENTS_MAX: usize = 1024;

/// Something the app has to know or to do (CallKit `CXProviderDelegate`).
#[derive(Debug)]
#[non_exhaustive]
pub enum ProviderEvent {
    /// The app is registered and can receive asks (`providerDidBegin`).
    Registered {
        /// Calls of the app's former process. Those it still has it adopts within 3 s.
        orphans: Vec<Call>,
    },
    /// The daemon or the bus was gone; the app is registered again.
    Reconnected {
        /// The live calls that were taken back.
        calls: Vec<Call>,
    },
    /// Do this, then fulfill or fail it (`provider(_:perform:)`).
    Perform(Ask),
    /// The time for an ask is over; it counts as failed (`provider(_:timedOutPerforming:)`).
    TimedOut {
        /// The id of the ask; see [`Ask::id`].
        ask: String,
        /// The call it was about.
        call: Call,
    },
    /// The only right moment to start the call's audio (`provider(_:didActivate:)`).
    AudioActivated(Call),
    /// Stop the call's audio (`provider(_:didDeactivate:)`).
    AudioDeactivated(Call),
    /// The system ended a call without an ask; drop it.
    CallEnded {
        /// Which call.
        call: Call,
        /// Why.
        reason: EndReason,
    },
    /// The user wants to see the app's own window for this call.
    Open(Call),
    /// The system no longer knows these calls: end them locally, report nothing
    /// (`providerDidReset`).
    Reset {
        /// Why.
        cause: ResetCause,
        /// The calls.
        calls: Vec<Call>,
    },
}

/// Why calls are lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResetCause {
    /// The daemon came back without them, or the app was away from the bus for too long.
    Forgotten,
}

/// The events of a provider, in order. A [`Stream`], with a [`next`](Self::next) of its own.
#[derive(Debug)]
pub struct ProviderEvents {
    receiver: mpsc::Receiver<ProviderEvent>,
    _alive: Arc<Alive>,
}

impl ProviderEvents {
    pub(super) fn new(receiver: mpsc::Receiver<ProviderEvent>, alive: Arc<Alive>) -> Self {
        Self {
            receiver,
            _alive: alive,
        }
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> Option<ProviderEvent> {
        self.receiver.recv().await
    }
}

impl Stream for ProviderEvents {
    type Item = ProviderEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.poll_recv(cx)
    }
}

pub(super) fn channel() -> (mpsc::Sender<ProviderEvent>, mpsc::Receiver<ProviderEvent>) {
    mpsc::channel(EVENTS_MAX)
}
