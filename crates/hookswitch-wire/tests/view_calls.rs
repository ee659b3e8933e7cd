//! What live calls show: states, reasons, buttons, devices.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::sync::Arc;

use hookswitch_model::{
    ActionFault, ActionKind, Control, DialStage, Digits, EndpointId, EndpointKind, GroupId, HeldBy,
    Limit, Phase, PhaseKind, Rejection, Snapshot, Timestamp,
};
use hookswitch_wire::json::RequestBody;
use hookswitch_wire::view::{Button, CallState, CallView};

use world::{
    ANA, CITY_BANK, MOBILE, OMAR, active, call, cannot_hold, dialing, ending, endpoint, held,
    shown, snapshot, stamp,
};

#[test]
fn each_phase_has_its_word_and_timer() {
    for (phase, state, word, timer) in [
        (active(), CallState::Active, "Active", Some(12)),
        (
            held(HeldBy::User, None),
            CallState::Held,
            "On hold",
            Some(40),
        ),
        (
            dialing(DialStage::Requested),
            CallState::Dialing,
            "Dialing",
            None,
        ),
        (
            dialing(DialStage::Started),
            CallState::Dialing,
            "Dialing",
            None,
        ),
        (
            dialing(DialStage::Connecting),
            CallState::Connecting,
            "Connecting",
            None,
        ),
        (ending(PhaseKind::Active), CallState::Ending, "Ending", None),
    ] {
        let shown = only(call(ANA, phase));
        assert_eq!((shown.state, shown.state_text.as_str()), (state, word));
        assert_eq!(shown.timer_ms, timer.map(|at| stamp(at).wall.as_millis()));
    }
}

#[test]
fn each_hold_says_why() {
    for (by, displaced_by, want) in [
        (HeldBy::User, None, "You put this call on hold."),
        (
            HeldBy::OtherCall,
            Some(OMAR),
            "You put this call on hold to answer Omar Haddad.",
        ),
        (
            HeldBy::OtherCall,
            Some(CITY_BANK),
            "You put this call on hold to call City Bank helpline.",
        ),
        (
            HeldBy::OtherCall,
            None,
            "You put this call on hold to take another call.",
        ),
        (
            HeldBy::SystemSlow,
            None,
            "On hold by the system: Acme did not hold in 2 s.",
        ),
        (
            HeldBy::SystemRefused,
            None,
            "On hold by the system: Acme refused to hold.",
        ),
        (
            HeldBy::SystemDisplaced,
            None,
            "On hold by the system: Acme came back while another call had the line.",
        ),
    ] {
        let mut omar = call(OMAR, active());
        omar.connected_at = Some(stamp(41).wall);
        let world = snapshot(vec![
            call(ANA, held(by, displaced_by)),
            omar,
            call(CITY_BANK, dialing(DialStage::Started)),
        ]);
        let view = shown(&world);
        let ana = view.calls.iter().find(|one| one.call == ANA.to_string());
        assert_eq!(ana.unwrap().held_reason.as_deref(), Some(want));
    }
}

#[test]
fn a_hold_for_somebody_who_talked_before_says_so() {
    let world = snapshot(vec![
        call(ANA, held(HeldBy::OtherCall, Some(OMAR))),
        call(OMAR, active()),
    ]);
    let view = shown(&world);
    let ana = view.calls.iter().find(|one| one.call == ANA.to_string());
    let want = "You put this call on hold to talk to Omar Haddad.";
    assert_eq!(ana.unwrap().held_reason.as_deref(), Some(want));
}

#[test]
fn a_hold_from_the_other_side_is_told() {
    let mut ana = call(ANA, active());
    ana.remote_hold = true;
    let shown = only(ana);
    assert_eq!(shown.state_text, "Active");
    assert_eq!(
        shown.held_reason.as_deref(),
        Some("Ana Kowalska put you on hold.")
    );
}

#[test]
fn a_dead_app_is_told_and_its_button_says_why() {
    let mut ana = call(ANA, active());
    ana.orphaned_until = Some(Timestamp::from_millis(61_000));
    let mut world = snapshot(vec![ana]);
    world.providers[0].connected = false;
    let shown = &shown(&world).calls[0];
    let note = "Acme is reconnecting. The call stays open while Acme comes back.";
    assert_eq!(shown.note.as_deref(), Some(note));
    assert_eq!(shown.state_text, "Reconnecting…");
    let open = button(shown, "open-app");
    assert_eq!((open.label.as_str(), open.enabled), ("Open Acme", false));
    let reason = "Acme stopped; it may be back in a moment.";
    assert_eq!(open.reason.as_deref(), Some(reason));
}

#[test]
fn every_state_of_a_call_whose_app_is_away_is_reconnecting() {
    for phase in [
        held(HeldBy::Voicemail, None),
        held(HeldBy::User, None),
        dialing(DialStage::Started),
        ending(PhaseKind::Active),
    ] {
        let mut ana = call(ANA, phase);
        ana.orphaned_until = Some(Timestamp::from_millis(61_000));
        ana.slow = Some(ActionKind::SetHeld);
        let shown = only(ana);
        assert_eq!(shown.state_text, "Reconnecting…");
        assert_eq!(
            shown.note.as_deref(),
            Some("Acme is reconnecting. The call stays open while Acme comes back.")
        );
    }
}

#[test]
fn digits_behind_a_hard_pause_are_asked_about() {
    let mut ana = call(ANA, active());
    ana.digits_waiting = Some(Digits::new("1234").unwrap());
    let asked = only(ana.clone()).offer.unwrap();
    assert_eq!(asked.text, "Send 1234?");
    let id = ANA.to_string();
    let send = RequestBody::SendRest { call: id.clone() };
    assert_eq!(
        (asked.agree.enabled, asked.agree.request),
        (true, Some(send))
    );
    let drop = RequestBody::DropRest { call: id };
    assert_eq!(asked.decline.request, Some(drop));
    ana.phase = held(HeldBy::User, None);
    let asked = only(ana).offer.unwrap();
    assert_eq!(
        (asked.agree.enabled, asked.agree.reason.as_deref()),
        (false, Some("The call is on hold. Resume it first."))
    );
    assert!(asked.decline.enabled);
}

#[test]
fn a_slow_app_is_told() {
    for (phase, action, word, note) in [
        (
            dialing(DialStage::Requested),
            ActionKind::Start,
            "Taking longer than usual",
            "Acme takes longer than usual to start the call.",
        ),
        (
            active(),
            ActionKind::SetHeld,
            "Active",
            "Acme takes longer than usual to hold or resume the call.",
        ),
        (
            held(HeldBy::User, None),
            ActionKind::SetHeld,
            "On hold",
            "Acme takes longer than usual to hold or resume the call.",
        ),
    ] {
        let mut ana = call(ANA, phase);
        ana.slow = Some(action);
        let shown = only(ana);
        let said = (shown.state_text.as_str(), shown.note.as_deref());
        assert_eq!(said, (word, Some(note)));
    }
}

#[test]
fn calls_stand_in_the_order_of_what_is_on_the_line() {
    let world = snapshot(vec![
        call(CITY_BANK, held(HeldBy::User, None)),
        call(OMAR, dialing(DialStage::Started)),
        call(ANA, active()),
    ]);
    let view = shown(&world);
    let order: Vec<_> = view
        .calls
        .iter()
        .map(|one| one.party.initials.as_str())
        .collect();
    assert_eq!(order, ["AK", "OH", "CH"]);
}

#[test]
fn the_grid_has_one_order() {
    let shown = only(call(ANA, active()));
    let want = ["mute", "keypad", "audio", "hold", "add-call", "open-app"];
    assert_eq!(ids(&shown), want);
    let words: Vec<_> = shown.buttons.iter().map(|one| one.label.as_str()).collect();
    assert_eq!(
        words,
        ["Mute", "Keypad", "Audio", "Hold", "Add call", "Open Acme"]
    );
}

#[test]
fn labels_follow_the_state() {
    let mut ana = call(ANA, held(HeldBy::User, None));
    ana.muted = true;
    let shown = only(ana);
    let (mute, hold) = (button(&shown, "mute"), button(&shown, "hold"));
    assert_eq!((mute.label.as_str(), mute.on), ("Unmute", true));
    assert_eq!((hold.label.as_str(), hold.on), ("Resume", true));
    let call = ANA.to_string();
    assert_eq!(hold.request, Some(RequestBody::Hold { call, on: false }));
}

#[test]
fn controls_decide_what_works() {
    let with = |control| {
        let mut ana = call(ANA, active());
        ana.hold = control;
        only(ana)
    };
    assert!(button(&with(Control::Busy), "hold").busy);
    assert!(!ids(&with(Control::Absent)).contains(&"hold"));
    let refused = with(Control::Refused(cannot_hold(ANA)));
    let hold = button(&refused, "hold");
    assert_eq!(
        (hold.enabled, hold.detail.as_deref()),
        (false, Some("Not in Acme"))
    );
    assert_eq!(hold.reason.as_deref(), Some("Acme cannot hold calls."));
}

#[test]
fn before_the_connection_buttons_wait_with_their_reason() {
    let mut ana = call(ANA, dialing(DialStage::Started));
    ana.hold = Control::Refused(cannot_hold(ANA));
    ana.digits = Control::Refused(Rejection::InvalidAction {
        call: ANA,
        action: ActionKind::PlayDigits,
        fault: ActionFault::Phase(PhaseKind::Dialing),
    });
    let shown = only(ana);
    for id in ["hold", "keypad", "add-call"] {
        let one = button(&shown, id);
        assert_eq!(one.detail.as_deref(), Some("Not yet"), "{id}");
        assert_eq!(
            one.reason.as_deref(),
            Some("The call is not connected yet."),
            "{id}"
        );
    }
}

#[test]
fn with_two_calls_swap_takes_the_place_of_hold() {
    let mut world = snapshot(vec![
        call(ANA, active()),
        call(OMAR, held(HeldBy::OtherCall, Some(ANA))),
    ]);
    world.swap = Control::Ready;
    for call in world.calls.iter_mut().map(Arc::make_mut) {
        call.add_call = Control::Refused(Rejection::LimitReached {
            limit: Limit::Groups,
            max: 2,
            of: None,
        });
    }
    let view = shown(&world);
    for one in &view.calls {
        let swap = button(one, "swap");
        assert_eq!(swap.detail.as_deref(), Some("To Omar Haddad"));
        assert_eq!(swap.request, Some(RequestBody::Swap {}));
        assert!(!ids(one).contains(&"hold"));
    }
    let add = button(&view.calls[0], "add-call");
    let reason = "2 calls are the most at once. End one first.";
    assert_eq!(add.reason.as_deref(), Some(reason));
    assert_eq!(view.calls[0].end.detail.as_deref(), Some("Ana Kowalska"));
}

#[test]
fn with_two_calls_merge_takes_the_place_of_add_call() {
    let mut world = snapshot(vec![
        call(CITY_BANK, active()),
        call(ANA, held(HeldBy::OtherCall, Some(CITY_BANK))),
    ]);
    let full = Control::Refused(Rejection::LimitReached {
        limit: Limit::Groups,
        max: 2,
        of: None,
    });
    Arc::make_mut(&mut world.calls[0]).add_call = full;
    Arc::make_mut(&mut world.calls[0]).merge_with = Some(ANA);
    Arc::make_mut(&mut world.calls[0]).merge = Control::Ready;
    let view = shown(&world);
    let merge = button(&view.calls[0], "merge");
    assert_eq!(merge.detail.as_deref(), Some("With Ana Kowalska"));
    assert!(!ids(&view.calls[0]).contains(&"add-call"));
    for (fault, short, reason) in [
        (
            ActionFault::CannotGroup,
            "Not in Acme",
            "Acme cannot merge this call.",
        ),
        (
            ActionFault::OtherApp,
            "Another app",
            "Only calls of one app can be merged.",
        ),
    ] {
        Arc::make_mut(&mut world.calls[0]).merge = Control::Refused(Rejection::InvalidAction {
            call: ANA,
            action: ActionKind::SetGroup,
            fault,
        });
        let view = shown(&world);
        let merge = button(&view.calls[0], "merge");
        assert!(!merge.enabled, "it stays in its place");
        assert_eq!(merge.detail.as_deref(), Some(short));
        assert_eq!(merge.reason.as_deref(), Some(reason));
    }
    Arc::make_mut(&mut world.calls[0]).add_call = Control::Ready;
    let view = shown(&world);
    assert!(
        ids(&view.calls[0]).contains(&"add-call"),
        "it works, merge does not"
    );
}

#[test]
fn a_group_has_one_card_with_a_row_for_each() {
    let mut world = snapshot(vec![
        call(ANA, active()),
        call(CITY_BANK, active()),
        call(OMAR, held(HeldBy::OtherCall, None)),
    ]);
    for call in world.calls[..2].iter_mut().map(Arc::make_mut) {
        call.group = Some(GroupId(1));
        call.split = Control::Ready;
    }
    Arc::make_mut(&mut world.calls[1]).muted = true;
    let view = shown(&world);
    assert_eq!(view.calls.len(), 2);
    let card = &view.calls[0];
    assert_eq!(card.party.title, "Ana Kowalska and City Bank helpline");
    assert_eq!(card.party.subtitle.as_deref(), Some("2 people"));
    assert!(!card.muted, "one of them hears the user");
    assert_eq!(card.end.label, "End all");
    let group = |call: &str| RequestBody::EndGroup { call: call.into() };
    assert_eq!(card.end.request, Some(group(&card.call)));
    let names: Vec<_> = card.members.iter().map(|one| &one.party.title).collect();
    assert_eq!(names, ["Ana Kowalska", "City Bank helpline"]);
    let bank = &card.members[1];
    let call = || CITY_BANK.to_string();
    assert_eq!(
        bank.private.request,
        Some(RequestBody::Split { call: call() })
    );
    assert_eq!(bank.end.request, Some(RequestBody::End { call: call() }));
    assert_eq!(view.calls[1].members, []);
}

#[test]
fn a_member_says_where_it_is_and_why_it_cannot_leave() {
    let mut world = snapshot(vec![
        call(ANA, active()),
        call(CITY_BANK, held(HeldBy::SystemRefused, None)),
    ]);
    for call in world.calls.iter_mut().map(Arc::make_mut) {
        call.group = Some(GroupId(1));
        call.split = Control::Refused(Rejection::InvalidAction {
            call: call.id,
            action: ActionKind::SetGroup,
            fault: ActionFault::CannotUngroup,
        });
    }
    let view = shown(&world);
    let [ana, bank] = &view.calls[0].members[..] else {
        panic!("two members");
    };
    assert_eq!(
        (ana.state_text.as_deref(), bank.state_text.as_deref()),
        (None, Some("On hold"))
    );
    let reason = "Acme cannot take this call out of its group.";
    assert_eq!(bank.private.reason.as_deref(), Some(reason));
}

#[test]
fn a_swap_that_is_refused_keeps_its_place_with_the_reason() {
    let mut world = snapshot(vec![
        call(ANA, active()),
        call(OMAR, held(HeldBy::User, None)),
    ]);
    world.swap = Control::Refused(Rejection::NotNow(ActionFault::RingingFirst));
    let view = shown(&world);
    let swap = button(&view.calls[0], "swap");
    let reason = "Answer or decline the ringing call first.";
    assert_eq!(swap.reason.as_deref(), Some(reason));
    world.swap = Control::Refused(Rejection::NotNow(ActionFault::UnderWay));
    assert!(button(&shown(&world).calls[0], "swap").busy);
    world.calls.pop();
    assert!(
        ids(&shown(&world).calls[0]).contains(&"hold"),
        "no pair, no swap"
    );
}

#[test]
fn without_a_pair_hold_stays() {
    let mut world = snapshot(vec![call(ANA, active())]);
    world.swap = Control::Refused(Rejection::NotNow(ActionFault::NothingToSwap));
    let view = shown(&world);
    assert!(ids(&view.calls[0]).contains(&"hold"));
    assert_eq!(view.calls[0].end.detail, None);
}

#[test]
fn audio_names_the_device_in_use() {
    let mut world = snapshot(vec![call(ANA, active())]);
    let silent = shown(&world);
    assert_eq!(silent.audio.label, "No sound device");
    let reason = "Hookswitch sees no sound device.";
    let audio = button(&silent.calls[0], "audio");
    assert_eq!(audio.reason.as_deref(), Some(reason));

    world.endpoints = vec![
        endpoint("a", "Speaker", EndpointKind::Speaker),
        endpoint("b", "Jabra Evolve2", EndpointKind::Headset),
    ];
    world.audio.route.effective = EndpointId::new("b");
    let view = shown(&world);
    assert_eq!(view.audio.label, "Jabra Evolve2");
    let details: Vec<_> = view
        .audio
        .endpoints
        .iter()
        .map(|one| one.detail.as_deref())
        .collect();
    assert_eq!(details, [None, Some("Headset, in use")]);
    assert!(view.audio.endpoints[1].in_use && !view.audio.endpoints[0].in_use);
    let detail = button(&view.calls[0], "audio").detail.as_deref();
    assert_eq!(detail, Some("Jabra Evolve2"));
}

#[test]
fn apps_are_listed_with_their_readiness() {
    let mut world = snapshot(Vec::new());
    world.providers[1].connected = false;
    let apps = shown(&world).apps;
    assert_eq!((apps[0].name.as_str(), apps[0].ready), ("Acme", true));
    assert_eq!((apps[1].id.as_str(), apps[1].ready), (MOBILE, false));
}

#[test]
fn an_app_that_is_not_registered_goes_by_the_end_of_its_id() {
    let mut world: Snapshot = snapshot(vec![call(ANA, active())]);
    world.providers.clear();
    assert_eq!(shown(&world).calls[0].party.app.name, "Acme");
}

#[test]
fn an_ending_call_shows_its_end_as_under_way() {
    let phase: Phase = ending(PhaseKind::Active);
    assert!(only(call(ANA, phase)).end.busy);
    assert!(!only(call(ANA, active())).end.busy);
}

fn only(call: hookswitch_model::CallSnapshot) -> CallView {
    let mut view = shown(&snapshot(vec![call]));
    view.calls.remove(0)
}

fn ids(call: &CallView) -> Vec<&str> {
    call.buttons.iter().map(|one| one.id.as_str()).collect()
}

#[track_caller]
fn button<'a>(call: &'a CallView, id: &str) -> &'a Button {
    call.buttons
        .iter()
        .find(|one| one.id == id)
        .expect("in the grid")
}
