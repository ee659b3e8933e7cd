//! The issuer: signs tokens for users it knows.
//!
//! `GET /.well-known/private-token-issuer-directory`, `GET /token-key-for-user-token` and
//! `POST /issue`, the last two with `Authorization: Bearer` and the token of a user.
//!
//! # Promises
//!
//! - **I1** 401 for a user that is not known, 422 for another type, key or size, 429 for a user who
//!   asks for more than [`Users::per_hour`] tokens in an hour.
//! - **I2** nothing is kept of what was signed but a count for each user.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::blind::SecretKey;
use super::keys::{self, List, Listed};
use super::message::{BASE64, REQUEST, TYPE};
use crate::refusal::Refusal;
use crate::secrets::toml_of_secrets;
use crate::serve::Front;
use crate::serve::body::Part;

/// The file of users.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Users {
    /// Tokens that one user may get in an hour.
    #[serde(default = "per_hour")]
    pub per_hour: u32,
    /// Tiers and their users.
    pub users: Vec<Tier>,
}

/// The users of a tier.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The tier.
    pub tier: String,
    /// The tokens of its users, as their devices send them: base64.
    pub tokens: Vec<String>,
}

const fn per_hour() -> u32 {
    600
}

impl Users {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or is none. What is in it is not shown.
    pub fn read(path: &Path) -> Result<Self> {
        let say = || format!("reading {}", path.display());
        toml_of_secrets(&fs::read_to_string(path).with_context(say)?).with_context(say)
    }
}

/// What a user is known by here: the SHA-256 of the user's token.
type UserId = [u8; 32];

/// An issuer.
pub struct Issuer {
    users: HashMap<UserId, String>,
    keys: BTreeMap<String, Vec<Signing>>,
    listed: Vec<Listed>,
    per_hour: u32,
    /// Hour and tokens of each user that is known; no others are counted.
    counts: Mutex<HashMap<UserId, (u64, u32)>>,
}

struct Signing {
    not_before: u64,
    key: Arc<SecretKey>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Directory {
    issuer_request_uri: &'static str,
    token_keys: Vec<TokenKey>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct TokenKey {
    token_type: u16,
    token_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<u64>,
}

#[derive(Clone)]
struct Shared {
    issuer: Arc<Issuer>,
    front: Front,
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}

impl Issuer {
    /// An issuer with the secret keys of a folder.
    ///
    /// # Errors
    ///
    /// When a key cannot be read, or a tier of users has none.
    pub fn open(folder: &Path, users: &Users) -> Result<Self> {
        let list = List::read(folder)?;
        let listed = list.public(folder)?;
        let mut keys = BTreeMap::<_, Vec<_>>::new();
        for one in &listed {
            let key = keys::secret(folder, &one.entry)?;
            let name = &one.entry.name;
            ensure!(
                key.public().id() == one.key.id(),
                "the files of `{name}` differ"
            );
            keys.entry(one.entry.tier.clone())
                .or_default()
                .push(Signing {
                    not_before: one.entry.not_before,
                    key: Arc::new(key),
                });
        }
        for tier in &users.users {
            let name = &tier.tier;
            ensure!(keys.contains_key(name), "tier `{name}` has no key");
        }
        let users_of = |tier: &Tier| {
            let id = |token: &String| Sha256::digest(token.trim_end_matches('=')).into();
            let name = tier.tier.clone();
            let ids = tier.tokens.iter().map(id).collect::<Vec<UserId>>();
            ids.into_iter().map(move |id| (id, name.clone()))
        };
        Ok(Self {
            users: users.users.iter().flat_map(users_of).collect(),
            keys,
            listed,
            per_hour: users.per_hour,
            counts: Mutex::default(),
        })
    }

    /// The pages of the issuer.
    pub fn router(self, front: Front) -> Router {
        let issuer = Arc::new(self);
        Router::new()
            .route(
                "/.well-known/private-token-issuer-directory",
                get(directory),
            )
            .route("/token-key-for-user-token", get(token_key))
            .route("/issue", post(issue))
            .with_state(Shared { issuer, front })
    }

    fn user(&self, headers: &HeaderMap) -> Result<UserId, Refusal> {
        let header = headers.get(header::AUTHORIZATION);
        let header = header.and_then(|header| header.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer "));
        let id = token.map(|token| Sha256::digest(token.trim().trim_end_matches('=')).into());
        let id = id.filter(|id| self.users.contains_key(id));
        id.ok_or_else(|| Refusal::new(401, "this user is not known"))
    }

    /// The key that signs for a user now.
    fn key(&self, user: &UserId) -> Result<&Arc<SecretKey>, Refusal> {
        let keys = self.users.get(user).and_then(|tier| self.keys.get(tier));
        let now = now();
        let ready = keys
            .into_iter()
            .flatten()
            .filter(|key| key.not_before <= now);
        let newest = ready.max_by_key(|key| key.not_before);
        let newest = newest.ok_or_else(|| Refusal::busy("no key is valid yet", 60))?;
        Ok(&newest.key)
    }

    fn count(&self, user: UserId) -> Result<(), Refusal> {
        let hour = now() / 3_600;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(user).or_insert((hour, 0));
        if count.0 != hour {
            *count = (hour, 0);
        }
        if count.1 >= self.per_hour {
            return Err(Refusal::new(429, "this user had all tokens of the hour"));
        }
        count.1 += 1;
        Ok(())
    }
}

async fn directory(State(shared): State<Shared>) -> Result<Response, Refusal> {
    let key = |listed: &Listed| TokenKey {
        token_type: TYPE,
        token_key: BASE64.encode(listed.key.spki()),
        not_before: Some(listed.entry.not_before).filter(|time| *time > 0),
    };
    let directory = Directory {
        issuer_request_uri: "/issue",
        token_keys: shared.issuer.listed.iter().map(key).collect(),
    };
    let text = serde_json::to_vec(&directory);
    let text = text.map_err(|_| Refusal::new(500, "the directory cannot be written"))?;
    let kind = "application/private-token-issuer-directory";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

async fn token_key(State(shared): State<Shared>, headers: HeaderMap) -> Result<Vec<u8>, Refusal> {
    let user = shared.issuer.user(&headers)?;
    Ok(shared.issuer.key(&user)?.public().spki().to_vec())
}

async fn issue(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let issuer = &shared.issuer;
    let user = issuer.user(&head.headers)?;
    let front = &shared.front;
    let part = head.extensions.get::<Part>();
    let body = front.room.read(body, &front.bounds, REQUEST, part).await;
    let body = body.map_err(|refusal| match refusal.status {
        413 => wrong_size(),
        _ => refusal,
    })?;
    if body.bytes.len() != REQUEST {
        return Err(wrong_size());
    }
    let key = Arc::clone(issuer.key(&user)?);
    if body.bytes[..2] != TYPE.to_be_bytes() {
        return Err(Refusal::new(422, "this type of token is not issued"));
    }
    if body.bytes[2] != key.public().id()[31] {
        return Err(Refusal::new(422, "this is not the key of the user"));
    }
    issuer.count(user)?;
    let signed = shared.front.work(move || {
        let signed = key.sign(&body.bytes[3..]);
        signed.map_err(|_| Refusal::new(422, "the blinded message is too large"))
    });
    let kind = "application/private-token-response";
    Ok(([(header::CONTENT_TYPE, kind)], signed.await?).into_response())
}

fn wrong_size() -> Refusal {
    Refusal::new(422, format!("a request for a token has {REQUEST} bytes"))
}
