//! A screener that is slow holds up the report it looks at, and nothing else of the same app.

use std::collections::HashMap;
use std::sync::Arc;

use hookswitch_bus::{
    Clients, DirectoryPort, Grants, Inbox, Input, KeepError, Keeper, Kept, Links, Published,
    PushPort, RecentsPages, ReplyTo, Session, Starts,
};
use hookswitch_core::{Accepted, Report};
use hookswitch_model::{AppId, Limits, MaterialKind, ProviderId, Snapshot};
use hookswitch_testbed::{Bed, PrivateBus};
use tokio::sync::{mpsc, oneshot, watch};

use crate::app::App;
use crate::world::HANG;

const QUEUE: usize = 16;

/// A shell that answers all at once but the report of an incoming call, which it hands over.
async fn shell(mut inbox: mpsc::Receiver<Input>, late: mpsc::Sender<(&'static str, ReplyTo)>) {
    while let Some(input) = inbox.recv().await {
        let Input::Report { report, reply, .. } = input else {
            continue;
        };
        if matches!(report, Report::Incoming { .. }) {
            let handed = late.send(("incoming", reply)).await;
            handed.expect("the test looks");
            continue;
        }
        if matches!(report, Report::Register { .. }) {
            let (provider, orphans) = (ProviderId(1), Vec::new());
            let registered = Accepted::Registered { provider, orphans };
            reply.send(Ok(registered)).expect("the bus edge waits");
            continue;
        }
        reply.send(Ok(Accepted::Done)).expect("the bus edge waits");
        let (nobody, _) = oneshot::channel();
        late.send(("other", nobody)).await.expect("the test looks");
    }
}

/// Nobody brings anything along here.
#[derive(Debug)]
struct Nothing;

impl Keeper for Nothing {
    fn bytes_max(&self, _: MaterialKind) -> usize {
        0
    }

    fn keep(&self, _: &AppId, _: MaterialKind, _: &[u8]) -> Result<Kept, KeepError> {
        Ok(Kept::default())
    }
}

fn links(inbox: mpsc::Sender<Input>) -> Links {
    Links {
        inbox: Inbox::new(inbox),
        published: Published {
            state: watch::channel(Arc::new(Snapshot::default())).1,
            recents: watch::channel(Arc::new(RecentsPages::default())).1,
            ui: watch::channel(None).1,
        },
        finished: mpsc::channel(1).1,
        launches: mpsc::channel(1).1,
        unlocks: mpsc::channel(1).1,
        cards: None,
        media: None,
        unshown: mpsc::channel(1).0,
        epoch: 1,
        clients: Clients::default(),
        keeper: Arc::new(Nothing),
        grants: Arc::new(Grants::default()),
        starts: Starts::default(),
        rates: Limits::default(),
        cellular: Arc::default(),
        directory: DirectoryPort::nobody(),
        push: PushPort::default(),
        load_asks: mpsc::channel(1).1,
    }
}

#[tokio::test]
async fn a_report_that_waits_for_a_verdict_holds_up_no_other_method() {
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    let (sender, inbox) = mpsc::channel(QUEUE);
    let (late_sender, mut late) = mpsc::channel(QUEUE);
    tokio::spawn(shell(inbox, late_sender));
    let links = links(sender);
    let session = Session::open(bus.address(), &links).await.expect("a bus");
    let app = App::register(bus.address(), "org.example.A").await;
    let provider = app.provider.clone();
    let waiting = tokio::spawn(async move {
        let reported = provider.report_incoming("a", HashMap::new()).await;
        reported.map(|_| ())
    });
    let next = async |late: &mut mpsc::Receiver<(&'static str, ReplyTo)>| {
        let next = tokio::time::timeout(HANG, late.recv()).await;
        next.expect("in time").expect("the shell runs")
    };
    let (what, verdict) = next(&mut late).await;
    assert_eq!(what, "incoming");
    // It came after the report, reaches the shell after it, and is answered before it.
    let updated = app.provider.report_updated("a", HashMap::new());
    let updated = tokio::time::timeout(HANG, updated).await;
    updated.expect("answered meanwhile").expect("accepted");
    assert_eq!(next(&mut late).await.0, "other");
    assert!(!waiting.is_finished());
    let known = Accepted::Reported { known: false };
    verdict.send(Ok(known)).expect("the bus edge waits");
    let reported = tokio::time::timeout(HANG, waiting).await;
    reported
        .expect("in time")
        .expect("no panic")
        .expect("accepted");
    drop(session);
}
