//! Digits: tones and pauses as a person writes them, taken apart at the pauses.

use core::fmt;
use std::sync::Arc;

/// Tones sent in a call: 1 to 64 of `0-9 * # A-D`, `,` (soft pause) and `;` (wait for the user).
///
/// The pause letters are those of RFC 3601 dial strings as phones write them; `p` and `w`, as they
/// stand in address books, are read as `,` and `;`.
#[derive(Clone, Eq, PartialEq)]
pub struct Digits(Arc<str>);

/// Why a digit string was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DigitsError {
    /// No digit given.
    Empty,
    /// More than [`Digits::MAX_LEN`].
    TooLong,
    /// A character that is not a tone.
    NotATone(char),
}

/// What tones are sent as: the `type` of CallKit's `CXPlayDTMFCallAction`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TonesKind {
    /// Pressed on the keypad, or the beginning of a string.
    #[default]
    Single,
    /// What follows a soft pause.
    SoftPause,
    /// What follows a hard pause, which the user has ended.
    HardPause,
}

/// Tones without a pause, and what they are sent as.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tones {
    /// The tones.
    pub digits: Digits,
    /// What they are sent as.
    pub kind: TonesKind,
}

/// What digits begin with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pause {
    /// So many soft marks.
    Soft(u32),
    /// The user decides.
    Hard,
}

impl TonesKind {
    /// All, in the order of CallKit's numbers.
    pub const ALL: [Self; 3] = [Self::Single, Self::SoftPause, Self::HardPause];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single-tone",
            Self::SoftPause => "soft-pause",
            Self::HardPause => "hard-pause",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// CallKit's number: 1 to 3.
    #[must_use]
    pub fn callkit(self) -> u8 {
        match self {
            Self::Single => 1,
            Self::SoftPause => 2,
            Self::HardPause => 3,
        }
    }
}

impl Digits {
    /// Most digits in one request.
    pub const MAX_LEN: usize = 64;

    /// Checks and keeps digits.
    ///
    /// # Errors
    ///
    /// [`DigitsError`] names the first problem. Pauses alone are no digits.
    pub fn new(text: &str) -> Result<Self, DigitsError> {
        if text.chars().count() > Self::MAX_LEN {
            return Err(DigitsError::TooLong);
        }
        let plain = |c: char| match c {
            '0'..='9' | '*' | '#' | 'A'..='D' | ',' | ';' => Ok(c),
            'p' | 'P' => Ok(','),
            'w' | 'W' => Ok(';'),
            other => Err(DigitsError::NotATone(other)),
        };
        let text: String = text.chars().map(plain).collect::<Result<_, _>>()?;
        Self::with_tones(&text).ok_or(DigitsError::Empty)
    }

    /// Digits, unless there are only pauses.
    fn with_tones(text: &str) -> Option<Self> {
        (!text.trim_matches(is_pause).is_empty()).then(|| Self(text.into()))
    }

    /// The digits, in the order in which they are to be sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether something waits for a pause.
    #[must_use]
    pub fn has_pause(&self) -> bool {
        self.at_pause().1.is_some()
    }

    /// The tones before the first pause, and what comes from that pause on. Pauses behind the last
    /// tone mean nothing.
    #[must_use]
    pub fn at_pause(&self) -> (Option<Self>, Option<Self>) {
        let at = self.0.find(is_pause).unwrap_or(self.0.len());
        let (tones, rest) = self.0.split_at(at);
        (Self::with_tones(tones), Self::with_tones(rest))
    }

    /// The pause that they begin with.
    #[must_use]
    pub fn pause(&self) -> Option<Pause> {
        match self.0.chars().next()? {
            ';' => Some(Pause::Hard),
            ',' => {
                let marks = self.0.chars().take_while(|c| *c == ',').count();
                Some(Pause::Soft(u32::try_from(marks).unwrap_or(u32::MAX)))
            }
            _ => None,
        }
    }

    /// What comes behind the pause that they begin with.
    #[must_use]
    pub fn behind_pause(&self) -> Self {
        let behind = match self.pause() {
            Some(Pause::Hard) => self.0.trim_start_matches(';'),
            Some(Pause::Soft(_)) => self.0.trim_start_matches(','),
            None => &self.0,
        };
        Self(behind.into())
    }

    /// What is sent before the user is asked again.
    #[must_use]
    pub fn before_hard_pause(&self) -> Self {
        let at = self.0.find(';').unwrap_or(self.0.len());
        Self(self.0[..at].trim_end_matches(',').into())
    }
}

fn is_pause(c: char) -> bool {
    c == ',' || c == ';'
}

impl fmt::Debug for Digits {
    /// Digits may be a PIN.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digits({})", self.0.len())
    }
}

impl fmt::Display for DigitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no digits given"),
            Self::TooLong => write!(f, "more than {} digits in one request", Digits::MAX_LEN),
            Self::NotATone(c) => write!(f, "{c:?} is not one of 0-9 * # A-D , ;"),
        }
    }
}

impl core::error::Error for DigitsError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Digits {
        Digits::new(text).expect("digits")
    }

    #[test]
    fn digits_are_tones_and_pauses_only() {
        assert!(Digits::new("0123456789*#ABCD,;").is_ok());
        assert_eq!(Digits::new("12x").err(), Some(DigitsError::NotATone('x')));
        for none in ["", ",", ",;,"] {
            assert_eq!(Digits::new(none).err(), Some(DigitsError::Empty), "{none}");
        }
        assert_eq!(
            Digits::new(&"1".repeat(65)).err(),
            Some(DigitsError::TooLong)
        );
        assert_eq!(
            digits("1p2w3").as_str(),
            "1,2;3",
            "as address books write it"
        );
        assert_eq!(format!("{:?}", digits("1234")), "Digits(4)");
    }

    #[test]
    fn digits_are_taken_apart_at_their_pauses() {
        for (text, tones, rest) in [
            ("12", Some("12"), None),
            ("12,", Some("12"), None),
            ("12,34", Some("12"), Some(",34")),
            ("12;34,5", Some("12"), Some(";34,5")),
            (",,34", None, Some(",,34")),
        ] {
            let (before, behind) = digits(text).at_pause();
            assert_eq!(before.as_ref().map(Digits::as_str), tones, "{text}");
            assert_eq!(behind.as_ref().map(Digits::as_str), rest, "{text}");
        }
        for (text, pause, behind, at_once) in [
            (",,34;5", Pause::Soft(2), "34;5", ",,34"),
            (";;34,5;6", Pause::Hard, "34,5;6", ""),
            (",;34", Pause::Soft(1), ";34", ""),
        ] {
            let text = digits(text);
            assert_eq!(text.pause(), Some(pause));
            assert_eq!(text.behind_pause().as_str(), behind);
            assert_eq!(text.before_hard_pause().as_str(), at_once);
        }
        assert_eq!(digits("34,5;6").before_hard_pause().as_str(), "34,5");
    }

    #[test]
    fn kinds_of_tones_read_back() {
        for (kind, number) in TonesKind::ALL.into_iter().zip(1..) {
            assert_eq!(TonesKind::from_name(kind.name()), Some(kind));
            assert_eq!(kind.callkit(), number);
        }
    }
}
