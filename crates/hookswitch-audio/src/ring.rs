//! A bounded ring of samples between one writer and one reader, without locks.
//!
//! Input: samples from a writer that must never wait.
//! Output: the same samples in order to a reader that must never wait.
//!
//! # Promises
//!
//! - **R1** neither side blocks, allocates or spins.
//! - **R2** what does not fit is dropped and counted, never silently.
//! - **R3** the reader can bound the age of what it hears: [`SampleRing::trim`] drops the oldest.
//!
//! # Not here
//!
//! More than one writer or reader: the types that own a ring keep the two ends apart.

use std::sync::atomic::{AtomicI16, AtomicU64, AtomicUsize, Ordering};

/// Bounded ring of mono samples for one writer and one reader.
#[derive(Debug)]
pub(crate) struct SampleRing {
    cells: Box<[AtomicI16]>,
    written: AtomicUsize,
    read: AtomicUsize,
    dropped: AtomicU64,
}

impl SampleRing {
    /// Makes an empty ring for `capacity` samples.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            cells: (0..capacity.max(1)).map(|_| AtomicI16::new(0)).collect(),
            written: AtomicUsize::new(0),
            read: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Writes what fits, counts the rest as dropped, and returns how many were written.
    pub(crate) fn write(&self, samples: &[i16]) -> usize {
        let written = self.written.load(Ordering::Relaxed);
        let free = self.cells.len() - (written - self.read.load(Ordering::Acquire));
        let taken = free.min(samples.len());
        for (offset, sample) in samples[..taken].iter().enumerate() {
            self.cells[(written + offset) % self.cells.len()].store(*sample, Ordering::Relaxed);
        }
        self.written.store(written + taken, Ordering::Release);
        self.dropped
            .fetch_add((samples.len() - taken) as u64, Ordering::Relaxed);
        taken
    }

    /// Reads as many samples as there are into `out` and returns how many.
    pub(crate) fn read(&self, out: &mut [i16]) -> usize {
        let read = self.read.load(Ordering::Relaxed);
        let taken = (self.written.load(Ordering::Acquire) - read).min(out.len());
        for (offset, sample) in out[..taken].iter_mut().enumerate() {
            *sample = self.cells[(read + offset) % self.cells.len()].load(Ordering::Relaxed);
        }
        self.read.store(read + taken, Ordering::Release);
        taken
    }

    /// Drops the oldest samples down to `keep` when more than `limit` wait (reader side only).
    pub(crate) fn trim(&self, limit: usize, keep: usize) {
        let waiting = self.len();
        if waiting <= limit {
            return;
        }
        let surplus = waiting - keep.min(limit);
        self.read.fetch_add(surplus, Ordering::Release);
        self.dropped.fetch_add(surplus as u64, Ordering::Relaxed);
    }

    /// How many samples wait for the reader.
    pub(crate) fn len(&self) -> usize {
        self.written.load(Ordering::Acquire) - self.read.load(Ordering::Acquire)
    }

    /// How many samples were dropped since the ring was made.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_out_in_order_across_the_wrap() {
        let ring = SampleRing::new(4);
        let mut out = [0; 3];
        for round in 0..5_i16 {
            assert_eq!(ring.write(&[round, round + 1, round + 2]), 3);
            assert_eq!(ring.read(&mut out), 3);
            assert_eq!(out, [round, round + 1, round + 2]);
        }
        assert_eq!(ring.dropped(), 0);
    }

    #[test]
    fn a_full_ring_drops_the_newest_and_counts_it() {
        let ring = SampleRing::new(3);
        assert_eq!(ring.write(&[1, 2, 3, 4, 5]), 3);
        assert_eq!((ring.len(), ring.dropped()), (3, 2));
    }

    #[test]
    fn trim_drops_the_oldest_and_counts_it() {
        let ring = SampleRing::new(8);
        ring.write(&[1, 2, 3, 4, 5, 6]);
        ring.trim(4, 2);
        let mut out = [0; 8];
        assert_eq!(ring.read(&mut out), 2);
        assert_eq!((&out[..2], ring.dropped()), (&[5, 6][..], 4));
    }
}
