//! Recordings: a trace of a real system, played again on a fresh core, or cut into a story.
//!
//! Input: the events that a core was given, with the effects it had. Output: a trace whose events
//! also say how a story would write them.
//!
//! # Promises
//!
//! - **K1** without names: people, addresses, digits and devices have stable aliases, and the same
//!   one has the same alias throughout.
//! - **K2** what is recorded reads as a story; playing it gives the same effects in the same order,
//!   or the first one that differs is shown.
//! - **K3** what a story cannot say is a line without `input`, never left out.
//!
//! # Not here
//!
//! Taking the events from a running daemon (`hookswitch record`).

mod alias;
mod app;
mod around;
mod input;
mod limits;
mod rules;
use std::collections::BTreeMap;

use hookswitch_core::{AskKind, Effect, Environment, Event};
use hookswitch_model::{AccountId, AskId, CallId, Limits, Stamp, Timestamp, Wall};
use hookswitch_wire::trace::{Head, Kind, Line, Origin, RECORDING_VERSION, Trace};

pub use self::alias::Aliases;
use crate::effect::{self as words, Words, ask_word};
use crate::entry::Entry;
use crate::{AskWord, Names};

/// One step of a core: what it was given, and what it wanted done.
#[derive(Clone, Debug)]
pub struct Step {
    /// When.
    pub at: Stamp,
    /// What happened.
    pub event: Event,
    /// What followed.
    pub effects: Vec<Effect>,
}

/// Which recording it is.
#[derive(Clone, Copy, Debug)]
pub struct Recording<'a> {
    /// The steps, oldest first.
    pub steps: &'a [Step],
    /// How many older steps are not there any more.
    pub dropped: u64,
    /// Live calls that were there before the first step.
    pub inherited: usize,
    /// Whether names, addresses and digits are kept.
    pub with_names: bool,
}

/// An event of an app outside in the words of a trace, by names that are known.
#[must_use]
pub fn said(
    names: &Names,
    event: &Event,
    at: Stamp,
    asked: impl Fn(AskId) -> Option<(AskWord, CallId)>,
) -> (String, Origin, Words) {
    let told = input::told(&mut Aliases::of(names.clone()), event, at, asked);
    (told.actor, told.origin, told.what)
}

/// Writes a recording as a trace.
#[must_use]
pub fn record(recording: &Recording<'_>, limits: &Limits) -> Trace {
    let start = recording
        .steps
        .first()
        .map(|step| step.at)
        .unwrap_or_default();
    let mut writer = Writer {
        aliases: Aliases::new(recording.with_names),
        start,
        asks: BTreeMap::new(),
        lines: Vec::new(),
    };
    for step in recording.steps {
        writer.step(step);
    }
    let mut story = vec![format!("profile {}", limits.profile.name())];
    story.extend(limits::lines(limits));
    story.extend(writer.aliases.declarations());
    Trace {
        head: Head {
            title: "Recorded by hookswitchd".to_owned(),
            profile: limits.profile.name().to_owned(),
            story,
            recording: RECORDING_VERSION,
            dropped: recording.dropped,
            inherited: recording.inherited,
            ..Head::default()
        },
        lines: writer.lines,
    }
}

struct Writer {
    aliases: Aliases,
    start: Stamp,
    /// What was asked, and in which line.
    asks: BTreeMap<AskId, (AskWord, CallId, u64)>,
    lines: Vec<Line>,
}

impl Writer {
    fn step(&mut self, step: &Step) {
        self.aliases.meet(&step.event);
        let at = self.shift(begun(step));
        let cause = self.cause(&step.event);
        let told = input::told(&mut self.aliases, &step.event, step.at, |ask| {
            self.asks.get(&ask).map(|(word, call, _)| (*word, *call))
        });
        let seq = self.lines.len() as u64 + 1;
        let call = told
            .call
            .map(|call| (call, self.aliases.names().call(call)));
        let entry = Entry {
            seq,
            at,
            monotonic: at.at,
            kind: Kind::Event,
            device: None,
            actor: told.actor,
            target: "core".to_owned(),
            origin: told.origin,
            cause,
            call,
            what: told.what,
            before: None,
            after: None,
            state: None,
        };
        let mut line = entry.line();
        line.input = told.input;
        let actor = line.actor.clone();
        self.lines.push(line);
        for effect in &step.effects {
            self.effect(effect, at, seq, &actor, told.origin);
        }
    }

    fn effect(&mut self, effect: &Effect, at: Stamp, cause: u64, actor: &str, origin: Origin) {
        let seq = self.lines.len() as u64 + 1;
        if let Effect::Ask { ask, .. } = effect {
            let known = (ask_word(&ask.kind), ask.call, seq);
            self.asks.insert(ask.id, known);
        }
        let effect = &self.shifted(effect);
        let asked = |ask: AskId| self.asks.get(&ask).map(|(word, call, _)| (*word, *call));
        let mut call = words::call_of(effect);
        if let Effect::AskExpired { ask, .. } = effect {
            call = asked(*ask).map(|(_, call)| call);
        }
        let names = self.aliases.names();
        let what: Words = words::effect(names, effect, asked);
        let entry = Entry {
            seq,
            at,
            monotonic: at.at,
            kind: Kind::Effect,
            device: None,
            actor: "core".to_owned(),
            target: words::target(names, effect, actor),
            origin,
            cause: Some(cause),
            call: call.map(|call| (call, names.call(call))),
            what,
            before: None,
            after: None,
            state: None,
        };
        self.lines.push(entry.line());
    }

    /// The effect with its limit on the clock of the recording, and without digits and addresses.
    fn shifted(&mut self, effect: &Effect) -> Effect {
        let mut effect = effect.clone();
        if let Effect::Ask { ask, .. } = &mut effect {
            ask.by = self.point(ask.by);
            if let AskKind::PlayDigits(tones) = &mut ask.kind {
                tones.digits = self.aliases.digits(&tones.digits);
            } else if let AskKind::Start(to) = &mut ask.kind {
                let alias = to.account.as_ref().map(|id| self.aliases.account(id));
                to.account = alias.and_then(|alias| AccountId::new(&alias).ok());
            }
        } else if let Effect::Screen { by, .. } = &mut effect {
            *by = self.point(*by);
        }
        effect
    }

    /// The recording begins at zero; its clock has microseconds, as stories do.
    fn shift(&self, at: Stamp) -> Stamp {
        let wall = at
            .wall
            .as_millis()
            .saturating_sub(self.start.wall.as_millis());
        let wall = wall.saturating_add(crate::WALL_START);
        Stamp::new(self.point(at.at), Wall::from_millis(wall))
    }

    fn point(&self, at: Timestamp) -> Timestamp {
        let nanos = at.as_nanos().saturating_sub(self.start.at.as_nanos());
        Timestamp::from_nanos(nanos / 1_000 * 1_000)
    }

    /// An answer comes from the question.
    fn cause(&self, event: &Event) -> Option<u64> {
        match event {
            Event::Settled { ask, .. } => self.asks.get(ask).map(|(_, _, line)| *line),
            Event::Report { .. }
            | Event::Request { .. }
            | Event::Acknowledged { .. }
            | Event::Environment(_)
            | Event::Tick => None,
        }
    }
}

/// When a step began: a sleep is told when it is over, and a story says when it begins.
fn begun(step: &Step) -> Stamp {
    let Event::Environment(Environment::Slept(span)) = &step.event else {
        return step.at;
    };
    let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    let at = step.at.at.since(Timestamp::ZERO).saturating_sub(*span);
    let wall = step.at.wall.as_millis().saturating_sub(millis);
    Stamp::new(Timestamp::ZERO.after(at), Wall::from_millis(wall))
}
