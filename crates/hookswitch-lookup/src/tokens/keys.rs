//! The folder of issuer keys: `keys.toml`, and for each key `<name>.spki` (public) and, where
//! tokens are issued, `<name>.pem` (secret).
//!
//! A tier issues with the newest of its keys whose time has come; every listed key is taken. To
//! rotate: add a key with a time to come, publish, wait, and take the old one off the list.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::blind::{PublicKey, SecretKey};

/// Most keys of a folder; the last byte of their ids must differ.
const KEYS_MAX: usize = 64;

/// The list of a folder.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// The name of the issuer, which is part of every challenge: its host name.
    pub issuer: String,
    /// The keys.
    #[serde(default)]
    pub keys: Vec<Entry>,
}

/// One key of the list.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The tier of users that it signs for.
    pub tier: String,
    /// The first part of the names of its files.
    pub name: String,
    /// When it begins to be used, in seconds since 1970.
    #[serde(default)]
    pub not_before: u64,
}

/// A key with its entry.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its entry.
    pub entry: Entry,
    /// The public key.
    pub key: PublicKey,
}

impl List {
    /// Reads the list of a folder.
    ///
    /// # Errors
    ///
    /// When it cannot be read or breaks a rule.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("keys.toml");
        let say = || format!("reading {}", path.display());
        let text = fs::read_to_string(&path).with_context(say)?;
        let list = toml::from_str::<Self>(&text).with_context(say)?;
        ensure!(list.keys.len() <= KEYS_MAX, "at most {KEYS_MAX} keys");
        ensure!(
            (1..=255).contains(&list.issuer.len()),
            "`issuer` is the host name of the issuer"
        );
        let is_plain = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        for key in &list.keys {
            let (name, tier) = (&key.name, &key.tier);
            ensure!(
                is_plain(name) && is_plain(tier),
                "key `{name}` of `{tier}`: letters only"
            );
        }
        Ok(list)
    }

    /// The public keys.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or two keys cannot be told apart by the last byte of their ids.
    pub fn public(&self, folder: &Path) -> Result<Vec<Listed>> {
        let mut last = BTreeSet::new();
        let read = |entry: &Entry| {
            let path = folder.join(format!("{}.spki", entry.name));
            let say = || format!("reading {}", path.display());
            let key = PublicKey::from_spki(&fs::read(&path).with_context(say)?);
            let key = key.with_context(say)?;
            ensure!(
                last.insert(key.id()[31]),
                "two keys end alike: make `{}` anew",
                entry.name
            );
            Ok(Listed {
                entry: entry.clone(),
                key,
            })
        };
        self.keys.iter().map(read).collect()
    }
}

/// Reads the secret key of an entry.
///
/// # Errors
///
/// When the file cannot be read or is none.
pub fn secret(folder: &Path, entry: &Entry) -> Result<SecretKey> {
    let path = folder.join(format!("{}.pem", entry.name));
    let say = || format!("reading {}", path.display());
    SecretKey::from_pem(&fs::read(&path).with_context(say)?).with_context(say)
}

/// Makes a key for each of the tiers, and puts it on the list.
///
/// # Errors
///
/// When a file cannot be written.
pub fn add(folder: &Path, issuer: &str, tiers: &[String], not_before: u64) -> Result<List> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let mut list = match folder.join("keys.toml").exists() {
        true => List::read(folder)?,
        false => List::default(),
    };
    ensure!(
        list.issuer.is_empty() || list.issuer == issuer,
        "the issuer of this folder is `{}`: another name needs another folder",
        list.issuer
    );
    list.issuer = issuer.to_owned();
    let mut number = highest(folder)?;
    let known = list.public(folder)?;
    let mut last = known
        .iter()
        .map(|k| k.key.id()[31])
        .collect::<BTreeSet<_>>();
    for tier in tiers {
        let key = loop {
            let key = SecretKey::generate()?;
            if last.insert(key.public().id()[31]) {
                break key;
            }
        };
        number += 1;
        let name = format!("{tier}-{number}");
        write_new(&folder.join(format!("{name}.pem")), &key.to_pem()?, 0o600)?;
        write_new(
            &folder.join(format!("{name}.spki")),
            key.public().spki(),
            0o644,
        )?;
        list.keys.push(Entry {
            tier: tier.clone(),
            name,
            not_before,
        });
    }
    let path = folder.join("keys.toml");
    let say = || format!("writing {}", path.display());
    let fresh = folder.join("keys.toml.new");
    fs::write(&fresh, toml::to_string(&list)?).with_context(say)?;
    fs::rename(&fresh, &path).with_context(say)?;
    Ok(list)
}

/// The highest number that a key of the folder ever had: the files of those that were taken off
/// the list may still be there.
fn highest(folder: &Path) -> Result<u64> {
    let mut highest = 0;
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let number = stem.and_then(|stem| stem.rsplit_once('-')?.1.parse().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest)
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let say = || format!("writing {}", path.display());
    let mut file = OpenOptions::new();
    let file = file.write(true).create_new(true).mode(mode).open(path);
    file.with_context(say)?.write_all(bytes).with_context(say)
}
