//! When the audio thread looks after its streams again.
//!
//! Input: a time from now. Output: a turn of the loop at that time.
//!
//! # Promises
//!
//! - **L1** setting the alarm replaces the earlier time and never waits.
//!
//! The loop's own timers cannot be set again from their own callback without `unsafe`, so this
//! is a timer of the kernel's whose descriptor the loop watches.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::rc::Rc;
use std::time::Duration;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

/// A timer that a loop can watch; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Alarm(Rc<OwnedFd>);

impl Alarm {
    pub(crate) fn new() -> std::io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        Ok(Self(Rc::new(timerfd_create(
            TimerfdClockId::Monotonic,
            flags,
        )?)))
    }

    /// Rings once, after a while; at once for zero.
    pub(crate) fn ring_in(&self, rest: Duration) {
        // Zero would switch the timer off.
        let rest = rest.max(Duration::from_nanos(1));
        let value = Timespec {
            tv_sec: i64::try_from(rest.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(rest.subsec_nanos()),
        };
        let once = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: value,
        };
        if let Err(error) = timerfd_settime(&*self.0, TimerfdTimerFlags::empty(), &once) {
            tracing::error!(%error, "the audio thread's timer failed");
        }
    }

    /// Takes note of a ring, so that the loop does not see it again.
    pub(crate) fn heard(&self) {
        // An error means that it has not rung since, which is as good.
        let _ = rustix::io::read(&*self.0, &mut [0; 8]);
    }
}

impl AsRawFd for Alarm {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
