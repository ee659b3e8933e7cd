//! `hookswitch-push check`: tries what a configuration names, without starting a gateway.

use std::path::Path;

use anyhow::Result;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::config::{Config, Listen};
use crate::engine::Sqlite;
use crate::keys::Keys;
use crate::{clock, tls};

/// One line of the result.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Whether it is fine.
    pub is_fine: bool,
    /// What was tried, and what to do if it is not fine.
    pub text: String,
}

/// How near the end of a certificate is worth a complaint: two weeks.
const SOON_S: i64 = 14 * 24 * 3_600;
/// 2025: a wall clock before that was never set.
const BUILT_MS: u64 = 1_735_689_600_000;

/// Tries everything; the list is complete even when something fails.
#[must_use]
pub fn check(file: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let config = match Config::read(file) {
        Ok(config) => config,
        Err(error) => return vec![finding("the configuration", Err(error))],
    };
    findings.push(finding("the configuration", Ok(())));
    let is_set = clock::utc().0 > BUILT_MS;
    let clock = is_set
        .then_some(())
        .ok_or_else(|| anyhow::anyhow!("it shows a time before 2025: dates of senders need NTP"));
    findings.push(finding("the clock", clock));
    let ca = config.sender_ca.as_deref();
    let senders = tls::senders(&config.senders, ca).map(drop);
    findings.push(finding("certificate and key for senders", senders));
    findings.push(finding(
        "the end of the certificate for senders",
        ends(&config.senders),
    ));
    let devices = tls::devices(&config.devices).map(drop);
    findings.push(finding("certificate and key for devices", devices));
    findings.push(finding(
        "the end of the certificate for devices",
        ends(&config.devices),
    ));
    let keys = Keys::read(&config.key).map(drop);
    findings.push(finding("the keys of provider tokens", keys));
    let store = Sqlite::open(&config.state).map(drop);
    findings.push(finding("the store", store));
    findings
}

fn finding(what: &str, result: Result<()>) -> Finding {
    match result {
        Ok(()) => Finding {
            is_fine: true,
            text: what.to_owned(),
        },
        Err(error) => Finding {
            is_fine: false,
            text: format!("{what}: {error:#}"),
        },
    }
}

/// Whether a certificate is good for a while.
fn ends(listen: &Listen) -> Result<()> {
    for certificate in tls::certificates(&listen.certificate)? {
        let (_, parsed) = X509Certificate::from_der(&certificate)?;
        let now = i64::try_from(clock::utc().0 / 1_000)?;
        let left = parsed.validity().not_after.timestamp() - now;
        anyhow::ensure!(left > 0, "it has ended: renew it");
        anyhow::ensure!(left > SOON_S, "it ends in {} days: renew it", left / 86_400);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev;

    #[test]
    fn a_development_folder_passes_and_a_missing_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let any = "127.0.0.1:0".parse().unwrap();
        let addresses = dev::Addresses {
            senders: any,
            devices: any,
            metrics: any,
        };
        let file = dev::prepare(folder.path(), addresses).unwrap();
        let findings = check(&file);
        assert!(findings.iter().all(|found| found.is_fine), "{findings:#?}");
        std::fs::remove_file(folder.path().join("server.key")).unwrap();
        let broken = check(&file);
        let broken: Vec<_> = broken.iter().filter(|found| !found.is_fine).collect();
        assert_eq!(broken.len(), 2);
        assert!(broken[0].text.contains("server.key"), "{broken:?}");
    }
}
