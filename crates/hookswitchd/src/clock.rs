//! Both clocks, and waiting for a point on the boot clock.
//!
//! # Promises
//!
//! - **T1** deadlines count the time a machine sleeps: a laptop that wakes up does not go on
//!   ringing for a caller who gave up an hour ago (`CLOCK_BOOTTIME`, clock_gettime(2)).
//! - **T2** after a sleep of the machine a deadline is found within [`NAP_MAX`].
//! - **T3** a sleep of at least [`SLEEP_MIN`] is noticed with the first reading after it, once:
//!   `CLOCK_MONOTONIC` stands still meanwhile.

use std::time::Duration;

use hookswitch_model::{Stamp, Timestamp, Wall};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// Longest wait on a timer of the runtime, which stands still while the machine sleeps.
pub const NAP_MAX: Duration = Duration::from_secs(1);
const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Shortest sleep that is told. Between two readings of a clock a process may be kept waiting.
pub const SLEEP_MIN: Duration = Duration::from_millis(100);

/// How often a surprising reading is taken anew.
const READINGS: usize = 3;

fn nanos(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * NANOS_PER_SECOND + u64::try_from(time.tv_nsec).unwrap_or_default()
}

/// How much the machine has slept.
#[derive(Debug)]
pub struct Sleep {
    known: Duration,
}

impl Sleep {
    /// From here on.
    #[must_use]
    pub fn new() -> Self {
        Self {
            known: slept_since_boot(),
        }
    }

    /// How long the machine has slept since this was asked last, if it has.
    pub fn fresh(&mut self) -> Option<Duration> {
        self.fresh_by(slept_since_boot)
    }

    fn fresh_by(&mut self, mut read: impl FnMut() -> Duration) -> Option<Duration> {
        let mut all = read();
        for _ in 1..READINGS {
            if all < self.known + SLEEP_MIN {
                return None;
            }
            all = all.min(read());
        }
        let span = all.checked_sub(self.known)?;
        (span >= SLEEP_MIN).then(|| {
            self.known = all;
            span
        })
    }
}

impl Default for Sleep {
    fn default() -> Self {
        Self::new()
    }
}

/// The boot clock counts sleep, the other one does not. Too much if the process was kept waiting
/// in between, never too little.
fn slept_since_boot() -> Duration {
    let awake = nanos(clock_gettime(ClockId::Monotonic));
    let all = nanos(clock_gettime(ClockId::Boottime));
    Duration::from_nanos(all.saturating_sub(awake))
}

/// Reads both clocks.
#[must_use]
pub fn stamp() -> Stamp {
    let boot = clock_gettime(ClockId::Boottime);
    let wall = clock_gettime(ClockId::Realtime);
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

    #[test]
    fn a_sleep_is_told_once_and_a_slow_reading_is_none() {
        let millis = Duration::from_millis;
        let mut sleep = Sleep { known: millis(50) };
        // Readings, and what is told of them.
        let rows: [(&[u64], Option<u64>); 6] = [
            (&[50], None),
            (&[149], None),
            (&[400, 51], None),
            (&[900_000, 900_400, 899_950], Some(899_900)),
            (&[899_951], None),
            (&[900_400, 900_060, 900_050], Some(100)),
        ];
        for (readings, want) in rows {
            let mut left = readings.iter();
            let got = sleep.fresh_by(|| millis(*left.next().expect("enough readings")));
            assert_eq!(got, want.map(millis), "{readings:?}");
            assert_eq!(left.next(), None, "{readings:?}");
        }
    }

    #[tokio::test]
    async fn waiting_ends_not_before_its_time() {
        let soon = stamp().at.after(Duration::from_millis(20));
        until(Some(soon)).await;
        assert!(stamp().at >= soon);
        until(Some(soon)).await;
    }
}
