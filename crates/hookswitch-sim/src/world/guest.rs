//! Apps under test in the world: what they are told, and what they do.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use hookswitch_core::{Accepted, AskKind, Effect};
use hookswitch_model::{AskId, CallId, ClientId, Cursor, Rejection, RequestId, Timestamp};
use serde_json::Value;

use super::World;
use super::queue::Doing;
use crate::guest::message::{self, field};
use crate::guest::{Guest, Turn};
use crate::laws::GUEST;
use crate::letters::letter_of;
use crate::scenario::{AppAct, Scenario, read_app_act};

/// Most turns at one instant; more is a loop.
const TURNS_MAX: u32 = 2_000;

/// All apps under test.
#[derive(Debug, Default)]
pub(super) struct Guests {
    hosts: BTreeMap<usize, Host>,
    /// Names of apps and calls, for reading what guests write.
    names: Option<Scenario>,
    /// The guest whose report or request is being handled, and its own number for it.
    asking: Option<(usize, Value)>,
    /// Reports and requests of guests without a reply so far.
    asked: BTreeMap<RequestId, (usize, Value)>,
    turns: (Timestamp, u32),
}

/// One app under test.
#[derive(Debug)]
struct Host {
    guest: Box<dyn Guest>,
    inbox: VecDeque<Value>,
    is_up: bool,
    /// Grows with each wait, so that an older wait is void.
    waits: u64,
}

impl Guests {
    /// Puts guests in the place of apps, by number.
    pub(super) fn new(scenario: &Scenario, guests: Vec<(usize, Box<dyn Guest>)>) -> Self {
        let host = |(app, guest)| {
            let host = Host {
                guest,
                inbox: VecDeque::new(),
                is_up: false,
                waits: 0,
            };
            (app, host)
        };
        Self {
            names: (!guests.is_empty()).then(|| scenario.clone()),
            hosts: guests.into_iter().map(host).collect(),
            ..Self::default()
        }
    }

    /// A report or request gets its number; if a guest makes it, the reply is for the guest.
    pub(super) fn number(&mut self, request: RequestId) {
        if let Some(asking) = self.asking.take() {
            self.asked.insert(request, asking);
        }
    }

    /// Whether an app is one of these.
    pub(super) fn has(&self, app: usize) -> bool {
        self.hosts.contains_key(&app)
    }
}

impl World {
    /// The guest behind a connection.
    fn guest_of(&self, client: ClientId) -> Option<usize> {
        let app = self.names.app_of(client)?;
        self.guests.has(app).then_some(app)
    }

    /// An app connects: if it is a guest, its process is started.
    pub(super) fn wake_guest(&mut self, app: usize) {
        let hello = message::hello(
            self.names.app_name(app),
            &self.apps[app].decl.id,
            self.now,
            &self
                .names
                .calls()
                .map(|(name, _)| name.to_owned())
                .collect::<Vec<_>>(),
        );
        let Some(host) = self.guests.hosts.get_mut(&app).filter(|host| !host.is_up) else {
            return;
        };
        host.is_up = true;
        let turn = host.guest.start(&hello);
        if turn.as_ref().is_ok_and(|turn| turn.acknowledges) {
            self.apps[app].decl.acks = false;
        }
        self.after_turn(app, turn);
    }

    /// The process of an app is gone.
    pub(super) fn stop_guest(&mut self, app: usize) {
        if let Some(host) = self.guests.hosts.get_mut(&app) {
            host.guest.stop();
            host.inbox.clear();
            host.is_up = false;
            host.waits += 1;
        }
    }

    /// Tells a guest what an effect is for it; says whether the app is one.
    pub(super) fn tell_guest(&mut self, effect: &Effect, seq: u64) -> bool {
        let Some((client, letter)) = letter_of(effect) else {
            return false;
        };
        let Some(app) = self.guest_of(client) else {
            return false;
        };
        if let Some(message) = self.guest_message(effect) {
            self.put(app, message::with_letter(message, &letter), seq);
        }
        true
    }

    fn guest_message(&self, effect: &Effect) -> Option<Value> {
        let name = |call: &CallId| self.names.call(*call);
        match effect {
            Effect::Ask { ask, .. } => {
                let mut out = message::perform(ask.id, &ask.kind, &name(&ask.call), ask.by);
                if let AskKind::SetGroup(Some((with, _))) = &ask.kind {
                    out["with"] = name(with).into();
                }
                Some(out)
            }
            Effect::AskExpired { ask, .. } => Some(message::expired(*ask)),
            Effect::CallEnded { call, reason, .. } => {
                Some(message::ended(&name(call), reason.name()))
            }
            Effect::AudioActivated { call, .. } => Some(message::audio(&name(call), true)),
            Effect::AudioDeactivated { call, .. } => Some(message::audio(&name(call), false)),
            Effect::AudioDenied { call, reason, .. } => {
                Some(message::audio_denied(&name(call), reason.name()))
            }
            Effect::AudioInterrupted {
                call,
                reason,
                began,
                ..
            } => Some(message::audio_interrupted(
                &name(call),
                reason.name(),
                *began,
            )),
            Effect::Open { call, .. } => Some(message::open(&name(call))),
            Effect::Reply { .. }
            | Effect::Unlock
            | Effect::Launch(_)
            | Effect::Screen { .. }
            | Effect::Ring { .. }
            | Effect::StopRing
            | Effect::StartTone { .. }
            | Effect::StopTone
            | Effect::KeepPolicy(_)
            | Effect::Route { .. }
            | Effect::RouteFinished { .. }
            | Effect::Record(_)
            | Effect::Amend(_)
            | Effect::Finished { .. }
            | Effect::Dropped { .. }
            | Effect::Publish { .. }
            | Effect::Anomaly(_) => None,
        }
    }

    fn put(&mut self, app: usize, message: Value, seq: u64) {
        if let Some(host) = self.guests.hosts.get_mut(&app) {
            host.inbox.push_back(message);
            self.queue.push(self.now, Doing::Tell(app), seq);
        }
    }

    /// The reply to a report or request: guests get it with their own number.
    pub(super) fn reply_to_guest(
        &mut self,
        request: RequestId,
        result: &Result<Accepted, Rejection>,
        seq: u64,
    ) {
        if let Some((app, id)) = self.guests.asked.remove(&request) {
            self.put(app, message::reply(&id, result), seq);
        }
    }

    /// A guest is registered; it has these calls of its former process.
    pub(super) fn welcome_guest(&mut self, app: usize, calls: &[CallId], seq: u64) {
        let calls: Vec<String> = calls.iter().map(|call| self.names.call(*call)).collect();
        self.put(app, message::registered(&calls), seq);
    }

    /// Guests hear and answer what happened at this instant, as part of the same step of the story.
    pub(super) fn drain_guests(&mut self) {
        let waiting = |(app, host): (&usize, &Host)| (!host.inbox.is_empty()).then_some(*app);
        while let Some(app) = self.guests.hosts.iter().find_map(waiting) {
            self.talk(app);
        }
    }

    /// Delivers the first message in the box of a guest.
    pub(super) fn talk(&mut self, app: usize) {
        let Some(host) = self.guests.hosts.get_mut(&app) else {
            return;
        };
        // A process that is gone hears nothing.
        let message = host.inbox.pop_front().filter(|_| host.is_up);
        let Some(message) = message else {
            return;
        };
        let turn = host.guest.tell(&stamped(message, self.now));
        self.after_turn(app, turn);
    }

    /// The time a guest waited for has come.
    pub(super) fn wake_up(&mut self, app: usize, wait: u64) {
        let due = self.guests.hosts.get_mut(&app);
        if let Some(host) = due.filter(|host| host.is_up && host.waits == wait) {
            let turn = host.guest.tell(&stamped(message::wake(), self.now));
            self.after_turn(app, turn);
        }
    }

    fn after_turn(&mut self, app: usize, turn: Result<Turn, String>) {
        let done = turn.and_then(|turn| {
            self.count_turn()?;
            for act in &turn.acts {
                self.guest_act(app, act)
                    .map_err(|why| format!("{why}; the message was {act}"))?;
            }
            self.guest_waits(app, turn.until_ms)
        });
        if let Err(why) = done {
            let name = self.names.app_name(app).to_owned();
            self.laws.report(GUEST, format!("{name}: {why}"));
            match self.apps[app].client {
                Some(client) => self.crash(client, None),
                None => self.stop_guest(app),
            }
        }
    }

    fn count_turn(&mut self) -> Result<(), String> {
        let (at, count) = self.guests.turns;
        let count = if at == self.now { count + 1 } else { 1 };
        self.guests.turns = (self.now, count);
        if count > TURNS_MAX {
            return Err(format!(
                "more than {TURNS_MAX} turns at one instant: a loop"
            ));
        }
        Ok(())
    }

    fn guest_waits(&mut self, app: usize, until_ms: Option<u64>) -> Result<(), String> {
        let Some(until) = until_ms.map(|ms| Timestamp::ZERO.after(Duration::from_millis(ms)))
        else {
            return Ok(());
        };
        if until <= self.now {
            return Err("\"until_ms\" must be later than the time of the message".to_owned());
        }
        if let Some(host) = self.guests.hosts.get_mut(&app) {
            host.waits += 1;
            let doing = Doing::Wake(app, host.waits);
            let cause = self.next_seq().saturating_sub(1);
            self.queue.push(until, doing, cause);
        }
        Ok(())
    }

    fn guest_act(&mut self, app: usize, act: &Value) -> Result<(), String> {
        let kind = field(act, "type")?;
        if kind == "fulfill" || kind == "fail" {
            let ask = field(act, "ask")?;
            let known = self.asks.keys().find(|id| id.to_string() == ask).copied();
            let ask: AskId = known.ok_or_else(|| format!("nobody was asked {ask:?}"))?;
            let Some(client) = self.apps[app].client else {
                return Ok(());
            };
            let date = message::date(act, self.now);
            self.settle_dated(client, ask, kind == "fulfill", date);
            return Ok(());
        }
        if kind == "acknowledge" {
            return self.guest_acknowledges(app, &act["letter"]);
        }
        let words = message::words(act, self.now)?;
        let Some(names) = &mut self.guests.names else {
            return Ok(());
        };
        let calls = names.calls.len();
        let read = read_app_act(names, app, &words);
        let is_new = names.calls.len() > calls;
        names.calls.truncate(calls);
        let read = read?;
        if is_new {
            return Err("an unknown call; name it in a \"calls\" line of the file".to_owned());
        }
        self.guests.asking = Some((app, act["id"].clone()));
        let done = self.apply_app(app, &read);
        self.guests.asking = None;
        done
    }

    /// It has what it was told up to a letter, or all of it, in its own hands.
    fn guest_acknowledges(&mut self, app: usize, letter: &Value) -> Result<(), String> {
        let Some(client) = self.apps[app].client else {
            return Ok(());
        };
        let latest = self.laws.letters.latest(client);
        let cursor = match letter {
            Value::Null => latest,
            Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                let number = letter.as_u64().map(Cursor);
                number.ok_or("\"letter\" must be a number of a message")?
            }
        };
        if cursor > latest {
            return Err("this letter was not written so far".to_owned());
        }
        self.acknowledges_up_to(client, cursor);
        Ok(())
    }

    /// What the story says of a guest: the far end does it, and the process is to report it.
    pub(super) fn stimulate(&mut self, app: usize, act: &AppAct) -> Result<(), String> {
        let seq = self.next_seq().saturating_sub(1);
        match act {
            AppAct::Report(call, report) => {
                let call = self.names.call(self.names.id(*call));
                self.put(app, message::far_end(&call, report, self.now), seq);
                Ok(())
            }
            AppAct::Start | AppAct::Crash | AppAct::Foreground(_) => self.apply_app(app, act),
            AppAct::Register(_)
            | AppAct::Acknowledge
            | AppAct::Disconnect
            | AppAct::Invalidate
            | AppAct::Become(_)
            | AppAct::Request(_)
            | AppAct::Pull(..)
            | AppAct::Wants(_)
            | AppAct::Route(..)
            | AppAct::SetRingtone(_)
            | AppAct::Settle { .. } => Err(format!(
                "{} is an app under test: it registers, requests and settles by itself; the story \
                 can make it start and crash, and say what the far end reports",
                self.names.app_name(app)
            )),
        }
    }
}

/// The message with the virtual time it is told at.
fn stamped(mut message: Value, now: Timestamp) -> Value {
    message["at_ms"] = now.as_millis().into();
    message
}
