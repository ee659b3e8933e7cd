//! Contacts: `TEL` gives numbers, `FN` (or `N`, `ORG`) their name (RFC 6350, RFC 2426, vCard 2.1).

use super::lines::Line;
use super::{Fault, LINE_MAX, Reading, Visit, refuse, tell};

/// Most numbers of one contact.
const NUMBERS_MAX: usize = 64;

/// Reads contacts.
#[derive(Default)]
pub(super) struct VCard {
    /// A line that may be continued by the next one.
    open: Option<(String, u64)>,
    card: Card,
}

/// What is known of the contact so far.
#[derive(Default)]
struct Card {
    names: [Option<String>; 3],
    numbers: Vec<(u64, String)>,
}

impl VCard {
    pub(super) fn line(&mut self, line: &Line<'_>, reading: Reading<'_>, visit: Visit<'_>) {
        let soft = matches!(&self.open, Some((text, _)) if is_soft(text));
        let folded = line.text.strip_prefix([' ', '\t']);
        let more = folded.or_else(|| soft.then_some(line.text.as_ref()));
        if let (Some(more), Some((text, _))) = (more, &mut self.open) {
            if soft {
                text.pop();
            }
            // What is longer than a line may be is a picture.
            if text.len() + more.len() <= LINE_MAX {
                text.push_str(more);
            }
            return;
        }
        self.flush(reading, visit);
        self.open = Some((line.text.to_string(), line.number));
    }

    pub(super) fn finish(&mut self, reading: Reading<'_>, visit: Visit<'_>) {
        self.flush(reading, visit);
        self.card.tell(reading, visit);
    }

    fn flush(&mut self, reading: Reading<'_>, visit: Visit<'_>) {
        let Some((text, number)) = self.open.take() else {
            return;
        };
        let Some((left, value)) = split_value(&text) else {
            return;
        };
        let mut parameters = left.split(';');
        let name = parameters.next().unwrap_or_default();
        let name = name.rsplit('.').next().unwrap_or_default();
        let printable = parameters.any(|p| p.to_ascii_uppercase().ends_with("QUOTED-PRINTABLE"));
        let value = if printable {
            unquote(value)
        } else {
            unescape(value)
        };
        match name.to_ascii_uppercase().as_str() {
            "BEGIN" | "END" => self.card.tell(reading, visit),
            "FN" => self.card.names[0] = Some(value),
            "N" => self.card.names[1] = Some(plain_name(&value)),
            "ORG" => self.card.names[2] = Some(plain_name(&value)),
            "TEL" if self.card.numbers.len() < NUMBERS_MAX => {
                self.card.numbers.push((number, value));
            }
            "TEL" => refuse(visit, number, 1, Fault::TooManyNumbers),
            _ => {}
        }
    }
}

impl Card {
    fn tell(&mut self, reading: Reading<'_>, visit: Visit<'_>) {
        let card = core::mem::take(self);
        let mut names = card.names.iter().flatten().map(|name| name.trim());
        let label = names.find(|name| !name.is_empty());
        for (line, number) in &card.numbers {
            tell(visit, (*line, 1), number, label, reading);
        }
    }
}

/// A quoted-printable line that goes on in the next one (vCard 2.1).
fn is_soft(text: &str) -> bool {
    text.ends_with('=') && text.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

/// Splits at the first colon that is not in quotes.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = text.find(|c| {
        quoted ^= c == '"';
        c == ':' && !quoted
    })?;
    Some((&text[..at], &text[at + 1..]))
}

/// `Doe;Jane;;Dr.` as it is said.
fn plain_name(value: &str) -> String {
    let parts: Vec<_> = value.split(';').take(2).map(str::trim).collect();
    let parts: Vec<_> = parts.into_iter().rev().filter(|p| !p.is_empty()).collect();
    parts.join(" ")
}

fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push(' '),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// `J=C3=BCrgen` (RFC 2045 section 6.7).
fn unquote(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|two| core::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if *first == b'=' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            Some(_) | None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded() {
        assert_eq!(unquote("J=C3=BCrgen =4"), "Jürgen =4");
        assert_eq!(unescape("A\\, B\\nC\\"), "A, B C");
        assert_eq!(plain_name("Doe;Jane;;"), "Jane Doe");
        assert_eq!(
            split_value("TEL;X=\"a:b\":+1"),
            Some(("TEL;X=\"a:b\"", "+1"))
        );
    }
}
