//! What a sink really played, as it grows.
//!
//! Input: a running `pw-record` or `parecord` that writes raw samples.
//! Output: the samples so far.
//!
//! # Promises
//!
//! - **R1** at most [`SAMPLES_MAX`] samples are kept; older ones go first.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::wait::poll;

/// Most samples that are kept: two minutes at 48 kHz.
pub const SAMPLES_MAX: usize = 2 * 60 * 48_000;

/// A running recording; dropping it ends it.
#[derive(Debug)]
pub struct Recording {
    what: String,
    child: Child,
    samples: Arc<Mutex<Vec<i16>>>,
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
        let samples = Arc::new(Mutex::new(Vec::new()));
        if let Some(mut pipe) = child.stdout.take() {
            let samples = samples.clone();
            thread::spawn(move || {
                let (mut buffer, mut rest) = ([0; 8192], Vec::new());
                while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                    rest.extend_from_slice(&buffer[..count]);
                    append(&samples, &mut rest);
                }
            });
        }
        Self {
            what: what.to_owned(),
            child,
            samples,
        }
    }

    /// The samples so far.
    pub fn samples(&self) -> Vec<i16> {
        lock(&self.samples).clone()
    }

    /// Forgets what was recorded so far.
    pub fn clear(&self) {
        lock(&self.samples).clear();
    }

    /// Looks at the samples again and again until `find` finds what it looks for.
    ///
    /// # Panics
    ///
    /// When the deadline passes first.
    #[track_caller]
    pub fn until<T>(&self, within: Duration, mut find: impl FnMut(&[i16]) -> Option<T>) -> T {
        let found = poll(within, || find(&lock(&self.samples)));
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

fn append(samples: &Mutex<Vec<i16>>, bytes: &mut Vec<u8>) {
    let whole = bytes.len() / 2 * 2;
    let mut samples = lock(samples);
    let pairs = bytes[..whole].chunks_exact(2);
    samples.extend(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
    bytes.drain(..whole);
    let surplus = samples.len().saturating_sub(SAMPLES_MAX);
    samples.drain(..surplus);
}

fn lock(samples: &Mutex<Vec<i16>>) -> MutexGuard<'_, Vec<i16>> {
    samples.lock().unwrap_or_else(PoisonError::into_inner)
}
