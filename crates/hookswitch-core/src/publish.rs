//! The read model, made on demand.
//!
//! Buttons are not computed twice: each control asks the planner what it would say to the press.

use std::sync::Arc;

use hookswitch_model::{
    ActionFault, ActionKind, AnswerChoice, AnswerMode, AnswerVerdict, CallId, CallSnapshot,
    Control, Digits, Phase, Privacy, ProviderSnapshot, Rejection, Snapshot, Text,
};

use crate::Core;
use crate::event::{Request, Requester};
use crate::forecast::Forecast;
use crate::plan::Step;
use crate::state::Call;

impl Core {
    /// The read model as of the last event, made anew. [`Core::publish`] gives the same for less.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut calls: Vec<&Call> = self.calls.values().collect();
        calls.sort_unstable_by_key(|call| call.order);
        let fresh = |call| Arc::new(self.call_snapshot(call));
        self.snapshot_with(calls.into_iter().map(fresh).collect())
    }

    /// The read model with these calls.
    pub(crate) fn snapshot_with(&self, calls: Vec<Arc<CallSnapshot>>) -> Snapshot {
        let presented = self.presented().map(|call| call.id);
        Snapshot {
            revision: self.revision,
            at: self.now,
            calls,
            providers: self.provider_snapshots(),
            presented,
            answers: presented.map_or_else(Vec::new, |call| self.answers(call)),
            ring: self.ring,
            ringtone: self.ringing_with.clone(),
            ring_on: self.ring_on.clone(),
            tone: self.tone_state(),
            lease: self.lease.clone(),
            swap: self.control(&Request::Swap),
            endpoints: self.routing.endpoints.clone(),
            audio: self.audio_snapshot(),
            notices: self.notices.iter().cloned().collect(),
            policy: self.policy.clone(),
            awaiting_verdict: self.arrivals.keys().copied().collect(),
            front: self.front,
            locked: self.locked,
            unlocking: self.behind_lock.as_ref().map(|waiting| waiting.call),
        }
    }

    fn provider_snapshots(&self) -> Vec<ProviderSnapshot> {
        let mut providers: Vec<_> = self
            .providers
            .iter()
            .map(|(app, provider)| ProviderSnapshot {
                id: provider.id,
                app: app.clone(),
                name: provider.configuration.name.clone(),
                kind: provider.configuration.kind,
                connected: provider.client.is_some(),
                open_url: provider.configuration.open_url.clone(),
                accounts: provider.configuration.accounts.clone(),
            })
            .collect();
        providers.sort_unstable_by_key(|provider| provider.id);
        providers
    }

    pub(crate) fn call_snapshot(&self, call: &Call) -> CallSnapshot {
        let tone = Digits::new("1").ok();
        let digits = tone.map(|tone| self.control(&Request::Digits(call.id, tone)));
        CallSnapshot {
            id: call.id,
            key: call.key.clone(),
            app: call.app.clone(),
            direction: call.direction,
            handle: call.handle.clone(),
            name: call.name.clone(),
            capabilities: call.capabilities,
            shown_as: self.shown_as(call),
            video: call.video,
            emergency: call.emergency,
            phase: call.phase,
            pending: self.pending_action(call),
            has_connected: call.has_connected(),
            started_at: call.dates.started.map(|date| date.wall),
            connecting_at: call.dates.connecting.map(|date| date.wall),
            connected_at: call.dates.connected.map(|date| date.wall),
            began: call.began,
            muted: call.muted,
            muted_by: call.mute.origin,
            mute_revision: call.mute.revision,
            remote_hold: call.remote_hold,
            silenced: call.silenced,
            orphaned_until: call.orphaned_until,
            hold: self.hold_control(call),
            mute: self.busy_or(
                call,
                ActionKind::SetMuted,
                &Request::SetMuted(call.id, !self.is_muted(call)),
            ),
            digits: if call.capabilities.digits {
                digits.unwrap_or_default()
            } else {
                Control::Absent
            },
            group: call.group,
            merge_with: self.merge_candidate(call),
            merge: self.merge_control(call),
            split: self.split_control(call),
            add_call: self.add_call_control(call),
            account: self.account_of(call),
            video_control: self.video_control(call),
            video_offer: call.video_offer.filter(|_| !call.is_orphan()),
            translating: call.translating.clone(),
            translate: self.translate_control(call),
            uplink: call.has_uplink(),
            slow: self.slow_action(call),
            resuming: call.is_to_resume(),
            digits_waiting: call.digits_waiting(),
            buttons: self.button_snapshots(call),
        }
    }

    /// The name of the app, if that is all that is to be shown of a call.
    fn shown_as(&self, call: &Call) -> Option<Text> {
        match self.policy.privacy_in(&call.app) {
            Privacy::Full => None,
            Privacy::NameHidden => Some(self.name_of(&call.app)),
        }
    }

    /// The other conversation that "Merge" means: the one on the line for a held call, and for one
    /// on the line the last held, of its own app if there is one.
    fn merge_candidate(&self, call: &Call) -> Option<CallId> {
        if !call.is_active() && !call.is_held() {
            return None;
        }
        if let Some(joining) = call.joining {
            let other_side = |other: &&Call| {
                let joins = other.joining.is_some_and(|j| j.group == joining.group);
                let same = other.group.is_some() && other.group == call.group;
                joins && !same && other.id != call.id
            };
            return self.calls.values().find(other_side).map(|other| other.id);
        }
        let forecast = Forecast::new(self, None);
        let others = forecast.others(call);
        let own = |id: &&CallId| self.calls.get(id).is_some_and(|c| c.app == call.app);
        others.iter().find(own).or_else(|| others.first()).copied()
    }

    fn merge_control(&self, call: &Call) -> Control {
        if call.joining.is_some() {
            return Control::Busy;
        }
        let with = self.merge_candidate(call);
        with.map_or(Control::Absent, |with| {
            self.control(&Request::Merge(call.id, with))
        })
    }

    fn split_control(&self, call: &Call) -> Control {
        match call.group {
            Some(_) => self.busy_or(call, ActionKind::SetGroup, &Request::Split(call.id)),
            None => Control::Absent,
        }
    }

    /// Whether the app of this call could start another one now.
    fn add_call_control(&self, call: &Call) -> Control {
        if !call.is_active() && !call.is_held() {
            return Control::Absent;
        }
        match Forecast::new(self, None).may_add_call(&call.app) {
            Ok(()) => Control::Ready,
            Err(rejection) => Control::Refused(rejection),
        }
    }

    fn hold_control(&self, call: &Call) -> Control {
        let wish = Request::SetHeld(call.id, !call.is_held());
        match call.phase {
            Phase::Ringing { .. } => Control::Absent,
            // Picked up instead of resumed.
            Phase::Held(_) if call.is_at_voicemail() => {
                let (call_id, mode) = (call.id, AnswerMode::Auto);
                let wish = Request::Answer {
                    call: call_id,
                    mode,
                };
                self.busy_or(call, ActionKind::Answer, &wish)
            }
            Phase::Dialing { .. }
            | Phase::Active { .. }
            | Phase::Held(_)
            | Phase::Ending { .. } => self.busy_or(call, ActionKind::SetHeld, &wish),
        }
    }

    pub(crate) fn busy_or(&self, call: &Call, action: ActionKind, wish: &Request) -> Control {
        if self.open_asks(call).any(|ask| ask.action() == action) {
            Control::Busy
        } else {
            self.control(wish)
        }
    }

    /// What a press would lead to.
    pub(crate) fn control(&self, wish: &Request) -> Control {
        match self.plan(Requester::User, wish) {
            Ok(_) => Control::Ready,
            Err(Rejection::NotNow(ActionFault::NothingToSwap)) => Control::Absent,
            Err(rejection) => Control::Refused(rejection),
        }
    }

    fn answers(&self, call: CallId) -> Vec<AnswerChoice> {
        let choice = |mode: &AnswerMode| AnswerChoice {
            mode: *mode,
            verdict: self.answer_verdict(call, *mode),
        };
        self.answer_modes().iter().map(choice).collect()
    }

    fn answer_verdict(&self, call: CallId, mode: AnswerMode) -> AnswerVerdict {
        match self.plan(Requester::User, &Request::Answer { call, mode }) {
            Err(rejection) => AnswerVerdict::Refused(rejection),
            Ok(plan) => {
                let stages = plan.map(|plan| plan.stages).unwrap_or_default();
                let (mut ends, mut holds) = (Vec::new(), Vec::new());
                for step in stages.iter().flatten() {
                    match step {
                        Step::End { call, .. } => ends.push(*call),
                        Step::Hold { call, .. } => holds.push(*call),
                        Step::Start(_)
                        | Step::Answer(_)
                        | Step::Resume(_)
                        | Step::SetGroup(..)
                        | Step::SetMuted(..)
                        | Step::PlayDigits(..)
                        | Step::SetVideo(..)
                        | Step::DeclineVideo(_)
                        | Step::SetTranslating(..)
                        | Step::Custom(..) => {}
                    }
                }
                AnswerVerdict::Allowed { ends, holds }
            }
        }
    }
}
