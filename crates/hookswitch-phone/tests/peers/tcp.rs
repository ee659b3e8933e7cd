//! Calls whose messages go over TCP, with baresip.

use hookswitch_phone::media::Gate;
use hookswitch_phone::sip::{EndedBy, HoldWish};
use hookswitch_phone::system::{Action, CallKey, SystemEvent};
use hookswitch_testbed::{Baresip, PeerTransport};

use super::phone::{PEER_DBFS, PEER_HZ, PHONE_AT_PEER_DBFS, PHONE_HZ, TestPhone, bob_over};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_from_baresip_over_tcp_is_heard_held_and_ended_by_it() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut peer = bob_over(PeerTransport::Tcp, true);
    let (key, _party) = phone.rung_by(&mut peer).await;
    assert_eq!(phone.ask(&key, Action::Answer).await, Ok(()));
    peer.event("CALL_ESTABLISHED");
    phone.say(SystemEvent::Audio(key.clone(), Gate::Open)).await;
    both_hear_each_other(&mut phone, &peer).await;
    hold_and_resume(&mut phone, &key, &mut peer).await;
    peer.command("hangup", "");
    let by = phone.ended(&key).await;
    assert_eq!(by, EndedBy::Peer);
    no_datagrams(&peer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_to_baresip_over_tcp_is_heard_held_and_ended_here() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut peer = bob_over(PeerTransport::Tcp, true);
    let key = phone.call(&peer.address()).await;
    both_hear_each_other(&mut phone, &peer).await;
    hold_and_resume(&mut phone, &key, &mut peer).await;
    assert_eq!(phone.ask(&key, Action::End).await, Ok(()));
    peer.event("CALL_CLOSED");
    no_datagrams(&peer);
}

async fn both_hear_each_other(phone: &mut TestPhone, peer: &Baresip) {
    phone.hears(PEER_HZ, PEER_DBFS).await;
    peer.hears_at(PHONE_HZ, PHONE_AT_PEER_DBFS);
}

async fn hold_and_resume(phone: &mut TestPhone, key: &CallKey, peer: &mut Baresip) {
    assert_eq!(phone.ask(key, Action::Hold(HoldWish::Hold)).await, Ok(()));
    peer.is_sent_nothing();
    let resumed = phone.ask(key, Action::Hold(HoldWish::Resume)).await;
    assert_eq!(resumed, Ok(()));
    phone.hears(PEER_HZ, PEER_DBFS).await;
}

/// Every message that the peer saw came and went over TCP.
fn no_datagrams(peer: &Baresip) {
    let log = peer.log();
    assert!(log.contains("Via: SIP/2.0/TCP"), "{log}");
    assert!(!log.contains("Via: SIP/2.0/UDP"), "{log}");
}
