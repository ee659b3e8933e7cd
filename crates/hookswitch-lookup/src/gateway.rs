//! The gateway of Oblivious HTTP (RFC 9458): requests that come through a relay.
//!
//! The relay knows who asks and sees nothing; the gateway sees the request and not who asks. What
//! it unwraps is answered by the pages of this very service, whatever host it names.
//!
//! `GET /.well-known/ohttp-gateway` (also `/ohttp-keys`) gives the key configurations, `POST` takes
//! `message/ohttp-req` (RFC 9540).
//!
//! # Promises
//!
//! - **O1** what is no request of this gateway is refused with 400 or 415, an unknown key by name
//!   (`ohttp-key`), so that a client fetches the configuration again.
//! - **O2** what the pages answer, refusals as well, goes back wrapped: a relay sees 200.

use std::fs::{self, OpenOptions};
use std::io::{Cursor, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use bhttp::{Message, Mode};
use hookswitch_lookup_ring::sample::Random as _;
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use ohttp::hpke::{Aead, Kdf, Kem};
use ohttp::{KeyConfig, Server, ServerResponse, SymmetricSuite};
use serde::{Deserialize, Serialize};

use crate::chance::SystemChance;
use crate::refusal::Refusal;
use crate::secrets::toml_of_secrets;
use crate::serve::Front;
use crate::serve::body::Part;
use crate::tokens::message::BASE64;

/// Where the gateway is (RFC 9540).
pub const PATH: &str = "/.well-known/ohttp-gateway";
/// The type of an encapsulated request.
pub const REQUEST: &str = "message/ohttp-req";
/// The type of an encapsulated response.
pub const RESPONSE: &str = "message/ohttp-res";
/// What the wrapping of a request may add to its body, with its head.
const OVERHEAD: usize = 64 << 10;
/// Most bytes of an answer of the pages.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// The file of gateway keys. The first is the one that clients should use.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    keys: Vec<Key>,
}

/// A key: its id, and the seed that it is derived from (base64).
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Key {
    id: u8,
    seed: String,
}

/// A gateway.
pub struct Gateway {
    servers: Vec<(u8, Server)>,
    configs: Vec<u8>,
}

#[derive(Clone)]
struct Shared {
    gateway: Arc<Gateway>,
    pages: Router,
    front: Front,
}

/// Puts a new key in front of those of a file, and leaves the three before it.
///
/// # Errors
///
/// When the file cannot be read or written.
pub fn add_key(path: &Path) -> Result<usize> {
    let mut keys = match path.exists() {
        true => read(path)?.keys,
        false => Vec::new(),
    };
    let id = keys.first().map_or(1, |key| key.id.wrapping_add(1));
    let mut seed = [0; 32];
    SystemChance.fill(&mut seed);
    let seed = BASE64.encode(seed);
    keys.retain(|key| key.id != id);
    keys.insert(0, Key { id, seed });
    keys.truncate(4);
    let count = keys.len();
    let say = || format!("writing {}", path.display());
    let fresh = path.with_extension("new");
    let mut file = OpenOptions::new();
    let file = file
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh);
    let text = toml::to_string(&Keys { keys })?;
    file.with_context(say)?
        .write_all(text.as_bytes())
        .with_context(say)?;
    fs::rename(&fresh, path).with_context(say)?;
    Ok(count)
}

fn read(path: &Path) -> Result<Keys> {
    let say = || format!("reading {}", path.display());
    let text = fs::read_to_string(path).with_context(say)?;
    toml_of_secrets(&text).with_context(say)
}

impl Gateway {
    /// A gateway with the keys of a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or has no keys.
    pub fn open(path: &Path) -> Result<Self> {
        let keys = read(path)?.keys;
        ensure!(!keys.is_empty(), "there is no key in {}", path.display());
        let suites = || {
            let suite = |aead| SymmetricSuite::new(Kdf::HkdfSha256, aead);
            vec![suite(Aead::Aes128Gcm), suite(Aead::ChaCha20Poly1305)]
        };
        let config = |key: &Key| {
            let seed = BASE64.decode(&key.seed).unwrap_or_default();
            ensure!(seed.len() == 32, "the seed of key {} is none", key.id);
            Ok(KeyConfig::derive(
                key.id,
                Kem::X25519Sha256,
                suites(),
                &seed,
            )?)
        };
        let configs = keys.iter().map(config).collect::<Result<Vec<_>>>()?;
        let list = KeyConfig::encode_list(&configs)?;
        let ids = keys.iter().map(|key| key.id);
        let servers = ids
            .zip(configs)
            .map(|(id, config)| Ok((id, Server::new(config)?)));
        Ok(Self {
            configs: list,
            servers: servers.collect::<Result<_>>()?,
        })
    }

    /// The gateway in front of pages, which are there without it as well.
    pub fn router(self, pages: Router, front: Front) -> Router {
        let shared = Shared {
            gateway: Arc::new(self),
            pages: pages.clone(),
            front,
        };
        let gateway = Router::new()
            .route(PATH, get(configs).post(relayed))
            .route("/ohttp-keys", get(configs))
            .with_state(shared);
        pages.merge(gateway)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<(Message, ServerResponse), Refusal> {
        let id = wrapped.first().copied();
        let server = self.servers.iter().find(|(key, _)| Some(*key) == id);
        let (_, server) = server.ok_or_else(|| Refusal::new(400, UNKNOWN_KEY))?;
        let no_request = |_| Refusal::new(400, "this is no request for this gateway");
        let (request, response) = server.decapsulate(wrapped).map_err(no_request)?;
        let message = Message::read_bhttp(&mut Cursor::new(&request[..]));
        let message = message.map_err(|_| Refusal::new(400, "this is no binary HTTP"))?;
        Ok((message, response))
    }
}

/// RFC 9458, 5.3.
const UNKNOWN_KEY: &str = "{\"type\":\"https://iana.org/assignments/http-problem-types#ohttp-key\",\
                           \"title\":\"key identifier unknown\"}";

async fn configs(State(shared): State<Shared>) -> Response {
    let configs = shared.gateway.configs.clone();
    let headers = [
        (header::CONTENT_TYPE, "application/ohttp-keys"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, configs).into_response()
}

async fn relayed(State(shared): State<Shared>, request: Request) -> Response {
    answer(shared, request).await.unwrap_or_else(|refusal| {
        let is_problem = refusal.message == UNKNOWN_KEY;
        let mut response = refusal.into_response();
        if is_problem {
            let kind = HeaderValue::from_static("application/problem+json");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        response
    })
}

async fn answer(shared: Shared, request: Request) -> Result<Response, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != REQUEST) {
        return Err(Refusal::new(415, format!("requests are of type {REQUEST}")));
    }
    let front = &shared.front;
    let most = front.bounds.body_bytes + OVERHEAD;
    let (head, body) = request.into_parts();
    let part = head.extensions.get::<Part>();
    let body = front.room.read(body, &front.bounds, most, part).await?;
    let gateway = Arc::clone(&shared.gateway);
    let unwrapped = front.work(move || gateway.unwrap(&body.bytes)).await?;
    let (message, wrapping) = unwrapped;
    let inner = inner_request(&message)?;
    drop(message);
    let pages = TowerToHyperService::new(shared.pages);
    let answered = match pages.call(inner).await {
        Ok(answered) => answered,
        Err(never) => match never {},
    };
    let answered = wrap(answered, wrapping).await;
    let answered = answered.map_err(|_| Refusal::new(500, "the answer cannot be wrapped"))?;
    Ok(([(header::CONTENT_TYPE, RESPONSE)], answered).into_response())
}

/// The request in a message.
fn inner_request(message: &Message) -> Result<Request, Refusal> {
    let refuse = |_| Refusal::new(400, "the request inside is none");
    let control = message.control();
    let (method, path) = (control.method(), control.path());
    let (Some(method), Some(path)) = (method, path) else {
        return Err(Refusal::new(400, "there is no request inside"));
    };
    let mut request = axum::http::Request::builder().method(method).uri(path);
    for field in message.header().fields() {
        let name = HeaderName::from_bytes(field.name());
        let value = HeaderValue::from_bytes(field.value());
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(Refusal::new(400, "a header inside is none"));
        };
        request = request.header(name, value);
    }
    request
        .body(Body::from(message.content().to_vec()))
        .map_err(refuse)
}

/// Wraps an answer of the pages.
async fn wrap(answered: Response, wrapping: ServerResponse) -> Result<Bytes> {
    let (head, body) = answered.into_parts();
    let body = http_body_util::Limited::new(body, ANSWER_BYTES_MAX)
        .collect()
        .await;
    let body = body
        .map_err(|_| anyhow!("the answer is too long"))?
        .to_bytes();
    let status = bhttp::StatusCode::try_from(head.status.as_u16())?;
    let mut message = Message::response(status);
    for (name, value) in &head.headers {
        message.put_header(name.as_str(), value.as_bytes());
    }
    message.write_content(body);
    let mut bytes = Vec::new();
    message.write_bhttp(Mode::KnownLength, &mut bytes)?;
    Ok(wrapping.encapsulate(&bytes)?.into())
}

/// The HTTP status of a wrapped answer, and its body.
///
/// # Errors
///
/// When it is no answer.
pub fn inner_response(bytes: &[u8]) -> Result<(u16, Vec<u8>)> {
    let message = Message::read_bhttp(&mut Cursor::new(bytes));
    let message = message.context("the relayed answer is no HTTP")?;
    let status = message.control().status();
    let status = status.context("the relayed answer has no status")?;
    ensure!(
        StatusCode::from_u16(status.code()).is_ok(),
        "this is no status"
    );
    Ok((status.code(), message.content().to_vec()))
}
