//! How much of the calls of an app is shown.

/// What screens, notices, the recents and the command line say of a call.
///
/// Signal for iOS has such a switch for what CallKit shows of its calls ("Show Caller's Name &
/// Number"); CallKit itself has none.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Privacy {
    /// Name and address.
    #[default]
    Full,
    /// Neither name nor address, only through which app the call is.
    NameHidden,
}

impl Privacy {
    /// All of them, the most open first.
    pub const ALL: [Self; 2] = [Self::Full, Self::NameHidden];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::NameHidden => "name-hidden",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for level in Privacy::ALL {
            assert_eq!(Privacy::from_name(level.name()), Some(level));
        }
        assert_eq!(Privacy::from_name("none"), None);
    }
}
