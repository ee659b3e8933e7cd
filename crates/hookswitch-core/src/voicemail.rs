//! The voicemail that listens in: a declined call of the mobile network is taken by its app, the
//! caller speaks, and the user may still pick it up.
//!
//! The phase is [`Phase::Held`] by [`HeldBy::Voicemail`] and no phase of its own: the audio rules
//! are those of a hold (no lease, no audio, resumes by nobody), and observers, saved calls and
//! documents know it already. It differs where it matters: it is in no group and takes no place in
//! their count, it waits for no line, and it is answered, not resumed.
//!
//! # Promises
//!
//! - **VM1** it begins with a decline by the user ([`crate::gesture::DECLINE_TO_VOICEMAIL`]), for
//!   an app that has a voicemail and is there, and never for an emergency call. No other call is
//!   touched.
//! - **VM2** its app is asked to hold the ringing call, which means this. If it does not, the call
//!   ends as declined.
//! - **VM3** it is recorded as declined, whoever ends it: the caller, the user, the limit
//!   `voicemail`. Answered, it is a call like any other.

use hookswitch_model::{CallId, EndReason, HeldBy, Hold, Origin, Phase, PhaseKind};

use crate::Core;
use crate::ask::Settled;
use crate::deadline::Wait;
use crate::plan::Step;
use crate::state::Call;

impl Call {
    pub(crate) fn is_at_voicemail(&self) -> bool {
        self.phase.is_at_voicemail()
    }

    /// The user has not taken it yet: it rings or its caller speaks to the voicemail.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.is_ringing() || self.is_at_voicemail()
    }

    /// The phase as it stands in the way of a wish: what is at the voicemail has to be answered.
    pub(crate) fn met_kind(&self) -> PhaseKind {
        if self.is_at_voicemail() {
            PhaseKind::Ringing
        } else {
            self.phase.kind()
        }
    }
}

impl Core {
    /// Whether a decline sends this call to the voicemail (VM1).
    pub(crate) fn diverts(&self, call: &Call) -> bool {
        let provider = self.providers.get(&call.app);
        let has_voicemail = provider.is_some_and(|p| p.configuration.voicemail);
        let reachable = provider.is_some_and(|p| p.client.is_some()) && !call.is_orphan();
        call.is_open_ring() && has_voicemail && reachable && !call.emergency
    }

    /// The ring is over, the caller speaks. Says whether the call still rang.
    pub(crate) fn enter_voicemail(&mut self, id: CallId) -> bool {
        let since = self.now;
        let Some(call) = self.calls.get_mut(&id) else {
            return false;
        };
        if !call.is_open_ring() {
            return false;
        }
        self.dirty = true;
        call.phase = Phase::Held(Hold {
            by: HeldBy::Voicemail,
            since,
            displaced_by: None,
        });
        let phase = call.phase;
        self.deadlines.clear(Wait::Ring(id));
        self.set_waits(id, phase);
        true
    }

    /// The app has taken the call to its voicemail, or it has not (VM2).
    pub(crate) fn diversion_settled(&mut self, id: CallId, settled: Settled) {
        match settled {
            Settled::Failed | Settled::Expired => self.end_voicemail(id),
            Settled::Fulfilled(_) | Settled::AppGone | Settled::Superseded => {}
        }
    }

    /// Nobody has picked it up. The user declined it, whatever ends it now.
    pub(crate) fn end_voicemail(&mut self, id: CallId) {
        let waits = |call: &Call| call.is_at_voicemail() && !call.answering;
        if self.calls.get(&id).is_some_and(waits) {
            let step = Step::End {
                call: id,
                origin: Origin::User,
                reason: EndReason::DeclinedHere,
            };
            self.begin_internal(id, step);
        }
    }
}
