//! What the pages want of the call directory: changes, reasons, files.
//!
//! Input: questions of the HTTP edge, in a bounded queue. Output: one answer each, from whoever
//! keeps the lists, the loop or the recents.
//!
//! # Promises
//!
//! - **DK1** no question waits for another one: each is answered aside; at most [`IMPORTS_MAX`]
//!   files are read at once.
//! - **DK2** what a page does not wait for any more is not kept, unless it is being kept already.

use std::sync::Arc;

use hookswitch_bus::{BusError, DirectoryPort, Inbox, ListWish};
use hookswitch_http::{DirectoryQuery, DirectoryRefusal, FileImport, QUERIES_MAX, RefusalKind};
use hookswitch_wire::dbus::{DirectoryCode, ErrorCode, WhatIf};
use hookswitch_wire::json::ListChange;
use hookswitch_wire::view::DecisionView;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::import;

/// Most files that are read at once.
const IMPORTS_MAX: usize = 2;

/// Answers until nobody can ask any more.
pub fn start(port: DirectoryPort, inbox: Inbox) -> mpsc::Sender<DirectoryQuery> {
    let (asks, mut asked) = mpsc::channel(QUERIES_MAX);
    tokio::spawn(async move {
        let imports = Arc::new(Semaphore::new(IMPORTS_MAX));
        while let Some(query) = asked.recv().await {
            let (port, inbox) = (port.clone(), inbox.clone());
            tokio::spawn(answer(query, port, inbox, Arc::clone(&imports)));
        }
    });
    asks
}

async fn answer(query: DirectoryQuery, port: DirectoryPort, inbox: Inbox, imports: Arc<Semaphore>) {
    match query {
        DirectoryQuery::Change(change, reply) => {
            let changed = changed(&port, change).await;
            hand_over(reply, changed.map_err(|error| refusal(&error)));
        }
        DirectoryQuery::Explain(handle, reply) => {
            let view = inbox.explain(handle, WhatIf::default()).await;
            hand_over(reply, view.map_err(|error| refusal(&error.into())));
        }
        DirectoryQuery::Why(call, reply) => {
            let view = inbox.explain_call(call).await;
            let view = view.map_err(|error| refusal(&error.into()));
            hand_over(reply, view.and_then(kept));
        }
        DirectoryQuery::Import(file) => import_file(file, port, &imports).await,
    }
}

async fn import_file(file: FileImport, port: DirectoryPort, imports: &Semaphore) {
    let Ok(_permit) = imports.try_acquire() else {
        let message = "Two other files are being read. Try again when they are done.";
        return hand_over(file.reply, Err(refused(RefusalKind::Busy, "Busy", message)));
    };
    let FileImport {
        list,
        options,
        pieces,
        deadline,
        mut reply,
    } = file;
    let run = import::run(list, options, pieces, deadline.into(), &port);
    tokio::select! {
        answer = run => hand_over(reply, answer),
        () = reply.closed() => tracing::debug!("a page went away while its file was read"),
    }
}

async fn changed(port: &DirectoryPort, change: ListChange) -> Result<(), BusError> {
    match change {
        ListChange::Enable(list, on) => port.enable(list, on).await,
        ListChange::Order(ids) => port.ask(|reply| ListWish::Order { ids, reply }).await,
        ListChange::Remove(id) => port.ask(|reply| ListWish::Remove { id, reply }).await,
        ListChange::Reload(list) => port.reload(&list).await,
    }
}

fn kept(view: Option<DecisionView>) -> Result<DecisionView, DirectoryRefusal> {
    view.ok_or_else(|| {
        let message = "Nothing was decided about this call, or it is not in the recents any more.";
        refused(RefusalKind::Absent, "UnknownCall", message)
    })
}

fn hand_over<T>(reply: oneshot::Sender<T>, answer: T) {
    if reply.send(answer).is_err() {
        tracing::debug!("the page that asked about the directory does not wait any more");
    }
}

/// A refusal in the words of the bus.
pub(super) fn refusal(error: &BusError) -> DirectoryRefusal {
    let kind = match error.code() {
        ErrorCode::InvalidArgument => RefusalKind::Wrong,
        ErrorCode::Directory(DirectoryCode::NoExtensionFound) => RefusalKind::Absent,
        ErrorCode::Busy => RefusalKind::Busy,
        ErrorCode::TimedOut => RefusalKind::Late,
        ErrorCode::Unentitled
        | ErrorCode::UnknownProvider
        | ErrorCode::EmptyTransaction
        | ErrorCode::UnknownCall
        | ErrorCode::AlreadyEnded
        | ErrorCode::CallExists
        | ErrorCode::InvalidAction
        | ErrorCode::NotNow
        | ErrorCode::LimitReached
        | ErrorCode::RateLimited
        | ErrorCode::UnknownEndpoint
        | ErrorCode::UnknownAsk
        | ErrorCode::FilteredByDoNotDisturb
        | ErrorCode::FilteredByBlockList
        | ErrorCode::FilteredByRestriction
        | ErrorCode::FilteredWhileBusy
        | ErrorCode::UserBusy
        | ErrorCode::CallIsProtected
        | ErrorCode::ArrivedLate
        | ErrorCode::AudioBusy
        | ErrorCode::NotPermitted
        | ErrorCode::Internal
        | ErrorCode::Directory(_) => RefusalKind::Conflict,
    };
    refused(kind, error.code().name(), &capital(error.text()))
}

pub(super) fn refused(kind: RefusalKind, error: &str, message: &str) -> DirectoryRefusal {
    DirectoryRefusal {
        kind,
        error: error.to_owned(),
        message: message.to_owned(),
    }
}

/// A sentence of the bus as a sentence on a page.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}
