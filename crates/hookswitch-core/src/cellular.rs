//! The mobile network: which app is it, and which calls are emergency calls.
//!
//! # Promises
//!
//! - **CE1** an app is cellular only if it says so and the daemon's configuration names it.
//! - **CE2** an emergency call is a call of a cellular app, by its word or by the number dialed.
//!   The numbers are those that the app told last, also if it is away or the daemon began anew
//!   since, and [`ALWAYS`]. A call that was dialed before its app told its numbers becomes one
//!   when it does.
//! - **CE3** nothing keeps an emergency call from the line: what talks is held, or ended if it
//!   cannot be held; held calls are ended for it if there is no room
//!   ([`crate::gesture::DIAL_EMERGENCY`]). It takes no place of the limit of calls.
//! - **CE4** while it has the line nobody rings: ringing calls end as missed, not as declined, and
//!   new ones are turned away as missed. It is not held for another call.
//! - **CE5** an emergency call keeps the line while its app is away, as long as the app may come
//!   back to it: the modem goes on with it. Nobody takes the line meanwhile, and if somebody has it
//!   all the same, the emergency call takes it back.

use hookswitch_model::{
    AppId, AppKind, CallId, Configuration, Direction, EndReason, Handle, Limit, MissedReasons,
    Origin, SavedNumbers, Text,
};

use crate::Core;
use crate::plan::Step;
use crate::state::{Call, Provider};

/// Emergency numbers of every phone, whatever its card says (3GPP TS 22.101, section 10.1).
pub(crate) const ALWAYS: [&str; 2] = ["112", "911"];

impl Call {
    /// Keeps others from the line: it is there, or it is an emergency call whose app is away.
    pub(crate) fn keeps_line(&self) -> bool {
        self.is_on_line() || self.emergency && self.takes_line()
    }
}

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

    /// Whether dialing this through the app makes an emergency call (CE2). An app that is away is
    /// what the daemon's configuration says of it.
    pub(crate) fn is_emergency_number(&self, app: &AppId, handle: &Handle) -> bool {
        let running = self.providers.get(app).filter(|p| p.client.is_some());
        if !self.cellular_apps.contains(app) || running.is_some_and(|p| !is_cellular(Some(p))) {
            return false;
        }
        let told = self.emergency_numbers.get(app).into_iter().flatten();
        let mut numbers = told.map(Text::as_str).chain(ALWAYS);
        numbers.any(|number| dialed(number).eq(dialed(handle.value())))
    }

    /// A cellular app tells its emergency numbers; what is dialed already counts by them (CE2).
    pub(crate) fn learn_emergency_numbers(&mut self, app: &AppId) {
        let Some(provider) = self.providers.get(app).filter(|p| is_cellular(Some(p))) else {
            return;
        };
        let numbers = provider.configuration.emergency_numbers.clone();
        self.emergency_numbers.insert(app.clone(), numbers);
        let is_one = |call: &Call| {
            let dialed = call.handle.as_ref();
            call.app == *app
                && call.direction == Direction::Outgoing
                && dialed.is_some_and(|handle| self.is_emergency_number(app, handle))
        };
        let calls = self.calls.values().filter(|call| is_one(call));
        let calls: Vec<CallId> = calls.map(|call| call.id).collect();
        for id in calls {
            if let Some(call) = self.calls.get_mut(&id) {
                call.emergency = true;
            }
        }
    }

    /// The numbers to be kept for the next daemon.
    #[must_use]
    pub fn saved_numbers(&self) -> Vec<SavedNumbers> {
        let told = self.emergency_numbers.iter();
        told.map(|(app, numbers)| SavedNumbers {
            app: app.clone(),
            numbers: numbers.clone(),
        })
        .collect()
    }

    /// What apps told a former daemon.
    pub(crate) fn restore_numbers(&mut self, saved: Vec<SavedNumbers>) {
        let max = self.limits.count(Limit::Providers);
        let told = saved.into_iter().take(max);
        self.emergency_numbers = told.map(|one| (one.app, one.numbers)).collect();
    }

    /// Whether an emergency call has the line or is on its way to it.
    pub(crate) fn has_emergency(&self) -> bool {
        let mut calls = self.calls.values();
        calls.any(|call| call.emergency && call.keeps_line())
    }
}

impl Core {
    /// The other call that keeps the line from this one because it is an emergency call and this
    /// one is not.
    pub(crate) fn emergency_against(&self, id: CallId) -> Option<CallId> {
        let call = self.calls.get(&id).filter(|call| !call.emergency)?;
        let keeps =
            |other: &&Call| other.emergency && other.keeps_line() && other.party() != call.party();
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
