//! Time as data.
//!
//! The core never reads a clock. A [`Stamp`] travels with every event: a point on the boot clock
//! (which counts suspended time, or a sleeping laptop would ring for ever) and the wall clock for
//! history and display.

use core::fmt;
use core::time::Duration;

/// Nanoseconds on the boot clock. It moves only when the shell passes a later one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The start of the line.
    pub const ZERO: Self = Self(0);

    /// Makes a timestamp from nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Makes a timestamp from milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds since the start of the line.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since the start of the line.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The point `span` later, at most the end of the line.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    /// The time from `earlier` to here, zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.as_millis();
        write!(f, "{}.{:03}s", millis / 1000, millis % 1000)
    }
}

/// Milliseconds since the Unix epoch, for history and display only.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Wall(i64);

impl Wall {
    /// Makes a wall time from milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }
}

/// When something happened, on both clocks.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Stamp {
    /// The boot clock: orders events and carries deadlines.
    pub at: Timestamp,
    /// The wall clock: shown to people, never compared.
    pub wall: Wall,
}

impl Stamp {
    /// Makes a stamp from both clocks.
    #[must_use]
    pub const fn new(at: Timestamp, wall: Wall) -> Self {
        Self { at, wall }
    }
}

/// What is known of the dates of one call besides its begin, in the order in which they come.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct CallDates {
    /// The invitation was sent.
    pub started: Option<Stamp>,
    /// The far end was reached.
    pub connecting: Option<Stamp>,
    /// Both sides could talk for the first time.
    pub connected: Option<Stamp>,
}

impl CallDates {
    /// The latest of them.
    #[must_use]
    pub fn latest(self) -> Option<Stamp> {
        self.connected.or(self.connecting).or(self.started)
    }
}
