//! The pushes of this device: one link to a gateway, and the apps that it wakes.
//!
//! Input: wishes of the bus edge, what the push link tells, the published states.
//! Output: orders to the link, messages to apps, apps to be started, one file.
//!
//! # Promises
//!
//! - **PU1** calls do not depend on it: without a gateway, or with a wrong one, the daemon runs and
//!   says why there are no pushes.
//! - **PU2** what has to outlive the daemon is on the disk before it counts: who this device is
//!   before it greets a gateway, a completed push before it is acknowledged.
//! - **PU3** whoever reads what the link tells never waits for the link, so that neither can hold
//!   up the other.
//!
//! # Not here
//!
//! What may still begin, and what an app owes: `hookswitch-push-core`.

mod book;
mod hear;
mod identity;
mod serve;
mod shelf;

use std::path::Path;
use std::sync::Arc;

use hookswitch_bus::{PUSH_WISHES_MAX, PushPort};
use hookswitch_model::{AppId, Limit, Limits, Snapshot};
use hookswitch_push_core::limits::Limits as PushLimits;
use hookswitch_push_core::time::Boot;
use hookswitch_push_link::{Config as LinkConfig, Link, boot, certificates};
use hookswitch_wire::json::PushStatus;
use tokio::sync::{Mutex, mpsc, watch};

use crate::config::PushConfig;
use book::Book;
use shelf::Shelf;

/// What the two tasks share.
struct Shared {
    book: Mutex<Book>,
    shelf: Shelf,
}

/// Opens the link that the configuration names, if it names one.
pub fn start(
    config: &PushConfig,
    limits: &Limits,
    state_dir: &Path,
    launches: mpsc::Sender<AppId>,
    states: watch::Receiver<Arc<Snapshot>>,
) -> PushPort {
    let Some(gateway) = config.gateway.clone() else {
        return PushPort::default();
    };
    match open(config, &gateway, limits, state_dir, launches, states) {
        Ok(port) => port,
        Err(fault) => {
            tracing::error!(fault, "there are no pushes");
            PushPort::nobody(PushStatus {
                gateway: Some(gateway),
                fault: Some(fault),
                ..PushStatus::default()
            })
        }
    }
}

fn open(
    config: &PushConfig,
    gateway: &str,
    limits: &Limits,
    state_dir: &Path,
    launches: mpsc::Sender<AppId>,
    states: watch::Receiver<Arc<Snapshot>>,
) -> Result<PushPort, String> {
    let trust = config.trust.clone().unwrap_or_default();
    let place = trust.display();
    let pem = std::fs::read(&trust).map_err(|why| format!("push.trust: {place}: {why}"))?;
    let trust = certificates(&pem).map_err(|why| format!("push.trust: {place}: {why}"))?;
    let (device, secret) = identity::open(state_dir)?;
    let shelf = Shelf::new(state_dir);
    let kept = shelf.load(gateway);
    let book = Book::new(gateway, &kept, limits.count(Limit::Providers));
    let (link, told) = Link::start(LinkConfig {
        gateway: gateway.to_owned(),
        name: config.name_of(gateway),
        trust,
        device,
        secret,
        limits: PushLimits::of(limits),
        remembered: shelf::remembered(&kept, boot()),
        apps: kept.apps.iter().map(|app| app.app.clone()).collect(),
        duties: shelf::duties(&kept),
    })
    .map_err(|why| format!("push.trust: {why}"))?;
    let shared = Arc::new(Shared {
        book: Mutex::new(book),
        shelf,
    });
    let (wishes, inbox) = mpsc::channel(PUSH_WISHES_MAX);
    tokio::spawn(hear::follow(told, shared.clone(), launches, link.clone()));
    tokio::spawn(serve::serve(inbox, shared, link, states));
    Ok(PushPort::new(wishes))
}

/// An instant of the boot clock as wall time, in milliseconds since 1970.
fn wall_ms(at: Boot) -> i64 {
    let now = crate::clock::stamp().wall.as_millis();
    let signed = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    now.saturating_add(signed(at.0).saturating_sub(signed(boot().0)))
}
