//! Facts from apps. Facts win over wishes; impossible ones are refused by name and counted.

use hookswitch_model::{
    ActionFault, ActionKind, AskId, CallId, CallKey, CallUpdate, Capabilities, ClientId, DialStage,
    Direction, End, EndReason, Limit, Origin, Phase, PhaseKind, Profile, Rejection, RequestId,
    Wall,
};

use crate::Core;
use crate::ask::Settled;
use crate::deadline::Wait;
use crate::effect::{Accepted, AnomalyKind};
use crate::event::Report;
use crate::plan::{invalid, limit_reached};
use crate::state::{Call, Tombstone};

impl Core {
    pub(crate) fn on_report(&mut self, client: ClientId, request: RequestId, report: Report) {
        match report {
            Report::Register { app, configuration } => {
                self.on_register(client, request, app, configuration);
            }
            Report::Invalidate => self.on_invalidate(client, request),
            Report::Incoming { call, key, update } => {
                let result = self.incoming(client, call, key, update);
                self.reply(request, result.map(|known| Accepted::Reported { known }));
            }
            Report::Updated { call, update } => {
                let result = self.updated(client, call, &update);
                self.reply_done(client, request, call, result);
            }
            Report::Connecting { call } => {
                let result = self.connecting(client, call);
                self.reply_done(client, request, call, result);
            }
            Report::Connected { call, at } => self.connected(client, request, call, at),
            Report::Ended { call, reason } => self.ended(client, request, call, reason),
            Report::RemoteHeld { call, on } => {
                let result = self.remote_held(client, call, on);
                self.reply_done(client, request, call, result);
            }
            Report::Muted { call, on } => {
                let result = self.own(client, call).map(|_| ());
                if result.is_ok() {
                    self.set_muted(call, on);
                }
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

    fn reply_done(
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
    fn own(&self, client: ClientId, id: CallId) -> Result<&Call, Rejection> {
        let app = self
            .clients
            .get(&client)
            .ok_or(Rejection::UnknownProvider)?;
        self.find(Some(app), id)
    }

    fn incoming(
        &mut self,
        client: ClientId,
        id: CallId,
        key: CallKey,
        update: CallUpdate,
    ) -> Result<bool, Rejection> {
        let app = self
            .clients
            .get(&client)
            .ok_or(Rejection::UnknownProvider)?;
        let app = app.clone();
        if let Some(known) = self.calls.get(&id) {
            let same = known.app == app && known.direction == Direction::Incoming;
            return if same && (known.is_orphan() || self.limits.profile == Profile::Native) {
                self.merge(id, &update);
                self.adopt(id);
                Ok(true)
            } else {
                Err(Rejection::CallExists(id))
            };
        }
        if let Some(tombstone) = self.tombstones.find(id) {
            let reason = tombstone.reason;
            return Err(Rejection::AlreadyEnded { call: id, reason });
        }
        let call = self.new_incoming(id, key, &app, &update);
        if let Err(full) = self.check_room() {
            self.turn_away(&call);
            return Err(full);
        }
        if let Phase::Ringing { until, .. } = call.phase {
            self.deadlines.set(Wait::Ring(id), until);
        }
        self.dirty = true;
        self.calls.insert(id, call);
        Ok(false)
    }

    fn new_incoming(
        &mut self,
        id: CallId,
        key: CallKey,
        app: &hookswitch_model::AppId,
        update: &CallUpdate,
    ) -> Call {
        self.counters.call_order += 1;
        let configuration = self.providers.get(app).map(|p| &p.configuration);
        let ring_for = configuration.and_then(|c| c.ring_for);
        let ring_for = ring_for.unwrap_or_else(|| self.limits.time(Limit::Ring));
        let mut call = Call {
            id,
            key,
            app: app.clone(),
            direction: Direction::Incoming,
            handle: None,
            name: None,
            capabilities: Capabilities::default(),
            video: false,
            emergency: false,
            phase: Phase::Ringing {
                since: self.now,
                until: self.now.at.after(ring_for),
            },
            answering: false,
            connected_at: None,
            began: self.now,
            order: self.counters.call_order,
            muted: false,
            remote_hold: false,
            silenced: false,
            orphaned_until: None,
            asks: Vec::new(),
            group: None,
            joining: None,
            in_recents: configuration.is_none_or(|c| c.in_recents),
            is_deaf: false,
        };
        apply(&mut call, update);
        call.emergency &= self.is_cellular(app);
        call
    }

    fn check_room(&self) -> Result<(), Rejection> {
        let max = self.limits.count(Limit::Calls);
        if self.calls.len() >= max {
            return Err(limit_reached(Limit::Calls, max));
        }
        let max = self.limits.count(Limit::Ringing);
        // Calls being answered may ring again, if their app dies and comes back.
        let ringing = self.calls.values().filter(|call| call.is_ringing());
        if ringing.count() >= max {
            return Err(limit_reached(Limit::Ringing, max));
        }
        Ok(())
    }

    /// No room to ring: the caller hears busy, and the user finds it in the recents.
    fn turn_away(&mut self, call: &Call) {
        let tombstone = Tombstone {
            reason: EndReason::Busy,
            connected: false,
        };
        let max = self.limits.count(Limit::Tombstones);
        self.tombstones.insert(call.id, tombstone, max);
        let end = End {
            reason: EndReason::Busy,
            origin: Origin::Limit,
            phase: PhaseKind::Ringing,
            at: self.now,
        };
        self.record(call, end);
    }

    fn updated(
        &mut self,
        client: ClientId,
        id: CallId,
        update: &CallUpdate,
    ) -> Result<(), Rejection> {
        self.own(client, id)?;
        self.merge(id, update);
        Ok(())
    }

    fn merge(&mut self, id: CallId, update: &CallUpdate) {
        if let Some(call) = self.calls.get_mut(&id) {
            let emergency = call.emergency;
            apply(call, update);
            let app = call.app.clone();
            if !self.is_cellular(&app)
                && let Some(call) = self.calls.get_mut(&id)
            {
                call.emergency = emergency;
            }
            self.dirty = true;
        }
    }

    fn connecting(&mut self, client: ClientId, id: CallId) -> Result<(), Rejection> {
        let kind = self.own(client, id)?.phase.kind();
        let Some(call) = self.calls.get_mut(&id) else {
            return Err(Rejection::UnknownCall(id));
        };
        let fault = ActionFault::Phase(kind);
        let Phase::Dialing { stage, .. } = &mut call.phase else {
            return Err(invalid(id, ActionKind::Start, fault));
        };
        match stage {
            DialStage::Requested => return Err(invalid(id, ActionKind::Start, fault)),
            DialStage::Started | DialStage::Connecting => *stage = DialStage::Connecting,
        }
        self.dirty = true;
        Ok(())
    }

    /// The far end answered. Legal without `connecting`, and before the start was fulfilled.
    fn connected(&mut self, client: ClientId, request: RequestId, id: CallId, at: Option<Wall>) {
        let result = self.own(client, id).and_then(|call| match call.phase {
            Phase::Dialing { .. } => Ok(true),
            Phase::Active { .. } | Phase::Held(_) if call.direction == Direction::Outgoing => {
                Ok(false)
            }
            Phase::Ringing { .. }
            | Phase::Active { .. }
            | Phase::Held(_)
            | Phase::Ending { .. } => {
                let fault = ActionFault::Phase(call.phase.kind());
                Err(invalid(id, ActionKind::Start, fault))
            }
        });
        let connects = result == Ok(true);
        self.reply_done(client, request, id, result.map(|_| ()));
        if connects {
            let start = self.open_start(id);
            self.become_active(id, at);
            if let Some(start) = start {
                self.lapse(start);
                self.settle(start, Settled::Fulfilled(None));
            }
        }
    }

    /// The one ask that a connected call implies to be fulfilled.
    fn open_start(&self, id: CallId) -> Option<AskId> {
        let is_start = |ask: &&AskId| {
            self.asks
                .get(ask)
                .is_some_and(|ask| ask.action() == ActionKind::Start)
        };
        self.calls.get(&id)?.asks.iter().find(is_start).copied()
    }

    /// A call is over. Known or not, it stays over: a late ring for it meets a tombstone.
    fn ended(&mut self, client: ClientId, request: RequestId, id: CallId, reason: EndReason) {
        match self.own(client, id) {
            Ok(call) => {
                let reason = from_facts(reason, call);
                self.reply(request, Ok(Accepted::Done));
                self.finish(id, reason, origin_of(reason));
            }
            Err(Rejection::AlreadyEnded { .. }) => self.reply(request, Ok(Accepted::Done)),
            Err(Rejection::UnknownCall(_)) if !self.calls.contains_key(&id) => {
                let tombstone = Tombstone {
                    reason,
                    connected: false,
                };
                let max = self.limits.count(Limit::Tombstones);
                self.tombstones.insert(id, tombstone, max);
                self.reply(request, Ok(Accepted::Done));
            }
            Err(rejection) => self.reply(request, Err(rejection)),
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

fn apply(call: &mut Call, update: &CallUpdate) {
    update.handle.clone().apply(&mut call.handle);
    update.name.clone().apply(&mut call.name);
    update.apply_capabilities(&mut call.capabilities);
    call.video = update.video.unwrap_or(call.video);
    call.emergency = update.emergency.unwrap_or(call.emergency);
}

/// The reason that fits the facts, whatever word the app chose.
fn from_facts(reason: EndReason, call: &Call) -> EndReason {
    let incoming = call.direction == Direction::Incoming;
    let connected = call.connected_at.is_some();
    match reason {
        EndReason::RemoteHangup if incoming && !connected => EndReason::CanceledByCaller,
        EndReason::RemoteHangup if !connected => EndReason::DeclinedByRemote,
        EndReason::CanceledByCaller if connected => EndReason::RemoteHangup,
        EndReason::Unanswered if connected => EndReason::RemoteHangup,
        EndReason::AppCrashed | EndReason::AppUnresponsive | EndReason::Filtered => {
            EndReason::Failed
        }
        EndReason::LocalHangup
        | EndReason::RemoteHangup
        | EndReason::DeclinedHere
        | EndReason::DeclinedByRemote
        | EndReason::Unanswered
        | EndReason::CanceledByCaller
        | EndReason::AnsweredElsewhere
        | EndReason::DeclinedElsewhere
        | EndReason::Busy
        | EndReason::BusyElsewhere
        | EndReason::Failed
        | EndReason::ExpiredBeforeDelivery => reason,
    }
}

fn origin_of(reason: EndReason) -> Origin {
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
