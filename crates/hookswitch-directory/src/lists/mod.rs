//! Lists of numbers as people publish them: text, CSV, vCard and phonebook files.
//!
//! Input: the bytes of a file, in pieces of any size. Output: [`Event`]s, one for each entry, each
//! line that was left out and each line that could not be used, with its number.
//!
//! # Promises
//!
//! - **LI1** no line is lost silently: in text and CSV the lines of the events are the lines of
//!   the file; in vCard and XML every number gives an entry or a refusal.
//! - **LI2** memory is bounded by [`LINE_MAX`] and the numbers of one contact, whatever comes in.
//! - **LI3** any bytes are read without panic, and in pieces of any size to the same events.
//! - **LI4** a number is never guessed: without country code it is completed by the
//!   [`NumberingPlan`] that the caller gives, or refused.
//!
//! # Not here
//!
//! Storing, files, the numbering plans themselves.

mod collect;
mod csv;
mod detect;
mod field;
mod lines;
mod lint;
mod phonebook;
mod text;
mod vcard;
pub mod words;

use hookswitch_model::NumberPattern;

pub use collect::Collected;
pub use detect::detect;
pub use field::{Bare, NoPlan, NumberingPlan, ranges};
pub use lint::{Lint, Order, Tally};

/// Longest line, record or text of a contact, in bytes.
pub const LINE_MAX: usize = 1 << 16;

/// What a file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// One number or pattern a line, perhaps with a name behind it.
    Text,
    /// Columns (RFC 4180), separated by comma, semicolon, tab or bar.
    Csv,
    /// Contacts (RFC 6350 and the versions before).
    VCard,
    /// A phonebook in XML, as Fritz!Box routers, Asterisk and desk phones have it.
    Phonebook,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Text, Self::Csv, Self::VCard, Self::Phonebook];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Csv => "csv",
            Self::VCard => "vcard",
            Self::Phonebook => "phonebook",
        }
    }
}

/// Why a line or a number cannot be used.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Fault {
    /// No number stands where one should be.
    NotANumber,
    /// It is written as inside its country, and nothing says which.
    MissingCountryCode,
    /// Fewer than seven digits with the country code.
    TooShort,
    /// More than fifteen digits.
    TooLong,
    /// A pattern that cannot be read, or a range whose end lies before its beginning.
    BadPattern,
    /// A spreadsheet has rounded it, as in `4.42E+11`.
    Rounded,
    /// The line is longer than [`LINE_MAX`].
    LineTooLong,
    /// A quote was opened and not closed.
    OpenQuote,
    /// The record has no column of numbers.
    NoColumn,
    /// More numbers than a contact may have.
    TooManyNumbers,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::NotANumber,
        Self::MissingCountryCode,
        Self::TooShort,
        Self::TooLong,
        Self::BadPattern,
        Self::Rounded,
        Self::LineTooLong,
        Self::OpenQuote,
        Self::NoColumn,
        Self::TooManyNumbers,
    ];
}

/// What is odd about an entry that was taken.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Doubt {
    /// A trunk zero stood behind the country code and was left out.
    TrunkZero,
    /// Ten digits without plus sign that look like a North American number without its 1.
    LooksNational,
    /// It was completed with the region that was given.
    Completed,
    /// A pattern of at most three digits, or a range of a hundred million numbers or more: a
    /// country, or a part of the world.
    Wide,
    /// Its name is longer than [`hookswitch_model::Text::MAX_LEN`] bytes, and is cut there. Stands
    /// beside another doubt.
    LongName,
}

impl Doubt {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::TrunkZero,
        Self::LooksNational,
        Self::Completed,
        Self::Wide,
        Self::LongName,
    ];
}

/// Why a line holds no entry.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Skip {
    /// Nothing in it.
    Blank,
    /// A remark.
    Comment,
    /// Names of columns.
    Header,
}

/// What was found.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum What<'a> {
    /// An entry.
    Entry {
        /// Which numbers.
        pattern: NumberPattern,
        /// What they are called.
        label: Option<&'a str>,
        /// What is odd about it.
        doubt: Option<Doubt>,
    },
    /// Something that cannot be used.
    Refused(Fault),
    /// Nothing to be used.
    Skipped(Skip),
}

/// Something found in a file.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Event<'a> {
    /// The line where it begins, from 1.
    pub line: u64,
    /// How many lines it takes; 0 for a further number of the same line or contact.
    pub lines: u64,
    /// What.
    pub what: What<'a>,
}

/// What events go to.
pub type Visit<'v> = &'v mut dyn FnMut(Event<'_>);

/// How numbers are read.
#[derive(Clone, Copy)]
pub struct Reading<'p> {
    /// How digits without plus sign are meant.
    pub bare: Bare,
    /// Completes numbers without country code.
    pub plan: &'p dyn NumberingPlan,
}

/// Reads one file, piece by piece.
pub struct ListReader<'p> {
    lines: lines::Lines,
    parser: Parser,
    reading: Reading<'p>,
}

enum Parser {
    Text,
    Csv(csv::Csv),
    VCard(vcard::VCard),
    Phonebook(phonebook::Phonebook),
}

impl<'p> ListReader<'p> {
    /// Begins a file of this format.
    #[must_use]
    pub fn new(format: Format, reading: Reading<'p>) -> Self {
        let parser = match format {
            Format::Text => Parser::Text,
            Format::Csv => Parser::Csv(csv::Csv::default()),
            Format::VCard => Parser::VCard(vcard::VCard::default()),
            Format::Phonebook => Parser::Phonebook(phonebook::Phonebook::default()),
        };
        Self {
            lines: lines::Lines::default(),
            parser,
            reading,
        }
    }

    /// Reads the next piece.
    pub fn feed(&mut self, bytes: &[u8], visit: Visit<'_>) {
        let Self {
            lines,
            parser,
            reading,
        } = self;
        lines.feed(bytes, &mut |line| parser.line(&line, *reading, visit));
    }

    /// Ends the file; how many lines it had.
    pub fn finish(&mut self, visit: Visit<'_>) -> u64 {
        let Self {
            lines,
            parser,
            reading,
        } = self;
        let count = lines.finish(&mut |line| parser.line(&line, *reading, visit));
        match parser {
            Parser::Text => {}
            Parser::Csv(csv) => csv.finish(*reading, visit),
            Parser::VCard(vcard) => vcard.finish(*reading, visit),
            Parser::Phonebook(phonebook) => phonebook.finish(*reading, visit),
        }
        count
    }
}

impl Parser {
    fn line(&mut self, line: &lines::Line<'_>, reading: Reading<'_>, visit: Visit<'_>) {
        if line.is_cut {
            return refuse(visit, line.number, 1, Fault::LineTooLong);
        }
        match self {
            Self::Text => text::read(line, reading, visit),
            Self::Csv(csv) => csv.line(line, reading, visit),
            Self::VCard(vcard) => vcard.line(line, reading, visit),
            Self::Phonebook(phonebook) => phonebook.line(line, reading, visit),
        }
    }
}

/// Tells of something that cannot be used.
fn refuse(visit: Visit<'_>, line: u64, lines: u64, fault: Fault) {
    visit(Event {
        line,
        lines,
        what: What::Refused(fault),
    });
}

/// Tells of lines without entry.
fn skip(visit: Visit<'_>, line: u64, lines: u64, skip: Skip) {
    visit(Event {
        line,
        lines,
        what: What::Skipped(skip),
    });
}

/// Reads the field of a number and tells what came of it.
fn tell(
    visit: Visit<'_>,
    place: (u64, u64),
    field: &str,
    label: Option<&str>,
    reading: Reading<'_>,
) {
    let what = match field::read(field, reading) {
        Ok((pattern, doubt)) => What::Entry {
            pattern,
            label,
            doubt,
        },
        Err(fault) => What::Refused(fault),
    };
    let (line, lines) = place;
    visit(Event { line, lines, what });
}
