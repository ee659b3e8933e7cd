//! The laws that can be checked on the state after each event.
//!
//! In tests and in the simulator a broken law panics. In a release build the call concerned is
//! ended, an anomaly says which law was broken, and the other calls go on.

use hookswitch_model::{CallId, EndReason, Limit, Origin, Phase};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::AnomalyKind;
use crate::state::Call;

/// A broken law.
#[derive(Clone, Copy, Debug)]
struct Broken {
    law: &'static str,
    call: CallId,
}

impl Core {
    pub(crate) fn enforce_invariants(&mut self) {
        let Some(broken) = self.find_broken() else {
            return;
        };
        if cfg!(debug_assertions) {
            panic!("{broken:?} in {self:?}");
        }
        let app = self.calls.get(&broken.call).map(|call| call.app.clone());
        self.anomaly(AnomalyKind::LawBroken(broken.law), app, Some(broken.call));
        self.finish_and_tell(broken.call, EndReason::Failed, Origin::System);
        self.reconcile();
        self.reconcile_tone();
    }

    fn find_broken(&self) -> Option<Broken> {
        self.calls
            .values()
            .find_map(|call| self.broken_wait(call))
            .or_else(|| self.broken_line())
            .or_else(|| self.broken_lease())
            .or_else(|| self.broken_group())
            .or_else(|| self.broken_joining())
            .or_else(|| self.broken_count())
            .or_else(|| {
                let broken = self.broken_tone();
                broken.map(|(law, call)| Broken { law, call })
            })
    }

    /// L8: what waits has a deadline.
    fn broken_wait(&self, call: &Call) -> Option<Broken> {
        let asked = !call.asks.is_empty();
        let waits = match call.phase {
            Phase::Ringing { .. } if call.is_open_ring() && !call.is_orphan() => {
                self.deadlines.is_set(Wait::Ring(call.id))
            }
            Phase::Held(_) if call.is_at_voicemail() && !call.answering => {
                self.deadlines.is_set(Wait::Voicemail(call.id))
            }
            Phase::Ending { .. } => asked || call.is_orphan(),
            Phase::Ringing { .. }
            | Phase::Dialing { .. }
            | Phase::Active { .. }
            | Phase::Held(_) => true,
        };
        let asks_wait = call.asks.iter().all(|ask| {
            self.asks.get(ask).is_some_and(|ask| ask.call == call.id)
                && self.deadlines.is_set(Wait::Ask(*ask))
        });
        let law = match (waits, asks_wait) {
            (false, _) => "L8: a phase that waits has a deadline",
            (_, false) => "L4: an open ask has a deadline",
            (true, true) => return None,
        };
        Some(Broken { law, call: call.id })
    }

    /// L7: one group at most is active on our side.
    fn broken_line(&self) -> Option<Broken> {
        let mut active = self
            .calls
            .values()
            .filter(|call| call.is_active() && !call.is_orphan());
        let party = active.next()?.party();
        let other = active.find(|call| call.party() != party);
        other.map(|call| Broken {
            law: "L7: one active group",
            call: call.id,
        })
    }

    /// L8: a merge under way waits for its app, to settle it or to come back to its calls.
    fn broken_joining(&self) -> Option<Broken> {
        let stuck = self.calls.values().find(|call| {
            let group = call.joining.map(|joining| joining.group);
            group.is_some_and(|group| !self.is_asked_to_join(group) && !self.joins_later(group))
        });
        stuck.map(|call| Broken {
            law: "L8: a merge under way was asked for",
            call: call.id,
        })
    }

    /// G3: a group has two members at least, all of one app, and no more than fit.
    fn broken_group(&self) -> Option<Broken> {
        self.calls.values().find_map(|call| {
            let members = self.in_group(call.group?);
            let same_app = |id: &CallId| self.calls.get(id).is_some_and(|c| c.app == call.app);
            let fits = 2..=self.limits.count(Limit::CallsPerGroup);
            let whole = fits.contains(&members.len()) && members.iter().all(same_app);
            (!whole).then_some(Broken {
                law: "G3: a group is two calls of one app or more",
                call: call.id,
            })
        })
    }

    /// A1, A2: the lease belongs to the call on the line.
    fn broken_lease(&self) -> Option<Broken> {
        let lease = self.lease.as_ref()?;
        let on_line = self.calls.get(&lease.call).is_some_and(Call::is_on_line);
        let law = match (on_line, self.grants.is_waiting()) {
            (false, _) => "A2: the lease follows the line",
            (true, true) => "A1: nobody waits while somebody has the lease",
            (true, false) => return None,
        };
        let call = lease.call;
        Some(Broken { law, call })
    }

    /// L7: no limit is exceeded.
    fn broken_count(&self) -> Option<Broken> {
        let newest = self.calls.values().max_by_key(|call| call.order)?;
        let ordinary = self.calls.values().filter(|call| !call.emergency);
        let too_many = ordinary.count() > self.limits.count(Limit::Calls);
        too_many.then_some(Broken {
            law: "L7: live calls",
            call: newest.id,
        })
    }
}
