//! An event in the words of a trace, and as a story writes it.

use core::time::Duration;

use hookswitch_core::{Action, Event, Outcome, Report, Request, Requester};
use hookswitch_model::{
    AskId, ButtonId, CallId, CallUpdate, Callee, EndpointId, HeadsetGesture, Patch, RingOn, Stamp,
    Translation, Wall,
};
use hookswitch_wire::trace::{Origin, write_span};

use super::alias::Aliases;
use super::around::surroundings;
use super::rules::{Said, rule, same};
use crate::effect::{self, Words, words};
use crate::event::{call_of, origin_of};
use crate::{AskWord, Word, join};

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
    let mut call = call_of(event);
    let (actor, origin, what, input) = match event {
        Event::Report { client, report, .. } => {
            let app = aliases.names().client(*client);
            let origin = origin_of(report);
            let (what, input) = reported(aliases, report, at);
            (app, origin, what, input)
        }
        Event::Request { from, wish, .. } => {
            let (actor, origin) = match from {
                Requester::User => ("user".to_owned(), Origin::User),
                Requester::App(client) => (aliases.names().client(*client), Origin::App),
            };
            let (what, input) = wished(aliases, wish, at);
            (actor, origin, what, input)
        }
        Event::Settled {
            client,
            ask,
            outcome,
        } => {
            let known = asked(*ask);
            call = known.map(|(_, call)| call);
            let said = known.map(|(word, call)| settled(aliases, *outcome, word, call, at));
            let app = aliases.names().client(*client);
            let before = || "settles an ask of before".to_owned();
            (app, Origin::App, said.clone().unwrap_or_else(before), said)
        }
        // An app of a story acknowledges by itself.
        Event::Acknowledged { client, .. } => {
            let app = aliases.names().client(*client);
            (app, Origin::App, "acknowledges".to_owned(), None)
        }
        Event::Environment(environment) => {
            let told = surroundings(aliases, environment, at);
            return Told {
                actor: told.actor,
                origin: told.origin,
                call,
                what: words(&told.what),
                input: told.line,
            };
        }
        Event::Tick => ("clock".to_owned(), Origin::Policy, "tick".to_owned(), None),
    };
    let input = input.map(|input| format!("{actor} {input}"));
    Told {
        actor,
        origin,
        call,
        what: words(&what),
        input,
    }
}

fn settled(aliases: &Aliases, outcome: Outcome, ask: AskWord, call: CallId, now: Stamp) -> String {
    let (verb, using) = match outcome {
        Outcome::Fulfilled { at } => ("fulfills", date(at, now)),
        Outcome::FulfilledUsing(engine) => ("fulfills", format!(" using {}", engine.name())),
        Outcome::Failed => ("fails", String::new()),
    };
    let call = aliases.names().call(call);
    format!("{verb} {} {call}{using}", ask.name())
}

/// The date that an app gives, as a distance from now; nothing if it gives none.
fn date(at: Option<Wall>, now: Stamp) -> String {
    let Some(at) = at else {
        return String::new();
    };
    let millis = at.as_millis().saturating_sub(now.wall.as_millis());
    let sign = if millis < 0 { "-" } else { "+" };
    let span = Duration::from_millis(millis.unsigned_abs());
    format!(" date={sign}{}", write_span(span))
}

fn reported(aliases: &mut Aliases, report: &Report, at: Stamp) -> Said {
    let name = |aliases: &Aliases, call: &CallId| aliases.names().call(*call);
    match report {
        Report::Register { .. } => ("registers".to_owned(), Some(aliases.registration())),
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
        Report::Connecting { call, at: said } => same(format!(
            "reports connecting {}{}",
            name(aliases, call),
            date(*said, at)
        )),
        Report::Connected { call, at: said } => same(format!(
            "reports connected {}{}",
            name(aliases, call),
            date(*said, at)
        )),
        Report::Ended {
            call,
            reason,
            at: said,
        } => same(format!(
            "reports ended {} {}{}",
            name(aliases, call),
            reason.name(),
            date(*said, at)
        )),
        Report::RemoteHeld { call, on } => {
            let what = if *on { "remote-held" } else { "remote-resumed" };
            same(format!("reports {what} {}", name(aliases, call)))
        }
        Report::Held { call, on } => {
            let what = if *on { "held" } else { "resumed" };
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
        (update.early_media, "early-media", "no-early-media"),
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
    out.extend(extras(aliases, update));
    if let Some(called) = update.called_at {
        out.push(Word::new("called-ago"));
        out.push(Word::new(&span(called, at.wall)));
    }
    if let Some(until) = update.ring_until {
        out.push(Word::new("rings-for"));
        out.push(Word::new(&span(at.wall, until)));
    }
    match out.is_empty() {
        true => String::new(),
        false => format!(" {}", join(&out)),
    }
}

/// Its account and the app's own buttons.
fn extras(aliases: &mut Aliases, update: &CallUpdate) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut add = |text: &str| out.push(Word::new(text));
    match &update.account {
        Patch::Keep => {}
        Patch::Clear => add("no-account"),
        Patch::Set(account) => {
            add("account");
            add(&aliases.account(account));
        }
    }
    match update.buttons.as_deref() {
        None => {}
        Some([]) => add("no-buttons"),
        Some(buttons) => {
            let names: Vec<&str> = buttons.iter().map(ButtonId::as_str).collect();
            add("buttons");
            add(&names.join("+"));
        }
    }
    out
}

fn wished(aliases: &mut Aliases, wish: &Request, at: Stamp) -> Said {
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
        Request::ForceEnd(call) => same(format!("force-ends {}", name(aliases, call))),
        Request::Swap => same("swaps".to_owned()),
        Request::SetMuted(call, on) => {
            let verb = if *on { "mutes" } else { "unmutes" };
            same(format!("{verb} {}", name(aliases, call)))
        }
        Request::Digits(call, digits) => {
            let (call, digits) = (name(aliases, call), aliases.digits(digits));
            let input = format!("digits {} {call}", effect::digits(&digits));
            (format!("digits {call}"), Some(input))
        }
        Request::SendRest(call) => same(format!("sends-rest {}", name(aliases, call))),
        Request::DropRest(call) => same(format!("drops-rest {}", name(aliases, call))),
        Request::Silence(call) => same(format!("silences {}", name(aliases, call))),
        Request::Dial { call, app, to } => {
            let (call, app) = (name(aliases, call), aliases.names().app(app));
            let how = how(aliases, to);
            let to = Word::new(&aliases.address(&to.handle));
            let input = format!("dials {app} {to} as {call}{how}");
            (format!("dials {app} {call}"), Some(input))
        }
        Request::Open(call) => same(format!("opens {}", name(aliases, call))),
        Request::Route(device) => same(format!("routes {}", aliases.device(device))),
        Request::RouteCall(call, to) => same(routes(aliases, call, to)),
        Request::SetRingOn(on) => same(rings_on(aliases, on)),
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
        Request::ChangeRule(change) => rule(aliases, change, at.wall),
        Request::Headset { gesture, endpoint } => headset(aliases, *gesture, endpoint.as_ref()),
        Request::Audio(wanted) => same(format!("wants {}", wanted.name())),
    }
}

fn routes(aliases: &mut Aliases, call: &CallId, to: &EndpointId) -> String {
    let call = aliases.names().call(*call);
    format!("routes {call} {}", aliases.device(to))
}

pub(super) fn rings_on(aliases: &mut Aliases, on: &RingOn) -> String {
    match on {
        RingOn::Device(id) => format!("rings-on {}", aliases.device(id)),
        RingOn::Default | RingOn::Everywhere => format!("rings-on {}", on.name()),
    }
}

fn headset(aliases: &mut Aliases, gesture: HeadsetGesture, on: Option<&EndpointId>) -> Said {
    let on = on.map_or(String::new(), |device| {
        format!(" {}", aliases.device(device))
    });
    let input = format!("headset {}{on}", gesture.name());
    (format!("headset-{}", gesture.name()), Some(input))
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

/// With video, and through which account.
fn how(aliases: &mut Aliases, to: &Callee) -> String {
    let mut out = if to.video { " video" } else { "" }.to_owned();
    if let Some(account) = &to.account {
        out.push_str(&format!(
            " account {}",
            Word::new(&aliases.account(account))
        ));
    }
    out
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
            let mut how = how(aliases, to);
            if let Some(contact) = &to.contact {
                let person = Word::new(&aliases.person(contact));
                how.push_str(&format!(" contact {person}"));
            }
            let to = Word::new(&aliases.address(&to.handle));
            let call = name(aliases, call);
            (format!("start {call} to {to}{how}"), call)
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
            (format!("digits {} {call}", effect::digits(&digits)), call)
        }
    }
}
