//! The lists on a thread of their own.
//!
//! Input: wishes of the bus edge, in a bounded queue. Output: answers; the lists, published for
//! decisions and for clients.
//!
//! # Promises
//!
//! - **LK1** no call waits for a list: decisions read what was published last, and keep it for as
//!   long as they need it.
//! - **LK2** a wish is answered when what it wishes is on the disk.
//! - **LK3** a load whose connection ends, or that takes too long, is interrupted; what the list
//!   held before counts. A list of the user's own that never held anything goes with it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Instant;

use hookswitch_bus::{
    Begun, DirectoryPort, DirectoryReply, KeptLoad, LOAD_ASKS_MAX, ListWish, LoadAsk, WISHES_MAX,
};
use hookswitch_directory::load::{Limits, Why};
use tokio::sync::{mpsc, oneshot, watch};

use super::faults::Fault;
use super::loads::{Loads, OpenLoad};
use super::shelf::{Published, Shelf, Views};
use crate::clock;

/// The running thread's ends.
#[derive(Debug)]
pub struct Lists {
    /// For the bus edge.
    pub port: DirectoryPort,
    /// Extensions to be asked to load, for the bus edge.
    pub asks: mpsc::Receiver<LoadAsk>,
    /// For decisions.
    pub views: watch::Receiver<Arc<Views>>,
    /// Told when the lists are there.
    pub opened: oneshot::Receiver<()>,
}

/// Starts the thread. It ends when nobody can wish any more.
///
/// # Errors
///
/// If the system gives no more threads.
pub fn start(root: PathBuf, limits: Limits) -> io::Result<Lists> {
    let (wishes, received) = sync_channel(WISHES_MAX);
    let (views, views_seen) = watch::channel(Arc::default());
    let (sources, sources_seen) = watch::channel(Arc::default());
    let (ready, opened) = oneshot::channel();
    let (asks, asked) = mpsc::channel(LOAD_ASKS_MAX);
    let published = Published { views, sources };
    thread::Builder::new()
        .name("directory".to_owned())
        .spawn(move || {
            let shelf = Shelf::open(&root, published);
            // The daemon may have stopped waiting.
            let _ = ready.send(());
            match shelf {
                Ok(shelf) => Keeper::new(shelf, limits).run(&received),
                Err(error) => {
                    tracing::error!(%error, "the lists cannot be opened and block nobody");
                }
            }
        })?;
    Ok(Lists {
        port: DirectoryPort {
            wishes,
            asks,
            sources: sources_seen,
            room: DirectoryPort::room(),
        },
        asks: asked,
        views: views_seen,
        opened,
    })
}

struct Keeper {
    shelf: Shelf,
    loads: Loads,
    limits: Limits,
}

impl Keeper {
    fn new(shelf: Shelf, limits: Limits) -> Self {
        Self {
            shelf,
            loads: Loads::default(),
            limits,
        }
    }

    fn run(mut self, wishes: &Receiver<ListWish>) {
        loop {
            let wish = match self.loads.deadline() {
                None => wishes.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => wishes.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match wish {
                Ok(wish) => self.take(wish),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let now = Instant::now();
            self.interrupt(|load| load.deadline() <= now);
        }
    }

    fn take(&mut self, wish: ListWish) {
        match wish {
            ListWish::Offer {
                id,
                name,
                is_app,
                reply,
            } => answer(reply, self.shelf.offer(&id, &name, is_app)),
            ListWish::Begin {
                owner,
                id,
                incremental,
                reply,
            } => {
                let begun = self.begin(owner, &id, incremental);
                if begun.is_err() {
                    self.shelf.drop_if_unfilled(&id);
                }
                answer(reply, begun);
            }
            ListWish::Add {
                owner,
                load,
                list,
                entries,
                room,
                reply,
            } => {
                let added = self.with_load(&owner, load, |open| open.add(list, entries));
                drop(room);
                answer(reply, added);
            }
            ListWish::Commit { owner, load, reply } => self.commit(&owner, load, reply),
            ListWish::Cancel { owner, load, reply } => {
                let canceled = self.loads.take(&owner, load).map(|open| {
                    let id = open.id.clone();
                    drop(open);
                    id
                });
                if let Ok(id) = &canceled {
                    self.shelf.drop_if_unfilled(id);
                }
                answer(reply, canceled.map(drop));
            }
            ListWish::Enable { id, on, reply } => {
                let enabled = self.shelf.enable(&id, on);
                if enabled.is_ok() && !on {
                    self.interrupt(|load| load.id == id);
                }
                answer(reply, enabled);
            }
            ListWish::Order { ids, reply } => answer(reply, self.shelf.order(&ids)),
            ListWish::Remove { id, reply } => {
                self.interrupt(|load| load.id == id);
                answer(reply, self.shelf.remove(&id));
            }
            ListWish::Gone { owner } => self.interrupt(|load| load.is_of(&owner)),
        }
    }

    fn begin(&mut self, owner: String, id: &str, incremental: bool) -> Result<Begun, Fault> {
        self.loads.has_room()?;
        let mut loading = self.shelf.begin(id, self.limits)?;
        let incremental = incremental && loading.ask_incremental();
        tracing::debug!(list = id, incremental, "a load begins");
        let load = self.loads.enter(owner, id.to_owned(), loading);
        Ok(Begun { load, incremental })
    }

    /// Does something with a load; what fails in it ends it (LO3).
    fn with_load(
        &mut self,
        owner: &str,
        load: u64,
        run: impl FnOnce(&mut OpenLoad) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut open = self.loads.take(owner, load)?;
        match run(&mut open) {
            Ok(()) => {
                self.loads.put_back(load, open);
                Ok(())
            }
            Err(fault) => {
                let id = open.id.clone();
                drop(open);
                self.failed(&id, &fault);
                Err(fault)
            }
        }
    }

    fn commit(&mut self, owner: &str, load: u64, reply: DirectoryReply<KeptLoad>) {
        let open = match self.loads.take(owner, load) {
            Ok(open) => open,
            Err(fault) => return answer(reply, Err(fault)),
        };
        let OpenLoad { id, loading, .. } = open;
        let began = Instant::now();
        match self.shelf.commit(&id, loading, clock::stamp().wall) {
            Ok(committed) => {
                let took = began.elapsed();
                let (generation, entries) = (committed.generation, committed.entries);
                tracing::info!(list = %id, generation, entries, ?took, "a list was loaded");
                answer(
                    reply,
                    Ok(KeptLoad {
                        generation,
                        entries,
                    }),
                );
                if committed.wants_rebuild {
                    self.shelf.rebuild(&id);
                }
            }
            Err(fault) => {
                self.failed(&id, &fault);
                answer(reply, Err(fault));
            }
        }
    }

    /// Ends loads that nobody will complete.
    fn interrupt(&mut self, is_over: impl Fn(&OpenLoad) -> bool) {
        for id in self.loads.end_all(is_over) {
            self.failed(&id, &Fault::from(Why::Interrupted));
        }
    }

    fn failed(&mut self, id: &str, fault: &Fault) {
        let why = fault.code();
        self.shelf.note(id, Some(fault.kept(clock::stamp().wall)));
        self.shelf.drop_if_unfilled(id);
        tracing::warn!(list = id, %why, "a load was not kept; the data before it counts");
    }
}

fn answer<T>(reply: DirectoryReply<T>, result: Result<T, Fault>) {
    let result = result.map_err(|fault| fault.told());
    if reply.send(result).is_err() {
        tracing::debug!("whoever wished something of a list does not wait any more");
    }
}
