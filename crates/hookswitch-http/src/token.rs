//! The secret a client must show.

use std::fmt;

use subtle::ConstantTimeEq;

/// 256 random bits as text. Never shown by `Debug`, compared in constant time.
#[derive(Clone)]
pub struct Token(Box<str>);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for the token: {0}")]
    NoRandom(getrandom::Error),
    /// The given text is too short to be a secret, or not plain letters and digits.
    #[error("a token has 32 to 128 letters and digits")]
    Weak,
}

impl Token {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// [`TokenError::NoRandom`] if the system has no randomness to give.
    pub fn generate() -> Result<Self, TokenError> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(TokenError::NoRandom)?;
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self(text.into()))
    }

    /// Takes one that was kept, such as the token of a former run.
    ///
    /// # Errors
    ///
    /// [`TokenError::Weak`] if it could not have been made by [`Token::generate`].
    pub fn from_text(text: &str) -> Result<Self, TokenError> {
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric());
        if plain && (32..=128).contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            Err(TokenError::Weak)
        }
    }

    /// The secret itself, for the runtime file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address that logs a browser in.
    #[must_use]
    pub fn login_url(&self, url: &str) -> String {
        format!("{url}/?token={}", self.0)
    }

    /// Compares in constant time.
    pub(crate) fn matches(&self, shown: &str) -> bool {
        self.0.as_bytes().ct_eq(shown.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_not_shown() {
        let (a, b) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert_eq!(a.as_str().len(), 64);
        assert!(a.matches(a.as_str()) && !a.matches(b.as_str()) && !a.matches(""));
        assert!(!format!("{a:?}").contains(a.as_str()));
    }

    #[test]
    fn a_weak_text_is_no_token() {
        assert!(Token::from_text("secret").is_err());
        assert!(Token::from_text(&"é".repeat(32)).is_err());
        assert!(Token::from_text(&"a1".repeat(32)).is_ok());
    }
}
