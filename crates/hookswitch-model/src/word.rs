//! One shape for every word that stands for something: it comes from outside, is checked once, and
//! is kept as it came.
//!
//! # Promises
//!
//! - **W1** a `hidden` word, in which people's addresses may be, shows its length only in `Debug`.
//!
//! # Not here
//!
//! Text for people, which is cleaned instead of refused (`text`).

/// A type for a kind of word, with `as_str`; who uses it says by a `new` which words there are.
macro_rules! word_type {
    ($(#[$doc:meta])* $name:ident, shown) => {
        crate::word::word_type!($(#[$doc])* $name);

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
    ($(#[$doc:meta])* $name:ident, hidden) => {
        crate::word::word_type!($(#[$doc])* $name);

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                write!(f, "{}({} bytes)", stringify!($name), self.0.len())
            }
        }
    };
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(::std::sync::Arc<str>);

        impl $name {
            /// The word as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

/// A [`word_type!`] of 1 to `MAX_LEN` bytes, all of which follow a rule: `fn(&str) -> bool`.
macro_rules! bounded_word {
    ($(#[$doc:meta])* $name:ident, $max:literal bytes, $rule:expr, $seen:ident) => {
        crate::word::word_type!($(#[$doc])* $name, $seen);

        impl $name {
            /// Longest, in bytes.
            pub const MAX_LEN: usize = $max;

            /// Checks and keeps one.
            ///
            /// # Errors
            ///
            /// [`IdError`](crate::IdError) if it is empty, too long or holds what it must not.
            pub fn new(text: &str) -> Result<Self, crate::IdError> {
                let fits = (1..=Self::MAX_LEN).contains(&text.len());
                let rule: fn(&str) -> bool = $rule;
                if fits && rule(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(crate::IdError)
                }
            }
        }
    };
}

pub(crate) use {bounded_word, word_type};

/// Whether a text has no control characters.
pub(crate) fn is_printable(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Whether a text has nothing but `a-z 0-9 -`.
pub(crate) fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
