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

use std::sync::Arc;

use hookswitch_model::{CallId, Decision, DirectoryRule, MissedReasons, Verdict};

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
