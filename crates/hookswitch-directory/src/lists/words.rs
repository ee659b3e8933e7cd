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

/// Something that could not be used.
#[must_use]
pub fn fault(fault: Fault) -> Words {
    match fault {
        Fault::NotANumber => (
            "not-a-number",
            "hold no number",
            "Remove them, or put “#” in front of remarks.",
        ),
        Fault::MissingCountryCode => (
            "missing-country-code",
            "have no country code",
            "Name the country with --region, such as --region GB, or write +44….",
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
            "The file may be of another kind: see --format.",
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
pub fn doubt(doubt: Doubt) -> Words {
    match doubt {
        Doubt::TrunkZero => (
            "trunk-zero",
            "have a zero behind the country code, which was left out",
            "Write +44 20…, not +44 (0)20….",
        ),
        Doubt::LooksNational => (
            "looks-national",
            "look like North American numbers without their 1",
            "If they are, use --region US --national.",
        ),
        Doubt::Wide => (
            "wide",
            "stand for a whole country or more",
            "Write more digits, or load the list with --wide if that is meant.",
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
