//! The promises of the SDK, against the real daemon: order, settled asks, coming back.

mod stage;

use std::time::Duration;

use hookswitch::document::{Phase, State};
use hookswitch::{
    Action, ActionKind, AnswerMode, Ask, BusAddress, Call, CallKitDomain, CallUpdate,
    Configuration, Controller, EndReason, Error, ErrorCode, Handle, HandleKind, Observer, Occupant,
    Provider, ProviderEvent, ProviderEvents, Request, ResetCause,
};
use stage::{PATIENCE, Stage};
use tokio::time::timeout;

const APP: &str = "org.hookswitch.test.App";

#[tokio::test]
async fn a_call_is_answered_held_resumed_and_ended() {
    let stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let controller = controller(&stage).await;
    let call = provider.report_incoming("k1", &ana()).await.unwrap();
    assert!(!call.was_known());
    assert!(
        provider
            .report_incoming("k1", &ana())
            .await
            .unwrap()
            .was_known()
    );

    let answering = controller
        .answer(call.id(), AnswerMode::Auto)
        .await
        .unwrap();
    let ask = next_ask(&mut events).await;
    assert_eq!((ask.action(), ask.call().key()), (&Action::Answer, "k1"));
    ask.fulfill().await.unwrap();
    assert!(
        controller
            .wait_finished(&answering, PATIENCE)
            .await
            .unwrap()
    );
    expect(&mut events, |event| {
        matches!(event, ProviderEvent::AudioActivated(_))
    })
    .await;

    let holding = controller.hold(call.id()).await.unwrap();
    expect_done(&mut events, &Action::SetHeld(true)).await;
    assert!(controller.wait_finished(&holding, PATIENCE).await.unwrap());
    let resuming = controller.resume(call.id()).await.unwrap();
    expect_done(&mut events, &Action::SetHeld(false)).await;
    assert!(controller.wait_finished(&resuming, PATIENCE).await.unwrap());

    let ending = controller.end(call.id()).await.unwrap();
    next_ask(&mut events).await.fulfill().await.unwrap();
    assert!(controller.wait_finished(&ending, PATIENCE).await.unwrap());
    assert!(provider.calls().is_empty());
    assert!(controller.state().await.unwrap().calls.is_empty());
}

#[tokio::test]
async fn two_calls_are_merged_by_the_user_and_split_by_the_app() {
    let stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let controller = controller(&stage).await;
    let first = provider.report_incoming("k1", &ana()).await.unwrap();
    controller
        .answer(first.id(), AnswerMode::Auto)
        .await
        .unwrap();
    expect_done(&mut events, &Action::Answer).await;
    let second = provider.report_incoming("k2", &ana()).await.unwrap();
    controller
        .answer(second.id(), AnswerMode::HoldAndAnswer)
        .await
        .unwrap();
    expect_done(&mut events, &Action::SetHeld(true)).await;
    expect_done(&mut events, &Action::Answer).await;

    let merging = controller.merge(second.id(), first.id()).await.unwrap();
    expect_done(&mut events, &Action::SetHeld(false)).await;
    let ask = next_ask(&mut events).await;
    let Action::SetGroup(Some(with)) = ask.action() else {
        panic!("{ask:?}");
    };
    assert_eq!((with.id(), with.key()), (first.id(), "k1"));
    assert_eq!(ask.call(), &second);
    ask.fulfill().await.unwrap();
    assert!(controller.wait_finished(&merging, PATIENCE).await.unwrap());
    let groups = |state: State| -> Vec<_> { state.calls.into_iter().map(|c| c.group).collect() };
    let merged = groups(controller.state().await.unwrap());
    assert!(merged[0].is_some() && merged[0] == merged[1], "{merged:?}");

    provider.request([Request::split("k2")]).await.unwrap();
    expect_done(&mut events, &Action::SetHeld(true)).await;
    expect_done(&mut events, &Action::SetGroup(None)).await;
    assert_eq!(groups(controller.state().await.unwrap()), [None, None]);
}

#[tokio::test]
async fn an_app_takes_a_transaction_as_a_whole() {
    let stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let controller = controller(&stage).await;
    provider.take_whole_transactions(true);
    let first = provider.report_incoming("k1", &ana()).await.unwrap();
    let id = first.id();
    let answering = controller.answer(id, AnswerMode::Auto).await.unwrap();
    let mut asks = next_whole(&mut events).await;
    assert_eq!(asks.len(), 1);
    asks.remove(0).fulfill().await.unwrap();
    let answered = controller.wait_finished(&answering, PATIENCE).await;
    assert_eq!(answered, Ok(true));

    let second = provider.report_incoming("k2", &ana()).await.unwrap();
    let id = second.id();
    let hold = AnswerMode::HoldAndAnswer;
    let answering = controller.answer(id, hold).await.unwrap();
    let mut asks = next_whole(&mut events).await;
    let actions: Vec<_> = asks.iter().map(Ask::action).collect();
    assert_eq!(actions, [&Action::SetHeld(true), &Action::Answer]);
    let pending = provider.pending_transactions();
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].actions.len(), 2);
    let answers = provider.pending_call_actions(ActionKind::Answer, "k2");
    assert_eq!(answers, pending[0].actions[1..]);

    asks.remove(1).fulfill().await.unwrap();
    assert_eq!(provider.pending_transactions()[0].actions.len(), 1);
    asks.remove(0).fulfill().await.unwrap();
    assert!(provider.pending_transactions().is_empty());
    let answered = controller.wait_finished(&answering, PATIENCE).await;
    assert_eq!(answered, Ok(true));
}

#[tokio::test]
async fn an_ask_that_is_dropped_fails_at_once() {
    let stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let controller = controller(&stage).await;
    let call = provider.report_incoming("k1", &ana()).await.unwrap();
    let answering = controller
        .answer(call.id(), AnswerMode::Auto)
        .await
        .unwrap();
    drop(next_ask(&mut events).await);
    let outcome = controller
        .wait_finished(&answering, Duration::from_secs(5))
        .await;
    assert_eq!(outcome, Ok(false));
    assert!(provider.calls().is_empty(), "a call not answered is over");
}

#[tokio::test]
async fn an_app_dials_by_itself_and_the_user_dials_through_it() {
    let stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let controller = controller(&stage).await;
    let handle = Handle::phone_number("+48600000000");

    let call = provider
        .request([Request::start("out-1", handle.clone())])
        .await
        .unwrap();
    let ask = next_ask(&mut events).await;
    let video = false;
    assert_eq!(
        ask.action(),
        &Action::Start {
            handle: handle.clone(),
            video,
            account: None,
            contact: None,
        }
    );
    assert_eq!((ask.call().id(), ask.call().key()), (call.id(), "out-1"));
    ask.fulfill().await.unwrap();
    provider.report_connecting(&call).await.unwrap();
    provider.report_connected("out-1").await.unwrap();
    expect(&mut events, |event| {
        matches!(event, ProviderEvent::AudioActivated(_))
    })
    .await;
    provider
        .report_ended(&call, EndReason::RemoteHangup)
        .await
        .unwrap();
    expect(&mut events, |event| {
        matches!(event, ProviderEvent::AudioDeactivated(_))
    })
    .await;

    let (dialed, _) = controller.dial(APP, &handle, false).await.unwrap();
    let ask = next_ask(&mut events).await;
    assert_eq!(ask.call().id(), dialed);
    ask.fail().await.unwrap();
}

#[tokio::test]
async fn refusals_carry_their_names_and_callkits_numbers() {
    let stage = Stage::set();
    let (provider, _events) = provider(&stage).await;
    let controller = controller(&stage).await;
    let code = |result: Result<(), Error>| {
        let error = result.unwrap_err();
        let number = error.callkit_code().map(|code| (code.domain, code.code));
        (error.code(), number)
    };
    let transaction = CallKitDomain::RequestTransaction;
    let unknown = controller.end("01234567-89ab-cdef-0123-456789abcdef").await;
    assert_eq!(
        code(unknown.map(drop)),
        (Some(ErrorCode::UnknownCall), Some((transaction, 4)))
    );
    assert_eq!(
        code(provider.request([]).await.map(drop)),
        (Some(ErrorCode::EmptyTransaction), Some((transaction, 3)))
    );
    let call = provider.report_incoming("k1", &ana()).await.unwrap();
    assert_eq!(
        code(provider.request([Request::hold(&call)]).await.map(drop)),
        (Some(ErrorCode::InvalidAction), Some((transaction, 6)))
    );
    provider
        .report_ended(&call, EndReason::CanceledByCaller)
        .await
        .unwrap();
    assert_eq!(
        code(provider.report_updated("never", &ana()).await).0,
        Some(ErrorCode::UnknownCall)
    );
}

#[tokio::test]
async fn a_limit_names_the_calls_that_take_up_the_places() {
    let stage = Stage::set();
    let (provider, _events) = provider(&stage).await;
    let first = provider.report_incoming("k1", &ana()).await.unwrap();
    provider.report_incoming("k2", &ana()).await.unwrap();
    let full = provider.report_incoming("k3", &ana()).await.unwrap_err();
    assert_eq!(full.code(), Some(ErrorCode::LimitReached));
    let places = full.occupied().expect("calls take up the places");
    let is = |occupant: &Occupant| (occupant.key.clone(), occupant.phase.clone());
    let ringing = |key: &str| (key.to_owned(), "ringing".to_owned());
    let named: Vec<_> = places.calls.iter().map(is).collect();
    assert_eq!(named, [ringing("k1"), ringing("k2")]);
    assert_eq!(places.others, 0);
    let text = full.to_string();
    assert!(
        text.contains(&format!("call {} (ringing 00:0", first.id())),
        "{text}"
    );
    assert!(!text.contains("Ana"), "{text}");
}

#[tokio::test]
async fn the_id_of_an_ask_is_no_id_of_a_call() {
    let stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let controller = controller(&stage).await;
    let call = provider.report_incoming("k1", &ana()).await.unwrap();
    let answering = controller.answer(call.id(), AnswerMode::Auto).await;
    let ask = next_ask(&mut events).await;
    let error = provider
        .request([Request::end(ask.id())])
        .await
        .unwrap_err();
    let number = error.callkit_code().map(|code| (code.domain, code.code));
    let transaction = CallKitDomain::RequestTransaction;
    assert_eq!(error.code(), Some(ErrorCode::UnknownCall));
    assert_eq!(number, Some((transaction, 4)));
    // The call and its ask are as they were.
    ask.fulfill().await.unwrap();
    let answering = answering.unwrap();
    let done = controller.wait_finished(&answering, PATIENCE).await;
    assert!(done.unwrap());
    assert_eq!(controller.state().await.unwrap().calls.len(), 1);
}

#[tokio::test]
async fn live_calls_are_taken_back_after_the_bus_connection_broke() {
    let stage = Stage::set();
    let (first, mut events) = provider(&stage).await;
    let controller = controller(&stage).await;
    let call = first.report_incoming("k1", &ana()).await.unwrap();
    let answering = controller
        .answer(call.id(), AnswerMode::Auto)
        .await
        .unwrap();
    next_ask(&mut events).await.fulfill().await.unwrap();
    assert!(
        controller
            .wait_finished(&answering, PATIENCE)
            .await
            .unwrap()
    );
    drop((first, events));

    // The app's process comes back: it adopts what it still has.
    let (second, mut events) = connect_when_free(&stage).await;
    let first = timeout(PATIENCE, events.next()).await.unwrap().unwrap();
    let ProviderEvent::Registered { orphans } = first else {
        panic!("registered comes first, not {first:?}");
    };
    assert_eq!(orphans, [call]);
    second.adopt(&orphans[0]).await.unwrap();
    let state = state_with(&controller, |state| {
        state.calls.iter().any(|call| !call.orphaned)
    });
    assert!(matches!(
        state.await.calls[0].phase,
        Phase::Active { .. } | Phase::Held { .. }
    ));
}

#[tokio::test]
async fn the_app_is_registered_again_after_the_daemon_was_killed() {
    let mut stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let controller = controller(&stage).await;
    stage.restart_daemon();
    // Sent in the gap or after it: it waits, and arrives.
    let call = provider.report_incoming("k1", &ana()).await.unwrap();
    expect(&mut events, |event| {
        matches!(event, ProviderEvent::Reconnected { .. })
    })
    .await;
    let state = state_with(&controller, |state| !state.calls.is_empty()).await;
    assert_eq!(state.calls[0].id, call.id());
}

#[tokio::test]
async fn no_live_call_is_left_in_limbo_by_a_restart_of_the_daemon() {
    let mut stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let call = provider.report_incoming("k1", &ana()).await.unwrap();
    stage.restart_daemon();
    let back = expect(&mut events, |event| {
        matches!(event, ProviderEvent::Reconnected { .. })
    });
    let ProviderEvent::Reconnected { calls } = back.await else {
        unreachable!("just checked");
    };
    if calls.is_empty() {
        // A daemon that forgot the call: the app is told to drop it.
        let lost = expect(
            &mut events,
            |event| matches!(event, ProviderEvent::Reset { calls, .. } if *calls == [call.clone()]),
        );
        lost.await;
        assert!(provider.calls().is_empty());
    } else {
        assert_eq!(calls, [call]);
    }
}

#[tokio::test]
async fn calls_that_a_new_daemon_does_not_know_come_with_cause_and_epoch() {
    let mut stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let call = provider.report_incoming("k1", &ana()).await.unwrap();
    stage.restart_daemon_that_forgets();
    expect(
        &mut events,
        |event| matches!(event, ProviderEvent::Reconnected { calls } if calls.is_empty()),
    )
    .await;
    expect(&mut events, |event| {
        let ProviderEvent::Reset {
            cause,
            epoch,
            calls,
        } = event
        else {
            return false;
        };
        *cause == ResetCause::DaemonRestarted && *epoch > 0 && *calls == [call.clone()]
    })
    .await;
    assert!(provider.calls().is_empty());
}

#[tokio::test]
async fn an_ask_of_a_daemon_that_is_gone_is_never_settled_with_the_next_one() {
    let mut stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let controller = controller(&stage).await;
    let call = provider.report_incoming("k1", &ana()).await.unwrap();
    controller
        .answer(call.id(), AnswerMode::Auto)
        .await
        .unwrap();
    let ask = next_ask(&mut events).await;
    // A daemon that still ran could settle the ask before it is killed.
    stage.freeze_daemon();
    let settling = tokio::spawn(ask.fulfill());
    // It goes out now; this thread is busy until the next daemon is there.
    tokio::task::yield_now().await;
    stage.restart_daemon();
    assert_eq!(settling.await.unwrap(), Err(Error::DaemonGone));
}

#[tokio::test]
async fn without_a_daemon_calls_fail_after_a_bounded_wait() {
    let mut stage = Stage::set();
    let (provider, _events) = provider(&stage).await;
    stage.stop_daemon();
    let began = std::time::Instant::now();
    let error = provider.report_incoming("k1", &ana()).await.unwrap_err();
    assert_eq!(error, Error::DaemonGone);
    assert!(began.elapsed() < PATIENCE);
}

#[tokio::test]
async fn one_app_runs_once() {
    let stage = Stage::set();
    let (_provider, _events) = provider(&stage).await;
    let again = Provider::connect_at(at(&stage), APP, Configuration::new("Again")).await;
    assert_eq!(again.map(drop).unwrap_err(), Error::NameTaken(APP.into()));
}

#[tokio::test]
async fn others_on_the_bus_are_not_heard() {
    let stage = Stage::set();
    let (provider, mut events) = provider(&stage).await;
    let stranger = zbus::connection::Builder::address(stage.bus.address())
        .build()
        .await
        .unwrap();
    let body = "call-1";
    let result = stranger
        .call_method(
            Some(APP),
            "/org/hookswitch/App1",
            Some("org.hookswitch.App1"),
            "Open",
            &body,
        )
        .await;
    assert!(result.is_err());
    let call = provider.report_incoming("k1", &ana()).await.unwrap();
    let controller = controller(&stage).await;
    controller.open(call.id()).await.unwrap();
    let opened = expect(&mut events, |event| matches!(event, ProviderEvent::Open(_))).await;
    assert!(matches!(opened, ProviderEvent::Open(of) if of == call));
}

#[tokio::test]
async fn an_observer_sees_flags_only() {
    let stage = Stage::set();
    let (provider, _events) = provider(&stage).await;
    let observer = Observer::connect_at(at(&stage)).await.unwrap();
    assert_eq!(observer.version().await.unwrap(), env!("CARGO_PKG_VERSION"));
    let mut changes = observer.watch().await.unwrap();
    let call = provider.report_incoming("k1", &ana()).await.unwrap();
    let seen = timeout(PATIENCE, changes.next()).await.unwrap().unwrap();
    assert_eq!((seen.id.as_str(), seen.has_ended), (call.id(), false));
    assert_eq!(observer.calls().await.unwrap(), [seen]);
    provider
        .report_ended(&call, EndReason::CanceledByCaller)
        .await
        .unwrap();
    let seen = timeout(PATIENCE, changes.next()).await.unwrap().unwrap();
    assert!(seen.has_ended);
}

fn at(stage: &Stage) -> BusAddress {
    BusAddress::At(stage.bus.address().to_owned())
}

fn ana() -> CallUpdate {
    CallUpdate::new()
        .handle(Handle::phone_number("+48600000000"))
        .name("Ana")
}

/// An app that is registered, with that event taken.
async fn provider(stage: &Stage) -> (Provider, ProviderEvents) {
    let (provider, mut events) = connect(stage).await;
    expect(&mut events, |event| {
        matches!(event, ProviderEvent::Registered { .. })
    })
    .await;
    (provider, events)
}

async fn connect(stage: &Stage) -> (Provider, ProviderEvents) {
    try_connect(stage).await.expect("the daemon takes apps")
}

async fn try_connect(stage: &Stage) -> Result<(Provider, ProviderEvents), Error> {
    let configuration = Configuration::new("Test").handle_kinds([HandleKind::PhoneNumber]);
    Provider::connect_at(at(stage), APP, configuration).await
}

/// The same, as soon as the bus has noticed that the former process is gone.
async fn connect_when_free(stage: &Stage) -> (Provider, ProviderEvents) {
    let free = async {
        loop {
            match try_connect(stage).await {
                Err(Error::NameTaken(_)) => tokio::task::yield_now().await,
                connected => return connected.expect("the daemon takes apps"),
            }
        }
    };
    timeout(PATIENCE, free).await.expect("the name is free")
}

async fn controller(stage: &Stage) -> Controller {
    Controller::connect_at(at(stage))
        .await
        .expect("the daemon is there")
}

/// The next event, which must be of this kind.
async fn expect(
    events: &mut ProviderEvents,
    wanted: impl Fn(&ProviderEvent) -> bool,
) -> ProviderEvent {
    let event = timeout(PATIENCE, events.next()).await;
    let event = event
        .expect("an event in time")
        .expect("the stream goes on");
    assert!(wanted(&event), "unexpected: {event:?}");
    event
}

/// The next ask; audio events before it are passed over.
async fn next_whole(events: &mut ProviderEvents) -> Vec<Ask> {
    loop {
        let event = timeout(PATIENCE, events.next()).await;
        let event = event.expect("in time").expect("an event");
        if let ProviderEvent::Execute { transaction, asks } = event {
            assert!(asks.iter().all(|ask| ask.transaction() == transaction));
            return asks;
        }
    }
}

async fn next_ask(events: &mut ProviderEvents) -> Ask {
    loop {
        let event = timeout(PATIENCE, events.next()).await;
        let event = event
            .expect("an event in time")
            .expect("the stream goes on");
        if let ProviderEvent::Perform(ask) = event {
            return ask;
        }
        let is_audio = matches!(
            event,
            ProviderEvent::AudioActivated(_) | ProviderEvent::AudioDeactivated(_)
        );
        assert!(is_audio, "unexpected: {event:?}");
    }
}

async fn expect_done(events: &mut ProviderEvents, action: &Action) {
    let ask = next_ask(events).await;
    assert_eq!(ask.action(), action);
    ask.fulfill().await.expect("in time");
}

/// Waits until the state is like that.
async fn state_with(controller: &Controller, wanted: impl Fn(&State) -> bool) -> State {
    let mut states = controller.watch();
    let find = async {
        while let Some(state) = states.next().await {
            if wanted(&state) {
                return (*state).clone();
            }
        }
        panic!("the watch ended")
    };
    timeout(PATIENCE, find).await.expect("the state in time")
}

/// Calls are compared by their ids.
#[test]
fn calls_are_equal_by_id() {
    fn is_eq<T: Eq>() {}
    is_eq::<Call>();
}
