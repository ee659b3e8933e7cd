//! An event in the words of a trace, and as a story writes it.

use core::time::Duration;

use hookswitch_core::{Action, Environment, Event, Outcome, Report, Request, Requester};
use hookswitch_model::{
    AskId, CallId, CallUpdate, Endpoint, EndpointId, Handle, HeadsetGesture, Patch, RuleChange,
    Stamp, Translation, Wall,
};

use super::alias::Aliases;
use crate::describe::{self, Words, words};
use crate::scenario::{AskWord, Word, join, write_span};
use crate::trace::Origin;

/// What a line says of an event.
pub(super) struct Told {
    pub(super) actor: String,
    pub(super) origin: Origin,
    pub(super) call: Option<CallId>,
    pub(super) what: Words,
    /// As a story writes it, if it can.
    pub(super) input: Option<String>,
}

/// Writes an event.
pub(super) fn told(
    aliases: &mut Aliases,
    event: &Event,
    at: Stamp,
    asked: impl Fn(AskId) -> Option<(AskWord, CallId)>,
) -> Told {
    let mut call = crate::world::call_of(event);
    let (actor, origin, what, input) = match event {
        Event::Report { client, report, .. } => {
            let app = aliases.names().client(*client);
            let origin = crate::world::origin_of(report);
            let (what, input) = reported(aliases, report, at);
            (app, origin, what, input)
        }
        Event::Request { from, wish, .. } => {
            let (actor, origin) = match from {
                Requester::User => ("user".to_owned(), Origin::User),
                Requester::App(client) => (aliases.names().client(*client), Origin::App),
            };
            let (what, input) = wished(aliases, wish);
            (actor, origin, what, input)
        }
        Event::Settled {
            client,
            ask,
            outcome,
        } => {
            let verb = match outcome {
                Outcome::Fulfilled { .. } | Outcome::FulfilledUsing(_) => "fulfills",
                Outcome::Failed => "fails",
            };
            let known = asked(*ask);
            call = known.map(|(_, call)| call);
            let said = known.map(|(word, call)| {
                format!("{verb} {} {}", word.name(), aliases.names().call(call))
            });
            let app = aliases.names().client(*client);
            let what = said
                .clone()
                .unwrap_or_else(|| format!("{verb} an ask of before"));
            (app, Origin::App, what, said)
        }
        // An app of a story acknowledges by itself.
        Event::Acknowledged { client, .. } => {
            let app = aliases.names().client(*client);
            (app, Origin::App, "acknowledges".to_owned(), None)
        }
        Event::Environment(environment) => surroundings(aliases, environment),
        Event::Tick => ("clock".to_owned(), Origin::Policy, "tick".to_owned(), None),
    };
    let input = input.map(|input| match actor.as_str() {
        "audio" => format!("audio {input}"),
        actor => format!("{actor} {input}"),
    });
    Told {
        actor,
        origin,
        call,
        what: words(&what),
        input,
    }
}

type Said = (String, Option<String>);

/// What is the same in a trace and in a story.
fn same(text: String) -> Said {
    (text.clone(), Some(text))
}

fn reported(aliases: &mut Aliases, report: &Report, at: Stamp) -> Said {
    let name = |aliases: &Aliases, call: &CallId| aliases.names().call(*call);
    match report {
        Report::Register { .. } => ("registers".to_owned(), Some("starts".to_owned())),
        Report::Invalidate => same("invalidates".to_owned()),
        Report::Incoming { call, update, .. } => {
            let what = format!("reports incoming {}", name(aliases, call));
            let input = format!("{what}{}", facts(aliases, update, at));
            (what, Some(input))
        }
        Report::Updated { call, update } => {
            let what = format!("reports updated {}", name(aliases, call));
            let input = format!("{what}{}", facts(aliases, update, at));
            (what, Some(input))
        }
        Report::Connecting { call } => same(format!("reports connecting {}", name(aliases, call))),
        Report::Connected { call, .. } => {
            same(format!("reports connected {}", name(aliases, call)))
        }
        Report::Ended { call, reason } => same(format!(
            "reports ended {} {}",
            name(aliases, call),
            reason.name()
        )),
        Report::RemoteHeld { call, on } => {
            let what = if *on { "remote-held" } else { "remote-resumed" };
            same(format!("reports {what} {}", name(aliases, call)))
        }
        Report::Muted { call, on } => {
            let what = if *on { "muted" } else { "unmuted" };
            same(format!("reports {what} {}", name(aliases, call)))
        }
        Report::VideoOffer { call, on } => {
            let what = if *on {
                "video-offered"
            } else {
                "video-withdrawn"
            };
            same(format!("reports {what} {}", name(aliases, call)))
        }
        Report::Adopt { call } => same(format!("adopts {}", name(aliases, call))),
    }
}

/// What is known about a call, as a story writes it.
fn facts(aliases: &mut Aliases, update: &CallUpdate, at: Stamp) -> String {
    let mut out: Vec<Word> = Vec::new();
    let mut add = |text: &str| out.push(Word::new(text));
    match &update.handle {
        Patch::Keep => {}
        Patch::Clear => {
            add("from");
            add("anonymous");
        }
        Patch::Set(handle) => {
            add("from");
            add(&aliases.address(handle));
        }
    }
    match &update.name {
        Patch::Keep => {}
        Patch::Clear => add("no-name"),
        Patch::Set(name) => {
            add("name");
            add(&aliases.person(name));
        }
    }
    let flags = [
        (update.video, "video", "no-video"),
        (update.holding, "holding", "no-holding"),
        (update.grouping, "grouping", "no-grouping"),
        (update.ungrouping, "ungrouping", "no-ungrouping"),
        (update.digits, "dialpad", "no-dialpad"),
        (update.emergency, "emergency", "no-emergency"),
    ];
    for (value, yes, no) in flags {
        match value {
            Some(true) => add(yes),
            Some(false) => add(no),
            None => {}
        }
    }
    let span = |from: Wall, to: Wall| {
        let millis = to.as_millis().saturating_sub(from.as_millis());
        write_span(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
    };
    if let Some(called) = update.called_at {
        add("called-ago");
        add(&span(called, at.wall));
    }
    if let Some(until) = update.ring_until {
        add("rings-for");
        add(&span(at.wall, until));
    }
    match out.is_empty() {
        true => String::new(),
        false => format!(" {}", join(&out)),
    }
}

fn wished(aliases: &mut Aliases, wish: &Request) -> Said {
    let name = |aliases: &Aliases, call: &CallId| aliases.names().call(*call);
    match wish {
        Request::Transaction(actions) => requested(aliases, actions),
        Request::Answer { call, mode } => {
            let call = name(aliases, call);
            let what = format!("answers-{} {call}", mode.name());
            (what, Some(format!("answers {call} {}", mode.name())))
        }
        Request::Decline(call) => same(format!("declines {}", name(aliases, call))),
        Request::End(call) => same(format!("ends {}", name(aliases, call))),
        Request::SetHeld(call, on) => {
            let verb = if *on { "holds" } else { "resumes" };
            same(format!("{verb} {}", name(aliases, call)))
        }
        Request::Merge(call, with) => {
            let (call, with) = (name(aliases, call), name(aliases, with));
            same(format!("merges {call} with {with}"))
        }
        Request::Split(call) => same(format!("splits {}", name(aliases, call))),
        Request::EndGroup(call) => same(format!("ends-group {}", name(aliases, call))),
        Request::Swap => same("swaps".to_owned()),
        Request::SetMuted(call, on) => {
            let verb = if *on { "mutes" } else { "unmutes" };
            same(format!("{verb} {}", name(aliases, call)))
        }
        Request::Digits(call, digits) => {
            let (call, digits) = (name(aliases, call), aliases.digits(digits));
            let input = format!("digits {} {call}", describe::digits(&digits));
            (format!("digits {call}"), Some(input))
        }
        Request::SendRest(call) => same(format!("sends-rest {}", name(aliases, call))),
        Request::DropRest(call) => same(format!("drops-rest {}", name(aliases, call))),
        Request::Silence(call) => same(format!("silences {}", name(aliases, call))),
        Request::Dial { call, app, to } => {
            let (call, app) = (name(aliases, call), aliases.names().app(app));
            let video = if to.video { " video" } else { "" };
            let to = Word::new(&aliases.address(&to.handle));
            let input = format!("dials {app} {to} as {call}{video}");
            (format!("dials {app} {call}"), Some(input))
        }
        Request::Open(call) => same(format!("opens {}", name(aliases, call))),
        Request::Route(device) => same(format!("routes {}", aliases.device(device))),
        Request::SetVideo(call, on) => {
            let verb = if *on { "starts-video" } else { "stops-video" };
            same(format!("{verb} {}", name(aliases, call)))
        }
        Request::DeclineVideo(call) => same(format!("declines-video {}", name(aliases, call))),
        Request::SetTranslating(call, to) => same(match languages(to.as_ref()) {
            Some(languages) => format!("translates {} {languages}", name(aliases, call)),
            None => format!("stops-translating {}", name(aliases, call)),
        }),
        Request::Custom(call, button) => same(format!("presses {button} {}", name(aliases, call))),
        Request::SetOnAnswer(rule) => {
            let word = rule.map_or("app", |rule| rule.name());
            same(format!("prefers {word}"))
        }
        Request::SetDriving(true) => same("drives".to_owned()),
        Request::SetDriving(false) => same("drives no-more".to_owned()),
        Request::ChangeRule(change) => rule(aliases, change),
        Request::Headset { gesture, endpoint } => headset(aliases, *gesture, endpoint.as_ref()),
        Request::Audio(wanted) => same(format!("wants {}", wanted.name())),
    }
}

fn headset(aliases: &mut Aliases, gesture: HeadsetGesture, on: Option<&EndpointId>) -> Said {
    let on = on.map_or(String::new(), |device| {
        format!(" {}", aliases.device(device))
    });
    let input = format!("headset {}{on}", gesture.name());
    (format!("headset-{}", gesture.name()), Some(input))
}

/// A change of the user's rules. When do-not-disturb ends by itself is left out of a story.
fn rule(aliases: &mut Aliases, change: &RuleChange) -> Said {
    let mut about = |verb: &str, handle: &Handle| {
        let address = Word::new(&aliases.address(handle));
        (verb.to_owned(), Some(format!("{verb} {address}")))
    };
    match change {
        RuleChange::DoNotDisturb { on: true, .. } => same("dnd on".to_owned()),
        RuleChange::DoNotDisturb { on: false, .. } => same("dnd off".to_owned()),
        RuleChange::Allow(handle, true) => about("allows", handle),
        RuleChange::Allow(handle, false) => about("disallows", handle),
        RuleChange::Block(handle, true) => about("blocks", handle),
        RuleChange::Block(handle, false) => about("unblocks", handle),
        RuleChange::RepeatedCallers(_) => ("repeated-callers".to_owned(), None),
    }
}

fn requested(aliases: &mut Aliases, actions: &[Action]) -> Said {
    let said: Vec<(String, String)> = actions
        .iter()
        .map(|action| action_words(aliases, action))
        .collect();
    let written: Vec<&str> = said.iter().map(|(words, _)| words.as_str()).collect();
    let names: Vec<&str> = said.iter().map(|(_, name)| name.as_str()).collect();
    let input = match written.is_empty() {
        true => "requests nothing".to_owned(),
        false => format!("requests {}", written.join(", ")),
    };
    (format!("requests {}", names.join(" ")), Some(input))
}

fn languages(to: Option<&Translation>) -> Option<String> {
    to.map(|to| format!("{} {}", to.local, to.remote))
}

/// An action as a story writes it, and the name of its call.
fn action_words(aliases: &mut Aliases, action: &Action) -> (String, String) {
    let name = |aliases: &Aliases, call: &CallId| aliases.names().call(*call);
    let plain = |verb: &str, call: String| (format!("{verb} {call}"), call);
    match action {
        Action::Start { call, to, .. } => {
            let video = if to.video { " video" } else { "" };
            let to = Word::new(&aliases.address(&to.handle));
            let call = name(aliases, call);
            (format!("start {call} to {to}{video}"), call)
        }
        Action::Answer(call) => plain("answer", name(aliases, call)),
        Action::End(call) => plain("end", name(aliases, call)),
        Action::SetHeld(call, true) => plain("hold", name(aliases, call)),
        Action::SetHeld(call, false) => plain("resume", name(aliases, call)),
        Action::SetMuted(call, true) => plain("mute", name(aliases, call)),
        Action::SetMuted(call, false) => plain("unmute", name(aliases, call)),
        Action::SetGroup(call, Some(with)) => {
            let (call, with) = (name(aliases, call), name(aliases, with));
            (format!("group {call} with {with}"), call)
        }
        Action::SetGroup(call, None) => plain("ungroup", name(aliases, call)),
        Action::SetTranslating(call, to) => {
            let call = name(aliases, call);
            match languages(to.as_ref()) {
                Some(languages) => (format!("translate {call} {languages}"), call),
                None => plain("stop-translating", call),
            }
        }
        Action::PlayDigits(call, digits) => {
            let (call, digits) = (name(aliases, call), aliases.digits(digits));
            (format!("digits {} {call}", describe::digits(&digits)), call)
        }
    }
}

fn surroundings(
    aliases: &mut Aliases,
    environment: &Environment,
) -> (String, Origin, String, Option<String>) {
    let daemon = |what: &str| ("daemon".to_owned(), Origin::System, what.to_owned(), None);
    match environment {
        Environment::ClientGone(client) => {
            let app = aliases.names().client(*client);
            (
                app,
                Origin::System,
                "crashes".to_owned(),
                Some("crashes".to_owned()),
            )
        }
        Environment::LaunchFailed(app) => {
            let app = aliases.names().app(app);
            let what = format!("launch-failed {app}");
            ("system".to_owned(), Origin::System, what, None)
        }
        Environment::Endpoints { list, route } => {
            let input = Some(offers(aliases, list, route.as_ref()));
            ("audio".into(), Origin::Hardware, "endpoints".into(), input)
        }
        Environment::AudioLost => audio("vanishes", "", true),
        Environment::RouteFailed { fault, .. } => audio("route-failed", fault.name(), false),
        Environment::Interrupted { reason, began } => {
            let verb = if *began { "interrupts" } else { "frees" };
            audio(verb, reason.name(), true)
        }
        Environment::MicrophoneMuted(true) => audio("mutes", "", true),
        Environment::MicrophoneMuted(false) => audio("unmutes", "", true),
        Environment::CellularApps(_) => daemon("cellular-apps"),
        Environment::Decided { .. } => daemon("decides"),
        Environment::Front(_) => daemon("rules"),
        Environment::Locked(on) => {
            let what = if *on { "locks" } else { "unlocks" }.to_owned();
            (
                "system".to_owned(),
                Origin::System,
                what.clone(),
                Some(what),
            )
        }
        Environment::Policy(_) => daemon("rules"),
        Environment::Screeners(_) => daemon("screeners"),
        Environment::Verdict {
            call,
            screener,
            verdict,
        } => {
            let call = aliases.names().call(*call);
            let what = format!("verdict {} {call}", verdict.name());
            (screener.as_str().to_owned(), Origin::Policy, what, None)
        }
        Environment::Foreground { app, on } => {
            let app = aliases.names().app(app);
            let what = if *on {
                "goes foreground"
            } else {
                "goes background"
            };
            (app, Origin::System, what.to_owned(), Some(what.to_owned()))
        }
    }
}

/// What the audio server does; some of it follows by itself when it is played again.
fn audio(verb: &str, object: &str, is_input: bool) -> (String, Origin, String, Option<String>) {
    let what = format!("{verb} {object}").trim_end().to_owned();
    let input = is_input.then(|| what.clone());
    ("audio".to_owned(), Origin::Hardware, what, input)
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
