//! Every sentence about calls that ended, and every message.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use hookswitch_model::{
    ActionKind, CallId, Direction, EndReason, NoticeKind, Origin, PhaseKind, RecentsEntry,
};
use hookswitch_wire::json::RequestBody;
use hookswitch_wire::view::{Message, Tone, recents_entry};

use world::{ACME, ANA, active, app, call, end, notice, shown, snapshot, stamp, text};

use Direction::{Incoming, Outgoing};
use EndReason::{
    AnsweredElsewhere, AppCrashed, AppUnresponsive, Busy, BusyElsewhere, CanceledByCaller,
    DeclinedByRemote, DeclinedElsewhere, DeclinedHere, ExpiredBeforeDelivery, Failed, Filtered,
    LocalHangup, RemoteHangup, Unanswered,
};

/// Direction, reason, milliseconds connected, sentence.
const ENDS: &[(Direction, EndReason, Option<u64>, &str)] = &[
    (
        Incoming,
        LocalHangup,
        TALKED,
        "Incoming, 12 min, you ended it",
    ),
    (
        Incoming,
        RemoteHangup,
        TALKED,
        "Incoming, 12 min, they ended it",
    ),
    (
        Incoming,
        RemoteHangup,
        None,
        "Missed, they hung up after 8 s",
    ),
    (
        Outgoing,
        RemoteHangup,
        Some(45_000),
        "Outgoing, 45 s, they ended it",
    ),
    (
        Outgoing,
        LocalHangup,
        None,
        "Outgoing, not connected, you ended it",
    ),
    (Incoming, DeclinedHere, None, "You declined"),
    (Outgoing, DeclinedByRemote, None, "Outgoing, they declined"),
    (Incoming, Unanswered, None, "Missed, rang 8 s"),
    (Outgoing, Unanswered, None, "Outgoing, no answer"),
    (
        Incoming,
        CanceledByCaller,
        None,
        "Missed, they hung up after 8 s",
    ),
    (
        Incoming,
        AnsweredElsewhere,
        None,
        "Answered on another device",
    ),
    (
        Incoming,
        DeclinedElsewhere,
        None,
        "Declined on another device",
    ),
    (Outgoing, Busy, None, "Outgoing, they were busy"),
    (Incoming, Busy, None, "Missed, your line was busy"),
    (
        Incoming,
        BusyElsewhere,
        None,
        "You were in a call on another device",
    ),
    (
        Outgoing,
        Failed,
        None,
        "Could not connect: the other side could not be reached",
    ),
    (
        Incoming,
        Failed,
        TALKED,
        "Incoming, 12 min, the connection failed",
    ),
    (Incoming, Filtered, None, "Blocked by your rules"),
    (
        Incoming,
        ExpiredBeforeDelivery,
        None,
        "Missed, did not ring: arrived late",
    ),
    (Incoming, AppCrashed, None, "Ended: Acme stopped working"),
    (
        Incoming,
        AppUnresponsive,
        None,
        "Ended: Acme did not respond",
    ),
];

const TALKED: Option<u64> = Some(724_000);
const PLACE: &str = "Ana Kowalska, Acme";
const QUIET: How = (Tone::Info, false, None);
const LOUD: How = (Tone::Bad, true, None);

/// Tone, alert, label of the action.
type How = (Tone, bool, Option<&'static str>);
type EndMessage = (
    EndReason,
    PhaseKind,
    Option<u64>,
    &'static str,
    &'static str,
    How,
);

/// Reason, phase, milliseconds connected; headline, detail, how it looks.
const END_MESSAGES: &[EndMessage] = &[
    (
        RemoteHangup,
        PhaseKind::Active,
        TALKED,
        "Ana Kowalska ended the call",
        "12 min 4 s in Acme",
        QUIET,
    ),
    (
        LocalHangup,
        PhaseKind::Active,
        TALKED,
        "Call with Ana Kowalska ended",
        "12 min 4 s in Acme",
        QUIET,
    ),
    (
        Unanswered,
        PhaseKind::Ringing,
        None,
        "Missed call from Ana Kowalska",
        PLACE,
        QUIET,
    ),
    (
        CanceledByCaller,
        PhaseKind::Ringing,
        None,
        "Missed call from Ana Kowalska",
        PLACE,
        QUIET,
    ),
    (
        Unanswered,
        PhaseKind::Dialing,
        None,
        "Ana Kowalska did not answer",
        PLACE,
        QUIET,
    ),
    (
        DeclinedByRemote,
        PhaseKind::Dialing,
        None,
        "Ana Kowalska declined",
        PLACE,
        QUIET,
    ),
    (
        Busy,
        PhaseKind::Dialing,
        None,
        "Ana Kowalska was busy",
        PLACE,
        QUIET,
    ),
    (
        AnsweredElsewhere,
        PhaseKind::Ringing,
        None,
        "Answered on another device",
        PLACE,
        QUIET,
    ),
    (
        Failed,
        PhaseKind::Dialing,
        None,
        "The call with Ana Kowalska failed",
        "Could not connect: Acme could not set up the call",
        LOUD,
    ),
    (
        Failed,
        PhaseKind::Active,
        TALKED,
        "The call with Ana Kowalska failed",
        "12 min 4 s in Acme",
        LOUD,
    ),
    (
        AppCrashed,
        PhaseKind::Active,
        TALKED,
        "Acme stopped working",
        "The call with Ana Kowalska has ended.",
        LOUD,
    ),
    (
        AppUnresponsive,
        PhaseKind::Ringing,
        None,
        "Acme did not respond",
        "The call with Ana Kowalska has ended.",
        LOUD,
    ),
];

#[test]
fn every_end_has_its_sentence() {
    for &(direction, reason, connected_ms, want) in ENDS {
        let entry = recents_entry(1, &over(direction, reason, connected_ms));
        assert_eq!(entry.sentence, want);
        assert_eq!(entry.missed, want.starts_with("Missed"), "{want}");
        assert_eq!(entry.blocked, want.starts_with("Blocked"), "{want}");
    }
}

#[test]
fn every_end_reason_counts_as_its_sentence_says() {
    for reason in EndReason::ALL {
        for direction in [Incoming, Outgoing] {
            for connected_ms in [None, Some(1000)] {
                let entry = recents_entry(1, &over(direction, reason, connected_ms));
                let says_missed = entry.sentence.starts_with("Missed");
                assert_eq!(entry.missed, says_missed, "{}", entry.sentence);
                assert_eq!(entry.blocked, reason == Filtered);
            }
        }
    }
}

#[test]
fn spans_read_as_people_say_them() {
    let rang = |ms| {
        let mut entry = over(Incoming, Unanswered, None);
        entry.alerted_ms = ms;
        recents_entry(1, &entry).sentence
    };
    assert_eq!(rang(60_000), "Missed, rang 60 s");
    assert_eq!(rang(300_000), "Missed, rang 5 min");
    let talked = |ms| recents_entry(1, &over(Incoming, LocalHangup, Some(ms))).sentence;
    assert_eq!(talked(0), "Incoming, 0 s, you ended it");
    assert_eq!(talked(3_600_000), "Incoming, 1 h, you ended it");
    assert_eq!(talked(3_900_000), "Incoming, 1 h 5 min, you ended it");
}

#[test]
fn ending_one_call_for_another_is_told() {
    let mut entry = over(Incoming, LocalHangup, Some(724_000));
    entry.end.origin = Origin::CallWaiting;
    let want = "Incoming, 12 min, you ended it to answer another call";
    assert_eq!(recents_entry(1, &entry).sentence, want);
}

#[test]
fn calling_back_uses_the_same_app_and_address() {
    let mut entry = over(Incoming, Unanswered, None);
    entry.handle = call(ANA, active()).handle;
    let want = RequestBody::Dial {
        app: ACME.to_owned(),
        handle: "+44 7700 900123".to_owned(),
        handle_kind: Some("phone-number".to_owned()),
        video: false,
        account: None,
    };
    assert_eq!(recents_entry(1, &entry).redial, Some(want));
    entry.callable = false;
    let shown = recents_entry(1, &entry);
    assert_eq!(shown.redial, None);
    let why = "Acme cannot call this kind of address.";
    assert_eq!(shown.redial_reason.as_deref(), Some(why));
    entry.handle = None;
    let why = "The number was withheld.";
    assert_eq!(recents_entry(1, &entry).redial_reason.as_deref(), Some(why));
}

#[test]
fn messages_say_what_happened_and_what_is_kept() {
    check(
        NoticeKind::HoldSlow(ANA),
        "Acme did not hold in 2 s",
        "Its sound is stopped. The call with Ana Kowalska is kept, on hold by the system.",
        (Tone::Caution, true, Some("Open Acme")),
    );
    check(
        NoticeKind::HoldRefused(ANA),
        "Acme refused to hold",
        "Its sound is stopped. The call with Ana Kowalska is kept, on hold by the system.",
        (Tone::Caution, true, Some("Open Acme")),
    );
    check(
        NoticeKind::LineTaken(ANA),
        "Another call took the line",
        "Its sound is stopped. The call with Ana Kowalska is kept, on hold by the system.",
        (Tone::Caution, true, Some("Open Acme")),
    );
    check(
        NoticeKind::AppGone,
        "Acme stopped working",
        "Its calls stay open for 3 s while Acme comes back.",
        (Tone::Bad, true, None),
    );
    for (action, want) in [
        (ActionKind::Start, "Acme did not start the call"),
        (ActionKind::Answer, "Acme did not answer the call"),
        (ActionKind::End, "Acme did not end the call"),
        (ActionKind::SetHeld, "Acme did not hold or resume the call"),
        (ActionKind::SetMuted, "Acme did not mute or unmute the call"),
        (ActionKind::PlayDigits, "Acme did not send the digits"),
    ] {
        check(
            NoticeKind::NotDone(ANA, action),
            want,
            "The call with Ana Kowalska is as it was. Try again, or open Acme.",
            (Tone::Caution, true, Some("Open Acme")),
        );
    }
    check(
        NoticeKind::NotDone(CallId(99), ActionKind::Answer),
        "Acme did not answer the call",
        "The call with Ana Kowalska has ended.",
        (Tone::Caution, true, None),
    );
}

#[test]
fn messages_about_ends_are_calm_unless_something_broke() {
    let ended = |reason, phase, connected_ms| NoticeKind::Ended {
        call: CallId(9),
        end: end(reason, Origin::App, phase),
        connected_ms,
    };
    for &(reason, phase, connected, text, detail, how) in END_MESSAGES {
        check(ended(reason, phase, connected), text, detail, how);
    }
}

#[test]
fn a_message_keeps_its_id_and_time() {
    let message = said(NoticeKind::AppGone);
    assert_eq!(
        (message.id.as_str(), message.at_ms),
        ("n4", stamp(50).wall.as_millis())
    );
}

#[track_caller]
fn check(kind: NoticeKind, text: &str, detail: &str, how: (Tone, bool, Option<&str>)) {
    let message = said(kind);
    assert_eq!(message.text, text);
    assert_eq!(message.detail.as_deref(), Some(detail));
    let action = message.action.as_ref().map(|action| action.label.as_str());
    assert_eq!((message.tone, message.alert, action), how);
}

fn said(kind: NoticeKind) -> Message {
    let mut ana = call(ANA, active());
    if kind == NoticeKind::AppGone {
        ana.orphaned_until = Some(stamp(60).at);
    }
    let mut world = snapshot(vec![ana]);
    world.notices = vec![notice(4, kind)];
    shown(&world).messages.remove(0)
}

#[test]
fn that_an_app_is_gone_is_told_while_its_calls_wait_for_it() {
    let mut world = snapshot(vec![call(ANA, active())]);
    world.notices = vec![notice(4, NoticeKind::AppGone)];
    assert_eq!(shown(&world).messages, []);
}

fn over(direction: Direction, reason: EndReason, connected_ms: Option<u64>) -> RecentsEntry {
    RecentsEntry {
        call: CallId(5),
        app: app(ACME),
        app_name: text("Acme"),
        direction,
        handle: None,
        name: Some(text("Ana Kowalska")),
        video: false,
        began: stamp(0).wall,
        alerted_ms: 8_000,
        connected_ms,
        end: end(reason, Origin::Remote, PhaseKind::Ringing),
        callable: true,
        missed_reasons: hookswitch_model::MissedReasons::NONE,
        account: None,
        decision: None,
    }
}
