//! The rules that each wish has to pass, and the steps it becomes.
//!
//! Input: a wish or an action of a list. Output: steps in the [`Forecast`], or the first refusal.
//! What acts on more than one conversation is a row of [`crate::gesture`].

use hookswitch_model::{
    ActionFault, ActionKind, AnswerMode, AppId, CallId, CallKey, Callee, Configuration, Digits,
    EndReason, HeldBy, Origin, PhaseKind, Rejection, TonesKind,
};

use crate::event::Action;
use crate::forecast::{Forecast, Seen};
use crate::gesture::{self, Deed, Gesture, Who};
use crate::group::leavers;
use crate::plan::{NewCall, Plan, Step, invalid};
use crate::state::{Call, Provider};

impl<'a> Forecast<'a> {
    /// Carries out a row of the table. `with` is the other side of a merge.
    pub(crate) fn perform(
        &mut self,
        gesture: &Gesture,
        this: CallId,
        with: Option<CallId>,
    ) -> Result<(), Rejection> {
        self.waits = gesture.waits;
        let cast: Vec<(Deed, Vec<CallId>)> = gesture
            .moves
            .iter()
            .map(|(deed, who)| (*deed, self.cast(*who, this, with)))
            .collect();
        let for_call = gesture.undoes_holds().then_some(this);
        for (deed, calls) in cast {
            for id in calls {
                self.step(deed, id, for_call, with)?;
            }
        }
        Ok(())
    }

    /// Who stands where a row says so.
    fn cast(&self, who: Who, this: CallId, with: Option<CallId>) -> Vec<CallId> {
        let call = self.core.calls.get(&this);
        let ids = |calls: Vec<&Call>| calls.iter().map(|call| call.id).collect();
        let talks = |call: &&Call| self.seen(call) == Seen::Line;
        match (who, call) {
            (Who::This, _) | (Who::Group | Who::Rest | Who::HeldSide, None) => vec![this],
            (Who::Group, Some(call)) => {
                let mut group = self.together(call);
                group.retain(|call| call.phase.kind() != PhaseKind::Ending);
                ids(group)
            }
            (Who::Rest, Some(call)) if talks(&call) => {
                let rest = self.together(call).into_iter().skip(1);
                ids(rest.filter(talks).collect())
            }
            (Who::Rest, Some(_)) => Vec::new(),
            (Who::Line, call) => ids(self.line(call)),
            (Who::Held, _) => self.held().pop().unwrap_or_default(),
            (Who::Others, call) => {
                let mut all: Vec<CallId> = self.held().into_iter().flatten().collect();
                all.extend(self.line(call).iter().map(|call| call.id));
                all
            }
            (Who::HeldSide, Some(call)) => ids(self.held_side(call, with)),
        }
    }

    /// Those of two sides who are on hold while the other side talks.
    fn held_side(&self, call: &'a Call, with: Option<CallId>) -> Vec<&'a Call> {
        let with = with.and_then(|id| self.core.calls.get(&id));
        let mut sides = self.together(call);
        sides.extend(with.map(|with| self.together(with)).unwrap_or_default());
        let seen = |seen: Seen| move |call: &&Call| self.seen(call) == seen;
        if sides.iter().any(seen(Seen::Line)) {
            sides.retain(seen(Seen::Held));
            sides
        } else {
            Vec::new()
        }
    }

    /// One move of a row, for one call.
    fn step(
        &mut self,
        deed: Deed,
        id: CallId,
        for_call: Option<CallId>,
        with: Option<CallId>,
    ) -> Result<(), Rejection> {
        match deed {
            Deed::End => self.end(id, Origin::CallWaiting),
            Deed::Hold => {
                self.check_can_hold(id)?;
                let step = Step::Hold {
                    call: id,
                    by: HeldBy::OtherCall,
                    for_call,
                };
                self.push(step, Some(Seen::Held));
                Ok(())
            }
            Deed::HoldOrEnd if self.check_can_hold(id).is_ok() => {
                self.step(Deed::Hold, id, for_call, with)
            }
            Deed::HoldOrEnd => self.end(id, Origin::CallWaiting),
            Deed::EndForRoom => self.end_for_room(id),
            Deed::Divert => {
                let step = Step::Hold {
                    call: id,
                    by: HeldBy::Voicemail,
                    for_call: None,
                };
                self.push(step, Some(Seen::Voicemail));
                Ok(())
            }
            Deed::Resume => self.take_back(id),
            Deed::Answer => {
                self.push(Step::Answer(id), Some(Seen::Line));
                Ok(())
            }
            Deed::Start => {
                self.push(Step::Start(id), Some(Seen::Line));
                Ok(())
            }
            Deed::Group | Deed::Ungroup => {
                self.push(Step::SetGroup(id, with), None);
                Ok(())
            }
        }
    }

    /// Ends a call if there is no room beside it; one that was about to be held is ended at once.
    fn end_for_room(&mut self, id: CallId) -> Result<(), Rejection> {
        let call = self.core.find(None, id)?;
        if self.check_groups(1).is_ok() || self.seen(call) == Seen::Gone {
            return Ok(());
        }
        self.withdraw_hold(id);
        self.end(id, Origin::CallWaiting)
    }

    /// Resumes a call that is on hold, unless that is under way.
    fn take_back(&mut self, id: CallId) -> Result<(), Rejection> {
        let held = self
            .core
            .calls
            .get(&id)
            .filter(|call| self.seen(call) == Seen::Held);
        if held.is_some() {
            self.push(Step::Resume(id), Some(Seen::Line));
        }
        Ok(())
    }

    pub(crate) fn plan_list(mut self, actions: &[Action]) -> Result<Plan, Rejection> {
        if let [Action::End(call)] = actions {
            return self.plan_end(*call, false);
        }
        let leavers = leavers(actions);
        for action in actions {
            match action {
                Action::Start { call, key, to } => {
                    let app = self.app.ok_or(Rejection::Unentitled)?;
                    self.check_account(app, *call, to)?;
                    self.start(NewCall {
                        id: *call,
                        key: key.clone(),
                        app: app.clone(),
                        to: to.clone(),
                        post_dial: None,
                    })?;
                }
                Action::Answer(call) => self.answer(*call, AnswerMode::Auto)?,
                Action::End(call) => self.end_open(*call)?,
                Action::SetHeld(call, true) => self.hold(*call, &leavers)?,
                Action::SetHeld(call, false) if self.joins_line(*call, actions) => {
                    self.check_can_resume(*call)?;
                }
                Action::SetHeld(call, false) => self.resume(*call)?,
                Action::SetMuted(call, on) => self.set_muted(*call, *on)?,
                Action::SetGroup(call, Some(with)) => self.group(*call, *with)?,
                Action::SetGroup(call, None) => self.split(*call)?,
                Action::PlayDigits(call, digits) => self.play_digits(*call, digits)?,
                Action::SetTranslating(call, to) => self.set_translating(*call, to.as_ref())?,
            }
        }
        self.finish()
    }

    /// Ends calls; the user's own hang-up brings the one held conversation back, also across apps.
    pub(crate) fn plan_end(mut self, id: CallId, all: bool) -> Result<Plan, Rejection> {
        let call = self.find_open(id, ActionKind::End)?;
        let was_on_line = call.is_on_line();
        let gesture = if all {
            &gesture::END_GROUP
        } else {
            &gesture::END
        };
        let ending = self.cast(gesture.moves[0].1, id, None);
        for id in &ending {
            self.end_open(*id)?;
        }
        let displaced = |held: &CallId| {
            let held = self.core.calls.get(held).and_then(Call::displaced_by);
            held.is_some_and(|taker| ending.contains(&taker) && !self.core.has_connected(taker))
        };
        let back = match &self.held_or_away(&ending)[..] {
            [held] if was_on_line && self.line(None).is_empty() && !held.iter().any(displaced) => {
                held.clone()
            }
            _ => Vec::new(),
        };
        self.waits = gesture.waits;
        for held in back {
            self.push(Step::Resume(held), Some(Seen::Line));
        }
        self.finish()
    }

    /// The call-waiting table: what each way to answer does to the others.
    pub(crate) fn answer(&mut self, id: CallId, mode: AnswerMode) -> Result<(), Rejection> {
        // An app that died meanwhile is started, and told of the answer when it is there.
        let call = self.find_open(id, ActionKind::Answer)?;
        if !matches!(self.seen(call), Seen::Ringing | Seen::Voicemail) {
            let fault = if call.answering {
                ActionFault::UnderWay
            } else {
                ActionFault::Phase(call.phase.kind())
            };
            return Err(invalid(id, ActionKind::Answer, fault));
        }
        let busy = !self.line(None).is_empty();
        match mode {
            AnswerMode::EndHeldAndAnswer if self.held().is_empty() => {
                Err(Rejection::NotNow(ActionFault::NoHeldCall))
            }
            AnswerMode::EndHeldAndAnswer => self.take_line_by(&gesture::END_HELD_AND_ANSWER, call),
            AnswerMode::EndAndAnswer if busy => {
                self.perform(&gesture::END_AND_ANSWER, id, None)?;
                // Its app may have another one on hold.
                self.check_app_groups(&call.app, 0)
            }
            AnswerMode::HoldAndAnswer if busy => self.take_line_by(&gesture::HOLD_AND_ANSWER, call),
            AnswerMode::Auto if busy => self
                .take_line_by(&gesture::HOLD_AND_ANSWER, call)
                .map_err(|_| Rejection::NotNow(ActionFault::ChoiceNeeded)),
            AnswerMode::Auto | AnswerMode::HoldAndAnswer | AnswerMode::EndAndAnswer => {
                self.take_line_by(&gesture::ANSWER, call)
            }
        }
    }

    /// A gesture that holds what talks: the taker must be holdable itself, or swap would be a trap,
    /// and there must be room for one more conversation, with its app too.
    fn take_line_by(&mut self, gesture: &Gesture, taker: &Call) -> Result<(), Rejection> {
        let holds = !self.line(Some(taker)).is_empty();
        self.perform(gesture, taker.id, None)?;
        if holds && !taker.capabilities.holding {
            let fault = ActionFault::CannotHold;
            return Err(invalid(taker.id, ActionKind::SetHeld, fault));
        }
        self.check_groups(0)?;
        self.check_app_groups(&taker.app, 0)
    }

    /// Checks that a call on the line can leave it.
    pub(crate) fn check_can_hold(&self, id: CallId) -> Result<(), Rejection> {
        let Some(call) = self.core.calls.get(&id) else {
            return Err(invalid(id, ActionKind::SetHeld, ActionFault::CannotHold));
        };
        let fault = if call.emergency {
            ActionFault::Emergency
        } else if !call.is_active() || !call.capabilities.holding {
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
        if self.core.diverts(call) {
            self.perform(&gesture::DECLINE_TO_VOICEMAIL, id, None)?;
            self.decline_others()
        } else {
            self.end(id, Origin::User)
        }
    }

    /// Ends a call of the requester.
    pub(crate) fn end_open(&mut self, id: CallId) -> Result<(), Rejection> {
        self.find_open(id, ActionKind::End)?;
        self.end(id, Origin::User)
    }

    /// The call-waiting choices end calls of other apps: the system acts, not the requester.
    pub(crate) fn end(&mut self, id: CallId, origin: Origin) -> Result<(), Rejection> {
        let call = self.core.find(None, id)?;
        if self.seen(call) == Seen::Gone && !call.is_orphan() {
            return Err(invalid(id, ActionKind::End, ActionFault::UnderWay));
        }
        let reason = if call.is_open_ring() || call.is_at_voicemail() {
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

    /// Holds a call with its group.
    pub(crate) fn hold(&mut self, id: CallId, leaving: &[CallId]) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::SetHeld)?;
        if self.holds_already(id) {
            return Ok(());
        }
        if self.seen(call) == Seen::Held || call.is_unanswered() {
            let fault = ActionFault::Phase(call.met_kind());
            return Err(invalid(id, ActionKind::SetHeld, fault));
        }
        if call.joining.is_some() {
            return Err(invalid(id, ActionKind::SetHeld, ActionFault::UnderWay));
        }
        for call in self.together(call) {
            if self.seen(call) == Seen::Line && !leaving.contains(&call.id) {
                self.check_can_hold(call.id)?;
                let step = Step::Hold {
                    call: call.id,
                    by: HeldBy::User,
                    for_call: None,
                };
                self.push(step, Some(Seen::Held));
            }
        }
        Ok(())
    }

    /// Resumes a call with its group. Whatever is on the line is held first, never ended.
    pub(crate) fn resume(&mut self, id: CallId) -> Result<(), Rejection> {
        self.check_can_resume(id)?;
        self.perform(&gesture::RESUME, id, None)
    }

    pub(crate) fn check_can_resume(&self, id: CallId) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::SetHeld)?;
        if self.seen(call) != Seen::Held {
            let fault = ActionFault::Phase(call.met_kind());
            return Err(invalid(id, ActionKind::SetHeld, fault));
        }
        if self.core.has_pending(call, ActionKind::SetHeld) && call.is_held() {
            return Err(invalid(id, ActionKind::SetHeld, ActionFault::UnderWay));
        }
        Ok(())
    }

    pub(crate) fn swap(&mut self) -> Result<(), Rejection> {
        let line = self.line(None);
        let active = line.iter().any(|call| call.is_active());
        let held = self.held().pop().unwrap_or_default();
        match (line.first(), held.first()) {
            (Some(_), Some(held)) if active => {
                self.check_can_resume(*held)?;
                self.perform(&gesture::SWAP, *held, None)
            }
            (Some(_) | None, Some(_) | None) => Err(Rejection::NotNow(ActionFault::NothingToSwap)),
        }
    }

    /// The user's microphone is one: it is muted for the whole group.
    pub(crate) fn mute_group(&mut self, id: CallId, on: bool) -> Result<(), Rejection> {
        self.set_muted(id, on)?;
        let call = self.core.find(self.app, id)?;
        for other in self.together(call).into_iter().skip(1) {
            if self.seen(other) != Seen::Gone {
                self.set_muted(other.id, on)?;
            }
        }
        Ok(())
    }

    pub(crate) fn set_muted(&mut self, id: CallId, on: bool) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::SetMuted)?;
        let fault = if call.is_unanswered() {
            Some(ActionFault::Phase(call.met_kind()))
        } else {
            let by_device = !on && self.core.is_microphone_muted();
            by_device.then_some(ActionFault::MutedAtDevice)
        };
        if let Some(fault) = fault {
            return Err(invalid(id, ActionKind::SetMuted, fault));
        }
        self.push(Step::SetMuted(id, on), None);
        Ok(())
    }

    pub(crate) fn play_digits(&mut self, id: CallId, digits: &Digits) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::PlayDigits)?;
        let fault = if !call.is_active() {
            ActionFault::Phase(call.met_kind())
        } else if !call.capabilities.digits {
            ActionFault::NoDigits
        } else if call.rest.is_some() || self.leaves_rest(id) {
            ActionFault::DigitsWait
        } else {
            let step = Step::PlayDigits(id, digits.clone(), TonesKind::Single);
            self.push(step, None);
            return Ok(());
        };
        Err(invalid(id, ActionKind::PlayDigits, fault))
    }

    pub(crate) fn dial(&mut self, id: CallId, app: &AppId, to: &Callee) -> Result<(), Rejection> {
        let key = CallKey::new(&id.to_string()).map_err(|_| Rejection::UnknownCall(id))?;
        let mut to = to.clone();
        // An app that is not running says what it can dial when it has started.
        let running = |p: &&Provider| p.client.is_some();
        if let Some(provider) = self.core.providers.get(app).filter(running) {
            choose_account(&provider.configuration, &mut to)
                .map_err(|fault| invalid(id, ActionKind::Start, fault))?;
        }
        self.start(NewCall {
            id,
            key,
            app: app.clone(),
            to,
            post_dial: None,
        })
    }

    pub(crate) fn start(&mut self, mut new: NewCall) -> Result<(), Rejection> {
        new.take_apart();
        self.check_new_id(&new.app, new.id)?;
        if self.core.is_emergency_number(&new.app, &new.to.handle) {
            if self.core.has_emergency() {
                return Err(Rejection::NotNow(ActionFault::Emergency));
            }
            self.perform(&gesture::DIAL_EMERGENCY, new.id, None)?;
        } else {
            self.check_calls()?;
            self.take_line_for_new(new.id, &new.app)?;
        }
        self.new_calls.push(new);
        Ok(())
    }

    /// An app may start a call through an account of its own, whether or not the user can dial
    /// through it.
    fn check_account(&self, app: &AppId, call: CallId, to: &Callee) -> Result<(), Rejection> {
        let provider = self.core.providers.get(app);
        let known = |id| provider.is_some_and(|p| p.configuration.account(id).is_some());
        if to.account.as_ref().is_none_or(known) {
            return Ok(());
        }
        let fault = ActionFault::NoSuchAccount;
        Err(invalid(call, ActionKind::Start, fault))
    }

    /// What a new outgoing call of this app does to the others.
    pub(crate) fn take_line_for_new(&mut self, id: CallId, app: &AppId) -> Result<(), Rejection> {
        if self.core.calls.values().any(Call::is_open_ring) {
            return Err(Rejection::NotNow(ActionFault::RingingFirst));
        }
        if let Some(first) = self.new_calls.first() {
            let fault = ActionFault::CannotHold;
            return Err(invalid(first.id, ActionKind::SetHeld, fault));
        }
        self.perform(&gesture::DIAL, id, None)?;
        self.check_groups(1)?;
        self.check_app_groups(app, 1)?;
        if self.core.policy.protected.contains(app) {
            return Err(Rejection::CallIsProtected);
        }
        Ok(())
    }

    /// Whether this app could start one more call.
    pub(crate) fn may_add_call(mut self, app: &AppId) -> Result<(), Rejection> {
        // An id that no call has: only the others matter here.
        let new = CallId(0);
        self.take_line_for_new(new, app)?;
        let provider = self.core.providers.get(app);
        if !provider.is_some_and(|p| p.configuration.dials()) {
            return Err(Rejection::NotNow(ActionFault::HandleKind));
        }
        Ok(())
    }

    fn check_new_id(&self, app: &AppId, id: CallId) -> Result<(), Rejection> {
        let taken = self.core.calls.contains_key(&id)
            || self.core.arrivals.contains_key(&id)
            || self.core.is_just_over(app, id)
            || self.new_calls.iter().any(|new| new.id == id);
        if taken {
            return Err(Rejection::CallExists(id));
        }
        Ok(())
    }

    /// Whether there is room for one more call that is no emergency call.
    fn check_calls(&self) -> Result<(), Rejection> {
        self.core.check_calls(self.new_calls.len())
    }
}

/// Finds the account for a call: the one that was named, or the first that can dial the handle.
fn choose_account(configuration: &Configuration, to: &mut Callee) -> Result<(), ActionFault> {
    if let Some(id) = &to.account {
        let known = configuration.account(id).filter(|account| account.dials);
        let account = known.ok_or(ActionFault::NoSuchAccount)?;
        return if !account.can_dial(&to.handle) {
            Err(ActionFault::HandleKind)
        } else if to.video && !account.video {
            Err(ActionFault::NoVideo)
        } else {
            Ok(())
        };
    }
    let accounts = &configuration.accounts;
    if accounts.is_empty() {
        let dials = configuration.handle_kinds.contains(to.handle.kind());
        return dials.then_some(()).ok_or(ActionFault::HandleKind);
    }
    let mut able = accounts
        .iter()
        .filter(|account| account.can_dial(&to.handle));
    let fault = if able.clone().next().is_some() {
        ActionFault::NoVideo
    } else {
        ActionFault::HandleKind
    };
    let first = able.find(|account| account.video || !to.video);
    to.account = Some(first.ok_or(fault)?.id.clone());
    Ok(())
}
