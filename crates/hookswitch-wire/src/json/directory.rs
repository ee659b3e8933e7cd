//! The sources of the call directory as JSON documents: for clients, and kept in a file.

use serde::{Deserialize, Serialize};

/// The version of the kept document.
pub const LISTS_VERSION: u32 = 1;

/// One source of the directory: a list of an app, or one that the user has loaded.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct DirectorySource {
    /// Its id: the bus name of the extension, or the word that the user gave.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether an app keeps it up to date; else the user loads it.
    pub is_app: bool,
    /// Whether the user has switched it on.
    pub enabled: bool,
    /// Whether a load goes on.
    pub loading: bool,
    /// Whether its data was damaged, and nothing was loaded since.
    pub damaged: bool,
    /// The number of the load that made it what it is; 0: nothing was loaded.
    pub generation: u64,
    /// How many entries there are; a range is one.
    pub entries: u64,
    /// How many numbers it blocks.
    pub blocked: u64,
    /// How many numbers it names.
    pub labeled: u64,
    /// When it was loaded, in milliseconds since the Unix epoch.
    pub loaded_ms: Option<i64>,
    /// Why the last load was not kept; none if it was.
    pub error: Option<LoadFault>,
}

/// Why a load was not kept.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct LoadFault {
    /// The last element of the error name on the bus.
    pub error: String,
    /// CallKit's number in `com.apple.CallKit.error.calldirectorymanager`.
    pub code: i32,
    /// One sentence that says what to do.
    pub message: String,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The sequence that it is about: `blocking`, `identification`, or one of these with
    /// `-removals`.
    pub list: Option<String>,
    /// Which entry of it, counted from 0.
    pub index: Option<u64>,
    /// The number as it was given.
    pub number: Option<i64>,
    /// The line of the source, if one was given.
    pub line: Option<u64>,
}

/// What the user has set for the sources, in the user's order, as it is kept.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptLists {
    /// [`LISTS_VERSION`].
    pub version: u32,
    /// The sources.
    pub lists: Vec<KeptList>,
}

/// One source as it is kept beside its data.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptList {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether an app keeps it up to date.
    pub is_app: bool,
    /// Whether the user has switched it on.
    pub enabled: bool,
    /// Why the last load was not kept.
    #[serde(default)]
    pub error: Option<LoadFault>,
}
