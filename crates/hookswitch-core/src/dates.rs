//! When a call began, connected and ended, as its app says.
//!
//! An app may know better than the moment of its report: the invitation went out before the word of
//! it came back. `None` means now (CallKit: `fulfill(withDateStarted:)`, `…Connected:`, `…Ended:`,
//! `reportOutgoingCall`, `reportCall(with:endedAt:reason:)`; nil is now).
//!
//! # Promises
//!
//! - **D1** the dates of a call never go back: begun, started, connecting, connected, ended.
//! - **D2** no date lies in the future.
//! - **D3** the first word about a date stands.
//!
//! # Not here
//!
//! Deadlines: they live on the boot clock and know no dates of apps.

use core::time::Duration;

use hookswitch_model::{Stamp, Wall};

use crate::state::Call;

impl Call {
    /// The date of what happens to the call next: what the app says, within D1 and D2.
    pub(crate) fn date(&self, now: Stamp, said: Option<Wall>) -> Stamp {
        let before = self.dates.latest().unwrap_or(self.began);
        within(before, now, said)
    }

    /// When it came, or when its invitation was sent.
    pub(crate) fn rang_from(&self) -> Stamp {
        self.dates.started.unwrap_or(self.began)
    }
}

/// The date that is said, but neither before `after` nor in the future, on both clocks. The wall
/// clock may have been set back since `after`.
fn within(after: Stamp, now: Stamp, said: Option<Wall>) -> Stamp {
    let Some(said) = said else {
        return now;
    };
    let wall = said.max(after.wall).min(now.wall);
    let ago = now.wall.as_millis().saturating_sub(wall.as_millis());
    let ago = Duration::from_millis(u64::try_from(ago).unwrap_or_default());
    let lasted = now.at.since(after.at);
    Stamp::new(after.at.after(lasted.saturating_sub(ago)), wall)
}

#[cfg(test)]
mod tests {
    use hookswitch_model::Timestamp;

    use super::*;

    fn stamp(at: u64, wall: i64) -> Stamp {
        Stamp::new(Timestamp::from_millis(at), Wall::from_millis(wall))
    }

    #[test]
    fn a_date_lies_between_the_one_before_and_now_on_both_clocks() {
        // The date before is 1 s, now is 5 s; the wall clock is 100 s ahead.
        let cases = [
            (None, 5_000),
            (Some(103_000), 3_000),
            (Some(100_500), 1_000),
            (Some(i64::MIN), 1_000),
            (Some(105_001), 5_000),
            (Some(i64::MAX), 5_000),
        ];
        for (said, want) in cases {
            let said_wall = said.map(Wall::from_millis);
            let date = within(stamp(1_000, 101_000), stamp(5_000, 105_000), said_wall);
            assert_eq!(date, stamp(want, 100_000 + want as i64), "{said:?}");
        }
    }

    #[test]
    fn a_wall_clock_that_was_set_back_puts_nothing_in_the_future() {
        let said = Some(Wall::from_millis(2_500));
        let date = within(stamp(1_000, 9_000), stamp(3_000, 3_000), said);
        assert_eq!(date, stamp(3_000, 3_000));
    }
}
