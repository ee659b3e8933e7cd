//! The committed samples: what a field is called, and that both ways agree.
//!
//! After a wanted change, write them anew with `HOOKSWITCH_BLESS=1 cargo test -p hookswitch-wire`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;

use hookswitch_model::{
    CallId, Direction, EndReason, Handle, HandleKind, Origin, PhaseKind, RecentsEntry,
};
use hookswitch_wire::json::{RecentsPage, State};
use hookswitch_wire::view::{Frame, recents_entry};
use serde::Serialize;
use serde::de::DeserializeOwned;

use world::{ACME, app, busy_day, end, shown, snapshot, stamp, text};

#[test]
fn the_state_document_is_as_committed() {
    check("state.json", &State::from(&busy_day()));
}

#[test]
fn an_idle_state_is_as_committed() {
    check("state-idle.json", &State::from(&snapshot(Vec::new())));
}

#[test]
fn the_view_frame_is_as_committed() {
    let view = Box::new(shown(&busy_day()));
    check("view-frame.json", &Frame::View { view });
}

#[test]
fn the_recents_are_as_committed() {
    let missed = RecentsEntry {
        call: CallId(5),
        app: app(ACME),
        app_name: text("Acme"),
        direction: Direction::Incoming,
        handle: Some(Handle::new(HandleKind::PhoneNumber, "+44 7700 900123").unwrap()),
        name: Some(text("Ana Kowalska")),
        video: false,
        began: stamp(0).wall,
        alerted_ms: 8_000,
        connected_ms: None,
        end: end(
            EndReason::CanceledByCaller,
            Origin::Remote,
            PhaseKind::Ringing,
        ),
        callable: true,
        missed_reasons: hookswitch_model::MissedReasons::NONE,
        account: None,
        decision: None,
    };
    let talked = RecentsEntry {
        direction: Direction::Outgoing,
        handle: None,
        name: None,
        connected_ms: Some(724_000),
        end: end(EndReason::LocalHangup, Origin::User, PhaseKind::Active),
        callable: false,
        missed_reasons: hookswitch_model::MissedReasons::NONE,
        ..missed.clone()
    };
    let entries = vec![recents_entry(12, &missed), recents_entry(11, &talked)];
    check("recents.json", &RecentsPage { entries });
}

#[track_caller]
fn check<T: Debug + DeserializeOwned + PartialEq + Serialize>(name: &str, value: &T) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name);
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("HOOKSWITCH_BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    assert_eq!(committed, text, "{name}");
    assert_eq!(
        serde_json::from_str::<T>(&committed).unwrap(),
        *value,
        "{name}"
    );
}
