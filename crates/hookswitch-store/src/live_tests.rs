//! The log of live calls: what is read back after any cut.

use super::*;
use hookswitch_model::{
    CallDates, CallKey, Capabilities, Direction, End, EndReason, MissedReasons, MuteOrigin, Origin,
    Phase, PhaseKind, Stamp, Text, Timestamp, Wall,
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
        early_media: false,
        emergency: false,
        phase: Phase::Active { since },
        answering: false,
        dates: CallDates::default(),
        began: since,
        muted: false,
        remote_hold: false,
        silenced: false,
        group: None,
        in_recents: true,
        account: None,
        route: None,
        muted_by: MuteOrigin::Nobody,
        mute_revision: 0,
        video_offer: None,
        translation: None,
        rest: None,
        joining: None,
        owes_resume: false,
        decision: None,
        missed_reasons: hookswitch_model::MissedReasons::NONE,
    }
}

/// The step after which these calls are live, and no others.
fn calls(log: &LiveCalls, calls: &[SavedCall]) -> Kept {
    let stays = |id: &&CallId| !calls.iter().any(|call| call.id == **id);
    Kept {
        calls: SavedChange {
            changed: calls.to_vec(),
            gone: log.calls.keys().filter(stays).copied().collect(),
            order: None,
            live: calls.len(),
        },
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
        app: AppId::new("org.example.App").expect("app"),
        missed: None,
        call: CallId(call),
        reason: EndReason::RemoteHangup,
        connected: true,
        at: Stamp::new(Timestamp::from_millis(9), Wall::from_millis(9)),
        early: false,
        quieted: None,
    }
}

fn record(call: u128) -> RecentsEntry {
    RecentsEntry {
        call: CallId(call),
        app: AppId::new("org.example.App").expect("app"),
        app_name: Text::new("Acme").expect("name"),
        direction: Direction::Incoming,
        handle: None,
        name: None,
        video: false,
        began: Wall::from_millis(5),
        alerted_ms: 1,
        connected_ms: Some(2),
        end: End {
            reason: EndReason::RemoteHangup,
            origin: Origin::Remote,
            phase: PhaseKind::Active,
            at: Stamp::default(),
        },
        callable: true,
        missed_reasons: MissedReasons::NONE,
        account: None,
        decision: None,
    }
}

fn waiting(path: &Path) -> Vec<RecentsEntry> {
    let (log, _) = LiveCalls::open(path.to_owned());
    log.records().cloned().collect()
}

/// The step after which no call is live, and these records wait besides those of before.
fn records(log: &LiveCalls, records: Vec<RecentsEntry>) -> Kept {
    Kept {
        records,
        ..calls(log, &[])
    }
}

#[test]
fn a_record_waits_from_the_end_of_its_call_until_the_recents_have_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("live-calls");
    let (mut log, _) = LiveCalls::open(path.clone());
    log.keep(&calls(&log, &[call(1, 1)])).expect("written");
    log.keep(&records(&log, vec![record(1)])).expect("written");
    assert_eq!(waiting(&path), [record(1)]);
    // Wherever the last write is cut, the call is live, or its record waits, or both.
    let text = fs::read_to_string(&path).expect("a file");
    let begin = text.find("{\"record\"").expect("the record's line");
    for cut in begin..=text.len() {
        let (saved, records) = read(&text[..cut]);
        let there = saved.calls.len() + records.records.len();
        assert!(there > 0, "lost when cut at {cut} of {}", text.len());
    }
    // The next daemon, and the one after it, have it still; one that kept it drops it.
    let (mut next, saved) = LiveCalls::open(path.clone());
    assert_eq!(saved.calls, []);
    next.keep(&records(&next, vec![record(2)]))
        .expect("written");
    assert_eq!(waiting(&path), [record(1), record(2)]);
    let began = record(1).began;
    next.recorded(CallId(1), Wall::from_millis(6))
        .expect("written");
    assert_eq!(waiting(&path).len(), 2, "another call of that id");
    next.recorded(CallId(1), began).expect("written");
    assert_eq!(waiting(&path), [record(2)]);
    next.recorded(CallId(2), began).expect("written");
    next.keep(&calls(&next, &[])).expect("written");
    assert_eq!(waiting(&path), []);
}

#[test]
fn what_amends_a_record_waits_until_the_recents_have_done_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("live-calls");
    let amendment = |call| Amendment {
        call: CallId(call),
        app: AppId::new("org.example.App").expect("app"),
        began: record(call).began,
        reason: EndReason::AnsweredElsewhere,
        origin: Origin::OtherDevice,
    };
    let waits = || {
        let (log, _) = LiveCalls::open(path.clone());
        log.amendments().cloned().collect::<Vec<_>>()
    };
    let (mut log, _) = LiveCalls::open(path.clone());
    let kept = Kept {
        amendments: vec![amendment(1)],
        ..records(&log, vec![record(1)])
    };
    log.keep(&kept).expect("written");
    assert_eq!(
        (waiting(&path), waits()),
        (vec![record(1)], vec![amendment(1)])
    );
    let (mut next, _) = LiveCalls::open(path.clone());
    next.keep(&calls(&next, &[])).expect("written anew");
    assert_eq!(waits(), [amendment(1)]);
    let began = record(1).began;
    next.recorded(CallId(1), began).expect("written");
    assert_eq!(waits(), [amendment(1)], "the record alone");
    next.amended(CallId(1), began).expect("written");
    assert_eq!(waits(), []);
}

#[test]
fn too_many_records_drop_the_oldest_and_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("live-calls");
    let (mut log, _) = LiveCalls::open(path.clone());
    let most = u128::try_from(RECORDS_MAX).expect("small");
    for call in 0..most {
        let dropped = log
            .keep(&records(&log, vec![record(call)]))
            .expect("written");
        assert_eq!(dropped, 0);
    }
    for call in most..most * 20 {
        let dropped = log
            .keep(&records(&log, vec![record(call)]))
            .expect("written");
        assert_eq!(dropped, 1);
    }
    let last: Vec<_> = (most * 19..most * 20).map(record).collect();
    assert_eq!(waiting(&path), last);
    let length = fs::metadata(&path).expect("a file").len();
    assert!(length < LOG_MAX + 4_096, "{length} bytes");
}

#[test]
fn letters_and_ends_are_read_until_they_are_acknowledged_or_too_many() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("live-calls");
    let (mut log, _) = LiveCalls::open(path.clone());
    let keep = |log: &mut LiveCalls, letters: &[SavedLetter], ended: Vec<SavedEnd>| {
        let kept = Kept {
            calls: SavedChange::default(),
            letters: letters.to_vec(),
            ended,
            ..Kept::default()
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
        // One that came first and waited for a verdict.
        vec![call(3, 0), call(1, 9), call(2, 2)],
        vec![call(3, 0), call(2, 2)],
    ];
    let (mut log, none) = LiveCalls::open(path.clone());
    assert_eq!(none, Saved::default());
    for step in steps {
        let mut kept = calls(&log, &step);
        kept.calls.order = Some(step.iter().map(|call| call.id).collect());
        log.keep(&kept).expect("written");
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
        log.keep(&calls(&log, &[call(1, at), call(2, at)]))
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
    let error = log
        .keep(&calls(&log, &[call(1, 1)]))
        .expect_err("no such folder");
    assert!(error.to_string().contains("would not survive"), "{error}");
    fs::create_dir(folder.path().join("later")).expect("a folder");
    log.keep(&calls(&log, &[call(1, 1)])).expect("written");
    assert_eq!(LiveCalls::open(path).1.calls, [call(1, 1)]);
}

#[test]
fn the_emergency_numbers_that_were_told_last_are_there_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("live-calls");
    let told = |numbers: &[&str]| SavedNumbers {
        app: AppId::new("org.example.Modem").expect("an app"),
        numbers: numbers
            .iter()
            .map(|n| Text::new(n).expect("a text"))
            .collect(),
    };
    let (mut log, saved) = LiveCalls::open(path.clone());
    assert_eq!(saved.emergency, []);
    for numbers in [&["112"][..], &["112", "08"][..]] {
        let kept = Kept {
            emergency: vec![told(numbers)],
            ..Kept::default()
        };
        log.keep(&kept).expect("written");
        let (_, saved) = LiveCalls::open(path.clone());
        assert_eq!(saved.emergency, [told(numbers)]);
    }
    // What is written anew has them, too.
    let (mut anew, saved) = LiveCalls::open(path.clone());
    let kept = Kept {
        emergency: saved.emergency.clone(),
        ..Kept::default()
    };
    anew.keep(&kept).expect("written");
    assert_eq!(LiveCalls::open(path).1.emergency, saved.emergency);
}
