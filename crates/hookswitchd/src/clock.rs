//! Both clocks, and waiting for a point on the boot clock.
//!
//! # Promises
//!
//! - **T1** deadlines count the time a machine sleeps: a laptop that wakes up does not go on
//!   ringing for a caller who gave up an hour ago (`CLOCK_BOOTTIME`, clock_gettime(2)).
//! - **T2** after a sleep of the machine a deadline is found within [`NAP_MAX`].

use std::time::Duration;

use hookswitch_model::{Stamp, Timestamp, Wall};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// Longest wait on a timer of the runtime, which stands still while the machine sleeps.
pub const NAP_MAX: Duration = Duration::from_secs(1);
const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Reads both clocks.
#[must_use]
pub fn stamp() -> Stamp {
    let boot = clock_gettime(ClockId::Boottime);
    let wall = clock_gettime(ClockId::Realtime);
    let nanos = |time: Timespec| {
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        seconds * NANOS_PER_SECOND + u64::try_from(time.tv_nsec).unwrap_or_default()
    };
    let wall_ms = i64::try_from(nanos(wall) / 1_000_000).unwrap_or(i64::MAX);
    Stamp::new(
        Timestamp::from_nanos(nanos(boot)),
        Wall::from_millis(wall_ms),
    )
}

/// Waits until `due`, or for ever without one. May be dropped at any time.
pub async fn until(due: Option<Timestamp>) {
    let Some(due) = due else {
        return std::future::pending().await;
    };
    loop {
        let left = due.since(stamp().at);
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(NAP_MAX)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_not_before_its_time() {
        let soon = stamp().at.after(Duration::from_millis(20));
        until(Some(soon)).await;
        assert!(stamp().at >= soon);
        until(Some(soon)).await;
    }
}
