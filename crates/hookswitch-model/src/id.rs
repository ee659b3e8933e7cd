//! Identities. Counters are given out by the core, so that runs repeat; call ids come from outside.

use core::fmt;
use core::str::FromStr;

use crate::word::{bounded_word, is_printable};

macro_rules! counter_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .and_then(|digits| digits.parse().ok())
                    .map(Self)
                    .ok_or(IdError)
            }
        }
    };
}

counter_id!(
    /// A question to an app that must settle: fulfilled, failed or expired.
    AskId, "ask"
);
counter_id!(
    /// One connection to the daemon. A process that comes back has a new one.
    ClientId, "client"
);
counter_id!(
    /// Calls joined into one conversation. A lone call is a group of one and has no id.
    GroupId, "g"
);
counter_id!(
    /// One thing an app is told. Grows; what it counts is not told without gaps.
    Cursor, "c"
);
counter_id!(
    /// One registration of an app as a source of calls.
    ProviderId, "p"
);
counter_id!(
    /// One wish or report that gets exactly one reply. Chosen by the edge.
    RequestId, "r"
);
counter_id!(
    /// An accepted request on its way.
    TransactionId, "t"
);

/// Text that is not an id of the wanted kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IdError;

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a valid id")
    }
}

impl core::error::Error for IdError {}

/// A call: 128 bits, written as a UUID. An app may bring its own UUID; otherwise the edge derives
/// one from the app and the app's own call string ([`CallKey`]).
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallId(pub u128);

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        write!(
            f,
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CallId {
    type Err = IdError;

    /// Reads the 8-4-4-4-12 form of RFC 9562, in either letter case.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return Err(IdError);
        }
        let mut value = 0u128;
        for (index, byte) in bytes.iter().enumerate() {
            match (index, byte) {
                (8 | 13 | 18 | 23, b'-') => {}
                (8 | 13 | 18 | 23, _) => return Err(IdError),
                (_, digit) => value = (value << 4) | u128::from(hex_digit(*digit).ok_or(IdError)?),
            }
        }
        Ok(Self(value))
    }
}

bounded_word!(
    /// The app's own name for a call: any printable string of 1 to 255 bytes, unique per app.
    ///
    /// Apps put addresses into it, so `Debug` shows its length only.
    CallKey, 255 bytes, is_printable, hidden
);

/// The value of one hexadecimal digit.
fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_id_reads_back_what_it_prints() {
        let id = CallId(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        assert_eq!(id.to_string(), "01234567-89ab-cdef-0123-456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
    }

    #[test]
    fn other_texts_are_no_call_id() {
        for text in [
            "",
            "1",
            "0123456789abcdef0123456789abcdef",
            "01234567-89ab-cdef-0123-456789abcdeg",
        ] {
            assert_eq!(text.parse::<CallId>(), Err(IdError), "{text}");
        }
    }

    #[test]
    fn counters_carry_their_kind() {
        assert_eq!("t7".parse(), Ok(TransactionId(7)));
        assert_eq!("ask7".parse::<TransactionId>(), Err(IdError));
    }

    #[test]
    fn keys_are_bounded() {
        assert!(CallKey::new(&"k".repeat(255)).is_ok());
        assert_eq!(CallKey::new(&"k".repeat(256)), Err(IdError));
        assert_eq!(CallKey::new(""), Err(IdError));
        assert_eq!(CallKey::new("a\nb"), Err(IdError));
    }
}
