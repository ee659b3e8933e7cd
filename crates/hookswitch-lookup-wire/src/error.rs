//! Why a message was refused.

use std::fmt;

use hookswitch_lookup_pir::error::Error as LookupError;
use hookswitch_lookup_ring::error::Error as RingError;

/// A refusal. Whoever made the message can fix it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no such message.
    Message,
    /// The message has more parts than any that keeps the protocol.
    TooManyParts,
    /// A field that must be there is missing.
    Missing(&'static str),
    /// A field has a value that is not spoken here.
    Unsupported(&'static str),
    /// The values were refused.
    Lookup(LookupError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message => f.write_str("the bytes are no such message"),
            Self::TooManyParts => f.write_str("the message has too many parts"),
            Self::Missing(field) => write!(f, "the field `{field}` is missing"),
            Self::Unsupported(field) => write!(f, "the field `{field}` has an unknown value"),
            Self::Lookup(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<RingError> for Error {
    fn from(error: RingError) -> Self {
        Self::Lookup(error.into())
    }
}

impl From<LookupError> for Error {
    fn from(error: LookupError) -> Self {
        Self::Lookup(error)
    }
}

impl From<prost::DecodeError> for Error {
    fn from(_: prost::DecodeError) -> Self {
        Self::Message
    }
}
