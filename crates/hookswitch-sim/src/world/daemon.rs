//! The daemon is killed and comes back: what is lost with it and what is kept.
//!
//! Lost: asks, connections, notices, what rings and who may use the audio. Kept: live calls as of
//! the last step that changed something, written before anybody was told of it; recents; the
//! processes of apps, which notice, register again and take their calls back.

use core::time::Duration;

use hookswitch_core::{Core, Effect, Environment, Event, Report};
use hookswitch_model::{CallId, ClientId, RingState, Saved};

use super::queue::Doing;
use super::{Actor, World, call_of, phase_of};
use crate::describe::{Words, words};
use crate::scenario::{AppAct, CallReport};
use crate::trace::{Entry, Kind, Origin};

/// How long the audio server takes to tell a new daemon its devices.
const SOON: Duration = Duration::from_millis(10);

/// Most acts of an app that wait for the daemon; more are lost.
const BACKLOG_MAX: usize = 64;

/// What outlives the daemon, and whether it is there.
#[derive(Debug, Default)]
pub(super) struct Daemon {
    /// The live calls as they were last kept.
    pub(super) saved: Saved,
    /// It was killed and is not back.
    pub(super) is_down: bool,
    /// How often it was killed.
    pub(super) lives: u64,
}

impl World {
    /// Writes the live calls down, as the daemon does before it tells anybody.
    pub(super) fn keep_live_calls(&mut self, effects: &[Effect]) {
        if matches!(effects.last(), Some(Effect::Publish { .. })) {
            self.daemon.saved.apply(&self.core.take_saved());
        }
        self.keep_letters();
    }

    /// Letters and ends are kept with every step.
    pub(super) fn keep_letters(&mut self) {
        self.daemon.saved.letters = self.core.saved_letters();
        self.daemon.saved.ended = self.core.ended_since(0).0;
        self.daemon.saved.emergency = self.core.saved_numbers();
    }

    /// The daemon is killed, and is back after `down`.
    pub(super) fn restart(&mut self, down: Duration) -> Result<(), String> {
        if self.daemon.is_down {
            return Err("the daemon does not run at this time".to_owned());
        }
        if self.core.saved() != self.daemon.saved {
            let text = "live calls changed and were not kept".to_owned();
            self.laws.report("restart", text);
        }
        let seq = self.note_alone("daemon", "core", Origin::System, "restarts", None);
        self.daemon.is_down = true;
        self.daemon.lives += 1;
        self.ring = RingState::Quiet;
        self.tone = None;
        for app in &mut self.apps {
            app.away |= app.client.take().is_some();
        }
        self.forget_asks();
        self.restore();
        let after = self.core.snapshot();
        self.laws.restart(&self.state, &after);
        self.reference.restart();
        self.coverage.restart();
        self.state = after;
        if down.is_zero() {
            self.is_back(seq);
        } else {
            self.queue.push(self.now.after(down), Doing::IsBack, seq);
        }
        Ok(())
    }

    fn restore(&mut self) {
        let saved = self.daemon.saved.clone();
        self.sleep.is_known();
        self.core = Core::restore(self.limits.clone(), self.stamp(), saved);
    }

    /// The next daemon has read what was kept.
    pub(super) fn is_back(&mut self, cause: u64) {
        self.daemon.is_down = false;
        self.restore();
        self.state = self.core.publish();
        // What the former daemon kept; the new one begins without.
        let (front, ring_on) = (self.front, self.ring_on.clone());
        let actor = Actor::new("daemon", Origin::System, Some(cause));
        let seq = self.step(actor, Event::Tick, words("is-back"));
        self.tell_cellular();
        self.tell_rules();
        if self.locked {
            self.tell_lock(Some(cause));
        }
        if front != hookswitch_model::FrontRules::default() {
            self.front = front;
            self.tell_front(Some(cause));
        }
        self.tell_ring_on(ring_on, cause);
        self.tell_ringtones(cause);
        for app in 0..self.apps.len() {
            self.look_for_daemon(app, seq);
        }
        if self.audio.is_up() {
            let doing = Doing::TellEndpoints;
            self.queue.push(self.now.after(SOON), doing, seq);
        }
    }

    /// An app loses its connection and lives on: it comes back as it does after a new daemon.
    pub(super) fn disconnect(&mut self, app: usize, client: ClientId) {
        let actor = Actor::new(self.names.app_name(app), Origin::System, None);
        let gone = Event::Environment(Environment::ClientGone(client));
        let seq = self.step(actor, gone, words("disconnects"));
        self.apps[app].client = None;
        self.apps[app].away = true;
        self.push_gone(app);
        self.look_for_daemon(app, seq);
    }

    /// An app that is away tries again after its own time, if it does at all.
    fn look_for_daemon(&mut self, app: usize, cause: u64) {
        let found = &self.apps[app];
        if let Some(span) = found.decl.reconnect.filter(|_| found.away) {
            let doing = Doing::Reconnect(app, self.daemon.lives);
            self.queue.push(self.now.after(span), doing, cause);
        }
    }

    /// A process that outlived a daemon or its connection finds the daemon that is there.
    pub(super) fn reconnect(&mut self, app: usize, life: u64, cause: u64) {
        if self.apps[app].away && life == self.daemon.lives && !self.daemon.is_down {
            self.connect(app, Some(cause));
        }
    }

    /// An app does something while it has no daemon to tell it to.
    pub(super) fn act_alone(&mut self, app: usize, act: &AppAct) {
        let lost = match act {
            AppAct::Crash => {
                let seq = self.note_app(app, "crashes");
                return self.die(app, seq);
            }
            AppAct::Register(to) => return self.reconfigure(app, to.as_deref()),
            // It has no connection to lose, and does the others by itself when the daemon is back.
            AppAct::Disconnect | AppAct::Start | AppAct::Acknowledge | AppAct::Foreground(_) => {
                return;
            }
            AppAct::Become(temper) => return self.apps[app].becomes(*temper),
            AppAct::Settle {
                ask,
                call,
                fulfilled,
                ..
            } => {
                // It will be asked again.
                let verb = if *fulfilled { "fulfills" } else { "fails" };
                let call = self.names.call(self.names.id(*call));
                Some(format!("{verb} {} {call}", ask.name()))
            }
            AppAct::Invalidate
            | AppAct::Report(..)
            | AppAct::Request(_)
            | AppAct::Pull(..)
            | AppAct::Wants(_)
            | AppAct::Route(..)
            | AppAct::SetRingtone(_) => {
                let is_full = self.apps[app].backlog.len() >= BACKLOG_MAX;
                is_full.then(|| "gives-up".to_owned())
            }
        };
        match lost {
            Some(what) => {
                self.note_app(app, &what);
            }
            None => self.apps[app].backlog.push(act.clone()),
        }
    }

    /// Something an app does that reaches nobody.
    pub(super) fn note_app(&mut self, app: usize, what: &str) -> u64 {
        let name = self.names.app_name(app).to_owned();
        self.note_alone(&name, "nobody", Origin::App, what, None)
    }

    /// The calls among these that an app still has: it knows if one ended meanwhile.
    pub(super) fn still_has(&self, app: usize, calls: &[CallId]) -> Vec<CallId> {
        let ended = |id: &CallId| {
            let told = |act: &AppAct| {
                matches!(act, AppAct::Report(call, CallReport::Ended(..))
                    if self.names.id(*call) == *id)
            };
            self.apps[app].backlog.iter().any(told) || self.is_over_elsewhere(*id)
        };
        let calls = calls.iter().copied();
        calls.filter(|call| !ended(call)).collect()
    }

    /// What an app wanted to tell while nobody was there.
    pub(super) fn catch_up(&mut self, app: usize) {
        if self.apps[app].client.is_none() {
            return;
        }
        for act in core::mem::take(&mut self.apps[app].backlog) {
            if self.apps[app].client.is_some() {
                // A step that is not possible any more is left out, as when a process is too late.
                let _: Result<(), String> = self.apply_app(app, &act);
            }
        }
    }

    /// An app says that it still has a call, if its connection is still the same.
    pub(super) fn adopt(&mut self, client: ClientId, call: CallId, cause: u64) {
        if self.apps.iter().any(|app| app.client == Some(client)) {
            let what = format!("adopts {}", self.names.call(call));
            self.report(client, Report::Adopt { call }, &what, Some(cause));
        }
    }

    /// What is done while the daemon is down reaches nobody and gets no reply.
    pub(super) fn unheard(&mut self, actor: &Actor, event: &Event, what: Words) -> u64 {
        let seq = self.note_alone(&actor.name, "nobody", actor.origin, "", actor.cause);
        let call = call_of(event);
        if let Some(entry) = self.entries.last_mut() {
            entry.what = what;
            entry.before = call.and_then(|call| phase_of(&self.state, call));
            entry.after = entry.before;
            entry.call = call.map(|call| (call, self.names.call(call)));
        }
        seq
    }

    /// A line of the trace that is no step of the core.
    fn note_alone(
        &mut self,
        actor: &str,
        target: &str,
        origin: Origin,
        what: &str,
        cause: Option<u64>,
    ) -> u64 {
        let seq = self.next_seq();
        self.entries.push(Entry {
            seq,
            at: self.stamp(),
            monotonic: self.monotonic(),
            kind: Kind::Event,
            device: None,
            actor: actor.to_owned(),
            target: target.to_owned(),
            origin,
            cause,
            call: None,
            what: words(what),
            before: None,
            after: None,
            state: None,
        });
        seq
    }
}
