//! An app's line to its service: what it passes on from there, and what it says there.
//!
//! The app believes its service and passes on everything in the order in which it arrives: what
//! must not ring is the core's decision. Answering is done when the service has granted it.

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{Ask, AskKind, Effect};
use hookswitch_model::{
    AskId, CallId, ClientId, EndReason, Phase, RecentsEntry, Rejection, RequestId, Timestamp,
};

use super::World;
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
    waiting: BTreeMap<CallId, (ClientId, AskId)>,
    /// What the service is told when these asks are done.
    ends: BTreeMap<AskId, Up>,
    /// Incoming calls of services that were reported and have no reply so far.
    reported: BTreeMap<RequestId, CallId>,
    outbox: Vec<Said>,
    /// What arrived while the app was not there.
    inbox: Vec<(usize, CallId, Down)>,
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
        self.line.inbox.iter().any(|(_, about, _)| *about == call)
    }

    /// Whether the app will read that a call is over.
    pub(super) fn is_over_elsewhere(&self, call: CallId) -> bool {
        let over = |(_, about, down): &(usize, CallId, Down)| {
            *about == call && matches!(down, Down::Over(_))
        };
        self.line.inbox.iter().any(over)
    }

    /// The service says something to its app on this device.
    pub(crate) fn hear_service(&mut self, app: usize, call: CallId, down: Down) {
        self.line.calls.insert(call, app);
        match self.apps[app].client.filter(|_| !self.apps[app].away) {
            Some(client) => self.hear_now(app, client, call, down),
            None => self.line.inbox.push((app, call, down)),
        }
    }

    /// An app that is back reads what arrived meanwhile.
    pub(super) fn read_inbox(&mut self, app: usize) {
        if self.apps[app].client.is_none() {
            return;
        }
        let inbox = core::mem::take(&mut self.line.inbox);
        for (of, call, down) in inbox {
            if of == app {
                self.hear_service(of, call, down);
            } else {
                self.line.inbox.push((of, call, down));
            }
        }
    }

    /// Whether something waits for an app to be back.
    pub(super) fn has_inbox(&self, app: usize) -> bool {
        self.line.inbox.iter().any(|(of, ..)| *of == app)
    }

    fn hear_now(&mut self, app: usize, client: ClientId, call: CallId, down: Down) {
        let Some(number) = self.names.call_number(call) else {
            return;
        };
        match down {
            Down::Ring { .. } if self.is_busy(app, call) => {
                let seq = self.note_app(app, &format!("is-busy for {}", self.names.call(call)));
                self.say(app, call, Up::Busy, seq);
            }
            Down::Ring {
                mut facts,
                ago,
                lasts,
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
        if let Some((by, ask)) = self.line.waiting.remove(&call) {
            self.settle(by, ask, true, None);
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
    pub(super) fn asks_service(&mut self, client: ClientId, ask: AskId, seq: u64) -> bool {
        let Some(known) = self.asks.get(&ask).copied() else {
            return false;
        };
        let Some(app) = self.line.calls.get(&known.call).copied() else {
            return false;
        };
        if let Some(up) = self.line.ends.remove(&ask) {
            self.say(app, known.call, up, seq);
        }
        let is_pull = known.word == AskWord::Start && self.line.pulls.contains(&known.call);
        if known.word != AskWord::Answer && !is_pull {
            return false;
        }
        let up = if is_pull { Up::Pull } else { Up::Answer };
        self.line.waiting.insert(known.call, (client, ask));
        self.say(app, known.call, up, seq);
        true
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
    /// If the app does not run.
    pub(crate) fn pull(&mut self, app: usize, call: usize, to: &AppAction) -> Result<(), String> {
        let Some(client) = self.apps[app].client else {
            let name = self.names.app_name(app);
            return Err(format!("{name} does not run at this time"));
        };
        let id = Names::call_id(call);
        self.line.calls.insert(id, app);
        self.line.pulls.insert(id);
        self.apply_request(client, core::slice::from_ref(to));
        Ok(())
    }

    /// The wall clock of this device is wrong by so many milliseconds.
    pub(crate) fn set_wall(&mut self, millis: i64) {
        self.wall_offset = self.wall_offset.saturating_add(millis);
    }
}
