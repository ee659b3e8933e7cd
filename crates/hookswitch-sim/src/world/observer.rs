//! A program that may only watch the calls of others: what it is told, as the bus would tell it.
//!
//! - **OB1** it is told ids and flags, and never the name or the address of anybody.

use std::collections::BTreeMap;

use hookswitch_model::{CallId, CallSnapshot, Snapshot};
use hookswitch_wire::flags::{Flags, changes};

use super::{World, words};
use crate::describe::Words;

/// What was told last of each call.
#[derive(Debug, Default)]
pub(super) struct Observer {
    told: BTreeMap<String, Flags>,
}

impl World {
    /// Tells the observer what is other than before.
    pub(super) fn tell_observer(&mut self, before: &Snapshot) {
        for flags in changes(before, &self.state) {
            let text = format!("{flags:?}");
            let calls = before.live().chain(self.state.live());
            if calls.flat_map(secrets).any(|secret| text.contains(secret)) {
                let text = "an observer was told who somebody is".to_owned();
                self.laws.report("OB1", text);
            }
            self.observer.told.insert(flags.0.clone(), flags);
        }
    }

    /// What the observer knows, as words.
    pub(super) fn observed_facts(&self) -> Vec<Words> {
        let calls = self.names.calls();
        let told = calls.filter_map(|(name, id)| Some((name, self.flags_of(id)?)));
        let facts = told.flat_map(|(name, flags)| {
            let (_, outgoing, on_hold, connected, ended) = flags;
            let direction = if *outgoing { "outgoing" } else { "incoming" };
            let hold = if *on_hold { "on-hold" } else { "not-on-hold" };
            let connects = if *connected {
                "connected"
            } else {
                "not-connected"
            };
            let ends = if *ended { "ended" } else { "not-ended" };
            words_of(name, [direction, hold, connects, ends])
        });
        facts.collect()
    }

    fn flags_of(&self, id: CallId) -> Option<&Flags> {
        self.observer.told.get(&id.to_string())
    }
}

fn words_of(name: &str, flags: [&str; 4]) -> [Words; 5] {
    let fact = |flag: &str| words(&format!("observed {name} {flag}"));
    let [direction, hold, connects, ends] = flags;
    let whole = format!("{direction} {hold} {connects} {ends}");
    [direction, hold, connects, ends, &whole].map(fact)
}

/// Who the other party of a call is, in words.
fn secrets(call: &CallSnapshot) -> impl Iterator<Item = &str> {
    let name = call.name.as_ref().map(|name| name.as_str());
    let handle = call.handle.as_ref().map(|handle| handle.value());
    // What is as short as this is in any text.
    name.into_iter()
        .chain(handle)
        .filter(|secret| secret.len() > 5)
}
