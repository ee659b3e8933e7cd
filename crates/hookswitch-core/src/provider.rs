//! The life of apps: they register, change, withdraw, die, come back, or do not start.
//!
//! # Promises
//!
//! - **V1** when an app's process goes away its audio is released and others are unblocked at once.
//! - **V2** its calls wait for it for the orphan limit, then end `app-crashed`.
//! - **V3** an app that comes back adopts its calls by id; nothing is adopted silently.

use hookswitch_model::{
    ActionKind, AnswerMode, AppId, CallId, ClientId, Configuration, EndReason, HeldBy, Hold, Limit,
    NoticeKind, Origin, Phase, Profile, ProviderId, Rejection, RequestId, Text,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::{Accepted, AnomalyKind, AskKind};
use crate::event::{Request, Requester};
use crate::line::has_audio;
use crate::plan::{Step, limit_reached};
use crate::state::{Call, PendingAsk, Provider};

impl Core {
    pub(crate) fn on_register(
        &mut self,
        client: ClientId,
        request: RequestId,
        app: AppId,
        configuration: Configuration,
    ) {
        let max = self.limits.count(Limit::Providers);
        if !self.providers.contains_key(&app) && self.providers.len() >= max {
            return self.reply(request, Err(limit_reached(Limit::Providers, max)));
        }
        let counts = [
            (Limit::Accounts, configuration.accounts.len()),
            (Limit::Buttons, configuration.buttons.len()),
        ];
        for (limit, count) in counts {
            let max = self.limits.count(limit);
            if count > max {
                return self.reply(request, Err(limit_reached(limit, max)));
            }
        }
        if self.clients.get(&client).is_some_and(|known| *known != app) {
            // One connection is one app.
            return self.reply(request, Err(Rejection::Unentitled));
        }
        let former = self.providers.get(&app).and_then(|p| p.client);
        if let Some(former) = former.filter(|former| *former != client) {
            self.on_client_gone(former);
        }
        self.dirty = true;
        self.ensure_provider(&app);
        let configuration = self.granted(&app, configuration);
        self.clients.insert(client, app.clone());
        let Some(provider) = self.providers.get_mut(&app) else {
            return;
        };
        provider.client = Some(client);
        provider.configuration = configuration;
        let tones = provider.configuration.tones;
        let id = provider.id;
        let own = self.calls.where_mut(|call| call.app == app);
        own.for_each(|call| call.abilities.narrow(&provider.configuration));
        self.narrow_tones(&app, tones);
        self.learn_emergency_numbers(&app);
        self.deadlines.clear(Wait::Launch(id));
        self.deadlines.clear(Wait::Relaunch(id));
        let orphans = self
            .calls
            .values()
            .filter(|call| call.app == app && call.is_orphan())
            .map(|call| (call.id, call.key.clone()))
            .collect();
        let accepted = Accepted::Registered {
            provider: id,
            orphans,
        };
        self.reply(request, Ok(accepted));
        if former != Some(client) {
            self.deliver_waiting(&app, client);
        }
    }

    /// Finds or makes the entry of an app; one that is not running yet goes by its id.
    pub(crate) fn ensure_provider(&mut self, app: &AppId) {
        if self.providers.contains_key(app) {
            return;
        }
        self.dirty = true;
        self.counters.provider += 1;
        let provider = Provider {
            id: ProviderId(self.counters.provider),
            client: None,
            configuration: Configuration::new(app_label(app)),
            in_background: false,
        };
        self.providers.insert(app.clone(), provider);
    }

    /// The name of an app as the user knows it.
    pub(crate) fn name_of(&self, app: &AppId) -> Text {
        match self.providers.get(app) {
            Some(provider) => provider.configuration.name.clone(),
            None => app_label(app),
        }
    }

    pub(crate) fn app_by_id(&self, id: ProviderId) -> Option<AppId> {
        let found = self.providers.iter().find(|(_, p)| p.id == id);
        found.map(|(app, _)| app.clone())
    }

    pub(crate) fn on_client_gone(&mut self, client: ClientId) {
        self.lapsed.forget(client);
        self.drop_arrivals(client);
        let Some(app) = self.clients.remove(&client) else {
            return;
        };
        self.dirty = true;
        let Some(provider) = self.providers.get_mut(&app) else {
            return;
        };
        provider.client = None;
        let id = provider.id;
        let calls = self.calls_of(&app);
        if !calls.is_empty() {
            self.anomaly(AnomalyKind::ClientGone, Some(app.clone()), None);
            self.push_notice(app.clone(), None, NoticeKind::AppGone);
            let until = self.now.at.after(self.limits.time(Limit::Orphan));
            // An app that keeps crashing does not keep its calls for ever: the first deadline
            // stands.
            let until = self.deadlines.set(Wait::Orphan(id), until);
            for call in calls {
                self.lose_media(call);
                if !self.is_in_the_mail(call) {
                    self.stop_answering(call);
                }
                if let Some(call) = self.calls.get_mut(&call) {
                    call.orphaned_until = Some(until);
                }
            }
            // The line is free before anybody else is asked to take it.
            self.reconcile();
            self.settle_for_gone(client);
        }
        if self.limits.time(Limit::Orphan).is_zero() {
            self.deadlines.clear(Wait::Orphan(id));
            self.end_orphans(&app);
        }
        self.forget_if_idle(&app);
    }

    /// Whether the user's answer to a call has not reached its app, or is still to be asked.
    fn is_in_the_mail(&self, id: CallId) -> bool {
        let answer = |ask: &PendingAsk| ask.kind == AskKind::Answer && ask.outlives_its_client();
        let call = self.calls.get(&id);
        self.is_to_come(&Step::Answer(id))
            || call.is_some_and(|call| self.open_asks(call).any(answer))
    }

    pub(crate) fn on_orphan_limit(&mut self, id: ProviderId) {
        if let Some(app) = self.app_by_id(id) {
            self.end_orphans(&app);
        }
    }

    fn end_orphans(&mut self, app: &AppId) {
        let reason = match self.limits.profile {
            Profile::Native => EndReason::AppCrashed,
            Profile::CallKit => EndReason::Failed,
        };
        for call in self.calls_of(app) {
            let until = self.calls.get(&call).and_then(|c| c.orphaned_until);
            if until.is_some_and(|until| until <= self.now.at) {
                self.finish_and_tell(call, reason, Origin::System);
            }
        }
        self.wait_for_orphans(app);
        self.forget_if_idle(app);
    }

    pub(crate) fn calls_of(&self, app: &AppId) -> Vec<CallId> {
        let calls = self.calls.values().filter(|call| call.app == *app);
        calls.map(|call| call.id).collect()
    }

    /// The app withdraws: its calls end as failed, and it hears nothing more.
    pub(crate) fn on_invalidate(&mut self, client: ClientId, request: RequestId) {
        let Some(app) = self.clients.remove(&client) else {
            return self.reply(request, Err(Rejection::UnknownProvider));
        };
        self.reply(request, Ok(Accepted::Done));
        self.drop_arrivals(client);
        self.dirty = true;
        if let Some(provider) = self.providers.get_mut(&app) {
            provider.client = None;
        }
        self.mailboxes.remove(&app);
        for call in self.calls_of(&app) {
            self.finish(call, EndReason::Failed, Origin::App);
        }
        self.forget_if_idle(&app);
    }

    /// Forgets an app that is not connected and has no calls.
    pub(crate) fn forget_if_idle(&mut self, app: &AppId) {
        self.clear_orphan_wait(app);
        let idle = self.providers.get(app).is_some_and(|p| p.client.is_none())
            && !self.calls.values().any(|call| call.app == *app);
        if idle && let Some(provider) = self.providers.remove(app) {
            self.dirty = true;
            self.deadlines.clear(Wait::Launch(provider.id));
            self.deadlines.clear(Wait::Relaunch(provider.id));
            self.deadlines.clear(Wait::Orphan(provider.id));
        }
    }

    /// The app is back and still has this call. If the line was taken meanwhile, the call is on
    /// hold by the system and the app is asked to hold it.
    pub(crate) fn adopt(&mut self, id: CallId) {
        let takes_back = self.takes_back(id);
        let line_kept = self.line_is_kept(id) || self.group_is_held(id);
        // A call that is asked to leave the line is still on it, and may stay: its app may refuse.
        let line_taken = !takes_back && (self.is_line_taken(id) || self.group_is_held(id));
        let asked_to_hold = self.is_asked_to_hold(id);
        let is_resuming = self.is_asked_to_resume(id);
        let start_to_come = self.is_to_come(&Step::Start(id));
        let answer_to_come = self.is_to_come(&Step::Answer(id));
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if call.orphaned_until.take().is_none() {
            return;
        }
        self.dirty = true;
        let app = call.app.clone();
        // What it was not told before is in its hands by now.
        let asked = !call.asks.is_empty();
        let owes_hold_to = call.owes_hold_to.take();
        let owes_resume = call.owes_resume && !is_resuming;
        match call.phase {
            Phase::Active { .. } if line_taken && asked_to_hold => {}
            Phase::Active { .. } if line_taken => self.hold_for_line(id, owes_hold_to),
            // The plan that makes room for it asks in its turn.
            Phase::Dialing { .. } if start_to_come => {}
            Phase::Ringing { .. } | Phase::Held(_) if call.answering && answer_to_come => {}
            Phase::Dialing { .. } if line_taken => {
                let step = Step::End {
                    call: id,
                    origin: Origin::System,
                    reason: EndReason::Failed,
                };
                self.begin_internal(id, step);
            }
            // The former process, the app's or ours, took the ask with it.
            Phase::Dialing { .. } if !has_audio(call) => self.begin_internal(id, Step::Start(id)),
            Phase::Ringing { .. } | Phase::Held(_) if call.answering && asked => {}
            Phase::Ringing { .. } | Phase::Held(_) if call.answering && line_kept => {
                self.answer_by_hold(id);
            }
            Phase::Ringing { .. } | Phase::Held(_) if call.answering => {
                self.begin_internal(id, Step::Answer(id));
            }
            Phase::Held(_) if call.is_at_voicemail() && !asked => {
                let hold = Some((HeldBy::Voicemail, None));
                self.ask_again(id, AskKind::SetHeld(true), hold);
            }
            Phase::Held(_) if owes_resume => self.begin_internal(id, Step::Resume(id)),
            Phase::Ending { .. } | Phase::Dialing { .. } if asked => {}
            Phase::Ending { reason, origin, .. } => {
                let kind = self.ask_to_end(origin, reason);
                self.ask_again(id, kind, None);
            }
            Phase::Ringing { .. }
            | Phase::Dialing { .. }
            | Phase::Active { .. }
            | Phase::Held(_) => {}
        }
        if takes_back {
            self.take_line(id);
        }
        self.clear_orphan_wait(&app);
        self.ask_for_media(id);
        self.stop_leaving(id);
        self.join_again(id);
        self.end_pause_of_adopted(id);
    }

    /// Whether a call that is back takes the line from whoever has it (CE5).
    fn takes_back(&self, id: CallId) -> bool {
        let party = self.calls.get(&id).map(Call::party);
        let is_one = |call: &Call| call.emergency && matches!(call.phase, Phase::Active { .. });
        let other = |call: &Call| {
            let keeps = call.emergency && call.is_on_line();
            keeps && Some(call.party()) != party
        };
        self.calls.get(&id).is_some_and(is_one) && !self.calls.values().any(other)
    }

    /// Whether its app has a hold of it in its hands.
    pub(crate) fn is_asked_to_hold(&self, id: CallId) -> bool {
        let call = self.calls.get(&id);
        call.is_some_and(|call| {
            self.open_asks(call)
                .any(|ask| ask.kind == AskKind::SetHeld(true))
        })
    }

    fn is_asked_to_resume(&self, id: CallId) -> bool {
        let call = self.calls.get(&id);
        call.is_some_and(|call| {
            self.open_asks(call)
                .any(|ask| ask.kind == AskKind::SetHeld(false))
        })
    }

    /// The line was taken while the app was away: by the call that this one was to be held for, or
    /// by another.
    fn hold_for_line(&mut self, id: CallId, owed: Option<CallId>) {
        let owed = owed.filter(|taker| self.line_keeper(id) == Some(*taker));
        let by = match owed {
            Some(_) => HeldBy::OtherCall,
            None => HeldBy::SystemDisplaced,
        };
        let since = self.now;
        if let Some(call) = self.calls.get_mut(&id) {
            call.phase = Phase::Held(Hold {
                by,
                since,
                displaced_by: owed,
            });
        }
        self.ask_again(id, AskKind::SetHeld(true), Some((by, owed)));
    }

    /// The rest of its group, as far as it is back, is on hold, and not for a split of this call.
    fn group_is_held(&self, id: CallId) -> bool {
        let splits = |call: &Call| self.has_pending(call, ActionKind::SetGroup);
        let joins = |call: &Call| call.joining.is_some();
        let call = self.calls.get(&id);
        let call = call.filter(|call| !splits(call) && !joins(call));
        let Some(group) = call.and_then(|call| call.group) else {
            return false;
        };
        let is_mate =
            |call: &&Call| call.id != id && call.group == Some(group) && !call.is_orphan();
        let mates = || self.calls.values().filter(is_mate);
        mates().any(|call| call.is_held()) && !mates().any(|call| call.is_on_line())
    }

    /// The user chose to hold the call on the line and answer this one; the hold was lost on the
    /// way. If it is not possible any more, the call rings on.
    fn answer_by_hold(&mut self, id: CallId) {
        self.stop_answering(id);
        let wish = Request::Answer {
            call: id,
            mode: AnswerMode::HoldAndAnswer,
        };
        if let Ok(Some(plan)) = self.plan(Requester::User, &wish) {
            self.begin(plan);
        }
    }

    /// No orphan, no wait for it.
    fn clear_orphan_wait(&mut self, app: &AppId) {
        let waiting = |call: &Call| call.app == *app && call.is_orphan();
        if !self.calls.values().any(waiting)
            && let Some(provider) = self.providers.get(app)
        {
            self.deadlines.clear(Wait::Orphan(provider.id));
        }
    }

    /// Its app is there and is asked about it: whether it still has the call, its answer tells.
    pub(crate) fn claim(&mut self, id: CallId) {
        if let Some(call) = self.calls.get_mut(&id)
            && call.orphaned_until.take().is_some()
        {
            self.dirty = true;
            let app = call.app.clone();
            self.clear_orphan_wait(&app);
            self.ask_for_media(id);
        }
    }

    /// The next of an app's orphans whose time is over.
    fn wait_for_orphans(&mut self, app: &AppId) {
        let of_app = |call: &&Call| call.app == *app;
        let calls = self.calls.values().filter(of_app);
        if let Some(until) = calls.filter_map(|call| call.orphaned_until).min()
            && let Some(provider) = self.providers.get(app)
        {
            self.deadlines.set(Wait::Orphan(provider.id), until);
        }
    }

    /// Sends an ask whose consequence for the phase is there already, so that the ordinary step
    /// would be skipped.
    pub(crate) fn ask_again(
        &mut self,
        id: CallId,
        kind: AskKind,
        hold: Option<(HeldBy, Option<CallId>)>,
    ) {
        let transaction = self.begin_empty();
        self.send_ask(transaction, id, kind, hold);
    }
}

/// The last element of an app's name, until the app says how it wants to be called.
fn app_label(app: &AppId) -> Text {
    let last = app.as_str().rsplit('.').next().unwrap_or_default();
    Text::new(last).unwrap_or_else(|_| Text::new("App").expect("a printable literal"))
}
