//! The service over HTTP.
//!
//! `POST /config`, `/key` and `/queries`, with `User-Agent` and `User-Identifier`. Answers are
//! computed on threads of their own, so that a long one delays no other; as many at once as the
//! machine has cores, the rest waits in line.

use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hookswitch_lookup_wire::Message;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::service::{Refusal, Service};

/// Most bytes of a body.
pub const BODY_BYTES_MAX: usize = 10 << 20;
/// Most bytes of a user identifier.
const USER_BYTES_MAX: usize = 256;

/// What every request sees.
#[derive(Clone)]
struct Shared {
    service: Arc<Service>,
    cores: Arc<Semaphore>,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, self.message).into_response()
    }
}

/// Serves until the listener fails.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve(listener: TcpListener, service: Service) -> Result<()> {
    let cores = available_parallelism().map_or(1, usize::from);
    let shared = Shared {
        service: Arc::new(service),
        cores: Arc::new(Semaphore::new(cores)),
    };
    let router = Router::new()
        .route("/config", post(config))
        .route("/key", post(key))
        .route("/queries", post(queries))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(shared);
    Ok(axum::serve(listener, router).await?)
}

async fn config(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Vec<u8>, Refusal> {
    run(shared, headers, body, |service, user, asked| {
        Ok(service.config(user, &asked)?.encode_to_vec())
    })
    .await
}

async fn key(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Vec<u8>, Refusal> {
    run(shared, headers, body, |service, user, sent| {
        service.keep(user, &sent)?;
        Ok(Vec::new())
    })
    .await
}

async fn queries(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Vec<u8>, Refusal> {
    run(shared, headers, body, |service, user, asked| {
        Ok(service.answer(user, &asked)?.encode_to_vec())
    })
    .await
}

/// Checks headers and body, and works on a thread that may take its time.
async fn run<M: Message + Default>(
    shared: Shared,
    headers: HeaderMap,
    body: Bytes,
    work: impl FnOnce(&Service, &str, M) -> Result<Vec<u8>, Refusal> + Send + 'static,
) -> Result<Vec<u8>, Refusal> {
    let refuse = |status, message: &str| Refusal {
        status,
        message: message.to_owned(),
    };
    if !headers.contains_key("user-agent") {
        return Err(refuse(400, "the header User-Agent is missing"));
    }
    let user = headers
        .get("user-identifier")
        .and_then(|user| user.to_str().ok());
    let user = user.filter(|user| !user.is_empty() && user.len() <= USER_BYTES_MAX);
    let user = user.ok_or_else(|| refuse(400, "the header User-Identifier is missing"))?;
    let user = user.to_owned();
    let core = shared.cores.acquire_owned().await;
    let worked = tokio::task::spawn_blocking(move || {
        let message = M::decode(&body[..]);
        let message = message.map_err(|_| refuse(400, "the body is no such message"))?;
        let worked = work(&shared.service, &user, message);
        drop(core);
        worked
    });
    worked
        .await
        .unwrap_or_else(|_| Err(refuse(500, "the answer could not be computed")))
}
