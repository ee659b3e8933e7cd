//! Lines about the whole story: title, source, profile, limits, seed, calls, apps.

use core::time::Duration;

use hookswitch_model::{
    AppId, CallTone, CallTones, HandleKinds, Limit, OnAnswer, Profile, Quirk, SecondCalls, Text,
};
use hookswitch_trace::reserved::is_taken;

use super::devices;
use super::extras;
use super::lex::{Word, read_span};
use super::rules;
use super::verbs::{Cursor, Read, ask_named, declare_call, temper_named, unknown};
use super::{AppDecl, Launch, Scenario, Temper, TemperKind};

/// The first words of header lines.
pub const HEADERS: [&str; 11] = [
    "title", "source", "covers", "profile", "quirks", "limits", "seed", "calls", "device", "app",
    "service",
];

const APP_FIELDS: [&str; 33] = [
    "waiting",
    "id",
    "cellular",
    "emergency",
    "voicemail",
    "stopped",
    "launch",
    "restart",
    "reconnect",
    "adopts",
    "permitted",
    "takes",
    "acks",
    "groups",
    "calls-per-group",
    "holding",
    "grouping",
    "ungrouping",
    "digits",
    "recents",
    "dials",
    "ring",
    "account",
    "button",
    "front",
    "second-calls",
    "tones",
    "video",
    "translates",
    "temper",
    "latency",
    "on-answer",
    "voip",
];

/// Reads one header line; `text` is what follows its first word.
pub(super) fn read(scenario: &mut Scenario, cursor: &mut Cursor<'_>, text: &str) -> Read<()> {
    let word = cursor.word("a header")?;
    match word.text.as_str() {
        "title" => {
            text.clone_into(&mut scenario.title);
            cursor.rest();
        }
        "source" => {
            scenario.sources.push(text.to_owned());
            cursor.rest();
        }
        "covers" => read_covers(scenario, cursor)?,
        "profile" => scenario.profile = read_profile(cursor)?,
        "quirks" => read_quirks(scenario, cursor)?,
        "limits" => read_limits(scenario, cursor)?,
        "seed" => {
            let word = cursor.word("a number")?;
            let seed = word.text.parse();
            scenario.seed = seed.map_err(|_| cursor.error("not a number".to_owned()))?;
        }
        "calls" => {
            while cursor.peek().is_some() {
                let name = cursor.word("the name of a call")?;
                if declare_call(scenario, &name.text).is_none() {
                    let text = format!("{:?} cannot be the name of a call", name.text);
                    return Err(cursor.error(text));
                }
                cursor.take(",");
            }
        }
        "app" => {
            let app = read_app(scenario, cursor)?;
            scenario.apps.push(app);
        }
        "device" => {
            let device = devices::read_device(scenario, cursor)?;
            scenario.devices.push(device);
        }
        "service" => {
            let service = devices::read_service(scenario, cursor)?;
            scenario.services.push(service);
        }
        other => return Err(cursor.error(unknown("header", other, HEADERS))),
    }
    cursor.end()
}

fn read_profile(cursor: &mut Cursor<'_>) -> Read<Profile> {
    let word = cursor.word("native or callkit")?;
    match word.text.as_str() {
        "native" => Ok(Profile::Native),
        "callkit" => Ok(Profile::CallKit),
        other => Err(cursor.error(unknown("profile", other, ["native", "callkit"]))),
    }
}

fn read_covers(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<()> {
    while cursor.peek().is_some() {
        let word = cursor.word("an item of a pack")?;
        if crate::packs::item(&word.text).is_none() {
            let known = crate::packs::items().map(|item| item.id);
            return Err(cursor.error(unknown("item", &word.text, known)));
        }
        scenario.covers.push(word.text.clone());
        cursor.take(",");
    }
    Ok(())
}

fn read_quirks(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<()> {
    if scenario.profile != Profile::CallKit {
        let text = "quirks are defects of another system: say \"profile callkit\" first";
        return Err(cursor.error(text.to_owned()));
    }
    while cursor.peek().is_some() {
        let word = cursor.word("the name of a quirk")?;
        let Some(quirk) = Quirk::from_name(&word.text) else {
            let known = hookswitch_model::QUIRKS.iter().map(|row| row.name);
            return Err(cursor.error(unknown("quirk", &word.text, known)));
        };
        scenario.quirks.push(quirk);
        cursor.take(",");
    }
    Ok(())
}

fn read_limits(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<()> {
    while cursor.peek().is_some() {
        let word = cursor.word("name=value")?;
        let (name, value) = word.text.split_once('=').unwrap_or((&word.text, ""));
        let Some(limit) = Limit::from_name(name) else {
            let known = hookswitch_model::limits::TABLE.iter().map(|row| row.name);
            return Err(cursor.error(unknown("limit", name, known)));
        };
        let value = if limit.row().is_time {
            read_span(value).and_then(|span| u64::try_from(span.as_millis()).ok())
        } else {
            value.parse().ok()
        };
        let Some(value) = value else {
            let want = if limit.row().is_time {
                "a time such as 2s"
            } else {
                "a number"
            };
            return Err(cursor.error(format!("{name} needs {want}")));
        };
        scenario.limits.push((limit, value));
    }
    Ok(())
}

/// An app as it is when nothing is said about it.
pub(super) fn plain_app(name: &str) -> AppDecl {
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    let title: String = first.into_iter().chain(letters).collect();
    AppDecl {
        name: name.to_owned(),
        id: format!("org.example.{title}"),
        cellular: false,
        emergency: Vec::new(),
        voicemail: false,
        running: true,
        launch: Launch::Takes(Duration::from_millis(200)),
        restart: None,
        reconnect: Some(Duration::from_millis(50)),
        adopts: true,
        permitted: true,
        acks: true,
        waiting: true,
        whole: false,
        groups: 2,
        holding: true,
        calls_per_group: 5,
        grouping: true,
        ungrouping: true,
        digits: true,
        recents: true,
        dials: HandleKinds {
            generic: true,
            phone_number: true,
            email_address: true,
        },
        ring: None,
        accounts: Vec::new(),
        buttons: Vec::new(),
        front: OnAnswer::default(),
        second_calls: SecondCalls::default(),
        tones: CallTones::default(),
        video: true,
        translates: false,
        temper: Temper {
            kind: TemperKind::Prompt,
            latency: Duration::from_millis(50),
        },
        tempers: Vec::new(),
    }
}

fn read_app(scenario: &Scenario, cursor: &mut Cursor<'_>) -> Read<AppDecl> {
    let name = cursor.word("a name for the app")?;
    let good = name.text.starts_with(|c: char| c.is_ascii_lowercase())
        && name.text.chars().all(|c| c.is_ascii_alphanumeric())
        && !is_taken(&name.text)
        && scenario.app(&name.text).is_none()
        && scenario.call(&name.text).is_none()
        && scenario.device(&name.text).is_none();
    if !good {
        return Err(cursor.error(format!("{:?} cannot be the name of an app", name.text)));
    }
    let mut app = plain_app(&name.text);
    if cursor.take("{") {
        while !cursor.take("}") {
            let field = cursor.word("a field or \"}\"")?;
            read_field(&mut app, field).map_err(|why| cursor.error(why))?;
            cursor.take(",");
        }
    }
    if AppId::new(&app.id).is_none() {
        return Err(cursor.error(format!(
            "{:?} is not a bus name such as org.example.Sip",
            app.id
        )));
    }
    Ok(app)
}

/// Fields of what an app registers with.
const CONFIGURATION: [&str; 14] = [
    "groups",
    "calls-per-group",
    "recents",
    "dials",
    "ring",
    "account",
    "button",
    "front",
    "second-calls",
    "tones",
    "video",
    "translates",
    "emergency",
    "voicemail",
];

/// Reads `{ FIELD… }` of an app that registers again: what is not mentioned is as declared.
/// Accounts and buttons that are mentioned replace those declared; `none` takes them away.
pub(super) fn read_configuration(
    declared: &AppDecl,
    cursor: &mut Cursor<'_>,
) -> Read<Option<Box<AppDecl>>> {
    if !cursor.take("{") {
        return Ok(None);
    }
    let mut app = declared.clone();
    let (mut accounts, mut buttons) = (false, false);
    while !cursor.take("}") {
        let field = cursor.word("a field or \"}\"")?;
        let name = field.text.split_once('=').map_or(&*field.text, |(n, _)| n);
        if !CONFIGURATION.contains(&name) {
            let what = "field of a configuration";
            return Err(cursor.error(unknown(what, name, CONFIGURATION)));
        }
        if name == "account" && !core::mem::replace(&mut accounts, true) {
            app.accounts.clear();
        }
        if name == "button" && !core::mem::replace(&mut buttons, true) {
            app.buttons.clear();
        }
        if !["account=none", "button=none"].contains(&&*field.text) {
            read_field(&mut app, field).map_err(|why| cursor.error(why))?;
        }
        cursor.take(",");
    }
    Ok(Some(Box::new(app)))
}

fn read_field(app: &mut AppDecl, word: &Word) -> Result<(), String> {
    let (name, value) = word.text.split_once('=').unwrap_or((&word.text, "yes"));
    match name {
        "id" => value.clone_into(&mut app.id),
        "voip" => app.cellular = !yes_or_no(value)?,
        "cellular" => app.cellular = yes_or_no(value)?,
        "emergency" => app.emergency = read_numbers(value)?,
        "voicemail" => app.voicemail = yes_or_no(value)?,
        "stopped" => app.running = !yes_or_no(value)?,
        "launch" => app.launch = read_launch(value)?,
        "restart" => app.restart = Some(span(value)?),
        "reconnect" => app.reconnect = read_reconnect(value)?,
        "adopts" => app.adopts = yes_or_no(value)?,
        "permitted" => app.permitted = yes_or_no(value)?,
        "takes" => app.whole = whole_or_single(value)?,
        "waiting" => app.waiting = yes_or_no(value)?,
        "acks" => app.acks = yes_or_no(value)?,
        "groups" => {
            app.groups = value
                .parse()
                .map_err(|_| "groups needs a number".to_owned())?
        }
        "calls-per-group" => {
            app.calls_per_group = value
                .parse()
                .map_err(|_| "calls-per-group needs a number".to_owned())?;
        }
        "holding" => app.holding = yes_or_no(value)?,
        "grouping" => app.grouping = yes_or_no(value)?,
        "ungrouping" => app.ungrouping = yes_or_no(value)?,
        "digits" => app.digits = yes_or_no(value)?,
        "recents" => app.recents = yes_or_no(value)?,
        "dials" => app.dials = read_dials(value)?,
        "ring" => app.ring = Some(span(value)?),
        "account" => extras::read_account(app, value, read_dials)?,
        "button" => extras::read_button(app, value)?,
        "front" => app.front = extras::rule_named(value)?,
        "second-calls" => app.second_calls = rules::second_calls_named(value)?,
        "tones" => app.tones = read_tones(value)?,
        "video" => app.video = yes_or_no(value)?,
        "translates" => app.translates = yes_or_no(value)?,
        "temper" => app.temper = read_temper(value)?,
        "latency" => app.temper.latency = span(value)?,
        other => match other.strip_prefix("on-") {
            Some(ask) => app.tempers.push((ask_named(ask)?, read_temper(value)?)),
            None => return Err(unknown("field of an app", other, APP_FIELDS)),
        },
    }
    Ok(())
}

/// Reads `slow` or `slow:1s`.
fn read_temper(value: &str) -> Result<Temper, String> {
    let (name, latency) = value
        .split_once(':')
        .map_or((value, None), |(n, l)| (n, Some(l)));
    let mut temper = temper_named(name)?;
    if let Some(latency) = latency {
        temper.latency = span(latency)?;
    }
    Ok(temper)
}

fn whole_or_single(value: &str) -> Result<bool, String> {
    match value {
        "whole" => Ok(true),
        "single" => Ok(false),
        other => Err(format!("takes needs whole or single, not {other:?}")),
    }
}

fn read_launch(value: &str) -> Result<Launch, String> {
    match value {
        "never" => Ok(Launch::Never),
        "fails" => Ok(Launch::Fails(Duration::from_millis(200))),
        time => span(time).map(Launch::Takes),
    }
}

fn read_reconnect(value: &str) -> Result<Option<Duration>, String> {
    match value {
        "never" => Ok(None),
        time => span(time).map(Some),
    }
}

fn read_numbers(value: &str) -> Result<Vec<Text>, String> {
    let number = |number: &str| Text::new(number).map_err(|why| why.to_string());
    value.split('+').map(number).collect()
}

fn read_tones(value: &str) -> Result<CallTones, String> {
    let named = |name: &str| {
        let known = CallTone::ALL.iter().map(|tone| tone.name());
        let all = known.chain(["all", "none"]);
        CallTone::from_name(name).ok_or_else(|| unknown("tone", name, all))
    };
    match value {
        "none" => Ok(CallTones::default()),
        "all" => Ok(CallTone::ALL.into_iter().collect()),
        names => names.split('+').map(named).collect(),
    }
}

fn read_dials(value: &str) -> Result<HandleKinds, String> {
    let mut kinds = HandleKinds::default();
    for kind in value.split('+') {
        match kind {
            "none" => {}
            "phone" => kinds.phone_number = true,
            "email" => kinds.email_address = true,
            "generic" => kinds.generic = true,
            other => {
                let known = ["phone", "email", "generic", "none"];
                return Err(unknown("kind of address", other, known));
            }
        }
    }
    Ok(kinds)
}

pub(super) fn yes_or_no(value: &str) -> Result<bool, String> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(unknown("value", other, ["yes", "no"])),
    }
}

pub(super) fn span(value: &str) -> Result<Duration, String> {
    read_span(value).ok_or_else(|| format!("{value:?} is not a time such as 50ms"))
}
