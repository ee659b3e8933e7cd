//! What a call carries beside plain audio: live translation.

use core::fmt;
use std::sync::Arc;

use crate::id::IdError;

/// A language, as a BCP 47 tag such as `de` or `pt-BR`: subtags of 1 to 8 letters and digits, at
/// most 35 bytes in all (RFC 5646, sections 2.1 and 4.4.1).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Language(Arc<str>);

impl Language {
    /// Longest tag, in bytes.
    pub const MAX_LEN: usize = 35;

    /// Checks and keeps a tag.
    ///
    /// # Errors
    ///
    /// [`IdError`] if it does not have the form of a tag.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let is_subtag = |part: &str| {
            (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        };
        let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
        if begins && text.len() <= Self::MAX_LEN && text.split('-').all(is_subtag) {
            Ok(Self(text.into()))
        } else {
            Err(IdError)
        }
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is translated into what (CallKit `CXSetTranslatingCallAction`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Translation {
    /// What the user speaks.
    pub local: Language,
    /// What the other party speaks.
    pub remote: Language,
}

/// Who translates (`CXTranslationEngine`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TranslationEngine {
    /// The system's engine; CallKit's number is 0.
    #[default]
    Default,
    /// The app's own engine; CallKit's number is 1.
    Custom,
}

impl TranslationEngine {
    /// The name used on every wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Custom => "custom",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Default, Self::Custom]
            .into_iter()
            .find(|engine| engine.name() == name)
    }
}

/// A translation that runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Translating {
    /// What into what.
    pub languages: Translation,
    /// By whom.
    pub engine: TranslationEngine,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_the_form_of_a_tag() {
        for good in ["de", "pt-BR", "zh-Hant-TW", "x-elvish"] {
            assert!(Language::new(good).is_ok(), "{good}");
        }
        let long = "a".repeat(9);
        for bad in ["", "-de", "de-", "d e", "1a", "de_DE", &long] {
            assert!(Language::new(bad).is_err(), "{bad}");
        }
    }
}
