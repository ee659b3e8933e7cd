//! Defects of other systems, played on purpose: see [`hookswitch_model::QUIRKS`].
//!
//! Everything here does nothing unless the scenario has switched the quirk on.

use hookswitch_model::{Handle, Limit, Origin, Quirk};

use crate::Core;
use crate::event::Requester;
use crate::state::Call;

impl Core {
    /// The user has called this number, and a quirk makes that count.
    pub(crate) fn is_called_number(&self, handle: Option<&Handle>) -> bool {
        handle.is_some_and(|handle| self.called.contains(handle))
    }

    /// Only a quirk makes the numbers that the user has called count.
    pub(crate) fn remember_called(&mut self, handle: &Handle) {
        let max = self.limits.count(Limit::RepeatCallers);
        if self.limits.has_quirk(Quirk::CalledNumbersRing) && self.called.len() < max {
            self.called.insert(handle.clone());
        }
    }

    /// The far side ended a call that was talked on.
    pub(crate) fn play_end_quirks(&mut self, ended: &Call, origin: Origin) {
        if origin != Origin::Remote || ended.connected_at.is_none() {
            return;
        }
        self.afterglow |= self.limits.has_quirk(Quirk::PanelAfterCall);
        if self.limits.has_quirk(Quirk::ActivationLostAfterRemoteEnd) {
            let held = self.calls.values_mut().filter(|call| call.is_held());
            held.for_each(|call| call.is_deaf = true);
        }
    }

    /// An app sets its audio up, or takes it, by itself.
    pub(crate) fn play_audio_quirks(&mut self, from: Requester) {
        let Ok(Some(app)) = self.scope(from).map(Option::<&_>::cloned) else {
            return;
        };
        if self.limits.has_quirk(Quirk::OwnActivationBlocks) {
            let mut own = self.calls.values_mut().filter(|call| call.app == app);
            own.by_ref()
                .filter(|call| call.is_ringing())
                .for_each(|call| call.is_deaf = true);
        }
        let owner = self.calls.values().find(|call| call.is_on_line());
        let is_owner = owner.is_some_and(|call| call.app == app);
        if is_owner && self.limits.has_quirk(Quirk::ReconfigurationClearsRoute) {
            self.forget_chosen_device();
        }
    }
}
