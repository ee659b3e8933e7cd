//! The service over HTTP.
//!
//! `POST /config`, `/key` and `/queries`, with `User-Agent` and `User-Identifier`. Keys are read
//! and answers computed on threads of their own, so that a long one delays no other; as many at
//! once as the machine has cores, the rest waits in a bounded [`line`].

pub mod body;
pub mod line;
pub mod listen;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::routing::post;
use hookswitch_lookup_wire::Message;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::bounds::Bounds;
use crate::refusal::Refusal;
use crate::service::Service;
use body::Room;
use line::Line;
use listen::Listen;

/// Most bytes of a user identifier.
const USER_BYTES_MAX: usize = 256;

/// What every request sees.
#[derive(Clone)]
struct Shared {
    service: Arc<Service>,
    bounds: Arc<Bounds>,
    room: Room,
    line: Line,
}

/// A service that can be stopped.
#[derive(Debug)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// Asks the service to take no more requests and to end when the open ones are answered.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// A service, and what stops it. It serves while it is polled.
pub fn serve(
    listener: TcpListener,
    service: Service,
    bounds: Bounds,
) -> (Stop, impl Future<Output = ()> + Send + 'static) {
    let (stop, stopped) = watch::channel(false);
    let bounds = Arc::new(bounds);
    let shared = Shared {
        service: Arc::new(service),
        room: Room::new(&bounds),
        line: Line::new(&bounds),
        bounds: Arc::clone(&bounds),
    };
    let router = Router::new()
        .route("/config", post(config))
        .route("/key", post(key))
        .route("/queries", post(queries))
        .with_state(shared);
    let listen = Listen {
        bounds,
        stop: stopped,
    };
    (Stop(stop), listen.serve(listener, router))
}

async fn config(State(shared): State<Shared>, request: Request) -> Result<Vec<u8>, Refusal> {
    run(shared, request, |service, user, asked| {
        Ok(service.config(user, &asked)?.encode_to_vec())
    })
    .await
}

async fn key(State(shared): State<Shared>, request: Request) -> Result<Vec<u8>, Refusal> {
    run(shared, request, |service, user, sent| {
        service.keep(user, &sent)?;
        Ok(Vec::new())
    })
    .await
}

async fn queries(State(shared): State<Shared>, request: Request) -> Result<Vec<u8>, Refusal> {
    run(shared, request, |service, user, asked| {
        Ok(service.answer(user, &asked)?.encode_to_vec())
    })
    .await
}

/// Checks the head, reads the body, waits for a core, and works on a thread that may take its time.
async fn run<M: Message + Default>(
    shared: Shared,
    request: Request,
    work: impl FnOnce(&Service, &str, M) -> Result<Vec<u8>, Refusal> + Send + 'static,
) -> Result<Vec<u8>, Refusal> {
    let (head, body) = request.into_parts();
    let user = user(&head.headers)?.to_owned();
    let bounds = &shared.bounds;
    let body = shared.room.read(body, bounds, bounds.body_bytes).await?;
    let core = shared.line.core(bounds).await?;
    let worked = tokio::task::spawn_blocking(move || {
        let message = M::decode(&body.bytes[..]);
        drop(body);
        let message = message.map_err(|_| Refusal::new(400, "the body is no such message"))?;
        let worked = work(&shared.service, &user, message);
        drop(core);
        worked
    });
    let worked = worked.await;
    worked.unwrap_or_else(|_| Err(Refusal::new(500, "the answer could not be computed")))
}

/// Who asks: an opaque word of the device.
fn user(headers: &HeaderMap) -> Result<&str, Refusal> {
    if !headers.contains_key("user-agent") {
        return Err(Refusal::new(400, "the header User-Agent is missing"));
    }
    let user = headers.get("user-identifier");
    let user = user.and_then(|user| user.to_str().ok());
    let user = user.filter(|user| !user.is_empty() && user.len() <= USER_BYTES_MAX);
    user.ok_or_else(|| Refusal::new(400, "the header User-Identifier is missing, or too long"))
}
