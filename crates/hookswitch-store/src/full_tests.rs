//! Full and read-only disks, by SQLite's own switches for them.

use hookswitch_model::{
    AppId, CallId, Direction, End, EndReason, Origin, PhaseKind, RecentsEntry, Stamp, Text, Wall,
};
use hookswitch_wire::json::RecentsFilter;

use crate::{Keep, Recents, StoreError, Wanted};

const ALL: Wanted = Wanted {
    filter: RecentsFilter::All,
    limit: 10,
    before: None,
};

#[test]
fn a_full_disk_is_told_and_costs_nothing_that_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut recents = open(&folder);
    recents.append(&entry(0)).unwrap();
    let pages: i64 = pragma(&recents, "page_count");
    recents
        .db()
        .pragma_update(None, "max_page_count", pages)
        .unwrap();

    let full = (1..10_000).find_map(|number| recents.append(&entry(number)).err());
    assert!(matches!(full, Some(StoreError::Full { .. })), "{full:?}");
    assert!(recents.list(&ALL).unwrap().entries.len() > 1);

    recents
        .db()
        .pragma_update(None, "max_page_count", pages + 100)
        .unwrap();
    recents.append(&entry(1)).unwrap();
}

#[test]
fn a_read_only_file_is_told_and_can_still_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut recents = open(&folder);
    recents.append(&entry(0)).unwrap();
    recents
        .db()
        .pragma_update(None, "query_only", true)
        .unwrap();

    let refused = recents.append(&entry(1));
    assert!(
        matches!(refused, Err(StoreError::ReadOnly { .. })),
        "{refused:?}"
    );
    assert_eq!(recents.list(&ALL).unwrap().entries.len(), 1);
}

#[test]
fn a_row_that_nobody_here_wrote_is_left_out_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut recents = open(&folder);
    recents.append(&entry(0)).unwrap();
    recents.append(&entry(1)).unwrap();
    let spoil = "UPDATE recents SET reason = 'boredom' WHERE id = 1";
    recents.db().execute(spoil, []).unwrap();

    let page = recents.list(&ALL).unwrap();
    assert_eq!((page.entries.len(), page.unreadable), (1, 1));
}

#[test]
fn what_an_older_format_kept_twice_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut recents = open(&folder);
    let old = "DROP INDEX recents_by_call; PRAGMA user_version = 3";
    recents.db().execute_batch(old).unwrap();
    let insert = crate::row::INSERT.replace("ON CONFLICT (call, began_ms) DO NOTHING", "");
    for number in [7, 8, 7] {
        let values = crate::row::values(&entry(number), hookswitch_wire::json::RecentsKind::Missed);
        let values = rusqlite::params_from_iter(values);
        recents.db().execute(&insert, values).unwrap();
    }
    let column = "ALTER TABLE recents DROP COLUMN decision";
    recents.db().execute_batch(column).unwrap();
    drop(recents);
    recents = open(&folder);
    let page = recents.list(&ALL).unwrap();
    let calls: Vec<CallId> = page.entries.iter().map(|one| one.entry.call).collect();
    assert_eq!(calls, [CallId(8), CallId(7)]);
    assert_eq!(recents.append(&entry(7)).unwrap(), None);
}

#[test]
fn a_newer_format_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let recents = open(&folder);
    recents
        .db()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    drop(recents);
    let error = Recents::open(&folder.path().join("recents.db"), Keep::default()).unwrap_err();
    assert!(
        matches!(error, StoreError::TooNew { found: 99, .. }),
        "{error}"
    );
}

fn open(folder: &tempfile::TempDir) -> Recents {
    let path = folder.path().join("recents.db");
    Recents::open(&path, Keep::default()).unwrap().recents
}

fn pragma(recents: &Recents, name: &str) -> i64 {
    recents
        .db()
        .pragma_query_value(None, name, |row| row.get(0))
        .unwrap()
}

fn entry(number: u128) -> RecentsEntry {
    RecentsEntry {
        call: CallId(number),
        app: AppId::new("org.example.Phone").unwrap(),
        app_name: Text::new("Acme").unwrap(),
        direction: Direction::Incoming,
        handle: None,
        name: Some(Text::new(&"x".repeat(200)).unwrap()),
        video: false,
        began: Wall::from_millis(0),
        alerted_ms: 8_000,
        connected_ms: None,
        end: End {
            reason: EndReason::CanceledByCaller,
            origin: Origin::Remote,
            phase: PhaseKind::Ringing,
            at: Stamp::default(),
        },
        callable: true,
        missed_reasons: hookswitch_model::MissedReasons::NONE,
        account: None,
        decision: None,
    }
}
