//! How much all pages together may ask for.
//!
//! # Promises
//!
//! - **FL1** dialing is never refused for that: the number may be that of an emergency.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use hookswitch_core::{Buckets, Traffic, too_fast};
use hookswitch_model::{Limits, Rejection, Timestamp};
use hookswitch_wire::json::Wish;

/// Counts requests.
#[derive(Debug)]
pub(crate) struct Flood {
    began: Instant,
    /// All pages have the same token, and count as one.
    buckets: Mutex<Buckets<()>>,
}

impl Flood {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            began: Instant::now(),
            buckets: Mutex::new(Buckets::new(limits)),
        }
    }

    /// Refuses a request too many.
    pub(crate) fn admit(&self, wish: &Wish) -> Result<(), Rejection> {
        if matches!(wish, Wish::Dial { .. }) {
            return Ok(());
        }
        let now = Timestamp::ZERO.after(self.began.elapsed());
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = buckets.take(&(), Traffic::Request, now);
        taken.map_err(|wait| too_fast(Traffic::Request, wait))
    }
}
