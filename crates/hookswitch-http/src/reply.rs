//! Answers: refusals as JSON with a stable name and a sentence.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hookswitch_model::{CallId, Occupied, Refusal, Rejection};
use hookswitch_wire::json::ErrorBody;
use hookswitch_wire::view::{Party, View, words};
use serde::Serialize;

/// A refusal, ready to send.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) body: ErrorBody,
    /// When to try again.
    pub(crate) retry_after: Option<Duration>,
}

impl ApiError {
    /// A refusal of this edge.
    pub(crate) fn new(status: StatusCode, error: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            body: ErrorBody {
                error: error.to_owned(),
                message: message.into(),
            },
            retry_after: None,
        }
    }

    /// The request cannot be understood.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// A queue or a number of clients is full.
    pub(crate) fn busy() -> Self {
        let message = "Hookswitch is busy. Try again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Busy", message)
    }

    /// The daemon is about to end.
    pub(crate) fn stopping() -> Self {
        let message = "Hookswitch is stopping. Try again when it is back.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Stopping", message)
    }

    /// The other part of the daemon did not reply in time.
    pub(crate) fn timeout() -> Self {
        let message = "Hookswitch did not reply in time. Look at the calls before you try again.";
        Self::new(StatusCode::GATEWAY_TIMEOUT, "Timeout", message)
    }

    /// A refusal of the core, which says what takes up the places of a limit.
    pub(crate) fn refused(refusal: &Refusal, view: &View) -> Self {
        let mut error = Self::rejected(&refusal.why, view);
        if let Some(places) = &refusal.occupied {
            error.body.message = words::limit_of_calls(&refusal.why, &titles(places, view));
        }
        error
    }

    /// A refusal, in words for a person.
    pub(crate) fn rejected(rejection: &Rejection, view: &View) -> Self {
        let app = concerned(rejection).and_then(|call| app_name(view, call));
        let message = words::refusal(rejection, app.unwrap_or("The app"));
        Self {
            retry_after: rejection.wait_ms().map(Duration::from_millis),
            ..Self::new(status_of(rejection), rejection.name(), message)
        }
    }
}

/// The call whose app a sentence about the refusal names.
fn concerned(rejection: &Rejection) -> Option<CallId> {
    match rejection {
        Rejection::InvalidAction { call, .. }
        | Rejection::AlreadyEnded { call, .. }
        | Rejection::UnknownCall(call)
        | Rejection::CallExists(call) => Some(*call),
        Rejection::LimitReached { of, .. } => *of,
        Rejection::Unentitled
        | Rejection::UnknownProvider
        | Rejection::EmptyTransaction
        | Rejection::NotNow(_)
        | Rejection::RateLimited { .. }
        | Rejection::UnknownEndpoint
        | Rejection::FilteredByDoNotDisturb
        | Rejection::FilteredByBlockList
        | Rejection::FilteredByRestriction
        | Rejection::UserBusy
        | Rejection::FilteredWhileBusy
        | Rejection::CallIsProtected
        | Rejection::ArrivedLate
        | Rejection::UnknownAsk
        | Rejection::AudioBusy { .. } => None,
        _ => None,
    }
}

/// Each call as the page calls it, with its phase.
fn titles(places: &Occupied, view: &View) -> Vec<String> {
    let title = |call: CallId| {
        let id = call.to_string();
        let shown = parties(view).find(|(call, _)| **call == id);
        shown.map_or_else(|| "a call".to_owned(), |(_, party)| party.title.clone())
    };
    let calls = places.calls.iter();
    calls
        .map(|one| format!("{} ({})", title(one.call), words::phase(one.phase)))
        .collect()
}

fn app_name(view: &View, call: CallId) -> Option<&str> {
    let id = call.to_string();
    parties(view)
        .find(|(call, _)| **call == id)
        .map(|(_, party)| party.app.name.as_str())
}

fn parties(view: &View) -> impl Iterator<Item = (&String, &Party)> {
    let ringing = view.incoming.iter().map(|one| (&one.call, &one.party));
    let live = view.calls.iter().map(|one| (&one.call, &one.party));
    ringing.chain(live)
}

fn status_of(rejection: &Rejection) -> StatusCode {
    match rejection {
        Rejection::Unentitled => StatusCode::FORBIDDEN,
        Rejection::EmptyTransaction => StatusCode::BAD_REQUEST,
        Rejection::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Rejection::UnknownProvider
        | Rejection::UnknownCall(_)
        | Rejection::UnknownEndpoint
        | Rejection::UnknownAsk => StatusCode::NOT_FOUND,
        Rejection::AlreadyEnded { .. }
        | Rejection::CallExists(_)
        | Rejection::InvalidAction { .. }
        | Rejection::NotNow(_)
        | Rejection::FilteredByDoNotDisturb
        | Rejection::FilteredByBlockList
        | Rejection::FilteredByRestriction
        | Rejection::UserBusy
        | Rejection::FilteredWhileBusy
        | Rejection::CallIsProtected
        | Rejection::ArrivedLate
        | Rejection::LimitReached { .. }
        | Rejection::AudioBusy { .. } => StatusCode::CONFLICT,
        _ => StatusCode::CONFLICT,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = json(self.status, &self.body);
        if let Some(wait) = self.retry_after {
            // RFC 9110, section 10.2.3: whole seconds.
            let seconds = wait.as_millis().div_ceil(1_000);
            if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        response
    }
}

/// A JSON answer.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (
            status,
            [(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            )],
            bytes,
        )
            .into_response(),
        // Our own types hold no map keys and no floats, the two things that fail to serialize.
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
