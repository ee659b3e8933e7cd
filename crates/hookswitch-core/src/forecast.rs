//! The state as it will be after the steps planned so far, and the rules that each step has to
//! pass.
//!
//! Input: the core and the wish, step by step. Output: a [`Plan`], or the first refusal.
//! The promises are those of [`crate::plan`].

use hookswitch_model::{
    ActionFault, ActionKind, AnswerMode, AppId, CallId, CallKey, Digits, EndReason, Handle, HeldBy,
    Limit, Origin, Phase, Rejection,
};

use crate::Core;
use crate::event::Action;
use crate::plan::{NewCall, Plan, Step, invalid, limit_reached};
use crate::state::{Call, Provider};

/// A call as it will be after the steps planned so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Seen {
    Ringing,
    Line,
    Held,
    Gone,
}

/// The state as it will be after the steps planned so far (P1).
pub(crate) struct Forecast<'a> {
    core: &'a Core,
    /// Whose calls count, if not everyone's.
    app: Option<&'a AppId>,
    over: Vec<(CallId, Seen)>,
    steps: Vec<Step>,
    new_calls: Vec<NewCall>,
}

impl<'a> Forecast<'a> {
    pub(crate) fn new(core: &'a Core, app: Option<&'a AppId>) -> Self {
        Self {
            core,
            app,
            over: Vec::new(),
            steps: Vec::new(),
            new_calls: Vec::new(),
        }
    }

    pub(crate) fn plan_list(mut self, actions: &[Action]) -> Result<Plan, Rejection> {
        if let [Action::End(call)] = actions {
            return self.plan_end(*call);
        }
        for action in actions {
            match action {
                Action::Start {
                    call,
                    key,
                    handle,
                    video,
                } => {
                    let app = self.app.ok_or(Rejection::Unentitled)?;
                    self.start(*call, key.clone(), app, handle, *video)?;
                }
                Action::Answer(call) => self.answer(*call, AnswerMode::Auto)?,
                Action::End(call) => self.end(*call, Origin::User)?,
                Action::SetHeld(call, true) => self.hold(*call, HeldBy::User, None)?,
                Action::SetHeld(call, false) => self.resume(*call)?,
                Action::SetMuted(call, on) => self.set_muted(*call, *on)?,
                Action::PlayDigits(call, digits) => self.play_digits(*call, digits)?,
            }
        }
        self.finish()
    }

    /// Ends a call; the user's own hang-up brings the one held call back, also across apps.
    pub(crate) fn plan_end(mut self, id: CallId) -> Result<Plan, Rejection> {
        let was_on_line = self.find_open(id, ActionKind::End)?.is_on_line();
        self.end(id, Origin::User)?;
        let back = match self.held()[..] {
            [held] if was_on_line && self.line(None).is_none() => {
                let displaced = self.core.calls.get(&held).and_then(Call::displaced_by);
                (displaced != Some(id) || self.core.has_connected(id)).then_some(held)
            }
            _ => None,
        };
        let mut plan = self.finish()?;
        if let Some(held) = back {
            plan.stages.push(vec![Step::Resume(held)]);
        }
        Ok(plan)
    }

    /// Groups the steps into stages (P3).
    pub(crate) fn finish(self) -> Result<Plan, Rejection> {
        let Some(first) = self.steps.first().map(Step::call) else {
            return Err(Rejection::EmptyTransaction);
        };
        let subject = self
            .steps
            .iter()
            .find(|step| !step.is_giver())
            .map_or(first, Step::call);
        let app_of = |step: &Step| self.app_of(step.call());
        let mut apps = self.steps.iter().map(app_of);
        let first_app = apps.next().flatten();
        let stages = if apps.all(|app| app == first_app) {
            vec![self.steps]
        } else {
            let (givers, takers) = self.steps.into_iter().partition(Step::is_giver);
            vec![givers, takers]
        };
        Ok(Plan {
            call: subject,
            stages: stages.into_iter().filter(|s| !s.is_empty()).collect(),
            new_calls: self.new_calls,
        })
    }

    fn app_of(&self, id: CallId) -> Option<AppId> {
        let live = self.core.calls.get(&id).map(|call| call.app.clone());
        live.or_else(|| {
            let new = self.new_calls.iter().find(|new| new.id == id);
            new.map(|new| new.app.clone())
        })
    }

    fn seen(&self, call: &Call) -> Seen {
        if let Some((_, seen)) = self.over.iter().rev().find(|(id, _)| *id == call.id) {
            return *seen;
        }
        match call.phase {
            Phase::Ending { .. } => Seen::Gone,
            _ if call.is_orphan() => Seen::Gone,
            Phase::Held(_) => Seen::Held,
            Phase::Ringing { .. } if !call.answering => Seen::Ringing,
            Phase::Ringing { .. } | Phase::Dialing { .. } | Phase::Active { .. } => Seen::Line,
        }
    }

    /// The call on the line, other than `except`. While the line changes hands: the one who takes
    /// it.
    fn line(&self, except: Option<CallId>) -> Option<&'a Call> {
        let on_line = |call: &&Call| Some(call.id) != except && self.seen(call) == Seen::Line;
        let taker = |call: &&Call| {
            let leaving = call.is_active() && self.core.has_pending(call, ActionKind::SetHeld);
            (!leaving, !call.is_active(), call.order)
        };
        self.core.calls.values().filter(on_line).max_by_key(taker)
    }

    /// Held calls, the most recently held last.
    fn held(&self) -> Vec<CallId> {
        let mut held: Vec<_> = self
            .core
            .calls
            .values()
            .filter(|call| self.seen(call) == Seen::Held)
            .map(|call| (held_since(call), call.id))
            .collect();
        held.sort_unstable();
        held.into_iter().map(|(_, id)| id).collect()
    }

    /// A call that can be acted on: live, the requester's, not about to end, not busy beyond
    /// measure.
    fn find_open(&self, id: CallId, action: ActionKind) -> Result<&'a Call, Rejection> {
        let call = self.core.find(self.app, id)?;
        let max = self.core.limits.count(Limit::AsksPerCall);
        if matches!(call.phase, Phase::Ending { .. }) {
            Err(invalid(id, action, ActionFault::UnderWay))
        } else if call.asks.len() >= max && action != ActionKind::End {
            Err(limit_reached(Limit::AsksPerCall, max))
        } else {
            Ok(call)
        }
    }

    /// As [`Self::find_open`], and its app is there to be asked.
    fn find_reachable(&self, id: CallId, action: ActionKind) -> Result<&'a Call, Rejection> {
        let call = self.find_open(id, action)?;
        if call.is_orphan() {
            Err(invalid(id, action, ActionFault::AppGone))
        } else {
            Ok(call)
        }
    }

    fn push(&mut self, step: Step, becomes: Option<Seen>) {
        if let Some(seen) = becomes {
            self.over.push((step.call(), seen));
        }
        self.steps.push(step);
    }

    /// The call-waiting table: what each way to answer does to the others.
    pub(crate) fn answer(&mut self, id: CallId, mode: AnswerMode) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::Answer)?;
        if self.seen(call) != Seen::Ringing {
            let fault = if call.answering {
                ActionFault::UnderWay
            } else {
                ActionFault::Phase(call.phase.kind())
            };
            return Err(invalid(id, ActionKind::Answer, fault));
        }
        let line = self.line(None).map(|call| call.id);
        match (mode, line) {
            (AnswerMode::EndHeldAndAnswer, _) => self.end_held(id)?,
            (AnswerMode::EndAndAnswer, Some(other)) => self.end(other, Origin::CallWaiting)?,
            (AnswerMode::HoldAndAnswer, Some(_)) => self.hold_line(id)?,
            (AnswerMode::Auto, Some(_)) => self
                .hold_line(id)
                .map_err(|_| Rejection::NotNow(ActionFault::ChoiceNeeded))?,
            (AnswerMode::Auto | AnswerMode::HoldAndAnswer | AnswerMode::EndAndAnswer, None) => {
                self.check_groups(1)?
            }
        }
        self.push(Step::Answer(id), Some(Seen::Line));
        Ok(())
    }

    fn end_held(&mut self, taker: CallId) -> Result<(), Rejection> {
        let Some(held) = self.held().last().copied() else {
            return Err(Rejection::NotNow(ActionFault::NoHeldCall));
        };
        self.end(held, Origin::CallWaiting)?;
        if self.line(None).is_some() {
            self.hold_line(taker)
        } else {
            self.check_groups(1)
        }
    }

    /// Holds the call on the line for `taker`, which must be holdable itself or swap would be a
    /// trap.
    fn hold_line(&mut self, taker: CallId) -> Result<(), Rejection> {
        let Some(line) = self.line(Some(taker)).map(|call| call.id) else {
            return Ok(());
        };
        self.check_can_hold(line)?;
        let taker_holds = self.core.calls.get(&taker).map(|c| c.capabilities.holding);
        if taker_holds == Some(false) {
            return Err(invalid(taker, ActionKind::SetHeld, ActionFault::CannotHold));
        }
        self.check_groups(2)?;
        let step = Step::Hold {
            call: line,
            by: HeldBy::OtherCall,
            for_call: Some(taker),
        };
        self.push(step, Some(Seen::Held));
        Ok(())
    }

    /// Checks that held calls and `more` others fit the limit of connected groups. A call whose app
    /// may come back to it keeps its place.
    fn check_groups(&self, more: usize) -> Result<(), Rejection> {
        let max = self.core.limits.count(Limit::Groups);
        let may_return = |call: &&Call| call.is_orphan() && !call.is_ringing();
        let away = self.core.calls.values().filter(may_return).count();
        if self.held().len() + away + more > max {
            return Err(limit_reached(Limit::Groups, max));
        }
        Ok(())
    }

    fn check_can_hold(&self, id: CallId) -> Result<(), Rejection> {
        let Some(call) = self.core.calls.get(&id) else {
            return Err(invalid(id, ActionKind::SetHeld, ActionFault::CannotHold));
        };
        let fault = if !call.is_active() || !call.capabilities.holding {
            ActionFault::CannotHold
        } else if self.core.has_pending(call, ActionKind::SetHeld) {
            ActionFault::UnderWay
        } else {
            return Ok(());
        };
        Err(invalid(id, ActionKind::SetHeld, fault))
    }

    pub(crate) fn decline(&mut self, id: CallId) -> Result<(), Rejection> {
        let call = self.find_open(id, ActionKind::End)?;
        if !call.is_ringing() {
            let fault = ActionFault::Phase(call.phase.kind());
            return Err(invalid(id, ActionKind::End, fault));
        }
        self.end(id, Origin::User)
    }

    fn end(&mut self, id: CallId, origin: Origin) -> Result<(), Rejection> {
        // The call-waiting choices end calls of other apps: the system acts, not the requester.
        let call = if origin == Origin::CallWaiting {
            self.core.find(None, id)?
        } else {
            self.find_open(id, ActionKind::End)?
        };
        if self.seen(call) == Seen::Gone && !call.is_orphan() {
            return Err(invalid(id, ActionKind::End, ActionFault::UnderWay));
        }
        let reason = if call.is_open_ring() {
            EndReason::DeclinedHere
        } else {
            EndReason::LocalHangup
        };
        let step = Step::End {
            call: id,
            origin,
            reason,
        };
        self.push(step, Some(Seen::Gone));
        Ok(())
    }

    pub(crate) fn hold(
        &mut self,
        id: CallId,
        by: HeldBy,
        for_call: Option<CallId>,
    ) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::SetHeld)?;
        if self.seen(call) == Seen::Held || call.is_ringing() {
            let fault = ActionFault::Phase(call.phase.kind());
            return Err(invalid(id, ActionKind::SetHeld, fault));
        }
        self.check_can_hold(id)?;
        let step = Step::Hold {
            call: id,
            by,
            for_call,
        };
        self.push(step, Some(Seen::Held));
        Ok(())
    }

    /// Resumes a call. Whatever is on the line is held first, never ended.
    pub(crate) fn resume(&mut self, id: CallId) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::SetHeld)?;
        if self.seen(call) != Seen::Held {
            let fault = ActionFault::Phase(call.phase.kind());
            return Err(invalid(id, ActionKind::SetHeld, fault));
        }
        if self.core.has_pending(call, ActionKind::SetHeld) && call.is_held() {
            return Err(invalid(id, ActionKind::SetHeld, ActionFault::UnderWay));
        }
        if let Some(line) = self.line(Some(id)).map(|call| call.id) {
            self.check_can_hold(line)?;
            let step = Step::Hold {
                call: line,
                by: HeldBy::OtherCall,
                for_call: None,
            };
            self.push(step, Some(Seen::Held));
        }
        self.push(Step::Resume(id), Some(Seen::Line));
        Ok(())
    }

    pub(crate) fn swap(&mut self) -> Result<(), Rejection> {
        let active = self.line(None).is_some_and(Call::is_active);
        match self.held().last() {
            Some(held) if active => self.resume(*held),
            Some(_) | None => Err(Rejection::NotNow(ActionFault::NothingToSwap)),
        }
    }

    pub(crate) fn set_muted(&mut self, id: CallId, on: bool) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::SetMuted)?;
        if call.is_ringing() {
            let fault = ActionFault::Phase(call.phase.kind());
            return Err(invalid(id, ActionKind::SetMuted, fault));
        }
        self.push(Step::SetMuted(id, on), None);
        Ok(())
    }

    pub(crate) fn play_digits(&mut self, id: CallId, digits: &Digits) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::PlayDigits)?;
        let fault = if !call.is_active() {
            ActionFault::Phase(call.phase.kind())
        } else if !call.capabilities.digits {
            ActionFault::NoDigits
        } else {
            self.push(Step::PlayDigits(id, digits.clone()), None);
            return Ok(());
        };
        Err(invalid(id, ActionKind::PlayDigits, fault))
    }

    pub(crate) fn dial(
        &mut self,
        id: CallId,
        app: &AppId,
        handle: &Handle,
        video: bool,
    ) -> Result<(), Rejection> {
        let key = CallKey::new(&id.to_string()).map_err(|_| Rejection::UnknownCall(id))?;
        // An app that is not running says what it can dial when it has started.
        let running = |p: &&Provider| p.client.is_some();
        if let Some(provider) = self.core.providers.get(app).filter(running)
            && !provider.configuration.handle_kinds.contains(handle.kind())
        {
            return Err(invalid(id, ActionKind::Start, ActionFault::HandleKind));
        }
        self.start(id, key, app, handle, video)
    }

    fn start(
        &mut self,
        id: CallId,
        key: CallKey,
        app: &AppId,
        handle: &Handle,
        video: bool,
    ) -> Result<(), Rejection> {
        self.check_new_id(id)?;
        if self.core.calls.values().any(Call::is_open_ring) {
            return Err(Rejection::NotNow(ActionFault::RingingFirst));
        }
        if self.line(None).is_some() {
            self.hold_line(id)?;
        } else {
            self.check_groups(1)?;
        }
        self.check_app_groups(app)?;
        self.new_calls.push(NewCall {
            id,
            key,
            app: app.clone(),
            handle: handle.clone(),
            video,
        });
        self.push(Step::Start(id), Some(Seen::Line));
        Ok(())
    }

    fn check_new_id(&self, id: CallId) -> Result<(), Rejection> {
        let taken = self.core.calls.contains_key(&id)
            || self.core.tombstones.find(id).is_some()
            || self.new_calls.iter().any(|new| new.id == id);
        if taken {
            return Err(Rejection::CallExists(id));
        }
        let max = self.core.limits.count(Limit::Calls);
        if self.core.calls.len() + self.new_calls.len() >= max {
            return Err(limit_reached(Limit::Calls, max));
        }
        Ok(())
    }

    /// The app's own limit of simultaneous groups (CallKit `maximumCallGroups`).
    fn check_app_groups(&self, app: &AppId) -> Result<(), Rejection> {
        let Some(provider) = self.core.providers.get(app) else {
            return Ok(());
        };
        let calls = self.core.calls.values();
        let live = calls.filter(|call| call.app == *app && self.seen(call) != Seen::Gone);
        let max = provider.configuration.groups_max as usize;
        if live.count() + self.new_calls.len() >= max {
            return Err(limit_reached(Limit::Groups, max));
        }
        Ok(())
    }
}

fn held_since(call: &Call) -> Option<(u64, u64)> {
    match call.phase {
        Phase::Held(hold) => Some((hold.since.at.as_nanos(), call.order)),
        // About to be held by an earlier step of the same plan: the latest of all.
        Phase::Ringing { .. }
        | Phase::Dialing { .. }
        | Phase::Active { .. }
        | Phase::Ending { .. } => Some((u64::MAX, call.order)),
    }
}
