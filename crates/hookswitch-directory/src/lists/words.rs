//! What is wrong with a list, in words, and what to do about it: for every client the same.

use super::{Doubt, Fault, Skip};

/// Lines that stand before a line with the same number.
pub const DUPLICATE: Words = (
    "duplicate",
    "stand in a line before already",
    "Nothing to do: they are kept once.",
);

/// A name for programs, what it is, and what to do.
pub type Words = (&'static str, &'static str, &'static str);

/// Who reads the words: what to do is done elsewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reader {
    /// Somebody at a command line.
    CommandLine,
    /// Somebody before the page that loads files.
    Page,
}

impl Reader {
    fn of(self, command_line: &'static str, page: &'static str) -> &'static str {
        match self {
            Self::CommandLine => command_line,
            Self::Page => page,
        }
    }
}

/// Something that could not be used.
#[must_use]
pub fn fault(fault: Fault, reader: Reader) -> Words {
    match fault {
        Fault::NotANumber => (
            "not-a-number",
            "hold no number",
            "Remove them, or put “#” in front of remarks.",
        ),
        Fault::MissingCountryCode => (
            "missing-country-code",
            "have no country code",
            reader.of(
                "Name the country with --region, such as --region GB, or write +44….",
                "Enter the region of the numbers, such as GB, or write +44….",
            ),
        ),
        Fault::TooShort => (
            "too-short",
            "are too short for a number with country code",
            "Write the country code in front. Short codes cannot be in a list.",
        ),
        Fault::TooLong => (
            "too-long",
            "have more than 15 digits",
            "Look for two numbers in one line, or for an extension.",
        ),
        Fault::BadPattern => (
            "bad-pattern",
            "are patterns that cannot be read",
            "Write +4490*, 33162###### or +44900000-+44900999.",
        ),
        Fault::Rounded => (
            "rounded",
            "were rounded by a spreadsheet (4.42E+11); their digits are lost",
            "Export the column as text.",
        ),
        Fault::LineTooLong => (
            "line-too-long",
            "are longer than 64 KiB",
            reader.of(
                "The file may be of another kind: see --format.",
                "The file may be of another kind: choose a text, CSV, vCard or phonebook file.",
            ),
        ),
        Fault::OpenQuote => (
            "open-quote",
            "belong to a quote that is not closed",
            "Close the quote in the first of these lines.",
        ),
        Fault::NoColumn => (
            "no-column",
            "have no column with a number",
            "Name the column “number” in the first line.",
        ),
        Fault::TooManyNumbers => (
            "too-many-numbers",
            "are beyond the 64 numbers of one contact",
            "Split the contact.",
        ),
    }
}

/// Something odd that was taken all the same.
#[must_use]
pub fn doubt(doubt: Doubt, reader: Reader) -> Words {
    match doubt {
        Doubt::TrunkZero => (
            "trunk-zero",
            "have a zero behind the country code, which was left out",
            "Write +44 20…, not +44 (0)20….",
        ),
        Doubt::LooksNational => (
            "looks-national",
            "look like North American numbers without their 1",
            reader.of(
                "If they are, use --region US --national.",
                "If they are, write +1 in front of them.",
            ),
        ),
        Doubt::Wide => (
            "wide",
            "stand for a whole country or more",
            reader.of(
                "Write more digits, or load the list with --wide if that is meant.",
                "Write more digits, or confirm below that it is meant.",
            ),
        ),
        Doubt::LongName => (
            "long-name",
            "have a name of more than 256 bytes, which is cut there",
            "Nothing to do, or write a shorter name.",
        ),
        Doubt::Completed => (
            "completed",
            "were completed with the region",
            "Nothing to do.",
        ),
    }
}

/// Lines without entry.
#[must_use]
pub fn skipped(skip: Skip) -> &'static str {
    match skip {
        Skip::Blank => "blank",
        Skip::Comment => "comment",
        Skip::Header => "header",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_nothing_of_options_of_the_command_line() {
        let faults = Fault::ALL.map(|one| fault(one, Reader::Page));
        let doubts = Doubt::ALL.map(|one| doubt(one, Reader::Page));
        for (name, what, advice) in faults.into_iter().chain(doubts).chain([DUPLICATE]) {
            assert!(!what.contains("--") && !advice.contains("--"), "{name}");
        }
    }
}
