//! The service over HTTP.
//!
//! `POST /config`, `/key` and `/queries`, with `User-Agent` and `User-Identifier`. Keys are read
//! and answers computed on threads of their own, so that a long one delays no other; as many at
//! once as the machine has cores, the rest waits in a bounded [`mod@line`].

pub mod body;
pub mod line;
pub mod listen;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::routing::post;
use hookswitch_lookup_wire::Message as _;
use hookswitch_lookup_wire::count::{self, Counted};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::bounds::Bounds;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::tokens::verifier::{Access, Ticket};
use body::{Part, Room};
use line::{Core, Line};
use listen::Listen;

/// Most bytes of a user identifier.
const USER_BYTES_MAX: usize = 256;

/// What all pages share: the bounds, the room for bodies, the line.
#[derive(Clone, Debug)]
pub struct Front {
    /// The bounds.
    pub bounds: Arc<Bounds>,
    /// The room for bodies.
    pub room: Room,
    /// The line.
    pub line: Line,
}

/// What every request of a device sees.
#[derive(Clone)]
struct Shared {
    service: Arc<Service>,
    access: Access,
    front: Front,
}

impl Front {
    /// The front of a service.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            room: Room::new(&bounds),
            line: Line::new(&bounds),
            bounds: Arc::new(bounds),
        }
    }

    /// Waits for a core and works on a thread that may take its time.
    ///
    /// # Errors
    ///
    /// 503 when the line is full or long, 500 when the work panics, and those of the work.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let core = self.line.core(&self.bounds).await?;
        on_core(core, work).await
    }
}

/// Works on a thread that may take its time.
async fn on_core<T: Send + 'static>(
    core: Core,
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let worked = tokio::task::spawn_blocking(move || {
        let worked = work();
        drop(core);
        worked
    });
    let worked = worked.await;
    worked.unwrap_or_else(|_| Err(Refusal::new(500, "the answer could not be computed")))
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

/// The pages of the service.
pub fn pages(service: Service, access: Access, front: Front) -> Router {
    let shared = Shared {
        service: Arc::new(service),
        access,
        front,
    };
    Router::new()
        .route("/config", post(config))
        .route("/key", post(key))
        .route("/queries", post(queries))
        .with_state(shared)
}

/// A server of pages, and what stops it. It serves while it is polled.
pub fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    pages: Router,
    front: &Front,
) -> (Stop, impl Future<Output = ()> + Send + 'static) {
    let (stop, stopped) = watch::channel(false);
    let listen = Listen {
        room: front.room.clone(),
        bounds: Arc::clone(&front.bounds),
        tls,
        stop: stopped,
    };
    (Stop(stop), listen.serve(listener, pages))
}

async fn config(State(shared): State<Shared>, request: Request) -> Result<Vec<u8>, Refusal> {
    let most = shared.front.bounds.config_bytes;
    run(shared, request, most, |service, user, asked| {
        Ok(service.config(user, &asked)?.encode_to_vec())
    })
    .await
}

async fn key(State(shared): State<Shared>, request: Request) -> Result<Vec<u8>, Refusal> {
    let most = shared.front.bounds.body_bytes;
    run(shared, request, most, |service, user, sent| {
        service.keep(user, &sent)?;
        Ok(Vec::new())
    })
    .await
}

async fn queries(State(shared): State<Shared>, request: Request) -> Result<Vec<u8>, Refusal> {
    let most = shared.front.bounds.body_bytes;
    run(shared, request, most, |service, user, asked| {
        Ok(service.answer(user, &asked)?.encode_to_vec())
    })
    .await
}

/// Checks the head, takes the token, reads the body, waits for a core, spends the token, and works.
///
/// Who has no token cannot make the service read a body; who is told to come again keeps it; in
/// every other case it is gone.
async fn run<M: Counted>(
    shared: Shared,
    request: Request,
    most: usize,
    work: impl FnOnce(&Service, &str, M) -> Result<Vec<u8>, Refusal> + Send + 'static,
) -> Result<Vec<u8>, Refusal> {
    let (head, body) = request.into_parts();
    let user = user(&head.headers)?.to_owned();
    let ticket = shared.access.check(&head.headers)?;
    let front = &shared.front;
    let part = head.extensions.get::<Part>();
    let ready = async {
        let body = front.room.read(body, &front.bounds, most, part).await?;
        Ok::<_, Refusal>((body, front.line.core(&front.bounds).await?))
    };
    let (body, core) = match ready.await {
        Ok(ready) => ready,
        Err(refusal) => {
            let is_again = refusal.status == 503;
            if let Some(ticket) = ticket.filter(|_| is_again) {
                ticket.give_back();
            }
            return Err(refusal);
        }
    };
    let service = shared.service;
    let work = move || {
        ticket.map_or(Ok(()), Ticket::spend)?;
        let message = count::decode(&body.bytes);
        let message = message.map_err(|error| Refusal::new(400, error))?;
        work(&service, &user, message)
    };
    on_core(core, work).await
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
