//! Text that comes from apps and people: bounded, printable, never shown by `Debug`.

use core::fmt;
use std::sync::Arc;

/// A name or label: 1 to 256 bytes, without control and bidirectional-override characters.
///
/// Overrides are removed, not refused, because a caller chooses the name and must not be able to
/// make an app's report fail by it (Unicode Technical Report 36, section 3.3 on bidi spoofing).
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Text(Arc<str>);

/// Why a text was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TextError {
    /// Nothing printable is in it.
    Empty,
    /// Longer than [`Text::MAX_LEN`] bytes.
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
}

impl Text {
    /// Longest text, in bytes of UTF-8.
    pub const MAX_LEN: usize = 256;

    /// Cleans and keeps a text.
    ///
    /// # Errors
    ///
    /// [`TextError`] if it is too long, or nothing is left of it.
    pub fn new(text: &str) -> Result<Self, TextError> {
        if text.len() > Self::MAX_LEN {
            return Err(TextError::TooLong { len: text.len() });
        }
        let clean: String = text.chars().filter(|c| is_shown(*c)).collect();
        let trimmed = clean.trim();
        if trimmed.is_empty() {
            return Err(TextError::Empty);
        }
        Ok(Self(trimmed.into()))
    }

    /// Cleans and keeps the beginning of a text, cut between two characters where it is too long.
    ///
    /// # Errors
    ///
    /// [`TextError::Empty`] if nothing is left of it.
    pub fn cut(text: &str) -> Result<Self, TextError> {
        Self::new(&text[..text.floor_char_boundary(Self::MAX_LEN)])
    }

    /// The text, for showing it to the user.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_shown(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the text is empty"),
            Self::TooLong { len } => write!(
                f,
                "the text has {len} bytes, more than the {} allowed",
                Text::MAX_LEN
            ),
        }
    }
}

impl core::error::Error for TextError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_what_could_fool_a_reader() {
        let text = Text::new(" Ana\u{202E} Kowalska\n").expect("printable");
        assert_eq!(text.as_str(), "Ana Kowalska");
        assert_eq!(format!("{text:?}"), "Text(12 bytes)");
    }

    #[test]
    fn a_long_name_is_cut_between_two_characters() {
        let text = Text::cut(&"é\u{20AC}".repeat(100)).expect("printable");
        assert_eq!(text.as_str().len(), 255);
        assert_eq!(Text::cut("\n").err(), Some(TextError::Empty));
    }

    #[test]
    fn empty_and_oversized_names_are_refused() {
        assert_eq!(Text::new("\u{200F}\u{202E}").err(), None);
        assert_eq!(Text::new("\u{202E}\n").err(), Some(TextError::Empty));
        let long = "x".repeat(257);
        assert_eq!(
            Text::new(&long).err(),
            Some(TextError::TooLong { len: 257 })
        );
    }
}
