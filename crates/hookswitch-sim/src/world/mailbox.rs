//! Acknowledgments of simulated apps: most say at once that they have what they were told.

use hookswitch_core::{Effect, Effects, Event};
use hookswitch_model::{ClientId, Cursor};

use super::{Actor, World, words};
use crate::describe::Words;
use crate::letters::letter_of;
use crate::trace::Origin;

impl World {
    /// Apps that acknowledge at once do so before anything else happens.
    pub(super) fn acknowledge_told(&mut self, effects: &[Effect]) {
        for (client, letter) in effects.iter().filter_map(letter_of) {
            let app = self.apps.iter().find(|app| app.client == Some(client));
            if app.is_some_and(|app| app.decl.acks) {
                self.acknowledge(client, letter.cursor);
            }
        }
    }

    /// An app says so by itself, for all that it was told.
    pub(super) fn acknowledges(&mut self, client: ClientId) {
        let cursor = self.laws.letters.latest(client);
        self.acknowledges_up_to(client, cursor);
    }

    /// The same, up to a letter.
    pub(super) fn acknowledges_up_to(&mut self, client: ClientId, cursor: Cursor) {
        let actor = Actor::new(&self.names.client(client), Origin::App, None);
        let event = Event::Acknowledged { client, cursor };
        self.step(actor, event, words("acknowledges"));
    }

    fn acknowledge(&mut self, client: ClientId, cursor: Cursor) {
        let mut effects = Effects::new();
        let event = Event::Acknowledged { client, cursor };
        self.core.handle(self.stamp(), event, &mut effects);
        self.keep_letters();
        self.laws.acknowledged(client, cursor);
        if let Some(effect) = effects.first() {
            let text = format!("an acknowledgment led to {effect:?}");
            self.laws.report("MB", text);
        }
    }

    /// How many letters of each app wait for its acknowledgment.
    pub(super) fn letter_facts(&self) -> Vec<Words> {
        let letters = |app: usize| {
            let count = self.core.unacknowledged(&self.names.app_id(app));
            words(&format!("letters {} {count}", self.names.app_name(app)))
        };
        (0..self.apps.len()).map(letters).collect()
    }
}
