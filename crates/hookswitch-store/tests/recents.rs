//! What is kept, in which order, under which filter, and what a broken file leads to.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hookswitch_model::{
    Amendment, AppId, CallId, Direction, End, EndReason, Handle, HandleKind, Origin, PhaseKind,
    RecentsEntry, Stamp, Text, Timestamp, Wall,
};
use hookswitch_store::{Counts, Keep, Recents, StoreError, Wanted};
use hookswitch_wire::json::RecentsFilter;

#[test]
fn an_entry_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/recents.db");
    let mut anonymous = entry(2, EndReason::RemoteHangup);
    anonymous.handle = None;
    anonymous.name = None;
    anonymous.connected_ms = Some(724_000);
    let kept = [entry(1, EndReason::CanceledByCaller), anonymous];
    {
        let mut recents = open(&path);
        for entry in &kept {
            recents.append(entry).unwrap();
        }
    }
    let found = ids_and_entries(&open(&path), RecentsFilter::All);
    assert_eq!(found, [(2, kept[1].clone()), (1, kept[0].clone())]);
}

#[test]
fn an_entry_that_is_handed_over_twice_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut recents = open(&folder.path().join("recents.db"));
    let first = entry(1, EndReason::RemoteHangup);
    assert_eq!(recents.append(&first).unwrap(), Some(1));
    assert_eq!(recents.append(&first).unwrap(), None);
    let mut later = first.clone();
    later.began = Wall::from_millis(first.began.as_millis() + 1);
    assert!(recents.append(&later).unwrap().is_some());
    assert_eq!(recents.append(&first).unwrap(), None);
    assert_eq!(recents.counts().unwrap().all, 2);
}

#[test]
fn an_amended_entry_says_how_the_call_ended_and_keeps_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut recents = open(&folder.path().join("recents.db"));
    let missed = entry(1, EndReason::Unanswered);
    recents.append(&missed).unwrap();
    recents.append(&entry(2, EndReason::Unanswered)).unwrap();
    let amendment = Amendment {
        call: missed.call,
        app: missed.app.clone(),
        began: missed.began,
        reason: EndReason::AnsweredElsewhere,
        origin: Origin::OtherDevice,
    };
    let mut other = amendment.clone();
    other.began = Wall::from_millis(missed.began.as_millis() + 1);
    assert!(!recents.amend(&other).unwrap(), "another call of that id");
    assert!(recents.amend(&amendment).unwrap());
    assert!(recents.amend(&amendment).unwrap(), "again, to no effect");
    let mut amended = missed;
    amendment.apply(&mut amended);
    let all = ids_and_entries(&recents, RecentsFilter::All);
    assert_eq!(all.last(), Some(&(1, amended)));
    assert_eq!(ids(&recents, RecentsFilter::Missed), [2]);
}

#[test]
fn blocked_calls_stay_out_of_the_main_list() {
    let folder = tempfile::tempdir().unwrap();
    let mut recents = open(&folder.path().join("recents.db"));
    for (call, reason) in [
        (1, EndReason::Unanswered),
        (2, EndReason::Filtered),
        (3, EndReason::LocalHangup),
    ] {
        recents.append(&entry(call, reason)).unwrap();
    }
    assert_eq!(ids(&recents, RecentsFilter::All), [3, 1]);
    assert_eq!(ids(&recents, RecentsFilter::Missed), [1]);
    assert_eq!(ids(&recents, RecentsFilter::Blocked), [2]);
    let counts = Counts {
        all: 2,
        missed: 1,
        blocked: 1,
    };
    assert_eq!(recents.counts().unwrap(), counts);
}

#[test]
fn pages_go_back_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut recents = open(&folder.path().join("recents.db"));
    for call in 1..=5 {
        recents
            .append(&entry(call, EndReason::LocalHangup))
            .unwrap();
    }
    let page = |before| {
        let wanted = Wanted {
            filter: RecentsFilter::All,
            limit: 2,
            before,
        };
        let page = recents.list(&wanted).unwrap();
        page.entries
            .iter()
            .map(|stored| stored.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(page(None), [5, 4]);
    assert_eq!(page(Some(4)), [3, 2]);
    assert_eq!(page(Some(1)), Vec::<u64>::new());
}

#[test]
fn the_oldest_go_first_and_spam_pushes_nothing_out() {
    let folder = tempfile::tempdir().unwrap();
    let keep = Keep {
        main: 2,
        blocked: 1,
    };
    let path = folder.path().join("recents.db");
    let mut recents = Recents::open(&path, keep).unwrap().recents;
    for call in 1..=3 {
        recents
            .append(&entry(call, EndReason::LocalHangup))
            .unwrap();
    }
    for call in 4..=6 {
        recents.append(&entry(call, EndReason::Filtered)).unwrap();
    }
    assert_eq!(ids(&recents, RecentsFilter::All), [3, 2]);
    assert_eq!(ids(&recents, RecentsFilter::Blocked), [6]);
}

#[test]
fn a_damaged_file_is_moved_aside_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recents.db");
    fs::write(
        &path,
        b"not a database, whatever its name says, and long enough to look at",
    )
    .unwrap();
    let opened = Recents::open(&path, Keep::default()).unwrap();
    let damaged = opened.damaged.expect("told");
    assert!(
        fs::read(&damaged.kept_as)
            .unwrap()
            .starts_with(b"not a database")
    );
    let mut recents = opened.recents;
    recents.append(&entry(1, EndReason::Unanswered)).unwrap();
    assert_eq!(ids(&recents, RecentsFilter::All), [1]);
}

#[test]
fn a_file_with_a_hole_is_moved_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recents.db");
    let mut recents = open(&path);
    for call in 1..=200 {
        recents
            .append(&entry(call, EndReason::LocalHangup))
            .unwrap();
    }
    drop(recents); // the last connection writes the log back into the file
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xA5);
    fs::write(&path, bytes).unwrap();
    let opened = Recents::open(&path, Keep::default()).unwrap();
    assert!(opened.damaged.is_some());
    assert_eq!(opened.recents.counts().unwrap(), Counts::default());
}

#[test]
fn a_cut_off_file_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recents.db");
    let mut recents = open(&path);
    recents.append(&entry(1, EndReason::LocalHangup)).unwrap();
    drop(recents);
    let whole = fs::read(&path).unwrap();
    for length in [0, 1, 15, 99, 100, 1000, 4096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let opened = Recents::open(&path, Keep::default()).unwrap();
        opened.recents.counts().unwrap();
    }
}

#[test]
fn somebody_elses_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("music.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE songs (title TEXT)").unwrap();
    drop(db);
    let before = fs::read(&path).unwrap();
    let error = Recents::open(&path, Keep::default()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_place_that_cannot_be_written_is_told() {
    for path in ["/proc/hookswitch/recents.db", "/dev/null/recents.db"] {
        let error = Recents::open(Path::new(path), Keep::default()).unwrap_err();
        assert!(error.to_string().contains(path), "{error}");
    }
}

#[test]
fn only_the_owner_may_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/recents.db");
    let mut recents = open(&path);
    recents.append(&entry(1, EndReason::LocalHangup)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for file in fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

fn open(path: &Path) -> Recents {
    let opened = Recents::open(path, Keep::default()).unwrap();
    assert_eq!(opened.damaged, None);
    opened.recents
}

fn ids(recents: &Recents, filter: RecentsFilter) -> Vec<u64> {
    let found = ids_and_entries(recents, filter);
    found.into_iter().map(|(id, _)| id).collect()
}

fn ids_and_entries(recents: &Recents, filter: RecentsFilter) -> Vec<(u64, RecentsEntry)> {
    let wanted = Wanted {
        filter,
        limit: 100,
        before: None,
    };
    let page = recents.list(&wanted).unwrap();
    assert_eq!(page.unreadable, 0);
    page.entries
        .into_iter()
        .map(|one| (one.id, one.entry))
        .collect()
}

fn entry(call: u128, reason: EndReason) -> RecentsEntry {
    RecentsEntry {
        call: CallId(call),
        app: AppId::new("org.example.Phone").unwrap(),
        app_name: Text::new("Acme").unwrap(),
        direction: Direction::Incoming,
        handle: Some(Handle::new(HandleKind::PhoneNumber, "+44 7700 900123").unwrap()),
        name: Some(Text::new("Ana Kowalska").unwrap()),
        video: true,
        began: Wall::from_millis(1_700_000_000_000),
        alerted_ms: 8_000,
        connected_ms: None,
        end: End {
            reason,
            origin: Origin::Remote,
            phase: PhaseKind::Ringing,
            at: Stamp::new(Timestamp::ZERO, Wall::from_millis(1_700_000_008_000)),
        },
        callable: true,
        missed_reasons: hookswitch_model::MissedReasons::NONE,
        account: None,
        decision: None,
    }
}
