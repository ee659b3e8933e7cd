//! The user's rules for incoming calls as one JSON document: for clients, and kept in a file.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use hookswitch_model::{
    AppId, CallerChange, CallerRules, Handle, HandleKind, NumberPattern, Privacy, RingPolicy,
    SecondCalls, Wall,
};
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
    /// How much is shown of the calls of single apps, by their ids: `"full"` or `"name-hidden"`.
    #[serde(default)]
    pub privacy_of: BTreeMap<String, String>,
    /// The rules about callers; none in a file: those of the configuration.
    #[serde(default)]
    pub callers: Option<CallerRulesDoc>,
}

/// The rules about callers.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct CallerRulesDoc {
    /// Patterns of numbers that never ring.
    pub block: Vec<String>,
    /// Patterns of numbers that ring though they are blocked.
    pub except: Vec<String>,
    /// Hidden numbers never ring.
    pub anonymous: bool,
    /// Nobody rings who is not in the contacts.
    pub not_in_contacts: bool,
    /// Contacts ring though they are blocked.
    pub trust_contacts: bool,
    /// Numbers that were called ring though they are blocked.
    pub trust_called: bool,
    /// For so many seconds a number that was called may call back.
    pub call_back_s: u64,
}

impl From<&CallerRules> for CallerRulesDoc {
    fn from(rules: &CallerRules) -> Self {
        let texts =
            |patterns: &BTreeSet<NumberPattern>| patterns.iter().map(ToString::to_string).collect();
        Self {
            block: texts(&rules.blocked),
            except: texts(&rules.exceptions),
            anonymous: rules.block_anonymous,
            not_in_contacts: rules.block_unknown,
            trust_contacts: rules.trust_contacts,
            trust_called: rules.trust_called,
            call_back_s: rules.call_back.as_secs(),
        }
    }
}

impl CallerRulesDoc {
    /// Reads it back; nothing if any part of it is not valid.
    #[must_use]
    pub fn read(&self) -> Option<CallerRules> {
        let patterns = |texts: &[String]| {
            let patterns = texts.iter().map(|text| NumberPattern::parse(text).ok());
            patterns.collect::<Option<BTreeSet<_>>>()
        };
        let rules = CallerRules {
            blocked: patterns(&self.block)?,
            exceptions: patterns(&self.except)?,
            block_anonymous: self.anonymous,
            block_unknown: self.not_in_contacts,
            trust_contacts: self.trust_contacts,
            trust_called: self.trust_called,
            call_back: Duration::ZERO,
        };
        let call_back = CallerChange::CallBack(Duration::from_secs(self.call_back_s));
        Some(rules.after(&call_back))
    }
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
            privacy_of: policy
                .privacy_of
                .iter()
                .map(|(app, level)| (app.to_string(), level.name().to_owned()))
                .collect(),
            callers: Some(CallerRulesDoc::from(&policy.callers)),
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
            privacy_of: self
                .privacy_of
                .iter()
                .map(|(id, name)| Some((AppId::new(id)?, Privacy::from_name(name)?)))
                .collect::<Option<_>>()?,
            callers: match &self.callers {
                Some(callers) => callers.read()?,
                None => CallerRules::default(),
            },
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
            privacy_of: [(AppId::new("org.example.App").unwrap(), Privacy::NameHidden)].into(),
            callers: CallerRules {
                blocked: BTreeSet::from([NumberPattern::parse("+4490*").unwrap()]),
                trust_called: true,
                call_back: Duration::from_secs(600),
                ..CallerRules::default()
            },
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
