//! The law of dates (O8): when a call started, connected and ended never goes back and never lies
//! in the future, whatever its app says.

use hookswitch_core::Effect;
use hookswitch_model::{CallSnapshot, RecentsEntry, Wall};

use super::{Laws, Step};

impl Laws {
    /// O8. The wall clock may jump between two dates: a date is compared with the time at which it
    /// came, and how long things lasted with the boot clock.
    pub(super) fn dates(&mut self, step: &Step<'_>) {
        let now = step.after.at.wall;
        for call in step.after.live() {
            let before = step.before.live().find(|before| before.id == call.id);
            let before = before.map(dates).unwrap_or_default();
            let is_future =
                |(old, new): (Option<Wall>, Option<Wall>)| old != new && new > Some(now);
            if before.into_iter().zip(dates(call)).any(is_future) {
                self.report("O8", format!("{} has a date in the future", call.id));
            }
        }
        for effect in step.effects {
            if let Effect::Record(entry) = effect {
                self.dates_of_record(step, entry);
            }
        }
    }

    fn dates_of_record(&mut self, step: &Step<'_>, entry: &RecentsEntry) {
        let end = entry.end.at;
        if end.at > step.at {
            self.report("O8", format!("{} ended in the future", entry.call));
        }
        let Some(call) = step.before.live().find(|call| call.id == entry.call) else {
            return;
        };
        if end.at < call.began.at {
            self.report("O8", format!("{} ended before it began", entry.call));
        }
        let lasted = entry.alerted_ms + entry.connected_ms.unwrap_or(0);
        if u128::from(lasted) > end.at.since(call.began.at).as_millis() {
            let text = format!("{} lasted longer than it was there", entry.call);
            self.report("O8", text);
        }
    }
}

fn dates(call: &CallSnapshot) -> [Option<Wall>; 3] {
    [call.started_at, call.connecting_at, call.connected_at]
}
