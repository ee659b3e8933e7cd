//! What can go wrong with the file, by what to do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the recents could not be opened, written or read. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk, or the user's share of it, is full.
    #[error("no room left for the recents at {}; free some space", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder may not be written.
    #[error("the recents at {} may not be written; check the permissions", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file broke while it was in use. Opening it again moves it aside.
    #[error("the recents at {} are damaged; restart the daemon to begin new ones", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The file belongs to a newer version of Hookswitch.
    #[error(
        "the recents at {} have format {found}, this version knows up to {known}; \
         use the newer Hookswitch, or move the file away",
        path.display()
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest one known.
        known: i64,
    },
    /// The file is a database of some other program.
    #[error("the file {} is no recents file; choose another path", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another process keeps the file locked.
    #[error("the recents at {} are in use by another process; stop it", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// A file operation failed.
    #[error(
        "the recents at {} cannot be reached: {source}; name another place as recents.file",
        path.display()
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// SQLite reported something else.
    #[error("the recents at {} failed: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// SQLite's error.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Sorts an error of SQLite (result codes: <https://www.sqlite.org/rescode.html>).
    pub(crate) fn of(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            _ => Self::Database { path, source },
        }
    }

    /// Sorts an error of the file system.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind::{
            PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        let path = path.to_owned();
        let kind = source.kind();
        if matches!(kind, StorageFull | QuotaExceeded) {
            Self::Full { path }
        } else if matches!(kind, PermissionDenied | ReadOnlyFilesystem) {
            Self::ReadOnly { path }
        } else {
            Self::Io { path, source }
        }
    }
}
