//! Remote addresses.

use core::fmt;

use crate::text::{Text, TextError};

/// What kind of address a handle is (CallKit `CXHandle.HandleType`).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum HandleKind {
    /// Any string that means something to the app.
    Generic,
    /// A dialable number.
    PhoneNumber,
    /// An e-mail-like address.
    EmailAddress,
}

impl HandleKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Generic, Self::PhoneNumber, Self::EmailAddress];

    /// The name used on every wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::PhoneNumber => "phone-number",
            Self::EmailAddress => "email-address",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The number of `CXHandle.HandleType`: 1 to 3.
    #[must_use]
    pub fn callkit(self) -> u8 {
        match self {
            Self::Generic => 1,
            Self::PhoneNumber => 2,
            Self::EmailAddress => 3,
        }
    }
}

/// A remote address. A call without one is legal: the caller is anonymous.
///
/// Equal when kind and value are equal. `Debug` shows the kind only.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Handle {
    kind: HandleKind,
    value: Text,
}

impl Handle {
    /// Makes a handle.
    ///
    /// # Errors
    ///
    /// [`TextError`] if the value is empty or too long.
    pub fn new(kind: HandleKind, value: &str) -> Result<Self, TextError> {
        Ok(Self {
            kind,
            value: Text::new(value)?,
        })
    }

    /// What kind of address it is.
    #[must_use]
    pub fn kind(&self) -> HandleKind {
        self.kind
    }

    /// The address itself, for dialing and for showing it to the user.
    #[must_use]
    pub fn value(&self) -> &str {
        self.value.as_str()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:?})", self.kind)
    }
}
