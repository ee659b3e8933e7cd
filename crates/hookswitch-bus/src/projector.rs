//! Tells the bus what was published: the only task that emits signals.
//!
//! Input: published states and finished transactions. Output: D-Bus signals: flags for everyone,
//! the rest for each connection that watches.
//!
//! # Promises
//!
//! - **J1** signals carry published states only; when states come faster than the bus takes them,
//!   the latest wins.
//! - **J2** a name, an address or a transaction is told to watchers only, each by its own message.
//! - **J3** `TransactionFinished` and `RouteFinished` come after the state that they led to.

use std::sync::Arc;

use hookswitch_model::{ActionKind, CallId, DropReason, RouteFault, Snapshot, TransactionId};
use hookswitch_wire::dbus::OBJECT_PATH;
use tokio::sync::mpsc;
use zbus::Connection;
use zbus::names::BusName;
use zbus::object_server::SignalEmitter;

use crate::controller::Controller;
use crate::observer::Observer;
use crate::published::{Published, changes, state_text};
use crate::watchers::Watchers;

/// Most finished transactions that wait to be told.
pub const FINISHED_MAX: usize = 256;

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
        /// Why it came to nothing.
        fault: Option<RouteFault>,
    },
}

/// Emits signals until the daemon stops publishing or the bus goes away.
pub(crate) async fn project(
    connection: &Connection,
    watchers: &Watchers,
    mut published: Published,
    finished: &mut mpsc::Receiver<Finished>,
) -> zbus::Result<()> {
    let emitter = SignalEmitter::new(connection, OBJECT_PATH)?;
    let mut told = published.state.borrow_and_update().clone();
    published.recents.mark_unchanged();
    loop {
        tokio::select! {
            biased;
            changed = published.state.changed() => match changed {
                Ok(()) => tell_state(&emitter, watchers, &mut published, &mut told).await?,
                Err(_) => return Ok(()),
            },
            over = finished.recv() => match over {
                Some(over) => {
                    for to in addressed(&emitter, watchers) {
                        tell_finished(&to, over).await?;
                    }
                }
                None => return Ok(()),
            },
            Ok(()) = published.recents.changed() => {
                let revision = published.recents.borrow_and_update().revision;
                for to in addressed(&emitter, watchers) {
                    Controller::recents_changed(&to, revision).await?;
                }
            }
        }
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
        Finished::Route { generation, fault } => {
            let outcome = fault.map_or("done", RouteFault::name);
            Controller::route_finished(emitter, generation, outcome).await
        }
    }
}

async fn tell_state(
    emitter: &SignalEmitter<'_>,
    watchers: &Watchers,
    published: &mut Published,
    told: &mut Arc<Snapshot>,
) -> zbus::Result<()> {
    let snapshot = published.state.borrow_and_update().clone();
    let watching = addressed(emitter, watchers);
    if !watching.is_empty() {
        let text = state_text(&snapshot);
        for to in watching {
            Controller::state_changed(&to, snapshot.revision, &text).await?;
        }
    }
    for call in changes(told, &snapshot) {
        Observer::call_changed(emitter, call).await?;
    }
    *told = snapshot;
    Ok(())
}

/// The same emitter for each watcher.
fn addressed(emitter: &SignalEmitter<'_>, watchers: &Watchers) -> Vec<SignalEmitter<'static>> {
    let to = |unique| emitter.to_owned().set_destination(BusName::Unique(unique));
    let all = watchers.all().into_iter();
    all.map(|unique| to(unique.into_inner())).collect()
}
