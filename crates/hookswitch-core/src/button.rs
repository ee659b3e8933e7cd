//! Buttons that apps add to their calls: which a call has, and when they work.
//!
//! # Promises
//!
//! - **B1** a call has the buttons that its app had when the call was reported, less those that the
//!   app has given up since, less those that the app does not want on this call.
//! - **B2** while the call rings only those are there that were declared for it; otherwise all are
//!   there in a connected call, and none in one that is on its way or about to end.

use hookswitch_model::{
    ActionButton, ActionFault, ActionKind, ButtonId, ButtonSnapshot, CallId, Control, PhaseKind,
    Rejection,
};

use crate::Core;
use crate::effect::AskKind;
use crate::event::Request;
use crate::forecast::Forecast;
use crate::plan::{Step, invalid};
use crate::state::Call;

impl Call {
    /// The buttons of the call as it is.
    pub(crate) fn buttons(&self) -> impl Iterator<Item = &ActionButton> {
        let kind = self.phase.kind();
        self.abilities.buttons.iter().filter(move |button| {
            let wanted = self.wanted_buttons.as_ref();
            let fits = match kind {
                PhaseKind::Ringing => button.while_ringing,
                PhaseKind::Active => true,
                PhaseKind::Held => self.is_held(),
                PhaseKind::Dialing | PhaseKind::Ending => false,
            };
            fits && wanted.is_none_or(|ids| ids.contains(&button.id))
        })
    }
}

impl Core {
    pub(crate) fn needs_unlock(&self, call: CallId, id: &ButtonId) -> bool {
        let call = self.calls.get(&call);
        call.is_some_and(|call| call.buttons().any(|b| b.id == *id && b.needs_unlock))
    }

    fn is_pressed(&self, call: &Call, id: &ButtonId) -> bool {
        let pressed = AskKind::Custom(id.clone());
        self.open_asks(call).any(|ask| ask.kind == pressed)
    }

    pub(crate) fn button_snapshots(&self, call: &Call) -> Vec<ButtonSnapshot> {
        let snapshot = |button: &ActionButton| ButtonSnapshot {
            button: button.clone(),
            control: if self.is_pressed(call, &button.id) {
                Control::Busy
            } else {
                self.control(&Request::Custom(call.id, button.id.clone()))
            },
        };
        call.buttons().map(snapshot).collect()
    }
}

impl Forecast<'_> {
    /// Presses one of the app's own buttons.
    pub(crate) fn custom(&mut self, id: CallId, button: &ButtonId) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::Custom)?;
        let fault = if !call.buttons().any(|known| known.id == *button) {
            ActionFault::NoSuchButton
        } else if self.core.is_pressed(call, button) {
            ActionFault::UnderWay
        } else {
            self.push(Step::Custom(id, button.clone()), None);
            return Ok(());
        };
        Err(invalid(id, ActionKind::Custom, fault))
    }
}
