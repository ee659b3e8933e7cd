//! Words of a line of a story, and how they are written.

use core::fmt;

/// One word.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Word {
    /// Its text, without quotes.
    pub text: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
    /// Its column, from 1. Zero if it was made by a program.
    pub column: usize,
}

impl Word {
    /// A word made by a program; quoted if it has to be.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let plain = !text.is_empty() && !text.contains([' ', '\t', ',', '{', '}', '"', '\\']);
        let quoted = !plain && !matches!(text, "," | "{" | "}");
        Self {
            text: text.to_owned(),
            quoted,
            column: 0,
        }
    }

    /// Whether it is this sign or keyword (never true for a quoted word).
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        !self.quoted && self.text == text
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.quoted {
            return f.write_str(&self.text);
        }
        let inner = self.text.replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "\"{inner}\"")
    }
}

/// Writes words with single blanks, commas attached to the word before.
#[must_use]
pub fn join(words: &[Word]) -> String {
    let mut out = String::new();
    for word in words {
        if !out.is_empty() && !word.is(",") {
            out.push(' ');
        }
        out.push_str(&word.to_string());
    }
    out
}
