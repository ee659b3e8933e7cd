//! Recordings of a real system: played again on a fresh core, or cut into a story.
//!
//! # Promises
//!
//! - **K2** playing a recording gives the same effects in the same order, or the first one that
//!   differs is shown.
//!
//! # Not here
//!
//! Writing one (`hookswitch-trace`), and taking it from a running daemon (`hookswitch record`).

mod replay;
mod story;

pub use hookswitch_trace::record::{Recording, Step, record};

pub use self::replay::{Divergence, Verdict, replay, with_states};
pub use self::story::cut;
