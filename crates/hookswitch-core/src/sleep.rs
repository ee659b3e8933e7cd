//! The machine has slept: who slept with it gets the rest of its time, the world outside does not.
//!
//! Input: how long. Output: later deadlines.
//!
//! # Promises
//!
//! - **SL1** the time of an app, of the audio server and of the launcher counts while the machine
//!   is awake: none of them can react while it sleeps.
//! - **SL2** the time of people far away goes on: a ring, a caller who waits, an offer of video, a
//!   voice message. A laptop that wakes up rings for nobody who has given up. Screeners keep their
//!   deadline too, for somebody waits behind them, and so does a wish behind the lock, for
//!   whoever unlocks the screen hours later has forgotten it.

use core::time::Duration;

use crate::Core;
use crate::deadline::Wait;

impl Core {
    /// Comes before anything that is due is expired.
    pub(crate) fn on_slept(&mut self, span: Duration) {
        self.deadlines.delay(span, reacts_here);
        for ask in self.asks.values_mut() {
            ask.by = ask.by.after(span);
        }
        for call in self.calls.where_mut(|call| call.is_orphan()) {
            call.orphaned_until = call.orphaned_until.map(|until| until.after(span));
            self.dirty = true;
        }
    }
}

/// Whether the one who is waited for slept, too.
fn reacts_here(wait: Wait) -> bool {
    match wait {
        Wait::Ask(_)
        | Wait::Slow(_)
        | Wait::Stage(_)
        | Wait::Orphan(_)
        | Wait::Launch(_)
        | Wait::Relaunch(_)
        | Wait::Route
        | Wait::Grant => true,
        Wait::Ring(_)
        | Wait::DialRing(_)
        | Wait::Verdict(_)
        | Wait::VideoOffer(_)
        | Wait::Unlock
        | Wait::Voicemail(_)
        | Wait::SoftPause(_)
        | Wait::Tone => false,
    }
}
