//! Events and effects of the core in the words of traces and stories, and recordings made of them.
//!
//! The daemon writes its recordings with it, the simulator its traces; both read the same. The
//! members of a line are frozen in `hookswitch-wire`, which cannot know events and effects: apps
//! link it.
//!
//! # Not here
//!
//! States as facts, reading and playing stories (`hookswitch-sim`).

mod ask_word;
pub mod effect;
mod entry;
pub mod event;
mod names;
pub mod record;
pub mod reserved;
mod word;

pub use ask_word::AskWord;
pub use entry::{Entry, state_of};
pub use names::Names;
pub use word::{Word, join};

/// The wall clock at the start of every story and recording, in milliseconds since the Unix epoch:
/// 2026-01-01 00:00 UTC.
pub const WALL_START: i64 = 1_767_225_600_000;
