//! Storage edge: the recents, in one SQLite file per user, and what the next daemon needs.
//!
//! Layer 3. Input: calls that ended. Output: pages of them, newest first. It observes the core; no
//! call waits for it. The live calls have promises of their own, see [`LiveCalls`].
//!
//! # Promises
//!
//! - **S1** an entry whose [`Recents::append`] returned survives a crash of the process or of the
//!   machine.
//! - **S2** a damaged file is moved aside and told in [`Opened::damaged`]; a new one begins.
//! - **S3** a full or read-only disk is a typed error; what was kept stays readable.
//! - **S4** the file is bounded ([`Keep`]): the oldest entries go first. Blocked calls have a bound
//!   of their own, so that spam pushes nothing out.
//! - **S5** the file is readable by its owner only.
//! - **S6** an entry that is appended again, as after a kill, is kept once.
//!
//! # Not here
//!
//! Sentences for people and what counts as missed (`hookswitch_wire`), threads: the caller keeps
//! these blocking calls off its event loop.

mod error;
mod lists;
mod live;
mod open;
mod recents;
mod replace;
mod row;
mod rules;
mod schema;

#[cfg(test)]
mod full_tests;

pub use error::StoreError;
pub use lists::{ListsFile, OpenedLists};
pub use live::{ENDS_MAX, Kept, LiveCalls, LiveError, RECORDS_MAX};
pub use open::{Damaged, Opened};
pub use recents::{Counts, Keep, Page, Recents, Stored, Wanted};
pub use rules::{OpenedRules, RulesError, RulesFile};
