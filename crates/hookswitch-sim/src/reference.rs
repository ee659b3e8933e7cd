//! A second, simpler opinion on what the core may do, compared after every step.
//!
//! It keeps a handful of facts per call and ignores all timing: it does not know *when* something
//! expires, only that nothing may happen without one of a few causes.
//!
//! # Promises
//!
//! - **R1** a call begins only by an accepted report or request.
//! - **R2** a call becomes active only by its app's word or a granted answer or resume.
//! - **R3** a call ends only for a cause: its app's word, a settled or expired ask, its app's death
//!   or withdrawal, a time that ran out.
//! - **R4** mute and video follow the last word of the app, and nothing is translated without it; a
//!   call once connected stays so.
//! - **R6** calls are in one group if and only if their app joined them and has not parted them.
//! - **R5** what one call is asked never ends another that was not named.

use std::collections::BTreeMap;

use hookswitch_core::{Action, AskKind, Effect, Environment, Event, Outcome, Report, Request};
use hookswitch_model::{AskId, CallId, CallSnapshot, ClientId, Limits, Phase, Snapshot};

use crate::groups::Groups;
use crate::laws::Step;

/// What the model knows of a call.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    muted: bool,
    connected: bool,
    remote_hold: bool,
    video: bool,
    /// The app has said that it translates, and not that it has stopped.
    translated: bool,
}

impl Known {
    fn fulfilled(&mut self, kind: &AskKind) {
        match kind {
            AskKind::SetMuted(on) => self.muted = *on,
            AskKind::SetVideo(on) => self.video = *on,
            AskKind::SetTranslating(to) => self.translated = to.is_some(),
            AskKind::Start(_)
            | AskKind::Answer
            | AskKind::End { .. }
            | AskKind::SetHeld(_)
            | AskKind::SetGroup(_)
            | AskKind::PlayDigits(_)
            | AskKind::DeclineVideo
            | AskKind::Custom(_) => {}
        }
    }
}

/// The model.
#[derive(Debug)]
pub struct Reference {
    calls: BTreeMap<CallId, Known>,
    asks: BTreeMap<AskId, (ClientId, CallId, AskKind)>,
    groups: Groups,
    /// Calls that apps have moved to these others, while there are more to be moved there.
    moved: BTreeMap<CallId, (Vec<CallId>, Vec<CallId>)>,
    /// Whether this step completed a merge.
    merged: bool,
    limits: Limits,
}

impl Reference {
    /// A model of a world without calls.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            calls: BTreeMap::new(),
            asks: BTreeMap::new(),
            groups: Groups::default(),
            moved: BTreeMap::new(),
            merged: false,
            limits,
        }
    }

    /// The daemon was killed: what apps were asked is void, what they said stays.
    pub fn restart(&mut self) {
        self.asks.clear();
        self.moved.clear();
    }

    /// Follows one step and says in sentences where core and model differ.
    pub fn check(&mut self, step: &Step<'_>) -> Vec<String> {
        let mut out = Vec::new();
        let accepted = accepted(step);
        self.ends(step, accepted, &mut out);
        self.begins(step, accepted, &mut out);
        self.follow(step, accepted);
        self.complete_merges(step);
        self.activations(step, accepted, &mut out);
        self.compare(step.after, &mut out);
        self.remember_asks(step, accepted);
        out
    }

    /// R3, R5: each vanished call has a cause in this step; some causes must end the call.
    fn ends(&mut self, step: &Step<'_>, accepted: bool, out: &mut Vec<String>) {
        for call in step.vanished() {
            if !self.may_end(step, accepted, call) {
                out.push(format!("{} ended without a cause", call.id));
            }
            self.calls.remove(&call.id);
            self.groups.leave(call.id);
        }
        if let Some(call) = self.must_end(step, accepted)
            && step.after.live().any(|live| live.id == call)
        {
            out.push(format!("{call} had to end by this step and did not"));
        }
    }

    fn may_end(&self, step: &Step<'_>, accepted: bool, call: &CallSnapshot) -> bool {
        if self.must_end(step, accepted) == Some(call.id) || step.expires() {
            return true;
        }
        // An emergency call ends whom it cannot hold, and whoever rings.
        if !call.emergency && step.after.live().any(|call| call.emergency) {
            return true;
        }
        match step.event {
            Event::Environment(Environment::ClientGone(_)) => {
                let no_grace = self.limits.time(hookswitch_model::Limit::Orphan).is_zero();
                no_grace || call.pending.is_some() || matches!(call.phase, Phase::Ending { .. })
            }
            Event::Environment(Environment::LaunchFailed(app)) => *app == call.app,
            Event::Report { report, .. } => {
                // Who talks, as its app says, takes the line; none that is dialed can be held.
                let talks = matches!(
                    report,
                    Report::Connected { .. } | Report::Held { on: false, .. }
                );
                let dials = matches!(call.phase, Phase::Dialing { .. });
                let leaves = matches!(report, Report::Invalidate | Report::Register { .. });
                accepted && (leaves || talks && dials)
            }
            Event::Request { wish, .. } => accepted && names(wish, call, step.before),
            Event::Environment(Environment::Verdict { call: id, .. }) => *id == call.id,
            Event::Settled { .. }
            | Event::Environment(
                Environment::CellularApps(_)
                | Environment::Decided { .. }
                | Environment::Policy(_)
                | Environment::Screeners(_)
                | Environment::Foreground { .. }
                | Environment::Endpoints { .. }
                | Environment::AudioLost
                | Environment::RouteFailed { .. }
                | Environment::Interrupted { .. }
                | Environment::MicrophoneMuted(_)
                | Environment::Slept(_)
                | Environment::RingOn(_)
                | Environment::RingMuted(_)
                | Environment::Ringtone { .. }
                | Environment::Locked(_)
                | Environment::Front(_),
            )
            | Event::Acknowledged { .. }
            | Event::Tick => false,
        }
    }

    /// The call that this step certainly ends.
    fn must_end(&self, step: &Step<'_>, accepted: bool) -> Option<CallId> {
        match step.event {
            Event::Report {
                report: Report::Ended { call, .. },
                ..
            } if accepted => Some(*call),
            Event::Settled {
                client,
                ask,
                outcome,
            } => {
                let (owner, call, kind) = self.asks.get(ask)?;
                if owner != client || step.expires() {
                    return None;
                }
                match (kind, outcome) {
                    (AskKind::End { .. }, _)
                    | (AskKind::Answer | AskKind::Start { .. }, Outcome::Failed) => Some(*call),
                    (
                        AskKind::Answer | AskKind::Start { .. },
                        Outcome::Fulfilled { .. } | Outcome::FulfilledUsing(_),
                    )
                    | (
                        AskKind::SetHeld(_)
                        | AskKind::SetMuted(_)
                        | AskKind::SetGroup(_)
                        | AskKind::PlayDigits(_)
                        | AskKind::SetVideo(_)
                        | AskKind::DeclineVideo
                        | AskKind::SetTranslating(_)
                        | AskKind::Custom(_),
                        _,
                    ) => None,
                }
            }
            Event::Report { .. }
            | Event::Request { .. }
            | Event::Acknowledged { .. }
            | Event::Environment(_)
            | Event::Tick => None,
        }
    }

    /// R1.
    fn begins(&mut self, step: &Step<'_>, accepted: bool, out: &mut Vec<String>) {
        let known = |id: CallId| step.before.live().any(|call| call.id == id);
        for call in step.after.live().filter(|call| !known(call.id)) {
            let named = match step.event {
                Event::Report {
                    report: Report::Incoming { call: id, .. },
                    ..
                } => *id == call.id,
                Event::Request {
                    wish: Request::Dial { call: id, .. },
                    ..
                } => *id == call.id,
                Event::Request {
                    wish: Request::Transaction(actions),
                    ..
                } => actions.iter().any(
                    |action| matches!(action, Action::Start { call: id, .. } if *id == call.id),
                ),
                Event::Report { .. }
                | Event::Request { .. }
                | Event::Settled { .. }
                | Event::Acknowledged { .. }
                | Event::Environment(_)
                | Event::Tick => false,
            };
            let waited = step.before.awaiting_verdict.contains(&call.id);
            if !(waited || named && accepted) {
                out.push(format!("{} began without a cause", call.id));
            }
            let known = Known {
                video: call.video,
                ..Known::default()
            };
            self.calls.insert(call.id, known);
        }
    }

    /// Takes over what apps say.
    fn follow(&mut self, step: &Step<'_>, accepted: bool) {
        match step.event {
            Event::Report { report, .. } if accepted => self.follow_report(report),
            Event::Settled {
                client,
                ask,
                outcome: Outcome::Fulfilled { .. } | Outcome::FulfilledUsing(_),
            } => {
                let settled = self.asks.get(ask).filter(|(owner, _, _)| owner == client);
                let expired = step.effects.iter().any(
                    |effect| matches!(effect, Effect::AskExpired { ask: id, .. } if id == ask),
                );
                if let Some((_, call, kind)) = settled.filter(|_| !expired)
                    && let Some(known) = self.calls.get_mut(call)
                {
                    known.fulfilled(kind);
                    if let AskKind::SetGroup(with) = kind {
                        match with {
                            None => self.groups.leave(*call),
                            Some((with, _)) => {
                                let to = self.groups.with(*with);
                                let moved = self.moved.entry(*with);
                                moved.or_insert((to, Vec::new())).1.push(*call);
                            }
                        }
                    }
                }
            }
            Event::Report { .. }
            | Event::Settled { .. }
            | Event::Acknowledged { .. }
            | Event::Request { .. }
            | Event::Environment(_)
            | Event::Tick => {}
        }
    }

    /// A merge counts when all that was asked for it is settled.
    fn complete_merges(&mut self, step: &Step<'_>) {
        self.merged = false;
        let live = |id: &CallId| step.after.live().any(|call| call.id == *id);
        let asks: Vec<CallId> = self
            .asks
            .iter()
            .filter(|(id, (client, call, _))| live(call) && !is_over(step, **id, *client, *call))
            .filter_map(|(_, (_, _, kind))| match kind {
                AskKind::SetGroup(Some((with, _))) => Some(*with),
                AskKind::SetGroup(None)
                | AskKind::Start(_)
                | AskKind::Answer
                | AskKind::End { .. }
                | AskKind::SetHeld(_)
                | AskKind::SetMuted(_)
                | AskKind::PlayDigits(_)
                | AskKind::SetVideo(_)
                | AskKind::DeclineVideo
                | AskKind::SetTranslating(_)
                | AskKind::Custom(_) => None,
            })
            .filter(live)
            .collect();
        let done: Vec<CallId> = self.moved.keys().copied().collect();
        for with in done.into_iter().filter(|with| !asks.contains(with)) {
            let (to, calls) = self.moved.remove(&with).unwrap_or_default();
            let calls: Vec<CallId> = calls.into_iter().filter(live).collect();
            calls.iter().for_each(|call| self.groups.leave(*call));
            let mut all = to.into_iter().filter(live).chain(calls);
            if let Some(first) = all.next() {
                all.for_each(|call| self.groups.join(call, first));
            }
            self.merged = true;
        }
    }

    fn follow_report(&mut self, report: &Report) {
        match report {
            Report::Muted { call, on } => {
                if let Some(known) = self.calls.get_mut(call) {
                    known.muted = *on;
                }
            }
            Report::Incoming { call, update, .. } | Report::Updated { call, update } => {
                if let Some(known) = self.calls.get_mut(call) {
                    known.video = update.video.unwrap_or(known.video);
                }
            }
            Report::RemoteHeld { call, on } => {
                if let Some(known) = self.calls.get_mut(call) {
                    known.remote_hold = *on;
                }
            }
            // It may be on hold from the start: an emergency call has the line.
            Report::Connected { call, .. } => {
                if let Some(known) = self.calls.get_mut(call) {
                    known.connected = true;
                }
            }
            Report::Register { .. }
            | Report::Invalidate
            | Report::Connecting { .. }
            | Report::Ended { .. }
            | Report::Held { .. }
            | Report::VideoOffer { .. }
            | Report::Adopt { .. } => {}
        }
    }

    /// R2: a call that is active now and was not before has its app's word for it.
    fn activations(&mut self, step: &Step<'_>, accepted: bool, out: &mut Vec<String>) {
        for call in &step.after.calls {
            let is_active = matches!(call.phase, Phase::Active { .. });
            let was = step.before.live().find(|before| before.id == call.id);
            let was_active = was.is_some_and(|call| matches!(call.phase, Phase::Active { .. }));
            if is_active && !was_active && !self.may_activate(step, accepted, call.id) {
                out.push(format!("{} became active without its app's word", call.id));
            }
            if let Some(known) = self.calls.get_mut(&call.id) {
                known.connected |= is_active;
            }
        }
    }

    fn may_activate(&self, step: &Step<'_>, accepted: bool, id: CallId) -> bool {
        // Who joins those who talk talks.
        if self.merged && self.is_asked_to_resume(id) {
            return true;
        }
        match step.event {
            Event::Report {
                report: Report::Connected { call, .. } | Report::Adopt { call },
                ..
            } => accepted && *call == id,
            // Its group is talked with again.
            Event::Report {
                report: Report::Held { call, on: false },
                ..
            } => accepted && (*call == id || self.groups.with(*call).contains(&id)),
            Event::Settled {
                ask,
                client,
                outcome,
            } => self.asks.get(ask).is_some_and(|(owner, call, kind)| {
                let word = matches!(
                    (kind, outcome),
                    (
                        AskKind::Answer | AskKind::SetHeld(false),
                        Outcome::Fulfilled { .. } | Outcome::FulfilledUsing(_)
                    ) | (AskKind::SetHeld(true), Outcome::Failed)
                );
                owner == client && *call == id && word
            }),
            Event::Report { .. }
            | Event::Request { .. }
            | Event::Acknowledged { .. }
            | Event::Environment(_)
            | Event::Tick => false,
        }
    }

    fn is_asked_to_resume(&self, id: CallId) -> bool {
        let resumes = |(_, call, kind): &(ClientId, CallId, AskKind)| {
            *call == id && *kind == AskKind::SetHeld(false)
        };
        self.asks.values().any(resumes)
    }

    /// R4, and the set of live calls.
    fn compare(&self, state: &Snapshot, out: &mut Vec<String>) {
        for call in &state.calls {
            let Some(known) = self.calls.get(&call.id) else {
                out.push(format!("{} is not known to the model", call.id));
                continue;
            };
            let seen = [
                ("muted", call.muted, known.muted),
                ("connected", call.has_connected, known.connected),
                ("remote hold", call.remote_hold, known.remote_hold),
                ("video", call.video, known.video),
            ];
            if call.translating.is_some() && !known.translated {
                out.push(format!("{} is translated without its app's word", call.id));
            }
            for (what, core, model) in seen {
                if core != model {
                    out.push(format!(
                        "{}: {what} is {core}, the model says {model}",
                        call.id
                    ));
                }
            }
        }
        out.extend(self.groups.differ(state));
        if state.calls.len() != self.calls.len() {
            let (core, model) = (state.calls.len(), self.calls.len());
            out.push(format!("{core} calls are live, the model says {model}"));
        }
    }

    /// An ask ends with its connection; one that is asked again is told anew.
    fn forget_dead(&mut self, step: &Step<'_>) {
        if let Event::Environment(Environment::ClientGone(gone)) = step.event {
            self.asks.retain(|_, (client, _, _)| client != gone);
        }
        let is_orphan = |state: &Snapshot, id: CallId| {
            let mut calls = state.calls.iter();
            calls.any(|call| call.id == id && call.orphaned_until.is_some())
        };
        let died = |id| !is_orphan(step.before, id) && is_orphan(step.after, id);
        self.asks.retain(|_, (_, call, _)| !died(*call));
    }

    fn remember_ask(&mut self, effect: &Effect) {
        match effect {
            Effect::Ask { client, ask, .. } => {
                self.asks
                    .insert(ask.id, (*client, ask.call, ask.kind.clone()));
            }
            Effect::AskExpired { ask, .. } => {
                self.asks.remove(ask);
            }
            Effect::Reply { .. }
            | Effect::CallEnded { .. }
            | Effect::AudioActivated { .. }
            | Effect::AudioDeactivated { .. }
            | Effect::AudioDenied { .. }
            | Effect::AudioInterrupted { .. }
            | Effect::RouteFinished { .. }
            | Effect::Open { .. }
            | Effect::Unlock
            | Effect::Launch(_)
            | Effect::Screen { .. }
            | Effect::KeepPolicy(_)
            | Effect::Ring { .. }
            | Effect::StopRing
            | Effect::StartTone { .. }
            | Effect::StopTone
            | Effect::Route { .. }
            | Effect::Record(_)
            | Effect::Amend(_)
            | Effect::Finished { .. }
            | Effect::Dropped { .. }
            | Effect::Publish { .. }
            | Effect::Anomaly(_) => {}
        }
    }

    fn remember_asks(&mut self, step: &Step<'_>, accepted: bool) {
        if let Event::Settled { client, ask, .. } = step.event
            && self.asks.get(ask).is_some_and(|of| of.0 == *client)
        {
            self.asks.remove(ask);
        }
        if let Event::Report {
            report: Report::Connected { call: told, .. },
            ..
        } = step.event
            && accepted
        {
            // What came about was settled by coming about.
            let is_start = |call: &CallId, kind: &AskKind| {
                call == told && matches!(kind, AskKind::Start { .. })
            };
            self.asks.retain(|_, (_, call, kind)| !is_start(call, kind));
        }
        self.forget_dead(step);
        for effect in step.effects {
            self.remember_ask(effect);
        }
        let live = |id: &CallId| step.after.live().any(|call| call.id == *id);
        self.asks.retain(|_, (_, call, kind)| {
            let other = match kind {
                AskKind::SetGroup(Some((with, _))) => live(with),
                AskKind::SetHeld(false) => !is_active(step.after, *call),
                AskKind::Start { .. }
                | AskKind::Answer
                | AskKind::End { .. }
                | AskKind::SetHeld(true)
                | AskKind::SetMuted(_)
                | AskKind::SetGroup(None)
                | AskKind::PlayDigits(_)
                | AskKind::SetVideo(_)
                | AskKind::DeclineVideo
                | AskKind::SetTranslating(_)
                | AskKind::Custom(_) => true,
            };
            live(call) && other
        });
    }
}

fn is_active(state: &Snapshot, id: CallId) -> bool {
    let active = |call: &CallSnapshot| call.id == id && matches!(call.phase, Phase::Active { .. });
    state.live().any(active)
}

/// Whether this step ends an ask: it is settled, its time is over, or its connection is gone.
fn is_over(step: &Step<'_>, id: AskId, client: ClientId, call: CallId) -> bool {
    let expired = step
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::AskExpired { ask, .. } if *ask == id));
    let orphaned = |call: &CallSnapshot| call.orphaned_until.is_some();
    let after = step.after.live().find(|live| live.id == call);
    expired
        || after.is_some_and(orphaned)
        || match step.event {
            Event::Settled {
                ask, client: by, ..
            } => *ask == id && *by == client,
            Event::Environment(Environment::ClientGone(gone)) => *gone == client,
            Event::Report { .. }
            | Event::Request { .. }
            | Event::Acknowledged { .. }
            | Event::Environment(_)
            | Event::Tick => false,
        }
}

/// Whether the report or request of this step was accepted, or an incoming call that waited for a
/// verdict.
fn accepted(step: &Step<'_>) -> bool {
    let own = match step.event {
        Event::Report { request, .. } | Event::Request { request, .. } => Some(*request),
        Event::Settled { .. }
        | Event::Acknowledged { .. }
        | Event::Environment(_)
        | Event::Tick => None,
    };
    step.effects.iter().any(|effect| {
        matches!(effect, Effect::Reply { request, result: Ok(_) }
            if own.is_none_or(|own| own == *request))
    })
}

/// Whether a wish names a call, or its kind may end calls the user did not name (a chosen answer).
fn names(wish: &Request, call: &CallSnapshot, before: &Snapshot) -> bool {
    let id = call.id;
    match wish {
        Request::EndGroup(named) => {
            let same_group = |other: &CallSnapshot| {
                other.id == *named && (other.id == id || other.group == call.group)
            };
            before.live().any(same_group)
        }
        Request::End(call) | Request::ForceEnd(call) | Request::Decline(call) => *call == id,
        Request::Transaction(actions) => actions
            .iter()
            .any(|action| matches!(action, Action::End(call) if *call == id)),
        Request::Answer { mode, .. } => *mode != hookswitch_model::AnswerMode::HoldAndAnswer,
        Request::Headset { .. } => true,
        Request::SetHeld(..)
        | Request::Swap
        | Request::Merge(..)
        | Request::Split(_)
        | Request::SetMuted(..)
        | Request::Digits(..)
        | Request::SendRest(_)
        | Request::DropRest(_)
        | Request::Silence(_)
        | Request::Dial { .. }
        | Request::Open(_)
        | Request::ChangeRule(_)
        | Request::Audio(_)
        | Request::Route(_)
        | Request::RouteCall(..)
        | Request::SetRingOn(_)
        | Request::SetVideo(..)
        | Request::DeclineVideo(_)
        | Request::SetTranslating(..)
        | Request::Custom(..)
        | Request::SetOnAnswer(_)
        | Request::SetDriving(_) => false,
    }
}
