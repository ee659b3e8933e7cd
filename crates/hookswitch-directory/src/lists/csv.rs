//! CSV: the column of numbers found by the names of the columns, or by what is in them.

use super::field::Bare;
use super::lines::Line;
use super::{Fault, LINE_MAX, Reading, Skip, Visit, field, refuse, skip, tell};

/// Names of columns that hold the number, best first. `company_phone_number` is the FTC's
/// (<https://www.ftc.gov/policy-notices/open-government/data-sets/do-not-call-data>).
const NUMBERS: &[&str] = &[
    "company_phone_number",
    "phone_number",
    "phonenumber",
    "number",
    "phone",
    "pattern",
    "tel",
    "telephone",
    "caller_id",
    "callerid",
    "caller",
    "rufnummer",
    "telefonnummer",
    "nummer",
    "telefon",
    "numero",
    "número",
    "telefono",
    "teléfono",
    "phone_1___value",
];

/// Names of columns that say who it is, best first.
const LABELS: &[&str] = &[
    "label",
    "name",
    "title",
    "subject",
    "description",
    "company",
    "organization",
    "category",
    "comment",
    "reason",
    "bezeichnung",
    "nom",
    "nombre",
];

/// What may stand between columns.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Where things stand.
#[derive(Clone, Copy)]
struct Columns {
    number: usize,
    label: Option<usize>,
    bare: Option<Bare>,
}

/// Reads records.
#[derive(Default)]
pub(super) struct Csv {
    separator: Option<char>,
    header: Option<Columns>,
    begun: bool,
    /// A record whose quote is open: its text, first line and number of lines.
    open: Option<(String, u64, u64)>,
}

impl Csv {
    pub(super) fn line(&mut self, line: &Line<'_>, reading: Reading<'_>, visit: Visit<'_>) {
        let (text, first, lines) = match self.open.take() {
            Some((mut text, first, lines)) => {
                text.push('\n');
                text.push_str(&line.text);
                (text, first, lines + 1)
            }
            None => (line.text.to_string(), line.number, 1),
        };
        if text.len() > LINE_MAX {
            return refuse(visit, first, lines, Fault::OpenQuote);
        }
        if text.matches('"').count() % 2 == 1 {
            self.open = Some((text, first, lines));
            return;
        }
        self.record(&text, (first, lines), reading, visit);
    }

    pub(super) fn finish(&mut self, _: Reading<'_>, visit: Visit<'_>) {
        if let Some((_, first, lines)) = self.open.take() {
            refuse(visit, first, lines, Fault::OpenQuote);
        }
    }

    fn record(&mut self, text: &str, place: (u64, u64), reading: Reading<'_>, visit: Visit<'_>) {
        if text.trim().is_empty() {
            return skip(visit, place.0, place.1, Skip::Blank);
        }
        if !self.begun && text.starts_with('#') {
            return skip(visit, place.0, place.1, Skip::Comment);
        }
        let separator = *self.separator.get_or_insert_with(|| separator_of(text));
        let fields = split(text, separator);
        if !self.begun {
            self.begun = true;
            self.header = named(&fields);
            let is_header = self.header.is_some() || number_in(&fields, reading).is_none();
            if is_header && fields.iter().any(|f| f.contains(char::is_alphabetic)) {
                return skip(visit, place.0, place.1, Skip::Header);
            }
        }
        match self.header.or_else(|| guessed(&fields, reading)) {
            Some(columns) => columns.tell(&fields, place, reading, visit),
            None => refuse(visit, place.0, place.1, Fault::NoColumn),
        }
    }
}

impl Columns {
    fn tell(
        self,
        fields: &[String],
        place: (u64, u64),
        mut reading: Reading<'_>,
        visit: Visit<'_>,
    ) {
        let label = self.label.and_then(|at| fields.get(at));
        let label = label.map(|l| l.trim()).filter(|l| !l.is_empty());
        if let Some(bare) = self.bare {
            reading.bare = bare;
        }
        match fields.get(self.number) {
            Some(number) => tell(visit, place, number, label, reading),
            None => refuse(visit, place.0, place.1, Fault::NoColumn),
        }
    }
}

/// Whether a line names a column of numbers beside others.
pub(super) fn is_header(line: &str) -> bool {
    let fields = split(line, separator_of(line));
    fields.len() > 1 && named(&fields).is_some()
}

/// The columns by their names.
fn named(fields: &[String]) -> Option<Columns> {
    let plain = |field: &String| field.trim().to_lowercase().replace([' ', '-'], "_");
    let names: Vec<String> = fields.iter().map(plain).collect();
    let find = |known: &&str| names.iter().position(|name| name == known);
    let number = NUMBERS.iter().find_map(find)?;
    let bare = (names[number] == NUMBERS[0]).then_some(Bare::NorthAmerica);
    let label = LABELS.iter().find_map(find);
    Some(Columns {
        number,
        label,
        bare,
    })
}

/// The columns by what is in them: the first number, and the first words.
fn guessed(fields: &[String], reading: Reading<'_>) -> Option<Columns> {
    let number = number_in(fields, reading)?;
    let is_word = |field: &String| field.contains(char::is_alphabetic);
    let label = (0..fields.len()).find(|at| *at != number && is_word(&fields[*at]));
    Some(Columns {
        number,
        label,
        bare: None,
    })
}

fn number_in(fields: &[String], reading: Reading<'_>) -> Option<usize> {
    let readable = |field: &String| field::read(field, reading).is_ok();
    let almost = |field: &String| {
        let read = field::read(field, reading);
        !matches!(read, Err(Fault::NotANumber))
    };
    let first = fields.iter().position(readable);
    first.or_else(|| fields.iter().position(almost))
}

fn separator_of(text: &str) -> char {
    let count = |separator: &char| split(text, *separator).len();
    let mut best = SEPARATORS[0];
    for separator in SEPARATORS {
        if count(&separator) > count(&best) {
            best = separator;
        }
    }
    best
}

/// Splits a record; a quoted field may hold separators, ends of lines and doubled quotes.
pub(super) fn split(text: &str, separator: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let field = fields.last_mut().expect("there is always one field");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            c if c == separator && !quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_separators() {
        assert_eq!(split("a,\"b,\"\"c\"\"\",d", ','), ["a", "b,\"c\"", "d"]);
        assert_eq!(split("", ','), [""]);
        assert_eq!(separator_of("a;b;c,d"), ';');
    }
}
