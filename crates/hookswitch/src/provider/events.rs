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
use super::letters::{Letter, Letters};

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
    /// A whole transaction, for an app that asked for it with
    /// [`Provider::take_whole_transactions`](super::Provider::take_whole_transactions): settle its
    /// asks in any order (`provider(_:execute:)` that returns true).
    Execute {
        /// Its id (`CXTransaction.uuid`); see [`Ask::transaction`].
        transaction: String,
        /// What is to be done, in the order of the transaction (`CXTransaction.actions`).
        asks: Vec<Ask>,
    },
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
    /// There is no audio for this accepted call for now; `AudioActivated` follows as soon as it can
    /// be. CallKit is silent then.
    AudioDenied {
        /// Which call.
        call: Call,
        /// Why: `server-lost`, `emergency` or `exclusive`.
        reason: String,
    },
    /// The system needs the audio that this call has, or is done with it; the call goes on
    /// (`AVAudioSession.interruptionNotification`).
    AudioInterrupted {
        /// Which call.
        call: Call,
        /// Why: `server-lost`, `emergency` or `exclusive`.
        reason: String,
        /// It began; `false` when it is over.
        began: bool,
    },
    /// The system ended a call without an ask; drop it.
    CallEnded {
        /// Which call.
        call: Call,
        /// Why.
        reason: EndReason,
        /// When it was decided, and whether the app was away then.
        letter: Letter,
    },
    /// The user wants to see the app's own window for this call.
    Open(Call),
    /// The system no longer knows these calls: end them locally, report nothing
    /// (`providerDidReset`).
    Reset {
        /// Why.
        cause: ResetCause,
        /// The daemon that is there now; it grows with each start of the daemon.
        epoch: u64,
        /// The calls that are over.
        calls: Vec<Call>,
    },
}

/// Why calls are lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResetCause {
    /// Another daemon is there, and it does not know them.
    DaemonRestarted,
    /// The same daemon gave them up: the app was away from the bus for too long.
    AwayTooLong,
}

/// The events of a provider, in order. A [`Stream`], with a [`next`](Self::next) of its own.
#[derive(Debug)]
pub struct ProviderEvents {
    receiver: mpsc::Receiver<Delivery>,
    letters: Arc<Letters>,
    /// The letter of the event that the app took last.
    taken: Option<u64>,
    _alive: Arc<Alive>,
}

impl ProviderEvents {
    pub(super) fn new(
        receiver: mpsc::Receiver<Delivery>,
        letters: Arc<Letters>,
        alive: Arc<Alive>,
    ) -> Self {
        Self {
            receiver,
            letters,
            taken: None,
            _alive: alive,
        }
    }

    /// Whoever asks for more has dealt with what it got.
    fn acknowledge(&mut self) {
        if let Some(cursor) = self.taken.take() {
            self.letters.done(cursor);
        }
    }

    fn take(&mut self, delivery: Option<Delivery>) -> Option<ProviderEvent> {
        let Delivery { event, cursor } = delivery?;
        self.taken = cursor;
        Some(event)
    }

    /// Waits for the next event. The one before is acknowledged by that: what an app had not dealt
    /// with when it died, it is told again.
    pub async fn next(&mut self) -> Option<ProviderEvent> {
        self.acknowledge();
        let delivery = self.receiver.recv().await;
        self.take(delivery)
    }
}

impl Stream for ProviderEvents {
    type Item = ProviderEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.acknowledge();
        let polled = self.receiver.poll_recv(cx);
        polled.map(|delivery| self.take(delivery))
    }
}

/// An event on its way to the app, and the letter that it acknowledges.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) event: ProviderEvent,
    pub(super) cursor: Option<u64>,
}

pub(super) fn channel() -> (mpsc::Sender<Delivery>, mpsc::Receiver<Delivery>) {
    mpsc::channel(EVENTS_MAX)
}
