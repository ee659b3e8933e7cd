//! Text: one number or pattern a line, perhaps with a name behind it.

use super::lines::Line;
use super::{Reading, Skip, Visit, skip, tell};

/// Reads a line.
pub(super) fn read(line: &Line<'_>, reading: Reading<'_>, visit: Visit<'_>) {
    let text = line.text.trim();
    if text.is_empty() {
        return skip(visit, line.number, 1, Skip::Blank);
    }
    if text.starts_with(['#', ';', '!']) || text.starts_with("//") {
        return skip(visit, line.number, 1, Skip::Comment);
    }
    let (number, label) = split(text);
    if number.is_empty() {
        // Perhaps there is a better reason than that it is no number.
        let word = text.split([',', ';', '\t', ' ']).next().unwrap_or_default();
        return tell(visit, (line.number, 1), word, None, reading);
    }
    tell(visit, (line.number, 1), number, label, reading);
}

/// The number at the beginning and the name behind it.
fn split(text: &str) -> (&str, Option<&str>) {
    let text = text[..remark(text)].trim_end();
    let quoted = text.strip_prefix('"');
    let text = quoted.unwrap_or(text);
    let end = text.find(|c: char| !belongs(c)).unwrap_or(text.len());
    // `+442079460000 24h Ltd`: the digits before a letter belong to the name.
    let glued = text[end..].starts_with(char::is_alphabetic);
    let space = text[..end].rfind([' ', '\u{A0}']);
    let end = space.filter(|_| glued).unwrap_or(end);
    let end = if glued && space.is_none() { 0 } else { end };
    let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | ':' | '=' | '"');
    let label = text[end..].trim_matches(between);
    (
        text[..end].trim(),
        Some(label).filter(|label| !label.is_empty()),
    )
}

/// Where a remark begins: ` # seen twice`. In `+33 1 99 00 ## ##` there is none.
fn remark(text: &str) -> usize {
    let mut marks = text.match_indices(" #").map(|(at, _)| at);
    let is_remark = |at: &usize| text[at + 2..].starts_with(|c| c != '#');
    marks.find(is_remark).unwrap_or(text.len())
}

fn belongs(c: char) -> bool {
    c.is_numeric()
        || matches!(
            c,
            '+' | '\u{FF0B}' | '*' | '#' | '?' | '(' | ')' | '.' | ' ' | '/' | '-'
        )
        || matches!(c, '\u{A0}' | '\u{2010}'..='\u{2013}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_and_name_are_told_apart() {
        let table = [
            ("+44 20 7946 0000", "+44 20 7946 0000", None),
            ("+442079460000,Acme", "+442079460000", Some("Acme")),
            (
                "+442079460000\tAcme Ltd # remark",
                "+442079460000",
                Some("Acme Ltd"),
            ),
            ("+442079460000 24h Ltd", "+442079460000", Some("24h Ltd")),
            ("33162######", "33162######", None),
            ("\"+442079460000\";\"Acme\"", "+442079460000", Some("Acme")),
            ("Acme", "", Some("Acme")),
            ("4.47E+11", "", Some("4.47E+11")),
        ];
        for (line, number, label) in table {
            assert_eq!(split(line), (number, label), "{line}");
        }
    }
}
