//! Second calls: whether one rings beside the call that is there, or is turned away.
//!
//! Input: the calls as they are when a report has all its verdicts, the user's rules, the wish of
//! the app. Output: it rings, or a [`Refusal`] before anything is seen or heard.
//!
//! # Promises
//!
//! - **SC1** a call is a second call while another one, of any app, rings here, is dialed, was
//!   answered, is talked on or is about to be resumed. Other calls on hold, calls at a voicemail,
//!   ending or without their app do not count: the user talks to nobody there. Nor do calls that
//!   wait for verdicts: nobody heard them.
//! - **SC2** the user's rule for the app goes before the user's rule for all. People who are
//!   allowed to disturb ring in spite of both: that is what the user allowed them for. Calling
//!   twice does not help: who hears busy calls again at once, and means nothing by it.
//! - **SC3** what the app wants comes after that and holds for everybody: an app that takes no
//!   second call is not given one, or its button would be dead. It can turn away more than the
//!   user does, never less.
//! - **SC4** the call-back of an emergency center is never turned away.
//! - **SC5** a call that is turned away neither rings nor shows, and is kept in the recents.

use hookswitch_model::{EndReason, MissedReasons, Origin, Rejection, SecondCalls};

use crate::Core;
use crate::policy::Refusal;
use crate::state::Call;

impl Core {
    /// The rules for second calls.
    pub(crate) fn check_second(&self, call: &Call) -> Result<(), Refusal> {
        if call.emergency || !self.is_user_busy() {
            return Ok(());
        }
        match self.second_call(call) {
            SecondCalls::Ring => Ok(()),
            SecondCalls::Busy => Err(turned_away(Rejection::UserBusy, EndReason::Busy)),
            SecondCalls::Missed => {
                let rejection = Rejection::FilteredWhileBusy;
                Err(turned_away(rejection, EndReason::Filtered))
            }
        }
    }

    /// What this call does if it is a second one (SC2, SC3).
    fn second_call(&self, call: &Call) -> SecondCalls {
        let is_allowed = self.is_allowed(call);
        let of_user = self.policy.second_call_in(&call.app);
        if of_user != SecondCalls::Ring && !is_allowed {
            return of_user;
        }
        let provider = self.providers.get(&call.app);
        provider.map_or(SecondCalls::Ring, |p| p.configuration.second_calls)
    }

    /// Whether a call that comes now is a second one (SC1).
    fn is_user_busy(&self) -> bool {
        let rings = |call: &Call| call.is_open_ring() && !call.is_orphan();
        self.calls.values().any(rings) || self.is_line_used()
    }
}

fn turned_away(rejection: Rejection, reason: EndReason) -> Refusal {
    Refusal {
        rejection,
        reason,
        origin: Origin::System,
        notes: MissedReasons::BUSY,
    }
}
