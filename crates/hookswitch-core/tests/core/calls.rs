//! The life of calls, by effect. One sentence a test.

use super::world::{World, handle};
use hookswitch_core::{Action, Environment, Event, Outcome, Report, Request};
use hookswitch_model::{
    AnswerMode, AppId, CallId, CallKey, CallUpdate, Callee, ClientId, EndReason, Limit, Limits,
    Profile,
};

fn world() -> World {
    World::new(Limits::default())
}

/// 7 of app 1 talks, and is asked to hold for 8 of app 2, which the user answered.
fn handing_over() -> World {
    let mut w = world();
    w.active(1, 7);
    w.incoming(2, 8);
    w.answer(8, AnswerMode::HoldAndAnswer);
    w
}

#[test]
fn a_call_rings_is_answered_and_ended_by_the_other_side() {
    let mut w = world();
    assert_eq!(w.incoming(1, 7), ["reported known=false", "ring 7"]);
    let answered = w.answer(7, AnswerMode::Auto);
    assert_eq!(answered, ["accepted", "stop-ring", "ask 1 answer 7"]);
    assert_eq!(w.fulfill(7), ["finished complete=true", "audio+ 1 7"]);
    assert_eq!(w.phase(7), "active");
    let ended = w.remote_ends(1, 7);
    assert_eq!(
        ended,
        ["done", "record 7 remote-hangup by remote", "audio- 1 7"]
    );
}

#[test]
fn a_declined_call_is_no_missed_call() {
    let mut w = world();
    w.incoming(1, 7);
    let declined = w.user(Request::Decline(CallId(7)));
    assert_eq!(declined, ["accepted", "ask 1 end 7", "stop-ring"]);
    assert_eq!(
        w.fulfill(7),
        ["record 7 declined-here by user", "finished complete=true"]
    );
}

#[test]
fn a_call_nobody_answers_ends_after_the_ring_limit() {
    let mut w = world();
    w.incoming(1, 7);
    assert_eq!(w.wait(59_999), [""; 0]);
    assert_eq!(w.wait(1), ["ask 1 end 7", "stop-ring"]);
    assert_eq!(w.fulfill(7)[0], "record 7 unanswered by ring-limit");
}

#[test]
fn an_answer_never_fulfilled_ends_the_call_and_its_late_word_is_dropped() {
    let mut w = world();
    w.incoming(1, 7);
    w.answer(7, AnswerMode::Auto);
    assert_eq!(
        w.wait(60_000),
        [
            "anomaly AskExpired",
            "expired 1",
            "told 7 app-unresponsive",
            "record 7 app-unresponsive by system",
            "finished complete=false",
        ]
    );
    assert_eq!(w.fulfill(7), ["anomaly SettledLate"]);
}

#[test]
fn hold_and_answer_across_apps_waits_for_the_hold_and_moves_the_audio_between() {
    let mut w = world();
    w.active(1, 7);
    assert_eq!(w.incoming(2, 8), ["reported known=false", "waiting-tone 8"]);
    let answered = w.answer(8, AnswerMode::HoldAndAnswer);
    assert_eq!(answered, ["accepted", "stop-ring", "ask 1 hold 7"]);
    assert_eq!(w.fulfill(7), ["audio- 1 7", "ask 2 answer 8"]);
    assert_eq!(w.fulfill(8), ["finished complete=true", "audio+ 2 8"]);
    assert_eq!(w.phase(7), "held OtherCall");
}

#[test]
fn a_slow_hold_is_made_by_the_system_and_never_ends_the_call() {
    let mut w = handing_over();
    assert_eq!(
        w.wait(2_000),
        ["anomaly HoldSlow", "audio- 1 7", "ask 2 answer 8"]
    );
    assert_eq!(w.phase(7), "held SystemSlow");
    assert_eq!(
        w.fulfill(7),
        [""; 0],
        "late, but in time for its own deadline"
    );
    assert_eq!(w.phase(7), "held OtherCall");
}

#[test]
fn a_refused_hold_is_made_by_the_system() {
    let mut w = world();
    w.active(1, 7);
    w.user(Request::SetHeld(CallId(7), true));
    let refused = w.settle(7, Outcome::Failed);
    assert_eq!(
        refused,
        [
            "anomaly HoldRefused",
            "finished complete=false",
            "audio- 1 7"
        ]
    );
    assert_eq!(w.phase(7), "held SystemRefused");
}

#[test]
fn end_and_answer_ends_the_one_it_names() {
    let mut w = world();
    w.active(1, 7);
    w.incoming(2, 8);
    let answered = w.answer(8, AnswerMode::EndAndAnswer);
    assert_eq!(
        answered,
        ["accepted", "stop-ring", "ask 1 end 7", "audio- 1 7"]
    );
    assert_eq!(
        w.fulfill(7),
        ["record 7 local-hangup by call-waiting", "ask 2 answer 8"]
    );
}

#[test]
fn the_other_call_comes_back_after_the_users_own_hang_up_only() {
    for by_user in [true, false] {
        let mut w = world();
        w.active(1, 7);
        w.incoming(2, 8);
        w.answer(8, AnswerMode::HoldAndAnswer);
        w.fulfill(7);
        w.fulfill(8);
        if by_user {
            w.user(Request::End(CallId(8)));
            let ended = w.fulfill(8);
            assert!(ended.contains(&"ask 1 resume 7".into()), "{ended:?}");
            assert_eq!(w.fulfill(7), ["finished complete=true", "audio+ 1 7"]);
        } else {
            w.remote_ends(2, 8);
            assert_eq!(w.phase(7), "held OtherCall");
            w.user(Request::SetHeld(CallId(7), false));
            assert_eq!(w.fulfill(7), ["finished complete=true", "audio+ 1 7"]);
        }
    }
}

#[test]
fn a_call_held_for_one_that_fails_before_it_is_active_comes_back() {
    let mut w = handing_over();
    w.fulfill(7);
    let failed = w.settle(8, Outcome::Failed);
    assert!(failed.contains(&"ask 1 resume 7".into()), "{failed:?}");
}

#[test]
fn the_taker_giving_up_during_the_hold_brings_the_first_call_back() {
    let mut w = handing_over();
    w.remote_ends(2, 8);
    let held = w.fulfill(7);
    assert!(held.contains(&"ask 1 resume 7".into()), "{held:?}");
    w.fulfill(7);
    assert_eq!(w.phase(7), "active");
}

#[test]
fn swap_holds_one_and_resumes_the_other() {
    let mut w = handing_over();
    w.fulfill(7);
    w.fulfill(8);
    assert_eq!(w.user(Request::Swap), ["accepted", "ask 2 hold 8"]);
    assert_eq!(w.fulfill(8), ["audio- 2 8", "ask 1 resume 7"]);
    assert_eq!(w.fulfill(7), ["finished complete=true", "audio+ 1 7"]);
}

#[test]
fn an_app_that_crashes_frees_the_line_and_may_come_back() {
    let mut w = world();
    w.active(1, 7);
    let gone = w.feed(Event::Environment(Environment::ClientGone(ClientId(1))));
    assert_eq!(gone, ["anomaly ClientGone"]);
    w.wait(2_999);
    assert_eq!(w.register(1, 11), ["registered 1"]);
    let back = w.report(11, Report::Adopt { call: CallId(7) });
    assert_eq!(back, ["done", "audio+ 11 7"]);
    assert_eq!(w.wait(10_000), [""; 0]);
    assert_eq!(w.phase(7), "active");
}

#[test]
fn an_app_that_stays_away_loses_its_calls() {
    let reasons = [
        (Profile::Native, 3_000, "record 7 app-crashed by system"),
        (Profile::CallKit, 0, "record 7 failed by system"),
    ];
    for (profile, ms, record) in reasons {
        let mut w = World::new(Limits::of(profile));
        w.active(1, 7);
        let mut out = w.feed(Event::Environment(Environment::ClientGone(ClientId(1))));
        out.extend(w.wait(ms));
        assert!(out.contains(&record.into()), "{out:?}");
        assert_eq!(w.phase(7), "gone");
    }
}

#[test]
fn a_cancel_that_overtakes_its_call_wins() {
    let mut w = world();
    let early = Report::Ended {
        call: CallId(7),
        reason: EndReason::CanceledByCaller,
        at: None,
    };
    assert_eq!(w.report(1, early), ["done"]);
    assert_eq!(w.incoming(1, 7), ["refused AlreadyEnded"]);
}

#[test]
fn a_second_report_is_the_same_call_or_an_error_by_profile() {
    for (profile, word) in [
        (Profile::Native, "reported known=true"),
        (Profile::CallKit, "refused CallExists"),
    ] {
        let mut w = World::new(Limits::of(profile));
        w.incoming(1, 7);
        assert_eq!(w.incoming(1, 7), [word]);
        assert_eq!(w.incoming(2, 7), ["refused CallExists"], "another app's");
    }
}

#[test]
fn ringing_calls_queue_up_to_the_limit() {
    let mut w = world();
    // The client, the call, and whether there is room: four may ring, three without the network.
    for (client, call, fits) in [(1, 1, true), (1, 2, true), (1, 3, false), (2, 4, true)] {
        let told = w.incoming(client, call);
        assert_eq!(
            !told.contains(&"refused limit ringing".to_owned()),
            fits,
            "{call}"
        );
    }
    assert_eq!(
        w.incoming(2, 5),
        ["record 5 busy by limit", "refused limit ringing"]
    );
    w.user(Request::Decline(CallId(1)));
    assert_eq!(w.core.snapshot().presented, Some(CallId(2)));
}

#[test]
fn dialing_starts_an_app_that_is_not_running() {
    let mut w = world();
    let app = AppId::new("org.example.App3").expect("app id");
    let dial = Request::Dial {
        call: CallId(7),
        app: app.clone(),
        to: Callee::new(handle(), false),
    };
    assert_eq!(w.user(dial), ["accepted", "launch org.example.App3"]);
    assert_eq!(w.register(3, 3), ["registered 0", "ask 3 start 7"]);
    assert_eq!(w.fulfill(7), ["finished complete=true", "audio+ 3 7"]);
    w.report(
        3,
        Report::Connected {
            call: CallId(7),
            at: None,
        },
    );
    assert_eq!(w.phase(7), "active");
}

#[test]
fn an_app_that_does_not_start_fails_its_call() {
    let mut w = world();
    let app = AppId::new("org.example.App3").expect("app id");
    w.user(Request::Dial {
        call: CallId(7),
        app: app.clone(),
        to: Callee::new(handle(), false),
    });
    let failed = w.feed(Event::Environment(Environment::LaunchFailed(app)));
    assert_eq!(failed[0], "record 7 app-unresponsive by system");
    assert_eq!(w.core.next_deadline(), None, "L8");
}

#[test]
fn refusals_follow_their_precedence() {
    let mut w = world();
    assert_eq!(w.app(9, vec![]), ["refused UnknownProvider"]);
    assert_eq!(w.app(1, vec![]), ["refused EmptyTransaction"]);
    let end = vec![Action::End(CallId(99))];
    assert_eq!(w.app(1, end), ["refused UnknownCall"]);
    w.incoming(2, 8);
    let foreign = vec![Action::Answer(CallId(8))];
    assert_eq!(w.app(1, foreign), ["refused UnknownCall"]);
    let used = |call| Action::Start {
        call: CallId(call),
        key: CallKey::new("k").expect("key"),
        to: Callee::new(handle(), false),
    };
    assert_eq!(w.app(2, vec![used(8)]), ["refused CallExists"]);
    assert_eq!(w.app(1, vec![used(9)]), ["refused RingingFirst"]);
}

#[test]
fn a_limit_of_groups_holds_for_dialing() {
    let mut w = world();
    w.active(1, 7);
    let start = |call| {
        vec![Action::Start {
            call: CallId(call),
            key: CallKey::new("k").expect("key"),
            to: Callee::new(handle(), false),
        }]
    };
    assert_eq!(
        w.app(1, start(8)),
        ["accepted", "ask 1 hold 7", "ask 1 start 8"]
    );
    w.fulfill(7);
    w.fulfill(8);
    assert_eq!(
        w.app(1, start(9)),
        ["refused CannotHold 8"],
        "not connected"
    );
    w.report(
        1,
        Report::Connected {
            call: CallId(8),
            at: None,
        },
    );
    assert_eq!(w.app(1, start(9)), ["refused limit groups"]);
    assert_eq!(Limit::Groups.row().native, 2);
}

#[test]
fn what_cannot_be_held_offers_end_and_answer_only() {
    let mut w = world();
    let rigid = CallUpdate {
        holding: Some(false),
        ..CallUpdate::default()
    };
    w.incoming_with(1, 7, rigid);
    w.answer(7, AnswerMode::Auto);
    w.fulfill(7);
    w.incoming(2, 8);
    assert_eq!(
        w.answer(8, AnswerMode::HoldAndAnswer),
        ["refused CannotHold 7"]
    );
    assert_eq!(w.answer(8, AnswerMode::Auto), ["refused ChoiceNeeded"]);
    assert_eq!(w.answer(8, AnswerMode::EndAndAnswer)[0], "accepted");
}

#[test]
fn an_answer_lost_with_its_app_lets_the_call_ring_on_after_it_came_back() {
    let mut w = world();
    w.incoming(1, 7);
    w.answer(7, AnswerMode::Auto);
    w.feed(Event::Environment(Environment::ClientGone(ClientId(1))));
    w.wait(1_000);
    w.register(1, 11);
    let back = w.report(11, Report::Adopt { call: CallId(7) });
    assert_eq!(back, ["done", "ring 7"]);
    assert_eq!(w.wait(58_999), [""; 0]);
    assert_eq!(w.wait(1), ["ask 11 end 7", "stop-ring"], "no second minute");
}

#[test]
fn a_start_lost_with_its_app_is_asked_again() {
    let mut w = world();
    let start = Action::Start {
        call: CallId(7),
        key: CallKey::new("k").expect("key"),
        to: Callee::new(handle(), false),
    };
    w.app(1, vec![start]);
    w.feed(Event::Environment(Environment::ClientGone(ClientId(1))));
    w.register(1, 11);
    let back = w.report(11, Report::Adopt { call: CallId(7) });
    assert_eq!(back, ["done", "ask 11 start 7"]);
}

#[test]
fn a_hold_nobody_acknowledged_does_not_come_true_after_a_resume() {
    let mut w = handing_over();
    w.wait(2_000);
    w.settle(8, Outcome::Failed);
    w.settle_newest(7, Outcome::Fulfilled { at: None });
    assert_eq!(w.phase(7), "active");
    w.wait(10_000);
    assert_eq!(w.phase(7), "active");
}

#[test]
fn an_app_that_returns_to_a_taken_line_has_its_call_held() {
    let mut w = world();
    w.active(1, 7);
    w.feed(Event::Environment(Environment::ClientGone(ClientId(1))));
    w.incoming(2, 8);
    w.answer(8, AnswerMode::Auto);
    w.fulfill(8);
    w.register(1, 11);
    let back = w.report(11, Report::Adopt { call: CallId(7) });
    assert_eq!(back, ["done", "ask 11 hold 7"]);
    assert_eq!(w.phase(7), "held SystemDisplaced");
    w.fulfill(7);
    assert_eq!(w.phase(8), "active");
}

#[test]
fn a_resume_that_comes_late_finds_the_line_taken_and_goes_back_on_hold() {
    let mut w = world();
    w.active(1, 7);
    w.user(Request::SetHeld(CallId(7), true));
    w.fulfill(7);
    w.user(Request::SetHeld(CallId(7), false));
    w.user(Request::Dial {
        call: CallId(8),
        app: AppId::new("org.example.App2").expect("app id"),
        to: Callee::new(handle(), false),
    });
    w.fulfill(8);
    let late = w.fulfill(7);
    assert_eq!(late, ["ask 1 hold 7", "finished complete=true"]);
    assert_eq!(w.phase(7), "held User");
    w.fulfill(7);
    assert_eq!(w.phase(7), "held OtherCall");
    let failed = w.remote_ends(2, 8);
    assert!(failed.contains(&"ask 1 resume 7".into()), "{failed:?}");
}

#[test]
fn a_call_whose_app_may_come_back_keeps_its_place() {
    let mut w = world();
    w.active(1, 7);
    w.feed(Event::Environment(Environment::ClientGone(ClientId(1))));
    w.active(2, 8);
    w.incoming(2, 9);
    let third = w.answer(9, AnswerMode::HoldAndAnswer);
    assert_eq!(third, ["refused limit groups"]);
    w.wait(3_000);
    let third = w.answer(9, AnswerMode::HoldAndAnswer);
    assert_eq!(third[0], "accepted");
}

#[test]
fn a_call_whose_app_dies_answering_after_the_ring_time_is_missed_at_once() {
    let mut w = world();
    w.incoming(1, 7);
    w.wait(50_000);
    w.answer(7, AnswerMode::Auto);
    w.wait(20_000);
    let died = w.feed(Event::Environment(Environment::ClientGone(ClientId(1))));
    assert!(
        died.contains(&"record 7 unanswered by ring-limit".into()),
        "{died:?}"
    );
    assert_eq!(w.core.next_deadline(), None);
}
