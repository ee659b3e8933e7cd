//! Each row of the error table, as an unmodified HTTP/2 client sees it.

use crate::bed::{APP, Gateway};

#[test]
fn every_refusal_that_a_sender_can_cause_has_its_status_and_reason() {
    let gateway = Gateway::start();
    let device = gateway.device();
    let voip = format!("/3/device/{}", device.voip);
    let big = format!(r#"{{"x":"{}"}}"#, "y".repeat(5_200));
    let bigger = format!(r#"{{"x":"{}"}}"#, "y".repeat(20_000));
    let long = format!("apns-collapse-id: {}", "c".repeat(65));
    let rows = [
        paths(&voip),
        headers_of(&voip, &long),
        bodies(&voip, &big, &bigger),
    ]
    .concat();
    for (path, headers, body, status, reason) in rows {
        let answer = gateway.post(path, &headers, body);
        let got = (answer.status, answer.reason());
        assert_eq!(got, (status, reason.to_owned()), "{path} {headers:?}");
        assert!(answer.header("apns-id").is_some(), "in every answer");
        assert!(!answer.body.contains("timestamp"), "only with 410");
    }
}

#[test]
fn methods_and_missing_or_wrong_provider_tokens_are_refused() {
    let gateway = Gateway::start();
    let device = gateway.device();
    let voip = format!("/3/device/{}", device.voip);
    let topic = format!("apns-topic: {APP}.voip");
    let get = gateway.curl(&["--request", "GET"], &voip, &[&topic]);
    assert_eq!(
        (get.status, get.reason().as_str()),
        (405, "MethodNotAllowed")
    );
    let with = |authorization: &str| {
        let header = format!("authorization: {authorization}");
        let answer = gateway.curl(&["--data-binary", "{}"], &voip, &[&topic, &header]);
        (answer.status, answer.reason())
    };
    let none = gateway.curl(&["--data-binary", "{}"], &voip, &[&topic]);
    assert_eq!(none.reason(), "MissingProviderToken");
    let basic = with("Basic YTpi");
    assert_eq!(basic, (403, "MissingProviderToken".to_owned()));
    let malformed = with("bearer abc");
    assert_eq!(malformed, (403, "InvalidProviderToken".to_owned()));
    let unknown = gateway.token_with(&["--id", "NOTMYKEYID"]);
    assert_eq!(with(&format!("bearer {unknown}")).1, "InvalidProviderToken");
    let foreign = gateway.token_with(&["--team", "OTHERTEAMS"]);
    assert_eq!(with(&format!("bearer {foreign}")).1, "InvalidProviderToken");
    let good = gateway.token();
    let header = format!("authorization: Bearer {good}");
    let answer = gateway.curl(&["--data-binary", "{}"], &voip, &[&topic, &header]);
    assert_eq!(
        answer.status, 200,
        "the scheme is read without regard to case"
    );
}

#[test]
fn a_certificate_stands_for_its_topics() {
    let gateway = Gateway::start();
    let device = gateway.device();
    let (certificate, key) = (gateway.file("sender.pem"), gateway.file("sender.key"));
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let arguments = [
        "--cert",
        certificate,
        "--key",
        key,
        "--data-binary",
        r#"{"by":"cert"}"#,
    ];
    let voip = format!("/3/device/{}", device.voip);
    let topic = format!("apns-topic: {APP}.voip");
    let answer = gateway.curl(&arguments, &voip, &[&topic]);
    assert_eq!(answer.status, 200);
    assert_eq!(
        device.process.json("callback")["payload"],
        r#"{"by":"cert"}"#
    );
    let other = gateway.curl(&arguments, &voip, &["apns-topic: org.example.other"]);
    assert_eq!(other.reason(), "TopicDisallowed");
    assert_eq!(
        gateway.curl(&arguments, &voip, &[]).reason(),
        "MissingTopic"
    );
}

/// Path, headers, body; status and reason.
type Row<'a> = (&'a str, Vec<&'a str>, &'a str, u16, &'a str);

const TOPIC: &str = "apns-topic: org.example.phone.voip";

fn paths(voip: &str) -> Vec<Row<'_>> {
    vec![
        ("/3/nothing", vec![TOPIC], "{}", 404, "BadPath"),
        ("/3/device/", vec![TOPIC], "{}", 400, "MissingDeviceToken"),
        ("/3/device/xyz", vec![TOPIC], "{}", 400, "BadDeviceToken"),
        ("/3/device/00ff", vec![TOPIC], "{}", 400, "BadDeviceToken"),
        (
            "/4/broadcasts/apps/x",
            vec![TOPIC],
            "{}",
            400,
            "FeatureNotEnabled",
        ),
        (voip, vec![], "{}", 400, "MissingTopic"),
        (voip, vec!["apns-topic: a b"], "{}", 400, "BadTopic"),
        (
            voip,
            vec!["apns-topic: org.example.other.voip"],
            "{}",
            400,
            "DeviceTokenNotForTopic",
        ),
        (
            voip,
            vec!["apns-topic: org.example.phone"],
            "{}",
            400,
            "DeviceTokenNotForTopic",
        ),
    ]
}

fn headers_of<'a>(voip: &'a str, long: &'a str) -> Vec<Row<'a>> {
    vec![
        (
            voip,
            vec![TOPIC, "apns-push-type: alert"],
            "{}",
            400,
            "BadTopic",
        ),
        (
            voip,
            vec![TOPIC, "apns-push-type: sms"],
            "{}",
            400,
            "InvalidPushType",
        ),
        (
            voip,
            vec![TOPIC, "apns-priority: 7"],
            "{}",
            400,
            "BadPriority",
        ),
        (
            voip,
            vec![TOPIC, "apns-expiration: soon"],
            "{}",
            400,
            "BadExpirationDate",
        ),
        (voip, vec![TOPIC, "apns-id: 7"], "{}", 400, "BadMessageId"),
        (voip, vec![TOPIC, long], "{}", 400, "BadCollapseId"),
        (voip, vec![TOPIC, TOPIC], "{}", 400, "DuplicateHeaders"),
    ]
}

fn bodies<'a>(voip: &'a str, big: &'a str, bigger: &'a str) -> Vec<Row<'a>> {
    vec![
        (voip, vec![TOPIC], "", 400, "PayloadEmpty"),
        (voip, vec![TOPIC], "[1]", 400, "PayloadEmpty"),
        (voip, vec![TOPIC], big, 413, "PayloadTooLarge"),
        (voip, vec![TOPIC], bigger, 413, "PayloadTooLarge"),
    ]
}
