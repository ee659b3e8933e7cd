//! Writes a scenario in its one canonical form.

use core::fmt::Write as _;

use super::lex::{join, write_span};
use super::{Check, FORMAT, LineKind, Mood, Scenario, VERSION, Want, When, Word};

/// Width of the time column.
const TIME_WIDTH: usize = 8;

/// Writes the file.
#[must_use]
pub fn print(scenario: &Scenario) -> String {
    let mut out = format!("{FORMAT} {VERSION}\n");
    for line in &scenario.lines {
        out.push_str(&print_line(&line.kind));
        out.push('\n');
    }
    out
}

/// Writes one line, without its end.
#[must_use]
pub(super) fn print_line(kind: &LineKind) -> String {
    match kind {
        LineKind::Blank => String::new(),
        LineKind::Comment(text) => format!("#{text}"),
        LineKind::Header(words) => join(words),
        LineKind::Input(input) => {
            let time = match input.when {
                When::At(time) => write_span(time),
                When::After(span) => format!("+{}", write_span(span)),
            };
            format!("at {time:TIME_WIDTH$} {}", join(&input.words))
        }
        LineKind::Check(check) => format!("  {}", print_check(check)),
        LineKind::Effect(text) => format!("  > {text}").trim_end().to_owned(),
        LineKind::Facts(text) => format!("  = {text}").trim_end().to_owned(),
    }
}

/// Writes a check as it stands in a file.
#[must_use]
pub(crate) fn print_check(check: &Check) -> String {
    let mut out = String::new();
    if let Some(within) = check.within {
        let _ = write!(out, "within {} ", write_span(within));
    }
    match check.mood {
        Mood::Expect => out.push_str("expect "),
        Mood::Never => out.push_str("never "),
        Mood::State => out.push_str("state "),
        Mood::Times(times) => {
            let _ = write!(out, "expect exactly {times} ");
        }
    }
    out.push_str(&join(&want_words(&check.wants)));
    out
}

/// The words of all wants, with their commas.
pub(super) fn want_words(wants: &[Want]) -> Vec<Word> {
    let mut words = Vec::new();
    for (index, want) in wants.iter().enumerate() {
        if index > 0 {
            words.push(Word::new(","));
        }
        if want.negated {
            words.push(Word::new("not"));
        }
        words.extend(want.place.as_deref().map(Word::new));
        words.extend(want.words.iter().cloned());
    }
    words
}
