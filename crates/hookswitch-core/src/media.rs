//! Video and translation: what a call carries besides plain sound.
//!
//! # Promises
//!
//! - **ME1** video is on when the app says so, never because the user wished it.
//! - **ME2** an offer of the other party is accepted, declined, withdrawn, or declined by the
//!   system when its time is over; the app hears of it in each case.
//! - **ME3** a call is translated only while it is connected; muting a translated call keeps its
//!   uplink open for the translation, as `CXSetTranslatingCallAction` asks for.

use hookswitch_model::{
    ActionFault, ActionKind, CallId, ClientId, Control, Limit, Rejection, Translating, Translation,
    TranslationEngine,
};

use crate::Core;
use crate::deadline::Wait;
use crate::event::Request;
use crate::forecast::Forecast;
use crate::plan::{Step, invalid};
use crate::state::Call;

impl Call {
    /// Whether the user's side sends anything.
    pub(crate) fn has_uplink(&self) -> bool {
        let talks = self.is_active() && !self.is_orphan();
        talks && (!self.muted || self.translating.is_some())
    }
}

impl Core {
    pub(crate) fn video_offered(
        &mut self,
        client: ClientId,
        id: CallId,
        on: bool,
    ) -> Result<(), Rejection> {
        let call = self.own(client, id)?;
        let kind = call.phase.kind();
        if on && !call.is_in_call() {
            return Err(invalid(id, ActionKind::SetVideo, ActionFault::Phase(kind)));
        }
        if on && !call.abilities.video {
            return Err(invalid(id, ActionKind::SetVideo, ActionFault::NoVideo));
        }
        if !on || call.video {
            self.clear_video_offer(id);
            return Ok(());
        }
        let until = self.now.at.after(self.limits.time(Limit::VideoOffer));
        let until = self.deadlines.set(Wait::VideoOffer(id), until);
        if let Some(call) = self.calls.get_mut(&id) {
            self.dirty |= call.video_offer != Some(until);
            call.video_offer = Some(until);
        }
        Ok(())
    }

    pub(crate) fn clear_video_offer(&mut self, id: CallId) {
        self.deadlines.clear(Wait::VideoOffer(id));
        if let Some(call) = self.calls.get_mut(&id) {
            self.dirty |= call.video_offer.take().is_some();
        }
    }

    pub(crate) fn on_video_offer_limit(&mut self, id: CallId) {
        if self.calls.contains_key(&id) {
            self.begin_internal(id, Step::DeclineVideo(id));
        }
    }

    /// The app has switched video.
    pub(crate) fn video_switched(&mut self, id: CallId, on: bool) {
        self.clear_video_offer(id);
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let opens = on && !call.video && call.is_active();
        self.dirty |= call.video != on;
        call.video = on;
        if opens {
            self.open_by_rule(id);
        }
    }

    pub(crate) fn translation_switched(
        &mut self,
        id: CallId,
        to: Option<&Translation>,
        engine: TranslationEngine,
    ) {
        if let Some(call) = self.calls.get_mut(&id) {
            self.dirty = true;
            call.translating = to.map(|languages| Translating {
                languages: languages.clone(),
                engine,
            });
        }
    }

    /// What cannot outlive the app's process.
    pub(crate) fn drop_media(&mut self, id: CallId) {
        self.clear_video_offer(id);
        if let Some(call) = self.calls.get_mut(&id) {
            self.dirty |= call.translating.take().is_some();
        }
    }

    pub(crate) fn video_control(&self, call: &Call) -> Control {
        if call.is_in_call() && (call.abilities.video || call.video) {
            let wish = Request::SetVideo(call.id, !call.video);
            self.busy_or(call, ActionKind::SetVideo, &wish)
        } else {
            Control::Absent
        }
    }

    pub(crate) fn translate_control(&self, call: &Call) -> Control {
        if !call.is_in_call() || !call.abilities.translation {
            return Control::Absent;
        }
        match self.plan_translating(call) {
            Err(Rejection::InvalidAction {
                fault: ActionFault::UnderWay,
                ..
            }) => Control::Busy,
            Err(rejection) => Control::Refused(rejection),
            Ok(()) => Control::Ready,
        }
    }

    /// What a start or stop of translation would meet, in whatever languages.
    fn plan_translating(&self, call: &Call) -> Result<(), Rejection> {
        Forecast::new(self, None)
            .check_translating(call.id)
            .map(drop)
    }
}

impl<'a> Forecast<'a> {
    /// Switches video on or off.
    pub(crate) fn set_video(&mut self, id: CallId, on: bool) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::SetVideo)?;
        let fault = if on && !call.abilities.video {
            ActionFault::NoVideo
        } else if !call.is_active() {
            ActionFault::Phase(call.phase.kind())
        } else if self.core.has_pending(call, ActionKind::SetVideo) {
            ActionFault::UnderWay
        } else {
            self.push(Step::SetVideo(id, on), None);
            return Ok(());
        };
        Err(invalid(id, ActionKind::SetVideo, fault))
    }

    /// Turns the other party's offer of video down.
    pub(crate) fn decline_video(&mut self, id: CallId) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::DeclineVideo)?;
        if call.video_offer.is_none() {
            return Err(invalid(id, ActionKind::DeclineVideo, ActionFault::NoOffer));
        }
        self.push(Step::DeclineVideo(id), None);
        Ok(())
    }

    /// Starts or stops translation.
    pub(crate) fn set_translating(
        &mut self,
        id: CallId,
        to: Option<&Translation>,
    ) -> Result<(), Rejection> {
        self.check_translating(id)?;
        self.push(Step::SetTranslating(id, to.cloned()), None);
        Ok(())
    }

    fn check_translating(&self, id: CallId) -> Result<&'a Call, Rejection> {
        let call = self.find_reachable(id, ActionKind::SetTranslating)?;
        let fault = if !call.abilities.translation {
            ActionFault::NoTranslation
        } else if !call.is_active() {
            ActionFault::Phase(call.phase.kind())
        } else if self.core.has_pending(call, ActionKind::SetTranslating) {
            ActionFault::UnderWay
        } else {
            return Ok(call);
        };
        Err(invalid(id, ActionKind::SetTranslating, fault))
    }
}
