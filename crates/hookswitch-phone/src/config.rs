//! The phone's one configuration file, `$XDG_CONFIG_HOME/hookswitch/phone.toml`.
//!
//! Input: the file, which may be missing. Output: a [`Config`], or an error that names the file
//! and the line. Without a file the phone takes direct calls on loopback, so nobody has to
//! configure anything.
//!
//! # Promises
//!
//! - **C1** passwords are never shown: they have no `Debug` text.
//! - **C2** a key that is not known is an error, not a silent nothing.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

/// The file with every key and its default, for `hookswitch-phone config`.
pub const TEMPLATE: &str = include_str!("../data/phone.toml");

/// Accounts read at most.
pub const ACCOUNTS_MAX: usize = 16;

/// What the file says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address to listen on; by default the one that reaches the first account's server,
    /// and loopback without accounts.
    pub listen: Option<IpAddr>,
    /// The first port to try; the next free one is taken.
    pub port: Option<u16>,
    /// The port of the phone's page.
    pub page_port: Option<u16>,
    /// The name the called side sees.
    pub display_name: Option<String>,
    /// The accounts.
    #[serde(default, rename = "account")]
    pub accounts: Vec<Account>,
}

/// One account at a SIP server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What the account is called here.
    pub name: String,
    /// The user part of the address.
    pub user: String,
    /// The server, `host` or `host:port`.
    pub server: String,
    /// The password for digest authentication.
    #[serde(default)]
    pub password: Password,
    /// The name for authentication if it differs from `user`.
    pub auth_user: Option<String>,
    /// `udp` or `tcp`.
    #[serde(default)]
    pub transport: Transport,
    /// How long a registration is asked for, in seconds.
    #[serde(default = "default_expires")]
    pub expires: u32,
}

/// How a server is reached.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Datagrams.
    #[default]
    Udp,
    /// A TCP connection.
    Tcp,
}

/// A password that does not show itself.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// Wraps a password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }

    /// The password itself, for the digest.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file exists but cannot be read.
    #[error("cannot read {path}: {source}; it has to be a text file that you may read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not what the phone expects.
    #[error("{path}: {message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and what.
        message: String,
    },
}

/// Reads the file; a missing one is the default configuration.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text).map_err(|message| ConfigError::Invalid {
            path: path.to_owned(),
            message,
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
        Err(source) => Err(ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Where the file is for this user.
pub fn default_path() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
    let base = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(home);
    base.unwrap_or_else(|| PathBuf::from("/etc"))
        .join("hookswitch/phone.toml")
}

fn parse(text: &str) -> Result<Config, String> {
    let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
    if config.accounts.len() > ACCOUNTS_MAX {
        return Err(format!("at most {ACCOUNTS_MAX} accounts are supported"));
    }
    for (index, account) in config.accounts.iter().enumerate() {
        if config.accounts[..index]
            .iter()
            .any(|other| other.name == account.name)
        {
            return Err(format!(
                "two accounts are named '{}'; give each its own",
                account.name
            ));
        }
        for (key, value) in [("user", &account.user), ("server", &account.server)] {
            let plain = |c: char| c.is_ascii_graphic() && !"<>\"@;?".contains(c);
            if value.is_empty() || !value.chars().all(plain) {
                return Err(format!("account '{}': '{key}' is not valid", account.name));
            }
        }
    }
    Ok(config)
}

fn default_expires() -> u32 {
    300
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_valid_and_changes_nothing() {
        let config = parse(TEMPLATE).expect("the shipped file is valid");
        assert!(config.accounts.is_empty() && config.listen.is_none());
    }

    #[test]
    fn an_account_is_read_and_its_password_stays_hidden() {
        let text = "[[account]]\nname='work'\nuser='ana'\nserver='pbx:5080'\npassword='s3cret'\n";
        let config = parse(text).expect("it is valid");
        assert_eq!(config.accounts[0].password.expose(), "s3cret");
        assert_eq!(config.accounts[0].transport, Transport::Udp);
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn mistakes_are_refused_with_a_sentence() {
        let account = "[[account]]\nname='a'\nuser='u'\nserver='s'\n";
        for (text, part) in [
            ("listne = '127.0.0.1'".to_owned(), "listne"),
            ("port = 70000".to_owned(), "port"),
            (format!("{account}{account}"), "two accounts"),
            (account.replace("'u'", "'u@x'"), "'user'"),
            (account.replace("'s'", "''"), "'server'"),
            (format!("{account}transport='tls'"), "transport"),
        ] {
            let message = parse(&text).expect_err("it is wrong");
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn a_missing_file_is_the_default() {
        let config = load(Path::new("/nonexistent/phone.toml")).expect("missing is fine");
        assert!(config.accounts.is_empty());
    }
}
