//! What is to be heard: the latest state, and no queue of how it came to be.
//!
//! Input: orders in the order in which they were given. Output: what to do, for whoever has heard
//! an older state.
//!
//! # Promises
//!
//! - **WN1** no order is lost, however many are given before anybody listens: each is part of the
//!   state or has been replaced by a later one.
//! - **WN2** a tone is silent before anything rings, and the ring before a tone begins.
//! - **WN3** the same thing ordered again begins anew.

use std::path::PathBuf;

use hookswitch_core::RingTone;
use hookswitch_model::{CallTone, EndpointId};

/// What to ring, and which tone of a call to play.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RingOrder {
    /// This tone on these devices (none: the default), in place of what rings. A ringtone of an
    /// app's own stands in a file.
    Start(RingTone, Option<PathBuf>, Vec<EndpointId>),
    /// Nothing.
    Stop,
    /// This tone of a call on this device (none: where calls are), in place of the one before.
    StartTone(CallTone, Option<EndpointId>),
    /// No tone.
    StopTone,
}

/// The last order for the ring and the last one for the tone, each with its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    ring: (u64, Option<RingOrder>),
    tone: (u64, Option<RingOrder>),
}

impl Wanted {
    /// Takes the place of the last order of its kind.
    pub(super) fn set(&mut self, order: RingOrder) {
        let last = match order {
            RingOrder::Start(..) | RingOrder::Stop => &mut self.ring,
            RingOrder::StartTone(..) | RingOrder::StopTone => &mut self.tone,
        };
        *last = (last.0 + 1, Some(order));
    }

    /// What to do after `heard`.
    pub(super) fn since(&self, heard: &Self) -> Vec<RingOrder> {
        let mut orders = Vec::new();
        let is_new = self.tone.0 != heard.tone.0;
        if is_new {
            orders.push(RingOrder::StopTone);
        }
        if self.ring.0 != heard.ring.0 {
            orders.extend(self.ring.1.clone());
        }
        let tone = self.tone.1.clone().filter(|_| is_new);
        orders.extend(tone.filter(|order| *order != RingOrder::StopTone));
        orders
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RINGBACK: RingOrder = RingOrder::StartTone(CallTone::Ringback, None);

    #[test]
    fn the_last_stop_counts_however_many_orders_came_before_it() {
        let mut heard = Wanted::default();
        let mut wanted = heard.clone();
        for _ in 0..10_000 {
            wanted.set(RINGBACK);
            wanted.set(RingOrder::StopTone);
        }
        assert_eq!(wanted.since(&heard), [RingOrder::StopTone]);
        heard = wanted.clone();
        assert_eq!(wanted.since(&heard), []);
        wanted.set(RINGBACK);
        assert_eq!(wanted.since(&heard), [RingOrder::StopTone, RINGBACK]);
    }

    #[test]
    fn a_tone_is_silent_before_the_ring_and_the_ring_before_a_tone() {
        let ring = RingOrder::Start(RingTone::Ring, None, Vec::new());
        let heard = Wanted::default();
        let mut wanted = heard.clone();
        wanted.set(ring.clone());
        wanted.set(RingOrder::StopTone);
        assert_eq!(wanted.since(&heard), [RingOrder::StopTone, ring]);
        let heard = wanted.clone();
        wanted.set(RINGBACK);
        wanted.set(RingOrder::Stop);
        let orders = [RingOrder::StopTone, RingOrder::Stop, RINGBACK];
        assert_eq!(wanted.since(&heard), orders);
    }

    #[test]
    fn the_same_again_begins_anew() {
        let ended = RingOrder::StartTone(CallTone::Ended, None);
        let mut wanted = Wanted::default();
        wanted.set(ended.clone());
        let heard = wanted.clone();
        wanted.set(ended.clone());
        assert_eq!(wanted.since(&heard), [RingOrder::StopTone, ended]);
    }
}
