//! The cellular line: calls of a modem as calls of Hookswitch.
//!
//! Input: the real ModemManager or the real oFono on the system bus, whichever is there, and the
//! asks of the call system. Output: reports to it, by the SDK like any other app.
//!
//! From pure to wired: the words ([`words`]), the compound gestures ([`plan`]), one line
//! ([`mod@line`]), the daemons of the modem ([`stack`]), the call system ([`app`]), the loop
//! ([`run`]).
//!
//! # Promises
//!
//! - **P1** the call system's transaction reaches the modem as one verb where the modem has only
//!   verbs for the whole line, and is refused where it has none.
//! - **P2** modems, their daemons and the call system may come and go in any order.
//!
//! # Not here
//!
//! The sound of the call, SMS, data, and bringing a modem up: see `docs/cellular.md`.

pub mod app;
pub mod line;
pub mod plan;
pub mod run;
pub mod stack;
pub mod words;

mod ends;
