//! How one state document differs from the one before: what a follower is told instead of the
//! whole.
//!
//! # Promises
//!
//! - **CG1** who has the state that a change starts from, and applies it, has exactly the state it
//!   leads to. A change that starts elsewhere is refused and changes nothing.
//! - **CG2** the size goes with what changed, not with the number of live calls.

use std::collections::BTreeMap;

use hookswitch_model::{CallSnapshot, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::state::{Call, State};
use super::state_from::call_from;

/// A change of the state document.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct StateChange {
    /// The revision of the state that it starts from.
    pub from: u64,
    /// The revision that it leads to.
    pub revision: u64,
    /// Calls that are new or changed, each in full. New ones come after all others, unless `order`
    /// says otherwise.
    pub calls: Vec<Call>,
    /// The ids of calls that are not there any more.
    pub gone: Vec<String>,
    /// The ids of all calls, when new ones are not simply the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<String>>,
    /// All other fields of the document that have another value now.
    pub fields: Map<String, Value>,
}

/// A change that does not start from the state at hand: ask for the whole state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Gap {
    /// What the change starts from.
    pub from: u64,
    /// What there is.
    pub revision: u64,
}

impl core::fmt::Display for Gap {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { from, revision } = self;
        write!(
            f,
            "the change starts from revision {from}, and the state is of {revision}"
        )
    }
}

impl core::error::Error for Gap {}

impl StateChange {
    /// How `after` differs from `before`.
    #[must_use]
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let difference = after.difference(before);
        let new = difference.changed.iter().filter(|(old, _)| old.is_none());
        let new: Vec<_> = new.map(|(_, call)| call.id).collect();
        let newest = after.live().skip(after.calls.len() - new.len());
        let is_in_order = newest.map(|call| call.id).eq(new);
        let changed = difference.changed.iter().map(|(_, call)| *call);
        let mut changed: Vec<&CallSnapshot> = changed.collect();
        let known = |call: &&CallSnapshot| changed.iter().any(|one| one.id == call.id);
        // Their wall clock times are made from the boot clock, and move with it.
        let timed = after.live().filter(is_timed).filter(|call| !known(call));
        let timed: Vec<&CallSnapshot> = timed.collect();
        changed.extend(timed);
        Self {
            from: before.revision,
            revision: after.revision,
            calls: changed
                .iter()
                .map(|call| call_from(call, after.at))
                .collect(),
            gone: difference
                .gone
                .iter()
                .map(|call| call.id.to_string())
                .collect(),
            order: (!is_in_order).then(|| after.live().map(|call| call.id.to_string()).collect()),
            fields: other_fields(before, after),
        }
    }
}

fn is_timed(call: &&CallSnapshot) -> bool {
    call.orphaned_until.is_some() || call.video_offer.is_some()
}

/// The fields besides calls and revision that have another value.
fn other_fields(before: &Snapshot, after: &Snapshot) -> Map<String, Value> {
    let (before, mut after) = (fields(before), fields(after));
    after.retain(|name, value| before.get(name) != Some(value));
    after
}

fn fields(snapshot: &Snapshot) -> Map<String, Value> {
    let mut map = to_map(&State::without_calls(snapshot));
    map.remove("calls");
    map.remove("revision");
    map
}

fn to_map(state: &State) -> Map<String, Value> {
    match serde_json::to_value(state) {
        Ok(Value::Object(map)) => map,
        Ok(_) | Err(_) => Map::new(),
    }
}

impl State {
    /// Follows a change.
    ///
    /// # Errors
    ///
    /// [`Gap`] if it starts from another state, or does not fit this one.
    pub fn apply(&mut self, change: StateChange) -> Result<(), Gap> {
        let (from, revision) = (change.from, self.revision);
        let gap = Gap { from, revision };
        if from != revision {
            return Err(gap);
        }
        let mut calls = core::mem::take(&mut self.calls);
        let mut map = to_map(self);
        map.extend(change.fields);
        let Ok(fresh) = serde_json::from_value(Value::Object(map)) else {
            self.calls = calls;
            return Err(gap);
        };
        if !change.gone.is_empty() {
            calls.retain(|call| !change.gone.contains(&call.id));
        }
        for call in change.calls {
            match calls.iter_mut().find(|known| known.id == call.id) {
                Some(known) => *known = call,
                None => calls.push(call),
            }
        }
        if let Some(order) = change.order {
            let places: BTreeMap<&str, usize> = order.iter().map(String::as_str).zip(0..).collect();
            calls.sort_by_key(|call| places.get(call.id.as_str()).copied());
        }
        *self = Self {
            revision: change.revision,
            calls,
            ..fresh
        };
        Ok(())
    }
}
