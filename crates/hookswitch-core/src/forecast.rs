//! The state as it will be after the steps planned so far.
//!
//! Input: the core, and the steps as [`crate::moves`] adds them. Output: a [`Plan`].
//! The promises are those of [`crate::plan`].

use std::collections::BTreeSet;

use hookswitch_model::{ActionFault, ActionKind, AppId, CallId, GroupId, Limit, Phase, Rejection};

use crate::Core;
use crate::plan::{NewCall, Plan, Step, invalid, limit_reached, limit_reached_of};
use crate::state::{Call, Party, Provider};

/// A call as it will be after the steps planned so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seen {
    Ringing,
    Line,
    Held,
    /// Outside of the groups, until the user picks it up.
    Voicemail,
    Gone,
}

/// The state as it will be after the steps planned so far (P1).
pub(crate) struct Forecast<'a> {
    pub(crate) core: &'a Core,
    /// Whose calls count, if not everyone's.
    pub(crate) app: Option<&'a AppId>,
    over: Vec<(CallId, Seen)>,
    parties: Vec<(CallId, Party)>,
    pub(crate) steps: Vec<Step>,
    pub(crate) new_calls: Vec<NewCall>,
    /// The takers of the last steps wait for the givers, also inside one app.
    pub(crate) waits: bool,
}

impl<'a> Forecast<'a> {
    pub(crate) fn new(core: &'a Core, app: Option<&'a AppId>) -> Self {
        Self {
            core,
            app,
            over: Vec::new(),
            parties: Vec::new(),
            steps: Vec::new(),
            new_calls: Vec::new(),
            waits: false,
        }
    }

    /// Groups the steps into stages (P3).
    pub(crate) fn finish(self) -> Result<Plan, Rejection> {
        let Some(first) = self.steps.first().map(Step::call) else {
            return Err(Rejection::EmptyTransaction);
        };
        let taker = self.steps.iter().find(|step| !step.is_giver());
        let subject = if self.waits {
            first
        } else {
            taker.map_or(first, Step::call)
        };
        let app_of = |step: &Step| self.app_of(step.call());
        let mut apps = self.steps.iter().map(app_of);
        let first_app = apps.next().flatten();
        let stages = if !self.waits && apps.all(|app| app == first_app) {
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

    /// Takes a planned hold out again: the call is to be ended.
    pub(crate) fn withdraw_hold(&mut self, id: CallId) {
        let is_hold = |step: &Step| matches!(step, Step::Hold { call, .. } if *call == id);
        self.steps.retain(|step| !is_hold(step));
    }

    pub(crate) fn push(&mut self, step: Step, becomes: Option<Seen>) {
        if let Some(seen) = becomes {
            self.over.push((step.call(), seen));
        }
        self.steps.push(step);
    }

    /// Whether this hold is planned already; then it is the requester's own wish from now.
    pub(crate) fn holds_already(&mut self, id: CallId) -> bool {
        let planned = |step: &Step| matches!(step, Step::Hold { call, .. } if *call == id);
        self.steps.iter().any(planned)
    }

    pub(crate) fn seen(&self, call: &Call) -> Seen {
        if let Some((_, seen)) = self.over.iter().rev().find(|(id, _)| *id == call.id) {
            return *seen;
        }
        match call.phase {
            Phase::Ending { .. } => Seen::Gone,
            _ if call.is_at_voicemail() && !call.answering => Seen::Voicemail,
            _ if call.is_orphan() && !call.is_open_ring() && !call.keeps_line() => Seen::Gone,
            Phase::Held(_) if call.is_held() => Seen::Held,
            Phase::Ringing { .. } if !call.answering => Seen::Ringing,
            Phase::Ringing { .. }
            | Phase::Dialing { .. }
            | Phase::Active { .. }
            | Phase::Held(_) => Seen::Line,
        }
    }

    /// With whom a call will talk and be held.
    pub(crate) fn party(&self, call: &Call) -> Party {
        self.over_party(call.id).unwrap_or_else(|| call.party())
    }

    fn over_party(&self, id: CallId) -> Option<Party> {
        let over = self.parties.iter().rev().find(|(known, _)| *known == id);
        over.map(|(_, party)| *party)
    }

    /// The two sides will be together.
    pub(crate) fn join(&mut self, call: &'a Call, with: &'a Call) {
        let group = match self.party(with) {
            Party::Group(group) => group,
            // Not given out yet; good enough to tell groups apart in one forecast.
            Party::Alone(_) => GroupId(u64::MAX - self.parties.len() as u64),
        };
        let mut both = self.together(with);
        both.extend(self.together(call));
        for call in both {
            self.parties.push((call.id, Party::Group(group)));
        }
    }

    /// The call will be alone.
    pub(crate) fn leave(&mut self, id: CallId) {
        self.parties.push((id, Party::Alone(id)));
    }

    /// All that will be together with a call, itself first.
    pub(crate) fn together(&self, call: &'a Call) -> Vec<&'a Call> {
        let party = self.party(call);
        let other = |c: &&Call| c.id != call.id && self.party(c) == party;
        let mut others: Vec<&Call> = self.core.calls.values().filter(other).collect();
        others.sort_unstable_by_key(|call| call.order);
        core::iter::once(call).chain(others).collect()
    }

    /// The calls on the line that are not together with `except`. While the line changes hands:
    /// those who take it.
    pub(crate) fn line(&self, except: Option<&Call>) -> Vec<&'a Call> {
        let except = except.map(|call| self.party(call));
        let on_line = |call: &&Call| {
            self.seen(call) == Seen::Line && except.is_none_or(|party| party != self.party(call))
        };
        let taker = |call: &&Call| {
            let leaving = call.is_active() && self.core.has_pending(call, ActionKind::SetHeld);
            (!leaving, !call.is_active(), call.order)
        };
        let calls = self.core.calls.values();
        let Some(first) = calls.filter(on_line).max_by_key(taker) else {
            return Vec::new();
        };
        let mut line = self.together(first);
        line.retain(|call| self.seen(call) == Seen::Line);
        line.sort_unstable_by_key(|call| call.order);
        line
    }

    /// The conversations on hold, the most recently held last.
    pub(crate) fn held(&self) -> Vec<Vec<CallId>> {
        self.held_of(|call| self.seen(call) == Seen::Held)
    }

    /// Those on hold, and those whose app may come back to them; without those that are to end.
    pub(crate) fn held_or_away(&self, ending: &[CallId]) -> Vec<Vec<CallId>> {
        let is_away = |call: &Call| call.is_held() && call.is_orphan();
        self.held_of(|call| {
            let on_hold = self.seen(call) == Seen::Held || is_away(call);
            on_hold && !ending.contains(&call.id)
        })
    }

    fn held_of(&self, is_held: impl Fn(&Call) -> bool) -> Vec<Vec<CallId>> {
        let calls = || self.core.calls.values();
        let talking: BTreeSet<Party> = calls()
            .filter(|call| self.seen(call) == Seen::Line)
            .map(|call| self.party(call))
            .collect();
        let mut held: Vec<_> = calls()
            .filter(|call| is_held(call) && !talking.contains(&self.party(call)))
            .map(|call| (held_since(call), call))
            .collect();
        held.sort_unstable_by_key(|(since, call)| (*since, call.id));
        let mut parties: Vec<Party> = Vec::new();
        for (_, call) in held.iter().rev() {
            let party = self.party(call);
            if !parties.contains(&party) {
                parties.push(party);
            }
        }
        held.sort_unstable_by_key(|(_, call)| call.order);
        let members = |party: &Party| {
            let of_party = held.iter().filter(|(_, call)| self.party(call) == *party);
            of_party.map(|(_, call)| call.id).collect()
        };
        parties.iter().rev().map(members).collect()
    }

    /// The first calls of the other conversations: the one on the line, then those on hold, the
    /// last held first.
    pub(crate) fn others(&self, call: &Call) -> Vec<CallId> {
        let party = self.party(call);
        let line = self.line(Some(call)).first().map(|call| call.id);
        let held = self.held().into_iter().rev();
        let held = held.filter_map(|calls| calls.first().copied());
        let other = |id: &CallId| {
            let other = self.core.calls.get(id);
            other.is_some_and(|other| self.party(other) != party)
        };
        line.into_iter().chain(held).filter(other).collect()
    }

    /// A call that can be acted on: live, the requester's, not about to end, not busy beyond
    /// measure.
    pub(crate) fn find_open(&self, id: CallId, action: ActionKind) -> Result<&'a Call, Rejection> {
        let call = self.core.find(self.app, id)?;
        let max = self.core.limits.count(Limit::AsksPerCall);
        if matches!(call.phase, Phase::Ending { .. }) {
            Err(invalid(id, action, ActionFault::UnderWay))
        } else if call.asks.len() >= max && action != ActionKind::End {
            Err(limit_reached_of(Limit::AsksPerCall, max, Some(id)))
        } else {
            Ok(call)
        }
    }

    /// As [`Self::find_open`], and its app is there to be asked.
    pub(crate) fn find_reachable(
        &self,
        id: CallId,
        action: ActionKind,
    ) -> Result<&'a Call, Rejection> {
        let call = self.find_open(id, action)?;
        if call.is_orphan() {
            Err(invalid(id, action, ActionFault::AppGone))
        } else {
            Ok(call)
        }
    }

    /// Checks that all conversations and `more` new ones fit the limit of connected groups. A call
    /// whose app may come back to it keeps its place.
    pub(crate) fn check_groups(&self, more: usize) -> Result<(), Rejection> {
        let max = self.core.limits.count(Limit::Groups);
        if self.count_places(|call| self.is_conversation(call)) + more > max {
            return Err(limit_reached(Limit::Groups, max));
        }
        Ok(())
    }

    pub(crate) fn is_conversation(&self, call: &Call) -> bool {
        match self.seen(call) {
            Seen::Line | Seen::Held => true,
            Seen::Ringing | Seen::Voicemail => false,
            Seen::Gone => call.is_orphan() && !call.is_ringing() && !call.is_at_voicemail(),
        }
    }

    /// How many groups calls are in. Two sides of a merge under way need their two places back if
    /// it fails.
    fn count_places(&self, counts: impl Fn(&&Call) -> bool) -> usize {
        let place = |call: &Call| match self.over_party(call.id) {
            Some(party) => party,
            None => call.group.map_or(Party::Alone(call.id), Party::Group),
        };
        let calls = self.core.calls.values().filter(counts);
        calls.map(place).collect::<BTreeSet<Party>>().len()
    }

    /// The app's own limit of simultaneous groups (CallKit `maximumCallGroups`): those there are
    /// and `more` new ones. Before a new one, those that ring count too: the app will want to
    /// answer them.
    pub(crate) fn check_app_groups(&self, app: &AppId, more: usize) -> Result<(), Rejection> {
        let Some(provider) = self.core.providers.get(app) else {
            return Ok(());
        };
        let max = provider.configuration.groups_max as usize;
        let live = |call: &&Call| self.is_groups_of(call, app, more > 0);
        if self.count_places(live) + self.new_calls.len() + more > max {
            // A ringing call tells that those that ring count.
            let calls = || self.core.calls.values().filter(live);
            let ringing = calls().find(|call| call.is_open_ring() == (more > 0));
            let of = ringing.or_else(|| calls().next()).map(|call| call.id);
            return Err(limit_reached_of(Limit::Groups, max, of));
        }
        Ok(())
    }

    /// Whether the call counts against the app's limit of groups; with or without those that ring.
    pub(crate) fn is_groups_of(&self, call: &Call, app: &AppId, with_ringing: bool) -> bool {
        let rings = with_ringing && self.seen(call) == Seen::Ringing;
        call.app == *app && (rings || self.is_conversation(call))
    }

    /// Whether the conversations of these two calls fit in one group of their app (CallKit
    /// `maximumCallsPerCallGroup`). The larger of them takes up the places.
    pub(crate) fn check_size(&self, call: &Call, other: &Call) -> Result<(), Rejection> {
        let configured = |p: &Provider| p.configuration.calls_per_group_max as usize;
        let max = self.core.limits.count(Limit::CallsPerGroup);
        let max = max.min(self.core.providers.get(&call.app).map_or(max, configured));
        let (moving, staying) = (self.count_together(call), self.count_together(other));
        if moving + staying > max {
            let full = if moving > staying { call } else { other };
            return Err(limit_reached_of(Limit::CallsPerGroup, max, Some(full.id)));
        }
        Ok(())
    }

    fn count_together(&self, call: &Call) -> usize {
        let party = self.party(call);
        let all = self.core.calls.values();
        all.filter(|one| self.party(one) == party).count()
    }
}

fn held_since(call: &Call) -> (u64, u64) {
    match call.phase {
        Phase::Held(hold) => (hold.since.at.as_nanos(), call.order),
        // About to be held by an earlier step of the same plan: the latest of all.
        Phase::Ringing { .. }
        | Phase::Dialing { .. }
        | Phase::Active { .. }
        | Phase::Ending { .. } => (u64::MAX, call.order),
    }
}
