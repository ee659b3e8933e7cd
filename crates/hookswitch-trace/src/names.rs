//! Local names for the ids of a run, so that traces and checks speak the story's words.

use std::collections::BTreeMap;

use hookswitch_model::{AppId, CallId, ClientId};

/// Upper bits of every simulated call id: a version 4 UUID that is easy to see.
const CALL_BASE: u128 = 0xca11_0000_0000_4000_8000_0000_0000_0000;

/// Which id has which name.
#[derive(Clone, Debug, Default)]
pub struct Names {
    apps: Vec<(String, AppId)>,
    calls: Vec<String>,
    /// Calls of a recording have ids of their own.
    met: BTreeMap<CallId, String>,
    clients: BTreeMap<ClientId, usize>,
    /// Calls of a story that an app outside began under an id of its own.
    bound: BTreeMap<usize, CallId>,
}

impl Names {
    /// The names of a story: its apps with their ids, and its calls.
    #[must_use]
    pub fn new(apps: Vec<(String, AppId)>, calls: Vec<String>) -> Self {
        Self {
            apps,
            calls,
            ..Self::default()
        }
    }

    /// The id of a call of the story.
    #[must_use]
    pub fn call_id(number: usize) -> CallId {
        CallId(CALL_BASE + 1 + number as u128)
    }

    /// The id of a call of the story, which an app outside may have chosen.
    #[must_use]
    pub fn id(&self, number: usize) -> CallId {
        let bound = self.bound.get(&number);
        bound.copied().unwrap_or_else(|| Self::call_id(number))
    }

    /// An app outside began this call of the story under an id of its own.
    pub fn bind(&mut self, number: usize, id: CallId) {
        if let Some(name) = self.calls.get(number) {
            self.met.insert(id, name.clone());
            self.bound.insert(number, id);
        }
    }

    /// Whether a call has a name.
    #[must_use]
    pub fn knows(&self, id: CallId) -> bool {
        let number = usize::try_from(id.0.wrapping_sub(CALL_BASE + 1));
        self.met.contains_key(&id) || number.is_ok_and(|number| number < self.calls.len())
    }

    /// The id of an app of the story.
    #[must_use]
    pub fn app_id(&self, number: usize) -> AppId {
        self.apps[number].1.clone()
    }

    /// Remembers whose connection this is.
    pub fn connect(&mut self, client: ClientId, app: usize) {
        self.clients.insert(client, app);
    }

    /// Gives a call of a recording its name.
    pub fn learn_call(&mut self, id: CallId, name: String) {
        self.met.insert(id, name);
    }

    /// Gives an app of a recording its name; its number.
    pub fn learn_app(&mut self, id: AppId, name: String) -> usize {
        self.apps.push((name, id));
        self.apps.len() - 1
    }

    /// Whether an app has this name.
    pub fn has_app(&self, name: &str) -> bool {
        self.apps.iter().any(|(known, _)| known == name)
    }

    /// All apps, with their ids.
    pub fn apps(&self) -> impl Iterator<Item = (&str, &AppId)> {
        self.apps.iter().map(|(name, id)| (name.as_str(), id))
    }

    /// The number of the app behind a connection.
    #[must_use]
    pub fn app_of(&self, client: ClientId) -> Option<usize> {
        self.clients.get(&client).copied()
    }

    /// The number of an app by its id.
    #[must_use]
    pub fn app_number(&self, id: &AppId) -> Option<usize> {
        self.apps.iter().position(|(_, app)| app == id)
    }

    /// The name of a call.
    #[must_use]
    pub fn call(&self, id: CallId) -> String {
        if let Some(name) = self.met.get(&id) {
            return name.clone();
        }
        let number = id.0.wrapping_sub(CALL_BASE + 1);
        usize::try_from(number)
            .ok()
            .and_then(|number| self.calls.get(number).cloned())
            .unwrap_or_else(|| id.to_string())
    }

    /// The id of the call of the story with this name.
    #[must_use]
    pub fn call_named(&self, name: &str) -> Option<CallId> {
        let number = self.calls.iter().position(|call| call == name)?;
        Some(Self::call_id(number))
    }

    /// The number of a call of the story.
    #[must_use]
    pub fn call_number(&self, id: CallId) -> Option<usize> {
        let number = usize::try_from(id.0.wrapping_sub(CALL_BASE + 1)).ok()?;
        (number < self.calls.len()).then_some(number)
    }

    /// The name of an app.
    #[must_use]
    pub fn app(&self, id: &AppId) -> String {
        let found = self.apps.iter().find(|(_, app)| app == id);
        found.map_or_else(|| id.to_string(), |(name, _)| name.clone())
    }

    /// The name of an app by number.
    #[must_use]
    pub fn app_name(&self, number: usize) -> &str {
        &self.apps[number].0
    }

    /// The name of the app behind a connection.
    #[must_use]
    pub fn client(&self, id: ClientId) -> String {
        match self.clients.get(&id) {
            Some(app) => self.apps[*app].0.clone(),
            None => id.to_string(),
        }
    }

    /// The names of all calls of the story, with their ids.
    pub fn calls(&self) -> impl Iterator<Item = (&str, CallId)> {
        let numbered = self.calls.iter().enumerate();
        numbered.map(|(number, name)| (name.as_str(), self.id(number)))
    }
}
