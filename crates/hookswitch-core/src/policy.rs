//! The user's rules for incoming calls.
//!
//! # Promises
//!
//! - **RP1** a block counts whatever else is said of a caller: being allowed, called or known does
//!   not unblock, unless the user trusts contacts or called numbers (`directory`).
//! - **RP2** under do-not-disturb those ring who are allowed, and whoever calls a second time
//!   within the limit `repeat`. Calls of one person closer together than `repeat-gap` count as
//!   one, so that an app that redials by itself does not get through.
//! - **RP3** what is remembered of callers for that is bounded, and holds filtered calls only.
//! - **RP4** it outlives the daemon, with the ends of these calls.

use std::collections::VecDeque;
use std::sync::Arc;

use hookswitch_model::{
    ActionFault, EndReason, Handle, Limit, MissedReasons, Origin, Rejection, RingPolicy,
    RuleChange, Timestamp,
};

use crate::Core;
use crate::arrival::is_over;
use crate::directory;
use crate::effect::Effect;
use crate::event::Requester;
use crate::plan::limit_reached;
use crate::state::{Call, Tombstone};

/// Why an incoming call may not ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) rejection: Rejection,
    pub(crate) reason: EndReason,
    pub(crate) origin: Origin,
    pub(crate) notes: MissedReasons,
}

impl Refusal {
    fn filtered(rejection: Rejection, notes: MissedReasons) -> Self {
        Self {
            rejection,
            reason: EndReason::Filtered,
            origin: Origin::System,
            notes,
        }
    }

    /// It is in a list of blocked numbers.
    pub(crate) fn listed(notes: MissedReasons) -> Self {
        Self::filtered(Rejection::FilteredByBlockList, notes)
    }

    /// A screener has blocked it.
    pub(crate) fn screened() -> Self {
        Self::filtered(Rejection::FilteredByBlockList, MissedReasons::SCREENED)
    }

    /// No room to ring: the caller hears busy.
    pub(crate) fn busy(rejection: Rejection) -> Self {
        Self {
            rejection,
            reason: EndReason::Busy,
            origin: Origin::Limit,
            notes: MissedReasons::LIMIT,
        }
    }

    fn emergency() -> Self {
        Self {
            rejection: Rejection::NotNow(ActionFault::Emergency),
            reason: EndReason::Busy,
            origin: Origin::System,
            notes: MissedReasons::EMERGENCY,
        }
    }

    fn late() -> Self {
        Self {
            rejection: Rejection::ArrivedLate,
            reason: EndReason::ExpiredBeforeDelivery,
            origin: Origin::System,
            notes: MissedReasons::LATE,
        }
    }
}

impl Core {
    /// The user's rules for incoming calls, as they are now.
    #[must_use]
    pub fn policy(&self) -> &RingPolicy {
        &self.policy
    }

    /// The user changes a rule. Returns what has to be kept.
    pub(crate) fn change_rule(
        &mut self,
        from: Requester,
        change: &RuleChange,
    ) -> Result<Option<Effect>, Rejection> {
        match from {
            Requester::User => {}
            Requester::App(_) => return Err(Rejection::Unentitled),
        }
        let next = self.policy.after(change);
        let max = self.limits.count(Limit::People);
        let callers = &next.callers;
        let patterns = callers.blocked.len().max(callers.exceptions.len());
        if next.allowed.len() > max || next.blocked.len() > max || patterns > max {
            return Err(limit_reached(Limit::People, max));
        }
        let max = self.limits.count(Limit::Providers);
        let apps = next.protected.len().max(next.second_calls_of.len());
        if apps.max(next.privacy_of.len()) > max {
            return Err(limit_reached(Limit::Providers, max));
        }
        if next == *self.policy {
            return Ok(None);
        }
        self.obey(Arc::new(next));
        Ok(Some(Effect::KeepPolicy(self.policy.clone())))
    }

    /// Other rules are in force from here on. What is shown of calls may be more or less then.
    pub(crate) fn obey(&mut self, policy: Arc<RingPolicy>) {
        self.dirty |= self.policy != policy;
        if self.policy.privacy_of != policy.privacy_of {
            self.calls.touch_all();
        }
        self.policy = policy;
    }

    /// What is checked before any screener is asked.
    pub(crate) fn check_blocks(&self, call: &Call) -> Result<(), Refusal> {
        if call.emergency {
            return Ok(());
        }
        if self.policy.protected.contains(&call.app) {
            let notes = MissedReasons::PROTECTED;
            return Err(Refusal::filtered(Rejection::CallIsProtected, notes));
        }
        self.check_caller(call)
    }

    /// What is checked of who calls: again, if that is known better later.
    pub(crate) fn check_caller(&self, call: &Call) -> Result<(), Refusal> {
        if call.emergency {
            return Ok(());
        }
        let handle = call.handle.as_ref();
        let blocked = handle.is_some_and(|handle| self.policy.blocks(handle));
        if blocked && !self.is_called_number(handle) && !directory::is_trusted(call) {
            return Err(Refusal::listed(MissedReasons::BLOCKED));
        }
        directory::check(call)
    }

    /// What is checked when all verdicts are there.
    pub(crate) fn check_rules(
        &mut self,
        call: &Call,
        ring_until: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        if call.emergency {
            return Ok(());
        }
        if self.policy.restricted {
            let notes = MissedReasons::RESTRICTED;
            return Err(Refusal::filtered(Rejection::FilteredByRestriction, notes));
        }
        if is_over(ring_until, self.now.at) {
            return Err(Refusal::late());
        }
        if self.has_emergency() {
            return Err(Refusal::emergency());
        }
        if self.policy.is_quiet(self.now.wall) && !self.may_disturb(call) {
            let notes = MissedReasons::DO_NOT_DISTURB;
            return Err(Refusal::filtered(Rejection::FilteredByDoNotDisturb, notes));
        }
        Ok(())
    }

    /// Whether a caller rings in spite of do-not-disturb. One who does not is remembered.
    fn may_disturb(&mut self, call: &Call) -> bool {
        let Some(handle) = &call.handle else {
            return false;
        };
        if self.is_allowed(call) {
            return true;
        }
        let gap = self.limits.time(Limit::RepeatGap);
        let within = self.limits.time(Limit::Repeat);
        let now = self.now.at;
        let since_last = self.filtered.last(handle).map(|at| now.since(at));
        match since_last {
            Some(since) if since < gap => false,
            Some(since) if since <= within => self.policy.repeated_callers,
            Some(_) | None => {
                let max = self.limits.count(Limit::RepeatCallers);
                self.filtered.remember(handle, now, max);
                false
            }
        }
    }

    /// Whether the user lets the caller through.
    pub(crate) fn is_allowed(&self, call: &Call) -> bool {
        let decision = call.decision.as_ref();
        let candidates = decision.map_or(&[][..], |decision| &decision.candidates);
        let caller = call.handle.as_ref();
        caller.is_some_and(|caller| self.policy.allows(caller, candidates))
    }

    /// Whom do-not-disturb keeps from ringing in this step, for the next daemon (RP4).
    pub(crate) fn just_quieted(&self, call: &Call) -> Option<Handle> {
        let handle = call.handle.as_ref()?;
        let is_now = self.filtered.last(handle) == Some(self.now.at);
        is_now.then(|| handle.clone())
    }

    /// What a former daemon remembered.
    pub(crate) fn remember_quieted(&mut self, ended: &Tombstone) {
        if let Some(handle) = &ended.quieted {
            let max = self.limits.count(Limit::RepeatCallers);
            self.filtered.remember(handle, ended.at.at, max);
        }
    }
}

/// When do-not-disturb kept whom from ringing last, oldest first.
#[derive(Debug, Default)]
pub(crate) struct FilteredCallers(VecDeque<(Handle, Timestamp)>);

impl FilteredCallers {
    fn last(&self, handle: &Handle) -> Option<Timestamp> {
        let handle = handle.canonical();
        let found = self.0.iter().rev().find(|(known, _)| *known == handle);
        found.map(|(_, at)| *at)
    }

    fn remember(&mut self, handle: &Handle, at: Timestamp, max: usize) {
        let handle = handle.canonical();
        self.0.retain(|(known, _)| *known != handle);
        self.0.push_back((handle, at));
        while self.0.len() > max {
            self.0.pop_front();
        }
    }
}
