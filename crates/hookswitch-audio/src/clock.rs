//! The null clock: moves samples at their real rate while no device does.
//!
//! Input: the time, and a port.
//! Output: samples taken from a feed, or silence given to a drain.
//!
//! # Promises
//!
//! - **O1** over time exactly the rate is moved; a thread that was late catches up.
//! - **O2** after a suspend at most [`CATCH_UP_MAX`] is caught up.

use std::time::{Duration, Instant};

use crate::port::Port;

/// One step of the null clock.
pub(crate) const STEP: Duration = Duration::from_millis(10);
/// Most time the null clock catches up on at once, for example after a suspend.
const CATCH_UP_MAX: Duration = Duration::from_millis(500);

/// Moves samples at the real rate while no device does.
pub(crate) struct NullClock {
    rate_hz: u32,
    start: Option<Instant>,
    moved: u64,
    scratch: Vec<i16>,
}

impl NullClock {
    pub(crate) fn new(rate_hz: u32, start: Instant) -> Self {
        Self {
            rate_hz,
            start: Some(start),
            moved: 0,
            scratch: Vec::new(),
        }
    }

    pub(crate) fn start_at(&mut self, start: Instant) {
        self.start = Some(start);
        self.moved = 0;
    }

    pub(crate) fn stop(&mut self) {
        self.start = None;
    }

    pub(crate) fn due(&self) -> Option<Instant> {
        let passed = Duration::from_secs_f64(self.moved as f64 / f64::from(self.rate_hz));
        self.start.map(|start| start + passed + STEP)
    }

    pub(crate) fn run(&mut self, now: Instant, port: &mut Port) {
        let Some(start) = self.start else { return };
        let elapsed = now.saturating_duration_since(start);
        let target = elapsed.as_millis() as u64 * u64::from(self.rate_hz) / 1000;
        let most = CATCH_UP_MAX.as_millis() as u64 * u64::from(self.rate_hz) / 1000;
        self.moved = self.moved.max(target.saturating_sub(most));
        let step = u64::from(self.rate_hz) * STEP.as_millis() as u64 / 1000;
        while self.moved + step <= target {
            self.scratch.clear();
            self.scratch.resize(usize::try_from(step).unwrap_or(0), 0);
            match port {
                Port::Play(feed) => feed.fill(&mut self.scratch),
                Port::Capture(drain) => drain.take(&self.scratch),
            }
            self.moved += step;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::port::Drain;

    #[test]
    fn the_real_rate_is_moved_and_a_suspend_is_not_caught_up() {
        let moved = Arc::new(AtomicUsize::new(0));
        let mut port = Port::Capture(Box::new(Counter(moved.clone())));
        let start = Instant::now();
        let mut clock = NullClock::new(8000, start);
        for (millis, want) in [(0, 0), (9, 0), (10, 80), (25, 160), (400, 3200)] {
            clock.run(start + Duration::from_millis(millis), &mut port);
            assert_eq!(moved.load(Ordering::Relaxed), want, "after {millis} ms");
        }
        clock.run(start + Duration::from_secs(3600), &mut port);
        assert_eq!(moved.load(Ordering::Relaxed), 3200 + 4000);
    }

    struct Counter(Arc<AtomicUsize>);

    impl Drain for Counter {
        fn take(&mut self, samples: &[i16]) {
            self.0.fetch_add(samples.len(), Ordering::Relaxed);
        }
    }
}
