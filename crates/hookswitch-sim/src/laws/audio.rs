//! The laws of the audio: who may use it, who is told, and which device.

use core::time::Duration;

use hookswitch_core::{Effect, Environment, Event, Report, Request};
use hookswitch_model::{
    CallId, CallSnapshot, ClientId, EndpointId, Limit, Phase, Quirk, Timestamp,
};

use super::{Laws, Step, are_one_party, leaver, may_hold_audio};

/// What the checkers remember of the audio.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) activated: Option<(ClientId, CallId)>,
    deaf_since: Option<(CallId, Timestamp)>,
    /// The call whose app was told why it has no audio.
    told: Option<CallId>,
    /// The call whose interruption began and did not end.
    interrupted: Option<CallId>,
    /// The order to the audio server that is not over.
    order: Option<u64>,
    last_order: u64,
    /// What the audio server said last.
    said: Option<EndpointId>,
}

/// Time from becoming active to being told that the audio may be used, or why not (A3).
const ACTIVATION_MAX: Duration = Duration::from_millis(500);

/// Whether two calls are one conversation, before the step or after it.
fn are_same_party(step: &Step<'_>, a: CallId, b: CallId) -> bool {
    let mut states = [step.before, step.after].into_iter();
    a == b || states.any(|state| are_one_party(state, a, b))
}

impl Laws {
    /// A1 to A4, IN1.
    pub(super) fn audio(&mut self, step: &Step<'_>) {
        for effect in step.effects {
            match effect {
                Effect::AudioActivated { client, call, .. } => {
                    if let Some((_, other)) = self.heard.activated {
                        self.report("A4", format!("{call} activated while {other} is"));
                    }
                    if self.heard.interrupted == Some(*call) {
                        self.report("IN1", format!("{call} activated while interrupted"));
                    }
                    self.heard.activated = Some((*client, *call));
                    self.heard.told = None;
                }
                Effect::AudioDeactivated { client, call, .. } => {
                    let again = self.limits.has_quirk(Quirk::RepeatedDeactivation);
                    // The lease is the group's: members come and go without a word.
                    let told = self.heard.activated.filter(|(holder, _)| holder == client);
                    let fits = told.is_some_and(|(_, told)| are_same_party(step, told, *call));
                    if !fits && !again {
                        self.report("A4", format!("{call} deactivated, but is not active"));
                    }
                    self.heard.activated = None;
                }
                Effect::AudioDenied { call, .. } => {
                    if self.heard.activated.is_some() {
                        self.report("A3", format!("{call} denied while somebody is activated"));
                    }
                    self.heard.told = Some(*call);
                }
                Effect::AudioInterrupted { call, began, .. } => {
                    self.interruption(step, *call, *began);
                }
                Effect::Route { generation, .. } => self.ordered(*generation),
                Effect::RouteFinished { generation, .. } => self.finished(step, *generation),
                Effect::Reply { .. }
                | Effect::Ask { .. }
                | Effect::AskExpired { .. }
                | Effect::CallEnded { .. }
                | Effect::Open { .. }
                | Effect::Unlock
                | Effect::Screen { .. }
                | Effect::Launch(_)
                | Effect::Ring { .. }
                | Effect::StopRing
                | Effect::StartTone { .. }
                | Effect::StopTone
                | Effect::KeepPolicy(_)
                | Effect::Record(_)
                | Effect::Amend(_)
                | Effect::Finished { .. }
                | Effect::Dropped { .. }
                | Effect::Publish { .. }
                | Effect::Anomaly(_) => {}
            }
        }
        self.forget_ended(step);
        self.lease(step);
        self.route(step);
    }

    fn interruption(&mut self, step: &Step<'_>, call: CallId, began: bool) {
        let open = self.heard.interrupted;
        let fits = match began {
            true => open.is_none(),
            false => open.is_some_and(|open| are_same_party(step, open, call)),
        };
        if !fits {
            self.report("IN1", format!("{call} began={began}, open is {open:?}"));
        }
        self.heard.interrupted = began.then_some(call);
        self.heard.told = began.then_some(call);
    }

    /// An ended call and a dead app hear nothing more.
    fn forget_ended(&mut self, step: &Step<'_>) {
        let left = leaver(step);
        let holder = self.heard.activated.map(|(client, _)| client);
        if left.is_some() && holder == left {
            self.heard.activated = None;
        }
        let waits = |id: CallId| {
            let live = step.after.live().find(|call| call.id == id);
            live.is_some_and(|call| call.orphaned_until.is_none())
        };
        // Another of the conversation goes on in its place.
        let heir = step.after.audio.waiting.map(|waiting| waiting.call);
        let heir = |former: &CallId| heir.filter(|heir| are_same_party(step, *former, *heir));
        let goes_on = |call: CallId| heir(&call).or(waits(call).then_some(call));
        self.heard.interrupted = self.heard.interrupted.and_then(goes_on);
        self.heard.told = self.heard.told.and_then(goes_on);
    }

    fn lease(&mut self, step: &Step<'_>) {
        let lease = step.after.lease.as_ref().map(|lease| lease.call);
        if let (Some((client, told)), Some(lease)) = (self.heard.activated, lease)
            && are_same_party(step, told, lease)
        {
            // The lease is the group's: members come and go without a word.
            self.heard.activated = Some((client, lease));
        }
        if lease != self.heard.activated.map(|(_, call)| call) {
            let told = self.heard.activated.map(|(_, call)| call);
            self.report("A1", format!("lease {lease:?}, but activated is {told:?}"));
            self.heard.activated = None;
        }
        let is_active = |call: &&CallSnapshot| {
            matches!(call.phase, Phase::Active { .. }) && call.orphaned_until.is_none()
        };
        let active = step.after.live().find(is_active);
        if let Some(lease) = lease {
            let holder = step.after.live().find(|call| call.id == lease);
            if !holder.is_some_and(|call| may_hold_audio(&call.phase)) {
                let text = format!("{lease} has the lease and is not on the line");
                self.report("A2", text);
            }
            let apart = |call: &CallSnapshot| !are_one_party(step.after, call.id, lease);
            if active.is_some_and(apart) {
                let text = format!("{lease} has the lease, another call is active");
                self.report("A2", text);
            }
            // CE: nothing that goes by takes the audio from an emergency call.
            let goes_on = holder.is_some_and(|call| call.emergency);
            let reason = step.after.audio.interruption.filter(|_| !goes_on);
            if let Some(reason) = reason {
                let text = format!("{lease} has the lease during {}", reason.name());
                self.report("IN1", text);
            }
        }
        let deaf = active.filter(|_| lease.is_none());
        if let (Some(call), Some(told)) = (deaf, self.heard.told)
            && are_same_party(step, told, call.id)
        {
            self.heard.told = Some(call.id);
        }
        self.deaf(step, deaf.map(|call| call.id));
    }

    /// A3. One conversation has one clock, whoever of it talks; another that takes the line has its
    /// own.
    fn deaf(&mut self, step: &Step<'_>, deaf: Option<CallId>) {
        let at = step.at;
        // The quirk is the very opposite of this law.
        let quirk = self.limits.has_quirk(Quirk::ActivationLostAfterRemoteEnd);
        let untold = deaf.filter(|call| !quirk && self.heard.told != Some(*call));
        let former = self.heard.deaf_since;
        self.heard.deaf_since = untold.map(|call| {
            let same = former.filter(|(other, _)| are_same_party(step, *other, call));
            (call, same.map_or(at, |(_, since)| since))
        });
        if let Some((_, since)) = self.heard.deaf_since
            && at.since(since) > ACTIVATION_MAX
        {
            let text = format!("an active call has no audio since {since}, and was not told why");
            self.report("A3", text);
        }
    }

    /// SL1: the time to grant stands still.
    pub(super) fn sleep_audio(&mut self, span: Duration) {
        let former = self.heard.deaf_since;
        self.heard.deaf_since = former.map(|(call, since)| (call, since.after(span)));
    }

    /// RT2: orders have growing numbers, and one ends before the next begins.
    fn ordered(&mut self, generation: u64) {
        if let Some(open) = self.heard.order.replace(generation) {
            self.report("RT2", format!("order {generation} while {open} is open"));
        }
        if generation <= self.heard.last_order {
            self.report("RT2", format!("order {generation} is not newer"));
        }
        self.heard.last_order = generation;
    }

    fn finished(&mut self, step: &Step<'_>, generation: u64) {
        let wished = matches!(
            step.event,
            Event::Request {
                wish: Request::Route(_) | Request::RouteCall(..),
                ..
            }
        );
        let is_open = self.heard.order == Some(generation);
        // A wish for what is in use already is over at once, without an order.
        if !is_open && !wished {
            self.report(
                "RT2",
                format!("order {generation} is over and was not open"),
            );
        }
        if is_open {
            self.heard.order = None;
        }
    }

    /// RT1, A7, A8, and L8 for orders.
    fn route(&mut self, step: &Step<'_>) {
        match step.event {
            Event::Environment(Environment::Endpoints { route, .. }) => {
                self.heard.said.clone_from(route);
            }
            Event::Environment(Environment::AudioLost) => self.heard.said = None,
            Event::Environment(_)
            | Event::Report { .. }
            | Event::Request { .. }
            | Event::Settled { .. }
            | Event::Acknowledged { .. }
            | Event::Tick => {}
        }
        let (before, after) = (&step.before.audio.route, &step.after.audio.route);
        if after.effective != self.heard.said {
            let text = format!("{:?} is shown, the server uses another", after.effective);
            self.report("RT1", text);
        }
        let is_app = matches!(
            step.event,
            Event::Report {
                report: Report::Updated { .. } | Report::Muted { .. } | Report::RemoteHeld { .. },
                ..
            } | Event::Request {
                wish: Request::Audio(_),
                ..
            }
        );
        let quirk = self.limits.has_quirk(Quirk::ReconfigurationClearsRoute);
        if is_app && !quirk && !step.expires() && before.desired != after.desired {
            self.report("A7", "an app changed the wished device".to_owned());
        }
        let ends = |call: &CallSnapshot| matches!(call.phase, Phase::Ending { .. });
        let at_rest = step.after.calls.iter().all(|call| ends(call)) && after.pending.is_none();
        if at_rest && after.desired.is_some() {
            self.report("A8", "a wish outlived the last call".to_owned());
        }
        let limit = self.limits.time(Limit::Route);
        let in_time = |due: Timestamp| due <= step.at.after(limit);
        if after.pending.is_some() && !step.due_after.is_some_and(in_time) {
            self.report(
                "L8",
                "an order to the audio server has no deadline".to_owned(),
            );
        }
    }

    /// What a restart of the daemon forgets; the audio server goes on as it was.
    pub(super) fn forget_audio(&mut self) {
        self.heard = Heard::default();
    }
}
