//! What a refused, a missed and a crashed ask mean, one row per kind of ask: nobody is ended for
//! another's sake, and what was displaced for nothing comes back.

use super::world::{World, handle};
use hookswitch_core::{Environment, Event, Outcome, Request};
use hookswitch_model::{AnswerMode, AppId, CallId, ClientId, Limits};

/// How an ask is not fulfilled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum How {
    Refused,
    Expired,
    Crashed,
}

type Row = (&'static str, fn(&mut World), u128, fn(How) -> Want);
/// The phases of 7, 8 and 9 afterwards, when apps fulfill whatever they are asked then.
type Want = [(u128, &'static str); 3];

/// 7 is active in app 1 and asked for something; 8 belongs to app 2.
const ROWS: &[Row] = &[
    (
        "hold, for another app's answer: held by the system, the other goes on",
        |w| {
            w.active(1, 7);
            w.incoming(2, 8);
            w.answer(8, AnswerMode::HoldAndAnswer);
        },
        7,
        |how| match how {
            How::Refused => [(7, "held SystemRefused"), (8, "active"), (9, "gone")],
            How::Expired => [(7, "held SystemSlow"), (8, "active"), (9, "gone")],
            How::Crashed => [(7, "held OtherCall"), (8, "active"), (9, "gone")],
        },
    ),
    (
        "answer: that call ends, the displaced one resumes",
        |w| {
            w.active(1, 7);
            w.incoming(2, 8);
            w.answer(8, AnswerMode::HoldAndAnswer);
            w.fulfill(7);
        },
        8,
        |how| match how {
            How::Refused | How::Expired => [(7, "active"), (8, "gone"), (9, "gone")],
            // It rings again, is answered once more, and the first one waits.
            How::Crashed => [(7, "held OtherCall"), (8, "active"), (9, "gone")],
        },
    ),
    (
        "start: that call ends, the displaced one resumes",
        |w| {
            w.active(1, 7);
            w.user(Request::Dial {
                call: CallId(8),
                app: AppId::new("org.example.App2").expect("app id"),
                to: hookswitch_model::Callee::new(handle(), false),
            });
            w.fulfill(7);
        },
        8,
        |how| match how {
            How::Refused | How::Expired => [(7, "active"), (8, "gone"), (9, "gone")],
            How::Crashed => [(7, "held OtherCall"), (8, "dialing"), (9, "gone")],
        },
    ),
    (
        "end: it ends anyway",
        |w| {
            w.active(1, 7);
            w.user(Request::End(CallId(7)));
        },
        7,
        |_| [(7, "gone"), (8, "gone"), (9, "gone")],
    ),
    (
        "resume: it stays held",
        |w| {
            w.active(1, 7);
            w.user(Request::SetHeld(CallId(7), true));
            w.fulfill(7);
            w.user(Request::SetHeld(CallId(7), false));
        },
        7,
        |how| match how {
            How::Refused | How::Expired => [(7, "held User"), (8, "gone"), (9, "gone")],
            // It is asked for anew when the call is taken back.
            How::Crashed => [(7, "active"), (8, "gone"), (9, "gone")],
        },
    ),
    (
        "group: everybody is as before",
        |w| {
            w.active(1, 7);
            w.active_too(1, 9);
            w.user(Request::Merge(CallId(9), CallId(7)));
            w.fulfill(7);
        },
        9,
        |how| match how {
            How::Refused | How::Expired => [(7, "held OtherCall"), (8, "gone"), (9, "active")],
            // The first that its app takes back has the line.
            How::Crashed => [(7, "active"), (8, "gone"), (9, "held SystemDisplaced")],
        },
    ),
    (
        "ungroup: the group is as before",
        |w| {
            w.merged(7, 9);
            w.user(Request::Split(CallId(7)));
            w.fulfill(9);
        },
        7,
        |_| [(7, "active"), (8, "gone"), (9, "active")],
    ),
    (
        "mute: as before",
        |w| {
            w.active(1, 7);
            w.user(Request::SetMuted(CallId(7), true));
        },
        7,
        |_| [(7, "active"), (8, "gone"), (9, "gone")],
    ),
];

#[test]
fn each_kind_of_ask_has_its_consequence() {
    for (name, story, asked, want) in ROWS {
        for how in [How::Refused, How::Expired, How::Crashed] {
            let mut w = World::new(Limits::default());
            story(&mut w);
            let app = if *asked == 8 { 2 } else { 1 };
            match how {
                How::Refused => drop(w.settle(*asked, Outcome::Failed)),
                How::Expired => drop(w.wait(61_000)),
                How::Crashed => {
                    w.feed(Event::Environment(Environment::ClientGone(ClientId(app))));
                    w.forget_asks(app);
                    w.come_back(11);
                }
            }
            w.fulfill_all();
            if w.phase(8) == "ringing" {
                w.answer(8, AnswerMode::HoldAndAnswer);
                w.fulfill_all();
            }
            for (call, phase) in want(how) {
                assert_eq!(w.phase(call), phase, "{name}: {how:?}, call {call}");
            }
        }
    }
}
