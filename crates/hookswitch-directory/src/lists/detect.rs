//! What a file is, by its beginning.

use super::{Format, csv};

/// Finds the format by the first bytes of a file; a few kilobytes are enough. The name helps where
/// they could mean both text and CSV.
#[must_use]
pub fn detect(head: &[u8], name: Option<&str>) -> Format {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    let begins = |word: &str| {
        let head = text.get(..word.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    if begins("BEGIN:VCARD") {
        return Format::VCard;
    }
    if text.starts_with('<') {
        return Format::Phonebook;
    }
    let named = name.is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        name.ends_with(".csv") || name.ends_with(".tsv")
    });
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    let header = first.is_some_and(csv::is_header);
    if named || header {
        Format::Csv
    } else {
        Format::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart() {
        let table = [
            ("begin:vcard\r\nVERSION:3.0", None, Format::VCard),
            ("<?xml version=\"1.0\"?>", None, Format::Phonebook),
            ("Number,Name\n+4420,Acme", None, Format::Csv),
            ("+4420,Acme", None, Format::Text),
            ("+4420,Acme", Some("spam.CSV"), Format::Csv),
            ("# spam\n+4420", None, Format::Text),
            ("", None, Format::Text),
        ];
        for (head, name, want) in table {
            assert_eq!(detect(head.as_bytes(), name), want, "{head}");
        }
    }
}
