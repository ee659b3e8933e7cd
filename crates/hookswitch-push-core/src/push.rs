//! The words of the push system: devices, apps, services, pushes and their lives.

use core::fmt;

use crate::limits::Limits;
use crate::time::{Boot, Stamp, Utc};

/// The id of one push: the sender's `apns-id`, or one that the gateway made.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PushId(pub [u8; 16]);

/// The id of one device; it says nothing about its owner.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DeviceId(pub [u8; 16]);

impl PushId {
    /// Reads its text: 32 hexadecimal digits, with or without the dashes of a UUID (RFC 9562).
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let digits = text.chars().filter(|c| *c != '-');
        let digits: Option<Vec<u32>> = digits.map(|c| c.to_digit(16)).collect();
        let digits = digits.filter(|digits| digits.len() == 32)?;
        let mut id = [0; 16];
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::try_from(pair[0] * 16 + pair[1]).ok()?;
        }
        Some(Self(id))
    }
}

/// The text of a UUID, in lower case.
impl fmt::Display for PushId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for PushId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "push-{:02x}{:02x}{:02x}",
            self.0[0], self.0[1], self.0[2]
        )
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "device-{:02x}{:02x}", self.0[0], self.0[1])
    }
}

/// Which of an app's two addresses a push is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Service {
    /// Pushes that announce a call; the topic ends in `.voip`.
    Voip,
    /// All others.
    App,
}

impl Service {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Voip, Self::App];

    /// Its word: `voip` or `app`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Voip => "voip",
            Self::App => "app",
        }
    }

    /// Reads its word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// One app and service on one device: what a token stands for, and one slot of the store.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Address {
    /// The device.
    pub device: DeviceId,
    /// The app's bundle id, without a suffix of the topic.
    pub app: String,
    /// The service.
    pub service: Service,
}

/// How urgent a push is: `apns-priority`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Priority {
    /// 1: never wakes the device.
    Low,
    /// 5: considers the device's power.
    Power,
    /// 10: at once.
    Immediate,
}

/// What a sender sent, after every check.
#[derive(Clone, Eq, PartialEq)]
pub struct Push {
    /// Its id.
    pub id: PushId,
    /// How urgent it is.
    pub priority: Priority,
    /// What it replaces on the screen; it does not affect delivery.
    pub collapse: Option<String>,
    /// The body, a JSON document or encrypted bytes.
    pub payload: Vec<u8>,
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.payload.len();
        write!(f, "{:?} ({:?}, {bytes} bytes)", self.id, self.priority)
    }
}

/// How long a push lives, as its gateway counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Life {
    /// Expiration 0 or in the past: never stored.
    Immediate {
        /// E by the gateway's boot clock.
        until: Boot,
    },
    /// A date.
    Dated {
        /// E as the sender gave it, or the longest life.
        utc: Utc,
        /// E by the boot clock, where the gateway that accepted it still runs; guards against
        /// steps of the wall clock.
        until: Boot,
    },
}

impl Life {
    /// The life of a push that was accepted at `stamp`; `utc` is the wall time to decide by and
    /// `expiration` the header, in seconds since 1970.
    #[must_use]
    pub fn new(expiration: Option<u64>, stamp: Stamp, utc: Utc, limits: &Limits) -> Self {
        let longest = utc.plus(limits.life_ms);
        let date = expiration.map_or(longest, |s| Utc(s.saturating_mul(1_000)).min(longest));
        if date <= utc {
            let until = stamp.boot.plus(limits.window_ms);
            return Self::Immediate { until };
        }
        let until = stamp.boot.plus(date.since(utc));
        Self::Dated { utc: date, until }
    }

    /// Milliseconds that are left; zero means expired.
    #[must_use]
    pub fn left(&self, boot: Boot, now: Utc) -> u64 {
        match self {
            Self::Immediate { until } => until.since(boot),
            Self::Dated { utc, until } => utc.since(now).min(until.since(boot)),
        }
    }

    /// Whether it may be stored.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        matches!(self, Self::Dated { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn zero_and_the_past_live_for_the_window_and_no_date_lives_over_the_longest() {
        let window = Limits::DEFAULT.window_ms;
        let longest = Limits::DEFAULT.life_ms;
        check(Some(0), window, false);
        check(Some(300), window, false);
        check(Some(NOW), window, false);
        check(Some(NOW + 1), 1_000, true);
        check(Some(NOW * 2), longest, true);
        check(Some(u64::MAX), longest, true);
        check(None, longest, true);
    }

    #[test]
    fn an_id_reads_back_and_nothing_else_is_one() {
        let id = PushId(*b"0123456789abcdef");
        assert_eq!(id.to_string(), "30313233-3435-3637-3839-616263646566");
        assert_eq!(PushId::from_text(&id.to_string()), Some(id));
        for wrong in ["", "30", "x0313233-3435-3637-3839-616263646566"] {
            assert_eq!(PushId::from_text(wrong), None);
        }
    }

    #[track_caller]
    fn check(expiration: Option<u64>, left: u64, dated: bool) {
        let (boot, utc) = (Boot(77), Utc(NOW * 1_000));
        let life = Life::new(expiration, Stamp { boot, utc }, utc, &Limits::DEFAULT);
        assert_eq!((life.left(boot, utc), life.is_dated()), (left, dated));
    }
}
