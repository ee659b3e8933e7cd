//! An app under test: a real process that takes the place of a simulated app.
//!
//! The story tells it what the far end does; the core tells it what to perform; it answers with
//! reports, settlements and requests, and says when it is idle. The protocol is JSON lines over
//! standard input and output, documented in `docs/app-under-test.md`.
//!
//! # Promises
//!
//! - **AT1** no hang: every wait for the process has a bound in real time, every line a length.
//! - **AT2** while the process works, virtual time stands still; so a story gives the same result
//!   however slow the machine is (level D2), if the process takes its time from the protocol.
//! - **AT3** a process that hangs, dies or writes what is no message is a failure that says what to
//!   do, and counts as an app that crashed.

pub mod message;
mod process;

use core::fmt;

use serde_json::Value;

pub use process::Process;

/// The version of the protocol.
pub const PROTOCOL: u64 = 1;

/// What a guest did in one turn.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// Its messages, in order, without the last one.
    pub acts: Vec<Value>,
    /// Said in its answer to `hello`: it acknowledges by itself what it is told.
    pub acknowledges: bool,
    /// It wants to be woken at this virtual time, in milliseconds.
    pub until_ms: Option<u64>,
}

/// Guests with the numbers of the apps whose place they take.
pub type Guests = Vec<(usize, Box<dyn Guest>)>;

/// Something that takes the place of a simulated app.
pub trait Guest: fmt::Debug {
    /// Starts it, if it does not run. Its first turn is its answer to `hello`.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong and what to do.
    fn start(&mut self, hello: &Value) -> Result<Turn, String>;

    /// Tells it something and waits until it is idle again.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong and what to do.
    fn tell(&mut self, message: &Value) -> Result<Turn, String>;

    /// Ends it without a word, as a crash does.
    fn stop(&mut self);
}
