//! Spellings of a caller's number that need no numbering plan.
//!
//! Input: the address as the app reported it. Output: the number itself when it stands there with
//! its country code; otherwise what kind of thing it is, so that an edge with the numbering plans
//! of the world can complete it.
//!
//! # Promises
//!
//! - **NU1** `+442079460000`, `tel:+44-20-7946-0000`, `sip:+442079460000@example.org`, the same
//!   without its scheme, and `tel:2079460000;phone-context=+44` are read here, by hand and without
//!   allocation.
//! - **NU2** nothing is guessed: digits without country code stay what they are.

mod address;

pub use address::comparable;

/// Country codes whose national numbers may begin with a zero (from the metadata of libphonenumber
/// 9.0.43, `resources/metadata`). Behind every other code a zero is a trunk prefix.
const ZERO_BELONGS: &[u64] = &[
    39, 47, 62, 81, 82, 225, 226, 227, 229, 241, 242, 247, 250, 267, 268, 378, 501, 676, 679, 687,
    800, 853, 881, 888, 992,
];

/// How an address is spelled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Spelling<'a> {
    /// The number is hidden.
    Withheld,
    /// With its country code.
    International {
        /// The number.
        number: u64,
        /// A zero follows the country code: perhaps a trunk prefix that does not belong there.
        zero: bool,
    },
    /// A number in the spelling of its country.
    National(&'a str),
    /// A short number: two to six digits.
    Short(&'a str),
    /// No phone number.
    Address,
}

/// Words that networks and programs send in place of a number that is hidden (RFC 3323 section
/// 4.1.1.3 for `anonymous`; the others are seen in `From` headers of gateways).
const WITHHELD: &[&str] = &[
    "anonymous",
    "private",
    "restricted",
    "unavailable",
    "unknown",
    "withheld",
];

/// Most digits behind a plus sign (as in [`hookswitch_model::NumberPattern`]).
const DIGITS_MAX: usize = 18;

/// Fewest digits of a number with its country code.
const DIGITS_MIN: usize = 4;

/// Reads an address.
#[must_use]
pub fn read(address: &str) -> Spelling<'_> {
    let text = address.trim();
    let (text, context) = strip_scheme(text);
    if text.is_empty() || WITHHELD.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Spelling::Withheld;
    }
    if let Some(digits) = text.strip_prefix('+') {
        return international(digits, 0).unwrap_or(Spelling::Address);
    }
    if let Some(context) = context.and_then(|context| context.strip_prefix('+')) {
        let code = digits(context, 0).map(|(number, _)| number);
        return code
            .and_then(|code| international(text, code))
            .unwrap_or(Spelling::Address);
    }
    let count = text.chars().filter(|c| c.is_numeric()).count();
    let other = text.chars().any(|c| !c.is_numeric() && !is_filler(c));
    if (2..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        Spelling::Short(text)
    } else if other || count < DIGITS_MIN {
        Spelling::Address
    } else {
        Spelling::National(text)
    }
}

/// The part that holds the number, and the `phone-context` of a `tel` address.
fn strip_scheme(text: &str) -> (&str, Option<&str>) {
    let Some((scheme, rest)) = text.split_once(':') else {
        return (user_of(text), None);
    };
    if scheme.eq_ignore_ascii_case("tel") {
        let mut parts = rest.split(';');
        let number = parts.next().unwrap_or_default();
        let context = parts.find_map(|part| part.strip_prefix("phone-context="));
        (number, context)
    } else if scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips") {
        let user = rest.split(['@', ';']).next().unwrap_or_default();
        (user, None)
    } else {
        (text, None)
    }
}

/// The number in an address of a SIP caller whose app leaves the scheme out: `+442079460000@host`
/// (RFC 3261, section 19.1.6), or nobody (RFC 3323, section 4.1.1.3). Any other address stays one.
fn user_of(text: &str) -> &str {
    match text.split_once('@') {
        Some((user, host)) if user.starts_with('+') || host == "anonymous.invalid" => user,
        Some(_) | None => text,
    }
}

fn is_filler(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{A0}' | '+')
}

fn international(text: &str, code: u64) -> Option<Spelling<'static>> {
    let (number, count) = digits(text, code)?;
    let zero = text.contains("(0)") || has_zero(number);
    let valid = count >= DIGITS_MIN && !text.starts_with('0');
    valid.then_some(Spelling::International { number, zero })
}

/// Appends digits to a number; nothing if there is something else among them.
fn digits(text: &str, start: u64) -> Option<(u64, usize)> {
    let mut number = start;
    let mut count = start.checked_ilog10().map_or(0, |log| log as usize + 1);
    for c in text.chars().filter(|c| !is_filler(*c)) {
        let digit = c.to_digit(10)?;
        count += 1;
        if count > DIGITS_MAX {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    (count > 0).then_some((number, count))
}

/// Whether a zero follows the country code (ITU-T E.164 annex: codes of one digit are 1 and 7, the
/// others have two digits if these stand in the table, else three).
fn has_zero(number: u64) -> bool {
    let mut text = [0_u8; 20];
    let mut at = text.len();
    let mut rest = number;
    while rest > 0 {
        at -= 1;
        text[at] = (rest % 10) as u8;
        rest /= 10;
    }
    let text = &text[at..];
    text.get(code_len(text)) == Some(&0)
}

/// Whether numbers of a country code may begin with a zero.
pub(crate) fn zero_belongs(code: &str) -> bool {
    code.parse().is_ok_and(|code| ZERO_BELONGS.contains(&code))
}

/// The number without the trunk prefix behind its country code, where one stands and does not
/// belong there. Without a numbering plan: zeros only.
#[must_use]
pub fn without_trunk(number: u64) -> Option<u64> {
    let digits = number.to_string();
    let (code, rest) = digits.split_at(code_len_of(&digits));
    let own = rest.trim_start_matches('0');
    let is_trunk = own.len() < rest.len() && !own.is_empty() && !zero_belongs(code);
    is_trunk.then(|| format!("{code}{own}").parse().ok())?
}

/// How many digits of a number are its country code.
pub(crate) fn code_len_of(digits: &str) -> usize {
    let values = digits.bytes().map(|b| b.wrapping_sub(b'0'));
    let mut first = [0_u8; 3];
    let mut len = 0;
    for (place, value) in first.iter_mut().zip(values) {
        *place = value;
        len += 1;
    }
    code_len(&first[..len]).min(digits.len())
}

fn code_len(digits: &[u8]) -> usize {
    const TWO: &[u8] = &[
        20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55,
        56, 57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
    ];
    match digits {
        [1 | 7, ..] => 1,
        [a, b, ..] if TWO.contains(&(a * 10 + b)) => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(number: u64) -> Spelling<'static> {
        Spelling::International {
            number,
            zero: false,
        }
    }

    #[test]
    fn spellings_are_told_apart() {
        let table = [
            ("+442079460000", full(442_079_460_000)),
            ("tel:+44-20-7946-0000", full(442_079_460_000)),
            ("TEL:+1(202)555-0101;ext=5", full(12_025_550_101)),
            (
                "sip:+442079460000@example.org;user=phone",
                full(442_079_460_000),
            ),
            ("tel:2079460000;phone-context=+44", full(442_079_460_000)),
            ("07911 123456", Spelling::National("07911 123456")),
            (
                "tel:0791112345;phone-context=a.org",
                Spelling::National("0791112345"),
            ),
            ("112", Spelling::Short("112")),
            ("anonymous", Spelling::Withheld),
            ("sip:anonymous@anonymous.invalid", Spelling::Withheld),
            ("anonymous@anonymous.invalid", Spelling::Withheld),
            ("+442079460000@example.org", full(442_079_460_000)),
            ("07911123456@example.org", Spelling::Address),
            ("+ana@example.org", Spelling::Address),
            ("", Spelling::Withheld),
            ("@omar:example.org", Spelling::Address),
            ("ana@example.org", Spelling::Address),
            ("+44x", Spelling::Address),
            ("+0441234567", Spelling::Address),
            ("+1234567890123456789", Spelling::Address),
        ];
        for (text, want) in table {
            assert_eq!(read(text), want, "{text}");
        }
    }

    #[test]
    fn a_zero_behind_the_country_code_is_seen() {
        for (text, number) in [
            ("+4407911123456", 4_407_911_123_456),
            ("+44 (0) 7911 123456", 4_407_911_123_456),
            ("+390612345678", 390_612_345_678),
            ("+353012345678", 353_012_345_678),
        ] {
            let want = Spelling::International { number, zero: true };
            assert_eq!(read(text), want, "{text}");
        }
    }

    #[test]
    fn a_trunk_zero_is_left_out_where_it_does_not_belong() {
        let table = [
            (4_402_079_460_000, Some(442_079_460_000)),
            (442_079_460_000, None),
            (390_612_345_678, None),
            (353_012_345_678, Some(35_312_345_678)),
            (440, None),
        ];
        for (number, want) in table {
            assert_eq!(without_trunk(number), want, "{number}");
        }
    }

    #[test]
    fn full_width_digits_are_left_to_the_numbering_plans() {
        assert_eq!(read("０７９１１"), Spelling::National("０７９１１"));
    }
}
