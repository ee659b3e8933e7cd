//! The check of rights: an app that the user does not let have calls is refused by the bus edge,
//! by name, and the core hears nothing of it.

use hookswitch_core::{Event, Requester};
use hookswitch_wire::dbus::ErrorCode;

use super::{Actor, World};
use crate::describe::{Words, words};
use crate::trace::{Entry, Kind, Origin};

impl World {
    /// Whether this comes from an app without the right to have calls.
    pub(super) fn is_forbidden(&self, event: &Event) -> bool {
        let from = match event {
            Event::Report { client, .. }
            | Event::Settled { client, .. }
            | Event::Request {
                from: Requester::App(client),
                ..
            } => *client,
            Event::Request {
                from: Requester::User,
                ..
            }
            | Event::Acknowledged { .. }
            | Event::Environment(_)
            | Event::Tick => return false,
        };
        let app = self.apps.iter().find(|app| app.client == Some(from));
        app.is_some_and(|app| !app.decl.permitted)
    }

    /// Refuses it.
    pub(super) fn refuse(&mut self, actor: &Actor, event: &Event, what: Words) -> u64 {
        let cause = self.unheard(actor, event, what);
        self.entries.push(Entry {
            seq: self.next_seq(),
            at: self.stamp(),
            monotonic: self.monotonic(),
            kind: Kind::Effect,
            actor: "core".to_owned(),
            target: actor.name.clone(),
            origin: Origin::System,
            cause: Some(cause),
            call: None,
            what: words(&format!("reply refused {}", ErrorCode::NotPermitted)),
            before: None,
            after: None,
            state: None,
            device: None,
        });
        cause
    }
}
