//! From a sender nobody here wrote, through the gateway and the link, to a callback.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;

use crate::bed::{APP, Gateway, finds};

/// The window of a push with expiration 0.
const WINDOW: Duration = Duration::from_secs(5);

#[test]
fn a_push_of_curl_begins_a_callback() {
    let gateway = Gateway::start();
    let device = gateway.device();
    let path = format!("/3/device/{}", device.voip);
    let topic = format!("apns-topic: {APP}.voip");
    let id = "EABEAE54-14a8-11e5-b60b-1697f925ec7b";
    let headers = [
        topic.as_str(),
        "apns-push-type: voip",
        "apns-expiration: 0",
        &format!("apns-id: {id}"),
    ];
    let answer = gateway.post(&path, &headers, r#"{"call":"7"}"#);
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(answer.header("apns-id"), Some(id), "byte for byte");
    let callback = device.process.json("callback");
    assert_eq!(callback["callback"], id.to_lowercase());
    assert_eq!(callback["payload"], r#"{"call":"7"}"#);
    assert_eq!(callback["must-report"], true);
    assert_eq!(callback["stored"], false);
    let unique = answer.header("apns-unique-id").unwrap();
    let log = gateway.page(&format!("/delivery/{unique}"));
    for stage in ["Accepted", "Granted", "Taken"] {
        assert!(log.contains(stage), "{stage}: {log}");
    }
}

#[test]
fn a_dated_push_waits_for_its_device_and_one_with_expiration_0_does_not() {
    let mut gateway = Gateway::start();
    let device = gateway.device();
    let (voip, app) = (device.voip.clone(), device.app.clone());
    drop(device);
    let later = format!("apns-expiration: {}", seconds() + 600);
    let topic = format!("apns-topic: {APP}");
    for body in [r#"{"n":1}"#, r#"{"n":2}"#] {
        let headers = [topic.as_str(), &later];
        let answer = gateway.post(&format!("/3/device/{app}"), &headers, body);
        assert_eq!(answer.status, 200);
    }
    let topic = format!("apns-topic: {APP}.voip");
    let now = [topic.as_str(), "apns-expiration: 0"];
    let answer = gateway.post(&format!("/3/device/{voip}"), &now, r#"{"n":3}"#);
    assert_eq!(answer.status, 200);
    gateway.process.signal(Signal::TERM);
    assert!(gateway.process.ended(), "a stop is not a failure");
    let Gateway { folder, .. } = gateway;
    let gateway = Gateway::start_in(folder);
    let device = gateway.device();
    assert_eq!((&device.voip, &device.app), (&voip, &app), "tokens stay");
    let callback = device.process.json("callback");
    assert_eq!(callback["payload"], r#"{"n":2}"#, "the newest");
    assert_eq!(callback["stored"], true);
    assert!(!device.process.comes("callback", Duration::from_secs(1)));
}

#[test]
fn a_device_that_was_frozen_past_the_end_begins_nothing() {
    let gateway = Gateway::start();
    let device = gateway.device();
    let path = format!("/3/device/{}", device.voip);
    let topic = format!("apns-topic: {APP}.voip");
    let now = [topic.as_str(), "apns-expiration: 0"];
    device.process.signal(Signal::STOP);
    for _ in 0..3 {
        assert_eq!(gateway.post(&path, &now, r#"{"late":1}"#).status, 200);
    }
    bed_waits(WINDOW + Duration::from_millis(500), &gateway);
    device.process.signal(Signal::CONT);
    let answer = gateway.post(&path, &now, r#"{"late":0}"#);
    assert_eq!(answer.status, 200);
    let callback = device.process.json("callback");
    assert_eq!(
        callback["payload"], r#"{"late":0}"#,
        "the three others were too late"
    );
}

#[test]
fn the_logs_hold_no_token_payload_or_app() {
    let mut gateway = Gateway::start();
    let device = gateway.device();
    let path = format!("/3/device/{}", device.voip);
    let topic = format!("apns-topic: {APP}.voip");
    let secret = "a-name-that-nobody-may-read";
    let body = format!(r#"{{"who":"{secret}"}}"#);
    gateway.post(&path, &[&topic, "apns-expiration: 0"], &body);
    let callback = device.process.json("callback");
    assert!(callback["payload"].as_str().unwrap().contains(secret));
    gateway.post("/3/device/00ff", &[&topic], &body);
    gateway.process.signal(Signal::TERM);
    gateway.process.ended();
    assert!(finds(&gateway.log, "answered a sender"), "the log is on");
    for word in [&device.voip, &device.app, secret, APP, "DEVELOPERS", "eyJ"] {
        assert!(!finds(&gateway.log, word), "{word} is in the log");
    }
}

#[test]
fn metrics_count_answers_and_links() {
    let gateway = Gateway::start();
    let device = gateway.device();
    let topic = format!("apns-topic: {APP}.voip");
    let path = format!("/3/device/{}", device.voip);
    gateway.post(&path, &[&topic], "{}");
    gateway.post("/3/device/00ff", &[&topic], "{}");
    device.process.json("callback");
    let page = gateway.page("/metrics");
    for line in [
        r#"hookswitch_push_answers_total{status="200",reason="-"} 1"#,
        r#"hookswitch_push_answers_total{status="400",reason="BadDeviceToken"} 1"#,
        "hookswitch_push_devices 1",
        "hookswitch_push_clock_disputed 0",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

/// Lets real time pass at the gateway's own pace: a contract about time has no other readiness.
fn bed_waits(time: Duration, gateway: &Gateway) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        gateway.page("/metrics");
    }
}

fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}
