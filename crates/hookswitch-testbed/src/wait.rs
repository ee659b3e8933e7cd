//! Waiting for readiness with a deadline.
//!
//! Input: a question that can be asked again and again.
//! Output: its first answer, or a failed test that says what was waited for.
//!
//! # Promises
//!
//! - **A1** this is the one place in the tree where a test pauses between two looks.

use std::thread;
use std::time::{Duration, Instant};

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Asks until there is an answer.
///
/// # Panics
///
/// When the deadline passes first.
#[track_caller]
pub fn wait_for<T>(what: &str, within: Duration, ask: impl FnMut() -> Option<T>) -> T {
    poll(within, ask).unwrap_or_else(|| panic!("waited {within:?} in vain for {what}"))
}

/// Asks until there is an answer or the deadline passes.
pub fn poll<T>(within: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::park_timeout(PAUSE);
    }
}
