//! Which events met a call in which state: the state x event table.
//!
//! Input: the steps of any number of worlds. Output: how often each cell was met and what came of
//! it; cells never met; cells that cannot be met, with the reason.
//!
//! # Promises
//!
//! - **V1** a new kind of event or phase does not compile until it has its row or column here.
//! - **V2** a cell declared to be out of reach that is met is a contradiction, and told.
//!
//! # Not here
//!
//! What the laws say of the steps.

mod cell;
mod html;
mod table;
mod unreachable;

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{Effect, Event, Report};
use hookswitch_model::{AppId, AskId, CallId, CallSnapshot, ClientId};

use crate::laws::Step;
use crate::scenario::AskWord;

pub use cell::{EVENTS, STATES};
pub use html::html;
pub use table::{Mark, json, mark, missing, text};
pub use unreachable::{UNREACHABLE, Unreachable};

/// A state of a call and an event that meets it, both by name.
pub type Cell = (&'static str, &'static str);

/// What came of an event.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Accepted, or taken note of with an effect.
    pub done: u64,
    /// Refused by name.
    pub refused: u64,
    /// Nothing followed from it.
    pub ignored: u64,
}

impl Tally {
    /// How often the cell was met.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.done + self.refused + self.ignored
    }
}

/// The cells that were met.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    cells: BTreeMap<Cell, Tally>,
    known: Known,
}

/// What must be remembered to name the events of a world.
#[derive(Clone, Debug, Default)]
struct Known {
    open: BTreeMap<AskId, (ClientId, CallId, AskWord)>,
    over: BTreeMap<AskId, CallId>,
    gone: BTreeSet<CallId>,
    apps: BTreeMap<ClientId, AppId>,
}

/// Why the core was woken, if a deadline was due.
pub type DueReason = Option<hookswitch_core::DeadlineReason>;

impl Coverage {
    /// Counts one step.
    pub(crate) fn count(&mut self, step: &Step<'_>, due: DueReason) {
        let tally = came_of(step);
        let mut met: BTreeSet<Cell> = BTreeSet::new();
        if let Some(reason) = due.filter(|_| step.expires()) {
            let changed = changed(step).filter(|call| cell::waits(call, reason));
            let states = changed.map(|call| (cell::state(call), cell::time(reason)));
            met.extend(states);
            if cell::is_about_no_call(reason) {
                met.insert((cell::NO_CALL, cell::time(reason)));
            }
        }
        let (event, calls) = cell::event(step, &self.known);
        if let Some(event) = event {
            let states = calls
                .iter()
                .map(|call| (self.known.state_of(step, *call), event));
            met.extend(states);
            if calls.is_empty() {
                met.insert((cell::NO_CALL, event));
            }
        }
        for cell in met {
            let sum = self.cells.entry(cell).or_default();
            sum.done += tally.done;
            sum.refused += tally.refused;
            sum.ignored += tally.ignored;
        }
        self.known.remember(step);
    }

    /// Adds what another run met.
    pub fn add(&mut self, other: &Self) {
        for (cell, tally) in &other.cells {
            let sum = self.cells.entry(*cell).or_default();
            sum.done += tally.done;
            sum.refused += tally.refused;
            sum.ignored += tally.ignored;
        }
    }

    /// The cells that were met, in order of their names.
    pub fn cells(&self) -> impl Iterator<Item = (Cell, Tally)> {
        self.cells.iter().map(|(cell, tally)| (*cell, *tally))
    }

    /// What came of a cell; `None` if it was never met.
    #[must_use]
    pub fn tally(&self, cell: Cell) -> Option<Tally> {
        self.cells.get(&cell).copied()
    }

    /// The daemon was killed: what it asked is void.
    pub(crate) fn restart(&mut self) {
        let open = core::mem::take(&mut self.known.open);
        let over = open.into_iter().map(|(ask, (_, call, _))| (ask, call));
        self.known.over.extend(over);
    }
}

impl Known {
    fn state_of(&self, step: &Step<'_>, id: CallId) -> &'static str {
        match step.before.live().find(|call| call.id == id) {
            Some(call) => cell::state(call),
            None if self.gone.contains(&id) => cell::ENDED,
            None => cell::NO_CALL,
        }
    }

    fn remember(&mut self, step: &Step<'_>) {
        self.gone.extend(step.vanished().map(|call| call.id));
        if let Event::Report {
            client,
            report: Report::Register { app, .. },
            ..
        } = step.event
        {
            self.apps.insert(*client, app.clone());
        }
        if let Event::Settled { ask, client, .. } = step.event
            && self
                .open
                .get(ask)
                .is_some_and(|(owner, ..)| owner == client)
        {
            self.close(*ask);
        }
        for effect in step.effects {
            if let Effect::Ask { client, ask, .. } = effect {
                let word = crate::describe::ask_word(&ask.kind);
                self.open.insert(ask.id, (*client, ask.call, word));
            } else if let Effect::AskExpired { ask, .. } = effect {
                self.close(*ask);
            }
        }
        let live = |call: &CallId| step.after.live().any(|live| live.id == *call);
        let dead = self.open.iter().filter(|(_, (_, call, _))| !live(call));
        let dead: Vec<AskId> = dead.map(|(ask, _)| *ask).collect();
        dead.into_iter().for_each(|ask| self.close(ask));
    }

    fn close(&mut self, ask: AskId) {
        if let Some((_, call, _)) = self.open.remove(&ask) {
            self.over.insert(ask, call);
        }
    }
}

/// Calls that this step changed or ended, as they were before.
fn changed<'a>(step: &'a Step<'_>) -> impl Iterator<Item = &'a CallSnapshot> {
    let same = |call: &CallSnapshot| {
        let after = step.after.live().find(|after| after.id == call.id);
        after.is_some_and(|after| {
            after.phase == call.phase
                && after.pending == call.pending
                && after.orphaned_until == call.orphaned_until
                && after.video_offer == call.video_offer
                && after.slow == call.slow
                && after.digits_waiting == call.digits_waiting
        })
    };
    step.before.live().filter(move |call| !same(call))
}

fn came_of(step: &Step<'_>) -> Tally {
    let refused = |effect: &Effect| matches!(effect, Effect::Reply { result: Err(_), .. });
    let mut tally = Tally::default();
    if step.effects.iter().any(refused) {
        tally.refused = 1;
    } else if step.effects.is_empty() {
        tally.ignored = 1;
    } else {
        tally.done = 1;
    }
    tally
}
