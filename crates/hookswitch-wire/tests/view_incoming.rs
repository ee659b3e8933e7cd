//! What a ringing call shows: choices, disclosure, announcement.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use hookswitch_model::{
    ActionFault, ActionKind, AnswerMode, DialStage, HeldBy, Phase, PhaseKind, Rejection, Snapshot,
};
use hookswitch_wire::json::RequestBody;
use hookswitch_wire::view::{Incoming, IncomingBusy};

use world::{
    ANA, CITY_BANK, OMAR, active, allowed, call, cannot_hold, dialing, ending, held, refused,
    ringing, shown, snapshot,
};

#[test]
fn a_lone_call_can_be_declined_and_answered() {
    let mut world = snapshot(vec![call(ANA, ringing())]);
    world.answers = vec![allowed(AnswerMode::Auto, None, None)];
    let card = card(&world);
    assert_eq!(ids(&card), ["decline", "answer"]);
    assert_eq!(labels(&card), ["Decline", "Answer"]);
    assert_eq!(
        card.announcement,
        "Incoming audio call. Ana Kowalska. Acme."
    );
    assert_eq!((card.disclosure, card.waiting), (None, false));
    assert_eq!((card.kind_text.as_str(), card.busy), ("Audio call", None));
    assert_eq!(card.party.subtitle.as_deref(), Some("+44 7700 900123"));
    assert_eq!(card.party.initials, "AK");
}

#[test]
fn a_second_call_offers_three_ways_and_says_what_each_does() {
    let mut world = snapshot(vec![call(ANA, active()), call(OMAR, ringing())]);
    world.answers = vec![
        allowed(AnswerMode::HoldAndAnswer, None, Some(ANA)),
        allowed(AnswerMode::EndAndAnswer, Some(ANA), None),
    ];
    let card = card(&world);
    assert_eq!(labels(&card), ["Decline", "Hold & Answer", "End & Answer"]);
    let details: Vec<_> = card
        .choices
        .iter()
        .map(|one| one.detail.as_deref())
        .collect();
    let want = [
        "Omar Haddad",
        "Ana Kowalska waits on hold",
        "Ends Ana Kowalska",
    ];
    assert_eq!(details, want.map(Some));
    assert_eq!(
        card.choices[2].description.as_deref(),
        Some("Ends the call with Ana Kowalska in Acme.")
    );
    assert_eq!(
        card.disclosure.as_deref(),
        Some("End & Answer ends the call in Acme.")
    );
    let said = "Second call. Omar Haddad, Mobile. You are talking to Ana Kowalska.";
    assert_eq!((card.announcement.as_str(), card.waiting), (said, true));
}

#[test]
fn when_answering_must_end_a_call_the_card_says_so() {
    let mut world = snapshot(vec![call(ANA, active()), call(OMAR, ringing())]);
    world.answers = vec![
        refused(AnswerMode::HoldAndAnswer, cannot_hold(ANA)),
        allowed(AnswerMode::EndAndAnswer, Some(ANA), None),
    ];
    let card = card(&world);
    assert_eq!(
        card.disclosure.as_deref(),
        Some("Answering ends the call in Acme.")
    );
    let hold = &card.choices[1];
    assert_eq!((hold.id.as_str(), hold.enabled), ("hold-and-answer", false));
    assert_eq!(hold.reason.as_deref(), Some("Acme cannot hold calls."));
    assert_eq!(hold.detail.as_deref(), Some("Acme cannot hold calls"));
}

#[test]
fn with_one_active_and_one_held_each_ending_is_disclosed() {
    let mut world = snapshot(vec![
        call(ANA, active()),
        call(CITY_BANK, held(HeldBy::User, None)),
        call(OMAR, ringing()),
    ]);
    world.answers = vec![
        allowed(AnswerMode::EndAndAnswer, Some(ANA), None),
        allowed(AnswerMode::EndHeldAndAnswer, Some(CITY_BANK), Some(ANA)),
    ];
    let card = card(&world);
    assert_eq!(
        ids(&card),
        ["decline", "end-and-answer", "end-held-and-answer"]
    );
    assert_eq!(
        card.disclosure.as_deref(),
        Some("End & Answer ends the call in Acme. End Held & Answer ends the call in Acme.")
    );
    let request = &card.choices[2].request;
    let mode = AnswerMode::EndHeldAndAnswer.into();
    let call = OMAR.to_string();
    assert_eq!(*request, RequestBody::Answer { call, mode });
}

#[test]
fn the_announcement_fits_what_the_user_is_doing() {
    for (phase, want) in [
        (
            active(),
            "Second call. Omar Haddad, Mobile. You are talking to Ana Kowalska.",
        ),
        (
            dialing(DialStage::Started),
            "Second call. Omar Haddad, Mobile. You are calling Ana Kowalska.",
        ),
        (
            held(HeldBy::User, None),
            "Second call. Omar Haddad, Mobile. Ana Kowalska is on hold.",
        ),
        (
            ending(PhaseKind::Active),
            "Incoming audio call. Omar Haddad. Mobile.",
        ),
    ] {
        let world = snapshot(vec![call(ANA, phase), call(OMAR, ringing())]);
        assert_eq!(card(&world).announcement, want);
    }
}

#[test]
fn a_caller_without_name_or_number_is_unknown() {
    let mut anonymous = call(ANA, ringing());
    anonymous.name = None;
    anonymous.video = true;
    let mut world = snapshot(vec![anonymous.clone()]);
    assert_eq!(card(&world).party.title, "+44 7700 900123");
    assert_eq!(card(&world).party.subtitle, None);
    anonymous.handle = None;
    world.calls = vec![anonymous.into()];
    let card = card(&world);
    assert_eq!(
        (card.party.title.as_str(), card.party.initials.as_str()),
        ("Unknown", "?")
    );
    assert_eq!(card.kind_text, "Video call");
    assert_eq!(card.announcement, "Incoming video call. Unknown. Acme.");
}

#[test]
fn what_is_under_way_shows_as_busy() {
    let busy = |phase: Phase, pending| {
        let mut one = call(ANA, phase);
        one.pending = pending;
        let mut world = snapshot(vec![one]);
        world.presented = Some(ANA);
        card(&world).busy
    };
    let answering = Some(IncomingBusy::Answering);
    let declining = Some(IncomingBusy::Declining);
    assert_eq!(busy(ringing(), Some(ActionKind::Answer)), answering);
    assert_eq!(busy(ringing(), Some(ActionKind::End)), declining);
    assert_eq!(
        busy(ending(PhaseKind::Ringing), Some(ActionKind::End)),
        declining
    );
    assert_eq!(busy(ringing(), None), None);
}

#[test]
fn further_ringing_calls_wait_in_line() {
    let calls = vec![
        call(ANA, ringing()),
        call(OMAR, ringing()),
        call(CITY_BANK, ringing()),
    ];
    let view = shown(&snapshot(calls));
    assert_eq!(view.incoming.unwrap().call, ANA.to_string());
    assert_eq!((view.more_ringing, view.calls.len()), (2, 0));
}

#[test]
fn an_answered_call_that_is_presented_no_more_is_connecting() {
    let mut answered = call(ANA, ringing());
    answered.pending = Some(ActionKind::Answer);
    let mut world = snapshot(vec![answered]);
    world.presented = None;
    let view = shown(&world);
    assert_eq!(view.calls[0].state_text, "Connecting");
    assert_eq!(view.more_ringing, 0);
}

#[test]
fn what_was_pressed_already_is_busy_and_not_refused() {
    let mut answered = call(ANA, ringing());
    answered.pending = Some(ActionKind::Answer);
    let mut world = snapshot(vec![answered]);
    let under_way = Rejection::InvalidAction {
        call: ANA,
        action: ActionKind::Answer,
        fault: ActionFault::UnderWay,
    };
    world.answers = vec![refused(AnswerMode::Auto, under_way)];
    let card = card(&world);
    assert_eq!(card.busy, Some(IncomingBusy::Answering));
    assert!(
        card.choices
            .iter()
            .all(|one| one.enabled && one.reason.is_none())
    );
}

#[test]
fn every_refusal_has_a_sentence() {
    use ActionFault::{AppGone, ChoiceNeeded, NoHeldCall, RingingFirst};
    for (fault, want) in [
        (AppGone, "Acme stopped; it may be back in a moment."),
        (ChoiceNeeded, "Choose what happens to the call on the line."),
        (RingingFirst, "Answer or decline the ringing call first."),
        (NoHeldCall, "No call is on hold."),
    ] {
        let mut world = snapshot(vec![call(ANA, active()), call(OMAR, ringing())]);
        world.answers = vec![refused(AnswerMode::Auto, Rejection::NotNow(fault))];
        assert_eq!(card(&world).choices[1].reason.as_deref(), Some(want));
    }
}

fn card(world: &Snapshot) -> Incoming {
    shown(world).incoming.expect("a call rings")
}

fn ids(card: &Incoming) -> Vec<&str> {
    card.choices.iter().map(|one| one.id.as_str()).collect()
}

fn labels(card: &Incoming) -> Vec<&str> {
    card.choices.iter().map(|one| one.label.as_str()).collect()
}
