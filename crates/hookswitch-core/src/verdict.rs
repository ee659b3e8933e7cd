//! Waiting for what screeners say about an incoming call, before anybody hears it.
//!
//! Input: the screeners that are there, their verdicts, time. Output: the call rings or is refused.
//! While it waits, a call is nobody's but its app's: it is on no screen, takes no line and no
//! lease, and no request can name it.
//!
//! # Promises
//!
//! - **VE1** nobody waits longer than the limit `verdict`, a second at most; then the call rings.
//! - **VE2** verdicts that came in time count, though others are missing: one block refuses the
//!   call at once, one silence keeps it from being heard.
//! - **VE3** a block that comes late still ends the ringing, silently.
//! - **VE4** the report is answered once, when the wait is over.

use core::time::Duration;
use std::collections::BTreeSet;

use hookswitch_model::{
    CallId, CallUpdate, ClientId, EndReason, Limit, MissedReasons, Origin, Rejection, RequestId,
    Screener, Timestamp, Verdict, Wall,
};

use crate::Core;
use crate::cellular::is_cellular;
use crate::deadline::Wait;
use crate::effect::Effect;
use crate::plan::Step;
use crate::policy::Refusal;
use crate::report::{apply, from_facts, origin_of};
use crate::state::Call;

/// The longest wait, whatever the limit says.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// An incoming call that was reported and is not shown yet.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) client: ClientId,
    /// The reports that wait for their replies, oldest first.
    pub(crate) requests: Vec<RequestId>,
    pub(crate) call: Call,
    pub(crate) ring_for: Duration,
    /// When the caller has given up.
    pub(crate) ring_until: Option<Timestamp>,
    /// Who has not said a verdict.
    pub(crate) open: BTreeSet<Screener>,
}

impl Core {
    /// Whether a report has its reply later.
    #[must_use]
    pub fn awaits_verdicts(&self) -> bool {
        !self.arrivals.is_empty()
    }

    /// A new incoming call: refused, ringing, or waiting for verdicts.
    pub(crate) fn begin_arrival(&mut self, arrival: Arrival) {
        if let Err(refusal) = self.check_blocks(&arrival.call) {
            return self.refuse(arrival, refusal);
        }
        if arrival.open.is_empty() || arrival.call.emergency {
            return self.arrive(arrival);
        }
        if let Err(full) = self.check_room(&arrival.call) {
            return self.refuse(arrival, Refusal::busy(full));
        }
        let id = arrival.call.id;
        let wait = self.limits.time(Limit::Verdict).min(WAIT_MAX);
        let by = self
            .deadlines
            .set(Wait::Verdict(id), self.now.at.after(wait));
        for screener in &arrival.open {
            self.out.push(Effect::Screen {
                screener: screener.clone(),
                call: id,
                app: arrival.call.app.clone(),
                handle: arrival.call.handle.clone(),
                by,
            });
        }
        self.dirty = true;
        self.arrivals.insert(id, arrival);
    }

    /// The same call is reported again while it waits.
    pub(crate) fn join_arrival(&mut self, id: CallId, request: RequestId) {
        if let Some(arrival) = self.arrivals.get_mut(&id) {
            arrival.requests.push(request);
        }
    }

    pub(crate) fn on_verdict(&mut self, id: CallId, screener: &Screener, verdict: Verdict) {
        let Some(arrival) = self.arrivals.get_mut(&id) else {
            return self.late_verdict(id, screener, verdict);
        };
        if !arrival.open.remove(screener) {
            return;
        }
        match verdict {
            Verdict::Ring => {}
            Verdict::Silence => silence(&mut arrival.call),
            Verdict::Block => {
                if let Some(arrival) = self.take_arrival(id) {
                    self.refuse(arrival, Refusal::screened());
                }
                return;
            }
        }
        if arrival.open.is_empty()
            && let Some(arrival) = self.take_arrival(id)
        {
            self.arrive(arrival);
        }
    }

    /// The call rings already.
    fn late_verdict(&mut self, id: CallId, screener: &Screener, verdict: Verdict) {
        if !self.screeners.contains(screener) {
            return;
        }
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.is_open_ring()) else {
            return;
        };
        match verdict {
            Verdict::Ring => {}
            Verdict::Silence => {
                silence(call);
                self.dirty = true;
            }
            Verdict::Block => {
                self.block_late(id, MissedReasons::SCREENED);
            }
        }
    }

    /// A call that rings already is blocked after all.
    pub(crate) fn block_late(&mut self, id: CallId, why: MissedReasons) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.notes = call.notes.with(why).with(MissedReasons::BLOCKED_LATE);
            let step = Step::End {
                call: id,
                origin: Origin::System,
                reason: EndReason::Filtered,
            };
            self.begin_internal(id, step);
        }
    }

    /// The time for verdicts is over: the call rings with those that came.
    pub(crate) fn on_verdict_limit(&mut self, id: CallId) {
        if let Some(mut arrival) = self.take_arrival(id) {
            let notes = &mut arrival.call.notes;
            *notes = notes.with(MissedReasons::VERDICT_TIMEOUT);
            self.arrive(arrival);
        }
    }

    /// Nobody waits for a screener that is not there any more.
    pub(crate) fn on_screeners(&mut self, screeners: BTreeSet<Screener>) {
        for arrival in self.arrivals.values_mut() {
            arrival.open.retain(|open| screeners.contains(open));
        }
        self.screeners = screeners;
        let is_done = |(id, arrival): (&CallId, &Arrival)| arrival.open.is_empty().then_some(*id);
        let done: Vec<CallId> = self.arrivals.iter().filter_map(is_done).collect();
        for id in done {
            if let Some(arrival) = self.take_arrival(id) {
                self.arrive(arrival);
            }
        }
    }

    pub(crate) fn take_arrival(&mut self, id: CallId) -> Option<Arrival> {
        self.deadlines.clear(Wait::Verdict(id));
        let arrival = self.arrivals.remove(&id)?;
        self.dirty = true;
        Some(arrival)
    }

    /// More is known about a call that waits. Says whether there is one of this app.
    pub(crate) fn update_arrival(
        &mut self,
        client: ClientId,
        id: CallId,
        update: &CallUpdate,
    ) -> bool {
        let Some(arrival) = self.arrivals.get_mut(&id) else {
            return false;
        };
        let is_own = arrival.client == client;
        if is_own {
            let cellular = is_cellular(self.providers.get(&arrival.call.app));
            apply(&mut arrival.call, update, cellular);
        }
        is_own
    }

    /// The caller gave up while the call waited. Says whether there was one of this app.
    pub(crate) fn end_arrival(
        &mut self,
        client: ClientId,
        id: CallId,
        reason: EndReason,
        at: Option<Wall>,
    ) -> bool {
        let is_own = |arrival: &Arrival| arrival.client == client;
        if !self.arrivals.get(&id).is_some_and(is_own) {
            return false;
        }
        if let Some(arrival) = self.take_arrival(id) {
            let reason = from_facts(reason, &arrival.call);
            let ended = Err(Rejection::AlreadyEnded { call: id, reason });
            self.reply_all(&arrival.requests, ended.clone(), ended);
            let end = arrival.call.date(self.now, at);
            self.turn_away_at(&arrival.call, reason, origin_of(reason), end);
        }
        true
    }

    /// A call is talked on before the verdicts are there: it does not wait for them. Says whether
    /// there was one of this app.
    pub(crate) fn ring_at_once(&mut self, client: ClientId, id: CallId) -> bool {
        let is_own =
            |arrival: &Arrival| arrival.client == client && self.takes_facts(&arrival.call);
        if !self.arrivals.get(&id).is_some_and(is_own) {
            return false;
        }
        if let Some(arrival) = self.take_arrival(id) {
            self.let_ring(arrival);
        }
        true
    }

    /// An app is gone before its calls were shown: it reports them again if it still has them.
    pub(crate) fn drop_arrivals(&mut self, client: ClientId) {
        let is_own = |(id, arrival): (&CallId, &Arrival)| (arrival.client == client).then_some(*id);
        let own: Vec<CallId> = self.arrivals.iter().filter_map(is_own).collect();
        for id in own {
            if let Some(arrival) = self.take_arrival(id) {
                let gone = Err(Rejection::UnknownProvider);
                self.reply_all(&arrival.requests, gone.clone(), gone);
            }
        }
    }
}

fn silence(call: &mut Call) {
    call.silenced = true;
    call.notes = call.notes.with(MissedReasons::SCREENED_SILENT);
}
