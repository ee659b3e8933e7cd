//! The laws of the recents: one record per ended call, none for a live one, none that changes but
//! by news from another device (AM), and nothing decided forgotten over a restart (RE2).

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{Effect, Event, Report};
use hookswitch_model::{
    AppId, CallId, ClientId, Direction, EndReason, Limit, Origin, RecentsEntry, Timestamp,
};

use super::{Laws, Step};

/// What was recorded.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub(super) calls: BTreeSet<CallId>,
    /// Those that nobody took, and when they ended.
    open: BTreeMap<(CallId, AppId), Timestamp>,
}

impl Recorded {
    /// An id is used for a new call.
    pub(super) fn forget(&mut self, call: CallId, app: &AppId) {
        self.calls.remove(&call);
        self.open.remove(&(call, app.clone()));
    }

    fn take(&mut self, entry: &RecentsEntry) {
        let by_user = matches!(
            entry.end.origin,
            Origin::User | Origin::CallWaiting | Origin::OtherDevice
        );
        let blocked = entry.end.reason == EndReason::Filtered && entry.missed_reasons.is_block();
        let taken = entry.connected_ms.is_some() || by_user || blocked;
        if entry.direction == Direction::Incoming && !taken {
            let whose = (entry.call, entry.app.clone());
            self.open.insert(whose, entry.end.at.at);
        }
    }
}

/// The call that this step says was taken on another device, by an app that is registered.
fn news(step: &Step<'_>) -> Option<(ClientId, CallId, EndReason)> {
    let Event::Report { client, report, .. } = step.event else {
        return None;
    };
    let Report::Ended { call, reason, .. } = report else {
        return None;
    };
    let elsewhere = matches!(
        reason,
        EndReason::AnsweredElsewhere | EndReason::DeclinedElsewhere | EndReason::BusyElsewhere
    );
    elsewhere.then_some((*client, *call, *reason))
}

/// Whether what this step is about was accepted with this.
fn is_own_reply(step: &Step<'_>, effect: &Effect) -> bool {
    let Event::Report { request, .. } = step.event else {
        return false;
    };
    matches!(effect, Effect::Reply { request: of, result: Ok(_) } if of == request)
}

impl Laws {
    /// Checks one step.
    pub(super) fn records(&mut self, step: &Step<'_>) {
        let mut due = None;
        for effect in step.effects {
            if let Effect::Record(entry) = effect {
                self.record(step, entry);
            } else if is_own_reply(step, effect) {
                // What expired in this very step was recorded before the news is heard; what the
                // news itself ends is recorded after.
                due = self.amendment_due(step);
            }
        }
        let mut amended = Vec::new();
        for effect in step.effects {
            if let Effect::Amend(amendment) = effect {
                amended.push((amendment.call, amendment.reason));
                let whose = (amendment.call, amendment.app.clone());
                self.recorded.open.remove(&whose);
            }
        }
        if amended != Vec::from_iter(due) {
            let text = format!("amended {amended:?} where {due:?} was due");
            self.report("AM", text);
        }
    }

    fn amendment_due(&self, step: &Step<'_>) -> Option<(CallId, EndReason)> {
        let (client, call, reason) = news(step)?;
        let app = self.letters.app_of(client)?;
        let ended = self.recorded.open.get(&(call, app.clone()))?;
        let in_time = step.at.since(*ended) <= self.limits.time(Limit::Amend);
        in_time.then_some((call, reason))
    }

    fn record(&mut self, step: &Step<'_>, entry: &RecentsEntry) {
        if entry.connected_ms.is_some() && !super::ends_talk(entry.end.reason) {
            let text = format!("{} was talked on and ended as", entry.call);
            self.report("records", format!("{text} {}", entry.end.reason.name()));
        }
        let end = (entry.app.clone(), step.at);
        self.ended_at.insert(entry.call, end);
        if !self.recorded.calls.insert(entry.call) {
            self.report("records", format!("{} was recorded twice", entry.call));
        }
        self.recorded.take(entry);
        let decided = self.ending.remove(&entry.call);
        // News from another device is news, whatever was being done.
        let is_news =
            decided == Some(EndReason::Unanswered) && entry.end.origin == Origin::OtherDevice;
        if decided.is_some_and(|reason| reason != entry.end.reason) && !is_news {
            let text = format!(
                "{} ended {}, decided was {decided:?}",
                entry.call,
                entry.end.reason.name()
            );
            self.report("RE2", text);
        }
        if step.after.live().any(|call| call.id == entry.call) {
            self.report("records", format!("{} is recorded and live", entry.call));
        }
    }
}
