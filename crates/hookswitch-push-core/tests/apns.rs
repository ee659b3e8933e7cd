//! One case for each row of the provider API that needs no network: paths, headers, topics,
//! bodies, and the status of every reason.

use hookswitch_push_core::apns::reason::{REASONS, Reason};
use hookswitch_push_core::apns::request::{self, Body, Posted, Sender};
use hookswitch_push_core::apns::topic::{BODY_MAX, Kind, VOIP_MAX};
use hookswitch_push_core::push::{Priority, Service};

const APP: &str = "org.example.app";
const UUID: &str = "eabeae54-14a8-11e5-b60b-1697f925ec7b";

#[test]
fn methods_and_paths() {
    target("POST", "/3/device/abcd", Ok("abcd"));
    target("GET", "/3/device/abcd", Err(Reason::MethodNotAllowed));
    target("POST", "/3/device/", Err(Reason::MissingDeviceToken));
    target("POST", "/3/device", Err(Reason::MissingDeviceToken));
    target("POST", "/3/devices/abcd", Err(Reason::BadPath));
    target("POST", "/3/device/ab/cd", Err(Reason::BadPath));
    target("POST", "/", Err(Reason::BadPath));
    let channels = "/1/apps/org.example.app/channels";
    target("POST", channels, Err(Reason::FeatureNotEnabled));
    let broadcast = "/4/broadcasts/apps/org.example.app";
    target("POST", broadcast, Err(Reason::FeatureNotEnabled));
}

#[test]
fn tokens_have_any_length() {
    for good in ["ab", "00ff", &"aB".repeat(32), &"0f".repeat(100)] {
        assert_eq!(request::token(good).unwrap().0.len() * 2, good.len());
    }
    for bad in ["a", "abc", "zz", "ab cd ", "äb", &"00".repeat(101)] {
        assert_eq!(request::token(bad), Err(Reason::BadDeviceToken), "{bad}");
    }
}

#[test]
fn a_request_without_anything_but_a_topic_is_immediate_and_kept() {
    let posted = read(&[("apns-topic", APP)]).unwrap();
    let want = Posted {
        id: None,
        app: APP.to_owned(),
        kind: Kind::Alert,
        priority: Priority::Immediate,
        expiration: None,
        collapse: None,
    };
    assert_eq!(posted, want);
}

#[test]
fn ids_are_canonical_uuids() {
    header("apns-id", UUID, None);
    header("apns-id", &UUID.to_uppercase(), None);
    header(
        "apns-id",
        &UUID.replace('-', ""),
        Some(Reason::BadMessageId),
    );
    header("apns-id", "1", Some(Reason::BadMessageId));
    header("apns-id", "", Some(Reason::BadMessageId));
}

#[test]
fn expirations_are_whole_seconds() {
    header("apns-expiration", "0", None);
    header("apns-expiration", "300", None);
    header("apns-expiration", "18446744073709551615", None);
    header("apns-expiration", "-1", Some(Reason::BadExpirationDate));
    header("apns-expiration", "soon", Some(Reason::BadExpirationDate));
    header("apns-expiration", "1.5", Some(Reason::BadExpirationDate));
}

#[test]
fn priorities_are_ten_five_and_one() {
    header("apns-priority", "10", None);
    header("apns-priority", "5", None);
    header("apns-priority", "1", None);
    header("apns-priority", "0", Some(Reason::BadPriority));
    header("apns-priority", "ten", Some(Reason::BadPriority));
}

#[test]
fn collapse_ids_have_at_most_64_bytes() {
    header("apns-collapse-id", &"x".repeat(64), None);
    header(
        "apns-collapse-id",
        &"x".repeat(65),
        Some(Reason::BadCollapseId),
    );
    header(
        "apns-collapse-id",
        &"é".repeat(33),
        Some(Reason::BadCollapseId),
    );
}

#[test]
fn unknown_types_are_refused() {
    header("apns-push-type", "alert", None);
    header("apns-push-type", "Alert", Some(Reason::InvalidPushType));
    header("apns-push-type", "sms", Some(Reason::InvalidPushType));
}

#[test]
fn every_header_may_come_once() {
    for name in [
        "apns-id",
        "apns-topic",
        "apns-push-type",
        "apns-expiration",
        "apns-priority",
        "apns-collapse-id",
    ] {
        let twice = [(name, "x"), (name, "x")];
        let read = read(&twice);
        assert_eq!(read, Err(Reason::DuplicateHeaders), "{name}");
    }
}

#[test]
fn each_type_has_its_topic() {
    for (kind, suffix) in [
        ("alert", ""),
        ("background", ""),
        ("voip", ".voip"),
        ("pushtotalk", ".voip-ptt"),
        ("complication", ".complication"),
        ("fileprovider", ".pushkit.fileprovider"),
        ("location", ".location-query"),
        ("liveactivity", ".push-type.liveactivity"),
        ("widgets", ".push-type.widgets"),
        ("controls", ".push-type.controls"),
        ("mdm", ""),
    ] {
        let topic = format!("{APP}{suffix}");
        let posted = read(&[("apns-topic", &topic), ("apns-push-type", kind)]).unwrap();
        assert_eq!(posted.app, APP, "{kind}");
        assert_eq!(Some(posted.kind), Kind::named(kind));
        let voip = posted.kind.service() == Service::Voip;
        assert_eq!(voip, kind == "voip");
    }
    let inferred = read(&[("apns-topic", "org.example.app.voip")]).unwrap();
    assert_eq!(inferred.kind, Kind::Voip);
}

#[test]
fn a_topic_that_does_not_fit_is_refused() {
    let voip = [("apns-topic", APP), ("apns-push-type", "voip")];
    assert_eq!(read(&voip), Err(Reason::BadTopic));
    let alert = [
        ("apns-topic", "org.example.app.voip"),
        ("apns-push-type", "alert"),
    ];
    assert_eq!(read(&alert), Err(Reason::BadTopic));
    for topic in ["", ".voip", "a b", "a/b", &"a".repeat(201)] {
        let refused = read(&[("apns-topic", topic)]);
        assert_eq!(refused, Err(Reason::BadTopic), "{topic}");
    }
    assert_eq!(read(&[]), Err(Reason::MissingTopic));
}

#[test]
fn background_pushes_are_never_immediate() {
    let with = |priority: &[(&str, &str)]| {
        let all = [
            &[("apns-topic", APP), ("apns-push-type", "background")],
            priority,
        ]
        .concat();
        read(&all).map(|posted| posted.priority)
    };
    assert_eq!(with(&[]), Ok(Priority::Power));
    assert_eq!(with(&[("apns-priority", "1")]), Ok(Priority::Low));
    assert_eq!(with(&[("apns-priority", "10")]), Err(Reason::BadPriority));
}

#[test]
fn a_sender_uses_its_own_topics() {
    let topics = |topics: &[&str]| Sender::Certificate {
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
    };
    let voip = "org.example.app.voip";
    assert!(
        by(&topics(&[voip]), &[]).is_ok(),
        "one topic needs no header"
    );
    assert_eq!(by(&topics(&[APP, voip]), &[]), Err(Reason::MissingTopic));
    assert!(by(&topics(&[APP, voip]), &[("apns-topic", voip)]).is_ok());
    let other = by(&topics(&[APP]), &[("apns-topic", "org.example.other")]);
    assert_eq!(other, Err(Reason::TopicDisallowed));
    let location = "org.example.app.location-query";
    let refused = by(&topics(&[location]), &[("apns-topic", location)]);
    assert_eq!(
        refused,
        Err(Reason::TopicDisallowed),
        "location takes tokens only"
    );
    let narrow = Sender::Token {
        apps: Some(vec![APP.to_owned()]),
    };
    assert!(by(&narrow, &[("apns-topic", voip)]).is_ok());
    let other = by(&narrow, &[("apns-topic", "org.example.other")]);
    assert_eq!(other, Err(Reason::TopicDisallowed));
}

#[test]
fn bodies_are_json_objects_within_the_limit_of_their_type() {
    body(VOIP_MAX, true, Kind::Voip, Ok(()));
    body(VOIP_MAX + 1, true, Kind::Voip, Err(Reason::PayloadTooLarge));
    body(BODY_MAX, true, Kind::Alert, Ok(()));
    body(
        BODY_MAX + 1,
        true,
        Kind::Alert,
        Err(Reason::PayloadTooLarge),
    );
    body(0, false, Kind::Alert, Err(Reason::PayloadEmpty));
    body(7, false, Kind::Alert, Err(Reason::PayloadEmpty));
}

#[test]
fn every_reason_has_its_published_status() {
    for (status, names) in [
        (
            400,
            "BadCollapseId BadDeviceToken BadExpirationDate BadMessageId BadPriority BadTopic \
             DeviceTokenNotForTopic DuplicateHeaders IdleTimeout InvalidPushType \
             MissingDeviceToken MissingTopic PayloadEmpty TopicDisallowed FeatureNotEnabled",
        ),
        (
            403,
            "BadCertificate BadCertificateEnvironment ExpiredProviderToken Forbidden \
             InvalidProviderToken MissingProviderToken UnrelatedKeyIdInToken \
             BadEnvironmentKeyIdInToken",
        ),
        (404, "BadPath"),
        (405, "MethodNotAllowed"),
        (410, "ExpiredToken Unregistered"),
        (413, "PayloadTooLarge"),
        (429, "TooManyProviderTokenUpdates TooManyRequests"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailable Shutdown"),
    ] {
        let ours = REASONS.iter().filter(|reason| reason.status() == status);
        let ours: Vec<_> = ours.map(|reason| reason.name()).collect();
        assert_eq!(ours.join(" "), names, "{status}");
    }
}

fn read(headers: &[(&str, &str)]) -> Result<Posted, Reason> {
    by(&Sender::Token { apps: None }, headers)
}

fn by(sender: &Sender, headers: &[(&str, &str)]) -> Result<Posted, Reason> {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()))
        .collect();
    request::headers(&headers, sender)
}

#[track_caller]
fn header(name: &str, value: &str, want: Option<Reason>) {
    let read = read(&[("apns-topic", APP), (name, value)]);
    assert_eq!(read.err(), want, "{name}: {value}");
}

#[track_caller]
fn target(method: &str, path: &str, want: Result<&str, Reason>) {
    assert_eq!(request::target(method, path), want, "{method} {path}");
}

#[track_caller]
fn body(length: usize, is_object: bool, kind: Kind, want: Result<(), Reason>) {
    assert_eq!(request::body(Body { length, is_object }, kind), want);
}
