//! Facts from apps. Facts win over wishes; impossible ones are refused by name and counted. Those
//! that move the line are in [`crate::facts`].

use hookswitch_model::{
    ActionFault, ActionKind, CallId, CallUpdate, ClientId, DialStage, Direction, EndReason, Origin,
    Phase, PhaseKind, Rejection, RequestId, Wall,
};

use crate::Core;
use crate::cellular::is_cellular;
use crate::effect::{Accepted, AnomalyKind};
use crate::event::Report;
use crate::plan::invalid;
use crate::state::{Call, Tombstone};

impl Core {
    pub(crate) fn on_report(&mut self, client: ClientId, request: RequestId, report: Report) {
        if let Err(rejection) = self.admit_report(client, &report) {
            return self.reply(request, Err(rejection));
        }
        match report {
            Report::Register { app, configuration } => {
                self.on_register(client, request, app, configuration);
            }
            Report::Invalidate => self.on_invalidate(client, request),
            Report::Incoming { call, key, update } => {
                let former = self.address_of(call);
                self.on_incoming(client, request, call, key, &update);
                self.decide_anew(call, former);
            }
            Report::Updated { call, update } => {
                let former = self.address_of(call);
                let result = self.updated(client, call, &update);
                self.reply_done(client, request, call, result);
                self.decide_anew(call, former);
            }
            Report::Connecting { call, at } => {
                let result = self.connecting(client, call, at);
                self.reply_done(client, request, call, result);
            }
            Report::Connected { call, at } => self.connected(client, request, call, at),
            Report::Ended { call, reason, at } => self.ended(client, request, (call, reason), at),
            Report::RemoteHeld { call, on } => {
                let result = self.remote_held(client, call, on);
                self.reply_done(client, request, call, result);
            }
            Report::Held { call, on } => {
                let result = self.met_held(client, call);
                let taken = result.is_ok();
                self.reply_done(client, request, call, result);
                if taken {
                    self.take_held(call, on);
                }
            }
            Report::Muted { call, on } => {
                let result = self.own(client, call).map(|_| ());
                if result.is_ok() {
                    self.mute_reported(call, on);
                }
                self.reply_done(client, request, call, result);
            }
            Report::VideoOffer { call, on } => {
                let result = self.video_offered(client, call, on);
                self.reply_done(client, request, call, result);
            }
            Report::Adopt { call } => {
                let result = self.own(client, call).map(|_| ());
                let found = result.is_ok();
                self.reply_done(client, request, call, result);
                if found {
                    self.adopt(call);
                }
            }
        }
    }

    pub(crate) fn reply_done(
        &mut self,
        client: ClientId,
        request: RequestId,
        call: CallId,
        result: Result<(), Rejection>,
    ) {
        if let Err(Rejection::InvalidAction { .. }) = result {
            let app = self.clients.get(&client).cloned();
            self.anomaly(AnomalyKind::ImpossibleReport, app, Some(call));
        }
        self.reply(request, result.map(|()| Accepted::Done));
    }

    /// A live call of this app.
    pub(crate) fn own(&self, client: ClientId, id: CallId) -> Result<&Call, Rejection> {
        let app = self
            .clients
            .get(&client)
            .ok_or(Rejection::UnknownProvider)?;
        self.find(Some(app), id)
    }

    fn updated(
        &mut self,
        client: ClientId,
        id: CallId,
        update: &CallUpdate,
    ) -> Result<(), Rejection> {
        if self.update_arrival(client, id, update) {
            return Ok(());
        }
        self.own(client, id)?;
        self.merge(id, update);
        Ok(())
    }

    pub(crate) fn merge(&mut self, id: CallId, update: &CallUpdate) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let former = call.account.clone();
        let can_be_emergency = is_cellular(self.providers.get(&call.app));
        apply(call, update, can_be_emergency);
        self.dirty = true;
        if self
            .calls
            .get(&id)
            .is_some_and(|call| self.has_unknown_account(call))
            && let Some(call) = self.calls.get_mut(&id)
        {
            // The call matters more than its label: it stays as it was.
            call.account = former;
            let app = Some(call.app.clone());
            self.anomaly(AnomalyKind::ImpossibleReport, app, Some(id));
        }
        if update.video == Some(true) {
            self.clear_video_offer(id);
        }
    }

    pub(crate) fn has_unknown_account(&self, call: &Call) -> bool {
        let known = |id| {
            let provider = self.providers.get(&call.app);
            provider.is_some_and(|p| p.configuration.account(id).is_some())
        };
        call.account.as_ref().is_some_and(|id| !known(id))
    }

    fn connecting(
        &mut self,
        client: ClientId,
        id: CallId,
        at: Option<Wall>,
    ) -> Result<(), Rejection> {
        let now = self.now;
        let kind = self.own(client, id)?.phase.kind();
        let Some(call) = self.calls.get_mut(&id) else {
            return Err(Rejection::UnknownCall(id));
        };
        let fault = ActionFault::Phase(kind);
        let reached = call.date(now, at);
        let Phase::Dialing { stage, .. } = &mut call.phase else {
            return Err(invalid(id, ActionKind::Start, fault));
        };
        match stage {
            DialStage::Requested => return Err(invalid(id, ActionKind::Start, fault)),
            DialStage::Started | DialStage::Connecting => *stage = DialStage::Connecting,
        }
        call.dates.connecting.get_or_insert(reached);
        self.dirty = true;
        Ok(())
    }

    /// A call is over. Known or not, it stays over: a late ring for it meets a tombstone.
    fn ended(
        &mut self,
        client: ClientId,
        request: RequestId,
        (id, reason): (CallId, EndReason),
        at: Option<Wall>,
    ) {
        if self.end_arrival(client, id, reason, at) {
            return self.reply(request, Ok(Accepted::Done));
        }
        match self.own(client, id) {
            Ok(call) => {
                let reason = from_facts(reason, call);
                self.reply(request, Ok(Accepted::Done));
                self.learn_elsewhere(id, reason);
                self.finish_by_app(id, reason, at);
            }
            Err(Rejection::AlreadyEnded { .. }) => {
                self.reply(request, Ok(Accepted::Done));
                self.learn_late(client, id, reason);
            }
            Err(Rejection::UnknownCall(_)) if !self.calls.contains_key(&id) => {
                let Some(app) = self.clients.get(&client).cloned() else {
                    return self.reply(request, Err(Rejection::UnknownProvider));
                };
                let tombstone = Tombstone {
                    app,
                    reason,
                    talked_until: None,
                    at: self.now,
                    early: true,
                    quieted: None,
                    missed: None,
                };
                self.bury(id, tombstone);
                self.reply(request, Ok(Accepted::Done));
            }
            Err(rejection) => self.reply(request, Err(rejection)),
        }
    }

    /// Hung up in the app's own window, a call leaves behind what it does anywhere else.
    fn finish_by_app(&mut self, id: CallId, reason: EndReason, at: Option<Wall>) {
        let origin = origin_of(reason);
        let rest = match origin {
            Origin::User => self.rest_of_end(id),
            Origin::App
            | Origin::Remote
            | Origin::OtherDevice
            | Origin::RingLimit
            | Origin::CallWaiting
            | Origin::Limit
            | Origin::System => Vec::new(),
        };
        self.finish_at(id, reason, origin, at);
        for step in rest {
            self.begin_internal(step.call(), step);
        }
    }

    /// What ends because its ring time is over, and went to another device meanwhile, was not
    /// missed.
    fn learn_elsewhere(&mut self, id: CallId, said: EndReason) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if let Phase::Ending { reason, origin, .. } = &mut call.phase
            && *reason == EndReason::Unanswered
            && origin_of(said) == Origin::OtherDevice
        {
            *reason = said;
            *origin = Origin::OtherDevice;
        }
    }

    fn remote_held(&mut self, client: ClientId, id: CallId, on: bool) -> Result<(), Rejection> {
        let kind = self.own(client, id)?.phase.kind();
        match kind {
            PhaseKind::Active | PhaseKind::Held => {}
            PhaseKind::Ringing | PhaseKind::Dialing | PhaseKind::Ending => {
                let fault = ActionFault::Phase(kind);
                return Err(invalid(id, ActionKind::SetHeld, fault));
            }
        }
        if let Some(call) = self.calls.get_mut(&id) {
            self.dirty |= call.remote_hold != on;
            call.remote_hold = on;
        }
        Ok(())
    }
}

/// Takes over what is mentioned. Only a call of the mobile network can be an emergency call.
pub(crate) fn apply(call: &mut Call, update: &CallUpdate, can_be_emergency: bool) {
    update.handle.clone().apply(&mut call.handle);
    update.name.clone().apply(&mut call.name);
    update.apply_capabilities(&mut call.capabilities);
    call.video = update.video.unwrap_or(call.video);
    call.early_media = update.early_media.unwrap_or(call.early_media);
    call.emergency = can_be_emergency && update.emergency.unwrap_or(call.emergency);
    update.account.clone().apply(&mut call.account);
    if update.buttons.is_some() {
        call.wanted_buttons.clone_from(&update.buttons);
    }
}

/// The reason that fits the facts, whatever word the app chose.
pub(crate) fn from_facts(reason: EndReason, call: &Call) -> EndReason {
    let over = [
        EndReason::RemoteHangup,
        EndReason::CanceledByCaller,
        EndReason::Unanswered,
    ];
    let unexplained = [
        EndReason::AppCrashed,
        EndReason::AppUnresponsive,
        EndReason::Filtered,
    ];
    if call.is_at_voicemail() && !call.answering && over.contains(&reason) {
        // The user has declined it: that the message is over now is no news of the caller.
        EndReason::DeclinedHere
    } else if unexplained.contains(&reason) {
        EndReason::Failed
    } else if call.has_connected() {
        once_connected(reason)
    } else {
        match call.direction {
            Direction::Incoming => before_answered(reason),
            Direction::Outgoing => before_connected(reason),
        }
    }
}

/// Who could talk has hung up. Nobody declines, misses or is too busy for such a call; it may still
/// go on at another device of the user.
fn once_connected(said: EndReason) -> EndReason {
    match said {
        EndReason::DeclinedHere => EndReason::LocalHangup,
        EndReason::CanceledByCaller
        | EndReason::Unanswered
        | EndReason::DeclinedByRemote
        | EndReason::Busy
        | EndReason::DeclinedElsewhere
        | EndReason::BusyElsewhere => EndReason::RemoteHangup,
        EndReason::ExpiredBeforeDelivery => EndReason::Failed,
        EndReason::LocalHangup
        | EndReason::RemoteHangup
        | EndReason::AnsweredElsewhere
        | EndReason::Failed
        | EndReason::AppCrashed
        | EndReason::AppUnresponsive
        | EndReason::Filtered => said,
    }
}

/// An incoming call: the user declines it, its caller gives up.
fn before_answered(said: EndReason) -> EndReason {
    match said {
        EndReason::LocalHangup => EndReason::DeclinedHere,
        EndReason::RemoteHangup | EndReason::DeclinedByRemote => EndReason::CanceledByCaller,
        EndReason::DeclinedHere
        | EndReason::CanceledByCaller
        | EndReason::Unanswered
        | EndReason::AnsweredElsewhere
        | EndReason::DeclinedElsewhere
        | EndReason::Busy
        | EndReason::BusyElsewhere
        | EndReason::Failed
        | EndReason::ExpiredBeforeDelivery
        | EndReason::AppCrashed
        | EndReason::AppUnresponsive
        | EndReason::Filtered => said,
    }
}

/// An outgoing call: the other party declines it, the user gives up.
fn before_connected(said: EndReason) -> EndReason {
    match said {
        EndReason::RemoteHangup => EndReason::DeclinedByRemote,
        EndReason::DeclinedHere | EndReason::CanceledByCaller => EndReason::LocalHangup,
        EndReason::LocalHangup
        | EndReason::DeclinedByRemote
        | EndReason::Unanswered
        | EndReason::AnsweredElsewhere
        | EndReason::DeclinedElsewhere
        | EndReason::Busy
        | EndReason::BusyElsewhere
        | EndReason::Failed
        | EndReason::ExpiredBeforeDelivery
        | EndReason::AppCrashed
        | EndReason::AppUnresponsive
        | EndReason::Filtered => said,
    }
}

pub(crate) fn origin_of(reason: EndReason) -> Origin {
    match reason {
        EndReason::RemoteHangup
        | EndReason::DeclinedByRemote
        | EndReason::Unanswered
        | EndReason::CanceledByCaller
        | EndReason::Busy => Origin::Remote,
        EndReason::AnsweredElsewhere | EndReason::DeclinedElsewhere | EndReason::BusyElsewhere => {
            Origin::OtherDevice
        }
        EndReason::LocalHangup | EndReason::DeclinedHere => Origin::User,
        EndReason::Failed
        | EndReason::Filtered
        | EndReason::ExpiredBeforeDelivery
        | EndReason::AppCrashed
        | EndReason::AppUnresponsive => Origin::App,
    }
}
