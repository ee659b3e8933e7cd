//! Defects of other systems, played on purpose: see [`hookswitch_model::QUIRKS`].
//!
//! Everything here does nothing unless the scenario has switched the quirk on. This is the only
//! file of the core that names a quirk: the others ask it a question, or tell it what happened.

use hookswitch_model::{AppKind, CallId, Configuration, Handle, Limit, Origin, Quirk, Rejection};

use crate::Core;
use crate::event::Requester;
use crate::forecast::{Forecast, Seen};
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
        if origin != Origin::Remote || !ended.has_connected() {
            return;
        }
        self.afterglow |= self.limits.has_quirk(Quirk::PanelAfterCall);
        if self.limits.has_quirk(Quirk::ActivationLostAfterRemoteEnd) {
            let held = self.calls.where_mut(Call::is_held);
            held.for_each(|call| call.is_deaf = true);
        }
    }

    /// An app sets its audio up, or takes it, by itself.
    pub(crate) fn play_audio_quirks(&mut self, from: Requester) {
        let Ok(Some(app)) = self.scope(from).map(Option::<&_>::cloned) else {
            return;
        };
        if self.limits.has_quirk(Quirk::OwnActivationBlocks) {
            let own = |call: &Call| call.app == app && call.is_ringing();
            let own = self.calls.where_mut(own);
            own.for_each(|call| call.is_deaf = true);
        }
        let owner = self.calls.values().find(|call| call.is_on_line());
        let is_owner = owner.is_some_and(|call| call.app == app);
        if is_owner && self.limits.has_quirk(Quirk::ReconfigurationClearsRoute) {
            self.forget_chosen_device();
        }
    }

    /// How often an app is told that its audio is over.
    pub(crate) fn deactivations(&self) -> usize {
        match self.limits.has_quirk(Quirk::RepeatedDeactivation) {
            true => 5,
            false => 1,
        }
    }

    /// The locked screen has no button for the app.
    pub(crate) fn is_app_button_missing(&self) -> bool {
        self.locked && self.limits.has_quirk(Quirk::AppButtonMissing)
    }

    /// Only under the quirk that ties opening to an address, as seen on iOS 26.
    pub(crate) fn is_unopenable(&self, id: CallId) -> bool {
        let anonymous = self
            .calls
            .get(&id)
            .is_some_and(|call| call.handle.is_none());
        anonymous && self.limits.has_quirk(Quirk::OpenNeedsAddress)
    }

    /// Answering brings every app to the front.
    pub(crate) fn always_opens(&self) -> bool {
        self.limits.has_quirk(Quirk::AnswerOpensApp)
    }

    /// Apps have no buttons of their own.
    pub(crate) fn take_buttons(&self, claimed: &mut Configuration) {
        if self.limits.has_quirk(Quirk::NoActionButtons) {
            claimed.buttons.clear();
        }
    }
}

impl Forecast<'_> {
    /// A decline goes to every ringing call of the other apps, too.
    pub(crate) fn decline_others(&mut self) -> Result<(), Rejection> {
        if !self.core.limits.has_quirk(Quirk::DeclineEndsTheOther) {
            return Ok(());
        }
        let rings = |other: &&Call| {
            let provider = self.core.providers.get(&other.app);
            let voip = provider.is_some_and(|p| p.configuration.kind == AppKind::Voip);
            self.seen(other) == Seen::Ringing && voip
        };
        let others = self.core.calls.values().filter(rings);
        let others: Vec<CallId> = others.map(|other| other.id).collect();
        others
            .into_iter()
            .try_for_each(|other| self.end(other, Origin::User))
    }
}
