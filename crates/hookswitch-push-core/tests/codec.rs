//! The bytes of the link: every frame comes back as it went, and no bytes do harm.

use hookswitch_push_core::codec::{self, Frame, HEAD, Malformed};
use hookswitch_push_core::frame::{Close, Down, Grant, Outcome, Secret, Up, VERSION};
use hookswitch_push_core::fresh::Proof;
use hookswitch_push_core::push::{DeviceId, Priority, Push, PushId, Service};
use proptest::prelude::*;

#[test]
fn every_frame_of_a_device_comes_back() {
    let (app, service) = (String::from("org.example.app"), Service::Voip);
    let id = PushId([9; 16]);
    same(Up::Hello {
        version: VERSION,
        device: DeviceId([1; 16]),
        secret: Secret(vec![2; 32]),
        beat: 3,
    });
    same(Up::Beat { beat: u32::MAX });
    same(Up::Claim { id });
    same(Up::Register {
        app: app.clone(),
        service,
    });
    same(Up::Unregister {
        app,
        service: Service::App,
    });
    for outcome in [
        Outcome::Taken,
        Outcome::Delivered,
        Outcome::Expired,
        Outcome::Duplicate,
        Outcome::Refused,
    ] {
        same(Up::Ack { id, outcome });
    }
}

#[test]
fn every_frame_of_a_gateway_comes_back() {
    let (app, service) = (String::from("org.example.app"), Service::App);
    let (id, priority) = (PushId([9; 16]), Priority::Power);
    same(Down::Welcome {
        epoch: u64::MAX,
        beat_ms: 1,
        silence_ms: 2,
    });
    same(Down::Beat { beat: 7 });
    same(Down::Gone { id });
    same(Down::Token {
        app: app.clone(),
        service,
        token: Secret(vec![3; 32]),
    });
    same(Down::Offer {
        id,
        app: app.clone(),
        service,
        priority,
    });
    for why in [
        Close::Replaced,
        Close::Silent,
        Close::Stopping,
        Close::Protocol,
        Close::Refused,
        Close::Busy,
    ] {
        same(Down::Close { why });
    }
    for (proof, collapse) in [
        (Proof::Claim, None),
        (Proof::Beat { beat: 4, ago_ms: 5 }, Some("chat".to_owned())),
    ] {
        same(Down::Grant(Grant {
            app: app.clone(),
            service,
            push: Push {
                id,
                priority,
                collapse,
                payload: vec![b'x'; 5_120],
            },
            left_ms: 1_999,
            age_ms: 1,
            proof,
            stored: true,
        }));
    }
}

#[test]
fn a_length_over_the_maximum_is_refused_before_its_bytes_come() {
    let over = codec::decode::<Up>(&[0, 4, 1, 2]);
    assert_eq!(over, Err(Malformed::TooLong));
    assert_eq!(codec::decode::<Up>(&[0, 4, 0, 2]), Ok(None));
    assert_eq!(
        codec::decode::<Up>(&[0, 0, 0, 9]),
        Err(Malformed::UnknownFrame)
    );
    let left_over = [0, 0, 5, 2, 0, 0, 0, 1, 0];
    assert_eq!(codec::decode::<Up>(&left_over), Err(Malformed::Body));
    let unknown_outcome = [&[0, 0, 17, 6][..], &[0; 16], &[99]].concat();
    assert_eq!(codec::decode::<Up>(&unknown_outcome), Err(Malformed::Body));
}

proptest! {
    #[test]
    fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..64), name in 0u8..0x90) {
        let body = bytes.len() as u8;
        let framed = [&[0, 0, body, name][..], &bytes].concat();
        harmless::<Up>(&framed);
        harmless::<Down>(&framed);
        harmless::<Up>(&bytes);
        harmless::<Down>(&bytes);
    }
}

/// What is read is written back as the very same bytes.
fn harmless<F: Frame + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(Some((frame, used))) = codec::decode::<F>(bytes) {
        let mut again = Vec::new();
        codec::encode(&frame, &mut again);
        assert_eq!(again, bytes[..used]);
    }
}

#[track_caller]
fn same<F: Frame + PartialEq + std::fmt::Debug>(frame: F) {
    let mut bytes = Vec::new();
    codec::encode(&frame, &mut bytes);
    assert!(bytes.len() <= HEAD + F::MAX);
    for cut in 0..bytes.len() {
        assert_eq!(codec::decode::<F>(&bytes[..cut]), Ok(None), "cut at {cut}");
    }
    let used = bytes.len();
    bytes.push(0xff);
    assert_eq!(codec::decode(&bytes), Ok(Some((frame, used))));
}
