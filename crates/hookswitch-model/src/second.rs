//! What becomes of a second call: one that comes while the user talks, dials or is rung.

/// What a second call does.
///
/// CallKit has no such rule: there every call waits beside the other one. Android Telecom turns
/// none away either, but for an emergency call. GNOME Calls answers each second call of SIP with
/// "busy" and asks nobody (`CallsSipOrigin`).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum SecondCalls {
    /// It rings beside the other one, with the call-waiting tone.
    #[default]
    Ring,
    /// It is turned away at once, and its caller hears busy.
    Busy,
    /// It is kept as missed, and its caller is not told that the user is busy.
    Missed,
}

impl SecondCalls {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Ring, Self::Busy, Self::Missed];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Busy => "busy",
            Self::Missed => "missed",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for rule in SecondCalls::ALL {
            assert_eq!(SecondCalls::from_name(rule.name()), Some(rule));
        }
        assert_eq!(SecondCalls::from_name("wait"), None);
    }
}
