//! Bad input and bad endings: strangers on both sides, kills, stops, a store that is full.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::bed::{APP, Gateway};

#[test]
fn a_token_is_dead_while_its_app_is_unregistered_and_alive_again_after() {
    let gateway = Gateway::start();
    let gone = gateway.unregistered();
    let topic = format!("apns-topic: {APP}.voip");
    let path = format!("/3/device/{gone}");
    let answer = gateway.post(&path, &[&topic], "{}");
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (410, "Unregistered")
    );
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let since = body["timestamp"].as_u64().unwrap();
    assert!(since > 1_700_000_000_000, "milliseconds");
    let again = gateway.device_with("gone.id");
    assert_eq!(again.voip, gone, "the same token");
    assert_eq!(gateway.post(&path, &[&topic], "{}").status, 200);
}

#[test]
fn what_was_answered_200_survives_a_kill_of_the_gateway() {
    let mut gateway = Gateway::start();
    let device = gateway.device();
    let path = format!("/3/device/{}", device.app);
    drop(device);
    let topic = format!("apns-topic: {APP}");
    assert_eq!(gateway.post(&path, &[&topic], r#"{"kept":1}"#).status, 200);
    gateway.process.signal(Signal::KILL);
    gateway.process.ended();
    let Gateway { folder, .. } = gateway;
    let gateway = Gateway::start_in(folder);
    let device = gateway.device();
    let callback = device.process.json("callback");
    assert_eq!(callback["payload"], r#"{"kept":1}"#);
}

#[test]
fn strangers_on_the_device_side_do_no_harm() {
    let gateway = Gateway::start();
    let device = gateway.device();
    for bytes in [&[0_u8; 600][..], &[0xff; 9_000], b"GET / HTTP/1.1\r\n\r\n"] {
        let mut stream = TcpStream::connect(&gateway.devices).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let _ = stream.write_all(bytes);
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    }
    for bytes in [
        "\\0\\0\\5\\2\\0\\0\\0\\1\\0",
        "\\377\\377\\377\\1",
        "\\0\\0\\1\\2\\0",
    ] {
        let ca = gateway.file("ca.pem");
        let client = format!(
            "printf '{bytes}' | timeout 15 openssl s_client -quiet -alpn hookswitch-push/1 \
             -CAfile {} -connect {}",
            ca.display(),
            gateway.devices
        );
        Command::new("sh").args(["-c", &client]).output().unwrap();
    }
    let topic = format!("apns-topic: {APP}.voip");
    let path = format!("/3/device/{}", device.voip);
    assert_eq!(gateway.post(&path, &[&topic], r#"{"still":1}"#).status, 200);
    assert_eq!(device.process.json("callback")["payload"], r#"{"still":1}"#);
}

#[test]
fn a_device_with_another_secret_is_not_that_device() {
    let gateway = Gateway::start();
    drop(gateway.device());
    let file = gateway.file("device.id");
    let mut identity = std::fs::read(&file).unwrap();
    identity[20] ^= 1;
    std::fs::write(&file, identity).unwrap();
    let process = gateway.device_process(&gateway.devices, "device.id", &[]);
    assert!(!process.comes("token", Duration::from_secs(2)));
}

#[test]
fn a_stop_lets_a_sender_finish() {
    let mut gateway = Gateway::start();
    let device = gateway.device();
    let path = format!("/3/device/{}", device.voip);
    let topic = format!("apns-topic: {APP}.voip");
    let body = format!(r#"{{"x":"{}"}}"#, "y".repeat(4_000));
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| {
            let slowly = ["--limit-rate", "2k", "--data-binary", &body];
            let token = format!("authorization: bearer {}", gateway.token());
            gateway.curl(&slowly, &path, &[&topic, &token])
        });
        let until = std::time::Instant::now() + Duration::from_secs(20);
        while !gateway
            .page("/metrics")
            .contains("hookswitch_push_senders 1")
        {
            assert!(std::time::Instant::now() < until);
        }
        gateway.process.signal(Signal::TERM);
        assert_eq!(slow.join().unwrap().status, 200);
    });
    assert!(gateway.process.ended());
}
