//! What is known of each app that takes pushes.

use std::collections::{BTreeMap, VecDeque};

use hookswitch_bus::{PushFault, PushTold};
use hookswitch_push_core::device::{Handed, Record};
use hookswitch_push_core::limits::Limits;
use hookswitch_push_core::push::{PushId, Service};
use hookswitch_push_core::time::Boot;
use hookswitch_push_link::SavedDuty;
use hookswitch_wire::dbus::ErrorCode;
use hookswitch_wire::json::{KeptPushApp, KeptPushes, PushApp, PushRecord, PushStatus};
use tokio::sync::mpsc;

use super::{shelf, wall_ms};

/// One app.
#[derive(Debug, Default)]
struct Entry {
    /// Its services, with their tokens in hexadecimal digits; nothing until the gateway gave one.
    tokens: BTreeMap<Service, Option<String>>,
    duty: SavedDuty,
    /// When the strikes were as old as `duty` says.
    duty_at: Boot,
    process: Option<Process>,
    history: VecDeque<PushRecord>,
}

/// The process of an app whose push registry is up.
#[derive(Debug)]
struct Process {
    owner: String,
    outbox: mpsc::Sender<PushTold>,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Book {
    gateway: String,
    apps: BTreeMap<String, Entry>,
    apps_max: usize,
    completed: VecDeque<(PushId, Boot)>,
    pub(super) linked: bool,
    pub(super) fault: Option<String>,
}

impl Book {
    pub(super) fn new(gateway: &str, kept: &KeptPushes, apps_max: usize) -> Self {
        let now = hookswitch_push_link::boot();
        let entry = |app: &KeptPushApp| {
            let token = |(service, token): (&str, &str)| {
                let token = (!token.is_empty()).then(|| token.to_owned());
                Some((Service::from_name(service)?, token))
            };
            let entry = Entry {
                tokens: shelf::known(&app.tokens).filter_map(token).collect(),
                duty: (app.strike_ages_ms.clone(), app.stopped_for_ms),
                duty_at: now,
                ..Entry::default()
            };
            (app.app.clone(), entry)
        };
        Self {
            gateway: gateway.to_owned(),
            apps: kept.apps.iter().map(entry).collect(),
            apps_max,
            completed: shelf::remembered(kept, now).into(),
            linked: false,
            fault: None,
        }
    }

    /// What is to be kept.
    pub(super) fn kept(&self) -> KeptPushes {
        let now = hookswitch_push_link::boot();
        let registered = self.apps.iter().filter(|(_, entry)| entry.is_registered());
        let completed = self.completed.iter().filter(|(_, until)| now < *until);
        KeptPushes {
            apps: registered
                .map(|(app, entry)| entry.kept(app, now))
                .collect(),
            completed: completed
                .map(|(id, until)| (id.to_string(), until.0))
                .collect(),
            ..shelf::dated(&self.gateway, now)
        }
    }

    /// All apps and services that want pushes.
    pub(super) fn registrations(&self) -> Vec<(String, Service)> {
        let apps = self.apps.iter();
        let all = apps.flat_map(|(app, entry)| {
            let services = entry.tokens.keys();
            services.map(|service| (app.clone(), *service))
        });
        all.collect()
    }

    /// The apps of a registry that is up.
    pub(super) fn names(&self) -> Vec<String> {
        self.apps.keys().cloned().collect()
    }

    /// The push registry of an app is up: its tokens, as far as there are some, are told at once.
    pub(super) fn register(
        &mut self,
        app: &str,
        services: &[Service],
        (owner, outbox): (String, mpsc::Sender<PushTold>),
    ) -> Result<(), PushFault> {
        if !self.has_room_for(app) {
            let max = self.apps_max;
            let text = format!("{max} apps take pushes already; “hookswitch push forget” one");
            let code = ErrorCode::LimitReached;
            return Err(PushFault { code, text });
        }
        let entry = self.apps.entry(app.to_owned()).or_default();
        for service in services {
            entry.tokens.entry(*service).or_default();
        }
        entry.process = Some(Process { owner, outbox });
        for (service, token) in &entry.tokens {
            if let Some(token) = token {
                entry.tell(told_token(*service, token));
            }
        }
        Ok(())
    }

    /// An app that wants no pushes any more, and is known by its history only, makes room.
    fn has_room_for(&mut self, app: &str) -> bool {
        if self.apps.contains_key(app) || self.apps.len() < self.apps_max {
            return true;
        }
        let mut apps = self.apps.iter();
        let idle = apps.find(|(_, entry)| !entry.is_registered());
        let idle = idle.map(|(name, _)| name.clone());
        idle.is_some_and(|name| self.apps.remove(&name).is_some())
    }

    /// An app wants no more pushes, or the user wants none for it; whose token dies is told.
    pub(super) fn unregister(&mut self, app: &str, services: &[Service]) -> Vec<Service> {
        let Some(entry) = self.apps.get_mut(app) else {
            return Vec::new();
        };
        let mut dead = services.to_vec();
        dead.retain(|service| entry.tokens.remove(service).is_some());
        for service in &dead {
            let service = *service;
            entry.tell(PushTold::Invalidated { service });
        }
        dead
    }

    /// The gateway gave a token. Says whether it is a new one.
    pub(super) fn token(&mut self, app: &str, service: Service, token: &str) -> bool {
        let entry = self.apps.get_mut(app);
        let Some(entry) = entry.filter(|entry| entry.tokens.contains_key(&service)) else {
            return false;
        };
        let before = entry.tokens.insert(service, Some(token.to_owned()));
        let is_new = before.flatten().as_deref() != Some(token);
        if is_new {
            entry.tell(told_token(service, token));
        }
        is_new
    }

    /// Hands a push to its app; false when the app is not there or does not keep up.
    pub(super) fn hand(&self, handed: Handed) -> bool {
        let entry = self.apps.get(&handed.app);
        entry.is_some_and(|entry| entry.tell(PushTold::Incoming(handed)))
    }

    /// A process ended. Says whether it was the app's.
    pub(super) fn gone(&mut self, app: &str, owner: Option<&str>) -> bool {
        let Some(entry) = self.apps.get_mut(app) else {
            return false;
        };
        let is_its = |process: &Process| owner.is_none_or(|owner| owner == process.owner);
        let was = entry.process.take_if(|process| is_its(process));
        was.is_some()
    }

    pub(super) fn completed(&mut self, id: PushId, until: Boot) {
        let now = hookswitch_push_link::boot();
        self.completed.retain(|(_, until)| now < *until);
        if self.completed.len() >= Limits::DEFAULT.seen {
            self.completed.pop_front();
        }
        self.completed.push_back((id, until));
    }

    pub(super) fn duty(&mut self, app: &str, saved: SavedDuty) {
        if let Some(entry) = self.apps.get_mut(app) {
            entry.duty = saved;
            entry.duty_at = hookswitch_push_link::boot();
        }
    }

    pub(super) fn record(&mut self, record: &Record) {
        let Some(entry) = self.apps.get_mut(&record.app) else {
            return;
        };
        if entry.history.len() >= Limits::DEFAULT.records {
            entry.history.pop_front();
        }
        entry.history.push_back(PushRecord {
            push: record.id.to_string(),
            at_ms: wall_ms(record.at),
            what: record.what.name().to_owned(),
        });
    }

    /// What is to be told, but for the strikes, which the link knows.
    pub(super) fn status(&self, only: Option<&str>) -> PushStatus {
        let apps = self.apps.iter();
        let wanted = apps.filter(|(app, _)| only.is_none_or(|only| only == *app));
        PushStatus {
            gateway: Some(self.gateway.clone()),
            linked: self.linked,
            fault: self.fault.clone(),
            apps: wanted.map(|(app, entry)| entry.status(app)).collect(),
        }
    }
}

impl Entry {
    fn is_registered(&self) -> bool {
        !self.tokens.is_empty()
    }

    fn tell(&self, told: PushTold) -> bool {
        let process = self.process.as_ref();
        process.is_some_and(|process| process.outbox.try_send(told).is_ok())
    }

    fn words(&self) -> BTreeMap<String, String> {
        let words = |(service, token): (&Service, &Option<String>)| {
            (service.name().to_owned(), token.clone().unwrap_or_default())
        };
        self.tokens.iter().map(words).collect()
    }

    fn kept(&self, app: &str, now: Boot) -> KeptPushApp {
        let passed = now.since(self.duty_at);
        let (ages, rest) = &self.duty;
        KeptPushApp {
            app: app.to_owned(),
            tokens: self.words(),
            strike_ages_ms: ages.iter().map(|age| age.saturating_add(passed)).collect(),
            stopped_for_ms: rest.map(|rest| rest.saturating_sub(passed)),
        }
    }

    fn status(&self, app: &str) -> PushApp {
        PushApp {
            app: app.to_owned(),
            running: self.process.is_some(),
            tokens: self.words(),
            history: self.history.iter().cloned().collect(),
            ..PushApp::default()
        }
    }
}

fn told_token(service: Service, token: &str) -> PushTold {
    let token = token.to_owned();
    PushTold::Token { service, token }
}
