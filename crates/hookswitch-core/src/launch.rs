//! Starting apps that a call waits for, and what becomes of the calls if they do not start.
//!
//! # Promises
//!
//! - **LA1** an app is started when the user dials through it, answers a call whose app died, or
//!   declines one; at most one start of an app is under way.
//! - **LA2** a call that waits for a start lives until the launch limit, also beyond the orphan
//!   limit. If the start fails, what is left of the orphan limit counts.
//! - **LA3** a decline is tried again after a failed start, as long as the caller may still hear
//!   ringing and the time of the ask is not over. That it was in vain is told to the user.

use hookswitch_model::{
    ActionKind, AppId, CallId, EndReason, Limit, NoticeKind, Origin, Phase, PhaseKind, ProviderId,
    Timestamp,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::Effect;
use crate::state::{Call, PendingAsk};

impl Core {
    /// A call waits for an app that is not running.
    pub(crate) fn launch_for(&mut self, call: CallId) {
        let Some(app) = self.calls.get(&call).map(|call| call.app.clone()) else {
            return;
        };
        let Some(id) = self.providers.get(&app).map(|p| p.id) else {
            return;
        };
        let by = self.now.at.after(self.limits.time(Limit::Launch));
        if !self.deadlines.is_set(Wait::Launch(id)) {
            self.deadlines.clear(Wait::Relaunch(id));
            self.deadlines.set(Wait::Launch(id), by);
            self.emit(Effect::Launch(app));
        }
        if let Some(call) = self.calls.get_mut(&call)
            && let Some(until) = &mut call.orphaned_until
        {
            *until = by.max(*until);
            self.dirty = true;
        }
    }

    pub(crate) fn on_launch_failed(&mut self, app: &AppId) {
        if let Some(id) = self.providers.get(app).map(|p| p.id) {
            self.deadlines.clear(Wait::Launch(id));
            self.end_unstarted(app);
        }
    }

    pub(crate) fn on_launch_limit(&mut self, id: ProviderId) {
        if let Some(app) = self.app_by_id(id) {
            self.end_unstarted(&app);
        }
    }

    /// Starts the app of a decline once more.
    pub(crate) fn on_relaunch(&mut self, id: ProviderId) {
        let Some(app) = self.app_by_id(id) else {
            return;
        };
        if let Some(call) = self.waiting_for(&app).into_iter().next() {
            self.launch_for(call);
        }
    }

    /// Calls with asks that wait for their app to be there.
    fn waiting_for(&self, app: &AppId) -> Vec<CallId> {
        let waits = |ask: &PendingAsk| ask.client.is_none();
        let of_app = |call: &&Call| call.app == *app;
        let calls = self.calls.values().filter(of_app);
        let calls = calls.filter(|call| self.open_asks(call).any(waits));
        calls.map(|call| call.id).collect()
    }

    /// Ends what waited for an app that did not start; a decline gets another try.
    fn end_unstarted(&mut self, app: &AppId) {
        let again = self.now.at.after(self.limits.time(Limit::Relaunch));
        let grace = self.grace_of(app);
        let mut tries = false;
        for id in self.waiting_for(app) {
            if let (false, Some(grace)) = (self.is_declined(id), grace)
                && let Some(call) = self.calls.get_mut(&id)
                && call.is_orphan()
            {
                // It may be back by other means.
                call.orphaned_until = Some(grace);
                self.dirty = true;
                continue;
            }
            let by = self.calls.get(&id).and_then(|call| {
                let mut asks = self.open_asks(call).filter(|ask| ask.client.is_none());
                asks.next().map(|ask| ask.by)
            });
            let declined = self.is_declined(id);
            if declined && by.is_some_and(|by| by > again) {
                tries = true;
                continue;
            }
            if declined {
                self.notice(id, NoticeKind::NotDone(id, ActionKind::End));
            }
            self.finish_and_tell(id, EndReason::AppUnresponsive, Origin::System);
        }
        if tries && let Some(id) = self.providers.get(app).map(|p| p.id) {
            self.deadlines.set(Wait::Relaunch(id), again);
        }
        self.forget_if_idle(app);
    }

    /// Until when a dead app may still come back by itself.
    fn grace_of(&self, app: &AppId) -> Option<Timestamp> {
        let id = self.providers.get(app)?.id;
        self.deadlines.at(Wait::Orphan(id))
    }

    fn is_declined(&self, id: CallId) -> bool {
        let phase = self.calls.get(&id).map(|call| call.phase);
        matches!(
            phase,
            Some(Phase::Ending {
                from: PhaseKind::Ringing,
                ..
            })
        )
    }
}
