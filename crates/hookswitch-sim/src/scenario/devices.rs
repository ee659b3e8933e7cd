//! Several devices of one user, the services that ring them, and the network between: the lines.
//!
//! A story without a `device` line has one device without a name, and says nothing of it.

use core::time::Duration;

use hookswitch_trace::reserved::is_taken;

use super::header::{span, yes_or_no};
use super::lex::Word;
use super::verbs::{Cursor, Read, read_facts, unknown};
use super::{Facts, Scenario};

/// What a service does.
pub const SERVICE_VERBS: [&str; 2] = ["calls", "hangs-up"];

/// What happens to the network of a device.
pub const NETWORK_VERBS: [&str; 2] = ["drops", "returns"];

/// Most devices of a story.
const DEVICES_MAX: usize = 8;

/// The name by which checks speak of what the services know.
pub(crate) const SERVICE: &str = "service";

const DEVICE_FIELDS: [&str; 2] = ["wall", "delay"];

const SERVICE_FIELDS: [&str; 7] = [
    "delay", "ring", "loses", "repeats", "doubles", "reorders", "joins",
];

/// One device of the user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeviceDecl {
    /// Its name in the story.
    pub name: String,
    /// How wrong its wall clock is, in milliseconds.
    pub wall: i64,
    /// How much longer than others its messages take, each way.
    pub delay: Duration,
}

/// The service behind an app: it rings all devices of the user and relays what they do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServiceDecl {
    /// The app, by number, that has an instance on each device.
    pub app: usize,
    /// How long a message takes, each way.
    pub delay: Duration,
    /// How long a call rings.
    pub ring: Duration,
    /// Of so many messages one is lost; 0: none.
    pub loses: u64,
    /// A lost message is sent again after this time.
    pub repeats: Duration,
    /// Of so many messages one arrives twice; 0: none.
    pub doubles: u64,
    /// Of so many messages one is overtaken by later ones; 0: none.
    pub reorders: u64,
    /// Several devices may be in one call.
    pub joins: bool,
}

/// What a service does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServiceAct {
    /// Somebody calls the user.
    Calls(usize, Facts),
    /// The other party hangs up.
    HangsUp(usize),
}

/// What happens to the network of a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NetworkAct {
    /// It is gone, until it returns or for this time.
    Drops(Option<Duration>),
    /// It is there again.
    Returns,
}

impl Scenario {
    /// The number of a device.
    #[must_use]
    pub fn device(&self, name: &str) -> Option<usize> {
        self.devices.iter().position(|device| device.name == name)
    }

    /// The number of the service of an app.
    #[must_use]
    pub fn service(&self, app: usize) -> Option<usize> {
        self.services.iter().position(|service| service.app == app)
    }
}

/// Reads `device NAME { … }`.
pub(super) fn read_device(scenario: &Scenario, cursor: &mut Cursor<'_>) -> Read<DeviceDecl> {
    let name = cursor.word("a name for the device")?;
    let text = name.text.as_str();
    let good = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
        && !is_taken(text)
        && !super::verbs::ACTORS.contains(&text)
        && !super::vocabulary::begins_observable(text)
        && scenario.app(text).is_none()
        && scenario.call(text).is_none()
        && scenario.device(text).is_none();
    if !good {
        return Err(cursor.error(format!("{text:?} cannot be the name of a device")));
    }
    if scenario.devices.len() == DEVICES_MAX {
        return Err(cursor.error(format!("a story has at most {DEVICES_MAX} devices")));
    }
    let mut device = DeviceDecl {
        name: text.to_owned(),
        wall: 0,
        delay: Duration::ZERO,
    };
    fields(cursor, |name, value| {
        match name {
            "wall" => {
                device.wall = super::verbs::read_jump(value).ok_or("wall needs +2h or -3m")?
            }
            "delay" => device.delay = span(value)?,
            other => return Err(unknown("field of a device", other, DEVICE_FIELDS)),
        }
        Ok(())
    })?;
    Ok(device)
}

/// Reads `service APP { … }`.
pub(super) fn read_service(scenario: &Scenario, cursor: &mut Cursor<'_>) -> Read<ServiceDecl> {
    let app = cursor.app(scenario)?;
    if scenario.service(app).is_some() {
        return Err(cursor.error("this app has its service already".to_owned()));
    }
    let mut service = ServiceDecl {
        app,
        delay: Duration::from_millis(50),
        ring: Duration::from_mins(1),
        loses: 0,
        repeats: Duration::from_secs(1),
        doubles: 0,
        reorders: 0,
        joins: false,
    };
    fields(cursor, |name, value| {
        match name {
            "delay" => service.delay = span(value)?,
            "ring" => service.ring = span(value)?,
            "loses" => service.loses = nth(value)?,
            "repeats" => service.repeats = span(value)?,
            "doubles" => service.doubles = nth(value)?,
            "reorders" => service.reorders = nth(value)?,
            "joins" => service.joins = yes_or_no(value)?,
            other => return Err(unknown("field of a service", other, SERVICE_FIELDS)),
        }
        Ok(())
    })?;
    Ok(service)
}

fn fields(
    cursor: &mut Cursor<'_>,
    mut read: impl FnMut(&str, &str) -> Result<(), String>,
) -> Read<()> {
    if !cursor.take("{") {
        return Ok(());
    }
    while !cursor.take("}") {
        let word = cursor.word("a field or \"}\"")?;
        let (name, value) = word.text.split_once('=').unwrap_or((&word.text, "yes"));
        read(name, value).map_err(|why| cursor.error(why))?;
        cursor.take(",");
    }
    Ok(())
}

fn nth(value: &str) -> Result<u64, String> {
    value
        .parse()
        .map_err(|_| format!("{value:?} is not a number of messages"))
}

/// Reads what a service does.
pub(super) fn read_service_act(
    scenario: &mut Scenario,
    cursor: &mut Cursor<'_>,
) -> Read<(usize, ServiceAct)> {
    let app = cursor.app(scenario)?;
    let Some(service) = scenario.service(app) else {
        let name = &scenario.apps[app].name;
        return Err(cursor.error(format!(
            "{name} has no service; write \"service {name}\" above"
        )));
    };
    let verb = cursor.word("what the service does")?;
    let act = match verb.text.as_str() {
        "calls" => {
            let call = cursor.new_call(scenario)?;
            ServiceAct::Calls(call, read_facts(cursor)?)
        }
        "hangs-up" => ServiceAct::HangsUp(cursor.call(scenario)?),
        other => return Err(cursor.error(unknown("verb of a service", other, SERVICE_VERBS))),
    };
    Ok((service, act))
}

/// Reads what happens to the network of a device.
pub(super) fn read_network(cursor: &mut Cursor<'_>) -> Read<NetworkAct> {
    let verb = cursor.word("what happens to the network")?;
    match verb.text.as_str() {
        "drops" if cursor.take("for") => cursor.span().map(|span| NetworkAct::Drops(Some(span))),
        "drops" => Ok(NetworkAct::Drops(None)),
        "returns" => Ok(NetworkAct::Returns),
        other => Err(cursor.error(unknown("verb of the network", other, NETWORK_VERBS))),
    }
}

/// Reads the device at the beginning of an input, if the story has devices.
pub(super) fn read_place(scenario: &Scenario, cursor: &mut Cursor<'_>) -> Read<Option<usize>> {
    let Some(word) = cursor.peek().filter(|_| !scenario.devices.is_empty()) else {
        return Ok(None);
    };
    let found = scenario.device(&word.text);
    if found.is_some() {
        cursor.word("a device")?;
    }
    Ok(found)
}

/// What has to be said of an input that happens on one device only.
pub(super) fn needs_device(scenario: &Scenario) -> String {
    let names = scenario.devices.iter().map(|device| device.name.as_str());
    let names: Vec<&str> = names.collect();
    format!("say on which device: {}", names.join(", "))
}

/// The place that an observable begins with, and how many words that takes.
pub(super) fn place_of(scenario: &Scenario, words: &[Word]) -> Option<String> {
    let first = words.first()?.text.as_str();
    let is_service = first == SERVICE && !scenario.services.is_empty();
    let is_place = is_service || scenario.device(first).is_some();
    is_place.then(|| first.to_owned())
}
