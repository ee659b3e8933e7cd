//! Time as the two machines know it.
//!
//! [`Boot`] is the clock that counts since a machine started and also counts while it is
//! suspended (`CLOCK_BOOTTIME`); all processes of one machine share it and nobody can set it.
//! [`Utc`] is wall time and may be wrong by hours. [`Wall`] is the gateway's guard against that.

/// Milliseconds since the machine started, suspend included.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Boot(pub u64);

impl Boot {
    /// The instant so many milliseconds later.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; zero when it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Milliseconds since 1970 by a wall clock.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Utc(pub u64);

impl Utc {
    /// The instant so many milliseconds later.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; zero when it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Both clocks of the gateway, read one after the other for one event.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stamp {
    /// The boot clock.
    pub boot: Boot,
    /// The wall clock, as the machine shows it.
    pub utc: Utc,
}

/// The wall time that a gateway decides dates by.
///
/// It follows the machine's wall clock as long as that moves like the boot clock. A step is not
/// followed: the old difference is kept and the clock is disputed, until it agrees again or
/// until [`Wall::trust`] says that another clock confirmed it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Wall {
    offset: Option<i128>,
    disputed: bool,
}

impl Wall {
    /// The time to decide by. Steps of more than `tolerance_ms` are refused.
    pub fn read(&mut self, stamp: Stamp, tolerance_ms: u64) -> Utc {
        let shown = i128::from(stamp.utc.0) - i128::from(stamp.boot.0);
        let kept = *self.offset.get_or_insert(shown);
        self.disputed = (shown - kept).unsigned_abs() > u128::from(tolerance_ms);
        let offset = if self.disputed { kept } else { shown };
        self.offset = Some(offset);
        let utc = i128::from(stamp.boot.0) + offset;
        Utc(u64::try_from(utc).unwrap_or(0))
    }

    /// Takes the machine's wall clock as it is: at start, or when the engine's clock agrees.
    pub fn trust(&mut self, stamp: Stamp) {
        self.offset = Some(i128::from(stamp.utc.0) - i128::from(stamp.boot.0));
        self.disputed = false;
    }

    /// Whether the machine's wall clock was stepped and the step is not confirmed.
    #[must_use]
    pub fn is_disputed(&self) -> bool {
        self.disputed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    #[test]
    fn a_wall_clock_that_jumps_is_not_followed_until_it_is_trusted() {
        let mut wall = Wall::default();
        assert_eq!(read(&mut wall, 1_000, 10 * HOUR), Utc(10 * HOUR));
        assert_eq!(
            read(&mut wall, 2_000, 10 * HOUR + 1_100),
            Utc(10 * HOUR + 1_100)
        );
        assert_eq!(read(&mut wall, 3_000, 9 * HOUR), Utc(10 * HOUR + 2_100));
        assert!(wall.is_disputed());
        wall.trust(stamp(4_000, 9 * HOUR + 1_000));
        assert_eq!(
            read(&mut wall, 5_000, 9 * HOUR + 2_000),
            Utc(9 * HOUR + 2_000)
        );
        assert!(!wall.is_disputed());
    }

    fn read(wall: &mut Wall, boot: u64, utc: u64) -> Utc {
        wall.read(stamp(boot, utc), 500)
    }

    fn stamp(boot: u64, utc: u64) -> Stamp {
        Stamp {
            boot: Boot(boot),
            utc: Utc(utc),
        }
    }
}
