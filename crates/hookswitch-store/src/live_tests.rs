//! The log of live calls: what is read back after any cut.

use super::*;
use hookswitch_model::{
    CallKey, Capabilities, Direction, EndReason, Phase, Stamp, Text, Timestamp, Wall,
};

fn call(id: u128, at: u64) -> SavedCall {
    let since = Stamp::new(Timestamp::from_millis(at), Wall::from_millis(0));
    SavedCall {
        id: CallId(id),
        key: CallKey::new("k").expect("key"),
        app: AppId::new("org.example.App").expect("app"),
        app_name: Text::new("Acme").expect("name"),
        direction: Direction::Incoming,
        handle: None,
        name: None,
        capabilities: Capabilities::default(),
        video: false,
        emergency: false,
        phase: Phase::Active { since },
        answering: false,
        connected_at: None,
        began: since,
        muted: false,
        remote_hold: false,
        silenced: false,
        group: None,
        in_recents: true,
        account: None,
        route: None,
        missed_reasons: hookswitch_model::MissedReasons::NONE,
    }
}

fn calls(calls: &[SavedCall]) -> Kept {
    Kept {
        calls: Some(calls.to_vec()),
        ..Kept::default()
    }
}

fn letter(app: &str, cursor: u64) -> SavedLetter {
    SavedLetter {
        app: AppId::new(app).expect("app"),
        cursor: Cursor(cursor),
        at: Stamp::default(),
        call: CallId(u128::from(cursor)),
        key: CallKey::new("k").expect("key"),
        ended: Some(EndReason::Failed),
    }
}

fn end(call: u128) -> SavedEnd {
    SavedEnd {
        call: CallId(call),
        reason: EndReason::RemoteHangup,
        connected: true,
    }
}

#[test]
fn letters_and_ends_are_read_until_they_are_acknowledged_or_too_many() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("live-calls");
    let (mut log, _) = LiveCalls::open(path.clone());
    let keep = |log: &mut LiveCalls, letters: &[SavedLetter], ended: Vec<SavedEnd>| {
        let kept = Kept {
            calls: None,
            letters: letters.to_vec(),
            ended,
        };
        log.keep(&kept).expect("written");
        LiveCalls::open(path.clone()).1
    };
    let both = [letter("org.example.A", 3), letter("org.example.B", 4)];
    let saved = keep(&mut log, &both, vec![end(3), end(4)]);
    assert_eq!(
        (saved.letters, saved.ended),
        (both.to_vec(), vec![end(3), end(4)])
    );
    let saved = keep(&mut log, &both[1..], vec![]);
    assert_eq!(saved.letters, both[1..]);
    let many = u128::try_from(ENDS_MAX).expect("small");
    let ends: Vec<SavedEnd> = (10..10 + many).map(end).collect();
    let saved = keep(&mut log, &[], ends.clone());
    assert_eq!((saved.letters, saved.ended), (vec![], ends.clone()));
    // The next daemon writes the file anew with all of it.
    let (mut next, _) = LiveCalls::open(path.clone());
    assert_eq!(keep(&mut next, &[], vec![]).ended, ends);
}

#[test]
fn what_was_kept_last_is_read_whatever_was_half_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("live-calls");
    let steps = [
        vec![call(1, 1)],
        vec![call(1, 1), call(2, 2)],
        vec![call(1, 9), call(2, 2)],
        vec![call(2, 2)],
    ];
    let (mut log, none) = LiveCalls::open(path.clone());
    assert_eq!(none, Saved::default());
    for step in steps {
        log.keep(&calls(&step)).expect("written");
        let text = fs::read(&path).expect("a file");
        assert_eq!(LiveCalls::open(path.clone()).1.calls, step);
        let mut torn = text.clone();
        torn.extend_from_slice(b"{\"live\":{\"id\":\"0000");
        fs::write(&path, &torn).expect("written");
        assert_eq!(LiveCalls::open(path.clone()).1.calls, step, "torn");
        fs::write(&path, &text).expect("written");
    }
}

#[test]
fn the_log_is_bounded_and_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("live-calls");
    let (mut log, _) = LiveCalls::open(path.clone());
    for at in 0..3_000 {
        log.keep(&calls(&[call(1, at), call(2, at)]))
            .expect("written");
    }
    let file = fs::metadata(&path).expect("a file");
    assert!(file.len() < LOG_MAX + 4_096, "{} bytes", file.len());
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let latest = vec![call(1, 2_999), call(2, 2_999)];
    assert_eq!(LiveCalls::open(path).1.calls, latest);
}

#[test]
fn a_folder_that_takes_nothing_is_a_typed_error_and_may_recover() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("later/live-calls");
    let (mut log, _) = LiveCalls::open(path.clone());
    let error = log.keep(&calls(&[call(1, 1)])).expect_err("no such folder");
    assert!(error.to_string().contains("would not survive"), "{error}");
    fs::create_dir(folder.path().join("later")).expect("a folder");
    log.keep(&calls(&[call(1, 1)])).expect("written");
    assert_eq!(LiveCalls::open(path).1.calls, [call(1, 1)]);
}
