//! What happens around the calls: devices, screeners, the lock, the daemon's own knowledge.

use core::time::Duration;

use hookswitch_core::Environment;
use hookswitch_model::{
    AppId, CallId, Decision, Endpoint, EndpointId, FrontRules, MaterialId, Stamp,
};
use hookswitch_wire::trace::{Origin, write_span};

use super::alias::Aliases;
use super::input::rings_on;
use super::rules;
use crate::Word;

/// What a line says of it.
pub(super) struct Around {
    pub(super) actor: String,
    pub(super) origin: Origin,
    pub(super) what: String,
    /// The whole line of a story, without its time.
    pub(super) line: Option<String>,
}

impl Around {
    fn new(actor: &str, origin: Origin, what: &str, line: Option<String>) -> Self {
        Self {
            actor: actor.to_owned(),
            origin,
            what: what.to_owned(),
            line,
        }
    }

    /// What is the same in a trace and in a story.
    fn same(actor: &str, origin: Origin, what: &str) -> Self {
        Self::new(actor, origin, what, Some(format!("{actor} {what}")))
    }

    fn daemon(what: &str, line: Option<String>) -> Self {
        Self::new("daemon", Origin::System, what, line)
    }
}

/// Writes a change of the world around.
pub(super) fn surroundings(aliases: &mut Aliases, environment: &Environment, at: Stamp) -> Around {
    match environment {
        Environment::ClientGone(client) => {
            let app = aliases.names().client(*client);
            Around::same(&app, Origin::System, "crashes")
        }
        Environment::LaunchFailed(app) => {
            let what = format!("launch-failed {}", aliases.names().app(app));
            Around::new("system", Origin::System, &what, None)
        }
        Environment::Endpoints { list, route } => {
            let line = format!("audio {}", offers(aliases, list, route.as_ref()));
            Around::new("audio", Origin::Hardware, "endpoints", Some(line))
        }
        Environment::AudioLost => audio("vanishes"),
        // It follows by itself when it is played again.
        Environment::RouteFailed { fault, .. } => {
            let what = format!("route-failed {}", fault.name());
            Around::new("audio", Origin::Hardware, &what, None)
        }
        Environment::Interrupted { reason, began } => {
            let verb = if *began { "interrupts" } else { "frees" };
            audio(&format!("{verb} {}", reason.name()))
        }
        Environment::RingOn(on) => audio(&rings_on(aliases, on)),
        Environment::RingMuted(true) => audio("rings-at 0%"),
        Environment::RingMuted(false) => audio("rings-at 100%"),
        Environment::Ringtone { app, ringtone } => brings(aliases, app, ringtone.as_ref()),
        Environment::MicrophoneMuted(true) => audio("mutes"),
        Environment::MicrophoneMuted(false) => audio("unmutes"),
        Environment::Slept(span) => slept(*span),
        // A story says it in the lines of its apps.
        Environment::CellularApps(_) => Around::daemon("cellular-apps", None),
        Environment::Decided { call, decision } => decided(aliases, *call, decision),
        Environment::Front(rules) => Around::daemon("rules", Some(front(*rules))),
        Environment::Locked(on) => {
            let what = if *on { "locks" } else { "unlocks" };
            Around::same("system", Origin::System, what)
        }
        Environment::Policy(policy) => {
            let line = rules::all(aliases, policy, at.wall);
            Around::daemon("rules", Some(format!("daemon {line}")))
        }
        Environment::Screeners(screeners) => {
            let names: Vec<&str> = screeners.iter().map(|one| one.as_str()).collect();
            let names = match names.is_empty() {
                true => "nobody".to_owned(),
                false => names.join(", "),
            };
            Around::daemon("screeners", Some(format!("screening by {names}")))
        }
        Environment::Verdict {
            call,
            screener,
            verdict,
        } => {
            let what = format!("verdict {} {}", verdict.name(), aliases.names().call(*call));
            let line = Some(format!("{what} by {screener}"));
            Around::new(screener.as_str(), Origin::Policy, &what, line)
        }
        Environment::Foreground { app, on } => {
            let number = aliases.meet_app(app);
            let app = aliases.names().app_name(number).to_owned();
            let place = if *on { "foreground" } else { "background" };
            Around::same(&app, Origin::System, &format!("goes {place}"))
        }
    }
}

fn brings(aliases: &mut Aliases, app: &AppId, ringtone: Option<&MaterialId>) -> Around {
    let number = aliases.meet_app(app);
    let app = aliases.names().app_name(number).to_owned();
    let name = ringtone.map_or("none", MaterialId::as_str);
    Around::same(&app, Origin::App, &format!("sets-ringtone {name}"))
}

/// What was decided and what the caller is called; which rules were asked in vain is left out.
fn decided(aliases: &mut Aliases, call: CallId, decision: &Decision) -> Around {
    let what = format!("decides {}", aliases.names().call(call));
    let mut out = format!("directory {what}");
    if let Some(step) = decision.decisive() {
        out.push_str(&format!(" by {}", step.rule.name()));
        if let Some(list) = &step.list {
            out.push_str(&format!(" of {}", Word::new(&aliases.list(&list.name))));
        }
    }
    if let Some(label) = decision.label() {
        let name = aliases.person(&label.text);
        out.push_str(&format!(" naming {}", Word::new(&name)));
    }
    Around::new("directory", Origin::Policy, &what, Some(out))
}

/// A story says when the sleep begins.
fn slept(span: Duration) -> Around {
    let span = write_span(span);
    let line = Some(format!("system suspends {span}"));
    Around::new("system", Origin::System, &format!("slept {span}"), line)
}

fn audio(what: &str) -> Around {
    Around::same("audio", Origin::Hardware, what)
}

fn front(rules: FrontRules) -> String {
    let rule = rules.on_answer.map_or("app", |rule| rule.name());
    let driving = if rules.driving { " driving" } else { "" };
    format!("daemon front {rule}{driving}")
}

fn offers(aliases: &mut Aliases, list: &[Endpoint], route: Option<&EndpointId>) -> String {
    if list.is_empty() {
        return "vanishes".to_owned();
    }
    let devices: Vec<String> = list
        .iter()
        .map(|device| {
            let kind = device.kind.name();
            format!("{kind}:{}", aliases.device(&device.id))
        })
        .collect();
    let using = route.map_or(String::new(), |route| {
        format!(" using {}", aliases.device(route))
    });
    format!("offers {}{using}", devices.join(", "))
}
