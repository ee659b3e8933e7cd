//! The private bus, with the real edge on it.

use std::sync::Arc;

use crate::keeper::Forgetful;
use hookswitch_bus::{
    Clients, DirectoryPort, FINISHED_MAX, Finished, Grants, Inbox, Input, LAUNCHES_MAX, Links,
    PrivateBus, Published, PushPort, RecentsPages, RuntimeDir, Session, Starts, UNLOCKS_MAX,
};
use hookswitch_model::{AppId, CallId, Limit, Limits, Snapshot};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

/// Most messages of apps that wait for the world; more are refused as busy.
const INBOX_MAX: usize = 256;

/// A bus that serves.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) address: String,
    pub(crate) inbox: mpsc::Receiver<Input>,
    pub(crate) state: watch::Sender<Arc<Snapshot>>,
    pub(crate) finished: mpsc::Sender<Finished>,
    _others: Others,
    /// Taken when it ends.
    bus: Option<PrivateBus>,
    _folder: TempDir,
}

/// Ends of queues that nobody here uses, and that have to stay open.
#[derive(Debug)]
struct Others {
    _launches: mpsc::Sender<AppId>,
    _unlocks: mpsc::Sender<()>,
    _unshown: mpsc::Receiver<CallId>,
    _recents: watch::Sender<Arc<RecentsPages>>,
    _ui: watch::Sender<Option<String>>,
}

impl Served {
    /// Starts a bus and takes the name of the call system on it.
    pub(crate) fn open(runtime: &Runtime) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|why| why.to_string())?;
        let place = folder.path().join("bus");
        let directory = RuntimeDir::prepare_in(place).map_err(|why| why.to_string())?;
        let starting = PrivateBus::start(directory, Vec::new());
        let bus = runtime.block_on(starting).map_err(|why| why.to_string())?;
        let address = bus.address().to_owned();

        let (inbox_sender, inbox) = mpsc::channel(INBOX_MAX);
        let (state, states) = watch::channel(Arc::new(Snapshot::default()));
        let (recents, recents_pages) = watch::channel(Arc::new(RecentsPages::default()));
        let (ui, ui_address) = watch::channel(None);
        let (finished, finished_ones) = mpsc::channel(FINISHED_MAX);
        let (launches, launch_orders) = mpsc::channel(LAUNCHES_MAX);
        let (unlocks, unlock_orders) = mpsc::channel(UNLOCKS_MAX);
        let (unshown_sender, unshown) = mpsc::channel(1);
        let mut links = Links {
            inbox: Inbox::new(inbox_sender),
            published: Published {
                state: states,
                recents: recents_pages,
                ui: ui_address,
            },
            finished: finished_ones,
            launches: launch_orders,
            unlocks: unlock_orders,
            cards: None,
            media: None,
            unshown: unshown_sender,
            epoch: 1,
            clients: Clients::default(),
            keeper: Arc::new(Forgetful),
            grants: Arc::new(Grants::default()),
            starts: Starts::default(),
            rates: without_rates(),
            cellular: Arc::default(),
            directory: DirectoryPort::nobody(),
            push: PushPort::default(),
            load_asks: mpsc::channel(1).1,
        };
        let opening = Session::open(&address, &links);
        let session = runtime.block_on(opening).map_err(|why| why.to_string())?;
        runtime.spawn(async move { session.run(&mut links).await });
        Ok(Self {
            address,
            inbox,
            state,
            finished,
            _others: Others {
                _launches: launches,
                _unlocks: unlocks,
                _unshown: unshown,
                _recents: recents,
                _ui: ui,
            },
            bus: Some(bus),
            _folder: folder,
        })
    }

    /// Ends the bus.
    pub(crate) fn close(&mut self, runtime: &Runtime) {
        if let Some(bus) = self.bus.take() {
            runtime.block_on(bus.stop());
        }
    }
}

/// The edge counts in real time, of which a simulated day needs little; the core counts in the
/// time of the story.
fn without_rates() -> Limits {
    let mut limits = Limits::default();
    for rate in [
        Limit::ReportRate,
        Limit::RequestRate,
        Limit::RegistrationRate,
    ] {
        limits.set(rate, u64::from(u32::MAX));
    }
    limits
}
