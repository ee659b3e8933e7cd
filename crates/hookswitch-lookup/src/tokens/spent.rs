//! Tokens that were spent.
//!
//! # Promises
//!
//! - **T1** of any number of requests with one token, at the same time or not, exactly one spends
//!   it.
//! - **T2** at most [`SPENT_MAX`] are remembered. When they are, tokens are refused (503) until
//!   an old key is taken off the list: none is forgotten while its key is taken.
//! - **T3** with a file, what was spent stays spent when the program ends or crashes: it is written
//!   before the question is answered. After a loss of power the last seconds may be spent again.
//!
//! The file has 24 bytes for each token: the first 8 of the key id, then 16 of a digest.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use sha2::{Digest, Sha256};

use super::message::Token;
use crate::refusal::Refusal;

/// Most spent tokens that are remembered, about 50 bytes each.
pub const SPENT_MAX: usize = 16_000_000;
/// Bytes of a record.
const RECORD: usize = 24;

type Record = [u8; RECORD];

/// The spent tokens.
#[derive(Debug)]
pub struct Spent {
    inner: Mutex<Inner>,
    most: usize,
}

#[derive(Debug, Default)]
struct Inner {
    records: HashSet<Record>,
    file: Option<File>,
}

impl Spent {
    /// A memory that ends with the program; for tests and development.
    pub fn forgetful(most: usize) -> Self {
        Self {
            inner: Mutex::default(),
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
        let fresh = path.with_extension("new");
        let all = records.iter().flatten().copied().collect::<Vec<_>>();
        let mut written = File::create(&fresh).with_context(say)?;
        written.write_all(&all).with_context(say)?;
        written.sync_all().with_context(say)?;
        fs::rename(&fresh, path).with_context(say)?;
        let file = OpenOptions::new().append(true).open(path);
        let file = Some(file.with_context(say)?);
        Ok(Self {
            inner: Mutex::new(Inner { records, file }),
            most: SPENT_MAX,
        })
    }

    /// How many are remembered.
    pub fn count(&self) -> usize {
        self.lock().records.len()
    }

    /// Whether a token was spent.
    pub fn has(&self, token: &Token) -> bool {
        self.lock().records.contains(&record(token))
    }

    /// Spends a token.
    ///
    /// # Errors
    ///
    /// 401 when it was spent before, 503 when no more can be remembered.
    pub fn spend(&self, token: &Token) -> Result<(), Refusal> {
        let record = record(token);
        let mut inner = self.lock();
        if inner.records.contains(&record) {
            return Err(Refusal::new(401, "the token was spent before"));
        }
        if inner.records.len() >= self.most {
            return Err(Refusal::busy("no more tokens can be remembered", 60));
        }
        let length = (inner.records.len() * RECORD) as u64;
        if let Some(file) = &mut inner.file
            && file.write_all(&record).is_err()
        {
            // A part of a record would shift all that follow.
            let _ = file.set_len(length);
            return Err(Refusal::busy("a spent token cannot be written down", 60));
        }
        inner.records.insert(record);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn record(token: &Token) -> Record {
    let mut record = [0; RECORD];
    record[..8].copy_from_slice(&token.key_id()[..8]);
    let digest = Sha256::digest(token.nonce());
    record[8..].copy_from_slice(&digest[..16]);
    record
}
