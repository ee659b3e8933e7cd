//! The whole system on one desk: daemon, phone, audio server, browser, all real.
//!
//! Input: the programs of this workspace, built beside the test; Debian's `baresip`, `chromium` and
//! PipeWire. Output: handles to look at a page and to measure what is heard.
//!
//! # Promises
//!
//! - **E1** every wait has a deadline and fails with what was waited for and the logs so far.
//! - **E2** a missing program is a failure that names what to install, never a skip.
//!
//! # Not here
//!
//! Knowledge of how the system works inside: a story uses what a person and a SIP peer can use.

mod browser;
mod desk;
mod system;

pub use browser::Browser;
pub use desk::{Desk, HANG, PEER_DBFS, SILENCE_DBFS, Speaker, USER_HZ, peer, write_tone};
pub use system::{System, program};
