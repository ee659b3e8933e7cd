//! What a call carries beside plain audio: live translation.

use crate::word::bounded_word;

bounded_word!(
    /// A language, as a BCP 47 tag such as `de` or `pt-BR`: subtags of 1 to 8 letters and digits,
    /// at most 35 bytes in all (RFC 5646, sections 2.1 and 4.4.1).
    Language, 35 bytes, is_tag, shown
);

fn is_tag(text: &str) -> bool {
    let is_subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    begins && text.split('-').all(is_subtag)
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
    /// The system's engine.
    #[default]
    Default,
    /// The app's own engine.
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

    /// The number of `CXTranslationEngine`.
    #[must_use]
    pub fn callkit(self) -> u8 {
        match self {
            Self::Default => 0,
            Self::Custom => 1,
        }
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
