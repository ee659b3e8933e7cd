//! Tells the bus what was published: the only task that emits signals.
//!
//! Input: published states and finished transactions. Output: D-Bus signals: flags for everyone,
//! the rest for each connection that watches; to an app what became of its own wish.
//!
//! # Promises
//!
//! - **J1** signals carry published states only; when states come faster than the bus takes them,
//!   the latest wins: one change leads to it, and nothing queues up here.
//! - **J2** a name, an address or a transaction is told to watchers only, each by its own message.
//! - **J4** a bus that takes no signal for [`EMIT_MAX`] is given up, and connected to anew.
//! - **J3** `TransactionFinished` and `RouteFinished` come after the state that they led to.

use std::sync::Arc;
use std::time::Duration;

use hookswitch_model::{
    ActionKind, CallId, ClientId, DropReason, RouteFault, Snapshot, TransactionId,
};
use hookswitch_wire::dbus::OBJECT_PATH;
use hookswitch_wire::flags::changes;
use tokio::sync::mpsc;
use zbus::Connection;
use zbus::names::{BusName, OwnedUniqueName};
use zbus::object_server::SignalEmitter;

use crate::clients::Clients;
use crate::controller::Controller;
use crate::observer::Observer;
use crate::provider::Provider;
use crate::published::{Published, change_text, state_text};
use crate::watchers::{Wants, Watchers};

/// Most finished transactions that wait to be told.
pub const FINISHED_MAX: usize = 256;

/// Longest wait for the bus to take a signal.
pub const EMIT_MAX: Duration = Duration::from_secs(5);

/// Something that was accepted is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Finished {
    /// A transaction.
    Transaction {
        /// Which.
        transaction: TransactionId,
        /// Whether every action of it was fulfilled.
        complete: bool,
    },
    /// A part of a transaction was given up because its app died.
    Dropped {
        /// The transaction.
        transaction: TransactionId,
        /// The call.
        call: CallId,
        /// What was asked for.
        action: ActionKind,
        /// Why it is given up.
        why: DropReason,
    },
    /// An order to use an audio device.
    Route {
        /// Its number.
        generation: u64,
        /// The app that asked for it, if one did.
        asker: Option<ClientId>,
        /// Why it came to nothing.
        fault: Option<RouteFault>,
    },
}

/// Emits signals until the daemon stops publishing or the bus goes away.
pub(crate) async fn project(
    connection: &Connection,
    watchers: &Watchers,
    clients: &Clients,
    mut published: Published,
    finished: &mut mpsc::Receiver<Finished>,
) -> zbus::Result<()> {
    let mut teller = Teller {
        emitter: SignalEmitter::new(connection, OBJECT_PATH)?,
        watchers,
        clients,
        told: published.state.borrow_and_update().clone(),
    };
    published.recents.mark_unchanged();
    loop {
        tokio::select! {
            biased;
            changed = published.state.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let state = published.state.borrow_and_update().clone();
                teller.tell_state(state).await?;
            }
            () = watchers.came() => teller.tell_new().await?,
            over = finished.recv() => match over {
                Some(over) => teller.tell_finished(over).await?,
                None => return Ok(()),
            },
            Ok(()) = published.recents.changed() => {
                let revision = published.recents.borrow_and_update().revision;
                for to in teller.all() {
                    in_time(Controller::recents_changed(&to, revision)).await?;
                }
            }
        }
    }
}

/// Waits for the bus to take a signal, and not for ever (J4).
async fn in_time(emitting: impl Future<Output = zbus::Result<()>>) -> zbus::Result<()> {
    within(EMIT_MAX, emitting).await
}

async fn within(
    limit: Duration,
    emitting: impl Future<Output = zbus::Result<()>>,
) -> zbus::Result<()> {
    match tokio::time::timeout(limit, emitting).await {
        Ok(emitted) => emitted,
        Err(_) => Err(zbus::Error::Failure(format!(
            "the bus took no signal for {limit:?}"
        ))),
    }
}

async fn tell_finished(emitter: &SignalEmitter<'_>, over: Finished) -> zbus::Result<()> {
    match over {
        Finished::Transaction {
            transaction,
            complete,
        } => {
            let transaction = transaction.to_string();
            Controller::transaction_finished(emitter, &transaction, complete).await
        }
        Finished::Dropped {
            transaction,
            call,
            action,
            why,
        } => {
            let (transaction, call) = (transaction.to_string(), call.to_string());
            let (action, why) = (action.name(), why.name());
            Controller::action_dropped(emitter, &transaction, &call, action, why).await
        }
        Finished::Route {
            generation, fault, ..
        } => Controller::route_finished(emitter, generation, outcome(fault)).await,
    }
}

fn outcome(fault: Option<RouteFault>) -> &'static str {
    fault.map_or("done", RouteFault::name)
}

/// Tells the bus, and knows what it told last.
struct Teller<'a> {
    emitter: SignalEmitter<'a>,
    watchers: &'a Watchers,
    clients: &'a Clients,
    told: Arc<Snapshot>,
}

impl Teller<'_> {
    async fn tell_finished(&self, over: Finished) -> zbus::Result<()> {
        for to in self.all() {
            in_time(tell_finished(&to, over)).await?;
        }
        self.tell_asker(over).await
    }

    /// An app hears what became of its own order.
    async fn tell_asker(&self, over: Finished) -> zbus::Result<()> {
        let Finished::Route {
            generation,
            asker: Some(asker),
            fault,
        } = over
        else {
            return Ok(());
        };
        if let Some(unique) = self.clients.name_of(asker) {
            let (to, outcome) = (self.addressed(unique), outcome(fault));
            in_time(Provider::route_finished(&to, generation, outcome)).await?;
        }
        Ok(())
    }

    /// Tells a state; each text is made once, and only if somebody wants it.
    async fn tell_state(&mut self, fresh: Arc<Snapshot>) -> zbus::Result<()> {
        let told = core::mem::replace(&mut self.told, fresh.clone());
        let (mut whole, mut change) = (None, None);
        for (unique, wants) in self.watchers.take_all() {
            let to = self.addressed(unique);
            match wants {
                Wants::Whole | Wants::First => {
                    let text = whole.get_or_insert_with(|| state_text(&fresh));
                    in_time(Controller::state_changed(&to, fresh.revision, text)).await?;
                }
                Wants::Changes => {
                    let text = change.get_or_insert_with(|| change_text(&told, &fresh));
                    let (from, revision) = (told.revision, fresh.revision);
                    in_time(Controller::state_differs(&to, from, revision, text)).await?;
                }
            }
        }
        for call in changes(&told, &fresh) {
            in_time(Observer::call_changed(&self.emitter, call)).await?;
        }
        Ok(())
    }

    /// Tells new followers where the next change will begin.
    async fn tell_new(&self) -> zbus::Result<()> {
        for unique in self.watchers.take_new() {
            let (to, text) = (self.addressed(unique), state_text(&self.told));
            in_time(Controller::state_changed(&to, self.told.revision, &text)).await?;
        }
        Ok(())
    }

    /// The same emitter for each watcher.
    fn all(&self) -> Vec<SignalEmitter<'static>> {
        let all = self.watchers.all().into_iter();
        all.map(|unique| self.addressed(unique)).collect()
    }

    fn addressed(&self, unique: OwnedUniqueName) -> SignalEmitter<'static> {
        let emitter = self.emitter.to_owned();
        emitter.set_destination(BusName::Unique(unique.into_inner()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bus_that_takes_no_signal_is_given_up_with_a_reason() {
        let limit = Duration::from_millis(5);
        let hung = within(limit, std::future::pending()).await;
        let why = hung.expect_err("given up").to_string();
        assert!(why.contains("took no signal for 5ms"), "{why}");
        within(limit, async { Ok(()) }).await.expect("taken");
    }
}
