//! A real call on a real bus is recorded, and the recording plays again with the same effects.

mod stage;

use std::fs;

use hookswitch::{
    Account, ActionButton, AnswerMode, BusAddress, CallUpdate, Configuration, Controller, Handle,
    HandleKind, OnAnswer, Provider, ProviderEvent, ProviderEvents,
};
use hookswitch_testbed::wait_for;
use stage::{PATIENCE, Stage};
use tokio::time::timeout;

#[test]
fn a_recorded_call_plays_again_and_what_was_changed_is_found() {
    let stage = Stage::set();
    let mut app = stage.app();
    app.wait_for_line("ringing", PATIENCE);
    for wish in [
        vec!["answer"],
        vec!["mute"],
        vec!["unmute"],
        vec!["digits", "4711"],
        vec!["hold"],
        vec!["resume"],
        vec!["end"],
    ] {
        stage.done(&wish);
    }
    assert!(app.wait(PATIENCE).success());
    wait_for("the app to be gone", PATIENCE, || {
        let trace = stage.done(&["record"]);
        trace.contains("crashes").then_some(())
    });
    let file = stage.bed.path().join("call.jsonl");
    let path = file.to_str().expect("a plain path");
    stage.done(&["record", "--output", path]);
    let trace = fs::read_to_string(&file).expect("written");
    for secret in ["Kowalska", "ana@", "4711"] {
        assert!(!trace.contains(secret), "{secret} is in\n{trace}");
    }
    assert!(stage.done(&["record", "--with-names"]).contains("Kowalska"));

    let verdict = stage.done(&["sim", "replay", path]);
    assert!(verdict.starts_with("the same: "), "{verdict}\n{trace}");
    assert!(
        trace.contains("\"state\":{"),
        "the states are filled in\n{trace}"
    );
    let drawing = stage.done(&["sim", "picture", path, "--form", "svg"]);
    assert!(
        drawing.contains("Hold") && drawing.contains("owner"),
        "{drawing}"
    );

    let story = stage.bed.path().join("story.hsw");
    let story = story.to_str().expect("a plain path");
    stage.done(&["sim", "cut", path, "--output", story]);
    stage.done(&["sim", "run", story]);

    let changed = trace.replacen("audio-activated", "audio-deactivated", 1);
    fs::write(&file, changed).expect("writable");
    let output = stage.output(&["sim", "replay", path]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("then they differ"), "{told}");
    assert!(told.contains("audio-deactivated"), "{told}");
}

#[tokio::test]
async fn accounts_buttons_and_rules_of_a_real_daemon_play_again() {
    let stage = Stage::set();
    let bus = || BusAddress::At(stage.bus.address().to_owned());
    let controller = Controller::connect_at(bus()).await.expect("a daemon");
    let door = ActionButton::new("door", "Open").while_ringing(true);
    let work = Account::new("sip:work@secret.example", "Work");
    let configuration = Configuration::new("Gate")
        .accounts([work.handle_kinds([HandleKind::EmailAddress])])
        .buttons([door])
        .on_answer(OnAnswer::OpenApp);
    let connected = Provider::connect_at(bus(), "org.example.Gate", configuration).await;
    let (app, mut events) = connected.expect("registered");

    controller
        .set_on_answer(Some(OnAnswer::Stay))
        .await
        .expect("kept");
    let pest = Handle::email_address("pest@secret.example");
    controller.set_blocked(&pest, true).await.expect("kept");
    let from_pest = CallUpdate::new().handle(pest);
    app.report_incoming("p", &from_pest)
        .await
        .expect_err("blocked");
    controller
        .set_do_not_disturb(true, None)
        .await
        .expect("kept");
    let ana = || CallUpdate::new().handle(Handle::email_address("ana@secret.example"));
    app.report_incoming("quiet", &ana())
        .await
        .expect_err("quiet");
    controller
        .set_do_not_disturb(false, None)
        .await
        .expect("kept");

    let update = ana().account("sip:work@secret.example").buttons(["door"]);
    let call = app.report_incoming("a", &update).await.expect("rings");
    controller.press(call.id(), "door").await.expect("asked");
    perform_next(&mut events).await;
    controller
        .answer(call.id(), AnswerMode::Auto)
        .await
        .expect("asked");
    perform_next(&mut events).await;
    controller.end(call.id()).await.expect("asked");
    perform_next(&mut events).await;
    let to = Handle::email_address("omar@secret.example");
    let dialed = controller.dial_with(
        "org.example.Gate",
        &to,
        false,
        Some("sip:work@secret.example"),
    );
    dialed.await.expect("asked");
    perform_next(&mut events).await;

    plays_again(&stage);
}

/// The recording has them, has no address, and plays the same.
fn plays_again(stage: &Stage) {
    let file = stage.bed.path().join("gate.jsonl");
    let path = file.to_str().expect("a plain path");
    stage.done(&["record", "--output", path]);
    let trace = fs::read_to_string(&file).expect("written");
    assert!(!trace.contains("secret.example"), "{trace}");
    let words = [
        "blocks",
        "dnd on",
        "button=door",
        "account account1",
        "presses door",
    ];
    for word in words {
        assert!(trace.contains(word), "{word} is not in\n{trace}");
    }
    let verdict = stage.done(&["sim", "replay", path]);
    assert!(verdict.starts_with("the same: "), "{verdict}\n{trace}");
}

/// Does what the app is asked next.
async fn perform_next(events: &mut ProviderEvents) {
    loop {
        let event = timeout(PATIENCE, events.next())
            .await
            .expect("something happens");
        if let Some(ProviderEvent::Perform(ask)) = event {
            ask.fulfill().await.expect("in time");
            return;
        }
    }
}
