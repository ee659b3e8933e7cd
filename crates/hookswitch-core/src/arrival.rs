//! Incoming calls: from the report to the ring, or to the refusal.
//!
//! # Promises
//!
//! - **AR1** a call is checked in this order, and the first that speaks against it decides: its id,
//!   whether its app is protected, the block list, the call directory, the verdicts of screeners,
//!   restricted mode, whether the caller has given up, an emergency call on the line,
//!   do-not-disturb, the rules for second calls, room.
//! - **AR2** a call that may not ring is refused by name, kept in the recents with the reason, and
//!   seen and heard by nobody.
//! - **AR3** the call-back of an emergency center is checked for its id only, and takes no place
//!   from other calls: there is room for as many of them as may ring.
//! - **AR4** a call rings no longer than its caller waits.
//! - **AR5** the id of a call that ended means that call to its app for the time `tombstone`, and
//!   beyond it in a report that says that the caller called before the end. After that, and for
//!   other apps at once, it is free for another call. In profile `callkit` only an end that
//!   overtook its report is remembered, and a second call that was turned away: CallKit knows
//!   neither, and a second copy of its ring would ring.
//! - **AR6** no app takes the places of all: of those that ring at once the last is kept for the
//!   mobile network, and of the others one app leaves one to the rest.

use core::time::Duration;

use hookswitch_model::{
    AppId, CallDates, CallId, CallKey, CallUpdate, Capabilities, ClientId, Direction, End,
    EndReason, Limit, MissedReasons, Origin, Phase, PhaseKind, Profile, Rejection, RequestId,
    Stamp, Timestamp, Wall,
};

use crate::Core;
use crate::cellular::is_cellular;
use crate::deadline::Wait;
use crate::directory;
use crate::effect::{Accepted, AnomalyKind};
use crate::media::Owed;
use crate::mute::Mute;
use crate::policy::Refusal;
use crate::report::apply;
use crate::state::{Abilities, Call, Tombstone};
use crate::verdict::Arrival;

impl Core {
    pub(crate) fn on_incoming(
        &mut self,
        client: ClientId,
        request: RequestId,
        id: CallId,
        key: CallKey,
        update: &CallUpdate,
    ) {
        match self.known_incoming(client, id, update) {
            Ok(Known::Live) => self.reply(request, Ok(Accepted::Reported { known: true })),
            Ok(Known::Waiting) => self.join_arrival(id, request),
            Ok(Known::New) => {
                let arrival = self.new_arrival(client, request, id, key, update);
                self.begin_arrival(arrival);
            }
            Err(rejection) => self.reply(request, Err(rejection)),
        }
    }

    /// What is known of a call by its id. A report of one's own live call is an update.
    fn known_incoming(
        &mut self,
        client: ClientId,
        id: CallId,
        update: &CallUpdate,
    ) -> Result<Known, Rejection> {
        let app = self.clients.get(&client);
        let app = app.ok_or(Rejection::UnknownProvider)?.clone();
        let native = self.limits.profile == Profile::Native;
        if let Some(known) = self.calls.get(&id) {
            let same = known.app == app && known.direction == Direction::Incoming;
            return if same && (known.is_orphan() || native) {
                self.merge(id, update);
                self.adopt(id);
                Ok(Known::Live)
            } else {
                Err(Rejection::CallExists(id))
            };
        }
        if self.arrivals.contains_key(&id) {
            return if native && self.update_arrival(client, id, update) {
                Ok(Known::Waiting)
            } else {
                Err(Rejection::CallExists(id))
            };
        }
        match self.tombstones.find(Some(&app), id) {
            Some(tombstone) if self.still_means(tombstone, update.called_at) => {
                Err(Rejection::AlreadyEnded {
                    call: id,
                    reason: tombstone.reason,
                })
            }
            Some(_) | None => Ok(Known::New),
        }
    }

    /// Whether an app cannot use an id for a new outgoing call yet.
    pub(crate) fn is_just_over(&self, app: &AppId, id: CallId) -> bool {
        let ended = self.tombstones.find(Some(app), id);
        ended.is_some_and(|ended| self.still_means(ended, None))
    }

    /// Whether an id still means the call that ended, rather than another one (AR5).
    pub(crate) fn still_means(&self, ended: &Tombstone, called_at: Option<Wall>) -> bool {
        let limit = match self.limits.profile {
            Profile::CallKit if ended.early => Duration::from_millis(Limit::Tombstone.row().native),
            Profile::CallKit | Profile::Native => self.limits.time(Limit::Tombstone),
        };
        let is_fresh = self.now.at.since(ended.at.at) < limit;
        is_fresh || called_at.is_some_and(|called_at| called_at <= ended.at.wall)
    }

    fn new_arrival(
        &mut self,
        client: ClientId,
        request: RequestId,
        id: CallId,
        key: CallKey,
        update: &CallUpdate,
    ) -> Arrival {
        let decision = self.take_decision(id);
        let provider = self.clients.get(&client);
        let provider = provider.and_then(|app| self.providers.get(app));
        let ring_for = provider.and_then(|p| p.configuration.ring_for);
        let (least, most) = (Limit::RingLeast, Limit::RingMost);
        let ring_for = ring_for.map(|time| {
            let time = time.max(self.limits.time(least));
            time.min(self.limits.time(most))
        });
        let ring_for = ring_for.unwrap_or_else(|| self.limits.time(Limit::Ring));
        let mut call = self.new_incoming(client, id, key, update);
        call.decision = decision;
        directory::name_caller(&mut call);
        Arrival {
            client,
            requests: vec![request],
            ring_for,
            ring_until: self.ring_until(update, ring_for, call.emergency),
            open: self.screeners.clone(),
            call,
        }
    }

    /// When the caller has given up: as the app says, and no later than the ring time after they
    /// called. Who called before that by minutes only has time to ring, for clocks differ; and an
    /// emergency center that calls back waits.
    fn ring_until(
        &self,
        update: &CallUpdate,
        ring_for: Duration,
        emergency: bool,
    ) -> Option<Timestamp> {
        let between = |from: Wall, to: Wall| {
            let ms = to.as_millis().saturating_sub(from.as_millis());
            Duration::from_millis(u64::try_from(ms).unwrap_or_default())
        };
        let now = self.now.wall;
        let patience = |called_at: Wall| {
            let age = between(called_at, now);
            let over = age > ring_for + self.limits.time(Limit::ClockSkew);
            let least = self.limits.time(Limit::RingLeast).min(ring_for);
            match over {
                true => Duration::ZERO,
                false => ring_for.saturating_sub(age).max(least),
            }
        };
        let called = update.called_at.filter(|_| !emergency).map(patience);
        let said = update.ring_until.map(|until| between(now, until));
        let left = [called, said].into_iter().flatten().min()?;
        Some(self.now.at.after(left))
    }

    fn new_incoming(
        &mut self,
        client: ClientId,
        id: CallId,
        key: CallKey,
        update: &CallUpdate,
    ) -> Call {
        self.counters.call_order += 1;
        let app = self.clients.get(&client).expect("only apps get this far");
        let provider = self.providers.get(app);
        let now = self.now;
        let called_at = update.called_at.map_or(now.wall, |at| at.min(now.wall));
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
            early_media: false,
            phase: Phase::Ringing {
                since: now,
                until: now.at,
            },
            answering: false,
            dates: CallDates::default(),
            began: Stamp::new(now.at, called_at),
            order: self.counters.call_order,
            muted: false,
            mute: Mute::default(),
            remote_hold: false,
            silenced: false,
            orphaned_until: None,
            asks: Vec::new(),
            group: None,
            joining: None,
            in_recents: provider.is_none_or(|p| p.configuration.in_recents),
            is_deaf: false,
            notes: MissedReasons::NEVER_RANG,
            account: None,
            contact: None,
            abilities: provider
                .map_or_else(Abilities::default, |p| Abilities::of(&p.configuration)),
            wanted_buttons: None,
            video_offer: None,
            translating: None,
            opens: false,
            decision: None,
            route: None,
            rest: None,
            owes_hold_to: None,
            owes_resume: false,
            talked_until: None,
            translation_owed: Owed::Nothing,
        };
        apply(&mut call, update, is_cellular(provider));
        if self.has_unknown_account(&call) {
            // The call matters more than its label.
            call.account = None;
            let app = Some(call.app.clone());
            self.anomaly(AnomalyKind::ImpossibleReport, app, Some(id));
        }
        call
    }

    /// The last checks, and the ring. The app gets its reply here.
    pub(crate) fn arrive(&mut self, arrival: Arrival) {
        let checked = self.check_rules(&arrival.call, arrival.ring_until);
        let checked = checked.and_then(|()| self.check_second(&arrival.call));
        let checked = checked.and_then(|()| self.check_room(&arrival.call).map_err(Refusal::busy));
        match checked {
            Ok(()) => self.let_ring(arrival),
            Err(refusal) => self.refuse(arrival, refusal),
        }
    }

    pub(crate) fn let_ring(&mut self, arrival: Arrival) {
        let known = |known| Ok(Accepted::Reported { known });
        self.reply_all(&arrival.requests, known(false), known(true));
        self.ring(arrival);
    }

    fn ring(&mut self, arrival: Arrival) {
        let mut call = arrival.call;
        let until = self.now.at.after(arrival.ring_for);
        let until = arrival.ring_until.map_or(until, |end| end.min(until));
        call.phase = Phase::Ringing {
            since: self.now,
            until,
        };
        self.deadlines.set(Wait::Ring(call.id), until);
        self.dirty = true;
        self.forget_letters(&call.app, call.id);
        self.calls.insert(call);
    }

    /// The call may not ring: its app is told why, and the user finds it in the recents.
    pub(crate) fn refuse(&mut self, mut arrival: Arrival, refusal: Refusal) {
        arrival.call.notes = arrival.call.notes.with(refusal.notes);
        self.turn_away(&arrival.call, refusal.reason, refusal.origin);
        let rejection = refusal.rejection;
        self.reply_all(&arrival.requests, Err(rejection), Err(rejection));
    }

    /// The first report of a call and those that came after it while it waited.
    pub(crate) fn reply_all(
        &mut self,
        requests: &[RequestId],
        first: Result<Accepted, Rejection>,
        others: Result<Accepted, Rejection>,
    ) {
        let mut result = first;
        for request in requests {
            let reply = core::mem::replace(&mut result, others.clone());
            self.reply(*request, reply);
        }
    }

    /// Keeps a call that never rang: in the recents, and by its id.
    pub(crate) fn turn_away(&mut self, call: &Call, reason: EndReason, origin: Origin) {
        self.turn_away_at(call, reason, origin, self.now);
    }

    /// The same, of a call that was over at `at`.
    pub(crate) fn turn_away_at(
        &mut self,
        call: &Call,
        reason: EndReason,
        origin: Origin,
        at: Stamp,
    ) {
        let end = End {
            reason,
            origin,
            phase: PhaseKind::Ringing,
            at,
        };
        let tombstone = Tombstone {
            app: call.app.clone(),
            reason,
            talked_until: None,
            at: self.now,
            early: call.notes.contains(MissedReasons::BUSY),
            quieted: self.just_quieted(call),
            missed: self.record(call, end),
        };
        self.bury(call.id, tombstone);
    }
}

/// What is known of an incoming call by its id.
enum Known {
    Live,
    Waiting,
    New,
}

/// Whether the time until which a caller waits is over.
pub(crate) fn is_over(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| until <= now)
}
