//! Why something about the lists was refused, in the words of the bus and of the status.

use hookswitch_bus::DirectoryFault;
use hookswitch_directory::load::{Code, List, LoadError, Why};
use hookswitch_directory_store::StoreError;
use hookswitch_model::Wall;
use hookswitch_wire::batch::BatchError;
use hookswitch_wire::dbus::{CallKitDomain, DirectoryCode, ErrorCode};
use hookswitch_wire::json::LoadFault;

/// Why a wish about the lists failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store or the rules of loads say so.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A file holds no batch.
    #[error("{0}; write it again, or send the entries in messages")]
    Batch(#[from] BatchError),
    /// The settings are not kept.
    #[error("the settings of the lists cannot be kept: {0}; free some space and try again")]
    Settings(std::io::Error),
    /// There is no such list.
    #[error("there is no list {0}; \"hookswitch directory list\" shows them all")]
    Unknown(String),
    /// So many may be there at once.
    #[error("more than {max} {what}")]
    TooMany {
        /// What.
        what: &'static str,
        /// How many.
        max: usize,
    },
    /// The name cannot be that of a list.
    #[error("a list is named by 1 to 100 letters, digits, dots, dashes and underscores")]
    Name,
}

impl From<Why> for Fault {
    fn from(why: Why) -> Self {
        Self::Store(LoadError::of(why).into())
    }
}

impl From<LoadError> for Fault {
    fn from(error: LoadError) -> Self {
        Self::Store(error.into())
    }
}

impl Fault {
    /// Its name on the bus.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => ErrorCode::Directory(store_code(error)),
            Self::Batch(_) | Self::Name => ErrorCode::InvalidArgument,
            Self::Settings(_) => ErrorCode::Directory(DirectoryCode::StorageFailed),
            Self::Unknown(_) => ErrorCode::Directory(DirectoryCode::NoExtensionFound),
            Self::TooMany { .. } => ErrorCode::LimitReached,
        }
    }

    /// For whoever wished it.
    pub fn told(&self) -> DirectoryFault {
        DirectoryFault {
            code: self.code(),
            text: self.to_string(),
        }
    }

    /// For the status of a list whose load it ended.
    pub fn kept(&self, at: Wall) -> LoadFault {
        let code = self.code();
        let number = code.callkit(CallKitDomain::CallDirectory);
        let mut fault = LoadFault {
            error: code.name().to_owned(),
            code: number.map_or(0, |error| error.code),
            message: self.to_string(),
            at_ms: at.as_millis(),
            ..LoadFault::default()
        };
        if let Self::Store(StoreError::Load(error)) = self
            && let Some(list) = error.list
        {
            fault.list = Some(list_name(list).to_owned());
            fault.index = Some(error.index);
            fault.number = Some(error.number);
            fault.line = error.line;
        }
        fault
    }
}

fn store_code(error: &StoreError) -> DirectoryCode {
    let StoreError::Load(error) = error else {
        return DirectoryCode::StorageFailed;
    };
    match error.code() {
        Code::Unknown if error.why == Why::Storage => DirectoryCode::StorageFailed,
        Code::Unknown => DirectoryCode::InvalidEntry,
        Code::NoExtensionFound => DirectoryCode::NoExtensionFound,
        Code::LoadingInterrupted => DirectoryCode::LoadingInterrupted,
        Code::EntriesOutOfOrder => DirectoryCode::EntriesOutOfOrder,
        Code::DuplicateEntries => DirectoryCode::DuplicateEntries,
        Code::MaximumEntriesExceeded => DirectoryCode::MaximumEntriesExceeded,
        Code::ExtensionDisabled => DirectoryCode::ExtensionDisabled,
        Code::CurrentlyLoading => DirectoryCode::CurrentlyLoading,
        Code::UnexpectedIncrementalRemoval => DirectoryCode::UnexpectedIncrementalRemoval,
    }
}

fn list_name(list: List) -> &'static str {
    match list {
        List::Blocking => "blocking",
        List::Identification => "identification",
        List::BlockingRemovals => "blocking-removals",
        List::IdentificationRemovals => "identification-removals",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_entry_is_told_with_its_place_and_callkits_number() {
        let error = LoadError {
            why: Why::Smaller(9),
            list: Some(List::Blocking),
            index: 4,
            number: 7,
            line: Some(12),
        };
        let fault = Fault::from(error);
        assert_eq!(fault.told().code.name(), "EntriesOutOfOrder");
        let kept = fault.kept(Wall::from_millis(3));
        assert_eq!((kept.code, kept.index, kept.number), (3, Some(4), Some(7)));
        assert_eq!((kept.line, kept.at_ms), (Some(12), 3));
        assert_eq!(kept.list.as_deref(), Some("blocking"));
        assert!(
            kept.message.starts_with("line 12, number 7: smaller"),
            "{}",
            kept.message
        );
        assert_eq!(Fault::from(Why::Interrupted).kept(Wall::default()).code, 2);
    }
}
