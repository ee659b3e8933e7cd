//! The laws over all devices of a user.
//!
//! A device cannot know what is still on its way to it. So each law speaks of a device and a call
//! of which everything that was said has arrived, at the device and at the service.
//!
//! - **DV1** a device is in a call only if the service gave the call to it.
//! - **DV2** a call rings on a device, heard or waiting in line, only while it rings at the
//!   service.
//! - **DV3** no call that went to another device is recorded as missed.
//! - **DV4** at no moment are two devices in one call, unless one is taking it over from the other
//!   or the service lets both.

use std::collections::BTreeSet;

use hookswitch_model::{ActionKind, CallSnapshot, Phase, RecentsEntry};

use super::Home;
use super::service::{Known, Service, State, is_missed};
use crate::laws::Violation;
use crate::names::Names;

/// Broken laws kept; more of the same help nobody.
const VIOLATIONS_MAX: usize = 50;

/// The checker, and what it remembers.
#[derive(Debug, Default)]
pub(super) struct Laws {
    /// Recents that were looked at when all about them had arrived: of which device, which.
    judged: BTreeSet<(usize, usize)>,
    told: usize,
    found: Vec<Violation>,
}

impl Laws {
    /// What was found since the last look.
    pub(super) fn found(&mut self) -> Vec<Violation> {
        core::mem::take(&mut self.found)
    }

    /// Looks at all devices.
    pub(super) fn check(&mut self, home: &Home) {
        for (service, _) in &home.services {
            for (call, known) in &service.calls {
                self.check_call(home, service, *call, known);
            }
        }
    }

    fn check_call(&mut self, home: &Home, service: &Service, call: usize, known: &Known) {
        let mut connected = 0;
        let mut is_moving = false;
        for number in 0..home.devices.len() {
            let id = known.on(number, call);
            let world = &home.devices[number].world;
            let has_settled = home.has_settled(number, id);
            is_moving |= known.is_pulled && !has_settled;
            self.check_records(home, number, known, (service.decl.app, call));
            if !world.is_there(service.decl.app) {
                continue;
            }
            // Another app of the device can have a call of the same name, and the user can dial
            // one.
            let app = home.names.app_id(service.decl.app);
            let is_it = |live: &&CallSnapshot| {
                live.id == id && live.app == app && known.speaks_of(number, live.direction)
            };
            let live = world.state().live().find(is_it);
            let is_in = live.is_some_and(is_in);
            connected += usize::from(is_in);
            if !has_settled {
                continue;
            }
            let place = format!("{} on {}", world.names().call(id), home.name(number));
            let has = matches!(&known.state, State::With(with) if with.contains(&number));
            if is_in && !has {
                self.report(
                    "DV1",
                    format!("{place} is connected, and the service gave it away"),
                );
            }
            let rings = live.is_some_and(|live| {
                // What waits for its app to take it back makes no sound, nor what is answered.
                matches!(live.phase, Phase::Ringing { .. })
                    && live.orphaned_until.is_none()
                    && live.pending != Some(ActionKind::Answer)
            });
            if rings && known.state != State::Ringing {
                let text = format!("{place} rings, and at the service the call does not");
                self.report("DV2", text);
            }
        }
        if connected > 1 && !is_moving && !service.decl.joins {
            let name = home.names.call(Names::call_id(call));
            self.report("DV4", format!("{connected} devices are in the call {name}"));
        }
    }

    /// The records of a call on a device, each when all about it has arrived.
    fn check_records(&mut self, home: &Home, number: usize, known: &Known, of: (usize, usize)) {
        let (app, call) = of;
        let went = match &known.state {
            State::Ringing => false,
            State::With(_) | State::Over(_) if known.had.contains(&number) => {
                // Its own app said what became of it here.
                known.had.len() > 1
            }
            State::With(_) => true,
            State::Over(reason) => !is_missed(*reason),
        };
        let app = home.names.app_id(app);
        // On a device that took it over it has two names.
        let ids = [known.on(number, call), Names::call_id(call)];
        let recents = home.devices[number].world.recents().iter().enumerate();
        let fits = |entry: &RecentsEntry| {
            let is_it = ids.contains(&entry.call) && entry.app == app;
            is_it && known.speaks_of(number, entry.direction)
        };
        for (index, entry) in recents.filter(|(_, entry)| fits(entry)) {
            if self.judged.contains(&(number, index)) || !home.has_settled(number, entry.call) {
                continue;
            }
            self.judged.insert((number, index));
            if went && is_missed(entry.end.reason) {
                let name = home.names.call(entry.call);
                let text = format!("{name} counts as missed on {}", home.name(number));
                self.report("DV3", text);
            }
        }
    }

    fn report(&mut self, law: &'static str, text: String) {
        if self.told < VIOLATIONS_MAX {
            self.told += 1;
            self.found.push(Violation { law, text });
        }
    }
}

/// Whether the user is in a call on a device.
fn is_in(live: &CallSnapshot) -> bool {
    match live.phase {
        Phase::Active { .. } | Phase::Held(_) => true,
        Phase::Ringing { .. } | Phase::Dialing { .. } | Phase::Ending { .. } => false,
    }
}
