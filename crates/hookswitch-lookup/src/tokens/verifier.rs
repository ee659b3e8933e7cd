//! The service's side: whether a request may be answered.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use super::blind::PublicKey;
use super::keys::List;
use super::message::{Token, challenge};
use super::spent::{SPENT_MAX, Spent};
use crate::refusal::Refusal;

/// Checks tokens.
#[derive(Debug)]
pub struct Verifier {
    keys: BTreeMap<[u8; 32], PublicKey>,
    challenge: [u8; 32],
    spent: Spent,
}

/// A token that a request has. Dropped, for whatever reason, it is spent: who sends a body that is
/// slow, broken or left off does not get it back.
#[derive(Debug)]
pub struct Ticket {
    token: Option<Token>,
    verifier: Arc<Verifier>,
}

/// Who may ask.
#[derive(Clone, Debug)]
pub enum Access {
    /// Everybody: for development.
    Open,
    /// Whoever has a token.
    Tokens(Arc<Verifier>),
}

impl Verifier {
    /// Takes the tokens of the keys of a folder, and remembers spent ones in a file, or until the
    /// program ends.
    ///
    /// # Errors
    ///
    /// When a file cannot be used, or there are no keys.
    pub fn open(folder: &Path, spent: Option<&Path>) -> Result<Self> {
        let list = List::read(folder)?;
        let keys = list.public(folder)?;
        ensure!(!keys.is_empty(), "{} lists no keys", folder.display());
        let keys = keys.into_iter().map(|listed| (listed.key.id(), listed.key));
        let keys = keys.collect::<BTreeMap<_, _>>();
        let ids = keys.keys().copied().collect::<Vec<_>>();
        let spent = match spent {
            Some(path) => Spent::open(path, &ids).context("opening the memory of tokens")?,
            None => Spent::forgetful(SPENT_MAX),
        };
        Ok(Self {
            challenge: Sha256::digest(challenge(&list.issuer)).into(),
            keys,
            spent,
        })
    }

    /// How many spent tokens are remembered.
    pub fn spent(&self) -> usize {
        self.spent.count()
    }

    fn check(&self, headers: &HeaderMap) -> Result<Token, Refusal> {
        let refuse = |message: &str| Refusal::new(401, message);
        let header = headers.get(header::AUTHORIZATION);
        let header = header.and_then(|header| header.to_str().ok());
        let header = header.ok_or_else(|| refuse("a token is needed"))?;
        let token = Token::from_header(header).map_err(|error| Refusal::new(401, error))?;
        if token.challenge_digest() != self.challenge {
            return Err(refuse("the token is for another issuer or origin"));
        }
        let key = self.keys.get(&token.key_id());
        let key = key.ok_or_else(|| refuse("the key of the token is not known"))?;
        if !key.verify(token.input(), token.signature()) {
            return Err(refuse("the token is not signed"));
        }
        self.spent.reserve(&token)?;
        Ok(token)
    }
}

impl Access {
    /// Checks the token of a request and reserves it: no other request gets it.
    ///
    /// # Errors
    ///
    /// 401, or 503 when no more can be remembered.
    pub fn check(&self, headers: &HeaderMap) -> Result<Option<Ticket>, Refusal> {
        match self {
            Self::Open => Ok(None),
            Self::Tokens(verifier) => Ok(Some(Ticket {
                token: Some(verifier.check(headers)?),
                verifier: Arc::clone(verifier),
            })),
        }
    }
}

impl Ticket {
    /// Spends the token.
    ///
    /// # Errors
    ///
    /// 503 when it cannot be written down; then the sender keeps it.
    pub fn spend(mut self) -> Result<(), Refusal> {
        let Some(token) = self.token.take() else {
            return Ok(());
        };
        let written = self.verifier.spent.write(&token);
        written.inspect_err(|_| self.verifier.spent.release(&token))
    }

    /// Gives the token back to its sender, who was told to come again.
    pub fn give_back(mut self) {
        if let Some(token) = self.token.take() {
            self.verifier.spent.release(&token);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let Some(token) = self.token.take() else {
            return;
        };
        let verifier = Arc::clone(&self.verifier);
        // If it cannot be written it is still spent until the program ends.
        let write = move || drop(verifier.spent.write(&token));
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(write)),
            Err(_) => write(),
        }
    }
}
