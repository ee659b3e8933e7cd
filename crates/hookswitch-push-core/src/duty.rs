//! What an app owes after a call push: a call, within a time.
//!
//! Each push that came with the duty to report must be followed by one report. What is not
//! reported in time, or not before the process ends, is a strike. Five strikes within a day stop
//! launches, until the user opens the app, somebody unblocks it, or a day has passed. A running
//! app keeps getting its pushes.

use std::collections::VecDeque;

use crate::limits::Limits;
use crate::push::PushId;
use crate::time::Boot;

/// The duty and the strikes of one app.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Duty {
    owed: VecDeque<(PushId, Boot)>,
    strikes: VecDeque<Boot>,
    stopped_until: Option<Boot>,
}

impl Duty {
    /// A push with the duty to report begins.
    pub fn owe(&mut self, id: PushId, now: Boot, limits: &Limits) {
        self.owed.push_back((id, now.plus(limits.report_ms)));
    }

    /// The app reported a call; do-not-disturb and refusals count, too.
    pub fn reported(&mut self) {
        self.owed.pop_front();
    }

    /// The callback did not begin: there is nothing to report.
    pub fn excused(&mut self, id: PushId) {
        self.owed.retain(|(owed, _)| *owed != id);
    }

    /// The strikes of what was not reported in time.
    pub fn overdue(&mut self, now: Boot, limits: &Limits) -> Vec<PushId> {
        let mut struck = Vec::new();
        while let Some((id, _)) = self.owed.front().filter(|(_, until)| *until <= now) {
            struck.push(*id);
            self.owed.pop_front();
        }
        self.strike(struck.len(), now, limits);
        struck
    }

    /// The strikes of a process that ended with debts.
    pub fn gone(&mut self, now: Boot, limits: &Limits) -> Vec<PushId> {
        let struck: Vec<_> = self.owed.drain(..).map(|(id, _)| id).collect();
        self.strike(struck.len(), now, limits);
        struck
    }

    /// The user opened the app, or unblocked it.
    pub fn release(&mut self) {
        self.strikes.clear();
        self.stopped_until = None;
    }

    /// Until when the app is not launched for call pushes.
    #[must_use]
    pub fn stopped_until(&self, now: Boot) -> Option<Boot> {
        self.stopped_until.filter(|until| now < *until)
    }

    /// How many strikes count.
    #[must_use]
    pub fn strikes(&self, now: Boot, limits: &Limits) -> usize {
        let counts = |at: &&Boot| now.since(**at) < limits.strike_ms;
        self.strikes.iter().filter(counts).count()
    }

    /// When something is overdue.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Boot> {
        self.owed.front().map(|(_, until)| *until)
    }

    /// The age of each strike and the rest of a stop, to be kept across a restart.
    #[must_use]
    pub fn saved(&self, now: Boot) -> (Vec<u64>, Option<u64>) {
        let ages = self.strikes.iter().map(|at| now.since(*at)).collect();
        let rest = self.stopped_until(now).map(|until| until.since(now));
        (ages, rest)
    }

    /// Puts back what [`Duty::saved`] gave, so long after it was saved.
    pub fn restore(&mut self, (ages, rest): (Vec<u64>, Option<u64>), ago_ms: u64, now: Boot) {
        let at = |age: u64| Boot(now.0.saturating_sub(age.saturating_add(ago_ms)));
        self.strikes = ages.into_iter().map(at).collect();
        self.stopped_until = rest.map(|rest| now.plus(rest.saturating_sub(ago_ms)));
    }

    fn strike(&mut self, count: usize, now: Boot, limits: &Limits) {
        for _ in 0..count {
            self.strikes.push_back(now);
        }
        while self.strikes.len() > limits.strikes {
            self.strikes.pop_front();
        }
        if count > 0 && self.strikes(now, limits) >= limits.strikes {
            self.stopped_until = Some(now.plus(limits.strike_ms));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits::DEFAULT;
    const DAY: u64 = 24 * 3_600_000;

    #[test]
    fn five_strikes_within_a_day_stop_launches_for_a_day() {
        let mut duty = Duty::default();
        for n in 0..5 {
            assert_eq!(duty.stopped_until(Boot(n * 10_000)), None);
            duty.owe(PushId([1; 16]), Boot(n * 10_000), &LIMITS);
            let struck = duty.overdue(Boot(n * 10_000 + 5_000), &LIMITS);
            assert_eq!(struck.len(), 1);
        }
        assert_eq!(duty.stopped_until(Boot(46_000)), Some(Boot(45_000 + DAY)));
        assert_eq!(duty.stopped_until(Boot(45_000 + DAY)), None);
        duty.release();
        assert_eq!(duty.stopped_until(Boot(46_000)), None);
    }

    #[test]
    fn a_report_in_time_is_no_strike_and_old_strikes_do_not_count() {
        let mut duty = Duty::default();
        duty.owe(PushId([1; 16]), Boot(0), &LIMITS);
        duty.reported();
        assert_eq!(duty.overdue(Boot(9_000), &LIMITS), []);
        for n in 0..10 {
            duty.owe(PushId([2; 16]), Boot(n * DAY / 4), &LIMITS);
            duty.gone(Boot(n * DAY / 4), &LIMITS);
        }
        assert_eq!(duty.strikes(Boot(9 * DAY / 4), &LIMITS), 4);
        assert_eq!(duty.stopped_until(Boot(9 * DAY / 4)), None);
    }

    #[test]
    fn strikes_survive_a_restart_with_their_age() {
        let mut duty = Duty::default();
        for _ in 0..5 {
            duty.owe(PushId([1; 16]), Boot(1_000), &LIMITS);
        }
        duty.gone(Boot(2_000), &LIMITS);
        let mut again = Duty::default();
        again.restore(duty.saved(Boot(3_000)), 10_000, Boot(500_000_000));
        let until = again.stopped_until(Boot(500_000_000));
        assert_eq!(until, Some(Boot(500_000_000 + DAY - 11_000)));
    }
}
