//! Questions to apps: each settles once, in time or not, and has its consequence (L4).

use hookswitch_model::{
    ActionKind, AskId, CallId, ClientId, DialStage, EndReason, HeldBy, Hold, Limit, NoticeKind,
    Origin, Phase, Profile, TransactionId, TranslationEngine, Wall,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::{AnomalyKind, Ask, AskKind, Effect, Letter};
use crate::event::Outcome;
use crate::state::{Call, PendingAsk};

/// How an ask came to an end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Settled {
    Fulfilled(Option<Wall>),
    Failed,
    Expired,
    /// The app's process went away.
    AppGone,
    /// A later ask of the same kind was fulfilled.
    Superseded,
}

impl Core {
    pub(crate) fn open_asks<'a>(&'a self, call: &'a Call) -> impl Iterator<Item = &'a PendingAsk> {
        call.asks.iter().filter_map(|ask| self.asks.get(ask))
    }

    pub(crate) fn send_ask(
        &mut self,
        transaction: TransactionId,
        call: CallId,
        kind: AskKind,
        hold: Option<(HeldBy, Option<CallId>)>,
    ) -> AskId {
        self.dirty = true;
        self.counters.ask += 1;
        let id = AskId(self.counters.ask);
        let limit = match kind {
            AskKind::Start(_) | AskKind::Answer => Limit::Connect,
            AskKind::SetHeld(_) => Limit::Hold,
            AskKind::End { .. }
            | AskKind::SetMuted(_)
            | AskKind::SetGroup(_)
            | AskKind::PlayDigits(_)
            | AskKind::SetVideo(_)
            | AskKind::DeclineVideo
            | AskKind::SetTranslating(_)
            | AskKind::Custom(_) => Limit::Ask,
        };
        let by = self.now.at.after(self.limits.time(limit));
        let stage = self.transactions.get(&transaction).map_or(0, |t| t.stage);
        let pending = PendingAsk {
            call,
            kind,
            transaction,
            stage,
            by,
            client: None,
            letter: self.next_letter(),
            acknowledged: false,
            again: false,
            is_told_slow: false,
            hold,
            muter: self.mute_wish(call),
            engine: TranslationEngine::default(),
        };
        self.asks.insert(id, pending);
        self.deadlines.set(Wait::Ask(id), by);
        if let Limit::Connect | Limit::Hold = limit {
            let usual = self.now.at.after(self.limits.time(Limit::Slow));
            self.deadlines.set(Wait::Slow(id), usual);
        }
        if let Some(call) = self.calls.get_mut(&call) {
            call.asks.push(id);
        }
        if let Some(transaction) = self.transactions.get_mut(&transaction) {
            transaction.open.push(id);
        }
        match self.client_of(call) {
            Some(client) => self.deliver(id, client, false),
            None => self.launch_for(call),
        }
        id
    }

    /// What an app is asked when a call is to end. In profile `callkit` every end looks the same:
    /// an app cannot tell a decline from a ring time that is over (CallKit sends `CXEndCallAction`
    /// for both, <https://developer.apple.com/forums/thread/765367>).
    pub(crate) fn ask_to_end(&self, origin: Origin, reason: EndReason) -> AskKind {
        match self.limits.profile {
            Profile::Native => AskKind::End { origin, reason },
            Profile::CallKit => AskKind::End {
                origin: Origin::User,
                reason: EndReason::LocalHangup,
            },
        }
    }

    /// Hands an ask to its app; `replayed` if it was decided before its connection was there.
    pub(crate) fn deliver(&mut self, id: AskId, client: ClientId, replayed: bool) {
        let Some(pending) = self.asks.get_mut(&id) else {
            return;
        };
        let Some(call) = self.calls.get(&pending.call) else {
            return;
        };
        pending.client = Some(client);
        pending.acknowledged = false;
        let letter = Letter {
            replayed,
            ..pending.letter
        };
        let ask = Ask {
            id,
            transaction: pending.transaction,
            call: pending.call,
            key: call.key.clone(),
            kind: pending.kind.clone(),
            by: pending.by,
            following: 0,
        };
        let (call, decides) = (ask.call, ask.kind.decides());
        self.emit(Effect::Ask {
            client,
            ask,
            letter,
        });
        if decides {
            self.claim(call);
        }
    }

    pub(crate) fn on_settled(&mut self, client: ClientId, ask: AskId, outcome: Outcome) {
        let Some(pending) = self.asks.get(&ask) else {
            if self.lapsed.take(ask, client) {
                return;
            }
            let app = self.clients.get(&client).cloned();
            return self.anomaly(AnomalyKind::SettledLate, app, None);
        };
        if pending.client != Some(client) {
            let (app, call) = (self.clients.get(&client).cloned(), pending.call);
            return self.anomaly(AnomalyKind::SettledForeign, app, Some(call));
        }
        let settled = match outcome {
            Outcome::Fulfilled { at } => Settled::Fulfilled(at),
            Outcome::FulfilledUsing(engine) => {
                if let Some(pending) = self.asks.get_mut(&ask) {
                    pending.engine = engine;
                }
                Settled::Fulfilled(None)
            }
            Outcome::Failed => Settled::Failed,
        };
        self.settle(ask, settled);
    }

    pub(crate) fn on_ask_expired(&mut self, ask: AskId) {
        let Some(pending) = self.asks.get(&ask) else {
            return;
        };
        let (client, call) = (pending.client, pending.call);
        let app = self.calls.get(&call).map(|call| call.app.clone());
        if let Some(client) = client {
            self.anomaly(AnomalyKind::AskExpired, app, Some(call));
            let letter = self.next_letter();
            self.emit(Effect::AskExpired {
                client,
                ask,
                letter,
            });
        }
        self.settle(ask, Settled::Expired);
    }

    /// Forgets an ask; its transaction is the caller's to go on with.
    pub(crate) fn remove_ask(&mut self, ask: AskId) -> Option<PendingAsk> {
        let pending = self.asks.remove(&ask)?;
        self.dirty = true;
        self.deadlines.clear(Wait::Ask(ask));
        self.deadlines.clear(Wait::Slow(ask));
        if let Some(call) = self.calls.get_mut(&pending.call) {
            call.asks.retain(|open| *open != ask);
        }
        Some(pending)
    }

    /// An open ask is about to be over without its app's doing: the app may still settle it.
    pub(crate) fn lapse(&mut self, ask: AskId) {
        if let Some(client) = self.asks.get(&ask).and_then(|pending| pending.client) {
            let max = self.limits.count(Limit::Tombstones);
            self.lapsed.insert(ask, client, max);
        }
    }

    pub(crate) fn settle(&mut self, ask: AskId, settled: Settled) {
        let Some(pending) = self.remove_ask(ask) else {
            return;
        };
        self.consequence(ask, &pending, settled);
        let fulfilled = matches!(settled, Settled::Fulfilled(_));
        self.tones_settled(pending.call, ask, fulfilled);
        self.ask_left(pending.transaction, ask, fulfilled);
    }

    /// One row per kind of ask: what each way to settle means for the call.
    fn consequence(&mut self, id: AskId, ask: &PendingAsk, settled: Settled) {
        let call = ask.call;
        let taker = ask.hold.and_then(|(_, for_call)| for_call);
        match (&ask.kind, settled) {
            (AskKind::SetHeld(true), _) if is_diversion(ask) => {
                self.diversion_settled(call, settled);
            }
            (AskKind::Start(_), Settled::Fulfilled(at)) => self.dial_started(call, at),
            (AskKind::Answer, Settled::Fulfilled(at)) => self.become_active(call, at),
            (AskKind::Start(_) | AskKind::Answer, Settled::Failed) => {
                self.finish(call, EndReason::Failed, Origin::App);
            }
            (AskKind::Start(_) | AskKind::Answer, Settled::Expired) => {
                let reason = self.unresponsive();
                self.finish_and_tell(call, reason, Origin::System);
            }
            (AskKind::Answer, Settled::AppGone) => self.stop_answering(call),
            (AskKind::End { .. }, Settled::Fulfilled(at)) => self.finish_ending(call, at),
            (AskKind::End { .. }, Settled::Expired) if ask.client.is_none() => {
                self.notice(call, NoticeKind::NotDone(call, ask.action()));
                self.finish_ending_and_tell(call);
            }
            (AskKind::End { .. }, Settled::Failed | Settled::Expired | Settled::AppGone) => {
                self.finish_ending_and_tell(call);
            }
            (AskKind::SetHeld(true), Settled::Fulfilled(_)) => self.hold_settled(ask),
            (AskKind::SetHeld(true), Settled::Failed) => {
                self.hold_by_system(call, HeldBy::SystemRefused, taker);
            }
            // That it was slow was told when it kept the others waiting; it may be back since.
            (AskKind::SetHeld(true), Settled::Expired) if ask.is_told_slow => {}
            (AskKind::SetHeld(true), Settled::Expired) => {
                self.hold_by_system(call, HeldBy::SystemSlow, taker);
            }
            (AskKind::SetHeld(false), Settled::Fulfilled(_)) => self.resumed(call),
            (AskKind::SetMuted(on), Settled::Fulfilled(_)) => self.mute_settled(id, ask, *on),
            (AskKind::SetGroup(with), _) => self.group_settled(ask, with.is_some(), settled),
            (AskKind::SetVideo(on), Settled::Fulfilled(_)) => self.video_switched(call, *on),
            (AskKind::SetTranslating(to), Settled::Fulfilled(_)) => {
                self.translation_switched(call, to.as_ref(), ask.engine);
            }
            (AskKind::SetHeld(false), Settled::Failed | Settled::Expired) => {
                self.notice(call, NoticeKind::NotDone(call, ask.action()));
                self.not_resumed(call);
            }
            (AskKind::SetHeld(false), Settled::AppGone) => self.not_resumed(call),
            (
                AskKind::SetMuted(_)
                | AskKind::PlayDigits(_)
                | AskKind::SetVideo(_)
                | AskKind::SetTranslating(_)
                | AskKind::Custom(_),
                Settled::Failed | Settled::Expired,
            ) => self.notice(call, NoticeKind::NotDone(call, ask.action())),
            (AskKind::PlayDigits(_) | AskKind::Custom(_), Settled::Fulfilled(_))
            | (AskKind::DeclineVideo, Settled::Fulfilled(_) | Settled::Failed | Settled::Expired)
            | (
                AskKind::Start(_)
                | AskKind::SetHeld(true)
                | AskKind::SetMuted(_)
                | AskKind::PlayDigits(_)
                | AskKind::SetVideo(_)
                | AskKind::DeclineVideo
                | AskKind::SetTranslating(_)
                | AskKind::Custom(_),
                Settled::AppGone,
            )
            | (_, Settled::Superseded) => {}
        }
    }

    /// What the app of a call takes longer for than usual. A hold that the system made already is
    /// not waited for.
    pub(crate) fn slow_action(&self, call: &Call) -> Option<ActionKind> {
        let is_slow = |id: &&AskId| {
            let waits = self.asks.get(id).is_some_and(|ask| match &ask.kind {
                AskKind::Start(_) | AskKind::Answer => true,
                AskKind::SetHeld(on) => *on == call.is_active(),
                AskKind::End { .. }
                | AskKind::SetMuted(_)
                | AskKind::SetGroup(_)
                | AskKind::PlayDigits(_)
                | AskKind::SetVideo(_)
                | AskKind::DeclineVideo
                | AskKind::SetTranslating(_)
                | AskKind::Custom(_) => false,
            });
            waits && !self.deadlines.is_set(Wait::Slow(**id))
        };
        let ask = self.asks.get(call.asks.iter().find(is_slow)?)?;
        Some(ask.action())
    }

    fn unresponsive(&self) -> EndReason {
        match self.limits.profile {
            Profile::Native => EndReason::AppUnresponsive,
            Profile::CallKit => EndReason::Failed,
        }
    }

    /// The answer came to nothing; what is left of the ring time counts again.
    pub(crate) fn stop_answering(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if !core::mem::take(&mut call.answering) {
            return;
        }
        self.dirty = true;
        let phase = call.phase;
        self.set_waits(id, phase);
    }

    fn dial_started(&mut self, id: CallId, at: Option<Wall>) {
        let now = self.now;
        let limit = self.limits.time(Limit::DialRing);
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let started = call.date(now, at);
        if let Phase::Dialing { stage, .. } = &mut call.phase {
            if *stage == DialStage::Requested {
                *stage = DialStage::Started;
            }
            call.dates.started.get_or_insert(started);
            if !limit.is_zero() {
                let until = self.now.at.after(limit);
                self.deadlines.set(Wait::DialRing(id), until);
            }
            self.take_line(id);
        }
    }

    /// Both sides can talk, since `at` if the app knows better than now.
    pub(crate) fn become_active(&mut self, id: CallId, at: Option<Wall>) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if let Phase::Ending { .. } = call.phase {
            return;
        }
        self.dirty = true;
        let picked_up = call.is_at_voicemail();
        call.phase = Phase::Active { since: now };
        call.answering = false;
        let connected = call.date(now, at);
        call.dates.connected.get_or_insert(connected);
        self.deadlines.clear(Wait::Ring(id));
        self.deadlines.clear(Wait::DialRing(id));
        self.deadlines.clear(Wait::Voicemail(id));
        if picked_up {
            self.supersede_holds(id);
        }
        self.take_line(id);
        self.send_post_dial(id);
    }

    fn hold_settled(&mut self, ask: &PendingAsk) {
        let (by, displaced_by) = ask.hold.unwrap_or((HeldBy::User, None));
        let now = self.now;
        let Some(call) = self.calls.get_mut(&ask.call) else {
            return;
        };
        let since = match call.phase {
            Phase::Active { .. } => now,
            // The system was quicker; the app's late word makes it an ordinary hold.
            Phase::Held(hold) => hold.since,
            Phase::Ringing { .. } | Phase::Dialing { .. } | Phase::Ending { .. } => return,
        };
        self.dirty = true;
        call.phase = Phase::Held(Hold {
            by,
            since,
            displaced_by,
        });
        self.resume_if_displaced_in_vain(ask.call);
    }

    /// Stops the audio of a call whose app did not hold it, unless another call took the line
    /// meanwhile, and says so. The call is never ended for that. Returns whether anything was said.
    pub(crate) fn hold_by_system(
        &mut self,
        id: CallId,
        by: HeldBy,
        displaced_by: Option<CallId>,
    ) -> bool {
        let since = self.now;
        let Some(call) = self.calls.get_mut(&id) else {
            return false;
        };
        match &mut call.phase {
            Phase::Held(hold) if hold.by == HeldBy::SystemSlow => hold.by = by,
            phase @ Phase::Active { .. } => {
                *phase = Phase::Held(Hold {
                    by,
                    since,
                    displaced_by,
                });
            }
            Phase::Ringing { .. }
            | Phase::Dialing { .. }
            | Phase::Held(_)
            | Phase::Ending { .. } => return false,
        }
        let app = call.app.clone();
        self.dirty = true;
        let (kind, notice) = match by {
            HeldBy::SystemSlow => (AnomalyKind::HoldSlow, NoticeKind::HoldSlow(id)),
            HeldBy::SystemRefused => (AnomalyKind::HoldRefused, NoticeKind::HoldRefused(id)),
            HeldBy::User | HeldBy::OtherCall | HeldBy::SystemDisplaced | HeldBy::Voicemail => {
                return false;
            }
        };
        self.anomaly(kind, Some(app), Some(id));
        self.notice(id, notice);
        self.resume_if_displaced_in_vain(id);
        true
    }

    fn resumed(&mut self, id: CallId) {
        let now = self.now;
        if let Some(call) = self.calls.get_mut(&id) {
            call.owes_resume = false;
        }
        if let Some(taker) = self.line_keeper(id) {
            // The user has gone on to another call meanwhile: this one goes back on hold.
            let hold = Some((HeldBy::OtherCall, Some(taker)));
            return self.ask_again(id, AskKind::SetHeld(true), hold);
        }
        if let Some(call) = self.calls.get_mut(&id)
            && call.is_held()
        {
            self.dirty = true;
            call.phase = Phase::Active { since: now };
            self.supersede_holds(id);
            self.take_line(id);
        }
    }

    /// A hold that was never acknowledged must not come true after the resume that followed it.
    fn supersede_holds(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let is_hold = |ask: &&AskId| self.asks.get(ask).is_some_and(|a| a.hold.is_some());
        let stale: Vec<AskId> = call.asks.iter().filter(is_hold).copied().collect();
        for ask in stale {
            self.lapse(ask);
            self.settle(ask, Settled::Superseded);
        }
    }
}

fn is_diversion(ask: &PendingAsk) -> bool {
    matches!(ask.hold, Some((HeldBy::Voicemail, _)))
}
