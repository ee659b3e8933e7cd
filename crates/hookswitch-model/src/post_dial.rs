//! Numbers with digits behind them that are to be sent when the other party has answered.
//!
//! Input: what a person dials, as address books and `tel:` links write it. Output: the number, and
//! the digits behind its first pause. `,` and `p` are soft pauses, `;` and `w` hard ones; a `tel:`
//! link says `;postd=` (RFC 2806 section 2.2; RFC 3966 keeps it as a parameter of others).
//!
//! # Promises
//!
//! - **PD1** what is no number with digits behind it stays as it is: vanity numbers, extensions
//!   (`;ext=`), contexts, addresses.
//! - **PD2** pauses behind which nothing is sent are left out.

use crate::digits::{Digits, DigitsError};

const POSTD: &str = ";postd=";

/// Takes a number apart: what is dialed, and what is sent behind it.
#[must_use]
pub fn post_dial(text: &str) -> (String, Option<Digits>) {
    by_parameter(text)
        .or_else(|| by_pause(text))
        .unwrap_or_else(|| (text.to_owned(), None))
}

fn by_parameter(text: &str) -> Option<(String, Option<Digits>)> {
    let at = text.to_ascii_lowercase().find(POSTD)?;
    let (number, tail) = (&text[..at], &text[at + POSTD.len()..]);
    let (tail, others) = tail.split_at(tail.find(';').unwrap_or(tail.len()));
    Some((format!("{number}{others}"), digits(tail)?))
}

fn by_pause(text: &str) -> Option<(String, Option<Digits>)> {
    let at = text.find([',', ';', 'p', 'P', 'w', 'W'])?;
    let (number, tail) = text.split_at(at);
    is_number(number).then_some(())?;
    Some((number.trim_end().to_owned(), digits(tail)?))
}

/// The digits of a tail; nothing if it is something else, and none if there are only pauses.
fn digits(tail: &str) -> Option<Option<Digits>> {
    let plain: String = tail.chars().filter(|c| !is_mark(*c)).collect();
    match Digits::new(&plain) {
        Ok(digits) => Some(Some(digits)),
        Err(DigitsError::Empty) => Some(None),
        Err(DigitsError::TooLong | DigitsError::NotATone(_)) => None,
    }
}

fn is_number(text: &str) -> bool {
    let number = text.strip_prefix("tel:").unwrap_or(text).trim();
    let number = number.strip_prefix('+').unwrap_or(number);
    let dialable = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#') || is_mark(c);
    number.chars().all(dialable) && number.chars().any(|c| c.is_ascii_digit())
}

/// What people write between the digits (RFC 3966 "visual separator", and blanks).
fn is_mark(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_behind_a_number_are_told_from_the_number() {
        for (text, number, behind) in [
            ("+12025550101", "+12025550101", None),
            ("+12025550101,,12", "+12025550101", Some(",,12")),
            (
                "+1 202 555-0101, 1-2;34#",
                "+1 202 555-0101",
                Some(",12;34#"),
            ),
            ("2025550101p12w34", "2025550101", Some(",12;34")),
            (
                "tel:+12025550101;postd=pp22",
                "tel:+12025550101",
                Some(",,22"),
            ),
            (
                "+12025550101;postd=22w1;ext=7",
                "+12025550101;ext=7",
                Some("22;1"),
            ),
            ("*67,5", "*67", Some(",5")),
            ("+12025550101,,", "+12025550101", None),
            (
                "tel:7042;phone-context=example.com",
                "tel:7042;phone-context=example.com",
                None,
            ),
            ("+12025550101;ext=12", "+12025550101;ext=12", None),
            ("1-800-PWN", "1-800-PWN", None),
            (
                "sip:bob@example.org;transport=tcp",
                "sip:bob@example.org;transport=tcp",
                None,
            ),
            (",,12", ",,12", None),
            ("", "", None),
        ] {
            let (dialed, sent) = post_dial(text);
            assert_eq!(dialed, number, "{text}");
            assert_eq!(sent.as_ref().map(Digits::as_str), behind, "{text}");
        }
        let many = format!("1,{}", "2".repeat(Digits::MAX_LEN));
        assert_eq!(
            post_dial(&many),
            (many.clone(), None),
            "too many to be sent"
        );
    }
}
