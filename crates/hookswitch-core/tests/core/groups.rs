//! Calls that come together and part, by effect. One sentence a test.

use super::world::World;
use hookswitch_core::{Action, Environment, Event, Outcome, Report, Request};
use hookswitch_model::{
    AnswerMode, CallId, CallUpdate, ClientId, Control, Limit, Limits, Rejection,
};

const DONE: Outcome = Outcome::Fulfilled { at: None };

fn world() -> World {
    World::new(Limits::default())
}

/// App 1 has 7 on hold and 8 active.
fn held_and_active() -> World {
    let mut w = world();
    w.active(1, 7);
    w.active_too(1, 8);
    w
}

fn grouped() -> World {
    let mut w = world();
    w.merged(7, 8);
    w
}

fn merge(w: &mut World, call: u128, with: u128) -> Vec<String> {
    w.user(Request::Merge(CallId(call), CallId(with)))
}

#[test]
fn a_merge_resumes_the_held_call_and_groups_and_no_audio_is_lost() {
    let mut w = held_and_active();
    assert_eq!(
        merge(&mut w, 8, 7),
        ["accepted", "ask 1 resume 7", "ask 1 group with 7: 8"]
    );
    assert_eq!(w.groups(), [[0; 0]; 0], "not before the app says so");
    assert_eq!(w.fulfill(7), [""; 0]);
    assert_eq!(w.calls(), [(7, "active".into()), (8, "active".into())]);
    assert_eq!(w.fulfill(8), ["finished complete=true"]);
    assert_eq!(w.groups(), [[7, 8]]);
}

#[test]
fn a_merge_that_the_app_has_done_un_holds_everybody() {
    let mut w = held_and_active();
    merge(&mut w, 7, 8);
    assert_eq!(w.settle_newest(7, DONE), ["finished complete=true"]);
    assert_eq!(w.calls(), [(7, "active".into()), (8, "active".into())]);
    assert_eq!(w.fulfill(7), [""; 0], "the resume was implied");
}

#[test]
fn a_merge_that_is_refused_leaves_everybody_as_before() {
    let mut w = held_and_active();
    merge(&mut w, 8, 7);
    w.fulfill(7);
    let refused = w.settle(8, Outcome::Failed);
    assert_eq!(refused, ["ask 1 hold 7", "finished complete=false"]);
    assert_eq!(w.phase(7), "held OtherCall");
    assert_eq!(w.phase(8), "active");
    assert_eq!(w.groups(), [[0; 0]; 0]);
    assert_eq!(w.fulfill(7), ["finished complete=true"]);
}

#[test]
fn a_merge_whose_resume_comes_after_its_refusal_is_taken_back_too() {
    let mut w = held_and_active();
    merge(&mut w, 8, 7);
    w.settle(8, Outcome::Failed);
    assert_eq!(w.phase(7), "held OtherCall");
    assert_eq!(w.fulfill(7), ["ask 1 hold 7", "finished complete=false"]);
    assert_eq!(w.phase(7), "held OtherCall");
}

#[test]
fn a_merge_whose_talking_side_hangs_up_leaves_the_other_active() {
    let mut w = held_and_active();
    merge(&mut w, 8, 7);
    w.fulfill(7);
    let ended = w.remote_ends(1, 8);
    assert!(!ended.iter().any(|e| e.starts_with("audio")), "{ended:?}");
    assert_eq!(w.calls(), [(7, "active".into())]);
}

#[test]
fn a_merge_with_a_call_that_ends_comes_to_nothing() {
    let mut w = held_and_active();
    merge(&mut w, 8, 7);
    w.remote_ends(1, 7);
    assert_eq!(w.calls(), [(8, "active".into())]);
    assert_eq!(w.fulfill(8), [""; 0], "its late word is no fault");
    assert_eq!(w.core.next_deadline(), None);
}

#[test]
fn held_calls_of_one_app_are_joined_on_hold() {
    let mut w = World::limited(Limit::Groups, 3);
    w.active(1, 7);
    w.active_too(1, 8);
    w.active_too(2, 9);
    assert_eq!(merge(&mut w, 8, 7), ["accepted", "ask 1 group with 7: 8"]);
    w.fulfill_all();
    assert_eq!(w.groups(), [[7, 8]]);
    assert_eq!(w.phase(9), "active");
    assert_eq!(
        w.user(Request::Swap),
        ["accepted", "ask 2 hold 9"],
        "the group comes as a whole"
    );
    assert_eq!(
        w.fulfill(9),
        ["audio- 2 9", "ask 1 resume 7", "ask 1 resume 8"]
    );
}

#[test]
fn who_cannot_be_merged_is_told_why() {
    let mut w = held_and_active();
    let none = [
        ("refused SameGroup 8", 8, 8),
        ("refused UnknownCall", 8, 77),
    ];
    for (refused, call, with) in none {
        assert_eq!(merge(&mut w, call, with), [refused]);
    }
    let mut w = world();
    w.active(1, 7);
    w.incoming(2, 8);
    assert_eq!(merge(&mut w, 7, 8), ["refused OtherApp 8"]);
    assert_eq!(
        w.app(1, vec![Action::SetGroup(CallId(7), Some(CallId(8)))]),
        ["refused UnknownCall"],
        "an app does not learn of another's calls"
    );
    let mut w = world();
    w.active(1, 7);
    w.incoming(1, 8);
    assert_eq!(merge(&mut w, 7, 8), ["refused Phase(Ringing) 8"]);
}

#[test]
fn a_call_that_cannot_be_grouped_stays_alone() {
    let mut w = held_and_active();
    let update = CallUpdate {
        grouping: Some(false),
        ..CallUpdate::default()
    };
    let call = CallId(7);
    w.report(1, Report::Updated { call, update });
    assert_eq!(merge(&mut w, 8, 7), ["refused CannotGroup 7"]);
    let merge = w.core.snapshot().calls[1].merge;
    assert!(matches!(
        merge,
        Control::Refused(Rejection::InvalidAction { .. })
    ));
}

#[test]
fn no_group_grows_beyond_its_limit() {
    let mut w = World::limited(Limit::CallsPerGroup, 2);
    w.merged(7, 8);
    w.active_too(1, 9);
    assert_eq!(merge(&mut w, 9, 7), ["refused limit calls-per-group"]);
}

#[test]
fn a_call_joins_a_group_whichever_is_named_first() {
    for (call, with) in [(9, 7), (7, 9)] {
        let mut w = grouped();
        w.incoming(1, 9);
        assert_eq!(
            w.answer(9, AnswerMode::Auto)[2..],
            ["ask 1 hold 7", "ask 1 hold 8", "ask 1 answer 9"],
            "the group is held as a whole"
        );
        w.fulfill_all();
        let asked = merge(&mut w, call, with);
        let resumed = ["accepted", "ask 1 resume 7", "ask 1 resume 8"];
        let mut resumed = resumed.map(str::to_owned).to_vec();
        resumed.push("ask 1 group with 7: 9".into());
        let mut sorted = asked.clone();
        sorted.sort();
        resumed.sort();
        assert_eq!(sorted, resumed);
        w.fulfill_all();
        assert_eq!(w.groups(), [[7, 8, 9]]);
    }
}

#[test]
fn a_split_holds_the_rest_and_audio_goes_on() {
    let mut w = grouped();
    assert_eq!(
        w.user(Request::Split(CallId(7))),
        ["accepted", "ask 1 hold 8", "ask 1 ungroup 7"]
    );
    assert_eq!(w.fulfill(8), [""; 0]);
    assert_eq!(w.fulfill(7), ["finished complete=true"]);
    let calls = [(7, "active".into()), (8, "held OtherCall".into())];
    assert_eq!(w.calls(), calls);
    assert_eq!(w.groups(), [[0; 0]; 0]);
    assert_eq!(w.core.snapshot().lease.map(|l| l.call), Some(CallId(7)));
}

#[test]
fn a_split_that_is_refused_brings_the_rest_back() {
    for first in [7, 8] {
        let mut w = grouped();
        w.user(Request::Split(CallId(7)));
        let mut out = Vec::new();
        for call in [first, 15 - first] {
            let outcome = if call == 7 { Outcome::Failed } else { DONE };
            out.extend(w.settle(call, outcome));
        }
        assert!(out.contains(&"ask 1 resume 8".into()), "{first}: {out:?}");
        w.fulfill_all();
        assert_eq!(w.calls(), [(7, "active".into()), (8, "active".into())]);
        assert_eq!(w.groups(), [[7, 8]]);
    }
}

#[test]
fn a_split_needs_room_for_one_more_conversation() {
    let mut w = grouped();
    w.active_too(2, 9);
    assert_eq!(w.user(Request::Split(CallId(7))), ["refused limit groups"]);
    w.remote_ends(2, 9);
    assert_eq!(
        w.user(Request::Split(CallId(7))),
        ["accepted", "ask 1 ungroup 7"],
        "on hold nobody has to be held for it"
    );
    assert_eq!(w.user(Request::Split(CallId(8)))[0], "refused UnderWay 8");
}

#[test]
fn only_members_can_be_split() {
    let mut w = held_and_active();
    assert_eq!(w.user(Request::Split(CallId(7))), ["refused NotGrouped 7"]);
    let mut w = grouped();
    let update = CallUpdate {
        ungrouping: Some(false),
        ..CallUpdate::default()
    };
    let call = CallId(7);
    w.report(1, Report::Updated { call, update });
    let refused = w.user(Request::Split(call));
    assert_eq!(refused, ["refused CannotUngroup 7"]);
}

#[test]
fn a_member_that_ends_leaves_the_rest_talking() {
    let mut w = grouped();
    assert_eq!(
        w.remote_ends(1, 7),
        ["done", "record 7 remote-hangup by remote"]
    );
    assert_eq!(w.calls(), [(8, "active".into())]);
    assert_eq!(w.groups(), [[0; 0]; 0], "a group of one is no group");
    assert_eq!(w.core.snapshot().lease.map(|l| l.call), Some(CallId(8)));
}

#[test]
fn the_user_ends_one_member_or_all_and_a_held_call_comes_back_after_all() {
    let mut w = grouped();
    w.active_too(2, 9);
    w.user(Request::Swap);
    w.fulfill_all();
    assert_eq!(w.phase(9), "held OtherCall");
    assert_eq!(w.user(Request::End(CallId(7))), ["accepted", "ask 1 end 7"]);
    w.fulfill_all();
    assert_eq!(w.calls()[0], (8, "active".into()));
    let mut w = grouped();
    w.active_too(2, 9);
    w.user(Request::Swap);
    w.fulfill_all();
    let ended = w.user(Request::EndGroup(CallId(8)));
    assert_eq!(ended[..3], ["accepted", "ask 1 end 8", "ask 1 end 7"]);
    w.fulfill_all();
    assert_eq!(w.calls(), [(9, "active".into())]);
}

#[test]
fn a_held_group_comes_back_as_a_whole_after_the_users_own_hang_up() {
    let mut w = grouped();
    w.active_too(2, 9);
    w.user(Request::End(CallId(9)));
    let back = w.fulfill(9);
    assert_eq!(back[1..], ["ask 1 resume 7", "ask 1 resume 8"]);
    w.fulfill_all();
    assert_eq!(w.calls(), [(7, "active".into()), (8, "active".into())]);
}

#[test]
fn end_and_answer_ends_the_whole_conversation() {
    let mut w = grouped();
    w.incoming(2, 9);
    let ended = w.answer(9, AnswerMode::EndAndAnswer);
    assert_eq!(
        ended[1..],
        ["stop-ring", "ask 1 end 7", "ask 1 end 8", "audio- 1 8"]
    );
    w.fulfill_all();
    assert_eq!(w.calls(), [(9, "active".into())]);
}

#[test]
fn hold_and_resume_take_all_members() {
    let mut w = grouped();
    let held = w.user(Request::SetHeld(CallId(8), true));
    assert_eq!(held, ["accepted", "ask 1 hold 8", "ask 1 hold 7"]);
    w.fulfill_all();
    let calls = [(7, "held User".into()), (8, "held User".into())];
    assert_eq!(w.calls(), calls);
    let resumed = w.user(Request::SetHeld(CallId(8), false));
    assert_eq!(resumed, ["accepted", "ask 1 resume 8", "ask 1 resume 7"]);
    assert_eq!(w.fulfill(8), ["audio+ 1 8"]);
    assert_eq!(w.settle(7, Outcome::Failed), ["finished complete=false"]);
    assert_eq!(w.phase(7), "held User", "refused: it stays held");
    assert_eq!(w.phase(8), "active");
}

#[test]
fn a_dead_app_keeps_its_group_if_it_comes_back() {
    let mut w = grouped();
    w.feed(Event::Environment(Environment::ClientGone(ClientId(1))));
    w.register(1, 11);
    let first = w.report(11, Report::Adopt { call: CallId(7) });
    assert_eq!(first, ["done", "audio+ 11 7"]);
    let second = w.report(11, Report::Adopt { call: CallId(8) });
    assert_eq!(second, ["done"]);
    assert_eq!(w.calls(), [(7, "active".into()), (8, "active".into())]);
    assert_eq!(w.groups(), [[7, 8]]);
}

#[test]
fn a_dead_app_that_left_one_member_behind_has_no_group() {
    let mut w = grouped();
    w.feed(Event::Environment(Environment::ClientGone(ClientId(1))));
    w.register(1, 11);
    w.report(11, Report::Adopt { call: CallId(8) });
    w.wait(3_000);
    assert_eq!(w.calls(), [(8, "active".into())]);
    assert_eq!(w.groups(), [[0; 0]; 0]);
}

#[test]
fn an_app_that_dies_while_it_merges_finds_its_calls_as_they_were() {
    let mut w = held_and_active();
    merge(&mut w, 8, 7);
    w.fulfill(7);
    w.feed(Event::Environment(Environment::ClientGone(ClientId(1))));
    w.come_back(11);
    w.fulfill_all();
    let mut calls = w.calls();
    calls.sort();
    assert_eq!(w.groups(), [[0; 0]; 0]);
    let active = calls.iter().filter(|(_, phase)| phase == "active");
    assert_eq!(active.count(), 1, "{calls:?}");
}

#[test]
fn a_restart_keeps_the_group() {
    let mut w = grouped();
    w.restart();
    w.come_back(11);
    w.fulfill_all();
    assert_eq!(w.groups(), [[7, 8]]);
    assert_eq!(w.calls(), [(7, "active".into()), (8, "active".into())]);
    w.merged_more(11, 9);
    assert_eq!(w.groups(), [[7, 8, 9]]);
}

#[test]
fn an_app_sends_the_list_that_it_would_send_to_callkit() {
    let mut w = held_and_active();
    let (a, b) = (CallId(8), CallId(7));
    let list = vec![Action::SetHeld(b, false), Action::SetGroup(a, Some(b))];
    assert_eq!(
        w.app(1, list),
        ["accepted", "ask 1 resume 7", "ask 1 group with 7: 8"]
    );
    w.fulfill_all();
    let list = vec![Action::SetGroup(a, None), Action::SetHeld(b, true)];
    assert_eq!(
        w.app(1, list),
        ["accepted", "ask 1 hold 7", "ask 1 ungroup 8"]
    );
    w.fulfill_all();
    assert_eq!(w.phase(7), "held OtherCall");
    let list = vec![Action::SetGroup(b, Some(a))];
    assert_eq!(
        w.app(1, list)[1..],
        ["ask 1 resume 7", "ask 1 group with 8: 7"]
    );
    w.fulfill_all();
    let list = vec![Action::SetHeld(b, true), Action::SetGroup(a, None)];
    assert_eq!(
        w.app(1, list),
        ["accepted", "ask 1 hold 7", "ask 1 ungroup 8"]
    );
}

#[test]
fn a_member_of_another_group_has_to_leave_first() {
    let mut w = World::limited(Limit::Groups, 4);
    w.merged(7, 8);
    let refused = w.app(1, vec![Action::SetGroup(CallId(7), Some(CallId(8)))]);
    assert_eq!(refused, ["refused SameGroup 7"]);
    w.active_too(1, 9);
    let refused = w.app(1, vec![Action::SetGroup(CallId(7), Some(CallId(9)))]);
    assert_eq!(refused, ["refused InOtherGroup 7"]);
}

#[test]
fn add_call_says_whether_one_more_is_possible() {
    let add = |w: &World, call: u128| {
        let calls = w.core.snapshot().calls;
        let call = calls.into_iter().find(|c| c.id == CallId(call));
        call.map(|call| call.add_call)
    };
    let mut w = world();
    w.active(1, 7);
    assert_eq!(add(&w, 7), Some(Control::Ready));
    let w = held_and_active();
    let full = Control::Refused(Rejection::LimitReached {
        limit: Limit::Groups,
        max: 2,
        of: None,
    });
    assert_eq!(add(&w, 8), Some(full));
    assert_eq!(add(&grouped(), 8), Some(Control::Ready), "one conversation");
}
