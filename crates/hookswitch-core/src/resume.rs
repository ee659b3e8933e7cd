//! Who comes back to the line by itself.
//!
//! Input: resumes that were decided, and what became of them; calls that took the line from others.
//! Output: the same resumes, asked for when they are possible; and a resume for who gave up the
//! line in vain.
//!
//! # Promises
//!
//! - **RS1** a resume that was decided is owed until the call talks or its app will not: it
//!   outlives the app and the daemon, and comes about when the app has taken the call back. It is
//!   over when another call has the line by then.
//! - **RS2** a call that was put on hold for another one resumes if that one does not come to talk:
//!   it ends before it does, is refused by its app, or its app is gone. If it did talk, the hold is
//!   a hold like any other (nothing resumes after a remote end).
//! - **RS3** a resume to come keeps the line: what rings meanwhile waits, and is a second call.

use hookswitch_model::{CallId, Hold, Phase, Timestamp};

use crate::Core;
use crate::plan::Step;
use crate::state::Call;

impl Call {
    /// On hold, and about to be taken off it (RS3).
    pub(crate) fn is_to_resume(&self) -> bool {
        self.owes_resume && self.is_held() && !self.is_orphan()
    }

    /// When the two sides last could talk: now, if they still can.
    pub(crate) fn talked_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.phase {
            Phase::Active { .. } => Some(now),
            Phase::Held(hold) if self.is_held() => Some(hold.since.at),
            Phase::Held(_) | Phase::Ringing { .. } | Phase::Dialing { .. } => None,
            Phase::Ending { .. } => self.talked_until,
        }
    }
}

impl Core {
    /// Whether the line is somebody's: on it, on the way to it, or about to be back on it.
    pub(crate) fn is_line_used(&self) -> bool {
        let mut calls = self.calls.values();
        calls.any(|call| call.keeps_line() || call.is_to_resume())
    }

    /// A resume is decided.
    pub(crate) fn owe_resume(&mut self, id: CallId) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.owes_resume = true;
            self.dirty = true;
        }
    }

    /// A resume that was decided is not possible, or was refused. Who gave up the line for it has
    /// it again; if nobody did, the app may still come back for its call (RS1, RS2).
    pub(crate) fn not_resumed(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        call.owes_resume = false;
        self.dirty = true;
        let is_away = call.is_orphan() && call.is_held();
        self.resume_displaced(id);
        if is_away && !self.is_line_used() {
            self.owe_resume(id);
        }
    }

    /// Those who were held for a call that does not come to talk come back.
    pub(crate) fn resume_displaced(&mut self, taker: CallId) {
        let party = self.calls.get(&taker).map(Call::party);
        let for_taker = |call: &&Call| {
            let Some(other) = call.displaced_by() else {
                return false;
            };
            let with = self.calls.get(&other).map(Call::party);
            other == taker || (with.is_some() && with == party && Some(call.party()) != party)
        };
        let displaced = self.calls.values().filter(for_taker);
        let displaced: Vec<CallId> = displaced.map(|call| call.id).collect();
        for id in displaced {
            self.resume_if_displaced_in_vain(id);
        }
    }

    pub(crate) fn resume_if_displaced_in_vain(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let Phase::Held(Hold {
            since,
            displaced_by: Some(taker),
            ..
        }) = call.phase
        else {
            return;
        };
        let in_vain = match self.calls.get(&taker) {
            Some(taker) => self.still_leads(taker, id) || self.stays_on_hold(taker, since.at),
            None => self.tombstones.find(None, taker).is_none_or(|tombstone| {
                let talked = tombstone.talked_until;
                talked.is_none_or(|at| at < since.at)
            }),
        };
        let party = call.party();
        let elsewhere = |call: &Call| call.keeps_line() && call.party() != party;
        let line_free = !self.calls.values().any(elsewhere);
        let asked = self.open_asks(call).any(|ask| ask.hold.is_none());
        if !in_vain || !line_free || asked {
            return;
        }
        if call.is_orphan() {
            self.owe_resume(id);
        } else if self.may_resume(id) {
            self.begin_internal(id, Step::Resume(id));
        }
    }

    /// The taker was to be resumed, is still on hold since before, and is not about to come back.
    fn stays_on_hold(&self, taker: &Call, since: Timestamp) -> bool {
        let party = taker.party();
        let comes = |call: &Call| call.party() == party && (call.owes_resume || call.answering);
        let held_before = matches!(taker.phase, Phase::Held(hold) if hold.since.at < since);
        taker.is_held() && held_before && !self.calls.values().any(comes)
    }

    /// The taker was to be split from this call, and is still together with it and talking.
    fn still_leads(&self, taker: &Call, id: CallId) -> bool {
        let splits = self.has_pending(taker, hookswitch_model::ActionKind::SetGroup);
        let same =
            taker.group.is_some() && taker.group == self.calls.get(&id).and_then(|c| c.group);
        same && !splits && taker.is_active() && !taker.is_orphan()
    }
}
