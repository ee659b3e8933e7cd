//! The tables, and how older files come up to date.

use rusqlite::{Connection, TransactionBehavior};

/// Marks the file as ours (`PRAGMA application_id`): "Hook" in ASCII.
pub(crate) const APPLICATION_ID: i64 = 0x486f_6f6b;

/// One step per format; step `n` leads to format `n + 1`. Steps are never changed, only added.
const STEPS: &[&str] = &[
    "
    CREATE TABLE recents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('plain', 'missed', 'blocked')),
        call TEXT NOT NULL,
        app TEXT NOT NULL,
        app_name TEXT NOT NULL,
        direction TEXT NOT NULL CHECK (direction IN ('incoming', 'outgoing')),
        handle_kind TEXT,
        handle TEXT,
        name TEXT,
        video INTEGER NOT NULL,
        began_ms INTEGER NOT NULL,
        alerted_ms INTEGER NOT NULL,
        connected_ms INTEGER,
        reason TEXT NOT NULL,
        origin TEXT NOT NULL,
        phase TEXT NOT NULL,
        ended_ms INTEGER NOT NULL,
        callable INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX recents_by_kind ON recents (kind, id);
",
    "
    ALTER TABLE recents ADD COLUMN missed_reasons INTEGER NOT NULL DEFAULT 0;
",
    "
    ALTER TABLE recents ADD COLUMN account TEXT;
    ALTER TABLE recents ADD COLUMN account_label TEXT;
    ALTER TABLE recents ADD COLUMN account_can INTEGER;
",
    "
    DELETE FROM recents WHERE id NOT IN (SELECT min(id) FROM recents GROUP BY call, began_ms);
    CREATE UNIQUE INDEX recents_by_call ON recents (call, began_ms);
",
    "
    ALTER TABLE recents ADD COLUMN decision TEXT;
",
];

/// The newest format.
pub(crate) const NEWEST: i64 = STEPS.len() as i64;

/// What kind of file it is.
pub(crate) enum Format {
    /// Nothing in it yet.
    Empty,
    /// Ours, with this format.
    Ours(i64),
    /// Somebody else's database.
    Foreign,
}

/// Looks at a file without changing it.
pub(crate) fn format(db: &Connection) -> rusqlite::Result<Format> {
    let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let (id, version) = (number("application_id")?, number("user_version")?);
    Ok(match (id, tables) {
        (APPLICATION_ID, _) => Format::Ours(version),
        (0, 0) => Format::Empty,
        _ => Format::Foreign,
    })
}

/// Brings a file from a format to the newest one; all steps or none.
pub(crate) fn migrate(db: &mut Connection, from: i64) -> rusqlite::Result<()> {
    let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for sql in STEPS.iter().skip(usize::try_from(from).unwrap_or(0)) {
        step.execute_batch(sql)?;
    }
    step.pragma_update(None, "application_id", APPLICATION_ID)?;
    step.pragma_update(None, "user_version", NEWEST)?;
    step.commit()
}
