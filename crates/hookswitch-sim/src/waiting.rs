//! Reports of incoming calls whose replies wait for a verdict, as the laws see them (L3, L8).

use core::time::Duration;
use std::collections::BTreeMap;

use hookswitch_core::{Effect, Event, Report};
use hookswitch_model::{CallId, RequestId, Timestamp};

use crate::laws::Step;

/// The longest wait, whatever the limits say.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// The reports that wait, by call, with the time of the first.
#[derive(Debug, Default)]
pub(crate) struct Waiting(BTreeMap<CallId, (Timestamp, Vec<RequestId>)>);

impl Waiting {
    /// The replies that this step owes to earlier reports, in the order of their calls.
    pub(crate) fn due(&mut self, step: &Step<'_>) -> Vec<RequestId> {
        let waits = |call: &CallId| step.after.awaiting_verdict.contains(call);
        let over: Vec<CallId> = self.0.keys().copied().filter(|call| !waits(call)).collect();
        let over = over.iter().filter_map(|call| self.0.remove(call));
        over.flat_map(|(_, requests)| requests).collect()
    }

    /// Whether the report of this step has its reply later.
    pub(crate) fn begins(&mut self, step: &Step<'_>) -> bool {
        let Event::Report {
            request,
            report: Report::Incoming { call, .. },
            ..
        } = step.event
        else {
            return false;
        };
        // In profile `callkit` a call that is reported twice is refused at once.
        let replies =
            |effect: &Effect| matches!(effect, Effect::Reply { request: id, .. } if id == request);
        let refused = step.effects.iter().any(replies);
        let waits = step.after.awaiting_verdict.contains(call) && !refused;
        if waits {
            let entry = self.0.entry(*call);
            entry.or_insert((step.at, Vec::new())).1.push(*request);
        }
        waits
    }

    /// A call that waits longer than anything may.
    pub(crate) fn overdue(&self, now: Timestamp) -> Option<CallId> {
        let late = |since: Timestamp| now.since(since) > WAIT_MAX;
        let found = self.0.iter().find(|(_, (since, _))| late(*since));
        found.map(|(call, _)| *call)
    }
}
