//! The body of a request, read within its bounds.
//!
//! # Promises
//!
//! - **B1** a body that takes too long is refused with 408, one that is too large with 413, before
//!   more of it is kept.
//! - **B2** all bodies together keep at most [`Bounds::bodies_bytes`]; what a stranger announces
//!   but does not send takes nothing from others. A body takes room for its bytes, rounded up to
//!   [`UNIT`], in however many pieces it comes.
//! - **B3** the bodies of one connection keep at most [`Bounds::connection_bodies_bytes`].

use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::bounds::Bounds;
use crate::refusal::Refusal;

/// What room is counted in, in bytes: a body takes a whole number of these.
pub const UNIT: usize = 1024;

/// The room for all bodies.
#[derive(Clone, Debug)]
pub struct Room(Arc<Semaphore>);

/// The part of the room that one connection may take.
#[derive(Clone, Debug)]
pub struct Part(Arc<Semaphore>);

/// Room that is taken until it is dropped.
#[derive(Debug)]
struct Taken {
    from: Arc<Semaphore>,
    permits: Option<OwnedSemaphorePermit>,
}

/// A body, and the room that it takes until it is dropped.
#[derive(Debug)]
pub struct Read {
    /// The bytes.
    pub bytes: Vec<u8>,
    _room: Vec<Taken>,
}

impl Taken {
    const fn nothing(from: Arc<Semaphore>) -> Self {
        Self {
            from,
            permits: None,
        }
    }

    /// Takes what is missing to hold so many bytes; whether it was there.
    fn hold(&mut self, bytes: usize) -> bool {
        let held = self
            .permits
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = bytes.div_ceil(UNIT).saturating_sub(held);
        if missing == 0 {
            return true;
        }
        let Ok(more) = Arc::clone(&self.from).try_acquire_many_owned(missing as u32) else {
            return false;
        };
        match &mut self.permits {
            Some(permits) => permits.merge(more),
            None => self.permits = Some(more),
        }
        true
    }
}

impl Room {
    /// An empty room.
    pub fn new(bounds: &Bounds) -> Self {
        Self(Arc::new(Semaphore::new(bounds.bodies_bytes / UNIT)))
    }

    /// The part of a connection that begins.
    pub fn connection(&self, bounds: &Bounds) -> Part {
        Part(Arc::new(Semaphore::new(
            bounds.connection_bodies_bytes / UNIT,
        )))
    }

    /// Reads a body of at most `most` bytes; of a connection, or of a request that came inside
    /// another.
    ///
    /// # Errors
    ///
    /// 408, 413, 503, or 400 when the connection broke.
    pub async fn read(
        &self,
        body: Body,
        bounds: &Bounds,
        most: usize,
        part: Option<&Part>,
    ) -> Result<Read, Refusal> {
        let announced = body.size_hint().lower();
        if announced > most as u64 {
            return Err(too_large(most));
        }
        let mut room = vec![Taken::nothing(Arc::clone(&self.0))];
        room.extend(part.map(|part| Taken::nothing(Arc::clone(&part.0))));
        let read = timeout(bounds.body, frames(body, bounds, most, room)).await;
        read.unwrap_or_else(|_| Err(Refusal::new(408, "the body took too long")))
    }
}

async fn frames(
    mut body: Body,
    bounds: &Bounds,
    most: usize,
    mut room: Vec<Taken>,
) -> Result<Read, Refusal> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::new(400, "the body broke off"))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = bytes.len() + data.len();
        if length > most {
            return Err(too_large(most));
        }
        if !room.iter_mut().all(|taken| taken.hold(length)) {
            return Err(Refusal::busy(
                "too many bodies at once",
                bounds.retry_seconds,
            ));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Read { bytes, _room: room })
}

fn too_large(most: usize) -> Refusal {
    Refusal::new(413, format!("a body has at most {most} bytes"))
}
