//! The null bus edge: delivers effects to the simulated apps and remembers what a user would see.

use core::time::Duration;

use hookswitch_core::{Accepted, Ask, Effect, RingTone};
use hookswitch_model::{AppId, AskId, CallId, ClientId, RingState, Snapshot, Stamp, ToneState};

use super::app::{Reaction, on_ask};
use super::queue::Doing;
use super::{KnownAsk, World, phase_of};
use crate::describe::{self, ask_word};
use crate::letters::letter_of;
use crate::scenario::{Launch, TemperKind};
use crate::trace::{Entry, Kind, Origin, state_of};

/// How long an app takes to adopt a call.
const SOON: Duration = Duration::from_millis(10);

impl World {
    /// Delivers one effect.
    pub(super) fn deliver(&mut self, at: Stamp, effect: &Effect, cause: u64, before: &Snapshot) {
        if let Effect::Ask { client, ask, .. } = effect {
            let known = KnownAsk {
                word: ask_word(&ask.kind),
                call: ask.call,
                client: *client,
            };
            self.asks.insert(ask.id, known);
        }
        let seq = self.next_seq();
        let entry = self.effect_entry(at, effect, cause, before);
        self.entries.push(entry);
        self.mind_service(effect, seq);
        let told = self.tell_guest(effect, seq) || self.tells_outsider(effect);
        match effect {
            Effect::Ask { client, ask, .. } => self.on_ask(*client, ask, told, seq),
            Effect::AskExpired { client, ask, .. } => self.on_expired(*client, *ask, told, seq),
            Effect::Reply { request, result } => {
                self.reply_to_guest(*request, result, seq);
                if let Ok(Accepted::Registered { orphans, .. }) = result {
                    let calls: Vec<CallId> = orphans.iter().map(|(call, _)| *call).collect();
                    self.on_orphans(cause, &calls, seq);
                }
            }
            Effect::Launch(app) => self.on_launch(app, seq),
            Effect::Ring { call, tone, .. } => {
                self.ring = match tone {
                    RingTone::Ring => RingState::Ringing(*call),
                    RingTone::Waiting => RingState::Waiting(*call),
                };
            }
            Effect::Unlock => {}
            Effect::StopRing => self.ring = RingState::Quiet,
            Effect::StartTone { call, tone, .. } => {
                self.tone = Some(ToneState {
                    call: *call,
                    tone: *tone,
                });
            }
            Effect::StopTone => self.tone = None,
            Effect::Route {
                endpoint,
                generation,
            } => self.on_route(endpoint, *generation, seq),
            Effect::Record(entry) => self.recents.push((**entry).clone()),
            Effect::Amend(amendment) => {
                let recents = self.recents.iter_mut();
                recents.for_each(|entry| amendment.apply(entry));
            }
            Effect::KeepPolicy(policy) => self.keep_rules(policy),
            // Simulated apps need not know, and screeners speak by lines of the story.
            Effect::CallEnded { .. }
            | Effect::AudioActivated { .. }
            | Effect::AudioDeactivated { .. }
            | Effect::AudioDenied { .. }
            | Effect::AudioInterrupted { .. }
            | Effect::Open { .. }
            | Effect::Screen { .. }
            | Effect::RouteFinished { .. }
            | Effect::Finished { .. }
            | Effect::Dropped { .. }
            | Effect::Publish { .. }
            | Effect::Anomaly(_) => {}
        }
    }

    fn effect_entry(&self, at: Stamp, effect: &Effect, cause: u64, before: &Snapshot) -> Entry {
        let asked = |ask| self.asks.get(&ask).map(|known| (known.word, known.call));
        let mut call = describe::call_of(effect);
        if let Effect::AskExpired { ask, .. } = effect {
            call = asked(*ask).map(|(_, call)| call);
        }
        Entry {
            seq: self.next_seq(),
            at,
            monotonic: self.monotonic(),
            kind: Kind::Effect,
            device: None,
            actor: "core".to_owned(),
            target: describe::target(&self.names, effect, &self.entry_actor(cause)),
            origin: self.wanted_by(cause),
            cause: Some(cause),
            before: call.and_then(|call| phase_of(before, call)),
            after: call.and_then(|call| phase_of(&self.state, call)),
            call: call.map(|call| (call, self.names.call(call))),
            what: describe::effect(&self.names, effect, asked),
            state: matches!(effect, Effect::Publish { .. })
                .then(|| state_of(&self.names, &self.state)),
        }
    }

    /// Who wanted what follows from an event: an answer to an ask carries on the wish behind it.
    fn wanted_by(&self, cause: u64) -> Origin {
        let Some(event) = self.entry(cause) else {
            return Origin::System;
        };
        let ask = event.cause.and_then(|ask| self.entry(ask));
        let answered = ask.filter(|ask| ask.kind == Kind::Effect && ask.what[0] == "ask");
        match answered {
            Some(ask) if event.origin == Origin::App => ask.origin,
            Some(_) | None => event.origin,
        }
    }

    fn entry(&self, seq: u64) -> Option<&Entry> {
        let index = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.entries.get(index)
    }

    fn entry_actor(&self, seq: u64) -> String {
        let entry = self.entry(seq);
        entry.map_or_else(|| "core".to_owned(), |entry| entry.actor.clone())
    }

    /// Whether an effect goes to an app on a real bus, whose host hands it out.
    fn tells_outsider(&self, effect: &Effect) -> bool {
        letter_of(effect).is_some_and(|(client, _)| self.is_outsider(client))
    }

    fn is_connected(&self, client: ClientId) -> bool {
        self.apps.iter().any(|app| app.client == Some(client))
    }

    fn on_ask(&mut self, client: ClientId, ask: &Ask, is_told: bool, seq: u64) {
        if !self.is_connected(client) {
            self.laws
                .report("L4", format!("{} went to a dead connection", ask.id));
            return;
        }
        if is_told {
            return;
        }
        let Some(app) = self.names.app_of(client) else {
            return;
        };
        for (ask, seq) in self.apps[app].taken(client, ask, seq) {
            self.react(app, client, &ask, seq);
        }
    }

    fn react(&mut self, app: usize, client: ClientId, ask: &Ask, seq: u64) {
        let temper = self.apps[app].temper(ask_word(&ask.kind));
        let at = self.now.after(temper.latency);
        let settle = |fulfilled| Doing::Settle {
            client,
            ask: ask.id,
            fulfilled,
        };
        match on_ask(temper) {
            Reaction::Settle(fulfilled) => self.queue.push(at, settle(fulfilled), seq),
            Reaction::Contradict => {
                self.queue.push(at, settle(true), seq);
                self.queue.push(at.after(SOON), settle(false), seq);
            }
            Reaction::Crash => self.queue.push(at, Doing::Crash(client), seq),
            Reaction::Nothing => {}
        }
    }

    fn on_expired(&mut self, client: ClientId, ask: AskId, is_told: bool, seq: u64) {
        if is_told {
            return;
        }
        let known = self.asks.get(&ask).copied();
        let (Some(known), Some(app)) = (known, self.names.app_of(client)) else {
            return;
        };
        let temper = self.apps[app].temper(known.word);
        if temper.kind == TemperKind::Late {
            let doing = Doing::Settle {
                client,
                ask,
                fulfilled: true,
            };
            self.queue.push(self.now.after(temper.latency), doing, seq);
        }
    }

    /// The app of the registering step takes its calls back, one after the other.
    fn on_orphans(&mut self, cause: u64, calls: &[CallId], seq: u64) {
        let name = self.entry_actor(cause);
        let found = self.apps.iter().position(|app| app.decl.name == name);
        let Some((app, client)) = found.and_then(|app| Some((app, self.apps[app].client?))) else {
            return;
        };
        let mut at = self.now;
        if self.is_outside(app) {
            return;
        }
        if self.guests.has(app) {
            self.welcome_guest(app, calls, seq);
        } else if self.apps[app].decl.adopts {
            for call in self.still_has(app, calls) {
                at = at.after(SOON);
                self.queue.push(at, Doing::Adopt(client, call), seq);
            }
        }
        if !self.apps[app].backlog.is_empty() {
            self.queue.push(at.after(SOON), Doing::CatchUp(app), seq);
        }
        if self.has_inbox(app) {
            self.queue.push(at.after(SOON), Doing::ReadInbox(app), seq);
        }
    }

    pub(super) fn on_launch(&mut self, app: &AppId, seq: u64) {
        let Some(app) = self.names.app_number(app) else {
            return;
        };
        if self.apps[app].client.is_some() || self.apps[app].starting || self.apps[app].away {
            return;
        }
        let (span, doing) = match self.apps[app].decl.launch {
            Launch::Takes(span) => (span, Doing::Connect(app)),
            Launch::Fails(span) => (span, Doing::LaunchFails(app)),
            Launch::Never => return,
        };
        self.apps[app].starting = true;
        self.queue.push(self.now.after(span), doing, seq);
    }
}
