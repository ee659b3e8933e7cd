//! What an app registers with.

use std::net::IpAddr;
use std::time::Duration;

use hookswitch_model::{
    AppKind, CallTone, CallTones, Configuration, HandleKind, HandleKinds, Text,
};

use super::account::{accounts_from, put_accounts};
use super::argument::{self, ArgumentError, Problem};
use super::button::{buttons_from, put_buttons};
use super::dict::{Dict, Reader, put, put_some, required};
use super::names::RING_MS_MAX;

/// Reads a configuration. What is not given takes CallKit's default.
///
/// # Errors
///
/// [`ArgumentError`] names the first key that is wrong.
pub fn configuration_from_dict(dict: &Dict) -> Result<Configuration, ArgumentError> {
    let read = Reader(dict);
    let mut configuration = Configuration::new(required("name", read.text("name")?)?);
    if let Some(max) = read.count("groups_max")? {
        configuration.groups_max = max;
    }
    if let Some(max) = read.count("calls_per_group_max")? {
        configuration.calls_per_group_max = max;
    }
    if let Some(on) = read.boolean("in_recents")? {
        configuration.in_recents = on;
    }
    if let Some(on) = read.boolean("video")? {
        configuration.video = on;
    }
    if let Some(names) = read.strings("handle_kinds")? {
        configuration.handle_kinds = handle_kinds(&names)?;
    }
    configuration.ring_for = read
        .number("ring_ms", (1, RING_MS_MAX))?
        .map(Duration::from_millis);
    if let Some(name) = read.string("kind")? {
        configuration.kind = AppKind::from_name(name).ok_or_else(|| {
            let known = "voip, cellular";
            ArgumentError::new("kind", Problem::UnknownWord { known })
        })?;
    }
    if let Some(numbers) = read.strings("emergency_numbers")? {
        configuration.emergency_numbers = emergency_numbers(&numbers)?;
    }
    if let Some(on) = read.boolean("voicemail")? {
        configuration.voicemail = on;
    }
    configuration.open_url = read.text("open_url")?.map(loopback_page).transpose()?;
    configuration.accounts = accounts_from(&read)?;
    configuration.buttons = buttons_from(&read)?;
    if let Some(word) = read.string("on_answer")? {
        configuration.on_answer = argument::on_answer("on_answer", word)?;
    }
    if let Some(on) = read.boolean("translation")? {
        configuration.translation = on;
    }
    if let Some(word) = read.string("second_calls")? {
        configuration.second_calls = argument::second_calls("second_calls", word)?;
    }
    if let Some(names) = read.strings("tones")? {
        configuration.tones = call_tones(&names)?;
    }
    Ok(configuration)
}

/// Writes a configuration.
#[must_use]
pub fn configuration_to_dict(configuration: &Configuration) -> Dict {
    let mut dict = Dict::new();
    put(&mut dict, "name", configuration.name.as_str());
    put(&mut dict, "groups_max", configuration.groups_max);
    put(
        &mut dict,
        "calls_per_group_max",
        configuration.calls_per_group_max,
    );
    put(&mut dict, "in_recents", configuration.in_recents);
    put(&mut dict, "video", configuration.video);
    put(
        &mut dict,
        "handle_kinds",
        kind_names(configuration.handle_kinds),
    );
    let ring_ms = configuration
        .ring_for
        .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    put_some(&mut dict, "ring_ms", ring_ms);
    let open_url = configuration.open_url.as_ref().map(Text::as_str);
    put_some(&mut dict, "open_url", open_url);
    put_cellular(&mut dict, configuration);
    put(&mut dict, "on_answer", configuration.on_answer.name());
    put(&mut dict, "translation", configuration.translation);
    put(&mut dict, "second_calls", configuration.second_calls.name());
    let tones: Vec<&str> = configuration.tones.iter().map(CallTone::name).collect();
    put(&mut dict, "tones", tones);
    put_accounts(&mut dict, &configuration.accounts);
    put_buttons(&mut dict, &configuration.buttons);
    dict
}

/// What only the app of a modem says.
fn put_cellular(dict: &mut Dict, configuration: &Configuration) {
    if configuration.kind != AppKind::default() {
        put(dict, "kind", configuration.kind.name());
    }
    let numbers = configuration.emergency_numbers.iter().map(Text::as_str);
    let numbers: Vec<&str> = numbers.collect();
    if !numbers.is_empty() {
        put(dict, "emergency_numbers", numbers);
    }
    if configuration.voicemail {
        put(dict, "voicemail", true);
    }
}

fn emergency_numbers(numbers: &[&str]) -> Result<Vec<Text>, ArgumentError> {
    let key = "emergency_numbers";
    let max = Configuration::EMERGENCY_NUMBERS_MAX;
    if numbers.len() > max {
        return Err(ArgumentError::new(key, Problem::TooLong { max }));
    }
    let numbers = numbers.iter();
    numbers.map(|number| argument::text(key, number)).collect()
}

fn call_tones(names: &[&str]) -> Result<CallTones, ArgumentError> {
    let known = "ringback, busy, ended";
    let tone = |name: &&str| {
        let unknown = || ArgumentError::new("tones", Problem::UnknownWord { known });
        CallTone::from_name(name).ok_or_else(unknown)
    };
    names.iter().map(tone).collect()
}

pub(super) fn handle_kinds(names: &[&str]) -> Result<HandleKinds, ArgumentError> {
    let mut kinds = HandleKinds::default();
    for name in names {
        match argument::handle_kind("handle_kinds", name)? {
            HandleKind::Generic => kinds.generic = true,
            HandleKind::PhoneNumber => kinds.phone_number = true,
            HandleKind::EmailAddress => kinds.email_address = true,
        }
    }
    Ok(kinds)
}

pub(super) fn kind_names(kinds: HandleKinds) -> Vec<&'static str> {
    kinds.iter().map(HandleKind::name).collect()
}

/// Accepts pages of this machine only, so that no app can send the user elsewhere by "Open".
fn loopback_page(url: Text) -> Result<Text, ArgumentError> {
    let authority = url
        .as_str()
        .strip_prefix("http://")
        .and_then(|rest| rest.split(['/', '?', '#']).next());
    match authority {
        Some(authority) if is_loopback(authority) => Ok(url),
        Some(_) | None => Err(ArgumentError::new("open_url", Problem::NotLoopback)),
    }
}

/// RFC 3986, section 3.2: host and optional port; user information is not accepted.
fn is_loopback(authority: &str) -> bool {
    if let Some(rest) = authority.strip_prefix('[') {
        let Some((host, port)) = rest.split_once(']') else {
            return false;
        };
        return host == "::1" && is_port(port);
    }
    let host_end = authority.find(':').unwrap_or(authority.len());
    let (host, port) = authority.split_at(host_end);
    let is_loopback_ip = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    (host == "localhost" || is_loopback_ip) && is_port(port)
}

/// Nothing, or a colon and a port.
fn is_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        Some(port) => port.parse::<u16>().is_ok_and(|port| port != 0),
        None => text.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use hookswitch_model::{Account, AccountId, ActionButton, ButtonIcon, OnAnswer, SecondCalls};
    use zbus::Variant;

    use super::*;

    fn full() -> Configuration {
        Configuration {
            name: Text::new("Sample").unwrap(),
            groups_max: 1,
            calls_per_group_max: 3,
            in_recents: false,
            video: true,
            handle_kinds: HandleKinds {
                generic: true,
                phone_number: false,
                email_address: true,
            },
            ring_for: Some(Duration::from_secs(30)),
            open_url: Some(Text::new("http://127.0.0.1:8080/x").unwrap()),
            kind: AppKind::Cellular,
            emergency_numbers: vec![Text::new("112").unwrap()],
            voicemail: true,
            accounts: vec![Account {
                id: AccountId::new("work").unwrap(),
                label: Text::new("Work").unwrap(),
                handle_kinds: HandleKinds {
                    phone_number: true,
                    ..HandleKinds::default()
                },
                dials: false,
                video: true,
            }],
            buttons: vec![ActionButton {
                icon: ButtonIcon::Door,
                needs_unlock: true,
                while_ringing: true,
                ..ActionButton::new("door", "Open door").unwrap()
            }],
            on_answer: OnAnswer::OpenApp,
            translation: true,
            second_calls: SecondCalls::Busy,
            tones: [CallTone::Ringback, CallTone::Ended].into_iter().collect(),
        }
    }

    #[test]
    fn a_configuration_reads_back() {
        let least = Configuration::new(Text::new("Least").unwrap());
        for configuration in [full(), least] {
            let dict = configuration_to_dict(&configuration);
            assert_eq!(configuration_from_dict(&dict), Ok(configuration));
        }
    }

    #[test]
    fn what_is_not_given_takes_the_default() {
        let mut dict = Dict::new();
        put(&mut dict, "name", "Least");
        put(&mut dict, "of-tomorrow", 7u32);
        let want = Configuration::new(Text::new("Least").unwrap());
        assert_eq!(configuration_from_dict(&dict), Ok(want));
    }

    #[test]
    fn a_wrong_key_is_named() {
        let long = "n".repeat(257);
        check("name", long.as_str(), "name: must not be longer than 256");
        check("name", "\u{202E}", "name: must not be empty");
        check("name", 7u32, "name: must be of D-Bus type s");
        check(
            "groups_max",
            0u32,
            "groups_max: must be from 1 to 4294967295",
        );
        check("groups_max", 2u64, "groups_max: must be of D-Bus type u");
        check("in_recents", "yes", "in_recents: must be of D-Bus type b");
        check(
            "handle_kinds",
            "generic",
            "handle_kinds: must be of D-Bus type as",
        );
        check(
            "handle_kinds",
            vec!["generic", "pager"],
            "handle_kinds: must be one of: generic, phone-number, email-address",
        );
        check("kind", "satellite", "kind: must be one of: voip, cellular");
        check(
            "emergency_numbers",
            vec!["112"; 65],
            "emergency_numbers: must not be longer than 64",
        );
        check("voicemail", "yes", "voicemail: must be of D-Bus type b");
        check(
            "on_answer",
            "never",
            "on_answer: must be one of: stay, open-app, open-if-video",
        );
        check(
            "second_calls",
            "wait",
            "second_calls: must be one of: ring, busy, missed",
        );
        check(
            "tones",
            vec!["waiting"],
            "tones: must be one of: ringback, busy, ended",
        );
        check("tones", "busy", "tones: must be of D-Bus type as");
        check("accounts", "work", "accounts: must be of D-Bus type aa{sv}");
        let twice = vec![button("door", "A"), button("door", "B")];
        check(
            "buttons",
            twice,
            "buttons[1].id: must be another id than those before",
        );
        check(
            "buttons",
            vec![button("door", &"x".repeat(21))],
            "buttons[0].label: must not be longer than 20",
        );
        check("ring_ms", 0u64, "ring_ms: must be from 1 to 600000");
    }

    fn button(id: &str, label: &str) -> Dict {
        let mut dict = Dict::new();
        put(&mut dict, "id", id);
        put(&mut dict, "label", label);
        dict
    }

    #[test]
    fn a_name_must_be_given() {
        let error = configuration_from_dict(&Dict::new()).unwrap_err();
        assert_eq!(error, ArgumentError::new("name", Problem::Missing));
    }

    #[test]
    fn a_page_must_be_of_this_machine() {
        for good in [
            "http://127.0.0.1/",
            "http://127.0.0.1:80/a?b",
            "http://localhost:9",
            "http://[::1]:8733/",
        ] {
            assert!(loopback_page(Text::new(good).unwrap()).is_ok(), "{good}");
        }
        for bad in [
            "https://127.0.0.1/",
            "http://example.org/",
            "http://127.0.0.1@example.org/",
            "http://127.0.0.1.example.org/",
            "http://[::1",
            "http://[::2]/",
            "http://localhost:x/",
            "http://localhost:0/",
            "javascript:alert(1)",
        ] {
            assert!(loopback_page(Text::new(bad).unwrap()).is_err(), "{bad}");
        }
    }

    #[track_caller]
    fn check<'v>(key: &str, value: impl Into<Variant<'v>>, want: &str) {
        let mut dict = configuration_to_dict(&full());
        put(&mut dict, key, value);
        let error = configuration_from_dict(&dict).unwrap_err();
        assert_eq!(error.to_string(), want);
    }
}
