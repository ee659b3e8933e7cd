//! Which calls take up the places of a limit, for whoever met it.
//!
//! Input: a refusal, and who is told of it.
//! Output: a list beside the refusal. Nothing is changed.
//!
//! # Promises
//!
//! - **OC1** an app sees its own calls; of those of others it learns how many there are. The user
//!   sees all of them.

use hookswitch_model::{CallId, Limit, Occupant, Occupied, Phase, Refusal, Rejection, Stamp};

use crate::Core;
use crate::event::Requester;
use crate::forecast::Forecast;
use crate::state::Call;

impl Core {
    /// A refusal as it is told to whoever wished or reported: with the calls that take up the
    /// places, if calls do. To be asked in the step that refused.
    #[must_use]
    pub fn refusal(&self, why: Rejection, told: Requester) -> Refusal {
        let Rejection::LimitReached { limit, of, .. } = why else {
            return why.into();
        };
        let mut calls = self.taking_up(limit, of);
        calls.sort_unstable_by_key(|call| call.order);
        let scope = self.scope(told).unwrap_or_default();
        let is_told = |call: &&&Call| match told {
            Requester::User => true,
            Requester::App(_) => Some(&call.app) == scope,
        };
        let own = calls.iter().filter(is_told);
        let own: Vec<Occupant> = own.map(|call| self.occupant(call, told)).collect();
        let occupied = Occupied {
            others: calls.len() - own.len(),
            calls: own,
        };
        Refusal {
            why,
            occupied: Some(occupied).filter(|places| !places.is_empty()),
        }
    }

    fn occupant(&self, call: &Call, told: Requester) -> Occupant {
        let since = since(call);
        Occupant {
            call: call.id,
            key: (told != Requester::User).then(|| call.key.clone()),
            phase: call.phase.kind(),
            span: self.now.at.since(since.at),
            orphaned: call.is_orphan(),
        }
    }

    fn taking_up(&self, limit: Limit, of: Option<CallId>) -> Vec<&Call> {
        let one = of.and_then(|id| self.calls.get(&id));
        let shares = |call: &&Call| one.is_none_or(|one| one.app == call.app);
        let live = self.calls.values();
        if limit == Limit::Calls {
            live.filter(|call| !call.emergency).collect()
        } else if limit == Limit::Ringing {
            let arriving = self.arrivals.values().map(|arrival| &arrival.call);
            let ringing = live.filter(|call| call.is_ringing()).chain(arriving);
            ringing.filter(shares).collect()
        } else if limit == Limit::Groups {
            let forecast = Forecast::new(self, None);
            // Where it is the limit of one app, those that it may want to answer count too.
            let taken = |call: &&Call| {
                forecast.is_conversation(call) || (of.is_some() && call.is_open_ring())
            };
            live.filter(shares).filter(taken).collect()
        } else if limit == Limit::CallsPerGroup {
            let mate = |call: &&Call| {
                one.is_some_and(|one| {
                    call.id == one.id || (one.group.is_some() && call.group == one.group)
                })
            };
            live.filter(mate).collect()
        } else if limit == Limit::AsksPerCall {
            one.into_iter().collect()
        } else {
            Vec::new()
        }
    }
}

/// Since when the call is where it is in its life.
fn since(call: &Call) -> Stamp {
    match call.phase {
        Phase::Ringing { since, .. } | Phase::Dialing { since, .. } | Phase::Active { since } => {
            since
        }
        Phase::Held(hold) => hold.since,
        Phase::Ending { .. } => call.began,
    }
}
