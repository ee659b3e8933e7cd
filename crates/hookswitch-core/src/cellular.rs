//! The mobile network: which app is it, and which calls are emergency calls.
//!
//! # Promises
//!
//! - **CE1** an app is cellular only if it says so and the daemon's configuration names it.
//! - **CE2** an emergency call is a call of a cellular app, by its word or by the number dialed.

use hookswitch_model::{AppId, AppKind, Configuration, Handle};

use crate::Core;
use crate::state::Provider;

impl Core {
    /// The configuration as it counts: what an app may not claim is left out (CE1).
    pub(crate) fn granted(&self, app: &AppId, mut claimed: Configuration) -> Configuration {
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
                .any(|number| number.as_str() == handle.value())
        })
    }

    /// Whether an emergency call has the line or is on its way to it.
    pub(crate) fn has_emergency(&self) -> bool {
        let mut calls = self.calls.values();
        calls.any(|call| call.emergency && call.is_on_line())
    }
}

/// Whether an app stands for the mobile network.
pub(crate) fn is_cellular(provider: Option<&Provider>) -> bool {
    provider.is_some_and(|provider| provider.configuration.kind == AppKind::Cellular)
}
