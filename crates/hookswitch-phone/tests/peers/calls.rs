//! Whole calls with baresip: tones both ways, hold, digits, and every way to end.

use hookswitch_phone::call_me::{self, CallMe, Line, TONE_DBFS};
use hookswitch_phone::media::{Gate, Mute};
use hookswitch_phone::sip::{EndedBy, HoldWish, Refusal};
use hookswitch_phone::system::{Action, CallKey, SystemCommand, SystemEvent};

use tokio::sync::mpsc::UnboundedReceiver;

use super::phone::{PATIENCE, PEER_DBFS, PEER_HZ, PHONE_AT_PEER_DBFS, PHONE_HZ, TestPhone, bob};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_from_baresip_is_heard_both_ways_held_resumed_and_ended() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut peer = bob(true);
    let (key, party) = phone.rung_by(&mut peer).await;
    assert!(party.address.contains("bob@127.0.0.1"), "{party:?}");
    assert_eq!(phone.ask(&key, Action::Answer).await, Ok(()));
    peer.event("CALL_ESTABLISHED");
    peer.is_sent_nothing(); // the system has not given the audio yet
    phone.say(SystemEvent::Audio(key.clone(), Gate::Open)).await;
    phone.hears(PEER_HZ, PEER_DBFS).await;
    peer.hears_at(PHONE_HZ, PHONE_AT_PEER_DBFS);

    assert_eq!(phone.ask(&key, Action::Mute(Mute::On)).await, Ok(()));
    peer.hears_silence();
    assert_eq!(phone.ask(&key, Action::Mute(Mute::Off)).await, Ok(()));
    peer.hears_at(PHONE_HZ, PHONE_AT_PEER_DBFS);

    assert_eq!(phone.ask(&key, Action::Hold(HoldWish::Hold)).await, Ok(()));
    peer.is_sent_nothing();
    receives_nothing(&phone).await;
    assert_eq!(
        phone.ask(&key, Action::Hold(HoldWish::Resume)).await,
        Ok(())
    );
    phone.hears(PEER_HZ, PEER_DBFS).await;

    peer.command("hangup", "");
    ended(&mut phone, &key, EndedBy::Peer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_to_baresip_is_heard_both_ways_and_ended_here() {
    let mut phone = TestPhone::start(vec![]).await;
    let peer = bob(true);
    let key = phone.call(&peer.address()).await;
    phone.hears(PEER_HZ, PEER_DBFS).await;
    peer.hears_at(PHONE_HZ, PHONE_AT_PEER_DBFS);
    assert_eq!(phone.ask(&key, Action::End).await, Ok(()));
    peer.event("CALL_CLOSED");
    phone
        .until("no call is left", |status| status.calls.is_empty())
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_peers_hold_is_reported_and_silences_us() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut peer = bob(true);
    let key = phone.call(&peer.address()).await;
    peer.hears_at(PHONE_HZ, PHONE_AT_PEER_DBFS);
    for _twice in 0..2 {
        peer.command("hold", "");
        remote_hold(&mut phone, &key, HoldWish::Hold).await;
        peer.is_sent_nothing();
        peer.command("resume", "");
        remote_hold(&mut phone, &key, HoldWish::Resume).await;
        peer.is_sent_something();
        phone.hears(PEER_HZ, PEER_DBFS).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn digits_go_both_ways() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut peer = bob(true);
    let key = phone.call(&peer.address()).await;
    phone.hears(PEER_HZ, PEER_DBFS).await;
    assert_eq!(
        phone.ask(&key, Action::Digits("5#".to_owned())).await,
        Ok(())
    );
    for digit in ["5", "#"] {
        assert_eq!(peer.event("CALL_DTMF_START")["param"], digit);
    }
    peer.command("sndcode", "7");
    phone
        .until("the peer's digit is here", |status| {
            status.calls[0].digits == "7"
        })
        .await;
    assert!(
        phone
            .ask(&key, Action::Digits("x".to_owned()))
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_caller_who_gives_up_while_it_rings_is_reported() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut peer = bob(true);
    let (key, _party) = phone.rung_by(&mut peer).await;
    peer.command("hangup", "");
    ended(&mut phone, &key, EndedBy::CanceledByCaller).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refused_report_becomes_its_sip_status() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut peer = bob(true);
    for (refusal, status) in [
        (Refusal::Busy, "486"),
        (Refusal::Declined, "603"),
        (Refusal::Unavailable, "480"),
    ] {
        peer.call(&format!("phone@{}", phone.address));
        let (key, _party) = phone.incoming().await;
        phone.say(SystemEvent::Refused(key, refusal)).await;
        let closed = peer.event("CALL_CLOSED");
        let why = closed["param"].as_str().unwrap_or_default();
        assert!(why.contains(status), "{refusal:?} gave {why}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn declining_a_ringing_call_sends_603() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut peer = bob(true);
    let (key, _party) = phone.rung_by(&mut peer).await;
    assert_eq!(phone.ask(&key, Action::End).await, Ok(()));
    let why = peer.event("CALL_CLOSED")["param"].to_string();
    assert!(why.contains("603"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_system_a_caller_gets_480() {
    let phone = TestPhone::start_alone(vec![]).await;
    let mut peer = bob(true);
    peer.call(&format!("phone@{}", phone.address));
    let why = peer.event("CALL_CLOSED")["param"].to_string();
    assert!(why.contains("480"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_outgoing_call_can_be_declined_and_canceled() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut peer = bob(false);
    let declined = start(&mut phone, "declined", &peer.address()).await;
    peer.event("CALL_INCOMING");
    peer.command("hangup", "");
    let by = phone.ended(&declined).await;
    assert!(matches!(by, EndedBy::Busy | EndedBy::Declined), "{by:?}");
    let canceled = start(&mut phone, "canceled", &peer.address()).await;
    peer.event("CALL_INCOMING");
    phone
        .heard(|said| is(said, &SystemCommand::ReportConnecting(canceled.clone())))
        .await;
    assert_eq!(phone.ask(&canceled, Action::End).await, Ok(()));
    peer.event("CALL_CLOSED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_to_nobody_fails_with_a_reason() {
    let mut phone = TestPhone::start(vec![]).await;
    let refused = phone
        .ask(
            &CallKey("bad".to_owned()),
            Action::Start("no host".to_owned()),
        )
        .await;
    assert!(refused.is_err_and(|why| why.contains("not a SIP address")));
    // The phone's own port: it refuses a call to itself for want of a decision of the system.
    let own = format!("nobody@{}", phone.address);
    let key = start(&mut phone, "self", &own).await;
    let (incoming, _party) = phone.incoming().await;
    phone
        .say(SystemEvent::Refused(incoming, Refusal::Unavailable))
        .await;
    ended(&mut phone, &key, EndedBy::Unanswered).await;
    // A port that takes packets and never says a word.
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let silent = silent.local_addr().expect("it is bound");
    let key = start(&mut phone, "silent", &format!("nobody@{silent}")).await;
    let nobody = EndedBy::Failed("nobody answers at that address".to_owned());
    ended(&mut phone, &key, nobody).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn call_me_calls_plays_its_tone_and_tells_what_it_hears() {
    let mut phone = TestPhone::start(vec![]).await;
    let what = CallMe {
        to: phone.address.to_string(),
        tone_hz: 440.0,
        talk: PATIENCE,
        name: "Ana Kowalska".to_owned(),
        listen: phone.address.ip(),
    };
    let (told, mut lines) = tokio::sync::mpsc::unbounded_channel();
    let say = move |line: &Line| told.send(line.clone()).expect("the test listens");
    let calling = tokio::spawn(call_me::run(what, say, std::future::pending()));
    let (key, party) = phone.incoming().await;
    assert_eq!(party.name.as_deref(), Some("Ana Kowalska"));
    phone.say(SystemEvent::Accepted(key.clone())).await;
    assert_eq!(phone.ask(&key, Action::Answer).await, Ok(()));
    phone.say(SystemEvent::Audio(key.clone(), Gate::Open)).await;
    phone.hears(440.0, TONE_DBFS).await;
    until(&mut lines, |line| matches!(line, Line::Hears { .. })).await;
    assert_eq!(
        phone.ask(&key, Action::Digits("1".to_owned())).await,
        Ok(())
    );
    until(&mut lines, |line| {
        matches!(line, Line::Digit { digit: '1' })
    })
    .await;
    assert_eq!(phone.ask(&key, Action::Hold(HoldWish::Hold)).await, Ok(()));
    assert_eq!(
        phone.ask(&key, Action::Hold(HoldWish::Resume)).await,
        Ok(())
    );
    phone.hears(440.0, TONE_DBFS).await;
    assert_eq!(phone.ask(&key, Action::End).await, Ok(()));
    let outcome = tokio::time::timeout(PATIENCE, calling)
        .await
        .expect("in time");
    let outcome = outcome.expect("no panic").expect("the call was placed");
    assert!(outcome.rang && outcome.answered, "{outcome:?}");
    assert_eq!((outcome.heard_hz, outcome.holds), (Some(PHONE_HZ), 1));
    assert_eq!(
        (outcome.digits.as_str(), outcome.ended.as_str()),
        ("1", "You hung up.")
    );
}

async fn until(lines: &mut UnboundedReceiver<Line>, wanted: impl Fn(&Line) -> bool) {
    let found = async { while !wanted(&lines.recv().await.expect("call-me runs")) {} };
    tokio::time::timeout(PATIENCE, found)
        .await
        .expect("call-me tells it in time");
}

async fn start(phone: &mut TestPhone, name: &str, to: &str) -> CallKey {
    let key = CallKey(name.to_owned());
    assert_eq!(phone.ask(&key, Action::Start(to.to_owned())).await, Ok(()));
    key
}

async fn ended(phone: &mut TestPhone, key: &CallKey, want: EndedBy) {
    assert_eq!(phone.ended(key).await, want);
}

async fn remote_hold(phone: &mut TestPhone, key: &CallKey, wish: HoldWish) {
    phone
        .heard(|said| is(said, &SystemCommand::ReportRemoteHold(key.clone(), wish)))
        .await;
}

fn is(said: &SystemCommand, want: &SystemCommand) -> Option<()> {
    (said == want).then_some(())
}

/// While we hold, nothing is taken from the peer: the count of packets stands still.
async fn receives_nothing(phone: &TestPhone) {
    let status = phone
        .until("the call is held", |status| status.calls[0].held)
        .await;
    assert_eq!(
        status.calls[0].audio.device, "",
        "the audio end is closed while held"
    );
}
