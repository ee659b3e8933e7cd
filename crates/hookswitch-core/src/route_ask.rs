//! An app asks for a device for one of its calls, as for its own loudspeaker button (Android
//! `requestCallEndpointChange`, `AVAudioSession.overrideOutputAudioPort`).
//!
//! Input: the wish of an app. Output: the same order as for the user, or a refusal by name.
//!
//! # Promises
//!
//! - **RA1** only the app whose call has the audio is heard; another one is told who has it.
//! - **RA2** what the user has chosen for a call is not changed by its app; what the app has chosen
//!   is changed by the user, by a headset that is put on, and by other programs.

use hookswitch_model::{
    ActionFault, CallId, ClientId, EndpointId, Rejection, RequestId, RouteCause,
};

use crate::Core;
use crate::event::Requester;
use crate::route::Desire;
use crate::state::Call;

impl Call {
    /// The user has chosen a device for it.
    fn route_is_chosen(&self) -> bool {
        self.route.as_ref().is_some_and(Desire::is_chosen)
    }
}

impl Core {
    pub(crate) fn on_route_ask(
        &mut self,
        from: Requester,
        request: RequestId,
        call: CallId,
        endpoint: EndpointId,
    ) {
        let (cause, asker) = match from {
            Requester::User => (RouteCause::User, None),
            Requester::App(client) => (RouteCause::App, Some(client)),
        };
        match self.may_route(from, asker, call, &endpoint) {
            Err(rejection) => self.reply(request, Err(rejection)),
            Ok(()) => {
                let desire = Desire { endpoint, cause };
                self.choose(request, Some(call), desire, asker);
            }
        }
    }

    fn may_route(
        &self,
        from: Requester,
        asker: Option<ClientId>,
        id: CallId,
        endpoint: &EndpointId,
    ) -> Result<(), Rejection> {
        let call = self.find(self.scope(from)?, id)?;
        if !self.routing.is_listed(endpoint) {
            return Err(Rejection::UnknownEndpoint);
        }
        let holder = self.lease.as_ref().map(|lease| &lease.app);
        let has_audio = self.lease_members.contains(&id) && holder == Some(&call.app);
        if !has_audio && !call.is_on_line() {
            let other = holder.filter(|app| **app != call.app);
            return Err(match other.and_then(|app| self.providers.get(app)) {
                Some(holder) => Rejection::AudioBusy { holder: holder.id },
                None => Rejection::NotNow(ActionFault::NoAudio),
            });
        }
        let party = call.party();
        let chose = |one: &Call| one.party() == party && one.route_is_chosen();
        match asker {
            Some(_) if self.calls.values().any(chose) => {
                Err(Rejection::NotNow(ActionFault::UserChose))
            }
            Some(_) | None => Ok(()),
        }
    }
}
