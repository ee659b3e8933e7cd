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

/// A token that may be spent.
#[derive(Debug)]
pub struct Ticket {
    token: Token,
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
        if self.spent.has(&token) {
            return Err(refuse("the token was spent before"));
        }
        Ok(token)
    }
}

impl Access {
    /// Checks the token of a request; it is not spent yet.
    ///
    /// # Errors
    ///
    /// 401.
    pub fn check(&self, headers: &HeaderMap) -> Result<Option<Ticket>, Refusal> {
        match self {
            Self::Open => Ok(None),
            Self::Tokens(verifier) => Ok(Some(Ticket {
                token: verifier.check(headers)?,
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
    /// 401 when another request was quicker, 503 when no more can be remembered.
    pub fn spend(self) -> Result<(), Refusal> {
        self.verifier.spent.spend(&self.token)
    }
}
