//! The law of sleep (SL1): whoever slept with the machine has the rest of its time afterwards.

use hookswitch_core::{Effect, Environment, Event};

use super::{Laws, Step};

impl Laws {
    /// SL1.
    pub(super) fn sleep(&mut self, step: &Step<'_>) {
        if let Event::Environment(Environment::Slept(span)) = step.event {
            for ask in self.open.values_mut() {
                ask.by = ask.by.after(*span);
            }
            self.sleep_audio(*span);
            for call in step.before.live() {
                let Some(until) = call.orphaned_until else {
                    continue;
                };
                let after = step.after.calls.iter().find(|after| after.id == call.id);
                let kept = after.and_then(|after| after.orphaned_until);
                // One that is asked about the call is there; one that is started has longer.
                if kept.is_some_and(|kept| kept < until.after(*span)) {
                    let text = format!("{} waits for its app until {kept:?}", call.id);
                    self.report("SL1", text);
                }
            }
        }
        for effect in step.effects {
            if let Effect::AskExpired { ask, .. } = effect
                && self.open.get(ask).is_some_and(|open| open.by > step.at)
            {
                self.report("SL1", format!("{ask} expired before its time"));
            }
        }
        let waits = |id| {
            step.before
                .live()
                .find(|call| call.id == id)?
                .orphaned_until
        };
        for effect in step.effects {
            if let Effect::Record(entry) = effect
                && entry.end.reason == hookswitch_model::EndReason::AppCrashed
                && waits(entry.call).is_some_and(|until| until > step.at)
            {
                let text = format!("{} was given up before its time", entry.call);
                self.report("SL1", text);
            }
        }
    }
}
