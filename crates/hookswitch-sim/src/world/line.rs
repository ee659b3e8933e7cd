//! An app's line to its service: what it passes on from there, and what it says there.
//!
//! The app believes its service and passes on everything in the order in which it arrives: what
//! must not ring is the core's decision. Answering is done when the service has granted it.

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{Ask, AskKind, Effect, Outcome};
use hookswitch_model::{
    AskId, CallId, CallSnapshot, ClientId, EndReason, Phase, RecentsEntry, Rejection, RequestId,
    Timestamp, Wall,
};

use super::{KnownAsk, World};
use crate::home::{Down, Up};
use crate::names::Names;
use crate::scenario::{AppAction, AskWord, CallReport};

/// The calls that come from services, on this device.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Which, and the number of their app.
    calls: BTreeMap<CallId, usize>,
    /// Calls that the user takes over from another device.
    pulls: BTreeSet<CallId>,
    /// Asks that are done when the service grants the call.
    waiting: BTreeMap<CallId, Waiting>,
    /// What the service is told when these asks are done.
    ends: BTreeMap<AskId, Up>,
    /// Incoming calls of services that were reported and have no reply so far.
    reported: BTreeMap<RequestId, CallId>,
    outbox: Vec<Said>,
    /// What arrived while the app was not there.
    inbox: Vec<Unread>,
}

/// An ask that is done when the service grants the call.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    client: ClientId,
    ask: AskId,
    /// The date that the app gives.
    at: Option<Wall>,
}

/// A word of a service that an app has not read.
#[derive(Clone, Debug)]
struct Unread {
    app: usize,
    call: CallId,
    down: Down,
    since: Timestamp,
}

/// Something an app says to its service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    /// The app, by number.
    pub(crate) app: usize,
    /// About this call, by its name on the device.
    pub(crate) call: CallId,
    /// What.
    pub(crate) up: Up,
    /// The line of the trace it follows from.
    pub(crate) cause: u64,
}

impl World {
    /// What apps said to their services since the last look.
    pub(crate) fn said(&mut self) -> Vec<Said> {
        core::mem::take(&mut self.line.outbox)
    }

    /// The recents so far.
    pub(crate) fn recents(&self) -> &[RecentsEntry] {
        &self.recents
    }

    /// From when on programs run.
    pub(crate) fn awake_at(&self) -> Timestamp {
        self.sleep.awake_at
    }

    /// Whether an app can report.
    pub(crate) fn is_there(&self, app: usize) -> bool {
        self.apps[app].client.is_some() && !self.daemon.is_down
    }

    /// Whether the app has still to hear something about a call.
    pub(crate) fn has_unheard(&self, call: CallId) -> bool {
        self.line.inbox.iter().any(|unread| unread.call == call)
    }

    /// Whether the app will read that a call is over.
    pub(super) fn is_over_elsewhere(&self, call: CallId) -> bool {
        let over = |unread: &Unread| unread.call == call && matches!(unread.down, Down::Over(_));
        self.line.inbox.iter().any(over)
    }

    /// The service says something to its app on this device.
    pub(crate) fn hear_service(&mut self, app: usize, call: CallId, down: Down) {
        self.line.calls.insert(call, app);
        match self.apps[app].client.filter(|_| !self.apps[app].away) {
            Some(client) => self.hear_now(app, client, call, down),
            None => self.line.inbox.push(Unread {
                app,
                call,
                down,
                since: self.now,
            }),
        }
    }

    /// An app that is back reads what arrived meanwhile.
    pub(super) fn read_inbox(&mut self, app: usize) {
        if self.apps[app].client.is_none() {
            return;
        }
        let inbox = core::mem::take(&mut self.line.inbox);
        for mut unread in inbox {
            if unread.app != app {
                self.line.inbox.push(unread);
                continue;
            }
            // The message says when it was sent: the app knows how old it is.
            if let Down::Ring { ago, .. } = &mut unread.down {
                *ago = ago.saturating_add(self.now.since(unread.since));
            }
            self.hear_service(app, unread.call, unread.down);
        }
    }

    /// Whether something waits for an app to be back.
    pub(super) fn has_inbox(&self, app: usize) -> bool {
        self.line.inbox.iter().any(|unread| unread.app == app)
    }

    fn hear_now(&mut self, app: usize, client: ClientId, call: CallId, down: Down) {
        let Some(number) = self.names.call_number(call) else {
            return;
        };
        match down {
            Down::Ring {
                over: Some(reason), ..
            } if self.has_live(call) => {
                self.hear_now(app, client, call, Down::Over(reason));
            }
            Down::Ring { over: None, .. } if self.is_busy(app, call) => {
                let seq = self.note_app(app, &format!("is-busy for {}", self.names.call(call)));
                self.say(app, call, Up::Busy, seq);
            }
            Down::Ring {
                mut facts,
                ago,
                lasts,
                over: _,
            } => {
                facts.called_ago = Some(ago);
                facts.rings_for = Some(lasts);
                self.line.reported.insert(self.coming_request(), call);
                self.apply_report(app, client, number, &CallReport::Incoming(facts));
            }
            Down::Granted => self.granted(app, client, number, call),
            Down::Over(reason) => {
                self.line.waiting.remove(&call);
                self.apply_report(app, client, number, &CallReport::Ended(reason, None));
            }
        }
    }

    fn has_live(&self, call: CallId) -> bool {
        self.state.live().any(|live| live.id == call)
    }

    /// The user is in another call of this app, which has no call waiting.
    fn is_busy(&self, app: usize, call: CallId) -> bool {
        let id = self.names.app_id(app);
        let is_other = self
            .state
            .live()
            .any(|live| live.app == id && live.id != call);
        !self.apps[app].decl.waiting && is_other
    }

    fn granted(&mut self, app: usize, client: ClientId, number: usize, call: CallId) {
        let waiting = self.line.waiting.remove(&call);
        let waiting = waiting.filter(|waiting| waiting.client == client);
        if let Some(Waiting { client, ask, at }) = waiting {
            self.settle_as(client, ask, Outcome::Fulfilled { at }, None);
            if self.line.pulls.contains(&call) {
                self.apply_report(app, client, number, &CallReport::Connected(None));
            }
            return;
        }
        let live = self.state.live().find(|live| live.id == call);
        match live.map(|live| &live.phase) {
            // The daemon that asked is gone: the user's answer is asked for once more.
            Some(Phase::Ringing { .. }) => {
                self.apply_request(client, &[AppAction::Answer(number)]);
            }
            Some(Phase::Dialing { .. } | Phase::Active { .. } | Phase::Held(_)) => {}
            Some(Phase::Ending { .. }) | None => {
                let seq = self.note_app(app, &format!("is-late for {}", self.names.call(call)));
                self.say(app, call, Up::Leave, seq);
            }
        }
    }

    /// Whether what an app would fulfill now is first asked of its service.
    pub(super) fn asks_service(
        &mut self,
        client: ClientId,
        ask: AskId,
        at: Option<Wall>,
        seq: u64,
    ) -> bool {
        let Some(known) = self.asks.get(&ask).copied() else {
            return false;
        };
        let Some(app) = self.line.calls.get(&known.call).copied() else {
            return false;
        };
        // Whoever was asked over a connection that is gone is asked again.
        if self.apps[app].client != Some(client) {
            return false;
        }
        if let Some(up) = self.line.ends.remove(&ask) {
            self.say(app, known.call, up, seq);
        }
        let is_pull = known.word == AskWord::Start && self.line.pulls.contains(&known.call);
        if known.word != AskWord::Answer && !is_pull {
            return false;
        }
        let up = if is_pull { Up::Pull } else { Up::Answer };
        let waiting = Waiting { client, ask, at };
        self.line.waiting.insert(known.call, waiting);
        self.say(app, known.call, up, seq);
        true
    }

    /// The same for an app that fulfills an ask of its own because the story says so.
    pub(super) fn passes_on(&mut self, client: ClientId, ask: AskId, at: Option<Wall>) -> bool {
        let own = |known: &&KnownAsk| known.client == client;
        let Some(known) = self.asks.get(&ask).filter(own).copied() else {
            return false;
        };
        let Some(app) = self.line.calls.get(&known.call).copied() else {
            return false;
        };
        let (word, call) = (known.word.name(), self.names.call(known.call));
        let seq = self.note_app(app, &format!("passes-on {word} {call}"));
        self.asks_service(client, ask, at, seq)
    }

    /// Whether a service has to give this call to its app before that is connected.
    pub(super) fn rings_for_service(&self, call: CallId) -> bool {
        let rings = |live: &CallSnapshot| matches!(live.phase, Phase::Ringing { .. });
        let mut live = self.state.live();
        self.line.calls.contains_key(&call) && live.any(|live| live.id == call && rings(live))
    }

    fn say(&mut self, app: usize, call: CallId, up: Up, cause: u64) {
        self.line.outbox.push(Said {
            app,
            call,
            up,
            cause,
        });
    }

    /// Keeps from an effect what the service will have to know.
    pub(super) fn mind_service(&mut self, effect: &Effect, seq: u64) {
        if let Effect::Ask { ask, .. } = effect {
            self.mind_end(ask);
        }
        if let Effect::Reply { request, result } = effect
            && let Some(call) = self.line.reported.remove(request)
            && *result == Err(Rejection::UserBusy)
            && let Some(app) = self.line.calls.get(&call).copied()
        {
            self.say(app, call, Up::Busy, seq);
        }
        if let Effect::CallEnded { call, .. } = effect
            && let Some(app) = self.line.calls.get(call).copied()
        {
            self.line.waiting.remove(call);
            self.say(app, *call, Up::Leave, seq);
        }
    }

    fn mind_end(&mut self, ask: &Ask) {
        if let AskKind::End { reason, .. } = &ask.kind
            && self.line.calls.contains_key(&ask.call)
        {
            let is_declined = *reason == EndReason::DeclinedHere;
            let up = if is_declined { Up::Decline } else { Up::Leave };
            self.line.ends.insert(ask.id, up);
        }
    }

    /// Asks of the daemon that was killed are not settled any more.
    pub(super) fn forget_asks(&mut self) {
        self.line.waiting.clear();
        self.line.ends.clear();
        self.line.reported.clear();
    }

    /// The user takes a call over on this device: for the core it is one that the user starts.
    ///
    /// # Errors
    ///
    /// If the app does not run, or the core begins no call of this name.
    pub(crate) fn pull(&mut self, app: usize, call: usize, to: &AppAction) -> Result<(), String> {
        let Some(client) = self.apps[app].client else {
            let name = self.names.app_name(app);
            return Err(format!("{name} does not run at this time"));
        };
        let id = Names::call_id(call);
        if self.has_live(id) {
            return Err(format!("{} is a call of this device", self.names.call(id)));
        }
        let is_known = self.line.calls.insert(id, app).is_some();
        self.line.pulls.insert(id);
        self.apply_request(client, core::slice::from_ref(to));
        if !self.has_live(id) && !is_known {
            self.line.calls.remove(&id);
            self.line.pulls.remove(&id);
        }
        Ok(())
    }

    /// Whether a call of this name is or was on this device.
    pub(crate) fn knows_call(&self, call: CallId) -> bool {
        self.has_live(call) || self.recents.iter().any(|entry| entry.call == call)
    }

    /// Whether the user is taking a call over here under this name.
    pub(crate) fn pulls(&self, call: CallId) -> bool {
        self.line.pulls.contains(&call) && self.has_live(call)
    }

    /// The wall clock of this device is wrong by so many milliseconds.
    pub(crate) fn set_wall(&mut self, millis: i64) {
        self.wall_offset = self.wall_offset.saturating_add(millis);
    }
}
