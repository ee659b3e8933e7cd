//! Groups of calls: how calls come together and part.
//!
//! A lone call is a group of one. Calls of one group belong to one app, talk together and are held
//! together. The app confirms each change before it counts.
//!
//! # Promises
//!
//! - **G1** a merge that fails leaves everybody as before: who was taken off hold for it goes back.
//!   Of two groups the smaller one moves, each call by an ask of its own in one transaction; what
//!   the app said of each counts when it has settled all. Who it left behind goes on hold.
//! - **G2** a merge that succeeds leaves nobody on hold beside those who talk.
//! - **G3** a group of one is no group; what ends one member never ends another.
//! - **G4** a split gives the line to the one taken out and holds the rest; a split of a group on
//!   hold leaves both sides on hold. If it fails, the rest resumes.

use hookswitch_model::{
    ActionFault, ActionKind, CallId, DropReason, GroupId, HeldBy, Hold, NoticeKind, Phase,
    Rejection,
};

use crate::Core;
use crate::ask::Settled;
use crate::effect::AskKind;
use crate::event::Action;
use crate::forecast::{Forecast, Seen};
use crate::gesture;
use crate::plan::{Step, invalid};
use crate::state::{Call, Joining, Part, Party, PendingAsk};

impl<'a> Forecast<'a> {
    /// Joins two conversations: the smaller one joins the other.
    pub(crate) fn merge(&mut self, id: CallId, with: CallId) -> Result<(), Rejection> {
        let size = |id| {
            let call: Option<&'a Call> = self.core.calls.get(&id);
            call.map_or(0, |call| self.together(call).len())
        };
        if size(id) > size(with) {
            self.join_sides(with, id, Mover::Side)
        } else {
            self.join_sides(id, with, Mover::Side)
        }
    }

    /// A lone call joins another call of its app, or that call's group.
    pub(crate) fn group(&mut self, id: CallId, with: CallId) -> Result<(), Rejection> {
        self.join_sides(id, with, Mover::Lone)
    }

    fn join_sides(&mut self, id: CallId, with: CallId, mover: Mover) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::SetGroup)?;
        let other = self.find_reachable(with, ActionKind::SetGroup)?;
        if let Some((call, fault)) = self.merge_fault(call, other, mover) {
            return Err(invalid(call, ActionKind::SetGroup, fault));
        }
        self.check_size(call, other)?;
        self.perform(&gesture::MERGE, id, Some(with))?;
        self.join(call, other);
        Ok(())
    }

    /// What keeps two calls from being joined, and which of them it is.
    fn merge_fault(
        &self,
        call: &'a Call,
        with: &'a Call,
        mover: Mover,
    ) -> Option<(CallId, ActionFault)> {
        let sides = [call, with];
        if call.id == with.id {
            return Some((call.id, ActionFault::SameGroup));
        }
        if call.app != with.app {
            return Some((with.id, ActionFault::OtherApp));
        }
        if let Some(call) = sides.iter().find(|call| !connected(call)) {
            return Some((call.id, ActionFault::Phase(call.met_kind())));
        }
        if let Some(call) = sides.iter().find(|call| self.is_regrouping(call)) {
            return Some((call.id, ActionFault::UnderWay));
        }
        if self.party(call) == self.party(with) {
            return Some((call.id, ActionFault::SameGroup));
        }
        if let (Mover::Lone, Party::Group(_)) = (mover, self.party(call)) {
            return Some((call.id, ActionFault::InOtherGroup));
        }
        let alone = |call: &&&Call| matches!(self.party(call), Party::Alone(_));
        let lone = sides.iter().filter(alone);
        if let Some(call) = lone.into_iter().find(|call| !call.capabilities.grouping) {
            return Some((call.id, ActionFault::CannotGroup));
        }
        let all: Vec<&Call> = sides.iter().flat_map(|call| self.together(call)).collect();
        if let Some(call) = all.iter().find(|call| call.is_orphan()) {
            return Some((call.id, ActionFault::AppGone));
        }
        let mut all = all.into_iter();
        let moving = all.find(|call| self.core.has_pending(call, ActionKind::SetHeld));
        moving.map(|call| (call.id, ActionFault::UnderWay))
    }

    /// Takes a call out of its group: it is talked to alone.
    pub(crate) fn split(&mut self, id: CallId) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::SetGroup)?;
        let fault = if self.is_regrouping(call) {
            ActionFault::UnderWay
        } else if let Party::Alone(_) = self.party(call) {
            ActionFault::NotGrouped
        } else if !connected(call) {
            ActionFault::Phase(call.met_kind())
        } else if !call.capabilities.ungrouping {
            ActionFault::CannotUngroup
        } else {
            self.check_app_groups(&call.app, 1)?;
            self.perform(&gesture::SPLIT, id, None)?;
            self.leave(id);
            return self.check_groups(0);
        };
        Err(invalid(id, ActionKind::SetGroup, fault))
    }

    /// A merge or a split of this call's conversation is under way.
    fn is_regrouping(&self, call: &'a Call) -> bool {
        let regroups = |call: &&Call| {
            call.joining.is_some() || self.core.has_pending(call, ActionKind::SetGroup)
        };
        self.together(call).iter().any(regroups)
    }

    /// Whether a later action of the list joins this held call with one that talks: then that
    /// action takes it off hold, and nobody is held for it.
    pub(crate) fn joins_line(&self, id: CallId, actions: &[Action]) -> bool {
        let calls = &self.core.calls;
        let talks = |id: &CallId| calls.get(id).is_some_and(|c| self.seen(c) == Seen::Line);
        actions.iter().any(|action| match action {
            Action::SetGroup(call, Some(with)) => {
                (*call == id && talks(with)) || (*with == id && talks(call))
            }
            Action::Start { .. }
            | Action::Answer(_)
            | Action::End(_)
            | Action::SetHeld(..)
            | Action::SetMuted(..)
            | Action::SetGroup(_, None)
            | Action::SetTranslating(..)
            | Action::PlayDigits(..) => false,
        })
    }
}

/// What moves to the other side of a merge.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mover {
    /// A call that has to be alone, as an app may ask.
    Lone,
    /// A call with its group.
    Side,
}

/// The calls that a list takes out of their groups.
pub(crate) fn leavers(actions: &[Action]) -> Vec<CallId> {
    let leaver = |action: &Action| match action {
        Action::SetGroup(call, None) => Some(*call),
        Action::SetGroup(_, Some(_))
        | Action::Start { .. }
        | Action::Answer(_)
        | Action::End(_)
        | Action::SetHeld(..)
        | Action::SetMuted(..)
        | Action::SetTranslating(..)
        | Action::PlayDigits(..) => None,
    };
    actions.iter().filter_map(leaver).collect()
}

fn connected(call: &Call) -> bool {
    call.is_in_call()
}

impl Core {
    pub(crate) fn in_group(&self, group: GroupId) -> Vec<CallId> {
        let member = |call: &&Call| call.group == Some(group);
        self.calls.values().filter(member).map(|c| c.id).collect()
    }

    /// The two sides of a merge share the line from now, until the app settles it.
    pub(crate) fn begin_joining(&mut self, step: &Step) {
        let Step::SetGroup(id, Some(with)) = step else {
            return;
        };
        let able = |id: &CallId| {
            let call = self.calls.get(id)?;
            (connected(call) && !call.is_orphan() && call.joining.is_none()).then_some(call)
        };
        let (Some(call), Some(other)) = (able(id), able(with)) else {
            return;
        };
        let sides = [call.party(), other.party()];
        let group = if let Some(group) = other.group {
            group
        } else {
            self.counters.group += 1;
            GroupId(self.counters.group)
        };
        for call in self.calls.where_mut(|call| sides.contains(&call.party())) {
            let part = match call.party() == sides[0] {
                true => Part::Moves,
                false => Part::Stays,
            };
            let from = match call.phase {
                Phase::Held(hold) => Some(hold),
                Phase::Ringing { .. }
                | Phase::Dialing { .. }
                | Phase::Active { .. }
                | Phase::Ending { .. } => None,
            };
            call.joining = Some(Joining { group, from, part });
        }
    }

    /// The app settled a change of groups.
    pub(crate) fn group_settled(&mut self, ask: &PendingAsk, joins: bool, how: Settled) {
        let done = matches!(how, Settled::Fulfilled(_));
        let joining = self.calls.get(&ask.call).and_then(|call| call.joining);
        match (joins, joining) {
            (true, Some(joining)) => {
                let call = self.calls.get_mut(&ask.call).filter(|_| done);
                if let Some(joining) = call.and_then(|call| call.joining.as_mut()) {
                    joining.part = Part::Moved;
                }
                self.finish_joining(joining.group);
            }
            (true, None) => {}
            (false, _) if done => self.leave(ask.call),
            (false, _) => self.stop_leaving(ask.call),
        }
        match how {
            Settled::Failed | Settled::Expired => {
                self.notice(ask.call, NoticeKind::NotDone(ask.call, ask.action()));
            }
            Settled::Fulfilled(_) | Settled::AppGone | Settled::Superseded => {}
        }
    }

    /// Everything that was asked for a merge may be settled by now.
    fn finish_joining(&mut self, group: GroupId) {
        if self.is_asked_to_join(group) {
            return;
        }
        let moved = |joining: Joining| joining.group == group && joining.part == Part::Moved;
        if self
            .calls
            .values()
            .any(|call| call.joining.is_some_and(moved))
        {
            self.join(group);
        } else {
            self.stop_joining(group);
        }
    }

    /// Both sides are one group, and who was on hold for it talks too (G2).
    fn join(&mut self, group: GroupId) {
        self.dirty = true;
        let joins = |call: &Call| call.joining.is_some_and(|j| j.group == group);
        let mut left: Vec<(CallId, Option<GroupId>)> = Vec::new();
        for call in self.calls.where_mut(joins) {
            let part = call.joining.take().map(|joining| joining.part);
            let former = call.group;
            if part != Some(Part::Moves) {
                call.group = Some(group);
            }
            if part != Some(Part::Stays) {
                left.push((call.id, former));
            }
        }
        for (_, former) in &left {
            if let Some(former) = former.filter(|former| *former != group) {
                self.dissolve_if_alone(former);
            }
        }
        for (id, _) in left {
            self.leave_behind(id, group);
        }
        self.mute_together(group);
        self.resume_members(group);
        self.dissolve_if_alone(group);
    }

    /// The app did not move this call with the others: it goes off the line, or stays off it.
    fn leave_behind(&mut self, id: CallId, group: GroupId) {
        let since = self.now;
        let is_kept = self.line_is_kept(id);
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if call.group == Some(group) || !call.is_active() || call.is_orphan() || !is_kept {
            return;
        }
        let by = HeldBy::OtherCall;
        call.phase = Phase::Held(Hold {
            by,
            since,
            displaced_by: None,
        });
        self.ask_again(id, AskKind::SetHeld(true), Some((by, None)));
    }

    /// The resumes of a group that talks are implied.
    fn resume_members(&mut self, group: GroupId) {
        for id in self.in_group(group) {
            if let Some(resume) = self.open_resume(id) {
                self.lapse(resume);
                self.settle(resume, Settled::Fulfilled(None));
            }
        }
    }

    fn open_resume(&self, id: CallId) -> Option<hookswitch_model::AskId> {
        let is_resume = |ask: &&hookswitch_model::AskId| {
            let ask = self.asks.get(ask);
            ask.is_some_and(|ask| ask.kind == AskKind::SetHeld(false))
        };
        self.calls.get(&id)?.asks.iter().find(is_resume).copied()
    }

    /// The merge came to nothing: who was taken off hold for it goes back (G1).
    pub(crate) fn stop_joining(&mut self, group: GroupId) {
        self.dirty = true;
        let mut back = Vec::new();
        let joins = |call: &Call| call.joining.is_some_and(|j| j.group == group);
        for call in self.calls.where_mut(joins) {
            let joining = call.joining.take();
            if let Some(hold) = joining.and_then(|joining| joining.from)
                && call.is_active()
                && !call.is_orphan()
            {
                back.push((call.id, hold));
            }
        }
        // All of the held side go back if the other side still talks; else they go on alone.
        let back: Vec<_> = back
            .iter()
            .filter(|(id, _)| self.line_is_kept(*id))
            .copied()
            .collect();
        for (id, hold) in back {
            if let Some(call) = self.calls.get_mut(&id) {
                call.phase = Phase::Held(hold);
            }
            let why = Some((hold.by, hold.displaced_by));
            self.ask_again(id, AskKind::SetHeld(true), why);
        }
    }

    /// The call is alone; if it talks, the line is its own.
    fn leave(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let active = call.is_active();
        let group = call.group.take();
        self.dirty |= group.is_some();
        if let Some(group) = group {
            self.dissolve_if_alone(group);
        }
        if active {
            self.take_line(id);
        }
    }

    /// The split came to nothing: the rest, held for it, resumes (G4).
    pub(crate) fn stop_leaving(&mut self, id: CallId) {
        let group = self.calls.get(&id).and_then(|call| call.group);
        for member in group.map_or_else(Vec::new, |group| self.in_group(group)) {
            self.resume_if_displaced_in_vain(member);
        }
    }

    /// A call has ended: its group goes on without it (G3), and merges with it come to nothing.
    pub(crate) fn leave_by_end(&mut self, call: &Call) {
        let with_it = |ask: &PendingAsk| match &ask.kind {
            AskKind::SetGroup(Some((with, _))) => *with == call.id,
            AskKind::SetGroup(None)
            | AskKind::Start { .. }
            | AskKind::Answer
            | AskKind::End { .. }
            | AskKind::SetHeld(_)
            | AskKind::SetMuted(_)
            | AskKind::PlayDigits(_)
            | AskKind::SetVideo(_)
            | AskKind::DeclineVideo
            | AskKind::SetTranslating(_)
            | AskKind::Custom(_) => false,
        };
        let moot: Vec<_> = self
            .asks
            .iter()
            .filter(|(_, ask)| with_it(ask))
            .map(|(id, _)| *id)
            .collect();
        for ask in moot {
            self.lapse(ask);
            self.ends_while_away(ask, DropReason::OtherCallEnded);
            self.settle(ask, Settled::Superseded);
        }
        if let Some(joining) = call.joining {
            self.finish_joining(joining.group);
        }
        if let Some(group) = call.group {
            self.dissolve_if_alone(group);
        }
    }

    /// An app has yet to settle a merge into this group.
    pub(crate) fn is_asked_to_join(&self, group: GroupId) -> bool {
        let joins = |ask: &PendingAsk| {
            let call = self.calls.get(&ask.call);
            let joining = call.and_then(|call| call.joining);
            matches!(ask.kind, AskKind::SetGroup(Some(_)))
                && joining.is_some_and(|joining| joining.group == group)
        };
        self.asks.values().any(joins)
    }

    /// A group of one is no group.
    pub(crate) fn dissolve_if_alone(&mut self, group: GroupId) {
        if let [last] = self.in_group(group)[..]
            && let Some(call) = self.calls.get_mut(&last)
        {
            call.group = None;
            self.dirty = true;
        }
    }
}
