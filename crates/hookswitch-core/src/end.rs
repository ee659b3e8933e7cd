//! How calls end: once, for a reason, by someone, and with everything cleaned up behind them (L5).

use hookswitch_model::{
    Account, CallId, DialStage, Direction, DropReason, End, EndReason, Limit, Missed,
    MissedReasons, Notice, NoticeKind, Origin, Phase, RecentsEntry, Rejection, Text, Wall,
};

use crate::Core;
use crate::amend;
use crate::deadline::Wait;
use crate::effect::Effect;
use crate::event::{Request, Requester};
use crate::mailbox::News;
use crate::plan::Step;
use crate::state::{Call, Tombstone};

impl Core {
    /// Marks a call as about to end. Returns whether its app is to be asked; without an app to ask,
    /// the call has ended already.
    pub(crate) fn begin_end(&mut self, id: CallId, origin: Origin, reason: EndReason) -> bool {
        let reachable = self.client_of(id).is_some();
        let now = self.now.at;
        self.clear_video_offer(id);
        let Some(call) = self.calls.get_mut(&id) else {
            return false;
        };
        if let Phase::Ending { .. } = call.phase {
            return false;
        }
        // The caller hears ringing until the app is told: it is started for that (LA1).
        let told_later = call.is_orphan() && call.is_ringing() && origin == Origin::User;
        self.dirty = true;
        let from = call.phase.kind();
        call.talked_until = call.talked_at(now);
        call.phase = Phase::Ending {
            reason,
            origin,
            from,
        };
        call.answering = false;
        self.deadlines.clear(Wait::Ring(id));
        self.deadlines.clear(Wait::DialRing(id));
        self.deadlines.clear(Wait::Voicemail(id));
        if !reachable && !told_later {
            self.finish_and_tell(id, reason, origin);
        }
        reachable || told_later
    }

    /// Ends a call without waiting for its app, and does what would have come after that.
    pub(crate) fn force_end(&mut self, from: Requester, id: CallId) -> Result<(), Rejection> {
        if from != Requester::User {
            return Err(Rejection::Unentitled);
        }
        self.find(None, id)?;
        let (ends, rest) = self.steps_of_end(id);
        let reason = ends.into_iter().find_map(|step| match step {
            Step::End { reason, .. } => Some(reason),
            Step::Start(_)
            | Step::Answer(_)
            | Step::Hold { .. }
            | Step::Resume(_)
            | Step::SetGroup(..)
            | Step::SetMuted(..)
            | Step::PlayDigits(..)
            | Step::SetVideo(..)
            | Step::DeclineVideo(_)
            | Step::SetTranslating(..)
            | Step::Custom(..) => None,
        });
        self.finish_and_tell(id, reason.unwrap_or(EndReason::LocalHangup), Origin::User);
        for step in rest {
            self.begin_internal(step.call(), step);
        }
        Ok(())
    }

    /// What a hang-up by the user would do to the call, and to others after it. A call that is
    /// ending has its plan already, which goes on when its ask is gone.
    fn steps_of_end(&self, id: CallId) -> (Vec<Step>, Vec<Step>) {
        let plan = self.plan(Requester::User, &Request::End(id));
        let stages = plan.ok().flatten().into_iter().flat_map(|plan| plan.stages);
        stages.flatten().partition(|step| step.call() == id)
    }

    /// What comes after the user has hung up a call.
    pub(crate) fn rest_of_end(&self, id: CallId) -> Vec<Step> {
        self.steps_of_end(id).1
    }

    /// A call rang, here or at the far end, for its whole time.
    pub(crate) fn on_ring_limit(&mut self, id: CallId) {
        if self.calls.contains_key(&id) {
            let step = Step::End {
                call: id,
                origin: Origin::RingLimit,
                reason: EndReason::Unanswered,
            };
            self.begin_internal(id, step);
        }
    }

    pub(crate) fn finish_ending(&mut self, id: CallId, at: Option<Wall>) {
        if let Some((reason, origin)) = self.ending(id) {
            self.finish_at(id, reason, origin, at);
        }
    }

    pub(crate) fn finish_ending_and_tell(&mut self, id: CallId) {
        if let Some((reason, origin)) = self.ending(id) {
            self.finish_and_tell(id, reason, origin);
        }
    }

    fn ending(&self, id: CallId) -> Option<(EndReason, Origin)> {
        match self.calls.get(&id)?.phase {
            Phase::Ending { reason, origin, .. } => Some((reason, origin)),
            Phase::Ringing { .. }
            | Phase::Dialing { .. }
            | Phase::Active { .. }
            | Phase::Held(_) => None,
        }
    }

    /// Ends a call that its app does not know to be over.
    pub(crate) fn finish_and_tell(&mut self, id: CallId, reason: EndReason, origin: Origin) {
        if let Some(call) = self.calls.get(&id)
            && !self.is_unheard_of(call)
        {
            let (app, key) = (call.app.clone(), call.key.clone());
            let reason = self.ending(id).map_or(reason, |(decided, _)| decided);
            self.tell(&app, id, key, News::Ended(reason));
        }
        self.finish(id, reason, origin);
    }

    /// The app was to start this call and never heard of it.
    fn is_unheard_of(&self, call: &Call) -> bool {
        let requested = matches!(
            call.phase,
            Phase::Dialing {
                stage: DialStage::Requested,
                ..
            }
        );
        requested && !call.is_orphan() && self.open_asks(call).any(|ask| ask.client.is_none())
    }

    /// The id of a call that is over stays known, for a time and a number.
    pub(crate) fn bury(&mut self, id: CallId, tombstone: Tombstone) {
        let max = self.limits.count(Limit::Tombstones);
        self.tombstones.insert(id, tombstone, max);
    }

    /// Ends a call now.
    pub(crate) fn finish(&mut self, id: CallId, reason: EndReason, origin: Origin) {
        self.finish_at(id, reason, origin, None);
    }

    /// Ends a call, which was over at `at` as its app says. A decision that the user or the system
    /// made before stands.
    pub(crate) fn finish_at(
        &mut self,
        id: CallId,
        reason: EndReason,
        origin: Origin,
        at: Option<Wall>,
    ) {
        let (reason, origin) = self.ending(id).unwrap_or((reason, origin));
        let Some(call) = self.calls.remove(&id) else {
            return;
        };
        self.dirty = true;
        self.forget_wishes(&call.app, id);
        self.deadlines.clear(Wait::Ring(id));
        self.deadlines.clear(Wait::DialRing(id));
        self.deadlines.clear(Wait::Voicemail(id));
        self.deadlines.clear(Wait::VideoOffer(id));
        self.deadlines.clear(Wait::SoftPause(id));
        self.forget_behind_lock(id);
        let end = End {
            reason,
            origin,
            phase: match call.phase {
                Phase::Ending { from, .. } => from,
                Phase::Ringing { .. }
                | Phase::Dialing { .. }
                | Phase::Active { .. }
                | Phase::Held(_) => call.phase.kind(),
            },
            at: call.date(self.now, at),
        };
        let tombstone = Tombstone {
            app: call.app.clone(),
            reason,
            talked_until: call.talked_at(self.now.at),
            at: self.now,
            early: false,
            quieted: None,
            missed: self.record(&call, end),
        };
        self.bury(id, tombstone);
        let by_user = origin == Origin::User || origin == Origin::CallWaiting;
        if !by_user && reason != EndReason::Filtered {
            self.notice_of(&call, ended(&call, end));
        }
        self.drop_asks(&call);
        self.play_end_quirks(&call, origin);
        self.leave_by_end(&call);
        self.part(&call, end);
        self.resume_displaced(id);
        self.forget_if_idle(&call.app);
    }

    /// When a call ends, its open asks fail; their transactions go on without them.
    fn drop_asks(&mut self, call: &Call) {
        for ask in &call.asks {
            self.lapse(*ask);
            self.ends_while_away(*ask, DropReason::CallEnded);
            if let Some(pending) = self.remove_ask(*ask) {
                self.ask_left(pending.transaction, *ask, false);
            }
        }
    }

    /// Keeps a call that ended in the recents, unless its app does not want that. Gives what news
    /// may amend.
    pub(crate) fn record(&mut self, call: &Call, end: End) -> Option<Missed> {
        if !call.in_recents {
            return None;
        }
        let account = self.account_of(call);
        let rang = call.rang_from();
        let answered = call.dates.connected.unwrap_or(end.at);
        let entry = RecentsEntry {
            call: call.id,
            app: call.app.clone(),
            app_name: self.name_of(&call.app),
            direction: call.direction,
            handle: call.handle.clone(),
            name: call.name.clone(),
            video: call.video,
            began: rang.wall,
            alerted_ms: millis(answered.at.since(rang.at)),
            connected_ms: connected_ms(call, end),
            end,
            missed_reasons: self.missed_reasons(call, end),
            callable: self.is_callable(call),
            account,
            decision: call.decision.clone(),
        };
        let missed = amend::missed(&entry);
        self.emit(Effect::Record(Box::new(entry)));
        missed
    }

    /// Why a call was missed, if it was.
    fn missed_reasons(&self, call: &Call, end: End) -> MissedReasons {
        let here = match end.origin {
            Origin::User | Origin::OtherDevice => false,
            Origin::App
            | Origin::Remote
            | Origin::RingLimit
            | Origin::CallWaiting
            | Origin::Limit
            | Origin::System => true,
        };
        let incoming = call.direction == Direction::Incoming;
        if !incoming || !here || call.has_connected() {
            return MissedReasons::NONE;
        }
        let rang = end.at.at.since(call.began.at);
        let shortly = rang < self.limits.time(Limit::ShortRing);
        if shortly && !call.notes.contains(MissedReasons::NEVER_RANG) {
            return call.notes.with(MissedReasons::SHORT_RING);
        }
        call.notes
    }

    /// The account that a call goes through, as the app describes it.
    pub(crate) fn account_of(&self, call: &Call) -> Option<Account> {
        let provider = self.providers.get(&call.app)?;
        provider
            .configuration
            .account(call.account.as_ref()?)
            .cloned()
    }

    /// Whether the other party of a call can be called back the same way.
    fn is_callable(&self, call: &Call) -> bool {
        let (Some(handle), Some(provider)) = (&call.handle, self.providers.get(&call.app)) else {
            return false;
        };
        let configuration = &provider.configuration;
        match &call.account {
            Some(id) => configuration
                .account(id)
                .is_some_and(|a| a.can_dial(handle)),
            None if configuration.accounts.is_empty() => {
                configuration.handle_kinds.contains(handle.kind())
            }
            None => configuration.accounts.iter().any(|a| a.can_dial(handle)),
        }
    }

    pub(crate) fn notice(&mut self, id: CallId, kind: NoticeKind) {
        if let Some(call) = self.calls.get(&id) {
            let (app, party) = (call.app.clone(), party(call));
            self.push_notice(app, party, kind);
        }
    }

    fn notice_of(&mut self, call: &Call, kind: NoticeKind) {
        self.push_notice(call.app.clone(), party(call), kind);
    }

    pub(crate) fn push_notice(
        &mut self,
        app: hookswitch_model::AppId,
        party: Option<Text>,
        kind: NoticeKind,
    ) {
        self.dirty = true;
        self.counters.notice += 1;
        let notice = Notice {
            id: self.counters.notice,
            at: self.now,
            app_name: self.name_of(&app),
            app,
            party,
            kind,
        };
        self.notices.push_back(notice);
        while self.notices.len() > self.limits.count(Limit::Notices) {
            self.notices.pop_front();
        }
    }
}

fn ended(call: &Call, end: End) -> NoticeKind {
    NoticeKind::Ended {
        call: call.id,
        end,
        connected_ms: connected_ms(call, end),
    }
}

fn connected_ms(call: &Call, end: End) -> Option<u64> {
    let connected = call.dates.connected?;
    Some(millis(end.at.at.since(connected.at)))
}

fn party(call: &Call) -> Option<Text> {
    let handle = || call.handle.as_ref().map(|handle| Text::new(handle.value()));
    call.name.clone().or_else(|| handle()?.ok())
}

fn millis(span: core::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
