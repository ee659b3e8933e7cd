//! Why a load of the call directory was refused, as the bus names it.

/// What the directory refuses. The first nine are CallKit's
/// (`CXErrorCodeCallDirectoryManagerError`); the last two are part of its "unknown".
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DirectoryCode {
    /// There is no list of that name, or it is not the caller's.
    NoExtensionFound,
    /// The load is over: it took too long, was given up, or failed before.
    LoadingInterrupted,
    /// A number is smaller than the one before it.
    EntriesOutOfOrder,
    /// A number came twice.
    DuplicateEntries,
    /// There are more entries than a list, or all together, may have.
    MaximumEntriesExceeded,
    /// The user has not switched the list on.
    ExtensionDisabled,
    /// The list is being loaded.
    CurrentlyLoading,
    /// Something is removed in a load that is not incremental.
    UnexpectedIncrementalRemoval,
    /// A number is none, a label is empty or too long, or a range is too wide.
    InvalidEntry,
    /// The data could not be stored.
    StorageFailed,
}

impl DirectoryCode {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::NoExtensionFound,
        Self::LoadingInterrupted,
        Self::EntriesOutOfOrder,
        Self::DuplicateEntries,
        Self::MaximumEntriesExceeded,
        Self::ExtensionDisabled,
        Self::CurrentlyLoading,
        Self::UnexpectedIncrementalRemoval,
        Self::InvalidEntry,
        Self::StorageFailed,
    ];

    /// The last element of the error name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoExtensionFound => "NoExtensionFound",
            Self::LoadingInterrupted => "LoadingInterrupted",
            Self::EntriesOutOfOrder => "EntriesOutOfOrder",
            Self::DuplicateEntries => "DuplicateEntries",
            Self::MaximumEntriesExceeded => "MaximumEntriesExceeded",
            Self::ExtensionDisabled => "ExtensionDisabled",
            Self::CurrentlyLoading => "CurrentlyLoading",
            Self::UnexpectedIncrementalRemoval => "UnexpectedIncrementalRemoval",
            Self::InvalidEntry => "InvalidEntry",
            Self::StorageFailed => "StorageFailed",
        }
    }

    /// CallKit's number in `com.apple.CallKit.error.calldirectorymanager`.
    #[must_use]
    pub fn callkit(self) -> i32 {
        match self {
            Self::InvalidEntry | Self::StorageFailed => 0,
            Self::NoExtensionFound => 1,
            Self::LoadingInterrupted => 2,
            Self::EntriesOutOfOrder => 3,
            Self::DuplicateEntries => 4,
            Self::MaximumEntriesExceeded => 5,
            Self::ExtensionDisabled => 6,
            Self::CurrentlyLoading => 7,
            Self::UnexpectedIncrementalRemoval => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dbus::{CallKitDomain, ErrorCode};

    #[test]
    fn names_read_back_and_numbers_are_of_the_directory_only() {
        for code in DirectoryCode::ALL {
            let bus = ErrorCode::Directory(code);
            assert_eq!(ErrorCode::from_dbus_name(&bus.dbus_name()), Some(bus));
            let number = bus.callkit(CallKitDomain::CallDirectory).map(|e| e.code);
            assert_eq!(number, Some(code.callkit()));
            assert_eq!(bus.callkit(CallKitDomain::IncomingCall), None);
        }
    }
}
