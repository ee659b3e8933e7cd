//! Every key of a dictionary stands in the comment of its member in `interfaces/*.xml`: those
//! comments are the contract. A new field of the model has to be written here, or this does not
//! compile.

#[path = "callkit_page/members.rs"]
mod members;

use std::collections::BTreeSet;
use std::time::Duration;

use hookswitch_wire::dbus::words::{
    Account, AccountId, ActionButton, AppKind, ButtonIcon, ButtonId, CallTone, CallUpdate, Callee,
    Configuration, Digits, Handle, HandleKind, HandleKinds, Language, OnAnswer, Patch, SecondCalls,
    Text, Tones, TonesKind, Translation, Wall,
};
use hookswitch_wire::dbus::{
    ActionMessage, AskMessage, Dict, EndReason, Origin, call_ref, configuration_to_dict,
    dial_options, update_to_dict,
};
use zbus::Variant as Value;

#[test]
fn every_key_is_in_the_contract() {
    let members = members::Members::read();
    let mut all = vec![
        ("Provider.Register", configuration_to_dict(&configuration())),
        ("Provider.ReportIncoming", update_to_dict(&update())),
        ("Controller.Dial", dial_options(&callee())),
    ];
    all.extend(actions().map(|action| ("Provider.Request", action.to_dict())));
    all.extend(asks().map(|ask| ("App1.Perform", ask.details())));
    let mut following = Dict::new();
    AskMessage::put_following(&mut following, 1);
    all.push(("App1.Perform", following));
    for (member, dict) in all {
        for key in keys(&dict) {
            let name = format!("{member}.{key}");
            assert!(
                members.has(&name),
                "the comment of {member} does not say {key}"
            );
        }
    }
}

/// The keys of a dictionary and of those in it.
fn keys(dict: &Dict) -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = dict.keys().cloned().collect();
    dict.values().for_each(|value| inner(value, &mut keys));
    keys
}

fn inner(value: &Value<'_>, keys: &mut BTreeSet<String>) {
    if let Value::Array(array) = value {
        array.iter().for_each(|value| inner(value, keys));
    }
    if let Value::Dict(dict) = value {
        for (key, value) in dict.iter() {
            keys.extend(<&str>::try_from(key).map(str::to_owned));
            inner(value, keys);
        }
    }
}

fn text(text: &str) -> Text {
    Text::new(text).expect("valid")
}

fn configuration() -> Configuration {
    let kinds = HandleKinds {
        generic: true,
        phone_number: true,
        email_address: true,
    };
    Configuration {
        name: text("Phone"),
        groups_max: 2,
        calls_per_group_max: 5,
        in_recents: true,
        video: true,
        handle_kinds: kinds,
        ring_for: Some(Duration::from_secs(30)),
        open_url: Some(text("http://localhost:1/")),
        kind: AppKind::Cellular,
        emergency_numbers: vec![text("112")],
        voicemail: true,
        accounts: vec![Account {
            id: AccountId::new("work").expect("valid"),
            label: text("Work"),
            handle_kinds: kinds,
            dials: true,
            video: true,
        }],
        buttons: vec![ActionButton {
            id: ButtonId::new("door").expect("valid"),
            label: text("Open door"),
            icon: ButtonIcon::Door,
            needs_unlock: true,
            while_ringing: true,
        }],
        on_answer: OnAnswer::OpenApp,
        second_calls: SecondCalls::Busy,
        translation: true,
        tones: CallTone::ALL.into_iter().collect(),
    }
}

fn handle() -> Handle {
    Handle::new(HandleKind::Generic, "ana").expect("valid")
}

fn update() -> CallUpdate {
    CallUpdate {
        handle: Patch::Set(handle()),
        name: Patch::Set(text("Ana")),
        holding: Some(true),
        grouping: Some(true),
        ungrouping: Some(true),
        digits: Some(true),
        video: Some(true),
        emergency: Some(true),
        called_at: Some(Wall::from_millis(1)),
        ring_until: Some(Wall::from_millis(2)),
        early_media: Some(true),
        account: Patch::Set(AccountId::new("work").expect("valid")),
        buttons: Some(vec![ButtonId::new("door").expect("valid")]),
    }
}

fn callee() -> Callee {
    Callee {
        handle: handle(),
        video: true,
        account: AccountId::new("work").ok(),
        contact: Text::new("contact-7").ok(),
    }
}

fn translation() -> Option<Translation> {
    Some(Translation {
        local: Language::new("en").expect("valid"),
        remote: Language::new("de").expect("valid"),
    })
}

fn actions() -> impl Iterator<Item = ActionMessage> {
    let call = || call_ref("call", "line-1").expect("valid");
    let digits = Digits::new("12").expect("valid");
    [
        ActionMessage::Start {
            call: call(),
            to: callee(),
        },
        ActionMessage::SetHeld {
            call: call(),
            on: true,
        },
        ActionMessage::SetGroup {
            call: call(),
            with: Some(call()),
        },
        ActionMessage::PlayDigits {
            call: call(),
            digits,
        },
        ActionMessage::SetTranslating {
            call: call(),
            to: translation(),
        },
    ]
    .into_iter()
}

fn asks() -> impl Iterator<Item = AskMessage> {
    let with = "00000000-0000-0000-0000-000000000001"
        .parse()
        .expect("valid");
    [
        AskMessage::Start(callee()),
        AskMessage::End {
            origin: Origin::User,
            reason: EndReason::LocalHangup,
        },
        AskMessage::SetHeld(true),
        AskMessage::SetGroup(Some((with, call_ref("with", "line-2").expect("valid")))),
        AskMessage::PlayDigits(Tones {
            digits: Digits::new("12").expect("valid"),
            kind: TonesKind::Single,
        }),
        AskMessage::SetTranslating(translation()),
        AskMessage::Custom(ButtonId::new("door").expect("valid")),
    ]
    .into_iter()
}
