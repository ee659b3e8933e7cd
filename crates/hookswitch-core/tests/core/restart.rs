//! The daemon dies at any instant of a day: no call is lost, doubled or stuck.

use super::world::{World, handle};
use std::sync::Arc;

use hookswitch_core::{Environment, Event, Report, Request};
use hookswitch_model::{AnswerMode, CallId, Callee, Decision, Digits, Limits, Verdict, Wall};

fn digits(text: &str) -> Digits {
    Digits::new(text).expect("digits")
}

/// The user sends digits with a pause in the first call.
fn play(w: &mut World) -> Vec<String> {
    let digits = digits("1,2");
    let play = hookswitch_core::Action::PlayDigits(CallId(7), digits);
    w.user(Request::Transaction(vec![play]))
}

type Act = fn(&mut World);

/// A day with everything in it; each line is one event or a few that belong together.
const DAY: &[Act] = &[
    |w| drop(w.incoming(1, 7)),
    |w| drop(w.answer(7, AnswerMode::Auto)),
    |w| drop(w.fulfill(7)),
    |w| drop(w.user(Request::SetMuted(CallId(7), true))),
    |w| w.fulfill_all(),
    |w| drop(play(w)),
    |w| w.fulfill_all(),
    |w| drop(w.wait(2_000)),
    |w| w.fulfill_all(),
    |w| drop(w.incoming(2, 8)),
    |w| drop(w.answer(8, AnswerMode::HoldAndAnswer)),
    |w| drop(w.fulfill(7)),
    |w| drop(w.fulfill(8)),
    |w| drop(w.user(Request::Swap)),
    |w| w.fulfill_all(),
    |w| drop(w.incoming(1, 9)),
    |w| drop(w.user(Request::Silence(CallId(9)))),
    |w| drop(w.user(Request::Decline(CallId(9)))),
    |w| w.fulfill_all(),
    |w| drop(w.remote_ends(2, 8)),
    |w| drop(w.user(Request::SetHeld(CallId(7), true))),
    |w| w.fulfill_all(),
    |w| {
        drop(w.user(Request::Dial {
            call: CallId(10),
            app: hookswitch_model::AppId::new("org.example.App2").expect("app id"),
            to: Callee::new(handle(), false),
        }));
    },
    |w| w.fulfill_all(),
    |w| {
        drop(w.report(
            2,
            Report::Connected {
                call: CallId(10),
                at: None,
            },
        ));
    },
    |w| drop(w.user(Request::End(CallId(10)))),
    |w| w.fulfill_all(),
    |w| drop(w.incoming(1, 11)),
    |w| drop(w.answer(11, AnswerMode::HoldAndAnswer)),
    |w| w.fulfill_all(),
    |w| drop(w.user(Request::Merge(CallId(11), CallId(7)))),
    |w| drop(w.fulfill(7)),
    |w| w.fulfill_all(),
    |w| drop(w.user(Request::Split(CallId(7)))),
    |w| drop(w.fulfill(11)),
    |w| drop(w.fulfill(7)),
    |w| drop(w.user(Request::Merge(CallId(7), CallId(11)))),
    |w| w.fulfill_all(),
    |w| drop(w.remote_ends(1, 7)),
];

#[test]
fn a_restart_at_any_instant_loses_no_call() {
    for cut in 0..=DAY.len() {
        let mut w = World::new(Limits::default());
        for act in &DAY[..cut] {
            act(&mut w);
            w.wait(10);
        }
        let before: Vec<u128> = w.calls().into_iter().map(|(call, _)| call).collect();
        w.restart();
        w.wait(1_000);
        w.come_back(11);
        let after: Vec<u128> = w.calls().into_iter().map(|(call, _)| call).collect();
        assert_eq!(before, after, "cut {cut}");
        w.fulfill_all();
        let orphans = w.core.snapshot().calls;
        assert!(orphans.iter().all(|c| c.orphaned_until.is_none()), "{cut}");
        assert!(orphans.iter().all(|c| c.pending.is_none()), "cut {cut}");
    }
}

#[test]
fn apps_that_stay_away_after_a_restart_lose_their_calls_and_nothing_waits_on() {
    for cut in 0..=DAY.len() {
        let mut w = World::new(Limits::default());
        for act in &DAY[..cut] {
            act(&mut w);
        }
        w.restart();
        w.wait(3_000);
        assert_eq!(w.calls(), [], "cut {cut}");
        assert_eq!(w.core.next_deadline(), None, "cut {cut}");
    }
}

#[test]
fn an_answer_that_the_daemon_died_with_is_asked_again() {
    let mut w = World::new(Limits::default());
    w.incoming(1, 7);
    w.answer(7, AnswerMode::Auto);
    w.restart();
    w.come_back(11);
    w.fulfill_all();
    assert_eq!(w.calls(), [(7, "active".into())]);
}

#[test]
fn a_call_that_was_about_to_end_still_ends_for_the_same_reason() {
    let mut w = World::new(Limits::default());
    w.active(1, 7);
    w.user(Request::End(CallId(7)));
    w.restart();
    w.register(1, 11);
    let asked = w.report(11, Report::Adopt { call: CallId(7) });
    assert_eq!(asked, ["done", "ask 11 end 7"]);
    assert_eq!(w.fulfill(7)[0], "record 7 local-hangup by user");
}

#[test]
fn nothing_sounds_before_the_app_is_back() {
    let mut w = World::new(Limits::default());
    w.incoming(1, 7);
    w.restart();
    assert_eq!(w.wait(100), [""; 0]);
    w.register(1, 11);
    let back = w.report(11, Report::Adopt { call: CallId(7) });
    assert_eq!(back, ["done", "ring 7"]);
    assert_eq!(w.wait(59_899), [""; 0]);
    assert_eq!(w.wait(1), ["ask 11 end 7", "stop-ring"], "no second minute");
}

#[test]
fn a_late_word_to_the_former_daemon_settles_nothing_in_the_next() {
    let mut w = World::new(Limits::default());
    w.wait(5_000);
    w.active(1, 7);
    w.user(Request::SetHeld(CallId(7), true));
    let old = w.newest_ask();
    w.restart();
    w.come_back(1);
    w.user(Request::SetMuted(CallId(7), true));
    assert_ne!(w.newest_ask(), old);
    assert_eq!(w.settle_ask(old), ["anomaly SettledLate"]);
}

#[test]
fn a_hand_over_that_the_daemon_died_with_goes_on() {
    let mut w = World::new(Limits::default());
    w.active(1, 7);
    w.incoming(2, 8);
    w.answer(8, AnswerMode::HoldAndAnswer);
    w.restart();
    w.come_back(11);
    w.fulfill_all();
    let calls = w.calls();
    assert_eq!(calls, [(7, "held OtherCall".into()), (8, "active".into())]);
}

#[test]
fn a_call_has_the_decision_about_it_after_a_restart() {
    let decision = Arc::new(Decision {
        verdict: Verdict::Ring,
        decided_by: None,
        steps: Vec::new(),
        candidates: Vec::new(),
        labels: Vec::new(),
        at: Wall::from_millis(9),
    });
    let mut w = World::new(Limits::default());
    let decided = Environment::Decided {
        call: CallId(7),
        decision: decision.clone(),
    };
    w.feed(Event::Environment(decided));
    w.active(1, 7);
    w.restart();
    w.come_back(11);
    w.remote_ends(11, 7);
    assert_eq!(w.recorded[0].decision, Some(decision));
}

#[test]
fn digits_that_the_app_had_in_its_hands_are_not_asked_again_and_the_rest_is_the_users() {
    let mut w = World::new(Limits::default());
    w.active(1, 7);
    play(&mut w);
    w.restart();
    w.register(1, 11);
    let back = w.report(11, Report::Adopt { call: CallId(7) });
    assert_eq!(back, ["done", "audio+ 11 7"]);
    assert_eq!(w.wait(5_000), [""; 0]);
    let waits = w.core.snapshot().calls[0].digits_waiting.clone();
    assert_eq!(waits, Some(digits("2")));
    let sent = w.user(Request::SendRest(CallId(7)));
    assert_eq!(sent, ["accepted", "ask 11 digits 7"]);
}
