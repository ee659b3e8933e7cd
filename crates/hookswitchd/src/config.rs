//! The configuration file.
//!
//! Input: TOML text. Output: a valid [`Config`], or an error that names the line.
//!
//! # Promises
//!
//! - **C1** an unknown key or an impossible value is an error with its line, never ignored.
//! - **C2** every key has a default; no file at all is fine.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hookswitch_bus::{Grants, MediaPolicy, Right};
use hookswitch_model::{AppId, CallerRules, Limit, Limits, NumberPattern, Profile, RingOn};
use serde::Deserialize;
use toml::Spanned;

use crate::privacy::PrivacyConfig;
use crate::second_calls::SecondCallsConfig;

/// First port tried for the calling UI.
pub const DEFAULT_PORT: u16 = 8733;
/// The app that is cellular unless the configuration says otherwise.
const MODEM_APP: &str = "org.hookswitch.Modem";
/// Longest time a limit may be set to: one day.
const TIME_MAX_MS: u64 = 86_400_000;
/// Largest count a limit may be set to.
const COUNT_MAX: u64 = 100_000_000;

/// What the file says.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What the log shows, for example `info` or `hookswitchd=debug`.
    pub log: Option<String>,
    /// Whose limits are the default.
    profile: ProfileName,
    /// The calling UI.
    pub ui: UiConfig,
    /// The ringtone.
    pub ring: RingConfig,
    /// Desktop notifications.
    pub notifications: NotificationConfig,
    /// Media players.
    pub media: MediaConfig,
    /// The recents.
    pub recents: RecentsConfig,
    /// The mobile network.
    pub cellular: CellularConfig,
    /// Who may call.
    pub directory: DirectoryConfig,
    /// Calls that come while another one is there.
    pub second_calls: SecondCallsConfig,
    /// How much is shown of the calls of apps.
    pub privacy: PrivacyConfig,
    /// The gateway that wakes apps.
    pub push: PushConfig,
    limits: BTreeMap<String, Spanned<u64>>,
    grant: Vec<Grant>,
}

/// What the user lets one app do, in place of the default.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Grant {
    app: String,
    rights: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum ProfileName {
    #[default]
    Native,
    Callkit,
}

/// The calling UI.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct UiConfig {
    /// Whether it is served at all.
    pub enabled: bool,
    /// First port tried; the next free one is taken.
    pub port: u16,
    /// Whether a browser window opens for a call that no notification shows.
    pub open_window: bool,
}

/// The ringtone.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct RingConfig {
    /// Whether anything is heard.
    pub enabled: bool,
    /// From 0 to 1.
    pub volume: f32,
    /// A WAV file in place of the shipped ringtone.
    pub file: Option<PathBuf>,
    /// Where it rings: `default`, `all`, or the id of an audio device.
    pub device: String,
    /// Whether an app's own ringtone rings for its calls.
    pub app_ringtones: bool,
}

/// Desktop notifications.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct NotificationConfig {
    /// Whether they are shown.
    pub enabled: bool,
}

/// Media players.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct MediaConfig {
    /// Whether players pause for a call and play again after it.
    pub pause_players: bool,
    /// Whether they pause as soon as it rings.
    pub pause_on_ring: bool,
}

/// The recents.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct RecentsConfig {
    /// Where they are kept.
    pub file: Option<PathBuf>,
}

/// The gateway that wakes apps.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct PushConfig {
    /// `host:port` of the gateway's device side; none: no pushes.
    pub gateway: Option<String>,
    /// The name in its certificate, if it is another than the host.
    pub name: Option<String>,
    /// The certificates to trust, PEM.
    pub trust: Option<PathBuf>,
}

impl PushConfig {
    /// The name that the gateway's certificate must carry.
    #[must_use]
    pub fn name_of(&self, gateway: &str) -> String {
        let host = gateway.rsplit_once(':').map_or(gateway, |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        self.name.clone().unwrap_or_else(|| host.to_owned())
    }

    fn check(&self) -> Result<(), String> {
        let Some(gateway) = &self.gateway else {
            return Ok(());
        };
        let port = gateway
            .rsplit_once(':')
            .map(|(_, port)| port.parse::<u16>());
        if !matches!(port, Some(Ok(_))) {
            return Err(format!(
                "push.gateway: {gateway:?} is not host:port, such as push.example.org:2198"
            ));
        }
        match self.trust {
            Some(_) => Ok(()),
            None => {
                Err("push.trust is needed: the gateway's certificate authority, PEM".to_owned())
            }
        }
    }
}

/// Who may call.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct DirectoryConfig {
    /// The regions of the user's lines, for numbers without country code.
    pub regions: Vec<String>,
    /// vCard files, and folders of them: the user's contacts.
    pub contacts: Vec<PathBuf>,
    /// Patterns of numbers that never ring, such as `+4490*`.
    pub block: Vec<String>,
    /// Patterns of numbers that ring though a list or a pattern blocks them.
    pub except: Vec<String>,
    /// Callers who hide their number never ring.
    pub block_anonymous: bool,
    /// Callers who are not in the contacts never ring.
    pub not_in_contacts: bool,
    /// A contact rings though the number is blocked.
    pub trust_contacts: bool,
    /// A number that the user has called rings though it is blocked.
    pub trust_called: bool,
    /// For so many minutes after a call to it, a number may call back. Zero: never.
    pub call_back_minutes: u32,
}

impl DirectoryConfig {
    /// The user's rules about callers.
    ///
    /// # Errors
    ///
    /// The line with a pattern that is none.
    pub fn rules(&self) -> Result<CallerRules, String> {
        let read = |name: &str, texts: &[String]| {
            let wrong = |text: &str, error| format!("directory.{name}: {text:?}: {error}");
            let patterns = texts.iter();
            let patterns =
                patterns.map(|text| NumberPattern::parse(text).map_err(|error| wrong(text, error)));
            patterns.collect::<Result<_, _>>()
        };
        Ok(CallerRules {
            blocked: read("block", &self.block)?,
            exceptions: read("except", &self.except)?,
            block_anonymous: self.block_anonymous,
            block_unknown: self.not_in_contacts,
            trust_contacts: self.trust_contacts,
            trust_called: self.trust_called,
            call_back: Duration::from_secs(u64::from(self.call_back_minutes) * 60),
        })
    }
}

/// The mobile network.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct CellularConfig {
    /// The apps that may say that their calls are cellular calls.
    pub apps: Vec<String>,
}

impl Default for CellularConfig {
    fn default() -> Self {
        Self {
            apps: vec![MODEM_APP.to_owned()],
        }
    }
}

impl Default for UiConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            port: DEFAULT_PORT,
            open_window: false,
        }
    }
}

impl RingConfig {
    /// Where it rings; a name that no device can have counts as the default.
    #[must_use]
    pub fn ring_on(&self) -> RingOn {
        RingOn::from_name(&self.device).unwrap_or_default()
    }

    /// Whether nothing is heard of a ring.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        !self.enabled || self.volume <= 0.0
    }
}

impl Default for RingConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            volume: 1.0,
            file: None,
            device: "default".to_owned(),
            app_ringtones: true,
        }
    }
}

impl Default for NotificationConfig {
    fn default() -> Self {
        Self { enabled: true }
    }
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            pause_players: true,
            pause_on_ring: false,
        }
    }
}

impl MediaConfig {
    /// When players are paused, or `None` if they are left alone.
    #[must_use]
    pub fn policy(&self, paused_file: PathBuf) -> Option<MediaPolicy> {
        let pause_on_ring = self.pause_on_ring;
        let policy = || MediaPolicy {
            pause_on_ring,
            paused_file,
        };
        self.pause_players.then(policy)
    }
}

/// What is wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{} cannot be read: {source}; check the path and its permissions", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is wrong.
    #[error("{}: {problem}", path.display())]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// The line and what is wrong with it.
        problem: String,
    },
}

impl Config {
    /// Reads the file; a missing one is an empty one unless it was asked for by name.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the file, the line and the problem.
    pub fn load(path: &Path, asked_for: bool) -> Result<Self, ConfigError> {
        let wrong = |problem| ConfigError::Wrong {
            path: path.to_owned(),
            problem,
        };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(wrong),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !asked_for => {
                Ok(Self::default())
            }
            Err(source) => Err(ConfigError::Unreadable {
                path: path.to_owned(),
                source,
            }),
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text)
            .map_err(|error: toml::de::Error| error.to_string().trim_end().to_owned())?;
        if !(0.0..=1.0).contains(&config.ring.volume) {
            return Err("ring.volume must be from 0 to 1".to_owned());
        }
        for app in &config.cellular.apps {
            if AppId::new(app).is_none() {
                return Err(format!(
                    "cellular.apps: {app:?} is no bus name such as {MODEM_APP}"
                ));
            }
        }
        crate::directory::Directory::new(&config.directory.regions)
            .map_err(|error| format!("directory.regions: {error}"))?;
        config.directory.rules()?;
        config.second_calls.rules()?;
        config.privacy.rules()?;
        config.push.check()?;
        if let Some(path) = config
            .directory
            .contacts
            .iter()
            .find(|path| !path.is_absolute())
        {
            let path = path.display();
            return Err(format!("directory.contacts: {path} is no absolute path"));
        }
        for grant in &config.grant {
            check_grant(grant)?;
        }
        for (name, value) in &config.limits {
            check_limit(name, *value.get_ref()).map_err(|problem| {
                let line = 1 + text[..value.span().start].matches('\n').count();
                format!("line {line}: limits.{name} {problem}")
            })?;
        }
        Ok(config)
    }

    /// The apps whose word that they are cellular counts.
    #[must_use]
    pub fn cellular_apps(&self) -> BTreeSet<AppId> {
        let apps = self.cellular.apps.iter();
        apps.filter_map(|app| AppId::new(app)).collect()
    }

    /// What the user lets apps do.
    #[must_use]
    pub fn grants(&self) -> Grants {
        let rights = |grant: &Grant| {
            let names = grant.rights.iter();
            names.filter_map(|name| Right::from_name(name)).collect()
        };
        let grants = self.grant.iter();
        grants
            .filter_map(|grant| Some((AppId::new(&grant.app)?, rights(grant))))
            .collect()
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let mut limits = Limits::of(match self.profile {
            ProfileName::Native => Profile::Native,
            ProfileName::Callkit => Profile::CallKit,
        });
        for (name, value) in &self.limits {
            if let Some(limit) = Limit::from_name(name) {
                limits.set(limit, *value.get_ref());
            }
        }
        limits
    }
}

fn check_grant(grant: &Grant) -> Result<(), String> {
    let app = &grant.app;
    if AppId::new(app).is_none() {
        return Err(format!(
            "grant: app {app:?} is neither a bus name such as org.example.Phone nor snap.NAME"
        ));
    }
    match grant
        .rights
        .iter()
        .find(|name| Right::from_name(name).is_none())
    {
        Some(wrong) => {
            let known = Right::ALL.map(Right::name).join(", ");
            Err(format!(
                "grant of {app}: {wrong:?} is no right; there are: {known}"
            ))
        }
        None => Ok(()),
    }
}

fn check_limit(name: &str, value: u64) -> Result<(), String> {
    let Some(limit) = Limit::from_name(name) else {
        let names: Vec<_> = hookswitch_model::limits::TABLE
            .iter()
            .map(|row| row.name)
            .collect();
        return Err(format!("is not a limit; there are: {}", names.join(", ")));
    };
    let may_be_zero = matches!(limit, Limit::DialRing | Limit::Orphan);
    let min = u64::from(!may_be_zero);
    let max = match limit.row().is_time {
        true => TIME_MAX_MS,
        false => COUNT_MAX,
    };
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(format!("must be from {min} to {max}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_holds_the_defaults_and_names_every_limit() {
        let text = include_str!("../../../data/hookswitchd.toml");
        assert_eq!(Config::parse(text), Ok(Config::default()));
        let live: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") && !rest.contains(':') => rest,
                Some(_) | None if line.starts_with('[') => line,
                Some(_) | None => "",
            })
            .map(|line| format!("{line}\n"))
            .collect();
        let config = Config::parse(&live).unwrap_or_else(|error| panic!("{error}\n{live}"));
        assert_eq!(config.limits(), Limits::default());
        assert_eq!(config.limits.len(), hookswitch_model::limits::TABLE.len());
        assert_eq!(config.ui, UiConfig::default());
        assert_eq!(config.media, MediaConfig::default());
    }

    #[test]
    fn wrong_lines_are_named() {
        check("volume = 1\n", "line 1");
        check("[ui]\nport = 8733\nprot = 1\n", "line 3");
        check("[ui]\nport = 70000\n", "line 2");
        check(
            "[limits]\nring = 1\nrung = 1\n",
            "line 3: limits.rung is not a limit",
        );
        check(
            "[limits]\n\ncalls = 0\n",
            "line 3: limits.calls must be from 1",
        );
        check("[ring]\nvolume = 1.5\n", "ring.volume must be from 0 to 1");
        check("profile = \"apple\"\n", "native");
        check(
            "[[grant]]\napp = \"a.b\"\nrights = [\"root\"]\n",
            "grant of a.b: \"root\" is no right",
        );
        check("[[grant]]\napp = \"phone\"\nrights = []\n", "snap.NAME");
        check("[cellular]\napps = [\"modem\"]\n", "cellular.apps");
        check("[second_calls]\nrule = \"wait\"\n", "second_calls.rule");
        check("[push]\ngateway = \"host\"\n", "push.gateway");
        check("[push]\ngateway = \"host:1\"\n", "push.trust is needed");
        check("[directory]\nblock = [\"+44x\"]\n", "directory.block");
        check(
            "[directory]\nregions = [\"Britain\"]\n",
            "directory.regions",
        );
    }

    #[test]
    fn a_limit_is_set_by_its_name() {
        let text = "profile = \"callkit\"\n[limits]\nring = 5000\n";
        let limits = Config::parse(text).expect("valid").limits();
        assert_eq!(limits.time(Limit::Ring), Duration::from_secs(5));
        assert_eq!(limits.profile, Profile::CallKit);
    }

    #[test]
    fn a_grant_gives_an_app_what_it_names_and_nothing_else() {
        let text = "[[grant]]\napp = \"org.example.Ui\"\nrights = [\"controller\", \"ui\"]\n";
        let grants = Config::parse(text).expect("valid").grants();
        let app = AppId::new("org.example.Ui").expect("valid");
        let want = Right::ALL.map(|right| matches!(right, Right::Controller | Right::Ui));
        assert_eq!(Right::ALL.map(|right| grants[&app].has(right)), want);
    }

    #[track_caller]
    fn check(text: &str, want: &str) {
        let error = Config::parse(text).expect_err(want);
        assert!(error.contains(want), "{error}");
    }
}
