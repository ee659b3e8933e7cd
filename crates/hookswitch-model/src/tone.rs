//! The tones in the ear of who talks or dials: what the other end does, said without words.
//!
//! Not here: the ring and the call-waiting tone ([`RingState`](crate::RingState)), and digits
//! ([`Tones`](crate::Tones)).

use crate::id::CallId;

/// A tone of a call, by its role. What it sounds like is the audio edge's (ITU-T E.180).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CallTone {
    /// The other end rings (ITU-T E.180: ringing tone).
    Ringback,
    /// The other party is busy (ITU-T E.180: busy tone).
    Busy,
    /// The other end has left a call that was talked on.
    Ended,
}

impl CallTone {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ringback, Self::Busy, Self::Ended];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ringback => "ringback",
            Self::Busy => "busy",
            Self::Ended => "ended",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tone| tone.name() == name)
    }
}

/// The tones that an app leaves to the system. None of them unless it says so: most networks send
/// these tones in the call itself, and both together are heard twice.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct CallTones {
    /// While the other end rings.
    pub ringback: bool,
    /// When the other party is busy.
    pub busy: bool,
    /// When the other end has left.
    pub ended: bool,
}

impl CallTones {
    /// Whether this one is among them.
    #[must_use]
    pub fn contains(self, tone: CallTone) -> bool {
        match tone {
            CallTone::Ringback => self.ringback,
            CallTone::Busy => self.busy,
            CallTone::Ended => self.ended,
        }
    }

    /// Adds one.
    pub fn insert(&mut self, tone: CallTone) {
        match tone {
            CallTone::Ringback => self.ringback = true,
            CallTone::Busy => self.busy = true,
            CallTone::Ended => self.ended = true,
        }
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            ringback: self.ringback && other.ringback,
            busy: self.busy && other.busy,
            ended: self.ended && other.ended,
        }
    }

    /// The tones that are among them.
    pub fn iter(self) -> impl Iterator<Item = CallTone> {
        CallTone::ALL
            .into_iter()
            .filter(move |tone| self.contains(*tone))
    }
}

impl FromIterator<CallTone> for CallTones {
    fn from_iter<I: IntoIterator<Item = CallTone>>(tones: I) -> Self {
        let mut set = Self::default();
        tones.into_iter().for_each(|tone| set.insert(tone));
        set
    }
}

/// A tone that the system plays.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ToneState {
    /// The call it is for; one that has ended, unless it is ringback.
    pub call: CallId,
    /// Which.
    pub tone: CallTone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for tone in CallTone::ALL {
            assert_eq!(CallTone::from_name(tone.name()), Some(tone));
        }
        assert_eq!(CallTone::from_name("waiting"), None, "that is the ring's");
    }

    #[test]
    fn a_set_gives_back_what_was_put_in() {
        for tone in CallTone::ALL {
            let set: CallTones = [tone].into_iter().collect();
            assert_eq!(set.iter().collect::<Vec<_>>(), [tone]);
            assert_eq!(set.and(CallTones::default()), CallTones::default());
        }
    }
}
