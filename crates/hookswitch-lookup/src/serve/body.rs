//! The body of a request, read within its bounds.
//!
//! # Promises
//!
//! - **B1** a body that takes too long is refused with 408, one that is too large with 413, before
//!   more of it is kept.
//! - **B2** all bodies together keep at most [`Bounds::bodies_bytes`]; what a stranger announces
//!   but does not send takes nothing from others.

use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::bounds::Bounds;
use crate::refusal::Refusal;

/// What room is counted in, in bytes: a part of a body takes a whole number of these.
const UNIT: usize = 1024;

/// The room for all bodies.
#[derive(Clone, Debug)]
pub struct Room(Arc<Semaphore>);

/// A body, and the room that it takes until it is dropped.
#[derive(Debug)]
pub struct Read {
    /// The bytes.
    pub bytes: Vec<u8>,
    _room: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// An empty room.
    pub fn new(bounds: &Bounds) -> Self {
        Self(Arc::new(Semaphore::new(bounds.bodies_bytes / UNIT)))
    }

    /// Reads a body of at most `most` bytes.
    ///
    /// # Errors
    ///
    /// 408, 413, 503, or 400 when the connection broke.
    pub async fn read(&self, body: Body, bounds: &Bounds, most: usize) -> Result<Read, Refusal> {
        let announced = body.size_hint().lower();
        if announced > most as u64 {
            return Err(too_large(most));
        }
        let read = timeout(bounds.body, self.frames(body, bounds, most)).await;
        read.unwrap_or_else(|_| Err(Refusal::new(408, "the body took too long")))
    }

    async fn frames(&self, mut body: Body, bounds: &Bounds, most: usize) -> Result<Read, Refusal> {
        let mut bytes = Vec::new();
        let mut room = None::<OwnedSemaphorePermit>;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Refusal::new(400, "the body broke off"))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > most {
                return Err(too_large(most));
            }
            let units = data.len().div_ceil(UNIT) as u32;
            let more = Arc::clone(&self.0).try_acquire_many_owned(units);
            let more =
                more.map_err(|_| Refusal::busy("too many bodies at once", bounds.retry_seconds))?;
            match &mut room {
                Some(room) => room.merge(more),
                None => room = Some(more),
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Read { bytes, _room: room })
    }
}

fn too_large(most: usize) -> Refusal {
    Refusal::new(413, format!("a body has at most {most} bytes"))
}
