//! The user's rules for incoming calls as one JSON document: for clients, and kept in a file.

use std::collections::BTreeMap;

use hookswitch_model::{AppId, Handle, HandleKind, RingPolicy, SecondCalls, Wall};
use serde::{Deserialize, Serialize};

use super::state;

/// The version of the document.
pub const RULES_VERSION: u32 = 1;

/// The user's rules.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Rules {
    /// [`RULES_VERSION`]. Fields may be added; the meaning of one never changes.
    pub version: u32,
    /// Only those who are allowed ring.
    pub do_not_disturb: bool,
    /// When that ends by itself, milliseconds since the Unix epoch.
    pub until_ms: Option<i64>,
    /// Whether a second call within three minutes rings in spite of it.
    pub repeated_callers: bool,
    /// People who ring in spite of it.
    pub allowed: Vec<state::Handle>,
    /// People who never ring.
    pub blocked: Vec<state::Handle>,
    /// The screen is shared or lent: nobody rings.
    #[serde(default)]
    pub restricted: bool,
    /// Ids of apps that are locked or hidden: their calls neither ring nor start.
    #[serde(default)]
    pub protected: Vec<String>,
    /// What a second call does, `"ring"`, `"busy"` or `"missed"`; nothing until the user chooses.
    #[serde(default)]
    pub second_calls: Option<String>,
    /// What a second call does in single apps, by their ids.
    #[serde(default)]
    pub second_calls_of: BTreeMap<String, String>,
}

impl From<&RingPolicy> for Rules {
    fn from(policy: &RingPolicy) -> Self {
        Self {
            version: RULES_VERSION,
            do_not_disturb: policy.do_not_disturb,
            until_ms: policy.do_not_disturb_until.map(Wall::as_millis),
            repeated_callers: policy.repeated_callers,
            allowed: policy.allowed.iter().map(person).collect(),
            blocked: policy.blocked.iter().map(person).collect(),
            restricted: policy.restricted,
            protected: policy.protected.iter().map(AppId::to_string).collect(),
            second_calls: policy.second_calls.map(|rule| rule.name().to_owned()),
            second_calls_of: policy
                .second_calls_of
                .iter()
                .map(|(app, rule)| (app.to_string(), rule.name().to_owned()))
                .collect(),
        }
    }
}

impl Rules {
    /// Reads it back; nothing if any part of it is not valid.
    #[must_use]
    pub fn read(&self) -> Option<RingPolicy> {
        let people = |list: &[state::Handle]| list.iter().map(handle).collect::<Option<_>>();
        Some(RingPolicy {
            do_not_disturb: self.do_not_disturb,
            do_not_disturb_until: self.until_ms.map(Wall::from_millis),
            repeated_callers: self.repeated_callers,
            allowed: people(&self.allowed)?,
            blocked: people(&self.blocked)?,
            restricted: self.restricted,
            protected: self
                .protected
                .iter()
                .map(|id| AppId::new(id))
                .collect::<Option<_>>()?,
            second_calls: match &self.second_calls {
                Some(name) => Some(SecondCalls::from_name(name)?),
                None => None,
            },
            second_calls_of: self
                .second_calls_of
                .iter()
                .map(|(id, name)| Some((AppId::new(id)?, SecondCalls::from_name(name)?)))
                .collect::<Option<_>>()?,
        })
    }
}

fn person(handle: &Handle) -> state::Handle {
    state::Handle {
        kind: handle.kind().name().to_owned(),
        value: handle.value().to_owned(),
    }
}

fn handle(person: &state::Handle) -> Option<Handle> {
    Handle::new(HandleKind::from_name(&person.kind)?, &person.value).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rules_read_back() {
        let ana = Handle::new(HandleKind::PhoneNumber, "+12025550101").unwrap();
        let policy = RingPolicy {
            do_not_disturb: true,
            do_not_disturb_until: Some(Wall::from_millis(5)),
            blocked: BTreeSet::from([ana]),
            restricted: true,
            protected: BTreeSet::from([AppId::new("org.example.App").unwrap()]),
            second_calls: Some(SecondCalls::Missed),
            second_calls_of: [(AppId::new("org.example.App").unwrap(), SecondCalls::Ring)].into(),
            ..RingPolicy::default()
        };
        let text = serde_json::to_string(&Rules::from(&policy)).unwrap();
        let back: Rules = serde_json::from_str(&text).unwrap();
        assert_eq!(back.read(), Some(policy));
    }

    #[test]
    fn rules_of_before_restrict_nothing() {
        let text = r#"{"version":1,"do_not_disturb":true,"until_ms":null,
            "repeated_callers":true,"allowed":[],"blocked":[]}"#;
        let rules: Rules = serde_json::from_str(text).unwrap();
        let policy = rules.read().unwrap();
        assert!(policy.do_not_disturb && !policy.restricted && policy.protected.is_empty());
        assert_eq!(policy.second_calls, None);
    }
}
