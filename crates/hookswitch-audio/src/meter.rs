//! Loudness of a stream of samples.
//!
//! Input: the samples that really passed a device.
//! Output: the level of the last window in dB relative to full scale (root mean square, so a
//! full-scale sine reads -3.0), or [`SILENCE_DBFS`] when nothing passed lately.
//!
//! # Promises
//!
//! - **M1** reading a level never blocks the audio.
//! - **M2** a device that stopped reads as silence after [`STALE`].

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a silent or stopped device reads.
pub const SILENCE_DBFS: f32 = -120.0;
/// How long a level holds when no further samples pass.
const STALE: Duration = Duration::from_millis(300);
/// Length of one measured window.
const WINDOW_MS: u32 = 100;

/// The level of one direction, written by the audio thread and read by anyone.
#[derive(Debug)]
pub(crate) struct Level {
    since: Instant,
    bits: AtomicU32,
    at_ms: AtomicU64,
    total: AtomicU64,
}

impl Level {
    pub(crate) fn new() -> Self {
        Self {
            since: Instant::now(),
            bits: AtomicU32::new(SILENCE_DBFS.to_bits()),
            at_ms: AtomicU64::new(0),
            total: AtomicU64::new(0),
        }
    }

    /// The level of the last window, or silence when it is too old.
    pub(crate) fn dbfs(&self) -> f32 {
        let age = self
            .elapsed_ms()
            .saturating_sub(self.at_ms.load(Ordering::Relaxed));
        if u128::from(age) > STALE.as_millis() {
            return SILENCE_DBFS;
        }
        f32::from_bits(self.bits.load(Ordering::Relaxed))
    }

    /// How many samples have passed since the device was opened.
    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Adds samples up to windows and publishes each finished window to a [`Level`].
#[derive(Debug)]
pub(crate) struct Meter {
    window: u32,
    count: u32,
    energy: f64,
}

impl Meter {
    pub(crate) fn new(rate_hz: u32) -> Self {
        Self {
            window: (rate_hz * WINDOW_MS / 1000).max(1),
            count: 0,
            energy: 0.0,
        }
    }

    /// Measures samples that passed the device.
    pub(crate) fn feed(&mut self, samples: &[i16], level: &Level) {
        for sample in samples {
            let value = f64::from(*sample) / 32768.0;
            self.energy += value * value;
            self.count += 1;
            if self.count == self.window {
                self.publish(level);
            }
        }
        level
            .total
            .fetch_add(samples.len() as u64, Ordering::Relaxed);
    }

    fn publish(&mut self, level: &Level) {
        let mean = self.energy / f64::from(self.count);
        let dbfs = if mean > 0.0 {
            10.0 * mean.log10()
        } else {
            f64::from(SILENCE_DBFS)
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a level needs no double precision"
        )]
        let dbfs = (dbfs as f32).max(SILENCE_DBFS);
        level.bits.store(dbfs.to_bits(), Ordering::Relaxed);
        level.at_ms.store(level.elapsed_ms(), Ordering::Relaxed);
        self.count = 0;
        self.energy = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_scale_square_wave_reads_six_below_full_scale() {
        let (level, mut meter) = (Level::new(), Meter::new(8000));
        let square = (0..800)
            .map(|i| if i % 2 == 0 { 16384 } else { -16384 })
            .collect::<Vec<_>>();
        meter.feed(&square, &level);
        assert!((level.dbfs() + 6.02).abs() < 0.05, "read {}", level.dbfs());
        assert_eq!(level.total(), 800);
    }

    #[test]
    fn a_fresh_meter_reads_silence() {
        assert!((Level::new().dbfs() - SILENCE_DBFS).abs() < f32::EPSILON);
    }
}
