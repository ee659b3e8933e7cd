//! The law of who comes back to the line by itself (RS): the one conversation on hold after the
//! user's hang-up, and who gave up the line for a call that did not come to talk. It is resumed, or
//! about to be, unless its app is away or will not, or the line is taken.

use hookswitch_core::{Accepted, Effect, Event, Request, Requester};
use hookswitch_model::{ActionKind, AskId, CallId, CallSnapshot, Phase, RingState, Snapshot};

use super::{Laws, Step, are_one_party};
use crate::scenario::AskWord;

impl Laws {
    /// RS.
    pub(super) fn resumes(&mut self, step: &Step<'_>) {
        if let RingState::Ringing(call) = step.after.ring
            && step.after.live().any(|call| call.resuming)
        {
            self.report(
                "RS",
                format!("{call} rings aloud while the line is awaited"),
            );
        }
        if is_taken(step.after) {
            return;
        }
        let after_end = hung_up(step).and_then(|call| the_held(step.before, call));
        let owed = step.before.live().filter(|call| call.resuming);
        let owed = owed.filter(|call| !self.will_not(step, call.id));
        let in_vain = step.after.live().filter(|call| is_held_in_vain(step, call));
        let due = owed.chain(in_vain).map(|call| call.id).chain(after_end);
        for call in due.collect::<Vec<_>>() {
            let waits = step.after.live().find(|after| after.id == call);
            if waits.is_some_and(is_forgotten) {
                let text = format!("{call} stays on hold, and nobody has the line");
                self.report("RS", text);
            }
        }
    }

    /// Its app was asked, and refused or let the time pass.
    fn will_not(&self, step: &Step<'_>, call: CallId) -> bool {
        let is_resume = |ask: &AskId| {
            let open = self.open.get(ask);
            open.is_some_and(|open| open.call == call && open.word == AskWord::Resume)
        };
        let expired =
            |effect: &Effect| matches!(effect, Effect::AskExpired { ask, .. } if is_resume(ask));
        let settled = matches!(step.event, Event::Settled { ask, .. } if is_resume(ask));
        settled || step.effects.iter().any(expired)
    }
}

/// On hold, its app there and asked for nothing.
fn is_forgotten(call: &CallSnapshot) -> bool {
    let is_there = call.phase.is_on_hold() && call.orphaned_until.is_none();
    is_there && !call.resuming && call.pending.is_none()
}

/// Whether somebody talks, is about to, or is about to be resumed.
fn is_taken(state: &Snapshot) -> bool {
    let mut calls = state.live();
    calls.any(|call| {
        let on_line = match call.phase {
            Phase::Dialing { .. } | Phase::Active { .. } => true,
            Phase::Ringing { .. } | Phase::Held(_) => call.pending == Some(ActionKind::Answer),
            Phase::Ending { .. } => false,
        };
        call.orphaned_until.is_none() && (on_line || call.resuming)
    })
}

/// The call on which the user talked and has hung up in this step.
fn hung_up(step: &Step<'_>) -> Option<CallId> {
    let Event::Request {
        from: Requester::User,
        wish: Request::End(call),
        ..
    } = step.event
    else {
        return None;
    };
    let accepted = |effect: &Effect| {
        let Effect::Reply { result, .. } = effect else {
            return false;
        };
        matches!(result, Ok(Accepted::Transaction { .. }))
    };
    let talked = step.before.live().find(|before| before.id == *call);
    let talked = talked.is_some_and(|call| {
        matches!(call.phase, Phase::Active { .. }) && call.orphaned_until.is_none()
    });
    (talked && step.effects.iter().any(accepted)).then_some(*call)
}

/// The one other conversation, if it is on hold and its app is there.
fn the_held(state: &Snapshot, ended: CallId) -> Option<CallId> {
    let mut held = state.live().filter(|call| call.phase.is_on_hold());
    let first = held.next()?.id;
    let is_one = held.all(|call| are_one_party(state, call.id, first));
    (is_one && !are_one_party(state, first, ended)).then_some(first)
}

/// On hold for a call that is gone by this step, and with which nobody talked since.
fn is_held_in_vain(step: &Step<'_>, held: &CallSnapshot) -> bool {
    let Phase::Held(hold) = held.phase else {
        return false;
    };
    let mut gone = step.vanished();
    gone.any(|taker| {
        let silent = match taker.phase {
            Phase::Ringing { .. } | Phase::Dialing { .. } => true,
            Phase::Held(before) => before.since.at < hold.since.at,
            Phase::Active { .. } => false,
            Phase::Ending { .. } => !taker.has_connected,
        };
        hold.displaced_by == Some(taker.id) && silent
    })
}
