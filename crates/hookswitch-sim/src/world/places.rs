//! What whoever met a limit was told of the calls that take up the places.
//!
//! Input: events with who wished or reported; replies. Output: facts for the story.

use std::collections::BTreeMap;

use hookswitch_core::{Accepted, Effect, Event, Requester};
use hookswitch_model::{Occupied, Rejection, RequestId};

use super::World;
use crate::describe::{Words, words};

/// Who waits for replies, and what the last one said of places.
#[derive(Debug, Default)]
pub(super) struct Places {
    askers: BTreeMap<RequestId, Requester>,
    occupied: Option<Occupied>,
}

impl World {
    /// Remembers who wished or reported.
    pub(super) fn note_asker(&mut self, event: &Event) {
        let asker = match event {
            Event::Report {
                client, request, ..
            } => (*request, Requester::App(*client)),
            Event::Request { from, request, .. } => (*request, *from),
            Event::Settled { .. }
            | Event::Acknowledged { .. }
            | Event::Environment(_)
            | Event::Tick => return,
        };
        self.places.askers.insert(asker.0, asker.1);
    }

    /// Keeps what the last reply of a step said.
    pub(super) fn note_places(&mut self, effects: &[Effect]) {
        for effect in effects {
            let Effect::Reply { request, result } = effect else {
                continue;
            };
            if let Some(told) = self.places.askers.remove(request) {
                self.places.occupied = self.places_of(result, told);
            }
        }
    }

    fn places_of(&self, result: &Result<Accepted, Rejection>, told: Requester) -> Option<Occupied> {
        self.core.refusal(result.clone().err()?, told).occupied
    }

    /// The calls that the last refusal named, and how many it only counted.
    pub(super) fn places_facts(&self) -> Vec<Words> {
        let Some(places) = &self.places.occupied else {
            return vec![words("calls occupying none")];
        };
        let named = places.calls.iter().map(|occupant| {
            let (call, phase) = (self.names.call(occupant.call), occupant.phase.name());
            let orphaned = if occupant.orphaned { "orphaned" } else { "" };
            words(&format!("calls occupying {call} {phase} {orphaned}"))
        });
        let counted = words(&format!("calls occupying others {}", places.others));
        named.chain([counted]).collect()
    }
}
