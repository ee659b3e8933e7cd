//! Apps on a real bus in the world: what they say, what they are told, which call has which name.

use std::collections::{BTreeSet, VecDeque};

use hookswitch_core::{Action, Effect, Environment, Event, Report, Request};
use hookswitch_model::{AppId, CallId, ClientId, Stamp, Timestamp};
use hookswitch_trace::record::said;

use super::{Actor, World};
use crate::laws::HOSTED;
use crate::outside::Outside;
use crate::scenario::{AppAct, LineKind, Scenario};

/// All apps of a story that are outside.
#[derive(Debug)]
pub(super) struct Outsiders {
    host: Box<dyn Outside>,
    apps: Vec<usize>,
    /// Calls of the `calls` lines that have not begun.
    free: VecDeque<usize>,
    /// Connections of apps that took their leave.
    withdrawn: BTreeSet<ClientId>,
}

impl Outsiders {
    /// These apps, by number.
    pub(super) fn new(scenario: &Scenario, host: Box<dyn Outside>, apps: Vec<usize>) -> Self {
        let headers = scenario.lines.iter().filter_map(|line| match &line.kind {
            LineKind::Header(words) if words.first().is_some_and(|w| w.is("calls")) => Some(words),
            LineKind::Header(_)
            | LineKind::Blank
            | LineKind::Comment(_)
            | LineKind::Input(_)
            | LineKind::Check(_)
            | LineKind::Effect(_)
            | LineKind::Facts(_) => None,
        });
        let names = headers.flat_map(|words| words.iter().skip(1));
        let free = names.filter_map(|name| scenario.call(&name.text)).collect();
        Self {
            host,
            apps,
            free,
            withdrawn: BTreeSet::new(),
        }
    }
}

impl World {
    /// Whether an app is on a real bus.
    pub(super) fn is_outside(&self, app: usize) -> bool {
        let outside = self.outside.as_ref();
        outside.is_some_and(|outside| outside.apps.contains(&app))
    }

    /// Whether this connection is one of a real bus.
    pub(super) fn is_outsider(&self, client: ClientId) -> bool {
        let app = self.names.app_of(client);
        app.is_some_and(|app| self.is_outside(app))
    }

    /// Listens to the apps outside up to a point; says whether one said something.
    pub fn listen(&mut self, until: Timestamp) -> bool {
        let now = self.now;
        let heard = self
            .outside
            .as_mut()
            .and_then(|all| all.host.wait(now, until));
        let Some((at, event)) = heard else {
            return false;
        };
        self.now = self.now.max(at.min(until));
        self.hear(event);
        true
    }

    /// Starts an app outside.
    pub(super) fn start_outside(&mut self, app: usize) {
        let id = self.names.app_id(app);
        let started = self.outside.as_mut().map(|all| all.host.start(&id));
        if let Some(Err(why)) = started {
            let name = self.names.app_name(app);
            self.laws.report(HOSTED, format!("{name}: {why}"));
        }
    }

    /// Its process is gone, or goes.
    pub(super) fn stop_outside(&mut self, app: usize) {
        if self.is_outside(app) {
            let id = self.names.app_id(app);
            if let Some(all) = &mut self.outside {
                all.host.stop(&id);
            }
        }
    }

    /// Hands out what followed from a step.
    pub(super) fn tell_outside(&mut self, at: Stamp, effects: &[Effect]) {
        if let Some(all) = &mut self.outside {
            all.host.follow(at, effects, &self.state, &self.core);
        }
    }

    fn hear(&mut self, event: Event) {
        if let Event::Environment(Environment::ClientGone(client)) = event {
            self.lose(client);
            return;
        }
        if let Event::Report { client, report, .. } = &event {
            self.follow_report(*client, report);
        }
        for call in begun(&event) {
            self.name_call(call);
        }
        if let Event::Report { report, .. } = &event {
            self.decide_about(report);
        }
        let asked = |ask| self.asks.get(&ask).map(|known| (known.word, known.call));
        let (name, origin, what) = said(&self.names, &event, self.stamp(), asked);
        let actor = Actor::new(&name, origin, None);
        self.step(actor, event, what);
    }

    fn follow_report(&mut self, client: ClientId, report: &Report) {
        match report {
            Report::Register { app, .. } => self.meet(client, app),
            Report::Invalidate => {
                if let Some(all) = &mut self.outside {
                    all.withdrawn.insert(client);
                }
            }
            Report::Incoming { .. }
            | Report::Updated { .. }
            | Report::Connecting { .. }
            | Report::Connected { .. }
            | Report::Ended { .. }
            | Report::RemoteHeld { .. }
            | Report::Held { .. }
            | Report::Muted { .. }
            | Report::VideoOffer { .. }
            | Report::Adopt { .. } => {}
        }
    }

    /// A connection is gone. If its app was wanted, it should not be.
    fn lose(&mut self, client: ClientId) {
        let mut apps = self.apps.iter();
        let app = apps.position(|app| app.client == Some(client));
        if let (Some(app), Some(all)) = (app, &mut self.outside)
            && !all.withdrawn.remove(&client)
        {
            let how = all.host.how_it_ended(&self.names.app_id(app));
            let name = self.names.app_name(app);
            self.laws.report(HOSTED, format!("{name}: {how}"));
        }
        self.crash(client, None);
    }

    /// A connection registers an app of the story.
    fn meet(&mut self, client: ClientId, id: &AppId) {
        let number = self
            .names
            .app_number(id)
            .filter(|app| self.is_outside(*app));
        let Some(app) = number else {
            let text = format!("it registers {id}; say \"app NAME {{ id={id} }}\" in the story");
            self.laws.report(HOSTED, text);
            return;
        };
        self.names.connect(client, app);
        self.apps[app].client = Some(client);
        self.apps[app].starting = false;
    }

    /// A call that an app outside begins has the next name of the `calls` lines.
    fn name_call(&mut self, call: CallId) {
        if self.names.knows(call) {
            return;
        }
        let free = self.outside.as_mut().and_then(|all| all.free.pop_front());
        match free {
            Some(number) => self.names.bind(number, call),
            None => {
                let text = "an app began a call that has no name; add one to a \"calls\" line";
                self.laws.report(HOSTED, text.to_owned());
            }
        }
    }

    /// What the story says of an app outside.
    pub(super) fn command_outside(&mut self, app: usize, act: &AppAct) -> Result<(), String> {
        match act {
            AppAct::Start | AppAct::Crash | AppAct::Foreground(_) => self.apply_app(app, act),
            AppAct::Register(_)
            | AppAct::Acknowledge
            | AppAct::Disconnect
            | AppAct::Invalidate
            | AppAct::Become(_)
            | AppAct::Report(..)
            | AppAct::Request(_)
            | AppAct::Pull(..)
            | AppAct::Wants(_)
            | AppAct::Route(..)
            | AppAct::SetRingtone(_)
            | AppAct::Settle { .. } => Err(format!(
                "{} is an app under test on D-Bus: it says by itself what its far end does; the \
                 story can make it start and crash",
                self.names.app_name(app)
            )),
        }
    }
}

/// The calls that an event may begin.
fn begun(event: &Event) -> Vec<CallId> {
    if let Event::Report {
        report: Report::Incoming { call, .. },
        ..
    } = event
    {
        return vec![*call];
    }
    let Event::Request {
        wish: Request::Transaction(actions),
        ..
    } = event
    else {
        return Vec::new();
    };
    let starts = actions.iter().filter_map(|action| match action {
        Action::Start { call, .. } => Some(*call),
        Action::Answer(_)
        | Action::End(_)
        | Action::SetHeld(..)
        | Action::SetMuted(..)
        | Action::SetGroup(..)
        | Action::PlayDigits(..)
        | Action::SetTranslating(..) => None,
    });
    starts.collect()
}
