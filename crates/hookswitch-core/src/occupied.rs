//! Which calls take up the places of a limit: for the check whether there is room, and for whoever
//! met it.
//!
//! Input: a call that wants a place; a refusal, and who is told of it.
//! Output: a verdict; a list beside the refusal. Nothing is changed.
//!
//! # Promises
//!
//! - **OC1** an app sees its own calls; of those of others it learns how many there are. The user
//!   sees all of them.
//! - **OC3** who is listed is who was counted: both go through the same function. So nobody learns
//!   of a call that takes no place from theirs, such as an emergency call.

use hookswitch_model::{
    CallId, Limit, Occupant, Occupied, Phase, Places, Refusal, Rejection, Stamp,
};

use crate::Core;
use crate::cellular::is_cellular;
use crate::event::Requester;
use crate::forecast::Forecast;
use crate::plan::{limit_reached, limit_reached_of};
use crate::state::Call;

/// Whose ringing calls count against a limit.
#[derive(Clone, Copy, Debug)]
enum Ringing<'a> {
    /// Those of everybody, emergency calls apart.
    All,
    /// Those of the app of this call, emergency calls apart.
    Of(&'a Call),
    /// Emergency calls.
    Emergency,
}

impl Core {
    /// Whether one more call may ring (AR3, AR6).
    pub(crate) fn check_room(&self, call: &Call) -> Result<(), Rejection> {
        let most = self.limits.count(Limit::Ringing);
        let fits = |whose: Ringing<'_>, max: usize| {
            if self.ringing(whose).count() < max {
                return Ok(());
            }
            // One of them tells whose they are, where it is not everybody's.
            let one = self.ringing(whose).next().map(|other| other.id);
            let of = one.filter(|_| !matches!(whose, Ringing::All));
            Err(limit_reached_of(Limit::Ringing, max, of))
        };
        if call.emergency {
            return fits(Ringing::Emergency, most);
        }
        self.check_calls(0)?;
        if is_cellular(self.providers.get(&call.app)) {
            return fits(Ringing::All, most);
        }
        fits(Ringing::Of(call), most.saturating_sub(2).max(1))?;
        fits(Ringing::All, most.saturating_sub(1).max(1))
    }

    /// Whether there is room for one more call that is no emergency call, beside `new` ones.
    pub(crate) fn check_calls(&self, new: usize) -> Result<(), Rejection> {
        let max = self.limits.count(Limit::Calls);
        if self.ordinary().count() + new >= max {
            return Err(limit_reached(Limit::Calls, max));
        }
        Ok(())
    }

    /// The calls that count against the limit `calls`: an emergency call takes no place.
    fn ordinary(&self) -> impl Iterator<Item = &Call> {
        let waiting = self.arrivals.values().map(|arrival| &arrival.call);
        let all = self.calls.values().chain(waiting);
        all.filter(|call| !call.emergency)
    }

    /// The calls that count against the limit `ringing`. Those being answered may ring again, if
    /// their app dies and comes back.
    fn ringing<'a>(&'a self, whose: Ringing<'a>) -> impl Iterator<Item = &'a Call> {
        let waiting = self.arrivals.values().map(|arrival| &arrival.call);
        let ringing = self.calls.values().filter(|call| call.is_ringing());
        ringing.chain(waiting).filter(move |call| match whose {
            Ringing::All => !call.emergency,
            Ringing::Of(one) => !call.emergency && call.app == one.app,
            Ringing::Emergency => call.emergency,
        })
    }

    /// A refusal as it is told to whoever wished or reported: with the calls that take up the
    /// places, if calls do. To be asked in the step that refused.
    #[must_use]
    pub fn refusal(&self, why: Rejection, told: Requester) -> Refusal {
        let Rejection::LimitReached { limit, max, of } = why else {
            return why.into();
        };
        let Some(places) = Places::of(limit) else {
            return why.into();
        };
        let mut calls = self.taking_up(places, of);
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
            max,
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

    fn taking_up(&self, places: Places, of: Option<CallId>) -> Vec<&Call> {
        let arrival = |id: CallId| self.arrivals.get(&id).map(|arrival| &arrival.call);
        let one = of.and_then(|id| self.calls.get(&id).or_else(|| arrival(id)));
        match places {
            Places::Calls => self.ordinary().collect(),
            Places::Ringing => {
                let whose = match one {
                    None => Ringing::All,
                    Some(call) if call.emergency => Ringing::Emergency,
                    Some(call) => Ringing::Of(call),
                };
                self.ringing(whose).collect()
            }
            Places::Groups => {
                let forecast = Forecast::new(self, None);
                let live = self.calls.values();
                match one {
                    None => live.filter(|call| forecast.is_conversation(call)).collect(),
                    Some(one) => live
                        .filter(|call| forecast.is_groups_of(call, &one.app, one.is_open_ring()))
                        .collect(),
                }
            }
            Places::Group => {
                one.map_or_else(Vec::new, |one| Forecast::new(self, None).together(one))
            }
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
