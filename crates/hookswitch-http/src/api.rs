//! The control API: view, requests, recents, the contract itself.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hookswitch_core::Accepted;
use hookswitch_wire::json::{RecentsFilter, RecentsPage, RequestBody, Wish};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::directory;
use crate::edge::{HttpCommand, RecentsQuery};
use crate::reply::{ApiError, json};
use crate::serve::Shared;
use crate::wish::{self, Wished};

/// Recents in one answer when the client does not say.
const RECENTS_DEFAULT: usize = 50;

/// `GET /api/v1/view`
pub(crate) async fn view(State(shared): State<Arc<Shared>>) -> Response {
    let view = Arc::clone(&shared.views.borrow());
    json(StatusCode::OK, &*view)
}

/// `GET /api/v1/openapi.json`
pub(crate) async fn openapi() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("../openapi.json"),
    )
        .into_response()
}

/// `GET /api/v1/apps/{app}/icon?v=…`: the icon that an app brought along. The address of another
/// version is another one, so a browser may keep it.
pub(crate) async fn icon(
    State(shared): State<Arc<Shared>>,
    Path(app): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let wanted = query.as_deref().and_then(|query| query.strip_prefix("v="));
    let icons = Arc::clone(&shared.icons.borrow());
    let found = icons
        .get(&app)
        .filter(|icon| Some(icon.version.as_str()) == wanted);
    let Some(icon) = found else {
        let message = "There is no such icon. The view names those there are.";
        return Err(ApiError::new(StatusCode::NOT_FOUND, "NotFound", message));
    };
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable",
        ),
    ];
    Ok((headers, Bytes::copy_from_slice(&icon.png)).into_response())
}

/// The answer to an accepted request.
#[derive(Debug, Serialize)]
struct RequestAccepted {
    /// Its transaction; none if it was done at once.
    transaction: Option<String>,
    /// The call concerned; for a dialed one, its new id.
    call: Option<String>,
    /// The number of the order to use an audio device.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
}

/// `POST /api/v1/requests`
pub(crate) async fn requests(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body: RequestBody = read_json(&headers, body)?;
    let wish: Wish = body
        .parse()
        .map_err(|fault| ApiError::bad_request(fault.to_string()))?;
    if let Err(rejection) = shared.flood.admit(&wish) {
        return Err(ApiError::rejected(&rejection, &shared.views.borrow()));
    }
    let new_call = wish::new_call_id().map_err(|_| ApiError::stopping())?;
    let (reply, answer) = oneshot::channel();
    let wish = match wish::request(wish, new_call) {
        Wished::Calls(wish) => wish,
        Wished::Lists(change) => {
            directory::change(&shared, change).await?;
            return Ok(json(StatusCode::ACCEPTED, &told(&Accepted::Done)));
        }
    };
    let result = ask(
        &shared.commands,
        HttpCommand { wish, reply },
        answer,
        shared.limits.reply,
    )
    .await?;
    match result {
        Ok(accepted) => Ok(json(StatusCode::ACCEPTED, &told(&accepted))),
        Err(refusal) => Err(ApiError::refused(&refusal, &shared.views.borrow())),
    }
}

/// Reads a JSON body.
pub(crate) fn read_json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<T, ApiError> {
    let body = body.map_err(|_| {
        let message = "The request body is too large or did not arrive whole.";
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "TooLarge", message)
    })?;
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    if !kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        // Also keeps plain HTML forms out, which cannot send this type.
        let message = "Send the request as application/json.";
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "NotJson",
            message,
        ));
    }
    serde_json::from_slice(&body)
        .map_err(|error| ApiError::bad_request(format!("The request could not be read: {error}.")))
}

fn told(accepted: &Accepted) -> RequestAccepted {
    match accepted {
        Accepted::Transaction { transaction, call } => RequestAccepted {
            transaction: Some(transaction.to_string()),
            call: Some(call.to_string()),
            generation: None,
        },
        Accepted::Routing { generation } => RequestAccepted {
            transaction: None,
            call: None,
            generation: Some(*generation),
        },
        Accepted::Registered { .. }
        | Accepted::Reported { .. }
        | Accepted::Audio { .. }
        | Accepted::Done => RequestAccepted {
            transaction: None,
            call: None,
            generation: None,
        },
    }
}

/// The query of `GET /api/v1/recents`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecentsWanted {
    #[serde(default)]
    filter: RecentsFilter,
    limit: Option<usize>,
    before: Option<u64>,
}

/// `GET /api/v1/recents`
pub(crate) async fn recents(
    State(shared): State<Arc<Shared>>,
    wanted: Result<Query<RecentsWanted>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(wanted) = wanted.map_err(|_| {
        ApiError::bad_request(
            "The query takes filter (all, missed or blocked), limit (a number) and before (an id).",
        )
    })?;
    let most = shared.limits.recents;
    let limit = wanted.limit.unwrap_or(RECENTS_DEFAULT);
    if limit == 0 || limit > most {
        let message = format!("The limit is a number from 1 to {most}.");
        return Err(ApiError::bad_request(message));
    }
    let (reply, answer) = oneshot::channel();
    let query = RecentsQuery {
        filter: wanted.filter,
        limit,
        before: wanted.before,
        reply,
    };
    match ask(&shared.recents, query, answer, shared.limits.reply).await? {
        Ok(entries) => Ok(json(StatusCode::OK, &RecentsPage { entries })),
        Err(fault) => Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "RecentsUnavailable",
            fault.message,
        )),
    }
}

/// Hands a question over without waiting for room, and waits for its answer until the deadline.
pub(crate) async fn ask<Q, A>(
    queue: &mpsc::Sender<Q>,
    question: Q,
    answer: oneshot::Receiver<A>,
    within: Duration,
) -> Result<A, ApiError> {
    queue.try_send(question).map_err(|error| match error {
        TrySendError::Full(_) => ApiError::busy(),
        TrySendError::Closed(_) => ApiError::stopping(),
    })?;
    match tokio::time::timeout(within, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => Err(ApiError::stopping()),
        Err(_) => Err(ApiError::timeout()),
    }
}
