//! What the push link tells: tokens, pushes, apps to start, things to keep.

use std::sync::Arc;

use hookswitch_model::AppId;
use hookswitch_push_core::device::{Event, Handed, Record, What};
use hookswitch_push_core::frame::{Close, Secret};
use hookswitch_push_link::{Link, Order, Told};
use tokio::sync::mpsc;

use super::Shared;

/// Follows the link until it ends. Never waits for it (PU3).
pub(super) async fn follow(
    mut told: mpsc::Receiver<Told>,
    shared: Arc<Shared>,
    launches: mpsc::Sender<AppId>,
    link: Link,
) {
    while let Some(told) = told.recv().await {
        match told {
            Told::Linked => {
                let mut book = shared.book.lock().await;
                book.linked = true;
                book.fault = None;
                tracing::info!("the push gateway is linked");
            }
            Told::Unlinked { why } => unlinked(&shared, words_of(why)).await,
            Told::Unreachable => {
                let fault =
                    "no answer, or a certificate that push.trust does not hold; it is tried again";
                unlinked(&shared, fault).await;
            }
            Told::Token {
                app,
                service,
                token,
            } => {
                let is_new = shared.book.lock().await.token(&app, service, &hex(&token));
                if is_new {
                    shared.keep().await;
                }
            }
            Told::Launch { app } => launch(app, &launches),
            Told::Hand(handed) => hand(&shared, handed, &link).await,
            Told::Remember { id, until, kept } => {
                shared.book.lock().await.completed(id, until);
                if shared.keep().await {
                    // The link may have stopped waiting.
                    let _ = kept.send(());
                }
            }
            Told::Duty { app, saved } => {
                shared.book.lock().await.duty(&app, saved);
                shared.keep().await;
            }
            Told::Record(record) => note(&shared, &record).await,
        }
    }
}

impl Shared {
    /// Writes the file; false when the disk does not take it, which is told in the log.
    pub(super) async fn keep(&self) -> bool {
        // Held while writing, so that an older text never replaces a newer one.
        let book = self.book.lock().await;
        let (shelf, kept) = (self.shelf.clone(), book.kept());
        let written = tokio::task::spawn_blocking(move || shelf.write(&kept)).await;
        match written.map_err(std::io::Error::other).flatten() {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "what is known of pushes is not kept; check the disk");
                false
            }
        }
    }
}

/// Why a link is down, in words.
fn words_of(why: Option<Close>) -> &'static str {
    match why {
        None => "the link to the gateway was lost; it is being made again",
        Some(Close::Replaced) => "another program uses the identity of this device",
        Some(Close::Silent) => "the gateway heard nothing of this device for too long",
        Some(Close::Stopping) => "the gateway stops; the link is being made again",
        Some(Close::Protocol) => "the gateway does not understand this device; update one of them",
        Some(Close::Refused) => {
            "the gateway refuses this device; remove push-device in the state directory"
        }
        Some(Close::Busy) => "the gateway is busy; the link is being made again",
    }
}

async fn unlinked(shared: &Shared, fault: &str) {
    tracing::info!(fault, "no push gateway for now");
    let mut book = shared.book.lock().await;
    book.linked = false;
    book.fault = Some(fault.to_owned());
}

fn launch(app: String, launches: &mpsc::Sender<AppId>) {
    let Some(app) = AppId::new(&app) else {
        return;
    };
    if launches.try_send(app).is_err() {
        tracing::warn!("too many apps wait to be started; a push waits for the next attempt");
    }
}

async fn hand(shared: &Shared, handed: Handed, link: &Link) {
    let app = handed.app.clone();
    if shared.book.lock().await.hand(handed) {
        return;
    }
    // Its process is gone, or does not read: it is started again for what is repeated.
    let link = link.clone();
    tokio::spawn(async move {
        // An error means that the link has stopped.
        let _ = link.order(Order::App(Event::Gone { app })).await;
    });
}

async fn note(shared: &Shared, record: &Record) {
    let (app, push, what) = (&record.app, record.id.to_string(), record.what.name());
    match record.what {
        What::Strike => tracing::warn!(app, push, "an app reported no call for a push: a strike"),
        What::Stopped => tracing::warn!(app, push, "an app with too many strikes is not started"),
        What::Arrived
        | What::Launched
        | What::Handed
        | What::Completed
        | What::Expired
        | What::Duplicate
        | What::Stale
        | What::Lost
        | What::NoApp
        | What::Crowded => tracing::debug!(app, push, what, "a push"),
    }
    shared.book.lock().await.record(record);
}

fn hex(token: &Secret) -> String {
    token.0.iter().map(|byte| format!("{byte:02x}")).collect()
}
