//! Words of one line of a scenario, with their columns.
//!
//! A word is a run of characters without blanks; `,`, `{` and `}` stand for themselves; `"…"` keeps
//! blanks and commas, with `\"` and `\\` inside.

use core::fmt;
use core::time::Duration;

pub use hookswitch_trace::{Word, join};
pub use hookswitch_wire::trace::write_span;

/// Why a line could not be read, and what would be right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScenarioError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl core::error::Error for ScenarioError {}

/// Splits a line into words.
///
/// # Errors
///
/// Column and message, if a quote is not closed.
pub fn split(line: &str) -> Result<Vec<Word>, (usize, String)> {
    let mut words: Vec<Word> = Vec::new();
    let mut chars = line.chars().zip(1usize..).peekable();
    while let Some((c, column)) = chars.next() {
        match c {
            ' ' | '\t' => {}
            ',' | '{' | '}' => words.push(sign(c, column)),
            '"' => words.push(quoted(&mut chars, column)?),
            other => {
                let mut text = String::from(other);
                while let Some((next, _)) = chars.next_if(|(n, _)| !is_break(*n)) {
                    text.push(next);
                }
                words.push(Word {
                    text,
                    quoted: false,
                    column,
                });
            }
        }
    }
    Ok(words)
}

fn is_break(c: char) -> bool {
    matches!(c, ' ' | '\t' | ',' | '{' | '}' | '"')
}

fn sign(c: char, column: usize) -> Word {
    Word {
        text: c.to_string(),
        quoted: false,
        column,
    }
}

fn quoted(
    chars: &mut impl Iterator<Item = (char, usize)>,
    column: usize,
) -> Result<Word, (usize, String)> {
    let mut text = String::new();
    while let Some((c, at)) = chars.next() {
        match c {
            '"' => {
                return Ok(Word {
                    text,
                    quoted: true,
                    column,
                });
            }
            '\\' => match chars.next() {
                Some((escaped @ ('"' | '\\'), _)) => text.push(escaped),
                _ => return Err((at, "only \\\" and \\\\ may follow a backslash".to_owned())),
            },
            other => text.push(other),
        }
    }
    Err((column, "this quote is not closed".to_owned()))
}

/// Reads a span of time such as `300ms`, `2.5s` or `1m30s`.
#[must_use]
pub fn read_span(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let number_len = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .filter(|len| *len > 0)?;
        let (number, tail) = rest.split_at(number_len);
        let unit_len = tail
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, after) = tail.split_at(unit_len);
        total = total.checked_add(one_span(number, unit)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(total)
}

fn one_span(number: &str, unit: &str) -> Option<Duration> {
    let nanos: u64 = match unit {
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.len() > 9 || whole.is_empty() {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(nanos)?;
    let scale = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = if fraction.is_empty() {
        0
    } else {
        fraction.parse::<u64>().ok()?.checked_mul(nanos)? / scale
    };
    Some(Duration::from_nanos(whole.checked_add(part)?))
}

/// The known word nearest to `word`, if it is near enough to be a slip.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(far, candidate)| *far <= candidate.len().max(3) / 2)
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

/// Edit distance of Levenshtein.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let change = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_columns_and_quotes() {
        let words = split(r#"  a, "b \" c" {d=1}"#).expect("well formed");
        let texts: Vec<_> = words.iter().map(|w| (w.text.as_str(), w.column)).collect();
        let want = [
            ("a", 3),
            (",", 4),
            ("b \" c", 6),
            ("{", 15),
            ("d=1", 16),
            ("}", 19),
        ];
        assert_eq!(texts, want);
        assert_eq!(join(&words), r#"a, "b \" c" { d=1 }"#);
        assert_eq!(split("\"a").unwrap_err().0, 1);
    }

    #[test]
    fn spans_read_back_what_they_write() {
        for text in ["0s", "300ms", "2.5s", "90s", "1.234567s", "20us", "1.5ms"] {
            let span = read_span(text).expect(text);
            assert_eq!(write_span(span), text);
        }
        assert_eq!(read_span("1m30s"), Some(Duration::from_secs(90)));
        for text in ["", "s", "3", "3x", "1.s.", "-1s", "99999999999999999999s"] {
            assert_eq!(read_span(text), None, "{text}");
        }
    }

    #[test]
    fn a_slip_finds_its_word() {
        assert_eq!(nearest("anwsers", ["answers", "ends"]), Some("answers"));
        assert_eq!(nearest("xyzzy", ["answers", "ends"]), None);
    }
}
