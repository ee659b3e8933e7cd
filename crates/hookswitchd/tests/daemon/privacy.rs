//! Nothing sensitive is in the log, the journal, a trace, or a file that others can read.

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use hookswitch_testbed::Bed;
use rustix::process::Signal;
use zbus::Variant;

use crate::app::App;
use crate::world::{HANG, Hand, World};

/// What must not be found, but in the files of [`KEEPERS`].
const MARKS: [&str; 5] = [
    "Kowalska",
    "5550199",
    "secret-key",
    "47114711",
    "ana.secret@example.org",
];
/// The files that hold names or the token because that is what they are for, by how they begin.
const KEEPERS: [&str; 4] = ["recents.db", "live-calls", "http", "letters"];

#[tokio::test]
async fn a_day_leaves_nothing_sensitive_behind() {
    let mut world = World::start("log = \"trace\"\n").await;
    let token = a_day(&world).await;
    let record = |names| world.hand.controller.record(names);
    let plain = record(false).await.expect("a trace");
    let named = record(true).await.expect("a trace");
    assert!(named.contains("Kowalska"), "asked for:\n{named}");
    let live = App::register(world.bus.address(), "org.example.B").await;
    live.ring("secret-key-2", "Omar Kowalska").await;

    world.daemon.signal(Signal::USR1);
    world.daemon.wait_for_line("journal written", HANG);
    let path = world.bed.path().join("state/hookswitch/journal.txt");
    let journal = fs::read_to_string(path).expect("the journal");
    assert!(journal.contains("Incoming"), "{journal}");
    stores_are_private(&world.bed, &token);
    assert!(world.daemon.stop().is_some_and(|status| status.success()));
    let log = world.daemon.log();
    assert!(log.contains("TRACE"), "the log talks:\n{log}");
    for text in [journal, plain, log] {
        for mark in MARKS.into_iter().chain([token.as_str()]) {
            assert!(!text.contains(mark), "{mark} is in:\n{text}");
        }
    }
}

/// Calls in and out, answered, declined and missed, digits, a refusal, a visit of the UI. Gives the
/// token.
async fn a_day(world: &World) -> String {
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let hand = &world.hand;
    let call = rings(&app, "sip:secret-key@example.org").await;
    hand.controller.answer(&call, "auto").await.expect("taken");
    app.does("answer").await;
    hand.wait_phase(&call, "active").await;
    let digits = hand.controller.play_digits(&call, "4711471147").await;
    digits.expect("taken");
    app.does("play-digits").await;
    let odd = hand.controller.play_digits(&call, "47114711x").await;
    odd.expect_err("no digits");
    ends(&app, hand, "sip:secret-key@example.org", &call).await;
    let missed = rings(&app, "secret-key-missed").await;
    ends(&app, hand, "secret-key-missed", &missed).await;
    let dialing = hand.controller.dial(
        "org.example.A",
        "generic",
        "ana.secret@example.org",
        HashMap::new(),
    );
    let (dialed, _) = dialing.await.expect("taken");
    app.does("start").await;
    ends(&app, hand, &dialed, &dialed).await;
    hand.recents(3).await;
    visit(&hand.controller.ui_address().await.expect("served"))
}

async fn rings(app: &App, key: &str) -> String {
    let update = HashMap::from([
        ("name", Variant::from("Ana Kowalska")),
        ("handle", Variant::new(("phone-number", "+15550199"))),
    ]);
    let reported = app.provider.report_incoming(key, update).await;
    reported.expect("reported").0
}

async fn ends(app: &App, hand: &Hand, key: &str, call: &str) {
    let ended = app.provider.report_ended(key, "remote-hangup").await;
    ended.expect("reported");
    hand.wait_gone(call).await;
}

/// Reads the recents as a calling UI does; gives the token.
fn visit(address: &str) -> String {
    let (url, token) = address.split_once("/?token=").expect("a token");
    let host = url.strip_prefix("http://").expect("an address");
    for token in [token, "wrong-4711471147"] {
        let mut stream = TcpStream::connect(host).expect("served");
        stream.set_read_timeout(Some(HANG)).expect("a deadline");
        write!(
            stream,
            "GET /api/v1/recents HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\n\r\n"
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let knows = answer.contains("Kowalska");
        assert_eq!(knows, !token.starts_with("wrong"), "{answer}");
    }
    token.to_owned()
}

/// Files with marks are those that are for it, readable for this user only; nothing else has any.
fn stores_are_private(bed: &Bed, token: &str) {
    let mut seen = Vec::new();
    for folder in ["run/hookswitch", "state/hookswitch"] {
        let folder = bed.path().join(folder);
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for file in files(&folder) {
            // Sockets and pipes hold nothing.
            let content = fs::read(&file).unwrap_or_default();
            let content = String::from_utf8_lossy(&content).into_owned();
            let mut marks = MARKS.into_iter().chain([token]);
            if marks.any(|mark| content.contains(mark)) {
                let name = file.strip_prefix(&folder).expect("below it");
                let name = name.to_string_lossy().into_owned();
                let keeps = KEEPERS.iter().any(|keeper| name.starts_with(keeper));
                assert!(keeps, "{name} holds something sensitive");
                assert_eq!(mode(&file), 0o600, "{name}");
                seen.push(name);
            }
        }
    }
    for store in ["recents.db", "live-calls", "http"] {
        assert!(seen.iter().any(|name| name.starts_with(store)), "{seen:?}");
    }
}

/// All that is no folder, at any depth.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("there").flatten() {
        match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found
}

fn mode(path: &Path) -> u32 {
    let about = fs::metadata(path).expect("there");
    about.permissions().mode() & 0o777
}
