//! A writer that is killed in the middle of its work loses nothing that it was told is kept.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use hookswitch_model::{
    AppId, CallId, Direction, End, EndReason, Origin, PhaseKind, RecentsEntry, Stamp, Text, Wall,
};
use hookswitch_store::{Keep, Recents, Wanted};
use hookswitch_wire::json::RecentsFilter;

/// Set in the process that plays the writer: the file it writes.
const WRITER: &str = "HOOKSWITCH_STORE_WRITER";
const ROUNDS: u64 = 5;
/// A hang bound, not a measure.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn kill_9_in_the_middle_of_an_append_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recents.db");
    for round in 1..=ROUNDS {
        let acknowledged = write_until_killed(&path, 20 * round);
        let opened = Recents::open(&path, Keep::default()).unwrap();
        assert_eq!(opened.damaged, None);
        let wanted = Wanted {
            filter: RecentsFilter::All,
            limit: 1,
            before: None,
        };
        let page = opened.recents.list(&wanted).unwrap();
        let newest = page.entries[0].id;
        // One more may have been committed before the word of it got out.
        assert!(newest >= acknowledged, "{newest} of {acknowledged}");
        assert_eq!(opened.recents.counts().unwrap().all, newest);
    }
}

/// Plays the writer when the environment says so; run as a plain test it has nothing to do.
#[test]
fn writer_process() {
    let Some(path) = std::env::var_os(WRITER) else {
        return;
    };
    let mut recents = Recents::open(Path::new(&path), Keep::default())
        .unwrap()
        .recents;
    for number in 0..100_000 {
        let id = recents.append(&entry(number)).unwrap().unwrap_or(0);
        println!("\nkept {id}");
    }
}

/// Runs a writer until it has said `ids` ids, kills it, and returns the last one it said.
fn write_until_killed(path: &Path, ids: u64) -> u64 {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writer_process", "--nocapture"])
        .env(WRITER, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = listen(&mut writer);
    let mut last = 0;
    let mut count = 0;
    while count < ids {
        last = said.recv_timeout(PATIENCE).expect("the writer goes on");
        count += 1;
    }
    writer.kill().unwrap(); // SIGKILL
    writer.wait().unwrap();
    said.iter().last().unwrap_or(last)
}

fn listen(writer: &mut Child) -> mpsc::Receiver<u64> {
    let (say, said) = mpsc::channel();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let id = line.strip_prefix("kept ").and_then(|id| id.parse().ok());
            if id.is_some_and(|id| say.send(id).is_err()) {
                return;
            }
        }
    });
    said
}

fn entry(number: u128) -> RecentsEntry {
    RecentsEntry {
        call: CallId(number),
        app: AppId::new("org.example.Phone").unwrap(),
        app_name: Text::new("Acme").unwrap(),
        direction: Direction::Outgoing,
        handle: None,
        name: None,
        video: false,
        began: Wall::from_millis(0),
        alerted_ms: 0,
        connected_ms: Some(1),
        end: End {
            reason: EndReason::LocalHangup,
            origin: Origin::User,
            phase: PhaseKind::Active,
            at: Stamp::default(),
        },
        callable: false,
        missed_reasons: hookswitch_model::MissedReasons::NONE,
        account: None,
        decision: None,
    }
}
