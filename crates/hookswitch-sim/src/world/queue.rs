//! The one queue of the simulated world, ordered by time, then by the seed's coin, then by arrival.

use std::collections::BTreeMap;

use hookswitch_model::{AskId, CallId, ClientId, Timestamp};

use crate::rng::Rng;

/// Most things that may be on their way at once.
const QUEUE_MAX: usize = 100_000;

/// Something an app or the audio server will do by itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Doing {
    /// An app settles an ask.
    Settle {
        /// By this connection.
        client: ClientId,
        /// This one.
        ask: AskId,
        /// Fulfilled, or failed.
        fulfilled: bool,
    },
    /// The process behind a connection dies.
    Crash(ClientId),
    /// An app's process is up and connects.
    Connect(usize),
    /// An app could not be started.
    LaunchFails(usize),
    /// An app takes a call of its former process back.
    Adopt(ClientId, CallId),
    /// An app tells what it could not tell before.
    CatchUp(usize),
    /// An app reads what its service said while it was not there.
    ReadInbox(usize),
    /// The next daemon is there.
    IsBack,
    /// An app finds the daemon of this number.
    Reconnect(usize, u64),
    /// An app under test gets the next message in its box.
    Tell(usize),
    /// The time an app under test waited for has come; the number of its wait.
    Wake(usize, u64),
    /// The audio server tells its devices again.
    TellEndpoints,
    /// The audio server has carried out the order of this number.
    RouteChanged(hookswitch_model::EndpointId, u64),
    /// The audio server is back with this device in use, if it has not gone again since.
    AudioReturns(Option<String>, u64),
}

/// What is on its way.
#[derive(Debug)]
pub(super) struct Queue {
    items: BTreeMap<(Timestamp, u64, u64), (Doing, u64)>,
    coin: Option<Rng>,
    next: u64,
}

impl Queue {
    /// An empty queue. Seed zero keeps the order of arrival at the same instant.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            items: BTreeMap::new(),
            coin: (seed != 0).then(|| Rng::new(seed)),
            next: 0,
        }
    }

    /// Puts something on its way; `cause` is the line of the trace that led to it.
    pub(super) fn push(&mut self, at: Timestamp, doing: Doing, cause: u64) {
        assert!(
            self.items.len() < QUEUE_MAX,
            "the simulated queue grows without end"
        );
        let tie = self.toss();
        self.next += 1;
        self.items.insert((at, tie, self.next), (doing, cause));
    }

    /// A number from the seed, zero without one.
    pub(super) fn toss(&mut self) -> u64 {
        self.coin.as_mut().map_or(0, Rng::draw)
    }

    /// When the first thing is due.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.items.first_key_value().map(|((at, _, _), _)| *at)
    }

    /// Takes the first thing.
    pub(super) fn pop(&mut self) -> Option<(Doing, u64)> {
        self.items.pop_first().map(|(_, item)| item)
    }

    /// Moves everything later: no program runs while the machine sleeps.
    pub(super) fn delay(&mut self, by: core::time::Duration) {
        let items = core::mem::take(&mut self.items);
        self.items = items
            .into_iter()
            .map(|((at, tie, seq), item)| ((at.after(by), tie, seq), item))
            .collect();
    }
}
