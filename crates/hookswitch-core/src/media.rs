//! Video and translation: what a call carries besides plain sound.
//!
//! # Promises
//!
//! - **ME1** video is on when the app says so, never because the user wished it.
//! - **ME2** an offer of the other party is accepted, declined, withdrawn, or declined by the
//!   system when its time is over; the app hears of it in each case.
//! - **ME3** a call is translated only while it is connected; muting a translated call keeps its
//!   uplink open for the translation, as `CXSetTranslatingCallAction` asks for.
//! - **ME4** an app that takes a call back, from a lost connection, its own crash or a restart of
//!   the daemon, hears of an offer that is over, and is asked to translate what it translated, or
//!   to stop what it was to stop. Until it says so, nothing shows as translated.

use hookswitch_model::{
    ActionFault, ActionKind, CallId, ClientId, Control, Limit, Rejection, Translating, Translation,
    TranslationEngine,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::AskKind;
use crate::event::Request;
use crate::forecast::Forecast;
use crate::plan::{Step, invalid};
use crate::state::Call;

/// What an app has to be asked about translation when it takes its call back.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Owed {
    #[default]
    Nothing,
    Stop,
    Translate(Translation),
}

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

    /// Its app is away (ME4): whether it goes on translating is its to say, and the other party's
    /// offer stands.
    pub(crate) fn lose_media(&mut self, id: CallId) {
        self.deadlines.clear(Wait::VideoOffer(id));
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let owed = match (self.asked_translation(call), &call.translating) {
            (Some(None), _) | (Some(Some(_)), None) => Owed::Stop,
            (Some(Some(_)) | None, Some(runs)) => Owed::Translate(runs.languages.clone()),
            // It was away before.
            (None, None) => return,
        };
        if let Some(call) = self.calls.get_mut(&id) {
            self.dirty = true;
            call.translating = None;
            call.translation_owed = owed;
        }
    }

    /// Its app is back and has the call.
    pub(crate) fn ask_for_media(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let owed = core::mem::take(&mut call.translation_owed);
        if !call.is_in_call() {
            return;
        }
        let translates = call.abilities.translation;
        if let Some(until) = call.video_offer {
            self.deadlines.set(Wait::VideoOffer(id), until);
        }
        let to = match owed {
            Owed::Nothing => return,
            Owed::Stop => None,
            Owed::Translate(languages) => Some(languages),
        };
        if translates {
            self.ask_again(id, AskKind::SetTranslating(to), None);
        }
    }

    /// What the next daemon has to ask about translation.
    pub(crate) fn translation_to_keep(&self, call: &Call) -> Option<Translation> {
        if let Some(None) = self.asked_translation(call) {
            return None;
        }
        match (&call.translating, &call.translation_owed) {
            (Some(runs), _) => Some(runs.languages.clone()),
            (None, Owed::Translate(languages)) => Some(languages.clone()),
            (None, Owed::Nothing | Owed::Stop) => None,
        }
    }

    /// What its app is asked at this time, and has not settled.
    fn asked_translation<'a>(&'a self, call: &'a Call) -> Option<Option<&'a Translation>> {
        self.open_asks(call).find_map(|ask| match &ask.kind {
            AskKind::SetTranslating(to) => Some(to.as_ref()),
            AskKind::Start(_)
            | AskKind::Answer
            | AskKind::End { .. }
            | AskKind::SetHeld(_)
            | AskKind::SetMuted(_)
            | AskKind::SetGroup(_)
            | AskKind::PlayDigits(_)
            | AskKind::SetVideo(_)
            | AskKind::DeclineVideo
            | AskKind::Custom(_) => None,
        })
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
