//! Dates that apps give, as a distance from now: `date=-3s`.

use core::fmt;
use core::time::Duration;

use hookswitch_model::Wall;

use super::lex::{read_span, write_span};
use super::verbs::{Cursor, Read};

/// A date, in milliseconds from now: negative ones are past.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Date(i64);

impl Date {
    /// This many milliseconds from now.
    #[must_use]
    pub fn from_now(millis: i64) -> Self {
        Self(millis)
    }

    /// On the wall clock.
    #[must_use]
    pub fn wall(self, now: Wall) -> Wall {
        Wall::from_millis(now.as_millis().saturating_add(self.0))
    }

    fn read(text: &str) -> Option<Self> {
        let (sign, text) = match text.strip_prefix('-') {
            Some(past) => (-1, past),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let millis = i64::try_from(read_span(text)?.as_millis()).ok()?;
        Some(Self(sign * millis))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "+" };
        let span = Duration::from_millis(self.0.unsigned_abs());
        write!(f, "date={sign}{}", write_span(span))
    }
}

/// Reads the date that may follow.
pub(super) fn date_word(cursor: &mut Cursor<'_>) -> Read<Option<Date>> {
    let date = |text: &'_ str| text.strip_prefix("date=").map(str::to_owned);
    let Some(text) = cursor.peek().and_then(|word| date(&word.text)) else {
        return Ok(None);
    };
    cursor.word("a date")?;
    let wrong = || cursor.error(format!("{text:?} is not a distance from now such as -3s"));
    Date::read(&text).map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_back() {
        for text in ["-3s", "+90s", "-250ms"] {
            let date = Date::read(text).expect("a date");
            assert_eq!(date.to_string(), format!("date={text}"));
        }
        assert_eq!(Date::read("5s"), Some(Date(5_000)));
        assert_eq!(Date::read("now"), None);
    }
}
