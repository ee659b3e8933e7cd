//! The line of requests that wait for a core.
//!
//! # Promises
//!
//! - **N1** at most [`Bounds::cores`] answers are computed at once, at most [`Bounds::line`] wait.
//! - **N2** nobody waits longer than [`Bounds::line_wait`]; who waits in vain or finds the line
//!   full is told 503 and when to come again.
//! - **N3** who goes away leaves the line.

use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::bounds::Bounds;
use crate::refusal::Refusal;

/// The line and its cores.
#[derive(Clone, Debug)]
pub struct Line {
    cores: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// The right to use a core, until it is dropped.
#[derive(Debug)]
pub struct Core(
    #[expect(dead_code, reason = "dropping it gives the core back")] OwnedSemaphorePermit,
);

impl Line {
    /// An empty line.
    pub fn new(bounds: &Bounds) -> Self {
        let cores = || available_parallelism().map_or(1, usize::from);
        let cores = bounds.cores.unwrap_or_else(cores);
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(bounds.line)),
        }
    }

    /// Requests that could still join the line.
    pub fn free(&self) -> usize {
        self.waiting.available_permits()
    }

    /// Waits for a core.
    ///
    /// # Errors
    ///
    /// 503 when the line is full, or the wait too long.
    pub async fn core(&self, bounds: &Bounds) -> Result<Core, Refusal> {
        if let Ok(core) = Arc::clone(&self.cores).try_acquire_owned() {
            return Ok(Core(core));
        }
        let busy = |message| Refusal::busy(message, bounds.retry_seconds);
        let place = Arc::clone(&self.waiting).try_acquire_owned();
        let place = place.map_err(|_| busy("the line is full"))?;
        let core = timeout(bounds.line_wait, Arc::clone(&self.cores).acquire_owned()).await;
        drop(place);
        match core {
            Ok(Ok(core)) => Ok(Core(core)),
            Ok(Err(_)) | Err(_) => Err(busy("the wait in line was too long")),
        }
    }
}
