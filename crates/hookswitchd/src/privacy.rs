//! What the configuration says of how much is shown: it counts until the user chooses otherwise.
//!
//! # Promises
//!
//! - **CP1** what the user chose for an app goes before the configuration, and is what is kept.
//! - **CP2** what is as configured is not kept: a changed configuration counts from the next start.

use std::collections::BTreeMap;

use hookswitch_model::{AppId, Privacy, RingPolicy};
use serde::Deserialize;

/// How much is shown of the calls of apps.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct PrivacyConfig {
    /// In single apps, by their ids: `full` or `name-hidden`.
    apps: BTreeMap<String, String>,
}

/// The same, as it was read; and what counts from the start.
#[derive(Clone, Debug, Default)]
pub struct PrivacyRules {
    configured: BTreeMap<AppId, Privacy>,
    start: BTreeMap<AppId, Privacy>,
}

impl PrivacyConfig {
    /// The rules.
    ///
    /// # Errors
    ///
    /// Which line is wrong, and what would be right.
    pub fn rules(&self) -> Result<PrivacyRules, String> {
        let app = |(id, name): (&String, &String)| {
            let app = AppId::new(id).ok_or_else(|| {
                format!("privacy.apps: {id:?} is no bus name such as org.example.Phone")
            })?;
            let known = Privacy::ALL.map(Privacy::name).join(", ");
            let level = Privacy::from_name(name);
            let level =
                level.ok_or_else(|| format!("privacy.apps: {name:?} is none of: {known}"))?;
            Ok::<_, String>((app, level))
        };
        Ok(PrivacyRules {
            configured: self.apps.iter().map(app).collect::<Result<_, _>>()?,
            start: BTreeMap::new(),
        })
    }
}

impl PrivacyRules {
    /// What counts from the start.
    #[must_use]
    pub fn start(&self) -> &BTreeMap<AppId, Privacy> {
        &self.start
    }

    /// The user's rules, with the configured ones where the user has not chosen.
    #[must_use]
    pub fn fill(&mut self, mut kept: RingPolicy) -> RingPolicy {
        for (app, level) in &self.configured {
            kept.privacy_of.entry(app.clone()).or_insert(*level);
        }
        self.start.clone_from(&kept.privacy_of);
        kept
    }

    /// The user's rules without what is as configured.
    #[must_use]
    pub fn strip(&self, mut rules: RingPolicy) -> RingPolicy {
        let usual = |app: &AppId| self.configured.get(app).copied().unwrap_or_default();
        rules.privacy_of.retain(|app, level| *level != usual(app));
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_counts_until_the_user_chooses() {
        let app = AppId::new("org.example.App").expect("valid");
        let config = |name: &str| {
            let apps = [(app.to_string(), name.to_owned())].into();
            PrivacyConfig { apps }.rules()
        };
        let mut hidden = config("name-hidden").expect("valid");
        let start = hidden.fill(RingPolicy::default());
        assert_eq!(start.privacy_in(&app), Privacy::NameHidden);
        assert_eq!(hidden.start(), &start.privacy_of);
        assert_eq!(hidden.strip(start.clone()), RingPolicy::default());
        let chosen = RingPolicy {
            privacy_of: [(app.clone(), Privacy::Full)].into(),
            ..RingPolicy::default()
        };
        let next = hidden.fill(hidden.strip(chosen));
        assert_eq!(next.privacy_in(&app), Privacy::Full);
        let wrong = config("hidden").expect_err("no such word");
        assert!(wrong.contains("full, name-hidden"), "{wrong}");
    }
}
