//! The client's side: tokens in hand, and how more are got.
//!
//! # Promises
//!
//! - **W1** a question takes a token in hand; without one, it fetches one and a few more.
//! - **W2** when few are left, more are fetched behind the back of the caller, one fetch at a time.
//! - **W3** a token is used once, and not after a day.
//! - **W4** a key that is not in the issuer's public directory signs nothing: an issuer that gave
//!   each user a key of their own could tell users apart.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use hookswitch_lookup_ring::sample::Random as _;
use serde::Deserialize;

use super::blind::{BYTES, PublicKey, SALT};
use super::message::{BASE64, TYPE, Token, challenge, input, request};
use crate::chance::SystemChance;
use crate::post::Transport;

/// When tokens are fetched, and how many: what iPhones do.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// How many more are fetched with the first.
    pub first: usize,
    /// Fewer than this, and more are fetched in the background.
    pub few: usize,
    /// Up to this many.
    pub full: usize,
    /// How long a token may be used.
    pub age: Duration,
}

impl Default for Habit {
    fn default() -> Self {
        Self {
            first: 3,
            few: 5,
            full: 10,
            age: Duration::from_secs(24 * 3_600),
        }
    }
}

/// The issuer, as a user sees it.
pub struct IssuerPeer {
    /// How it is reached.
    pub transport: Transport,
    /// Its name, which is part of every token.
    pub name: String,
    /// What it knows the user by: base64.
    pub user_token: String,
}

/// Tokens in hand.
#[derive(Clone)]
pub struct Wallet(Arc<Inner>);

struct Inner {
    issuer: IssuerPeer,
    habit: Habit,
    hand: Mutex<Hand>,
}

#[derive(Default)]
struct Hand {
    tokens: VecDeque<(Instant, Token)>,
    is_filling: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Directory {
    issuer_request_uri: String,
    token_keys: Vec<TokenKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct TokenKey {
    token_type: u16,
    token_key: String,
}

impl Wallet {
    /// An empty wallet.
    pub fn new(issuer: IssuerPeer, habit: Habit) -> Self {
        Self(Arc::new(Inner {
            issuer,
            habit,
            hand: Mutex::default(),
        }))
    }

    /// Takes a token.
    ///
    /// # Errors
    ///
    /// When none is left and the issuer gives none.
    pub fn take(&self) -> Result<Token> {
        let inner = &self.0;
        let token = inner.pop();
        let token = match token {
            Some(token) => token,
            None => {
                let mut fresh = inner.fetch(1 + inner.habit.first)?;
                let token = fresh.pop().context("the issuer gave no token")?;
                inner.push(fresh);
                token
            }
        };
        self.refill();
        Ok(token)
    }

    /// How many tokens are in hand.
    pub fn count(&self) -> usize {
        self.0.lock().tokens.len()
    }

    /// Fetches more behind the back of the caller when few are left.
    fn refill(&self) {
        let inner = Arc::clone(&self.0);
        let mut hand = self.0.lock();
        if hand.is_filling || hand.tokens.len() >= inner.habit.few {
            return;
        }
        hand.is_filling = true;
        let wanted = inner.habit.full - hand.tokens.len();
        drop(hand);
        thread::spawn(move || {
            // Without success the next question that finds none fetches, and says why it cannot.
            let fresh = inner.fetch(wanted).unwrap_or_default();
            inner.push(fresh);
            inner.lock().is_filling = false;
        });
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Hand> {
        self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pop(&self) -> Option<Token> {
        let mut hand = self.lock();
        let age = self.habit.age;
        hand.tokens.retain(|(born, _)| born.elapsed() < age);
        hand.tokens.pop_front().map(|(_, token)| token)
    }

    fn push(&self, tokens: Vec<Token>) {
        let born = Instant::now();
        let tokens = tokens.into_iter().map(|token| (born, token));
        self.lock().tokens.extend(tokens);
    }

    /// Fetches tokens, one after the other.
    fn fetch(&self, count: usize) -> Result<Vec<Token>> {
        let (key, path) = self.key()?;
        (0..count).map(|_| self.fetch_one(&key, &path)).collect()
    }

    /// The key of the user's tier, found in the public directory, and where tokens are asked for.
    fn key(&self) -> Result<(PublicKey, String)> {
        let transport = &self.issuer.transport;
        let directory = transport.get("/.well-known/private-token-issuer-directory", &[])?;
        let directory = serde_json::from_slice::<Directory>(&directory);
        let directory = directory.context("this is no directory of an issuer")?;
        let bearer = self.bearer();
        let key = transport.get("/token-key-for-user-token", &[("Authorization", &bearer)])?;
        let is_public = directory.token_keys.iter().any(|listed| {
            let bytes = BASE64.decode(&listed.token_key);
            listed.token_type == TYPE && bytes.is_ok_and(|bytes| bytes == key)
        });
        ensure!(
            is_public,
            "the issuer's key for this user is not in its directory"
        );
        let path = directory.issuer_request_uri;
        ensure!(path.starts_with('/'), "the issuer asks for another host");
        Ok((PublicKey::from_spki(&key)?, path))
    }

    fn fetch_one(&self, key: &PublicKey, path: &str) -> Result<Token> {
        let mut chance = SystemChance;
        let (mut nonce, mut salt) = ([0; 32], [0; SALT]);
        chance.fill(&mut nonce);
        chance.fill(&mut salt);
        let input = input(&nonce, &challenge(&self.issuer.name), &key.id());
        let blinded = loop {
            let mut blind = [0; BYTES];
            chance.fill(&mut blind);
            // Numbers that are not below the modulus are drawn again, so that all are as likely.
            if let Ok(blinded) = key.blind(&input, &salt, &blind) {
                break blinded;
            }
        };
        let body = request(&key.id(), &blinded.message);
        let bearer = self.bearer();
        let headers = [
            ("Authorization", &bearer[..]),
            ("Content-Type", "application/private-token-request"),
        ];
        let signed = self.issuer.transport.post(path, &headers, &body)?;
        let signature = key.finalize(&blinded, &signed, &input)?;
        Ok(Token::new(input, &signature))
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.issuer.user_token)
    }
}
