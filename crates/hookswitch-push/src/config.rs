//! The configuration file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hookswitch_push_core::apns::sender::Environment;
use hookswitch_push_core::limits::Limits;
use serde::Deserialize;

/// The shipped file: every entry with its meaning.
pub const COMMENTED: &str = include_str!("../hookswitch-push.toml");

/// All of it. Relative paths are relative to the folder of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The folder with the gateway's own file.
    pub state: PathBuf,
    /// Which world this gateway is.
    pub environment: World,
    /// Where senders come.
    pub senders: Listen,
    /// The certificates that sign senders' certificates; without it, tokens only.
    pub sender_ca: Option<PathBuf>,
    /// Where devices come.
    pub devices: Listen,
    /// Which devices may come.
    #[serde(default)]
    pub enroll: Enroll,
    /// Where metrics are read.
    pub metrics: Option<SocketAddr>,
    /// How many parts share the devices; nothing means one for each core.
    pub shards: Option<usize>,
    /// The keys of senders.
    #[serde(default)]
    pub key: Vec<KeyFile>,
    /// Numbers that differ from the table of limits.
    #[serde(default)]
    pub limits: Numbers,
}

/// An address with its certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// The address.
    pub listen: SocketAddr,
    /// The certificate chain, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

/// See [`Environment`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum World {
    /// The real one.
    Production,
    /// The one for trying out.
    Development,
}

/// Which devices may come.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Enroll {
    /// Each new device is taken; its first secret stays its secret.
    #[default]
    Open,
    /// Only devices that are known already.
    Closed,
}

/// One key of a sender.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// Its id.
    pub id: String,
    /// Its team.
    pub team: String,
    /// The public key, or the `.p8` file that holds it, PEM.
    pub file: PathBuf,
    /// The only environment it is for.
    pub environment: Option<World>,
    /// The only apps it is for.
    pub apps: Option<Vec<String>>,
}

/// The numbers an operator may set.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    window_ms: Option<u64>,
    life_ms: Option<u64>,
    beat_ms: Option<u64>,
    silence_ms: Option<u64>,
    engine_ms: Option<u64>,
    pending: Option<usize>,
    ahead: Option<bool>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or understood; the message says where.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        let mut config: Self =
            toml::from_str(&text).with_context(|| format!("cannot understand {name}"))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for place in config.paths() {
            *place = folder.join(&*place);
        }
        config.limits().validate()?;
        Ok(config)
    }

    /// The numbers in force.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let Numbers {
            window_ms,
            life_ms,
            beat_ms,
            silence_ms,
            engine_ms,
            pending,
            ahead,
        } = self.limits;
        let usual = Limits::DEFAULT;
        Limits {
            window_ms: window_ms.unwrap_or(usual.window_ms),
            life_ms: life_ms.unwrap_or(usual.life_ms),
            beat_ms: beat_ms.unwrap_or(usual.beat_ms),
            silence_ms: silence_ms.unwrap_or(usual.silence_ms),
            engine_ms: engine_ms.unwrap_or(usual.engine_ms),
            pending: pending.unwrap_or(usual.pending),
            ahead: ahead.unwrap_or(usual.ahead),
            ..usual
        }
    }

    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = vec![&mut self.state];
        for listen in [&mut self.senders, &mut self.devices] {
            paths.extend([&mut listen.certificate, &mut listen.key]);
        }
        paths.extend(self.sender_ca.as_mut());
        paths.extend(self.key.iter_mut().map(|key| &mut key.file));
        paths
    }
}

impl World {
    /// The core's word for it.
    #[must_use]
    pub fn environment(self) -> Environment {
        match self {
            Self::Production => Environment::Production,
            Self::Development => Environment::Development,
        }
    }
}

/// Whether numbers fit together.
trait Validate {
    fn validate(&self) -> Result<()>;
}

impl Validate for Limits {
    fn validate(&self) -> Result<()> {
        let window = 1_000..=30_000;
        anyhow::ensure!(
            window.contains(&self.window_ms),
            "window_ms is 1000 to 30000"
        );
        let longer = self.silence_ms > self.beat_ms && self.beat_ms > 0;
        anyhow::ensure!(longer, "silence_ms must be longer than beat_ms");
        anyhow::ensure!(self.pending > 0, "pending must be at least 1");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_is_understood_and_says_the_usual_numbers() {
        let config: Config = toml::from_str(COMMENTED).unwrap();
        assert_eq!(config.limits(), Limits::DEFAULT);
        assert_eq!(config.key.len(), 1);
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        let wrong = Limits {
            window_ms: 31_000,
            ..Limits::DEFAULT
        };
        assert!(wrong.validate().is_err());
        let silent = Limits {
            silence_ms: 1,
            ..Limits::DEFAULT
        };
        assert!(silent.validate().is_err());
    }
}
