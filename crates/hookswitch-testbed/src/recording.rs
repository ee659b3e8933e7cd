//! What a sink really played, as it grows.
//!
//! Input: a running `pw-record` or `parecord` that writes raw samples.
//! Output: the samples so far.
//!
//! # Promises
//!
//! - **R1** at most [`SAMPLES_MAX`] samples are kept; older ones go first.

use std::collections::VecDeque;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::wait::poll;

/// Most samples that are kept: two minutes at 48 kHz.
pub const SAMPLES_MAX: usize = 2 * 60 * 48_000;

/// A running recording; dropping it ends it.
#[derive(Debug)]
pub struct Recording {
    what: String,
    child: Child,
    tape: Arc<Mutex<Tape>>,
}

/// The samples, and when which of them came.
#[derive(Debug, Default)]
struct Tape {
    samples: Vec<i16>,
    /// How many came before the first that is kept.
    gone: usize,
    /// How many there were when, counted from the beginning.
    arrivals: VecDeque<(usize, SystemTime)>,
}

impl Recording {
    pub(crate) fn start(what: &str, mut command: Command) -> Self {
        command.process_group(0).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn();
        let mut child = child.unwrap_or_else(|error| {
            panic!(
                "cannot record: {error}. Install pulseaudio-utils, or run `setup/packages tests`"
            )
        });
        let tape = Arc::new(Mutex::new(Tape::default()));
        if let Some(mut pipe) = child.stdout.take() {
            let tape = tape.clone();
            thread::spawn(move || {
                let (mut buffer, mut rest) = ([0; 8192], Vec::new());
                while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                    rest.extend_from_slice(&buffer[..count]);
                    append(&tape, &mut rest);
                }
            });
        }
        Self {
            what: what.to_owned(),
            child,
            tape,
        }
    }

    /// The samples so far.
    pub fn samples(&self) -> Vec<i16> {
        lock(&self.tape).samples.clone()
    }

    /// Forgets what was recorded so far.
    pub fn clear(&self) {
        let mut tape = lock(&self.tape);
        tape.gone += tape.samples.len();
        tape.samples.clear();
    }

    /// When the first and the last sample louder than this came, by the clock of the machine and
    /// the place in their piece. The recorder's own delay is in it.
    pub fn loud_between(&self, amplitude: u16) -> Option<(SystemTime, SystemTime)> {
        let tape = lock(&self.tape);
        let loud = |sample: &i16| sample.unsigned_abs() > amplitude;
        let first = tape.samples.iter().position(loud)?;
        let last = tape.samples.iter().rposition(loud)?;
        Some((tape.came_at(first)?, tape.came_at(last)?))
    }

    /// Looks at the samples again and again until `find` finds what it looks for.
    ///
    /// # Panics
    ///
    /// When the deadline passes first.
    #[track_caller]
    pub fn until<T>(&self, within: Duration, mut find: impl FnMut(&[i16]) -> Option<T>) -> T {
        let found = poll(within, || find(&lock(&self.tape).samples));
        found.unwrap_or_else(|| {
            let samples = self.samples();
            let tail = crate::tone::last(&samples, crate::RECORD_RATE_HZ, 500);
            let (what, count) = (&self.what, samples.len());
            panic!("{what} never sounded as expected within {within:?}: {count} samples, {tail:?}")
        })
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // An error means that the recorder has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tape {
    fn came_at(&self, index: usize) -> Option<SystemTime> {
        let index = self.gone + index;
        let piece = self.arrivals.iter().find(|(count, _)| *count > index);
        let (count, at) = piece?;
        let before = (count - index) as f64 / f64::from(crate::RECORD_RATE_HZ);
        Some(*at - Duration::from_secs_f64(before))
    }
}

fn append(tape: &Mutex<Tape>, bytes: &mut Vec<u8>) {
    let now = SystemTime::now();
    let whole = bytes.len() / 2 * 2;
    let mut tape = lock(tape);
    let pairs = bytes[..whole].chunks_exact(2);
    tape.samples
        .extend(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
    bytes.drain(..whole);
    let surplus = tape.samples.len().saturating_sub(SAMPLES_MAX);
    tape.samples.drain(..surplus);
    tape.gone += surplus;
    let (gone, count) = (tape.gone, tape.gone + tape.samples.len());
    tape.arrivals.push_back((count, now));
    while tape
        .arrivals
        .front()
        .is_some_and(|(count, _)| *count <= gone)
    {
        tape.arrivals.pop_front();
    }
}

fn lock(tape: &Mutex<Tape>) -> MutexGuard<'_, Tape> {
    tape.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_came_when_its_piece_came_less_what_followed_it() {
        let tape = Mutex::new(Tape::default());
        append(&tape, &mut vec![0; 2 * 4800]);
        append(&tape, &mut vec![1; 2 * 4800]);
        let mut tape = tape.into_inner().expect("nobody panicked");
        let (first, second) = (tape.arrivals[0].1, tape.arrivals[1].1);
        let tenth = Duration::from_millis(100);
        assert_eq!(tape.came_at(0), Some(first - tenth));
        assert_eq!(tape.came_at(4800), Some(second - tenth));
        assert_eq!(tape.came_at(9600), None);
        tape.samples.drain(..4800);
        tape.gone = 4800;
        assert_eq!(tape.came_at(0), Some(second - tenth));
    }
}
