//! What can be wrong with a load.

use core::fmt;

/// Apple's codes (`CXErrorCodeCallDirectoryManagerError`), with their numbers.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Code {
    /// Something else.
    Unknown = 0,
    /// There is no extension of that name.
    NoExtensionFound = 1,
    /// The extension went away, took too long or gave up.
    LoadingInterrupted = 2,
    /// A number is smaller than the one before it in its list.
    EntriesOutOfOrder = 3,
    /// A number is the same as the one before it, or has the label already.
    DuplicateEntries = 4,
    /// There are more entries than an extension, or all together, may have.
    MaximumEntriesExceeded = 5,
    /// The user has not switched the extension on.
    ExtensionDisabled = 6,
    /// The extension is being loaded.
    CurrentlyLoading = 7,
    /// Something is removed in a load that is not incremental.
    UnexpectedIncrementalRemoval = 8,
}

impl Code {
    /// All, by number.
    pub const ALL: [Self; 9] = [
        Self::Unknown,
        Self::NoExtensionFound,
        Self::LoadingInterrupted,
        Self::EntriesOutOfOrder,
        Self::DuplicateEntries,
        Self::MaximumEntriesExceeded,
        Self::ExtensionDisabled,
        Self::CurrentlyLoading,
        Self::UnexpectedIncrementalRemoval,
    ];

    /// Apple's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NoExtensionFound => "noExtensionFound",
            Self::LoadingInterrupted => "loadingInterrupted",
            Self::EntriesOutOfOrder => "entriesOutOfOrder",
            Self::DuplicateEntries => "duplicateEntries",
            Self::MaximumEntriesExceeded => "maximumEntriesExceeded",
            Self::ExtensionDisabled => "extensionDisabled",
            Self::CurrentlyLoading => "currentlyLoading",
            Self::UnexpectedIncrementalRemoval => "unexpectedIncrementalRemoval",
        }
    }
}

/// Why a load failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Why {
    /// The number is zero, negative, or no number.
    NotPositive,
    /// It is smaller than the one before it; that one is given.
    Smaller(u64),
    /// It is the same as the one before it.
    Same,
    /// It has this label already.
    SameLabel,
    /// The label is empty or too long, or there are too many different ones.
    Label,
    /// The labels of one load have more than [`super::LABEL_TEXTS_MAX`] bytes, those that differ.
    LabelTexts,
    /// The extension may have so many entries.
    TooMany(u64),
    /// All extensions together may have so many entries.
    TooManyInAll(u64),
    /// An incremental load may name so many numbers.
    TooManyChanges(u64),
    /// A range is too wide for an incremental load.
    WideRange,
    /// Removals are for incremental loads.
    RemovalInFull,
    /// The load is over: the extension went away, gave up or took too long.
    Interrupted,
    /// No such extension.
    NoExtension,
    /// Not switched on by the user.
    Disabled,
    /// Another load is going on.
    Loading,
    /// The store could not be written or read.
    Storage,
}

/// Which sequence an entry belongs to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum List {
    /// Numbers to block.
    Blocking,
    /// Numbers with labels.
    Identification,
    /// Numbers to block no longer.
    BlockingRemovals,
    /// Numbers that lose their labels.
    IdentificationRemovals,
}

/// A load that failed, with the entry that it failed at.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct LoadError {
    /// What is wrong.
    pub why: Why,
    /// The list it is about; none if it is about no entry.
    pub list: Option<List>,
    /// Which entry of that list, counted from 0.
    pub index: u64,
    /// The number as it was given.
    pub number: i64,
    /// The line of the source, if one was given.
    pub line: Option<u64>,
}

impl LoadError {
    /// An error that is about no entry.
    #[must_use]
    pub fn of(why: Why) -> Self {
        Self {
            why,
            list: None,
            index: 0,
            number: 0,
            line: None,
        }
    }

    /// Apple's code for it.
    #[must_use]
    pub fn code(&self) -> Code {
        match self.why {
            Why::NotPositive | Why::Label | Why::WideRange | Why::Storage => Code::Unknown,
            Why::Smaller(_) => Code::EntriesOutOfOrder,
            Why::Same | Why::SameLabel => Code::DuplicateEntries,
            Why::TooMany(_) | Why::TooManyInAll(_) | Why::TooManyChanges(_) | Why::LabelTexts => {
                Code::MaximumEntriesExceeded
            }
            Why::RemovalInFull => Code::UnexpectedIncrementalRemoval,
            Why::Interrupted => Code::LoadingInterrupted,
            Why::NoExtension => Code::NoExtensionFound,
            Why::Disabled => Code::ExtensionDisabled,
            Why::Loading => Code::CurrentlyLoading,
        }
    }
}

/// Without the number: it is somebody's.
impl fmt::Debug for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut why = self.why;
        if let Why::Smaller(before) = &mut why {
            *before = 0;
        }
        f.debug_struct("LoadError")
            .field("why", &why)
            .field("list", &self.list)
            .field("index", &self.index)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.list.is_some() {
            match self.line {
                Some(line) => write!(f, "line {line}, ")?,
                None => write!(f, "entry {}, ", self.index + 1)?,
            }
            write!(f, "number {}: ", self.number)?;
        }
        match self.why {
            Why::NotPositive => f.write_str("not a number from 1 to 9223372036854775807"),
            Why::Smaller(before) => write!(f, "smaller than {before} before it: sort by number"),
            Why::Same => f.write_str("the same number twice: give it once"),
            Why::SameLabel => f.write_str("the same number and label twice: give it once"),
            Why::Label => f.write_str(
                "a label has 1 to 1024 bytes; 16,777,216 may differ; a number has at most 1024",
            ),
            Why::LabelTexts => write!(
                f,
                "more than {} MiB of labels in one load: use fewer or shorter ones",
                super::LABEL_TEXTS_MAX >> 20
            ),
            Why::TooMany(max) => write!(f, "more than {max} entries in one extension"),
            Why::TooManyInAll(max) => write!(f, "more than {max} entries in all extensions"),
            Why::TooManyChanges(max) => {
                write!(
                    f,
                    "more than {max} numbers in one incremental load: give a full one"
                )
            }
            Why::WideRange => f.write_str("a range of more than 65536 numbers needs a full load"),
            Why::RemovalInFull => {
                f.write_str("removals need an incremental load: ask for it before the first entry")
            }
            Why::Interrupted => f.write_str("the load was not finished; the data before it counts"),
            Why::NoExtension => f.write_str("there is no extension of that name"),
            Why::Disabled => f.write_str("the user has not switched the extension on"),
            Why::Loading => {
                f.write_str("the extension is being loaded: try again when that is done")
            }
            Why::Storage => f.write_str("the data could not be stored; the data before it counts"),
        }
    }
}

impl core::error::Error for LoadError {}
