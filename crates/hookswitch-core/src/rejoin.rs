//! A merge that a former daemon died with goes on.
//!
//! Input: the calls of a half-done merge, as they were kept, and their adoption. Output: the same
//! asks once more, when the app has taken all of these calls back.
//!
//! # Promises
//!
//! - **RJ1** the sides of such a merge share the line while they wait for their app, as before.
//! - **RJ2** an app is asked anew for every call that moves, whether or not it had said that one
//!   is moved: who has done it already says so again.
//! - **RJ3** if one of the calls is not taken back, the merge comes to nothing (G1).

use std::collections::BTreeSet;

use hookswitch_model::{CallId, CallKey, GroupId, SavedJoining};

use crate::Core;
use crate::effect::AskKind;
use crate::state::{Call, Joining, Part};

impl Call {
    /// Its part in a merge, to be kept.
    pub(crate) fn saved_joining(&self) -> Option<SavedJoining> {
        self.joining.map(|joining| SavedJoining {
            group: joining.group,
            from: joining.from,
            stays: joining.part == Part::Stays,
        })
    }
}

/// The part in a merge that was kept.
pub(crate) fn restored(saved: SavedJoining) -> Joining {
    Joining {
        group: saved.group,
        from: saved.from,
        part: match saved.stays {
            true => Part::Stays,
            false => Part::Moves,
        },
    }
}

impl Core {
    /// Merges of which a side is missing are forgotten; gives the groups of the others.
    pub(crate) fn check_restored_merges(&mut self) -> BTreeSet<GroupId> {
        let joinings = self.calls.values().filter_map(|call| call.joining);
        let mut groups: BTreeSet<GroupId> = joinings.map(|joining| joining.group).collect();
        groups.retain(|group| {
            let calls = self.joiners(*group);
            let apps: BTreeSet<_> = calls.iter().map(|(call, _)| &call.app).collect();
            let has = |part| calls.iter().any(|(_, joining)| joining.part == part);
            apps.len() == 1 && has(Part::Stays) && has(Part::Moves)
        });
        let is_odd = |call: &Call| call.joining.is_some_and(|j| !groups.contains(&j.group));
        for call in self.calls.where_mut(is_odd) {
            call.joining = None;
        }
        groups
    }

    /// The calls of a merge, oldest first.
    fn joiners(&self, group: GroupId) -> Vec<(&Call, Joining)> {
        let part = |call| -> Option<(&Call, Joining)> {
            let call: &Call = call;
            Some((call, call.joining.filter(|joining| joining.group == group)?))
        };
        let mut calls: Vec<_> = self.calls.values().filter_map(part).collect();
        calls.sort_unstable_by_key(|(call, _)| call.order);
        calls
    }

    /// Whether a merge waits for its app to take its calls back, which has a deadline.
    pub(crate) fn joins_later(&self, group: GroupId) -> bool {
        self.joiners(group).iter().any(|(call, _)| call.is_orphan())
    }

    /// The app has taken a call back: if it was the last one of a merge, the merge goes on (RJ2).
    pub(crate) fn join_again(&mut self, id: CallId) {
        let Some(joining) = self.calls.get(&id).and_then(|call| call.joining) else {
            return;
        };
        let group = joining.group;
        let calls = self.joiners(group);
        if calls.iter().any(|(call, _)| call.is_orphan()) || self.is_asked_to_join(group) {
            return;
        }
        let stays = calls
            .iter()
            .find(|(_, joining)| joining.part == Part::Stays);
        let Some(with) = stays.map(|(call, _)| (call.id, call.key.clone())) else {
            return self.stop_joining(group);
        };
        let held = calls.iter().filter(|(call, _)| call.is_held());
        let held: Vec<CallId> = held.map(|(call, _)| call.id).collect();
        let moves = calls
            .iter()
            .filter(|(_, joining)| joining.part != Part::Stays);
        let moves: Vec<CallId> = moves.map(|(call, _)| call.id).collect();
        self.ask_to_join(&held, &moves, &with);
    }

    fn ask_to_join(&mut self, held: &[CallId], moves: &[CallId], with: &(CallId, CallKey)) {
        let transaction = self.begin_empty();
        for call in held {
            self.send_ask(transaction, *call, AskKind::SetHeld(false), None);
        }
        for call in moves {
            let kind = AskKind::SetGroup(Some(with.clone()));
            self.send_ask(transaction, *call, kind, None);
        }
    }
}
