//! One sender's connection: who it is, and the answer to each of its requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use getrandom::fill;
use hookswitch_push_core::apns::reason::Reason;
use hookswitch_push_core::apns::request::{self, Body, Posted, Sender};
use hookswitch_push_core::apns::sender::{self, Bound, Claims, Key};
use hookswitch_push_core::gateway::Decision;
use hookswitch_push_core::push::{Address, Push, PushId};
use hookswitch_push_core::time::Utc;
use hookswitch_push_core::tokens::Lookup;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::{HeaderMap, Request, Response, StatusCode};
use rustls::pki_types::CertificateDer;
use serde::de::IgnoredAny;
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use super::Senders;
use crate::shard::Inbox;
use crate::{bounds, clock};

/// One connection.
pub(super) struct Session {
    senders: Arc<Senders>,
    /// What the certificate says, if one was shown.
    certificate: Option<Result<Vec<String>, Reason>>,
    state: Mutex<State>,
}

/// What a connection is bound to, and the token whose signature was good.
#[derive(Default)]
struct State {
    bound: Bound,
    verified: Option<(String, Key, Claims)>,
}

/// A refusal, and since when a token is dead.
struct Refusal(Reason, Option<Utc>);

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self(reason, None)
    }
}

impl Session {
    pub(super) fn new(certificate: Option<&CertificateDer<'_>>, senders: &Arc<Senders>) -> Self {
        let topics = |der| crate::tls::topics(der, senders.environment);
        Self {
            senders: Arc::clone(senders),
            certificate: certificate.map(|der| topics(der)),
            state: Mutex::new(State::default()),
        }
    }

    /// The answer to one request; never an error of the connection.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let id = request.headers().get("apns-id").cloned();
        let fresh = Uuid::new_v4();
        let text = fresh.to_string().to_uppercase();
        let id = id.or_else(|| HeaderValue::from_str(&text).ok());
        let result = self.post(request, fresh).await;
        let (status, name) = match &result {
            Ok(_) => (200, "-"),
            Err(Refusal(reason, _)) => (reason.status(), reason.name()),
        };
        self.senders.metrics.answered(status, name);
        tracing::debug!(status, reason = name, "answered a sender");
        let mut response = Response::new(match &result {
            Ok(_) => Full::default(),
            Err(refusal) => Full::from(refusal.body()),
        });
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        let headers = response.headers_mut();
        if let Some(id) = id {
            headers.insert("apns-id", id);
        }
        if let Ok(Some(unique)) = result
            && let Ok(unique) = HeaderValue::from_str(&unique)
        {
            headers.insert("apns-unique-id", unique);
        }
        response
    }

    /// Checks, then waits for the decision; gives the key of the delivery log.
    async fn post(
        &self,
        posted: Request<Incoming>,
        fresh: Uuid,
    ) -> Result<Option<String>, Refusal> {
        let (head, incoming) = posted.into_parts();
        let payload = read(incoming).await?;
        let hex = request::target(head.method.as_str(), head.uri.path())?.to_owned();
        let sender = self.sender(&head.headers)?;
        let names = head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()));
        let checked = request::headers(&names.collect::<Vec<_>>(), &sender)?;
        let address = self.address(&hex, &checked)?;
        let Payload { kept, length } = payload;
        let is_object = serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(&kept).is_ok();
        request::body(Body { length, is_object }, checked.kind)?;
        let push = Push {
            id: checked.id.unwrap_or(PushId(fresh.into_bytes())),
            priority: checked.priority,
            collapse: checked.collapse,
            payload: kept,
        };
        let unique = self.unique(push.id);
        self.decide(address, push, checked.expiration).await?;
        Ok(unique)
    }

    /// Who sends: a certificate, or a provider token.
    fn sender(&self, headers: &HeaderMap) -> Result<Sender, Refusal> {
        let mut tokens = headers.get_all(AUTHORIZATION).iter();
        let Some(token) = tokens.next() else {
            return match &self.certificate {
                None => Err(Reason::MissingProviderToken.into()),
                Some(Err(reason)) => Err((*reason).into()),
                Some(Ok(topics)) => Ok(Sender::Certificate {
                    topics: topics.clone(),
                }),
            };
        };
        if tokens.next().is_some() {
            return Err(Reason::DuplicateHeaders.into());
        }
        let token = token.to_str().ok().and_then(|text| text.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or(Reason::MissingProviderToken)?;
        self.token(token.trim())
    }

    /// A provider token; its signature is verified once for a connection.
    fn token(&self, token: &str) -> Result<Sender, Refusal> {
        let now = clock::utc();
        let mut state = self.state.lock().unwrap_or_else(|p| p.into_inner());
        let State { bound, verified } = &mut *state;
        let known = verified.as_ref().filter(|(text, _, _)| text == token);
        let (key, claims) = match known {
            Some((_, key, claims)) => (key.clone(), claims.clone()),
            None => {
                let (key, claims) = self.senders.keys.verify(token)?;
                (key.clone(), claims)
            }
        };
        sender::check(&key, &claims, self.senders.environment, now)?;
        bound.admit(&key, &claims, now)?;
        let apps = key.apps.clone();
        if known.is_none() {
            *verified = Some((token.to_owned(), key, claims));
        }
        Ok(Sender::Token { apps })
    }

    /// Whose token it is, if it fits the topic.
    fn address(&self, hex: &str, posted: &Posted) -> Result<Address, Refusal> {
        let token = request::token(hex)?;
        let (address, dead) = match self.senders.registry.lookup(&token) {
            Lookup::Alive(address) => (address, None),
            Lookup::Dead(address, since) => (address, Some(since)),
            Lookup::Unknown => return Err(Reason::BadDeviceToken.into()),
        };
        if address.app != posted.app || address.service != posted.kind.service() {
            return Err(Reason::DeviceTokenNotForTopic.into());
        }
        if dead.is_some() {
            return Err(Refusal(Reason::Unregistered, dead));
        }
        Ok(address)
    }

    /// The key of the delivery log, in the development environment.
    fn unique(&self, id: PushId) -> Option<String> {
        let log = self.senders.delivery.as_ref()?;
        let mut bytes = [0; 16];
        fill(&mut bytes).ok()?;
        let unique = Uuid::from_bytes(bytes).to_string();
        log.begin(id, unique.clone());
        Some(unique)
    }

    /// Hands the push to the shard of its device and waits for the decision.
    async fn decide(
        &self,
        address: Address,
        push: Push,
        expiration: Option<u64>,
    ) -> Result<(), Refusal> {
        let (answer, decided) = oneshot::channel();
        let inbox = self.senders.shards.of(address.device);
        let send = Inbox::Send {
            address,
            push,
            expiration,
            answer,
        };
        inbox
            .try_send(send)
            .map_err(|_| Reason::ServiceUnavailable)?;
        let decided = timeout(self.senders.patience, decided).await;
        match decided {
            Ok(Ok(Decision::Offered | Decision::Stored | Decision::Away)) => Ok(()),
            Ok(Ok(Decision::TooMany)) => Err(Reason::TooManyRequests.into()),
            Ok(Ok(Decision::Unavailable) | Err(_)) | Err(_) => {
                Err(Reason::ServiceUnavailable.into())
            }
        }
    }
}

impl Refusal {
    /// The answer's body; the time only where the token is dead.
    fn body(&self) -> String {
        let Self(reason, since) = self;
        let mut body = serde_json::json!({ "reason": reason.name() });
        if let Some(since) = since {
            body["timestamp"] = since.0.into();
        }
        body.to_string()
    }
}

/// A body that was read to its end.
struct Payload {
    /// Its first bytes, enough for every push type.
    kept: Vec<u8>,
    length: usize,
}

/// Reads the whole body before anything is answered: clients take an answer in the middle of
/// their body for a broken stream. What is over the bound is counted and not kept.
async fn read(mut incoming: Incoming) -> Result<Payload, Refusal> {
    let mut payload = Payload {
        kept: Vec::new(),
        length: 0,
    };
    let reading = async {
        while let Some(frame) = incoming.frame().await {
            let frame = frame.map_err(|_| Reason::IdleTimeout)?;
            let Some(data) = frame.data_ref() else {
                continue;
            };
            payload.length += data.len();
            if payload.length > bounds::DRAINED {
                return Err(Refusal::from(Reason::PayloadTooLarge));
            }
            let room = bounds::BODY.saturating_sub(payload.kept.len());
            payload.kept.extend(&data[..room.min(data.len())]);
        }
        Ok(())
    };
    match timeout(bounds::READ, reading).await {
        Ok(read) => read.map(|()| payload),
        Err(_) => Err(Reason::IdleTimeout.into()),
    }
}
