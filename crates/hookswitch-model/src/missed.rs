//! Why a call was missed or kept from ringing: a set of reasons, each one bit.
//!
//! The numbers are kept in files and told on the wire: a bit is never given another meaning.
//! Android keeps a set like it in its call log (`CallLog.Calls.MISSED_REASON`). Its bit for a
//! missing vibration has no place here: nothing here vibrates.

use core::fmt;

/// A set of reasons. Empty for calls that were not missed.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct MissedReasons(u32);

impl MissedReasons {
    /// No reason.
    pub const NONE: Self = Self(0);
    /// It was neither heard nor presented here.
    pub const NEVER_RANG: Self = Self(1);
    /// It rang for less than the limit `short-ring`.
    pub const SHORT_RING: Self = Self(1 << 1);
    /// Do-not-disturb was on and the caller not allowed.
    pub const DO_NOT_DISTURB: Self = Self(1 << 2);
    /// The user silenced it.
    pub const SILENCED: Self = Self(1 << 3);
    /// A screener wanted it shown only.
    pub const SCREENED_SILENT: Self = Self(1 << 4);
    /// A screener did not answer in time, so that it rang late.
    pub const VERDICT_TIMEOUT: Self = Self(1 << 5);
    /// An emergency call had the line.
    pub const EMERGENCY: Self = Self(1 << 6);
    /// Too many calls at once.
    pub const LIMIT: Self = Self(1 << 7);
    /// It was reported when the caller had given up.
    pub const LATE: Self = Self(1 << 8);
    /// The screen was shared or lent.
    pub const RESTRICTED: Self = Self(1 << 9);
    /// Its app was locked or hidden.
    pub const PROTECTED: Self = Self(1 << 10);
    /// The user has blocked the caller.
    pub const BLOCKED: Self = Self(1 << 11);
    /// A screener has blocked it.
    pub const SCREENED: Self = Self(1 << 12);
    /// The block came when it rang already.
    pub const BLOCKED_LATE: Self = Self(1 << 13);
    /// It was shown, but the ringtone is switched off or its volume is zero.
    pub const RING_MUTED: Self = Self(1 << 14);
    /// It was shown, but there was no sound device to ring on.
    pub const NO_SOUND: Self = Self(1 << 15);

    /// Another call was there, and a rule keeps second calls from ringing.
    pub const BUSY: Self = Self(1 << 16);

    /// All reasons with their names, in the order of their numbers.
    pub const ALL: [(Self, &'static str); 17] = [
        (Self::NEVER_RANG, "never-rang"),
        (Self::SHORT_RING, "short-ring"),
        (Self::DO_NOT_DISTURB, "do-not-disturb"),
        (Self::SILENCED, "silenced"),
        (Self::SCREENED_SILENT, "screened-silent"),
        (Self::VERDICT_TIMEOUT, "verdict-timeout"),
        (Self::EMERGENCY, "emergency"),
        (Self::LIMIT, "limit"),
        (Self::LATE, "late"),
        (Self::RESTRICTED, "restricted"),
        (Self::PROTECTED, "protected"),
        (Self::BLOCKED, "blocked"),
        (Self::SCREENED, "screened"),
        (Self::BLOCKED_LATE, "blocked-late"),
        (Self::RING_MUTED, "ring-muted"),
        (Self::NO_SOUND, "no-sound"),
        (Self::BUSY, "busy"),
    ];

    /// The set with this number; bits of tomorrow are kept.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The number of the set.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// This set and another.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set without another.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of another set is in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether it was a block, by the user or by a screener.
    #[must_use]
    pub const fn is_block(self) -> bool {
        self.0 & (Self::BLOCKED.0 | Self::SCREENED.0) != 0
    }

    /// The names of the reasons in it.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let known = Self::ALL.into_iter();
        known
            .filter(move |(reason, _)| self.contains(*reason))
            .map(|(_, name)| name)
    }
}

impl fmt::Display for MissedReasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.names().collect();
        f.write_str(&names.join("+"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_frozen() {
        let numbers: Vec<_> = MissedReasons::ALL
            .iter()
            .map(|(reason, name)| (reason.bits(), *name))
            .collect();
        let want = [
            (1, "never-rang"),
            (2, "short-ring"),
            (4, "do-not-disturb"),
            (8, "silenced"),
            (16, "screened-silent"),
            (32, "verdict-timeout"),
            (64, "emergency"),
            (128, "limit"),
            (256, "late"),
            (512, "restricted"),
            (1024, "protected"),
            (2048, "blocked"),
            (4096, "screened"),
            (8192, "blocked-late"),
            (16384, "ring-muted"),
            (32768, "no-sound"),
            (65536, "busy"),
        ];
        assert_eq!(numbers, want);
    }

    #[test]
    fn a_set_reads_back_and_says_what_is_in_it() {
        let set = MissedReasons::NEVER_RANG.with(MissedReasons::DO_NOT_DISTURB);
        assert_eq!(MissedReasons::from_bits(set.bits()), set);
        assert_eq!(set.to_string(), "never-rang+do-not-disturb");
        assert!(!set.is_block());
        let rang = set.without(MissedReasons::NEVER_RANG);
        assert!(!rang.contains(MissedReasons::NEVER_RANG));
    }
}
