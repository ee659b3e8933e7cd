//! A small jitter buffer: puts received audio frames in order and hands out one every 20 ms.
//!
//! Input: frames with their sequence number, as they arrive. Output: the next frame, or none
//! (play silence). It starts handing out after [`START_FRAMES`] frames are in, and again after
//! it ran dry.
//!
//! # Promises
//!
//! - **J1** never more than [`FRAMES_MAX`] frames are kept; the oldest go first.
//! - **J2** frames come out in sequence order, across the 16-bit wrap; late ones are dropped.
//! - **J3** a jump of the sequence (a restarted sender) costs at most one refill.

/// Frames kept at most (200 ms).
pub const FRAMES_MAX: usize = 10;

/// Frames that must be there before playing starts (40 ms).
pub const START_FRAMES: usize = 2;

/// A sequence step larger than this is a restart of the sender, not a loss.
const JUMP: u16 = 1000;

/// The buffer of one incoming stream.
#[derive(Clone, Debug, Default)]
pub struct JitterBuffer {
    frames: Vec<(u16, Vec<i16>)>,
    next: Option<u16>,
}

impl JitterBuffer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one received frame.
    pub fn push(&mut self, sequence: u16, frame: Vec<i16>) {
        if let Some(next) = self.next {
            let ahead = sequence.wrapping_sub(next);
            if (JUMP..=u16::MAX - JUMP).contains(&ahead) {
                self.clear();
            } else if ahead > u16::MAX / 2 {
                return; // late: its place was already played
            }
        }
        match self.place_of(sequence) {
            Ok(_duplicate) => {}
            Err(place) => self.frames.insert(place, (sequence, frame)),
        }
        if self.frames.len() > FRAMES_MAX {
            self.frames.remove(0);
            self.next = self.frames.first().map(|(sequence, _)| *sequence);
        }
    }

    /// Gives the frame to play in this tick.
    pub fn pop(&mut self) -> Option<Vec<i16>> {
        let next = match self.next {
            Some(next) => next,
            None if self.frames.len() >= START_FRAMES => self.frames[0].0,
            None => return None,
        };
        let Some((first, _)) = self.frames.first() else {
            self.next = None;
            return None;
        };
        self.next = Some(next.wrapping_add(1));
        if *first == next {
            Some(self.frames.remove(0).1)
        } else {
            None
        }
    }

    /// Forgets everything, as after a hold.
    pub fn clear(&mut self) {
        self.frames.clear();
        self.next = None;
    }

    /// Frames waiting.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// True if no frame waits.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    fn place_of(&self, sequence: u16) -> Result<usize, usize> {
        // Distances from the middle of the window order correctly across the wrap.
        let base = self
            .next
            .or(self.frames.first().map(|(first, _)| *first))
            .unwrap_or(sequence);
        let base = base.wrapping_sub(u16::MAX / 2);
        self.frames
            .binary_search_by_key(&sequence.wrapping_sub(base), |(have, _)| {
                have.wrapping_sub(base)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frames_come_out_in_order_across_the_wrap() {
        check(
            &[65_534, 0, 65_535, 1],
            &[Some(65_534), Some(65_535), Some(0), Some(1), None],
        );
    }

    #[test]
    fn a_lost_frame_is_a_gap_and_a_duplicate_is_nothing() {
        check(&[5, 7, 7], &[Some(5), None, Some(7), None]);
    }

    #[test]
    fn playing_starts_only_with_two_frames() {
        check(&[9], &[None, None]);
    }

    #[test]
    fn the_bound_drops_the_oldest() {
        let all: Vec<u16> = (0..30).collect();
        let mut buffer = filled(&all);
        assert_eq!(buffer.len(), FRAMES_MAX);
        assert_eq!(buffer.pop().map(|frame| frame[0]), Some(20));
    }

    #[test]
    fn a_late_frame_is_dropped_and_a_restart_refills() {
        let mut buffer = filled(&[10, 11]);
        assert!(buffer.pop().is_some());
        buffer.push(10, vec![10]);
        assert_eq!(buffer.len(), 1);
        buffer.push(30_000, vec![0]);
        buffer.push(30_001, vec![1]);
        assert_eq!(buffer.pop(), Some(vec![0]));
    }

    proptest! {
        #[test]
        fn any_arrival_keeps_the_bound(sequences in prop::collection::vec(any::<u16>(), 0..200)) {
            let mut buffer = JitterBuffer::new();
            for (index, sequence) in sequences.iter().enumerate() {
                buffer.push(*sequence, vec![0]);
                prop_assert!(buffer.len() <= FRAMES_MAX);
                if index % 3 == 0 {
                    buffer.pop();
                }
            }
        }
    }

    #[track_caller]
    fn check(arrive: &[u16], want: &[Option<u16>]) {
        let mut buffer = filled(arrive);
        let got: Vec<_> = want
            .iter()
            .map(|_| buffer.pop().map(|frame| frame[0] as u16))
            .collect();
        assert_eq!(got, want);
    }

    fn filled(arrive: &[u16]) -> JitterBuffer {
        let mut buffer = JitterBuffer::new();
        for sequence in arrive {
            buffer.push(*sequence, vec![*sequence as i16]);
        }
        buffer
    }
}
