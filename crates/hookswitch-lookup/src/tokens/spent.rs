//! Tokens that were spent.
//!
//! # Promises
//!
//! - **T1** of any number of requests with one token, at the same time or not, exactly one spends
//!   it; the others are refused from the moment on that it is [reserved](Spent::reserve).
//! - **T2** at most [`SPENT_MAX`] are remembered. When they are, tokens are refused (503) until
//!   an old key is taken off the list: none is forgotten while its key is taken.
//! - **T3** with a file, what was spent stays spent when the program ends or crashes: it is written
//!   before the question is answered. After a loss of power the last seconds may be spent again.
//!
//! - **T4** one process at a time writes a file: a lock beside it (`.lock`) is held for life.
//!
//! The file has 24 bytes for each token: the first 8 of the key id, then 16 of a digest.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use sha2::{Digest, Sha256};

use super::message::Token;
use crate::refusal::Refusal;

/// Most spent tokens that are remembered, about 50 bytes each.
pub const SPENT_MAX: usize = 16_000_000;
/// Bytes of a record.
const RECORD: usize = 24;

type Record = [u8; RECORD];

/// The spent tokens, and those that a request has now.
#[derive(Debug)]
pub struct Spent {
    records: Mutex<HashSet<Record>>,
    log: Mutex<Option<Log>>,
    most: usize,
}

/// The file.
#[derive(Debug)]
struct Log {
    file: File,
    length: u64,
    /// Held as long as the file is written to.
    _lock: File,
}

impl Spent {
    /// A memory that ends with the program; for tests and development.
    pub fn forgetful(most: usize) -> Self {
        Self {
            records: Mutex::default(),
            log: Mutex::default(),
            most,
        }
    }

    /// A memory in a file. Tokens of keys that are not taken any more are left out of it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written.
    pub fn open(path: &Path, keys: &[[u8; 32]]) -> Result<Self> {
        let say = || format!("spent tokens in {}", path.display());
        let lock = lock_file(path).with_context(say)?;
        let bytes = match path.exists() {
            true => fs::read(path).with_context(say)?,
            false => Vec::new(),
        };
        let mut records = HashSet::new();
        for record in bytes.chunks_exact(RECORD) {
            if keys.iter().any(|key| key[..8] == record[..8]) {
                let mut kept = [0; RECORD];
                kept.copy_from_slice(record);
                records.insert(kept);
            }
        }
        let fresh = beside(path, "new");
        let all = records.iter().flatten().copied().collect::<Vec<_>>();
        let mut written = File::create(&fresh).with_context(say)?;
        written.write_all(&all).with_context(say)?;
        written.sync_all().with_context(say)?;
        fs::rename(&fresh, path).with_context(say)?;
        let file = OpenOptions::new().append(true).open(path);
        let log = Log {
            file: file.with_context(say)?,
            length: all.len() as u64,
            _lock: lock,
        };
        Ok(Self {
            records: Mutex::new(records),
            log: Mutex::new(Some(log)),
            most: SPENT_MAX,
        })
    }

    /// How many are remembered, with those that a request has now.
    pub fn count(&self) -> usize {
        locked(&self.records).len()
    }

    /// Takes a token for a request, in memory: nobody else gets it from now on.
    ///
    /// # Errors
    ///
    /// 401 when another request has it or had it, 503 when no more can be remembered.
    pub fn reserve(&self, token: &Token) -> Result<(), Refusal> {
        let record = record(token);
        let mut records = locked(&self.records);
        if records.contains(&record) {
            return Err(Refusal::new(401, "the token was spent before"));
        }
        if records.len() >= self.most {
            return Err(Refusal::busy("no more tokens can be remembered", 60));
        }
        records.insert(record);
        Ok(())
    }

    /// Gives a reserved token back.
    pub fn release(&self, token: &Token) {
        locked(&self.records).remove(&record(token));
    }

    /// Writes a reserved token down; without a file there is nothing to do.
    ///
    /// # Errors
    ///
    /// 503 when it cannot be written; it stays reserved.
    pub fn write(&self, token: &Token) -> Result<(), Refusal> {
        let mut log = locked(&self.log);
        let Some(log) = log.as_mut() else {
            return Ok(());
        };
        if log.file.write_all(&record(token)).is_err() {
            // A part of a record would shift all that follow.
            let _ = log.file.set_len(log.length);
            return Err(Refusal::busy("a spent token cannot be written down", 60));
        }
        log.length += RECORD as u64;
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The path of a file that belongs to another.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    name.into()
}

/// The right to write the file at a path, which one process has at a time.
fn lock_file(path: &Path) -> Result<File> {
    let mut file = OpenOptions::new();
    let file = file.write(true).create(true).truncate(false);
    let file = file.open(beside(path, "lock"))?;
    let locked = file.try_lock();
    locked.context("another service uses this file: give each its own keys and its own file")?;
    Ok(file)
}

fn record(token: &Token) -> Record {
    let mut record = [0; RECORD];
    record[..8].copy_from_slice(&token.key_id()[..8]);
    let digest = Sha256::digest(token.nonce());
    record[8..].copy_from_slice(&digest[..16]);
    record
}
