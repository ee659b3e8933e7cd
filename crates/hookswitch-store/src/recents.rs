//! The recents themselves: append, list, count.

use std::path::{Path, PathBuf};

use hookswitch_model::{Amendment, CallId, Decision, MissedReasons, RecentsEntry};
use hookswitch_wire::json::{RecentsFilter, RecentsKind, recents_kind};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params_from_iter};

use crate::error::StoreError;
use crate::row;

/// How many entries are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Keep {
    /// Of the main list.
    pub main: u32,
    /// Of the blocked ones.
    pub blocked: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            main: 10_000,
            blocked: 2_000,
        }
    }
}

/// The recents of one user.
#[derive(Debug)]
pub struct Recents {
    db: Connection,
    path: PathBuf,
    keep: Keep,
}

/// Which entries are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// Which kind.
    pub filter: RecentsFilter,
    /// How many at most.
    pub limit: u32,
    /// Only those older than the entry with this id.
    pub before: Option<u64>,
}

/// An entry and its id, which grows and is never reused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stored {
    /// Its id.
    pub id: u64,
    /// The entry. The boot-clock part of its end is zero: that clock begins anew with each boot.
    pub entry: RecentsEntry,
}

/// Some entries, newest first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Stored>,
    /// Rows left out because no entry can be made of them, which only a hand in the file can cause.
    pub unreadable: usize,
}

/// How many entries there are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// In the main list, missed ones included.
    pub all: u64,
    /// Missed.
    pub missed: u64,
    /// Blocked.
    pub blocked: u64,
}

impl Recents {
    pub(crate) fn new(db: Connection, path: PathBuf, keep: Keep) -> Self {
        Self { db, path, keep }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a call that ended, and drops the oldest ones above the bound. Returns its id; `None`
    /// if that call, known by its id and when it began, was kept before.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; nothing was changed then.
    pub fn append(&mut self, entry: &RecentsEntry) -> Result<Option<u64>, StoreError> {
        let keep = self.keep;
        let path = &self.path;
        append(&mut self.db, entry, keep).map_err(|error| StoreError::of(path, error))
    }

    /// Changes the entry of a call by what was learned of it later. Returns whether there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; nothing was changed then.
    pub fn amend(&mut self, amendment: &Amendment) -> Result<bool, StoreError> {
        amend(&self.db, amendment).map_err(|error| StoreError::of(&self.path, error))
    }

    /// A page of entries, newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file cannot be read.
    pub fn list(&self, wanted: &Wanted) -> Result<Page, StoreError> {
        list(&self.db, wanted).map_err(|error| StoreError::of(&self.path, error))
    }

    /// What the call directory had decided about a call, the latest one with this id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file cannot be read.
    pub fn decision(&self, call: CallId) -> Result<Option<Decision>, StoreError> {
        decision(&self.db, call).map_err(|error| StoreError::of(&self.path, error))
    }

    /// How many entries there are.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file cannot be read.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        counts(&self.db).map_err(|error| StoreError::of(&self.path, error))
    }

    #[cfg(test)]
    pub(crate) fn db(&self) -> &Connection {
        &self.db
    }
}

fn append(db: &mut Connection, entry: &RecentsEntry, keep: Keep) -> rusqlite::Result<Option<u64>> {
    let kind = recents_kind(entry);
    let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let inserted = step
        .prepare_cached(row::INSERT)?
        .execute(params_from_iter(row::values(entry, kind)))?;
    if inserted == 0 {
        return Ok(None);
    }
    let id = step.last_insert_rowid();
    let (prune, most) = match kind {
        RecentsKind::Blocked => (PRUNE_BLOCKED, keep.blocked),
        RecentsKind::Plain | RecentsKind::Missed => (PRUNE_MAIN, keep.main),
    };
    step.prepare_cached(prune)?.execute([most])?;
    step.commit()?;
    Ok(Some(u64::try_from(id).unwrap_or(0)))
}

fn amend(db: &Connection, amendment: &Amendment) -> rusqlite::Result<bool> {
    // What was taken on another device is in the main list and not missed.
    let sql = "UPDATE recents SET kind = 'plain', reason = ?1, origin = ?2, missed_reasons = ?3
        WHERE call = ?4 AND began_ms = ?5";
    let values = [
        Value::from(amendment.reason.name().to_owned()),
        Value::from(amendment.origin.name().to_owned()),
        Value::from(MissedReasons::NONE.bits()),
        Value::from(amendment.call.to_string()),
        Value::from(amendment.began.as_millis()),
    ];
    let changed = db.prepare_cached(sql)?.execute(params_from_iter(values))?;
    Ok(changed > 0)
}

const PRUNE_MAIN: &str = "
    DELETE FROM recents WHERE kind IN ('plain', 'missed') AND id <=
        (SELECT id FROM recents WHERE kind IN ('plain', 'missed')
         ORDER BY id DESC LIMIT 1 OFFSET ?1)";
const PRUNE_BLOCKED: &str = "
    DELETE FROM recents WHERE kind = 'blocked' AND id <=
        (SELECT id FROM recents WHERE kind = 'blocked' ORDER BY id DESC LIMIT 1 OFFSET ?1)";

fn list(db: &Connection, wanted: &Wanted) -> rusqlite::Result<Page> {
    let kinds = match wanted.filter {
        RecentsFilter::All => "kind IN ('plain', 'missed')",
        RecentsFilter::Missed => "kind = 'missed'",
        RecentsFilter::Blocked => "kind = 'blocked'",
    };
    let sql = format!(
        "SELECT {} FROM recents WHERE {kinds} AND id < ?1 ORDER BY id DESC LIMIT ?2",
        row::COLUMNS
    );
    let before = wanted.before.and_then(|id| i64::try_from(id).ok());
    let values = [
        Value::from(before.unwrap_or(i64::MAX)),
        Value::from(wanted.limit),
    ];
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut page = Page::default();
    while let Some(found) = rows.next()? {
        match row::entry(found)? {
            Some(stored) => page.entries.push(stored),
            None => page.unreadable += 1,
        }
    }
    Ok(page)
}

fn decision(db: &Connection, call: CallId) -> rusqlite::Result<Option<Decision>> {
    let sql = "SELECT decision FROM recents WHERE call = ?1 ORDER BY id DESC LIMIT 1";
    let text = db
        .prepare_cached(sql)?
        .query_row([call.to_string()], |row| row.get::<_, Option<String>>(0))
        .optional()?;
    Ok(text.flatten().as_deref().and_then(row::read_decision))
}

fn counts(db: &Connection) -> rusqlite::Result<Counts> {
    let sql = "SELECT
        count(*) FILTER (WHERE kind IN ('plain', 'missed')),
        count(*) FILTER (WHERE kind = 'missed'),
        count(*) FILTER (WHERE kind = 'blocked') FROM recents";
    db.query_row(sql, [], |row| {
        let number = |index| {
            row.get::<_, i64>(index)
                .map(|n| u64::try_from(n).unwrap_or(0))
        };
        Ok(Counts {
            all: number(0)?,
            missed: number(1)?,
            blocked: number(2)?,
        })
    })
}
