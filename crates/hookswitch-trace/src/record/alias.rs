//! Stable names for what a recording meets: calls, apps, people, addresses, devices.

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{Environment, Event, Report, Request};
use hookswitch_model::{
    AccountId, AppId, CallId, ClientId, Configuration, Digits, EndpointId, Handle, HandleKind,
    NumberPattern, Text,
};

use super::app::{configuration, declaration};
use crate::names::Names;
use crate::reserved::is_taken;

/// Who has which name.
#[derive(Clone, Debug)]
pub struct Aliases {
    with_names: bool,
    names: Names,
    calls: Vec<CallId>,
    /// What each app registered with first.
    configurations: BTreeMap<AppId, Configuration>,
    /// What it is registered with now, as fields of a story.
    current: BTreeMap<AppId, Vec<String>>,
    registered: BTreeSet<ClientId>,
    registration: Registration,
    lists: Vec<Text>,
    people: Vec<Text>,
    addresses: Vec<Handle>,
    devices: Vec<EndpointId>,
    accounts: Vec<AccountId>,
    /// The apps whose word that they are cellular counts.
    cellular: BTreeSet<AppId>,
}

/// How an app registered.
#[derive(Clone, Debug, Default)]
struct Registration {
    /// Its connection had registered before.
    again: bool,
    /// What it registers with, if that is not what it did before.
    other: Option<Vec<String>>,
}

impl Aliases {
    /// Nobody has a name yet.
    #[must_use]
    pub fn new(with_names: bool) -> Self {
        Self {
            with_names,
            names: Names::default(),
            calls: Vec::new(),
            configurations: BTreeMap::new(),
            current: BTreeMap::new(),
            registered: BTreeSet::new(),
            registration: Registration::default(),
            lists: Vec::new(),
            people: Vec::new(),
            addresses: Vec::new(),
            devices: Vec::new(),
            accounts: Vec::new(),
            cellular: BTreeSet::new(),
        }
    }

    /// Names that are known already, and kept.
    #[must_use]
    pub fn of(names: Names) -> Self {
        let mut aliases = Self::new(true);
        aliases.names = names;
        aliases
    }

    /// The names of calls and apps.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Gives names to all that an event is about.
    pub(super) fn meet(&mut self, event: &Event) {
        if let Some(call) = crate::event::call_of(event) {
            self.meet_call(call);
        }
        match event {
            Event::Report { client, report, .. } => {
                if let Report::Register { app, configuration } = report {
                    self.meet_registration(*client, app, configuration);
                }
            }
            Event::Request { wish, .. } => match wish {
                Request::Transaction(actions) => {
                    for action in actions {
                        self.meet_call(action.call());
                    }
                }
                Request::Dial { app, .. } => {
                    self.meet_app(app);
                }
                Request::Merge(_, with) => self.meet_call(*with),
                Request::Answer { .. }
                | Request::Decline(_)
                | Request::End(_)
                | Request::EndGroup(_)
                | Request::ForceEnd(_)
                | Request::Split(_)
                | Request::SetHeld(..)
                | Request::Swap
                | Request::SetMuted(..)
                | Request::Digits(..)
                | Request::SendRest(_)
                | Request::DropRest(_)
                | Request::Silence(_)
                | Request::Open(_)
                | Request::ChangeRule(_)
                | Request::Headset { .. }
                | Request::Audio(_)
                | Request::Route(_)
                | Request::RouteCall(..)
                | Request::SetRingOn(_)
                | Request::SetVideo(..)
                | Request::DeclineVideo(_)
                | Request::SetTranslating(..)
                | Request::Custom(..)
                | Request::SetOnAnswer(_)
                | Request::SetDriving(_) => {}
            },
            Event::Environment(Environment::CellularApps(apps)) => {
                self.cellular.extend(apps.iter().cloned());
            }
            Event::Environment(Environment::Decided { call, .. }) => self.meet_call(*call),
            Event::Settled { .. }
            | Event::Acknowledged { .. }
            | Event::Environment(_)
            | Event::Tick => {}
        }
    }

    fn meet_registration(&mut self, client: ClientId, app: &AppId, about: &Configuration) {
        let number = self.meet_app(app);
        self.names.connect(client, number);
        let known = self.configurations.entry(app.clone());
        known.or_insert_with(|| about.clone());
        for account in &about.accounts {
            place(&mut self.accounts, &account.id);
        }
        let fields = configuration(self, about);
        let former = self.current.insert(app.clone(), fields.clone());
        let differs = former.is_some_and(|former| former != fields);
        self.registration = Registration {
            again: !self.registered.insert(client),
            other: differs.then_some(fields),
        };
    }

    /// The registration that was met last, as a story writes it.
    pub(super) fn registration(&self) -> String {
        match &self.registration.other {
            Some(fields) => format!("registers {{ {} }}", fields.join(" ")),
            None if self.registration.again => "registers".to_owned(),
            None => "starts".to_owned(),
        }
    }

    fn meet_call(&mut self, call: CallId) {
        if self.calls.contains(&call) {
            return;
        }
        let number = self.calls.len();
        let letter = u8::try_from(number % 26).unwrap_or(0) + b'a';
        let round = number / 26;
        let name = match round {
            0 => char::from(letter).to_string(),
            round => format!("{}{round}", char::from(letter)),
        };
        self.calls.push(call);
        self.names.learn_call(call, name);
    }

    /// An app is called by the last part of its id.
    pub(super) fn meet_app(&mut self, app: &AppId) -> usize {
        if let Some(number) = self.names.app_number(app) {
            return number;
        }
        let last = app.as_str().rsplit('.').next().unwrap_or_default();
        let plain = last.chars().filter(char::is_ascii_alphanumeric);
        let mut name: String = plain.map(|letter| letter.to_ascii_lowercase()).collect();
        let taken = |name: &str| is_taken(name) || name.len() < 2 || self.names.has_app(name);
        if !name.starts_with(|letter: char| letter.is_ascii_lowercase()) || taken(&name) {
            name = format!("app{}", self.configurations.len() + 1);
        }
        self.names.learn_app(app.clone(), name)
    }

    /// Whether the daemon takes this app for a modem.
    pub(super) fn is_cellular(&self, app: &AppId) -> bool {
        self.cellular.contains(app)
    }

    /// The word for an account of an app.
    pub(super) fn account(&mut self, id: &AccountId) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '@' | '_');
        if self.with_names && id.as_str().chars().all(is_plain) {
            return id.as_str().to_owned();
        }
        format!("account{}", place(&mut self.accounts, id))
    }

    /// An emergency number is nobody's address, and what follows depends on it.
    fn is_emergency(&self, handle: &Handle) -> bool {
        let mut numbers = self.configurations.values();
        handle.kind() == HandleKind::PhoneNumber
            && numbers.any(|about| {
                let mut numbers = about.emergency_numbers.iter();
                numbers.any(|number| number.as_str() == handle.value())
            })
    }

    /// The words of an address.
    pub(super) fn address(&mut self, handle: &Handle) -> String {
        // All spellings of one address are one person here, as for the rules.
        let number = place(&mut self.addresses, &handle.canonical());
        let is_kept = self.with_names || self.is_emergency(handle);
        let value = match (is_kept, handle.kind()) {
            (true, _) => handle.value().to_owned(),
            (false, HandleKind::PhoneNumber) => format!("+1202555{number:04}"),
            (false, HandleKind::EmailAddress) => format!("person{number}@example.org"),
            (false, HandleKind::Generic) => format!("person{number}"),
        };
        match handle.kind() {
            HandleKind::PhoneNumber => format!("tel:{value}"),
            HandleKind::EmailAddress => format!("mailto:{value}"),
            HandleKind::Generic => value,
        }
    }

    /// A pattern of numbers. A whole number is somebody's address, and so is each end of a range;
    /// a beginning is nobody's.
    pub(super) fn pattern(&mut self, pattern: &NumberPattern) -> String {
        let first = match pattern {
            NumberPattern::Beginning { .. } => return pattern.to_string(),
            NumberPattern::One(number) => number,
            NumberPattern::Range { first, .. } => first,
        };
        if self.with_names {
            return pattern.to_string();
        }
        let handle = Handle::new(HandleKind::PhoneNumber, &format!("+{first}"));
        let alias = handle
            .map(|handle| self.address(&handle))
            .unwrap_or_default();
        alias.trim_start_matches("tel:").to_owned()
    }

    /// The words of a name.
    pub(super) fn person(&mut self, name: &Text) -> String {
        let number = place(&mut self.people, name);
        match self.with_names {
            true => name.as_str().to_owned(),
            false => format!("Person {number}"),
        }
    }

    /// The word for a list of numbers.
    pub(super) fn list(&mut self, name: &Text) -> String {
        let number = place(&mut self.lists, name);
        match self.with_names {
            true => name.as_str().to_owned(),
            false => format!("list{number}"),
        }
    }

    /// The word for an audio device.
    pub(super) fn device(&mut self, id: &EndpointId) -> String {
        format!("device{}", place(&mut self.devices, id))
    }

    /// As many zeros with the same pauses, unless digits are kept.
    pub(super) fn digits(&self, digits: &Digits) -> Digits {
        if self.with_names {
            return digits.clone();
        }
        let zeros = digits.as_str().replace(|c| c != ',' && c != ';', "0");
        Digits::new(&zeros).unwrap_or_else(|_| digits.clone())
    }

    /// The header lines for all apps: they do nothing by themselves, the recording says it all.
    pub(super) fn declarations(&mut self) -> Vec<String> {
        let apps = self.names.apps();
        let apps: Vec<_> = apps
            .map(|(name, id)| (name.to_owned(), id.clone()))
            .collect();
        let mut out = Vec::new();
        for (name, id) in apps {
            out.push(match self.configurations.get(&id).cloned() {
                Some(about) => declaration(self, &name, &id, &about),
                None => format!("app {name} {{ id={id} stopped launch=never }}"),
            });
        }
        let calls: Vec<String> = self
            .calls
            .iter()
            .map(|call| self.names.call(*call))
            .collect();
        if !calls.is_empty() {
            out.push(format!("calls {}", calls.join(", ")));
        }
        out
    }
}

/// From 1, in the order of meeting.
fn place<T: Clone + PartialEq>(list: &mut Vec<T>, item: &T) -> usize {
    match list.iter().position(|known| known == item) {
        Some(number) => number + 1,
        None => {
            list.push(item.clone());
            list.len()
        }
    }
}
