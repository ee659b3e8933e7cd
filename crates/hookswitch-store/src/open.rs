//! Opening the file: made for its owner only, checked, brought up to date, or moved aside.

use std::fs::{self, DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;
use crate::recents::{Keep, Recents};
use crate::schema::{self, Format};

/// Damaged files that are kept for a look; the last one is replaced by a further one.
const DAMAGED_MAX: u32 = 9;
/// How long another process may hold the lock.
const LOCK_MAX: Duration = Duration::from_secs(2);

/// An opened store.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub recents: Recents,
    /// Set if the former file was damaged.
    pub damaged: Option<Damaged>,
}

/// A damaged file that was moved aside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Damaged {
    /// Where it is kept.
    pub kept_as: PathBuf,
    /// What was found, in SQLite's words.
    pub why: String,
}

enum Attempt {
    Good(Connection),
    Bad(String),
}

impl Recents {
    /// Opens the file, and makes it and its folder if they are missing.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; a damaged file is none, see [`Opened::damaged`].
    pub fn open(path: &Path, keep: Keep) -> Result<Opened, StoreError> {
        prepare(path)?;
        let first = attempt(path)?;
        let (db, damaged) = match first {
            Attempt::Good(db) => (db, None),
            Attempt::Bad(why) => {
                let kept_as = move_aside(path)?;
                prepare(path)?;
                match attempt(path)? {
                    Attempt::Good(db) => (db, Some(Damaged { kept_as, why })),
                    Attempt::Bad(_) => {
                        let path = path.to_owned();
                        return Err(StoreError::Damaged { path });
                    }
                }
            }
        };
        let recents = Recents::new(db, path.to_owned(), keep);
        Ok(Opened { recents, damaged })
    }
}

/// Makes the folder (0700) and an empty file (0600): SQLite takes the mode for its side files, too.
fn prepare(path: &Path) -> Result<(), StoreError> {
    let failed = |error| StoreError::io(path, error);
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(folder).map_err(failed)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    options.open(path).map(drop).map_err(failed)
}

fn attempt(path: &Path) -> Result<Attempt, StoreError> {
    match connect(path) {
        Ok(mut db) => match up_to_date(path, &mut db) {
            Ok(None) => Ok(Attempt::Good(db)),
            Ok(Some(why)) => Ok(Attempt::Bad(why)),
            Err(error) => bad_or_failed(error),
        },
        Err(error) => bad_or_failed(StoreError::of(path, error)),
    }
}

fn bad_or_failed(error: StoreError) -> Result<Attempt, StoreError> {
    if matches!(error, StoreError::Damaged { .. }) {
        Ok(Attempt::Bad(String::from("not a database")))
    } else {
        Err(error)
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(LOCK_MAX)?;
    Ok(db)
}

/// Checks the file and brings it up to date; says what is broken, if anything is.
fn up_to_date(path: &Path, db: &mut Connection) -> Result<Option<String>, StoreError> {
    let failed = |error| StoreError::of(path, error);
    let verdict: String = db
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(failed)?;
    if verdict != "ok" {
        return Ok(Some(verdict));
    }
    let from = match schema::format(db).map_err(failed)? {
        Format::Empty => 0,
        Format::Ours(format) if format > schema::NEWEST => {
            return Err(StoreError::TooNew {
                path: path.to_owned(),
                found: format,
                known: schema::NEWEST,
            });
        }
        Format::Ours(format) => format,
        Format::Foreign => {
            let path = path.to_owned();
            return Err(StoreError::Foreign { path });
        }
    };
    // Readers never wait for the writer; FULL makes each append durable (S1).
    db.pragma_update(None, "journal_mode", "WAL")
        .map_err(failed)?;
    db.pragma_update(None, "synchronous", "FULL")
        .map_err(failed)?;
    if from < schema::NEWEST {
        schema::migrate(db, from).map_err(failed)?;
    }
    Ok(None)
}

/// Renames the file and its side files, and says where the file is.
fn move_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let named = |number: u32| with_suffix(path, &format!(".damaged-{number}"));
    let free = (1..DAMAGED_MAX).find(|number| !named(*number).exists());
    let kept_as = named(free.unwrap_or(DAMAGED_MAX));
    fs::rename(path, &kept_as).map_err(|error| StoreError::io(path, error))?;
    for side in ["-wal", "-shm"] {
        let (from, to) = (with_suffix(path, side), with_suffix(&kept_as, side));
        if from.exists() {
            fs::rename(&from, &to).map_err(|error| StoreError::io(&from, error))?;
        }
    }
    Ok(kept_as)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
