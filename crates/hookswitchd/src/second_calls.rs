//! What the configuration says of second calls: it counts until the user chooses otherwise.
//!
//! # Promises
//!
//! - **CF1** a rule that the user chose goes before the configuration, and is what is kept.
//! - **CF2** what is as configured is not kept: a changed configuration counts from the next start.
//! - **CF3** a configured rule of one app that the user took back stays away: kept is what counted
//!   for that app then.

use std::collections::BTreeMap;

use hookswitch_model::{AppId, RingPolicy, SecondCalls};
use hookswitch_store::{OpenedRules, RulesError, RulesFile};
use serde::Deserialize;

use crate::config::Config;
use crate::privacy::PrivacyRules;

/// What a call does that comes while another one is there.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct SecondCallsConfig {
    /// In all apps: `ring`, `busy` or `missed`.
    rule: String,
    /// In single apps, by their ids.
    apps: BTreeMap<String, String>,
}

impl Default for SecondCallsConfig {
    fn default() -> Self {
        Self {
            rule: SecondCalls::default().name().to_owned(),
            apps: BTreeMap::new(),
        }
    }
}

/// The same, as it was read.
#[derive(Clone, Debug, Default)]
pub struct SecondCallRules {
    all: SecondCalls,
    apps: BTreeMap<AppId, SecondCalls>,
}

/// The file of the user's rules, without what is as configured.
#[derive(Debug)]
pub struct KeptRules {
    /// The file.
    pub file: RulesFile,
    /// What is configured of second calls.
    pub configured: SecondCallRules,
    /// What is configured of how much is shown.
    pub privacy: PrivacyRules,
}

impl KeptRules {
    /// The rules that count from the start, and where they are kept.
    #[must_use]
    pub fn of(opened: OpenedRules, config: &Config) -> (RingPolicy, Self) {
        let configured = config.second_calls.rules().unwrap_or_default();
        let mut privacy = config.privacy.rules().unwrap_or_default();
        let rules = privacy.fill(configured.fill(opened.rules));
        let kept = Self {
            file: opened.file,
            configured,
            privacy,
        };
        (rules, kept)
    }

    /// Keeps the rules in place of the former ones.
    ///
    /// # Errors
    ///
    /// [`RulesError`]; the former ones are in the file then.
    pub fn keep(&self, rules: &RingPolicy) -> Result<(), RulesError> {
        let chosen = self.configured.strip(rules.clone());
        self.file.keep(&self.privacy.strip(chosen))
    }
}

impl SecondCallsConfig {
    /// The rules.
    ///
    /// # Errors
    ///
    /// Which line is wrong, and what would be right.
    pub fn rules(&self) -> Result<SecondCallRules, String> {
        let read = |place: &str, name: &str| {
            let known = SecondCalls::ALL.map(SecondCalls::name).join(", ");
            SecondCalls::from_name(name)
                .ok_or_else(|| format!("second_calls.{place}: {name:?} is none of: {known}"))
        };
        let app = |(id, name): (&String, &String)| {
            let app = AppId::new(id).ok_or_else(|| {
                format!("second_calls.apps: {id:?} is no bus name such as org.example.Phone")
            })?;
            Ok::<_, String>((app, read("apps", name)?))
        };
        Ok(SecondCallRules {
            all: read("rule", &self.rule)?,
            apps: self.apps.iter().map(app).collect::<Result<_, _>>()?,
        })
    }
}

impl SecondCallRules {
    /// The user's rules, with the configured ones where the user has not chosen.
    #[must_use]
    pub fn fill(&self, mut kept: RingPolicy) -> RingPolicy {
        kept.second_calls.get_or_insert(self.all);
        for (app, rule) in &self.apps {
            kept.second_calls_of.entry(app.clone()).or_insert(*rule);
        }
        kept
    }

    /// The user's rules without what is as configured.
    #[must_use]
    pub fn strip(&self, mut rules: RingPolicy) -> RingPolicy {
        let in_all = rules.second_calls.unwrap_or_default();
        for app in self.apps.keys() {
            rules.second_calls_of.entry(app.clone()).or_insert(in_all);
        }
        rules.second_calls = rules.second_calls.filter(|rule| *rule != self.all);
        rules
            .second_calls_of
            .retain(|app, rule| self.apps.get(app) != Some(rule));
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> AppId {
        AppId::new("org.example.App").expect("valid")
    }

    fn configured(all: SecondCalls, of_app: Option<SecondCalls>) -> SecondCallRules {
        SecondCallRules {
            all,
            apps: of_app.map(|rule| (app(), rule)).into_iter().collect(),
        }
    }

    #[test]
    fn a_configured_rule_of_an_app_that_was_taken_back_stays_away() {
        let config = configured(SecondCalls::Ring, Some(SecondCalls::Busy));
        let mut chosen = config.fill(RingPolicy::default());
        chosen.second_calls_of.clear();
        let next = config.fill(config.strip(chosen));
        assert_eq!(next.second_call_in(&app()), SecondCalls::Ring);
    }

    #[test]
    fn the_configuration_counts_until_the_user_chooses() {
        let before = configured(SecondCalls::Busy, Some(SecondCalls::Missed));
        let start = before.fill(RingPolicy::default());
        assert_eq!(start.second_call_in(&app()), SecondCalls::Missed);
        assert_eq!(before.strip(start.clone()), RingPolicy::default());
        // Nobody chose, and the configuration is another one now.
        let after = configured(SecondCalls::Missed, None);
        let next = after.fill(before.strip(start));
        assert_eq!(next.second_call_in(&app()), SecondCalls::Missed);
        let chosen = RingPolicy {
            second_calls: Some(SecondCalls::Ring),
            ..RingPolicy::default()
        };
        assert_eq!(after.strip(chosen.clone()), chosen);
        assert_eq!(after.fill(chosen).second_call_in(&app()), SecondCalls::Ring);
    }

    #[test]
    fn a_wrong_word_is_named() {
        let wrong = SecondCallsConfig {
            rule: "wait".to_owned(),
            ..SecondCallsConfig::default()
        };
        let error = wrong.rules().unwrap_err();
        assert!(error.contains("ring, busy, missed"), "{error}");
        let wrong = SecondCallsConfig {
            apps: [("phone".to_owned(), "busy".to_owned())].into(),
            ..SecondCallsConfig::default()
        };
        assert!(wrong.rules().unwrap_err().contains("no bus name"));
    }
}
