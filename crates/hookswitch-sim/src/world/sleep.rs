//! The machine sleeps: the boot clock goes on, no program runs, and the core is told when it wakes.

use core::time::Duration;

use hookswitch_core::{Environment, Event};
use hookswitch_model::Timestamp;
use hookswitch_wire::trace::write_span;

use super::{Actor, World};
use crate::describe::words;
use crate::trace::Origin;

/// How the machine has slept.
#[derive(Debug, Default)]
pub(super) struct Sleep {
    /// When it is awake again.
    pub(super) awake_at: Timestamp,
    /// The sleep that the core was told of last.
    pub(super) last: Duration,
    all: Duration,
    untold: Duration,
}

impl Sleep {
    /// A daemon that begins after the sleep has nothing to learn of it.
    pub(super) fn is_known(&mut self) {
        self.untold = Duration::ZERO;
    }
}

impl World {
    pub(super) fn suspend(&mut self, span: Duration) {
        self.queue.delay(span);
        self.sleep.all = self.sleep.all.saturating_add(span);
        self.sleep.untold = self.sleep.untold.saturating_add(span);
        self.sleep.awake_at = self.now.after(span);
    }

    /// The core hears of a sleep before anything else that happens after it. Says whether there
    /// was one.
    pub(super) fn tell_sleep(&mut self) -> bool {
        let is_over = self.now >= self.sleep.awake_at;
        if self.sleep.untold.is_zero() || !is_over || self.daemon.is_down {
            return false;
        }
        let span = core::mem::take(&mut self.sleep.untold);
        self.sleep.last = span;
        let actor = Actor::new("system", Origin::System, None);
        let what = format!("slept {}", write_span(span));
        let slept = Event::Environment(Environment::Slept(span));
        self.step(actor, slept, words(&what));
        true
    }

    pub(super) fn monotonic(&self) -> Timestamp {
        let awake = self
            .now
            .since(Timestamp::ZERO)
            .saturating_sub(self.sleep.all);
        Timestamp::ZERO.after(awake)
    }
}
