//! One number or pattern, as it stands in a list.

use hookswitch_model::{NumberPattern, PatternError};

use super::{Doubt, Fault, Reading};
use crate::number::{code_len_of, zero_belongs};

/// Fewest digits of a number with its country code.
const DIGITS_MIN: usize = 7;

/// Most digits of a number with its country code (ITU-T E.164).
const DIGITS_MAX: usize = 15;

/// How digits without plus sign are meant.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Bare {
    /// With the country code in front, as Apple's call directory wants them.
    #[default]
    WithCode,
    /// As inside the region that the numbering plan is for.
    National,
    /// As in North America: ten digits, the country code 1 left out.
    NorthAmerica,
}

/// Completes numbers that have no country code.
pub trait NumberingPlan {
    /// The number with its country code, if this is a number of the region.
    fn complete(&self, national: &str) -> Option<u64>;
}

/// No region was given: nothing is completed.
#[derive(Clone, Copy, Debug)]
pub struct NoPlan;

impl NumberingPlan for NoPlan {
    fn complete(&self, _: &str) -> Option<u64> {
        None
    }
}

type Read = Result<(NumberPattern, Option<Doubt>), Fault>;

/// Reads a field.
pub(super) fn read(field: &str, reading: Reading<'_>) -> Read {
    let field = field.trim();
    let bare = field.strip_prefix("tel:").or(field.strip_prefix("TEL:"));
    let field = bare.map_or(field, |uri| uri.split(';').next().unwrap_or_default());
    if is_rounded(field) {
        return Err(Fault::Rounded);
    }
    if field.contains(['*', '#', '?']) || field.contains("..") || field.contains("-+") {
        return pattern(field);
    }
    number(field, reading)
}

fn pattern(field: &str) -> Read {
    let field = field.strip_prefix("00").unwrap_or(field);
    match NumberPattern::parse(field) {
        Ok(pattern) => match pattern.range() {
            Some((_, last)) if count(last) > DIGITS_MAX => Err(Fault::TooLong),
            Some((first, _)) if count(first) < DIGITS_MIN => Err(Fault::TooShort),
            Some(_) | None => Ok((pattern, pattern.is_wide().then_some(Doubt::Wide))),
        },
        Err(PatternError::LeadingZero) => Err(Fault::MissingCountryCode),
        Err(PatternError::TooLong) => Err(Fault::TooLong),
        Err(PatternError::Empty | PatternError::Character(_)) => Err(Fault::NotANumber),
        Err(PatternError::Inner | PatternError::Backwards) => Err(Fault::BadPattern),
    }
}

fn number(field: &str, reading: Reading<'_>) -> Read {
    let plus = field.starts_with(['+', '\u{FF0B}']);
    let digits = digits(field).ok_or(Fault::NotANumber)?;
    let digits = digits.as_str();
    if plus {
        return with_code(digits);
    }
    if let Some(digits) = digits.strip_prefix("00") {
        return with_code(digits);
    }
    if digits.starts_with('0') || reading.bare == Bare::National {
        let number = reading.plan.complete(field);
        let number = number.ok_or(Fault::MissingCountryCode)?;
        return Ok((NumberPattern::One(number), Some(Doubt::Completed)));
    }
    match reading.bare {
        Bare::NorthAmerica if is_north_american(digits) => with_code(&format!("1{digits}")),
        Bare::WithCode if is_north_american(digits) => {
            let (pattern, doubt) = with_code(digits)?;
            Ok((pattern, doubt.or(Some(Doubt::LooksNational))))
        }
        Bare::NorthAmerica | Bare::WithCode | Bare::National => with_code(digits),
    }
}

/// The digits of a field that holds digits and what people put between them, at most a few more
/// than a number has.
fn digits(field: &str) -> Option<String> {
    let mut out = String::new();
    for (at, c) in field.chars().enumerate() {
        match c {
            '0'..='9' => out.push(c),
            // Full-width digits of Japanese lists.
            '\u{FF10}'..='\u{FF19}' => out.push(char::from(b'0' + (u32::from(c) - 0xFF10) as u8)),
            '+' | '\u{FF0B}' if at == 0 => {}
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{A0}' | '\u{2010}'..='\u{2013}' => {}
            _ => return None,
        }
    }
    (!out.is_empty()).then_some(out)
}

fn with_code(digits: &str) -> Read {
    match digits.len() {
        0 => return Err(Fault::NotANumber),
        len if len < DIGITS_MIN => return Err(Fault::TooShort),
        len if len > DIGITS_MAX + 1 => return Err(Fault::TooLong),
        _ => {}
    }
    if digits.starts_with('0') {
        return Err(Fault::MissingCountryCode);
    }
    let (code, rest) = digits.split_at(code_len_of(digits));
    let trunk = rest.starts_with('0') && !zero_belongs(code);
    let rest = if trunk {
        rest.trim_start_matches('0')
    } else {
        rest
    };
    let len = code.len() + rest.len();
    if len > DIGITS_MAX {
        return Err(Fault::TooLong);
    }
    if len < DIGITS_MIN {
        return Err(Fault::TooShort);
    }
    let number = format!("{code}{rest}").parse();
    let number = number.map_err(|_| Fault::NotANumber)?;
    Ok((
        NumberPattern::One(number),
        trunk.then_some(Doubt::TrunkZero),
    ))
}

/// Ten digits, area code and exchange not beginning with 0 or 1 (North American numbering plan).
fn is_north_american(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 10 && bytes[0] >= b'2' && bytes[3] >= b'2'
}

/// `4.42079E+11` is what a spreadsheet makes of a number.
fn is_rounded(field: &str) -> bool {
    let Some((mantissa, exponent)) = field.split_once(['E', 'e']) else {
        return false;
    };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let is_mantissa = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    !mantissa.is_empty()
        && mantissa.chars().all(is_mantissa)
        && !exponent.is_empty()
        && exponent.bytes().all(|b| b.is_ascii_digit())
}

fn count(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// The numbers of a pattern as ranges, ascending: one for each length that a number may have.
pub fn ranges(pattern: NumberPattern) -> impl Iterator<Item = (u64, u64)> {
    let one = pattern.range();
    let lengths = match pattern {
        NumberPattern::Beginning { digits, len } => {
            let first = usize::from(len).max(DIGITS_MIN);
            let sizes = (first..=DIGITS_MAX).map(move |total| {
                let size = 10_u64.pow((total - usize::from(len)) as u32);
                let floor = if len == 0 { size / 10 } else { digits * size };
                (floor, digits * size + (size - 1))
            });
            Some(sizes)
        }
        NumberPattern::One(_) | NumberPattern::Range { .. } => None,
    };
    one.into_iter().chain(lengths.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Britain;

    impl NumberingPlan for Britain {
        fn complete(&self, national: &str) -> Option<u64> {
            let digits = digits(national)?;
            let own = digits.strip_prefix('0').unwrap_or(&digits);
            format!("44{own}").parse().ok()
        }
    }

    fn reading(bare: Bare) -> Reading<'static> {
        Reading {
            bare,
            plan: &NoPlan,
        }
    }

    fn one(number: u64, doubt: Option<Doubt>) -> Read {
        Ok((NumberPattern::One(number), doubt))
    }

    #[test]
    fn fields_are_read_or_refused_by_name() {
        let table = [
            ("+447911123456", one(447_911_123_456, None)),
            ("00447911123456", one(447_911_123_456, None)),
            ("447911123456", one(447_911_123_456, None)),
            (
                "+44 (0) 7911 123456",
                one(447_911_123_456, Some(Doubt::TrunkZero)),
            ),
            (
                "4407911123456",
                one(447_911_123_456, Some(Doubt::TrunkZero)),
            ),
            ("+390612345678", one(390_612_345_678, None)),
            ("2025550101", one(2_025_550_101, Some(Doubt::LooksNational))),
            ("tel:+1-202-555-0101", one(12_025_550_101, None)),
            ("+８１３１２３４５６７８", one(81_312_345_678, None)),
            ("07911123456", Err(Fault::MissingCountryCode)),
            ("0800*", Err(Fault::MissingCountryCode)),
            ("4.47911E+11", Err(Fault::Rounded)),
            ("12345", Err(Fault::TooShort)),
            ("12345678901234567", Err(Fault::TooLong)),
            ("Acme", Err(Fault::NotANumber)),
            ("", Err(Fault::NotANumber)),
            ("33*4", Err(Fault::BadPattern)),
        ];
        for (field, want) in table {
            assert_eq!(read(field, reading(Bare::WithCode)), want, "{field}");
        }
        let american = read("2025550101", reading(Bare::NorthAmerica));
        assert_eq!(american, one(12_025_550_101, None));
        let plan = Reading {
            bare: Bare::National,
            plan: &Britain,
        };
        let completed = one(447_911_123_456, Some(Doubt::Completed));
        assert_eq!(read("07911 123456", plan), completed);
    }

    #[test]
    fn a_pattern_is_a_few_ranges() {
        let of = |text: &str| -> Vec<_> {
            ranges(NumberPattern::parse(text).expect("a pattern")).collect()
        };
        assert_eq!(of("33162######"), [(33_162_000_000, 33_162_999_999)]);
        let british = of("+4490*");
        assert_eq!(british[0], (4_490_000, 4_490_999));
        assert_eq!(british.len(), 9);
        assert_eq!(
            *british.last().expect("some"),
            (449_000_000_000_000, 449_099_999_999_999)
        );
        assert_eq!(of("*")[0], (1_000_000, 9_999_999));
    }
}
