//! Patterns of phone numbers: what people and published lists write to mean many numbers at once.

use core::fmt;

/// Most digits of a number that a pattern may stand for (ITU-T E.164 allows 15; some networks
/// show a few more).
const DIGITS_MAX: usize = 18;

/// A beginning of so few digits is a country, or a part of the world.
const WIDE_DIGITS: u8 = 3;
/// A range of so many numbers is one.
const WIDE_RANGE: u64 = 100_000_000;

/// One number, all numbers with a beginning, or a range.
///
/// Numbers are written with their country code and without anything before it: `+4490` is the
/// beginning of British premium numbers. `Debug` shows the kind only.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum NumberPattern {
    /// Exactly this number.
    One(u64),
    /// Every number that begins with these digits, of any length; `0` digits mean every number.
    Beginning {
        /// The digits as a number.
        digits: u64,
        /// How many there are.
        len: u8,
    },
    /// The numbers from the first to the last.
    Range {
        /// The first.
        first: u64,
        /// The last, at least the first.
        last: u64,
    },
}

/// Why a pattern was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PatternError {
    /// No digit, `*` or `#` in it.
    Empty,
    /// A character that has no meaning in a pattern.
    Character(char),
    /// `*` or `#` in front of digits; they may stand at the end only.
    Inner,
    /// More digits than a number has.
    TooLong,
    /// It begins with a zero: a trunk prefix, where the country code belongs.
    LeadingZero,
    /// The end of a range lies before its beginning.
    Backwards,
}

impl NumberPattern {
    /// Reads `+44901234567`, `+4490*`, `33162######`, `+4490 0000-+4490 9999` and `*`. Spaces,
    /// dots, slashes and brackets are skipped, as in printed numbers.
    ///
    /// # Errors
    ///
    /// [`PatternError`] names what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if let Some((first, last)) = split_range(text) {
            let (first, last) = (number(first)?, number(last)?);
            return if first <= last {
                Ok(Self::Range { first, last })
            } else {
                Err(PatternError::Backwards)
            };
        }
        let parts = Parts::read(text)?;
        if parts.digits == 0 && parts.len > 0 || parts.leading_zero {
            return Err(PatternError::LeadingZero);
        }
        match (parts.any, parts.open) {
            (true, 0) => Ok(Self::Beginning {
                digits: parts.digits,
                len: parts.len,
            }),
            (true, _) => Err(PatternError::Inner),
            (false, 0) if parts.len > 0 => Ok(Self::One(parts.digits)),
            (false, _) if parts.len == 0 => Err(PatternError::Empty),
            (false, open) => {
                let size = 10_u64.pow(u32::from(open));
                let first = parts.digits * size;
                Ok(Self::Range {
                    first,
                    last: first + (size - 1),
                })
            }
        }
    }

    /// Whether a person who types this means many numbers at once, not one number or address.
    /// What begins with `*` or `#` is a service code of the network.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        let text = text.trim();
        let mark = |c: char| c.is_ascii_digit() || " +-.()/*#?".contains(c);
        let many = text.contains(['*', '#', '?']) || split_range(text).is_some();
        many && text.chars().all(mark) && !text.starts_with(['*', '#'])
    }

    /// Whether a number is one of those that are meant.
    #[must_use]
    pub fn matches(&self, number: u64) -> bool {
        match *self {
            Self::One(one) => number == one,
            Self::Beginning { digits, len } => begins(number, digits, u32::from(len)),
            Self::Range { first, last } => (first..=last).contains(&number),
        }
    }

    /// Whether it stands for a whole country or more: a beginning of at most three digits, or a
    /// range of a hundred million numbers. Such a one is taken only from somebody who means it.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        match *self {
            Self::One(_) => false,
            Self::Beginning { len, .. } => len <= WIDE_DIGITS,
            Self::Range { first, last } => last - first >= WIDE_RANGE,
        }
    }

    /// The numbers as one range, if they are one.
    #[must_use]
    pub fn range(&self) -> Option<(u64, u64)> {
        match *self {
            Self::One(one) => Some((one, one)),
            Self::Range { first, last } => Some((first, last)),
            Self::Beginning { .. } => None,
        }
    }
}

fn begins(number: u64, digits: u64, len: u32) -> bool {
    let own = number.checked_ilog10().map_or(1, |log| log + 1);
    len == 0 || own >= len && number / 10_u64.pow(own - len) == digits
}

fn number(text: &str) -> Result<u64, PatternError> {
    match NumberPattern::parse(text)? {
        NumberPattern::One(number) => Ok(number),
        NumberPattern::Beginning { .. } | NumberPattern::Range { .. } => Err(PatternError::Inner),
    }
}

/// Splits `A-B` where both sides are whole numbers; `020-555` in one number is no range.
fn split_range(text: &str) -> Option<(&str, &str)> {
    let (first, last) = text.split_once("-+").or_else(|| text.split_once(".."))?;
    let is_full = |side: &str| side.chars().filter(char::is_ascii_digit).count() >= 4;
    (is_full(first) && is_full(last)).then_some((first, last))
}

/// What stands in a pattern that is no range.
#[derive(Default)]
struct Parts {
    digits: u64,
    len: u8,
    open: u8,
    any: bool,
    leading_zero: bool,
}

impl Parts {
    fn read(text: &str) -> Result<Self, PatternError> {
        let mut parts = Self::default();
        let text = text.trim();
        for c in text.strip_prefix('+').unwrap_or(text).chars() {
            match c {
                '0'..='9' if parts.any || parts.open > 0 => return Err(PatternError::Inner),
                '0'..='9' => {
                    parts.leading_zero |= c == '0' && parts.len == 0;
                    parts.digits = parts.digits * 10 + (u64::from(c) - u64::from('0'));
                    parts.len += 1;
                }
                '#' | '?' if parts.any => return Err(PatternError::Inner),
                '#' | '?' => parts.open += 1,
                '*' => parts.any = true,
                ' ' | '-' | '.' | '/' | '(' | ')' | '\u{A0}' => {}
                other => return Err(PatternError::Character(other)),
            }
            if usize::from(parts.len + parts.open) > DIGITS_MAX {
                return Err(PatternError::TooLong);
            }
        }
        Ok(parts)
    }
}

impl fmt::Display for NumberPattern {
    /// Writes the canonical form, which reads back as the same pattern.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::One(one) => write!(f, "+{one}"),
            Self::Beginning { len: 0, .. } => write!(f, "*"),
            Self::Beginning { digits, .. } => write!(f, "+{digits}*"),
            Self::Range { first, last } => write!(f, "+{first}-+{last}"),
        }
    }
}

impl fmt::Debug for NumberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::One(_) => "one",
            Self::Beginning { .. } => "beginning",
            Self::Range { .. } => "range",
        };
        write!(f, "NumberPattern({kind})")
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "no digit in it: write a number, or `+4490*`"),
            Self::Character(c) => write!(f, "`{}` has no meaning here", c.escape_default()),
            Self::Inner => write!(f, "`*` and `#` may stand at the end only"),
            Self::TooLong => write!(f, "more than {DIGITS_MAX} digits"),
            Self::LeadingZero => write!(f, "it begins with 0: write the country code first"),
            Self::Backwards => write!(f, "the end of the range lies before its beginning"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read() {
        let table = [
            (
                "+44 90*",
                "+4490*",
                vec![44_901_234, 4490],
                vec![44_891_234, 449],
            ),
            (
                "33162######",
                "+33162000000-+33162999999",
                vec![33_162_123_456],
                vec![33_163],
            ),
            ("*", "*", vec![1, 999], vec![]),
            (
                "+1 (202) 555-0101",
                "+12025550101",
                vec![12_025_550_101],
                vec![12_025_550_102],
            ),
            (
                "+44900000-+44900999",
                "+44900000-+44900999",
                vec![44_900_500],
                vec![44_901_000],
            ),
            (
                "44900000..44900001",
                "+44900000-+44900001",
                vec![44_900_001],
                vec![44_900_002],
            ),
        ];
        for (text, canonical, inside, outside) in table {
            let pattern = NumberPattern::parse(text).expect("a pattern");
            assert_eq!(pattern.to_string(), canonical);
            assert_eq!(NumberPattern::parse(canonical), Ok(pattern), "{text}");
            assert!(inside.iter().all(|n| pattern.matches(*n)), "{text}");
            assert!(!outside.iter().any(|n| pattern.matches(*n)), "{text}");
        }
    }

    #[test]
    fn many_numbers_are_meant_by_their_marks() {
        for text in [
            "+4490*",
            "33162######",
            " +44 (90) 1? ",
            "+44901..+44909",
            "44901-+44909",
        ] {
            assert!(NumberPattern::is_meant(text), "{text}");
        }
        for text in [
            "+44 7700 900789",
            "*100#",
            "#31#",
            "sip:a*@b.example",
            "alice?",
            "",
        ] {
            assert!(!NumberPattern::is_meant(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_by_name() {
        let table = [
            ("", PatternError::Empty),
            ("+", PatternError::Empty),
            ("##", PatternError::Empty),
            ("0800*", PatternError::LeadingZero),
            ("+44*90", PatternError::Inner),
            ("44#9", PatternError::Inner),
            ("44*#", PatternError::Inner),
            ("44x", PatternError::Character('x')),
            ("1234567890123456789", PatternError::TooLong),
            ("+4490001-+4490000", PatternError::Backwards),
        ];
        for (text, error) in table {
            assert_eq!(NumberPattern::parse(text), Err(error), "{text}");
            assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn debug_shows_no_number() {
        let pattern = NumberPattern::parse("+12025550101").expect("a pattern");
        assert_eq!(format!("{pattern:?}"), "NumberPattern(one)");
    }
}
