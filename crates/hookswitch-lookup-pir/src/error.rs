//! Why rows, queries or answers were refused.

use std::fmt;

use hookswitch_lookup_ring::error::Error as RingError;

/// A refusal. Nothing changed; whoever made the input can fix it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The arithmetic refused it.
    Ring(RingError),
    /// There are no rows.
    NoRows,
    /// A row alone is larger than a bucket may be. The number of the row, from 0.
    RowTooLarge(usize),
    /// A row's keyword was there before, with another value. The number of the row, from 0.
    RepeatedKeyword(usize),
    /// The tables are full, and their size is fixed.
    TablesFull,
    /// The shape of a shard breaks a rule.
    Shape(&'static str),
    /// A bucket ends before its slots do.
    Bucket,
    /// A processed file is none, or of another shape.
    File(&'static str),
    /// The query has the wrong number of ciphertexts.
    QueryCiphertexts {
        /// How many it must have.
        wanted: usize,
    },
    /// The query asks for another number of tables than there are.
    QueryTables {
        /// How many there are.
        tables: usize,
    },
    /// The answer has the wrong number of ciphertexts.
    AnswerCiphertexts,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ring(error) => error.fmt(f),
            Self::NoRows => f.write_str("there are no rows"),
            Self::RowTooLarge(row) => write!(
                f,
                "row {row} is larger than a bucket: raise the bucket size, or shorten the value"
            ),
            Self::RepeatedKeyword(row) => {
                write!(f, "the keyword of row {row} was there before: keep one")
            }
            Self::TablesFull => {
                f.write_str("the tables are full: give them more buckets, or let them grow")
            }
            Self::Shape(rule) => write!(f, "the shape of the shard is wrong: {rule}"),
            Self::Bucket => f.write_str("a bucket ends before its slots do"),
            Self::File(what) => write!(f, "this is no processed database of the shard: {what}"),
            Self::QueryCiphertexts { wanted } => {
                write!(f, "the query must have {wanted} ciphertexts")
            }
            Self::QueryTables { tables } => {
                write!(f, "the query must ask for {tables} tables")
            }
            Self::AnswerCiphertexts => f.write_str("the answer has a wrong number of ciphertexts"),
        }
    }
}

impl std::error::Error for Error {}

impl From<RingError> for Error {
    fn from(error: RingError) -> Self {
        Self::Ring(error)
    }
}
