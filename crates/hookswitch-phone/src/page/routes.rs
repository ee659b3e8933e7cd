//! The page's addresses. Version 1 of the JSON is the structs below and
//! [`crate::phone::PhoneStatus`].

use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use crate::browser::{BrowserAudio, BrowserError, OFFER_MAX};
use crate::media::Endpoint;
use crate::phone::{DialRefused, PhoneHandle, PhoneStatus};

use super::access::{Access, COOKIE, Verdict};

const INDEX: &str = include_str!("../../web/index.html");
const LOCKED: &str = include_str!("../../web/locked.html");
const SCRIPT: &str = include_str!("../../web/phone.js");
const STYLE: &str = include_str!("../../web/phone.css");
/// What the page may load: only itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

#[derive(Clone)]
struct Shared {
    phone: PhoneHandle,
    browser: BrowserAudio,
    access: Access,
}

/// What `GET /api/v1/status` gives.
#[derive(Serialize)]
struct Status {
    #[serde(flatten)]
    phone: PhoneStatus,
    browser: &'static str,
}

#[derive(Deserialize)]
struct Entry {
    token: Option<String>,
}

#[derive(Deserialize)]
struct Dial {
    to: String,
}

#[derive(Deserialize)]
struct Use {
    endpoint: EndpointName,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum EndpointName {
    Computer,
    Browser,
}

#[derive(Deserialize, Serialize)]
struct Description {
    sdp: String,
}

/// An error as the page and scripts get it.
struct Refusal(StatusCode, &'static str, String);

pub(super) fn router(phone: PhoneHandle, browser: BrowserAudio, access: Access) -> Router {
    let shared = Shared {
        phone,
        browser,
        access,
    };
    Router::new()
        .route("/", get(index))
        .route(
            "/phone.js",
            get(|| file("text/javascript; charset=utf-8", SCRIPT)),
        )
        .route("/phone.css", get(|| file("text/css; charset=utf-8", STYLE)))
        .route("/api/v1/status", get(status))
        .route("/api/v1/dial", post(dial))
        .route("/api/v1/endpoint", post(choose_endpoint))
        .route("/api/v1/browser-offer", post(browser_offer))
        .layer(middleware::from_fn_with_state(shared.clone(), guard))
        .layer(DefaultBodyLimit::max(2 * OFFER_MAX))
        .with_state(shared)
}

/// The checks of every request, and the headers of every answer.
async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let entering = request.uri().path() == "/" && request.uri().query().is_some();
    let mut response = match shared.access.judge(request.headers()) {
        Verdict::Allowed => next.run(request).await,
        // The token in the address is checked by the page itself.
        Verdict::NoToken if entering => next.run(request).await,
        Verdict::NoToken => (StatusCode::UNAUTHORIZED, Html(LOCKED)).into_response(),
        Verdict::ForeignOrigin => StatusCode::FORBIDDEN.into_response(),
        Verdict::ForeignHost => StatusCode::MISDIRECTED_REQUEST.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn index(
    State(shared): State<Shared>,
    Query(entry): Query<Entry>,
    headers: HeaderMap,
) -> Response {
    if let Some(given) = entry.token {
        if !shared.access.is_token(&given) {
            return (StatusCode::UNAUTHORIZED, Html(LOCKED)).into_response();
        }
        let cookie = format!("{COOKIE}={given}; HttpOnly; SameSite=Strict; Path=/");
        return ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response();
    }
    match shared.access.judge(&headers) {
        Verdict::Allowed => Html(INDEX).into_response(),
        Verdict::NoToken | Verdict::ForeignOrigin | Verdict::ForeignHost => {
            (StatusCode::UNAUTHORIZED, Html(LOCKED)).into_response()
        }
    }
}

async fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

async fn status(State(shared): State<Shared>) -> Json<Status> {
    Json(Status {
        phone: shared.phone.status(),
        browser: shared.browser.state().name(),
    })
}

async fn dial(
    State(shared): State<Shared>,
    Json(wanted): Json<Dial>,
) -> Result<StatusCode, Refusal> {
    shared.phone.dial(&wanted.to).await?;
    Ok(StatusCode::ACCEPTED)
}

async fn choose_endpoint(State(shared): State<Shared>, Json(wanted): Json<Use>) -> StatusCode {
    let endpoint = match wanted.endpoint {
        EndpointName::Computer => Endpoint::Computer,
        EndpointName::Browser => Endpoint::Browser,
    };
    shared.phone.use_endpoint(endpoint).await;
    StatusCode::NO_CONTENT
}

async fn browser_offer(
    State(shared): State<Shared>,
    Json(offer): Json<Description>,
) -> Result<Json<Description>, Refusal> {
    let sdp = shared.browser.connect(offer.sdp).await?;
    Ok(Json(Description { sdp }))
}

impl From<DialRefused> for Refusal {
    fn from(error: DialRefused) -> Self {
        let (status, name) = match &error {
            DialRefused::SystemAway(_) => (StatusCode::SERVICE_UNAVAILABLE, "SystemAway"),
            DialRefused::Address(_) => (StatusCode::UNPROCESSABLE_ENTITY, "BadAddress"),
            DialRefused::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "Stopping"),
        };
        Self(status, name, error.to_string())
    }
}

impl From<BrowserError> for Refusal {
    fn from(error: BrowserError) -> Self {
        let (status, name) = match &error {
            BrowserError::Offer(_) => (StatusCode::UNPROCESSABLE_ENTITY, "BadOffer"),
            BrowserError::Socket(_) => (StatusCode::SERVICE_UNAVAILABLE, "NoPort"),
            BrowserError::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "Stopping"),
        };
        Self(status, name, error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Refusal(status, error, message) = self;
        (
            status,
            Json(serde_json::json!({ "error": error, "message": message })),
        )
            .into_response()
    }
}
