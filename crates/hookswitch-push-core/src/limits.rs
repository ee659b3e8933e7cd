//! Every number of the push system, in one table.
//!
//! Operators set them by these names; `docs/push.md` explains them. Durations are in
//! milliseconds.

use hookswitch_model::Limit;

/// The values in force.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// W: how long a push with expiration 0, or a date in the past, may take in all.
    pub window_ms: u64,
    /// How long a push without an expiration is kept, and the most that any date gives.
    pub life_ms: u64,
    /// How often a device speaks on an idle link.
    pub beat_ms: u64,
    /// After this much silence a link counts as dead.
    pub silence_ms: u64,
    /// How long the engine may take before the sender is told to come again.
    pub engine_ms: u64,
    /// The largest step of the wall clock that is followed.
    pub step_ms: u64,
    /// Pushes that may wait for one device in the gateway's memory.
    pub pending: usize,
    /// Pushes that a device holds for apps that are not up yet.
    pub held: usize,
    /// Ids that a device remembers against duplicates.
    pub seen: usize,
    /// How long an id is remembered after the push expired.
    pub seen_ms: u64,
    /// How old a call push may be and still ring.
    pub ring_ms: u64,
    /// How long an app may take to start before it is started again.
    pub launch_ms: u64,
    /// How long an app may take from the callback to its report of a call.
    pub report_ms: u64,
    /// Strikes that stop launches.
    pub strikes: usize,
    /// How long a strike counts, and how long launches stay stopped.
    pub strike_ms: u64,
    /// Records that are kept for each app.
    pub records: usize,
    /// Whether payloads are sent ahead when the device has proved its clock by a heartbeat.
    pub ahead: bool,
}

impl Limits {
    /// The values that hold when nobody configures any.
    pub const DEFAULT: Self = Self {
        window_ms: 5_000,
        life_ms: 30 * 24 * 3_600_000,
        beat_ms: 60_000,
        silence_ms: 90_000,
        engine_ms: 2_000,
        step_ms: 500,
        pending: 64,
        held: 64,
        seen: 1_024,
        seen_ms: 60_000,
        ring_ms: 30_000,
        launch_ms: 10_000,
        report_ms: 5_000,
        strikes: 5,
        strike_ms: 24 * 3_600_000,
        records: 64,
        ahead: true,
    };

    /// What a table of the call system's limits says of pushes; the rest is as by default.
    #[must_use]
    pub fn of(limits: &hookswitch_model::Limits) -> Self {
        let ms = |limit| u64::try_from(limits.time(limit).as_millis()).unwrap_or(u64::MAX);
        Self {
            launch_ms: ms(Limit::Launch),
            ring_ms: ms(Limit::PushRing),
            report_ms: ms(Limit::PushReport),
            strikes: limits.count(Limit::PushStrikes),
            strike_ms: ms(Limit::PushStrikeSpan),
            ..Self::DEFAULT
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
