//! The mobile network: which app is it, and which calls are emergency calls.
//!
//! # Promises
//!
//! - **CE1** an app is cellular only if it says so and the daemon's configuration names it.
//! - **CE2** an emergency call is a call of a cellular app, by its word or by the number dialed.
//! - **CE3** nothing keeps an emergency call from the line: what talks is held, or ended if it
//!   cannot be held; held calls are ended for it if there is no room
//!   ([`crate::gesture::DIAL_EMERGENCY`]). It takes no place of the limit of calls.
//! - **CE4** while it has the line nobody rings: ringing calls end as missed, not as declined, and
//!   new ones are turned away as missed. It is not held for another call.

use hookswitch_model::{
    AppId, AppKind, CallId, Configuration, EndReason, Handle, MissedReasons, Origin,
};

use crate::Core;
use crate::plan::Step;
use crate::state::{Call, Provider};

impl Core {
    /// The configuration as it counts: what an app may not claim is left out (CE1).
    pub(crate) fn granted(&self, app: &AppId, mut claimed: Configuration) -> Configuration {
        self.take_buttons(&mut claimed);
        if !self.cellular_apps.contains(app) {
            claimed.kind = AppKind::Voip;
        }
        if claimed.kind != AppKind::Cellular {
            claimed.emergency_numbers.clear();
            claimed.voicemail = false;
        }
        claimed
    }

    /// Whether dialing this through the app makes an emergency call (CE2).
    pub(crate) fn is_emergency_number(&self, app: &AppId, handle: &Handle) -> bool {
        let numbers = self.providers.get(app);
        let numbers = numbers.map(|provider| &provider.configuration.emergency_numbers);
        numbers.is_some_and(|numbers| {
            numbers
                .iter()
                .any(|number| dialed(number.as_str()).eq(dialed(handle.value())))
        })
    }

    /// Whether an emergency call has the line or is on its way to it.
    pub(crate) fn has_emergency(&self) -> bool {
        let mut calls = self.calls.values();
        calls.any(|call| call.emergency && call.is_on_line())
    }
}

impl Core {
    /// The other call that keeps the line from this one because it is an emergency call and this
    /// one is not.
    pub(crate) fn emergency_against(&self, id: CallId) -> Option<CallId> {
        let call = self.calls.get(&id).filter(|call| !call.emergency)?;
        let keeps = |other: &&Call| {
            other.emergency && other.is_on_line() && other.party() != call.party()
        };
        self.calls.values().find(keeps).map(|other| other.id)
    }

    /// CE4. Whoever rings when an emergency call takes the line does so in vain.
    pub(crate) fn clear_for_emergency(&mut self) {
        if !self.has_emergency() {
            return;
        }
        let rings = |call: &&Call| call.is_open_ring() && !call.emergency;
        let ringing = self.calls.values().filter(rings);
        let ringing: Vec<CallId> = ringing.map(|call| call.id).collect();
        for id in ringing {
            if let Some(call) = self.calls.get_mut(&id) {
                call.notes = call.notes.with(MissedReasons::EMERGENCY);
            }
            let step = Step::End {
                call: id,
                origin: Origin::System,
                reason: EndReason::Busy,
            };
            self.begin_internal(id, step);
        }
    }
}

/// A number as it is dialed: without what only helps the eye (RFC 3966, section 3,
/// "visual separators").
fn dialed(number: &str) -> impl Iterator<Item = char> + '_ {
    let helps_the_eye = |c: &char| matches!(c, '-' | '.' | '(' | ')' | ' ');
    number.chars().filter(move |c| !helps_the_eye(c))
}

/// Whether an app stands for the mobile network.
pub(crate) fn is_cellular(provider: Option<&Provider>) -> bool {
    provider.is_some_and(|provider| provider.configuration.kind == AppKind::Cellular)
}
