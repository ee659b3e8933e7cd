//! The call directory: changes of its lists, files that are checked or loaded, and why.
//!
//! # Promises
//!
//! - **HD1** a file is handed over in pieces as it comes: memory is bounded, and what the browser
//!   has sent was read.
//! - **HD2** what is decided is decided by the daemon; refusals come with its words.
//! - **HD3** who is told that a file took too long is told so by whoever would have kept it: it is
//!   not kept.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt;
use hookswitch_model::{CallId, Handle, HandleKind};
use hookswitch_wire::json::{ListChange, guess_handle_kind};
use hookswitch_wire::view::{DecisionView, ImportReport};
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};

use crate::api::{ask, read_json};
use crate::reply::{ApiError, json};
use crate::serve::Shared;

/// Most pieces of a file that wait to be read.
const PIECES_MAX: usize = 4;

/// A question or wish about the call directory, for whoever keeps it.
#[derive(Debug)]
pub enum DirectoryQuery {
    /// The user changes the lists.
    Change(ListChange, DirectoryReply<()>),
    /// What would happen if somebody called; nobody: the number is hidden.
    Explain(Option<Handle>, DirectoryReply<DecisionView>),
    /// What was decided about a call in the recents.
    Why(CallId, DirectoryReply<DecisionView>),
    /// A file of numbers.
    Import(FileImport),
}

/// Where an answer goes.
pub type DirectoryReply<T> = oneshot::Sender<Result<T, DirectoryRefusal>>;

/// A file of numbers, to be checked, or loaded in place of what a list holds.
#[derive(Debug)]
pub struct FileImport {
    /// The list; none: the file is only checked.
    pub list: Option<String>,
    /// How it is read.
    pub options: ImportOptions,
    /// Its bytes. Without an empty piece at the end it did not arrive whole.
    pub pieces: mpsc::Receiver<Bytes>,
    /// Nothing may be kept that was not read by then.
    pub deadline: Instant,
    /// Where the report goes.
    pub reply: DirectoryReply<ImportReport>,
}

/// How a file of numbers is read.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct ImportOptions {
    /// Its name, which tells what it is.
    pub file: Option<String>,
    /// A region for numbers without country code.
    pub region: Option<String>,
    /// Digits without plus sign are numbers of the region.
    pub national: bool,
    /// Callers are named, and not blocked.
    pub names: bool,
    /// Entries for a whole country or more are meant.
    pub wide: bool,
}

/// Why the keeper of the directory refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DirectoryRefusal {
    /// What kind of refusal it is.
    pub kind: RefusalKind,
    /// A stable name for programs.
    pub error: String,
    /// A sentence for a person.
    pub message: String,
}

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RefusalKind {
    /// The wish itself is wrong.
    Wrong,
    /// What it is about is not there.
    Absent,
    /// It cannot be done now, or not with this.
    Conflict,
    /// The keeper has too much to do.
    Busy,
    /// It took too long.
    Late,
}

impl From<DirectoryRefusal> for ApiError {
    fn from(refusal: DirectoryRefusal) -> Self {
        let status = match refusal.kind {
            RefusalKind::Wrong => StatusCode::BAD_REQUEST,
            RefusalKind::Absent => StatusCode::NOT_FOUND,
            RefusalKind::Conflict => StatusCode::CONFLICT,
            RefusalKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
            RefusalKind::Late => StatusCode::GATEWAY_TIMEOUT,
        };
        Self::new(status, &refusal.error, refusal.message)
    }
}

/// A change of the lists, from `POST /api/v1/requests`.
pub(crate) async fn change(shared: &Shared, change: ListChange) -> Result<(), ApiError> {
    question(shared, |reply| DirectoryQuery::Change(change, reply)).await
}

async fn question<T>(
    shared: &Shared,
    query: impl FnOnce(DirectoryReply<T>) -> DirectoryQuery,
) -> Result<T, ApiError> {
    let (reply, answer) = oneshot::channel();
    let asked = ask(
        &shared.directory,
        query(reply),
        answer,
        shared.limits.request,
    )
    .await?;
    Ok(asked?)
}

/// The body of `POST /api/v1/directory/explain`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Supposed {
    /// Who calls; empty: the number is hidden.
    handle: String,
    /// The kind of the handle; without it the form of the handle decides.
    handle_kind: Option<String>,
}

/// `POST /api/v1/directory/explain`
pub(crate) async fn explain(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body: Supposed = read_json(&headers, body)?;
    let handle = match body.handle.trim() {
        "" => None,
        text => Some(who(text, body.handle_kind.as_deref())?),
    };
    let view = question(&shared, |reply| DirectoryQuery::Explain(handle, reply)).await?;
    Ok(json(StatusCode::OK, &view))
}

fn who(text: &str, kind: Option<&str>) -> Result<Handle, ApiError> {
    let kind = match kind {
        None => guess_handle_kind(text),
        Some(kind) => HandleKind::from_name(kind).ok_or_else(|| {
            ApiError::bad_request("The kind is one of generic, phone-number, email-address.")
        })?,
    };
    Handle::new(kind, text).map_err(|_| {
        ApiError::bad_request("This is no address that can call: it has 1 to 256 bytes.")
    })
}

/// `GET /api/v1/directory/calls/{call}`
pub(crate) async fn why(
    State(shared): State<Arc<Shared>>,
    call: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let call = call.ok().and_then(|Path(call)| call.parse().ok());
    let call = call
        .ok_or_else(|| ApiError::bad_request("This is no call: take its id from the recents."))?;
    let view = question(&shared, |reply| DirectoryQuery::Why(call, reply)).await?;
    Ok(json(StatusCode::OK, &view))
}

/// `POST /api/v1/directory/lint`
pub(crate) async fn lint(
    State(shared): State<Arc<Shared>>,
    options: Result<Query<ImportOptions>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    import(&shared, None, options, &headers, body).await
}

/// `POST /api/v1/directory/lists/{list}`
pub(crate) async fn load(
    State(shared): State<Arc<Shared>>,
    list: Result<Path<String>, PathRejection>,
    options: Result<Query<ImportOptions>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let Path(list) = list.map_err(|_| ApiError::bad_request("This is no name of a list."))?;
    import(&shared, Some(list), options, &headers, body).await
}

async fn import(
    shared: &Shared,
    list: Option<String>,
    options: Result<Query<ImportOptions>, QueryRejection>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let Query(options) = options.map_err(|_| {
        ApiError::bad_request("The query takes file, region, national, names and wide.")
    })?;
    is_bytes(headers)?;
    let (send, pieces) = mpsc::channel(PIECES_MAX);
    let (reply, answer) = oneshot::channel();
    let query = DirectoryQuery::Import(FileImport {
        list,
        options,
        pieces,
        deadline: Instant::now() + shared.limits.import,
        reply,
    });
    let within = shared.limits.import + shared.limits.keep;
    let mut asked = pin!(ask(&shared.directory, query, answer, within));
    let report = tokio::select! {
        // Whoever reads has enough.
        report = &mut asked => report?,
        sent = hand_over(body, send, shared.limits.file) => {
            sent?;
            asked.await?
        }
    };
    Ok(json(StatusCode::OK, &report?))
}

/// Passes a file on as it comes; the empty piece at its end says that it is whole.
async fn hand_over(body: Body, pieces: mpsc::Sender<Bytes>, most: usize) -> Result<(), ApiError> {
    let mut stream = body.into_data_stream();
    let mut sent = 0;
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| {
            let message = "The file did not arrive whole. Send it again.";
            ApiError::new(StatusCode::BAD_REQUEST, "BadRequest", message)
        })?;
        sent += piece.len();
        if sent > most {
            let message = format!("The file is larger than {} MiB. Split it.", most >> 20);
            return Err(ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "TooLarge",
                message,
            ));
        }
        if !piece.is_empty() && pieces.send(piece).await.is_err() {
            // The reader has enough: its report says why.
            return Ok(());
        }
    }
    // An error means the same.
    let _ = pieces.send(Bytes::new()).await;
    Ok(())
}

/// Keeps plain HTML forms out, which cannot send this type.
fn is_bytes(headers: &HeaderMap) -> Result<(), ApiError> {
    let kind = headers.get(header::CONTENT_TYPE);
    match kind.is_some_and(|kind| kind == "application/octet-stream") {
        true => Ok(()),
        false => Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "NotBytes",
            "Send the file as application/octet-stream.",
        )),
    }
}
