//! What the call directory has decided about an incoming call.
//!
//! The shell asks the directory before it hands in the report, so that the decision is there when
//! the call arrives: nothing waits for it, and nothing rings before it.
//!
//! # Promises
//!
//! - **DR1** a decision counts for the report that comes next, if that is of its call, and for no
//!   later one.
//! - **DR2** a decision to block refuses the call as the user's own block list does.
//! - **DR3** what the directory calls a caller is shown if its app gives no name.
//! - **DR4** who calls under another address than was said first is decided about anew, with the
//!   decision that comes with that report: a block ends the ringing as a late verdict does, or
//!   refuses the call that still waits for one.

use std::sync::Arc;

use hookswitch_model::{
    CallId, Decision, Direction, DirectoryRule, Handle, MissedReasons, Verdict,
};

use crate::Core;
use crate::policy::Refusal;
use crate::state::Call;

impl Core {
    /// The directory has decided; the report of the call comes next.
    pub(crate) fn on_decided(&mut self, call: CallId, decision: Arc<Decision>) {
        self.decided = Some((call, decision));
    }

    /// The decision about a call that is reported now.
    pub(crate) fn take_decision(&mut self, id: CallId) -> Option<Arc<Decision>> {
        let (call, decision) = self.decided.take()?;
        (call == id).then_some(decision)
    }

    /// The other party's address, of a call that is there.
    pub(crate) fn address_of(&self, id: CallId) -> Option<Option<Handle>> {
        let waiting = self.arrivals.get(&id).map(|arrival| &arrival.call);
        let call = self.calls.get(&id).or(waiting)?;
        Some(call.handle.clone())
    }

    /// A report may have given a call another address than `former`.
    pub(crate) fn decide_anew(&mut self, id: CallId, former: Option<Option<Handle>>) {
        if former.is_none() || self.address_of(id) == former {
            return;
        }
        let decision = self.take_decision(id);
        if let Some(arrival) = self.arrivals.get_mut(&id) {
            rename_caller(&mut arrival.call, decision);
            self.refuse_if_blocked(id);
        } else if let Some(call) = self.calls.get_mut(&id)
            && call.direction == Direction::Incoming
        {
            rename_caller(call, decision);
            self.dirty = true;
            self.stop_if_blocked(id);
        }
    }

    fn refuse_if_blocked(&mut self, id: CallId) {
        let checked = self.arrivals.get(&id).map(|a| self.check_caller(&a.call));
        if let Some(Err(refusal)) = checked
            && let Some(arrival) = self.take_arrival(id)
        {
            self.refuse(arrival, refusal);
        }
    }

    fn stop_if_blocked(&mut self, id: CallId) {
        let rings = self.calls.get(&id).filter(|call| call.is_open_ring());
        if let Some(Err(refusal)) = rings.map(|call| self.check_caller(call)) {
            self.block_late(id, refusal.notes);
        }
    }
}

/// Who calls is somebody else by now, as far as the directory is concerned.
fn rename_caller(call: &mut Call, decision: Option<Arc<Decision>>) {
    let label = call.decision.as_ref().and_then(|decision| decision.label());
    if label.is_some_and(|label| call.name.as_ref() == Some(&label.text)) {
        call.name = None;
    }
    call.decision = decision;
    name_caller(call);
}

/// Shows what the directory calls the caller.
pub(crate) fn name_caller(call: &mut Call) {
    let label = call.decision.as_ref().and_then(|decision| decision.label());
    if let (None, Some(label)) = (&call.name, label) {
        call.name = Some(label.text.clone());
    }
}

/// Whether the user trusts the caller more than the block list.
pub(crate) fn is_trusted(call: &Call) -> bool {
    let decision = call.decision.as_ref();
    let step = decision.and_then(|decision| decision.decisive());
    step.is_some_and(|step| step.rule < DirectoryRule::OwnBlock)
}

/// Refuses a call that the directory blocks.
pub(crate) fn check(call: &Call) -> Result<(), Refusal> {
    let decision = call.decision.as_ref();
    let blocked = decision.filter(|decision| decision.verdict == Verdict::Block);
    let Some(step) = blocked.and_then(|decision| decision.decisive()) else {
        return Ok(());
    };
    Err(Refusal::listed(match step.rule {
        DirectoryRule::List => MissedReasons::SCREENED,
        DirectoryRule::Emergency
        | DirectoryRule::TrustedContact
        | DirectoryRule::TrustedCalled
        | DirectoryRule::OwnBlock
        | DirectoryRule::OwnException
        | DirectoryRule::CalledBack
        | DirectoryRule::OwnPattern
        | DirectoryRule::Anonymous
        | DirectoryRule::NotInContacts => MissedReasons::BLOCKED,
    }))
}
