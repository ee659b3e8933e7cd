//! Every wish as JSON and back.

use core::time::Duration;

use hookswitch_model::{CallerRule, NumberPattern};

use super::*;

const CALL: &str = "00000000-0000-0000-0000-000000000007";

#[test]
fn every_wish_reads_back_from_its_body() {
    let call = CallId(7);
    let wishes = [
        Wish::Answer {
            call,
            mode: AnswerMode::EndHeldAndAnswer,
        },
        Wish::Decline(call),
        Wish::End(call),
        Wish::Silence(call),
        Wish::OpenApp(call),
        Wish::SetHeld(call, true),
        Wish::SetMuted(call, false),
        Wish::Swap,
        Wish::Merge(call, CallId(8)),
        Wish::Split(call),
        Wish::EndGroup(call),
        Wish::Digits(call, Digits::new("12#").unwrap()),
        Wish::SendRest(call),
        Wish::DropRest(call),
        Wish::Dial {
            app: AppId::new("org.example.Phone").unwrap(),
            to: Callee {
                account: AccountId::new("work").ok(),
                ..Callee::new(
                    Handle::new(HandleKind::Generic, "sip:ana@example.org").unwrap(),
                    true,
                )
            },
        },
        Wish::Route(EndpointId::new("speaker").unwrap()),
        Wish::SetVideo(call, true),
        Wish::DeclineVideo(call),
        Wish::SetTranslating(call, None),
        Wish::SetTranslating(
            call,
            Some(Translation {
                local: Language::new("en").unwrap(),
                remote: Language::new("pt-BR").unwrap(),
            }),
        ),
        Wish::Press(call, ButtonId::new("door").unwrap()),
        Wish::OnAnswer(None),
        Wish::OnAnswer(Some(OnAnswer::Stay)),
        Wish::Driving(true),
        Wish::Rule(RuleChange::DoNotDisturb {
            on: true,
            until: Some(Wall::from_millis(7)),
        }),
        Wish::Rule(RuleChange::Block(
            Handle::new(HandleKind::PhoneNumber, "+1").unwrap(),
            true,
        )),
        Wish::Rule(RuleChange::Allow(
            Handle::new(HandleKind::Generic, "@eve").unwrap(),
            false,
        )),
        Wish::Rule(RuleChange::RepeatedCallers(false)),
        Wish::Rule(RuleChange::Restrict(true)),
        Wish::Rule(RuleChange::Protect(
            AppId::new("org.example.App").unwrap(),
            true,
        )),
        Wish::List(ListChange::Enable("spam".to_owned(), true)),
        Wish::List(ListChange::Order(vec!["a".to_owned(), "b.c".to_owned()])),
        Wish::List(ListChange::Remove("spam".to_owned())),
        Wish::List(ListChange::Reload("org.example.Spam".to_owned())),
    ];
    wishes.into_iter().for_each(reads_back);
}

#[test]
fn rules_for_second_calls_read_back_from_their_bodies() {
    let app = || AppId::new("org.example.App").unwrap();
    let changes = [
        RuleChange::SecondCalls(SecondCalls::Busy),
        RuleChange::SecondCallsOf(app(), Some(SecondCalls::Missed)),
        RuleChange::SecondCallsOf(app(), None),
    ];
    changes.map(Wish::Rule).into_iter().for_each(reads_back);
    let of_none: RequestBody = serde_json::from_str(r#"{"request":"second-calls"}"#).unwrap();
    assert_eq!(of_none.parse().unwrap_err().field, "rule");
}

#[test]
fn rules_about_callers_read_back_and_what_is_wrong_is_named() {
    let pattern = NumberPattern::parse("+4490*").unwrap();
    for change in [
        CallerChange::Block(pattern, true),
        CallerChange::Except(pattern, false),
        CallerChange::CallBack(Duration::from_secs(600)),
    ] {
        reads_back(Wish::Rule(RuleChange::Caller(change)));
    }
    for switch in CallerRule::ALL {
        let change = CallerChange::Switch(switch, true);
        reads_back(Wish::Rule(RuleChange::Caller(change)));
    }
    for (text, field) in [
        (
            r#"{"request":"block-pattern","pattern":"0800*","on":true}"#,
            "pattern",
        ),
        (
            r#"{"request":"caller-rule","rule":"all","on":true}"#,
            "rule",
        ),
        (r#"{"request":"list-remove","list":""}"#, "list"),
        (
            r#"{"request":"block","handle":"+44*9","on":true}"#,
            "handle",
        ),
    ] {
        let body: RequestBody = serde_json::from_str(text).unwrap();
        assert_eq!(body.parse().unwrap_err().field, field, "{text}");
    }
    let more = r#"{"request":"list-remove","list":"a","on":true}"#;
    assert!(serde_json::from_str::<RequestBody>(more).is_err());
}

#[test]
fn what_is_blocked_is_a_pattern_only_where_one_is_meant() {
    let blocks = |kind: &str, text: &str| {
        let body = format!(r#"{{"request":"block","handle":"{text}"{kind},"on":true}}"#);
        let body: RequestBody = serde_json::from_str(&body).unwrap();
        body.parse().unwrap()
    };
    let numbers = NumberPattern::parse("+4490*").unwrap();
    let pattern = Wish::Rule(RuleChange::Caller(CallerChange::Block(numbers, true)));
    assert_eq!(blocks("", " +44 90* "), pattern);
    let kind = r#","handle_kind":"generic""#;
    for (kind, text) in [(kind, "+4490*"), ("", "*100#"), ("", "sip:a*@b.example")] {
        let wish = blocks(kind, text);
        assert!(matches!(wish, Wish::Rule(RuleChange::Block(..))), "{text}");
    }
}

#[test]
fn a_gesture_reads_back_from_its_body() {
    reads_back(Wish::Headset {
        gesture: HeadsetGesture::Press,
        endpoint: EndpointId::new("bt"),
    });
    reads_back(Wish::Headset {
        gesture: HeadsetGesture::Hold,
        endpoint: None,
    });
}

#[track_caller]
fn reads_back(wish: Wish) {
    let text = serde_json::to_string(&RequestBody::from(&wish)).unwrap();
    let body: RequestBody = serde_json::from_str(&text).unwrap();
    assert_eq!(body.parse(), Ok(wish), "{text}");
}

#[test]
fn bodies_look_as_documented() {
    check(
        &format!(r#"{{"request":"answer","call":"{CALL}","mode":"end-held"}}"#),
        None,
    );
    check(r#"{"request":"swap"}"#, None);
    check(
        r#"{"request":"dial","app":"org.example.Phone","handle":"+44 7700 900123"}"#,
        None,
    );
    check(
        &format!(r#"{{"request":"open-app","call":"{CALL}"}}"#),
        None,
    );
}

#[test]
fn a_bad_field_is_named() {
    check(r#"{"request":"end","call":"7"}"#, Some("call"));
    check(
        &format!(r#"{{"request":"digits","call":"{CALL}","digits":"12x"}}"#),
        Some("digits"),
    );
    check(
        r#"{"request":"dial","app":"phone","handle":"1"}"#,
        Some("app"),
    );
    check(
        r#"{"request":"dial","app":"a.b","handle":""}"#,
        Some("handle"),
    );
    check(
        r#"{"request":"dial","app":"a.b","handle":"1","handle_kind":"fax"}"#,
        Some("handle_kind"),
    );
    check(r#"{"request":"route","endpoint":""}"#, Some("endpoint"));
    check(r#"{"request":"on-answer","rule":"never"}"#, Some("rule"));
    for (rest, field) in [
        (r#""press","button":"Door""#, "button"),
        (r#""translate","local":"en""#, "remote"),
        (r#""translate","local":"e n","remote":"de""#, "local"),
    ] {
        let text = format!(r#"{{"call":"{CALL}","request":{rest}}}"#);
        check(&text, Some(field));
    }
    check(r#"{"request":"headset","gesture":"wave"}"#, Some("gesture"));
}

#[test]
fn unknown_requests_and_fields_are_refused() {
    for text in [
        "{}",
        "[]",
        r#"{"request":"explode"}"#,
        r#"{"request":"swap","call":"x"}"#,
        r#"{"request":"answer","call":"x","mode":"maybe"}"#,
        r#"{"request":"dial","app":"a.b","handle":"1","vidoe":true}"#,
    ] {
        assert!(serde_json::from_str::<RequestBody>(text).is_err(), "{text}");
    }
}

#[test]
fn numbers_are_told_from_addresses() {
    for number in [
        "+44 7700 900123",
        "(030) 23125-042",
        "112",
        "*100#",
        "tel:112",
    ] {
        assert_eq!(guess_handle_kind(number), HandleKind::PhoneNumber);
    }
    for other in ["ana", "sip:ana@example.org", "ana@example.org", "+", ""] {
        assert_eq!(guess_handle_kind(other), HandleKind::Generic, "{other}");
    }
}

#[track_caller]
fn check(text: &str, bad_field: Option<&str>) {
    let body: RequestBody = serde_json::from_str(text).unwrap();
    assert_eq!(body.parse().err().map(|fault| fault.field), bad_field);
}
