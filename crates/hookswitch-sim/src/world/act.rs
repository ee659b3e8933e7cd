//! Acts of a story as events of the core.

use core::time::Duration;

use hookswitch_core::{Action, Environment, Event, Outcome, Report, Request, Requester};
use hookswitch_model::{
    AskId, AudioUse, CallId, CallKey, CallUpdate, Callee, ClientId, EndpointId, Patch, Wall,
};

use super::queue::Doing;
use super::{Actor, World, words};
use crate::scenario::{
    AppAct, AppAction, AppDecl, AskWord, CallReport, DaemonAct, Date, Facts, Input, SystemAct,
    UserAct,
};
use crate::trace::Origin;

impl World {
    /// Carries out an act of the story now.
    ///
    /// # Errors
    ///
    /// A sentence, if the act is not possible in this world: a dead app cannot report.
    pub fn apply(&mut self, input: &Input) -> Result<(), String> {
        let done = self.apply_one(input);
        self.drain_guests();
        done
    }

    fn apply_one(&mut self, input: &Input) -> Result<(), String> {
        match input {
            Input::User(act) => self.apply_user(act),
            Input::App(app, act) if self.guests.has(*app) => self.stimulate(*app, act),
            Input::App(app, act) if self.is_outside(*app) => self.command_outside(*app, act),
            Input::Daemon(DaemonAct::Restart(_)) if self.outside.is_some() => {
                Err("the daemon cannot be killed under apps on D-Bus".to_owned())
            }
            Input::App(app, act) => self.apply_app(*app, act),
            Input::Audio(act) => self.apply_audio(act),
            Input::Daemon(act) => match act {
                DaemonAct::Restart(down) => self.restart(*down),
                DaemonAct::Rules(rules) => {
                    self.apply_rules(rules);
                    Ok(())
                }
                DaemonAct::Front(rules) => {
                    self.front = *rules;
                    self.tell_front(None);
                    Ok(())
                }
            },
            Input::System(act) => {
                self.apply_system(*act);
                Ok(())
            }
            Input::Screening(act) => {
                self.apply_screening(act);
                Ok(())
            }
            Input::Directory(act) => self.apply_directory(act),
            Input::Push(act) => self.apply_push(act),
            // These are around the device; the home carries them out.
            Input::Service(..) | Input::Network(_) => Ok(()),
        }
    }

    fn apply_user(&mut self, act: &UserAct) -> Result<(), String> {
        let call = |number: usize| self.names.id(number);
        let (wish, what, about) = match act {
            UserAct::Answer(c, mode) => {
                let wish = Request::Answer {
                    call: call(*c),
                    mode: *mode,
                };
                (wish, format!("answers-{}", mode.name()), Some(*c))
            }
            UserAct::Decline(c) => (Request::Decline(call(*c)), "declines".to_owned(), Some(*c)),
            UserAct::End(c) => (Request::End(call(*c)), "ends".to_owned(), Some(*c)),
            UserAct::SetHeld(c, on) => {
                let what = if *on { "holds" } else { "resumes" };
                (Request::SetHeld(call(*c), *on), what.to_owned(), Some(*c))
            }
            UserAct::Swap => (Request::Swap, "swaps".to_owned(), None),
            UserAct::Merge(c, with) => {
                let what = format!("merges {} with", self.names.call(call(*c)));
                (Request::Merge(call(*c), call(*with)), what, Some(*with))
            }
            UserAct::Split(c) => (Request::Split(call(*c)), "splits".to_owned(), Some(*c)),
            UserAct::ForceEnd(c) => (Request::ForceEnd(call(*c)), "force-ends".into(), Some(*c)),
            UserAct::EndGroup(c) => (Request::EndGroup(call(*c)), "ends-group".into(), Some(*c)),
            UserAct::SetMuted(c, on) => {
                let what = if *on { "mutes" } else { "unmutes" };
                (Request::SetMuted(call(*c), *on), what.to_owned(), Some(*c))
            }
            UserAct::Digits(c, digits) => {
                let wish = Request::Digits(call(*c), digits.clone());
                (wish, "digits".to_owned(), Some(*c))
            }
            UserAct::Silence(c) => (Request::Silence(call(*c)), "silences".to_owned(), Some(*c)),
            UserAct::Open(c) => (Request::Open(call(*c)), "opens".to_owned(), Some(*c)),
            UserAct::Dial {
                app,
                call: c,
                handle,
                video,
                account,
            } => {
                let mut to = Callee::new(handle.clone(), *video);
                to.account.clone_from(account);
                let (id, app, name) = (call(*c), *app, self.names.app_name(*app));
                let what = format!("dials {name}");
                let app = self.names.app_id(app);
                (Request::Dial { call: id, app, to }, what, Some(*c))
            }
            UserAct::Extra(act) => self.extra(act)?,
            UserAct::Route(name) => {
                let id = EndpointId::new(name).ok_or("not the name of a device")?;
                (Request::Route(id), format!("routes {name}"), None)
            }
            UserAct::Rule(rule) => {
                self.apply_rule(rule);
                return Ok(());
            }
            UserAct::Headset { gesture, on } => {
                let gesture = *gesture;
                let endpoint = on.as_deref().and_then(EndpointId::new);
                let wish = Request::Headset { gesture, endpoint };
                (wish, format!("headset-{}", gesture.name()), None)
            }
        };
        let name = about.map_or(String::new(), |c| self.names.call(call(c)));
        self.user_wishes(wish, &format!("{what} {name}"));
        Ok(())
    }

    fn user_wishes(&mut self, wish: Request, what: &str) {
        let event = Event::Request {
            from: Requester::User,
            request: self.request_id(),
            wish,
        };
        let actor = Actor::new("user", Origin::User, None);
        self.step(actor, event, words(what));
    }

    pub(super) fn apply_app(&mut self, app: usize, act: &AppAct) -> Result<(), String> {
        if self.apps[app].away {
            self.act_alone(app, act);
            return Ok(());
        }
        match act {
            AppAct::Start => {
                self.connect(app, None);
                return Ok(());
            }
            AppAct::Become(temper) => {
                self.apps[app].becomes(*temper);
                return Ok(());
            }
            AppAct::Register(Some(to)) if self.apps[app].client.is_none() => {
                return self.start_with(app, to);
            }
            AppAct::Crash
            | AppAct::Disconnect
            | AppAct::Register(_)
            | AppAct::Invalidate
            | AppAct::Foreground(_)
            | AppAct::Acknowledge
            | AppAct::Report(..)
            | AppAct::Request(_)
            | AppAct::Pull(..)
            | AppAct::Wants(_)
            | AppAct::Route(..)
            | AppAct::SetRingtone(_)
            | AppAct::Settle { .. } => {}
        }
        let Some(client) = self.apps[app].client else {
            return Err(format!(
                "{} does not run at this time",
                self.names.app_name(app)
            ));
        };
        match act {
            AppAct::Crash => self.crash(client, None),
            AppAct::Disconnect => self.disconnect(app, client),
            AppAct::Register(to) => {
                self.reconfigure(app, to.as_deref());
                self.register(app, None);
            }
            AppAct::Invalidate => self.report(client, Report::Invalidate, "invalidates", None),
            AppAct::Foreground(on) => self.come_forward(app, *on),
            AppAct::Acknowledge => self.acknowledges(client),
            AppAct::Report(call, report) => self.apply_report(app, client, *call, report),
            AppAct::Request(actions) => self.apply_request(client, actions),
            AppAct::Wants(wanted) => self.apply_want(client, *wanted),
            AppAct::SetRingtone(ringtone) => self.brings_ringtone(app, ringtone.as_ref(), None),
            AppAct::Route(call, device) => self.apply_route_ask(client, *call, device)?,
            AppAct::Settle {
                ask,
                call,
                fulfilled,
                engine,
                date,
            } => {
                let id = self.latest_ask(client, *ask, self.names.id(*call))?;
                match engine.filter(|_| *fulfilled).map(Outcome::FulfilledUsing) {
                    Some(outcome) => self.settle_as(client, id, outcome, None),
                    None => self.settle_dated(client, id, *fulfilled, *date),
                }
            }
            // The home turns it into a request: only its service knows whom to call.
            AppAct::Start | AppAct::Become(_) | AppAct::Pull(..) => {}
        }
        Ok(())
    }

    /// An app that does not run starts with another configuration.
    fn start_with(&mut self, app: usize, to: &AppDecl) -> Result<(), String> {
        self.reconfigure(app, Some(to));
        self.connect(app, None);
        Ok(())
    }

    /// What an app registers with from here on, if it is another configuration.
    pub(super) fn reconfigure(&mut self, app: usize, to: Option<&AppDecl>) {
        if let Some(to) = to {
            self.apps[app].decl.reconfigure(to);
        }
    }

    /// The window system tells which app is in front.
    fn come_forward(&mut self, app: usize, on: bool) {
        self.push_front(app, on);
        let name = self.names.app_name(app).to_owned();
        let actor = Actor::new(&name, Origin::System, None);
        let what = if on {
            "goes foreground"
        } else {
            "goes background"
        };
        let app = self.names.app_id(app);
        let event = Event::Environment(Environment::Foreground { app, on });
        self.step(actor, event, words(what));
    }

    /// The newest ask of this kind for this call, the app's own if it has one.
    fn latest_ask(&self, client: ClientId, word: AskWord, call: CallId) -> Result<AskId, String> {
        let of_kind = |own: bool| {
            let mut found = self.asks.iter().rev().filter(|(_, known)| {
                known.word == word && known.call == call && (!own || known.client == client)
            });
            found.next().map(|(id, _)| *id)
        };
        of_kind(true).or_else(|| of_kind(false)).ok_or_else(|| {
            let call = self.names.call(call);
            format!("no app was asked to {} {call} so far", word.name())
        })
    }

    pub(super) fn apply_report(
        &mut self,
        app: usize,
        client: ClientId,
        call: usize,
        report: &CallReport,
    ) {
        let name = self.names.call(self.names.id(call));
        let number = call;
        let call = self.names.id(call);
        let (report, what) = match report {
            CallReport::Incoming(facts) => {
                let key = CallKey::new(&name).expect("the reader checked every name");
                let update = self.first_update(app, facts);
                (Report::Incoming { call, key, update }, "incoming")
            }
            CallReport::Updated(facts) => {
                let update = update_of(facts, self.stamp().wall);
                (Report::Updated { call, update }, "updated")
            }
            CallReport::Connecting(date) => {
                let at = self.wall_of(*date);
                let what = format!("reports connecting {name}{}", dated(*date));
                return self.report(client, Report::Connecting { call, at }, &what, None);
            }
            // Its service gives it the call, or not.
            CallReport::Connected(_) if self.rings_for_service(call) => {
                return self.apply_request(client, &[AppAction::Answer(number)]);
            }
            CallReport::Connected(date) => {
                let at = self.wall_of(*date);
                let what = format!("reports connected {name}{}", dated(*date));
                return self.report(client, Report::Connected { call, at }, &what, None);
            }
            CallReport::Ended(reason, date) => {
                let report = Report::Ended {
                    call,
                    reason: *reason,
                    at: self.wall_of(*date),
                };
                let date = dated(*date);
                let what = format!("reports ended {name} {}{date}", reason.name());
                return self.report(client, report, &what, None);
            }
            CallReport::RemoteHeld(on) => {
                let what = if *on { "remote-held" } else { "remote-resumed" };
                (Report::RemoteHeld { call, on: *on }, what)
            }
            CallReport::Held(on) => {
                let what = if *on { "held" } else { "resumed" };
                (Report::Held { call, on: *on }, what)
            }
            CallReport::Muted(on) => {
                let what = if *on { "muted" } else { "unmuted" };
                (Report::Muted { call, on: *on }, what)
            }
            CallReport::VideoOffer(on) => {
                let what = if *on {
                    "video-offered"
                } else {
                    "video-withdrawn"
                };
                (Report::VideoOffer { call, on: *on }, what)
            }
            CallReport::Adopt => (Report::Adopt { call }, "adopted"),
        };
        self.report(client, report, &format!("reports {what} {name}"), None);
    }

    /// What an app says about a new call: the story's facts over the app's abilities.
    fn first_update(&self, app: usize, facts: &Facts) -> CallUpdate {
        let mut update = update_of(facts, self.stamp().wall);
        let decl = &self.apps[app].decl;
        let absent = |able: bool| (!able).then_some(false);
        update.holding = update.holding.or(absent(decl.holding));
        update.grouping = update.grouping.or(absent(decl.grouping));
        update.ungrouping = update.ungrouping.or(absent(decl.ungrouping));
        update.digits = update.digits.or(absent(decl.digits));
        update
    }

    pub(super) fn apply_request(&mut self, client: ClientId, actions: &[AppAction]) {
        let request = self.request_id();
        let actions: Vec<Action> = actions.iter().map(|action| self.action(action)).collect();
        let names: Vec<_> = actions
            .iter()
            .map(|action| self.names.call(action.call()))
            .collect();
        let event = Event::Request {
            from: Requester::App(client),
            request,
            wish: Request::Transaction(actions),
        };
        let actor = Actor::new(&self.names.client(client), Origin::App, None);
        self.step(
            actor,
            event,
            words(&format!("requests {}", names.join(" "))),
        );
    }

    fn apply_want(&mut self, client: ClientId, wanted: AudioUse) {
        let event = Event::Request {
            from: Requester::App(client),
            request: self.request_id(),
            wish: Request::Audio(wanted),
        };
        let actor = Actor::new(&self.names.client(client), Origin::App, None);
        self.step(actor, event, words(&format!("wants {}", wanted.name())));
    }

    fn apply_route_ask(
        &mut self,
        client: ClientId,
        call: usize,
        device: &str,
    ) -> Result<(), String> {
        let endpoint = EndpointId::new(device).ok_or("not the name of a device")?;
        let call = self.names.id(call);
        let event = Event::Request {
            from: Requester::App(client),
            request: self.request_id(),
            wish: Request::RouteCall(call, endpoint),
        };
        let actor = Actor::new(&self.names.client(client), Origin::App, None);
        let what = format!("routes {} {device}", self.names.call(call));
        self.step(actor, event, words(&what));
        Ok(())
    }

    fn action(&self, action: &AppAction) -> Action {
        let call = |number: usize| self.names.id(number);
        match action {
            AppAction::Start {
                call: c,
                handle,
                video,
                account,
                contact,
            } => Action::Start {
                call: call(*c),
                key: CallKey::new(&self.names.call(call(*c))).expect("the reader checked it"),
                to: Callee {
                    handle: handle.clone(),
                    video: *video,
                    account: account.clone(),
                    contact: contact.clone(),
                },
            },
            AppAction::Translate(c, to) => Action::SetTranslating(call(*c), to.clone()),
            AppAction::Answer(c) => Action::Answer(call(*c)),
            AppAction::End(c) => Action::End(call(*c)),
            AppAction::SetHeld(c, on) => Action::SetHeld(call(*c), *on),
            AppAction::SetMuted(c, on) => Action::SetMuted(call(*c), *on),
            AppAction::SetGroup(c, with) => Action::SetGroup(call(*c), with.map(call)),
            AppAction::Digits(c, digits) => Action::PlayDigits(call(*c), digits.clone()),
        }
    }

    /// A date of the story on the wall clock of now.
    fn wall_of(&self, date: Option<Date>) -> Option<Wall> {
        date.map(|date| date.wall(self.stamp().wall))
    }

    /// The same as a word of a line.
    fn date_of(&self, at: Option<Wall>) -> String {
        let now = self.stamp().wall.as_millis();
        let from_now = |at: Wall| Date::from_now(at.as_millis().saturating_sub(now));
        dated(at.map(from_now))
    }

    /// An app settles an ask; a dead connection cannot.
    pub(super) fn settle(&mut self, client: ClientId, ask: AskId, ok: bool, cause: Option<u64>) {
        self.settle_as(client, ask, outcome(ok), cause);
    }

    /// The same, with the date that the app gives.
    pub(super) fn settle_dated(
        &mut self,
        client: ClientId,
        ask: AskId,
        ok: bool,
        date: Option<Date>,
    ) {
        let at = self.wall_of(date);
        if ok && self.passes_on(client, ask, at) {
            return;
        }
        let outcome = if ok {
            Outcome::Fulfilled { at }
        } else {
            Outcome::Failed
        };
        self.settle_as(client, ask, outcome, None);
    }

    pub(super) fn settle_as(
        &mut self,
        client: ClientId,
        ask: AskId,
        outcome: Outcome,
        cause: Option<u64>,
    ) {
        if !self.apps.iter().any(|app| app.client == Some(client)) {
            return;
        }
        let event = Event::Settled {
            client,
            ask,
            outcome,
        };
        let (verb, date) = match outcome {
            Outcome::Fulfilled { at } => ("fulfills", self.date_of(at)),
            Outcome::FulfilledUsing(_) => ("fulfills", String::new()),
            Outcome::Failed => ("fails", String::new()),
        };
        let what = match self.asks.get(&ask) {
            Some(known) => {
                let call = self.names.call(known.call);
                format!("{verb} {} {call}{date}", known.word.name())
            }
            None => format!("{verb} {ask}"),
        };
        let actor = Actor::new(&self.names.client(client), Origin::App, cause);
        self.step(actor, event, words(&what));
    }

    /// The process behind a connection dies.
    pub(super) fn crash(&mut self, client: ClientId, cause: Option<u64>) {
        let found = self.apps.iter().position(|app| app.client == Some(client));
        let Some(app) = found else {
            return;
        };
        let actor = Actor::new(self.names.app_name(app), Origin::System, cause);
        let event = Event::Environment(Environment::ClientGone(client));
        let seq = self.step(actor, event, words("crashes"));
        self.die(app, seq);
    }

    /// The process is gone; it may come back by itself.
    pub(super) fn die(&mut self, app: usize, seq: u64) {
        self.apps[app].client = None;
        self.apps[app].away = false;
        self.apps[app].backlog.clear();
        self.push_gone(app);
        self.stop_guest(app);
        self.stop_outside(app);
        if let Some(span) = self.apps[app].decl.restart {
            self.apps[app].starting = true;
            self.queue
                .push(self.now.after(span), Doing::Connect(app), seq);
        }
    }

    fn apply_system(&mut self, act: SystemAct) {
        match act {
            SystemAct::Suspend(span) => self.suspend(span),
            SystemAct::JumpWall(millis) => {
                self.wall_offset = self.wall_offset.saturating_add(millis);
            }
            SystemAct::Lock(on) => {
                self.locked = on;
                self.tell_lock(None);
            }
            SystemAct::Tick => {
                let actor = Actor::new("system", Origin::System, None);
                self.step(actor, hookswitch_core::Event::Tick, words("tick"));
            }
            SystemAct::Pass => {}
        }
    }
}

fn dated(date: Option<Date>) -> String {
    date.map_or(String::new(), |date| format!(" {date}"))
}

fn outcome(ok: bool) -> Outcome {
    if ok {
        Outcome::Fulfilled { at: None }
    } else {
        Outcome::Failed
    }
}

fn update_of(facts: &Facts, now: Wall) -> CallUpdate {
    let span = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let ago = facts.called_ago.unwrap_or_default();
    let called = now.as_millis().saturating_sub(span(ago));
    let until = |time: Duration| Wall::from_millis(called.saturating_add(span(time)));
    CallUpdate {
        handle: patch(&facts.from),
        name: patch(&facts.name),
        holding: facts.holding,
        grouping: facts.grouping,
        ungrouping: facts.ungrouping,
        digits: facts.digits,
        video: facts.video,
        account: patch(&facts.account),
        buttons: facts.buttons.clone(),
        emergency: facts.emergency,
        early_media: facts.early_media,
        called_at: facts.called_ago.map(|_| Wall::from_millis(called)),
        ring_until: facts.rings_for.map(until),
    }
}

fn patch<T: Clone>(field: &Option<Option<T>>) -> Patch<T> {
    match field {
        None => Patch::Keep,
        Some(None) => Patch::Clear,
        Some(Some(value)) => Patch::Set(value.clone()),
    }
}
