//! What the daemon told: the newest state, and outcomes for those who wait.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use hookswitch_wire::dbus::{CONTROLLER_INTERFACE, RouteFault};
use hookswitch_wire::json::{State, StateChange};
use tokio::sync::watch;
use zbus::connection::Builder;
use zbus::{Connection, Message};

use super::{Dropped, method, parse};
use crate::error::Error;
use crate::link::{self, Role, lock};

/// How many finished transactions and route changes are remembered for those who wait.
const FINISHED_MAX: usize = 256;

/// What the daemon told.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) newest: watch::Sender<Option<Arc<State>>>,
    /// What the next change begins with.
    pub(super) base: Mutex<Option<State>>,
    pub(super) finished: Mutex<VecDeque<(String, bool)>>,
    /// Parts of transactions that were given up, the oldest first.
    pub(super) dropped: Mutex<VecDeque<(String, Dropped)>>,
    pub(super) routed: Mutex<VecDeque<(u64, Result<(), RouteFault>)>>,
    /// Counts finishes and connections, to wake those who wait.
    pub(super) finishes: watch::Sender<u64>,
    pub(super) connection: Mutex<u64>,
}

impl Default for Heard {
    fn default() -> Self {
        Self {
            newest: watch::channel(None).0,
            base: Mutex::default(),
            finished: Mutex::default(),
            dropped: Mutex::default(),
            routed: Mutex::default(),
            finishes: watch::channel(0).0,
            connection: Mutex::default(),
        }
    }
}

impl Heard {
    pub(super) fn connection(&self) -> u64 {
        *lock(&self.connection)
    }

    pub(super) fn outcome(&self, transaction: &str) -> Option<bool> {
        let finished = lock(&self.finished);
        let found = finished.iter().rev().find(|(id, _)| id == transaction);
        found.map(|(_, complete)| *complete)
    }

    pub(super) fn route_outcome(&self, generation: u64) -> Option<Result<(), RouteFault>> {
        let routed = lock(&self.routed);
        let found = routed
            .iter()
            .rev()
            .find(|(number, _)| *number == generation);
        found.map(|(_, outcome)| *outcome)
    }

    pub(super) fn finish(&self, transaction: String, complete: bool) {
        remember(&self.finished, (transaction, complete));
        self.finishes.send_modify(|count| *count += 1);
    }

    /// A word of a newer daemon counts as a refusal.
    pub(super) fn route_finish(&self, generation: u64, outcome: &str) {
        let outcome = match outcome {
            "done" => Ok(()),
            word => Err(RouteFault::from_name(word).unwrap_or(RouteFault::Refused)),
        };
        remember(&self.routed, (generation, outcome));
        self.finishes.send_modify(|count| *count += 1);
    }

    pub(super) fn drop_part(&self, transaction: String, part: Dropped) {
        remember(&self.dropped, (transaction, part));
    }

    /// Follows a change. Signals come in order and none is lost, so each fits the one before; a
    /// daemon that breaks this is not believed until it tells the whole state again.
    pub(super) fn differs(&self, change: StateChange) {
        let mut base = lock(&self.base);
        let fresh = base.take().and_then(|mut state| {
            state.apply(change).ok()?;
            Some(state)
        });
        base.clone_from(&fresh);
        drop(base);
        if let Some(state) = fresh {
            self.keep(state);
        }
    }

    /// Keeps a state unless a newer one is there.
    pub(super) fn keep(&self, state: State) {
        self.newest.send_if_modified(|newest| {
            let newer = newest
                .as_ref()
                .is_none_or(|known| known.revision < state.revision);
            if newer {
                *newest = Some(Arc::new(state));
            }
            newer
        });
    }
}

fn remember<T>(list: &Mutex<VecDeque<T>>, entry: T) {
    let mut list = lock(list);
    if list.len() == FINISHED_MAX {
        list.pop_front();
    }
    list.push_back(entry);
}

impl Role for Heard {
    const SIGNALS: &'static str = CONTROLLER_INTERFACE;

    fn prepare(self: &Arc<Self>, builder: Builder<'static>) -> Builder<'static> {
        builder
    }

    async fn up(&self, connection: &Connection) -> Result<(), Error> {
        let reply = link::call_now(connection, method("Follow"), &()).await?;
        let (text,): (String,) = link::read(&reply)?;
        self.keep(parse(&text)?);
        Ok(())
    }

    fn down(&self) {
        *lock(&self.connection) += 1;
        lock(&self.finished).clear();
        lock(&self.dropped).clear();
        *lock(&self.base) = None;
        lock(&self.routed).clear();
        self.newest.send_modify(|newest| *newest = None);
        self.finishes.send_modify(|count| *count += 1);
    }

    fn signal(&self, message: &Message) {
        let header = message.header();
        match header.member().map(|name| name.as_str()) {
            Some("StateChanged") => {
                if let Ok((_, text)) = link::read::<(u64, String)>(message)
                    && let Ok(state) = parse::<State>(&text)
                {
                    *lock(&self.base) = Some(state.clone());
                    self.keep(state);
                }
            }
            Some("ActionDropped") => {
                if let Ok((transaction, call, action, reason)) = link::read(message) {
                    let dropped = Dropped {
                        call,
                        action,
                        reason,
                    };
                    self.drop_part(transaction, dropped);
                }
            }
            Some("StateDiffers") => {
                if let Ok((_, _, text)) = link::read::<(u64, u64, String)>(message)
                    && let Ok(change) = parse(&text)
                {
                    self.differs(change);
                }
            }
            Some("TransactionFinished") => {
                if let Ok((transaction, complete)) = link::read(message) {
                    self.finish(transaction, complete);
                }
            }
            Some("RouteFinished") => {
                if let Ok((generation, outcome)) = link::read::<(u64, String)>(message) {
                    self.route_finish(generation, &outcome);
                }
            }
            Some(_) | None => {}
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
