//! The recents on a thread of their own.
//!
//! Input: calls that ended, questions of the HTTP edge, in bounded queues.
//! Output: the newest entries in memory, for readers that must not wait; answers; which records are
//! kept.
//!
//! # Promises
//!
//! - **R1** no call waits for the disk. That it fails is told once in the log, and told to whoever
//!   asks for the recents.
//! - **R2** what could not be kept is tried again with the next call that ends, in order. At most
//!   [`RECORDS_MAX`] wait, the latest ones; the log of live calls holds the same ones for the next
//!   daemon, and tells that it drops some.
//! - **R3** a record is confirmed when the file has it, and not before; so is what amends one.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hookswitch_bus::RecentsPages;
use hookswitch_http::{RecentsFault, RecentsQuery};
use hookswitch_model::{Amendment, AppId, CallId, Privacy, RecentsEntry, RingPolicy, Wall};
use hookswitch_store::{Keep, RECORDS_MAX, StoreError, Wanted};
use hookswitch_wire::json::RecentsFilter;
use hookswitch_wire::view::{self, DecisionView, decision_view, recents_entry_shown};
use tokio::sync::{mpsc, oneshot, watch};

use crate::second_calls::KeptRules;

/// Most orders that wait for the disk.
const ORDERS_MAX: usize = 256;
/// Longest wait for the disk when the daemon leaves.
const STOP_MAX: Duration = Duration::from_secs(2);
/// Pause between two looks at it.
const STOP_PAUSE: Duration = Duration::from_millis(5);
/// Entries of each kind that are kept in memory.
pub(crate) const SHOWN_MAX: usize = 200;

/// What the thread is asked to do.
#[derive(Debug)]
pub enum StoreOrder {
    /// Keep a call that ended.
    Record(Box<RecentsEntry>),
    /// Change the record of a call by what was learned later.
    Amend(Amendment),
    /// Keep the user's rules for incoming calls.
    Rules(Arc<RingPolicy>),
    /// Read.
    Query(RecentsQuery),
    /// Say what was decided about a call.
    Explain {
        /// Which call.
        call: CallId,
        /// Where the decision goes, if there was one.
        reply: oneshot::Sender<Option<DecisionView>>,
    },
    /// End, after what came before.
    Stop,
}

/// A record that the file has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recorded {
    /// Its call.
    pub call: CallId,
    /// When that began.
    pub began: Wall,
    /// It was there, and is amended now.
    pub amended: bool,
}

/// What the file is to take.
enum Change {
    Record(Box<RecentsEntry>),
    Amend(Amendment),
}

impl Change {
    fn taken(&self) -> Recorded {
        match self {
            Self::Record(entry) => Recorded {
                call: entry.call,
                began: entry.began,
                amended: false,
            },
            Self::Amend(amendment) => Recorded {
                call: amendment.call,
                began: amendment.began,
                amended: true,
            },
        }
    }
}

/// The running thread.
#[derive(Debug)]
pub struct Recents {
    /// Orders for it.
    pub orders: SyncSender<StoreOrder>,
    /// The newest entries.
    pub pages: watch::Receiver<Arc<RecentsPages>>,
    thread: JoinHandle<()>,
}

/// Starts the thread; it opens the file by itself, and tells `recorder` what the file has.
///
/// # Errors
///
/// If the system gives no more threads.
pub fn start(
    file: PathBuf,
    rules: KeptRules,
    recorder: mpsc::Sender<Recorded>,
) -> io::Result<Recents> {
    let (orders, received) = sync_channel(ORDERS_MAX);
    let (publish, pages) = watch::channel(Arc::new(RecentsPages::default()));
    let thread = thread::Builder::new()
        .name("recents".to_owned())
        .spawn(move || Keeper::new(file, rules, publish, recorder).run(&received))?;
    Ok(Recents {
        orders,
        pages,
        thread,
    })
}

impl Recents {
    /// A queue for the HTTP edge.
    #[must_use]
    pub fn queries(&self) -> mpsc::Sender<RecentsQuery> {
        let (queries, mut asked) = mpsc::channel(hookswitch_http::QUERIES_MAX);
        let orders = self.orders.clone();
        tokio::spawn(async move {
            while let Some(query) = asked.recv().await {
                forward(&orders, query);
            }
        });
        queries
    }

    /// Ends the thread when it has kept what was given to it. A disk that hangs is left behind.
    pub fn stop(self) {
        let deadline = Instant::now() + STOP_MAX;
        let mut order = StoreOrder::Stop;
        while let Err(TrySendError::Full(back)) = self.orders.try_send(order) {
            order = back;
            if Instant::now() >= deadline {
                break;
            }
            thread::park_timeout(STOP_PAUSE);
        }
        while !self.thread.is_finished() && Instant::now() < deadline {
            thread::park_timeout(STOP_PAUSE);
        }
        if !self.thread.is_finished() {
            tracing::warn!("the recents do not end; what was not kept waits for the next start");
        } else if self.thread.join().is_err() {
            tracing::error!("the recents ended by a defect");
        }
    }
}

fn forward(orders: &SyncSender<StoreOrder>, query: RecentsQuery) {
    let refused = match orders.try_send(StoreOrder::Query(query)) {
        Ok(()) => return,
        Err(TrySendError::Full(order) | TrySendError::Disconnected(order)) => order,
    };
    if let StoreOrder::Query(query) = refused {
        let message = "The recents are busy. Try again in a moment.".to_owned();
        answer(query, Err(RecentsFault { message }));
    }
}

fn answer(query: RecentsQuery, result: Result<Vec<view::RecentsEntry>, RecentsFault>) {
    if query.reply.send(result).is_err() {
        tracing::debug!("whoever asked for the recents does not wait any more");
    }
}

struct Keeper {
    file: PathBuf,
    rules: KeptRules,
    privacy_of: BTreeMap<AppId, Privacy>,
    store: Option<hookswitch_store::Recents>,
    publish: watch::Sender<Arc<RecentsPages>>,
    recorder: mpsc::Sender<Recorded>,
    /// What the file has not taken, oldest first.
    waiting: VecDeque<Change>,
    fault: Option<String>,
}

impl Keeper {
    fn new(
        file: PathBuf,
        rules: KeptRules,
        publish: watch::Sender<Arc<RecentsPages>>,
        recorder: mpsc::Sender<Recorded>,
    ) -> Self {
        Self {
            file,
            privacy_of: rules.privacy.start().clone(),
            rules,
            store: None,
            publish,
            recorder,
            waiting: VecDeque::new(),
            fault: None,
        }
    }

    fn run(mut self, orders: &Receiver<StoreOrder>) {
        let opened = self.open().and_then(|()| self.load());
        self.settle(opened);
        for order in orders {
            match order {
                StoreOrder::Record(entry) => self.take(Change::Record(entry)),
                StoreOrder::Amend(amendment) => self.take(Change::Amend(amendment)),
                StoreOrder::Rules(policy) => self.obey(&policy),
                StoreOrder::Query(query) => {
                    let result = self.read(&query);
                    answer(query, result);
                }
                StoreOrder::Explain { call, reply } => {
                    if reply.send(self.explain(call)).is_err() {
                        tracing::debug!("whoever asked about a decision does not wait any more");
                    }
                }
                StoreOrder::Stop => return,
            }
        }
    }

    fn take(&mut self, change: Change) {
        self.waiting.push_back(change);
        if self.waiting.len() > RECORDS_MAX {
            self.waiting.pop_front();
        }
        self.keep_waiting();
    }

    /// Keeps all that wait, in order, until one is refused.
    fn keep_waiting(&mut self) {
        while let Some(change) = self.waiting.pop_front() {
            let kept = match &change {
                Change::Record(entry) => self.keep(entry),
                Change::Amend(amendment) => self.amend(amendment),
            };
            let refused = kept.is_err();
            self.settle(kept);
            if refused {
                self.waiting.push_front(change);
                return;
            }
            if self.recorder.blocking_send(change.taken()).is_err() {
                tracing::debug!("a record is kept after the calls have stopped");
            }
        }
    }

    /// After each change: shows it, or tells once why there is none.
    fn settle(&mut self, result: Result<RecentsPages, StoreError>) {
        let fault = match result {
            Ok(pages) => {
                self.publish.send_replace(Arc::new(pages));
                None
            }
            Err(error) => Some(error.to_string()),
        };
        if fault == self.fault {
            return;
        }
        match &fault {
            Some(fault) => tracing::error!(fault, "the recents are not kept"),
            None => tracing::info!("the recents are kept again"),
        }
        self.publish.send_modify(|pages| {
            Arc::make_mut(pages).fault.clone_from(&fault);
        });
        self.fault = fault;
    }

    fn open(&mut self) -> Result<(), StoreError> {
        let opened = hookswitch_store::Recents::open(&self.file, Keep::default())?;
        if let Some(damaged) = opened.damaged {
            let kept_as = damaged.kept_as.display();
            let why = damaged.why;
            tracing::error!(%kept_as, why, "the recents were damaged; new ones begin");
        }
        self.store = Some(opened.recents);
        Ok(())
    }

    /// Keeps an entry; returns the pages with it.
    fn keep(&mut self, entry: &RecentsEntry) -> Result<RecentsPages, StoreError> {
        let mut pages = if self.store.is_none() {
            self.open()?;
            self.load()?
        } else {
            RecentsPages::clone(&self.publish.borrow())
        };
        let Some(store) = &mut self.store else {
            return Ok(pages);
        };
        match store.append(entry) {
            Ok(Some(id)) => {
                put_first(&mut pages, Arc::new(self.shown(id, entry)));
                Ok(pages)
            }
            // The former daemon was killed before it heard of its own success.
            Ok(None) => Ok(pages),
            Err(error) => Err(self.given_up(error)),
        }
    }

    /// As much of an entry as the user wants shown.
    fn shown(&self, id: u64, entry: &RecentsEntry) -> view::RecentsEntry {
        let level = self.privacy_of.get(&entry.app).copied();
        recents_entry_shown(id, entry, level.unwrap_or_default())
    }

    /// Other rules are in force: they are kept, and what is shown follows them.
    fn obey(&mut self, policy: &RingPolicy) {
        if let Err(error) = self.rules.keep(policy) {
            tracing::error!(%error, "the rules are in force, but not kept");
        }
        if self.privacy_of != policy.privacy_of {
            self.privacy_of.clone_from(&policy.privacy_of);
            let shown = self.load();
            self.settle(shown);
        }
    }

    /// Changes an entry; returns the pages without what they said before.
    fn amend(&mut self, amendment: &Amendment) -> Result<RecentsPages, StoreError> {
        if self.store.is_none() {
            self.open()?;
        }
        if let Some(store) = &mut self.store {
            match store.amend(amendment) {
                Ok(true) => {}
                // Of a call that the recents have given up since.
                Ok(false) => tracing::debug!("an amended record is not there any more"),
                Err(error) => return Err(self.given_up(error)),
            }
        }
        self.load()
    }

    /// A damaged file is opened again at the next call, which moves it aside.
    fn given_up(&mut self, error: StoreError) -> StoreError {
        if matches!(error, StoreError::Damaged { .. }) {
            self.store = None;
        }
        error
    }

    /// Reads the newest entries of each kind.
    fn load(&self) -> Result<RecentsPages, StoreError> {
        let most = u32::try_from(SHOWN_MAX).unwrap_or(u32::MAX);
        let list = |filter| -> Result<Vec<Arc<view::RecentsEntry>>, StoreError> {
            Ok(self
                .list(filter, most, None)?
                .into_iter()
                .map(Arc::new)
                .collect())
        };
        Ok(RecentsPages {
            revision: self.publish.borrow().revision + 1,
            all: list(RecentsFilter::All)?,
            missed: list(RecentsFilter::Missed)?,
            blocked: list(RecentsFilter::Blocked)?,
            fault: None,
        })
    }

    fn read(&self, query: &RecentsQuery) -> Result<Vec<view::RecentsEntry>, RecentsFault> {
        if let (None, Some(message)) = (&self.store, self.fault.clone()) {
            return Err(RecentsFault { message });
        }
        let limit = u32::try_from(query.limit).unwrap_or(u32::MAX);
        self.list(query.filter, limit, query.before)
            .map_err(|error| RecentsFault {
                message: error.to_string(),
            })
    }

    fn explain(&self, call: CallId) -> Option<DecisionView> {
        match self.store.as_ref()?.decision(call) {
            Ok(decision) => decision.as_ref().map(decision_view),
            Err(error) => {
                tracing::warn!(%error, "a decision cannot be read from the recents");
                None
            }
        }
    }

    fn list(
        &self,
        filter: RecentsFilter,
        limit: u32,
        before: Option<u64>,
    ) -> Result<Vec<view::RecentsEntry>, StoreError> {
        let Some(store) = &self.store else {
            return Ok(Vec::new());
        };
        let page = store.list(&Wanted {
            filter,
            limit,
            before,
        })?;
        if page.unreadable > 0 {
            tracing::warn!(rows = page.unreadable, "rows of the recents cannot be read");
        }
        let shown = page.entries.iter();
        Ok(shown
            .map(|stored| self.shown(stored.id, &stored.entry))
            .collect())
    }
}

/// Puts a new entry before the others, as the store would list it.
fn put_first(pages: &mut RecentsPages, entry: Arc<view::RecentsEntry>) {
    pages.revision += 1;
    pages.fault = None;
    let lists = match (entry.blocked, entry.missed) {
        (true, _) => vec![&mut pages.blocked],
        (false, true) => vec![&mut pages.all, &mut pages.missed],
        (false, false) => vec![&mut pages.all],
    };
    for list in lists {
        list.insert(0, entry.clone());
        list.truncate(SHOWN_MAX);
    }
}

/// Where the recents are kept unless the configuration says otherwise.
#[must_use]
pub fn default_file(state_dir: &Path) -> PathBuf {
    state_dir.join("recents.db")
}
