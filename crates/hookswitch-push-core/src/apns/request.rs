//! One request: its path, its headers, its body.

use super::reason::Reason;
use super::topic::{self, Kind};
use crate::frame::Secret;
use crate::push::{Priority, PushId};

/// A request for a device, as far as its text says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Posted {
    /// The id that the sender gave.
    pub id: Option<PushId>,
    /// The app of the topic.
    pub app: String,
    /// What the push is for.
    pub kind: Kind,
    /// How urgent it is.
    pub priority: Priority,
    /// When it expires, in seconds since 1970.
    pub expiration: Option<u64>,
    /// What it replaces on the screen.
    pub collapse: Option<String>,
}

/// What the sender proved about itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Sender {
    /// A provider token; the apps its key may send to, or all of its team.
    Token {
        /// The apps.
        apps: Option<Vec<String>>,
    },
    /// A client certificate with these topics.
    Certificate {
        /// The topics, with suffixes.
        topics: Vec<String>,
    },
}

/// What a body is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Body {
    /// Its bytes.
    pub length: usize,
    /// Whether it is one JSON object.
    pub is_object: bool,
}

/// The longest token, in hex digits: one byte of length on the device link.
const TOKEN_MAX: usize = 200;
/// The longest collapse id, in bytes.
const COLLAPSE_MAX: usize = 64;

/// The hex digits in the path of a device, or what is wrong with method and path.
///
/// # Errors
///
/// The published reason.
pub fn target<'a>(method: &str, path: &'a str) -> Result<&'a str, Reason> {
    let broadcast = path.starts_with("/4/broadcasts/apps/");
    let channels = path.starts_with("/1/apps/") && path.contains("channels");
    if broadcast || channels {
        return Err(Reason::FeatureNotEnabled);
    }
    let token = path.strip_prefix("/3/device").ok_or(Reason::BadPath)?;
    if method != "POST" {
        return Err(Reason::MethodNotAllowed);
    }
    match token.strip_prefix('/') {
        None if token.is_empty() => Err(Reason::MissingDeviceToken),
        Some("") => Err(Reason::MissingDeviceToken),
        Some(token) if !token.contains('/') => Ok(token),
        Some(_) | None => Err(Reason::BadPath),
    }
}

/// The bytes of a token in hex.
///
/// # Errors
///
/// `BadDeviceToken`.
pub fn token(hex: &str) -> Result<Secret, Reason> {
    let digit = |c: u8| {
        char::from(c)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let pair = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    let fits = hex.len().is_multiple_of(2) && (2..=TOKEN_MAX).contains(&hex.len());
    let bytes = fits.then(|| hex.as_bytes().chunks(2).map(pair).collect());
    bytes.flatten().map(Secret).ok_or(Reason::BadDeviceToken)
}

/// Reads the headers that belong to the API; others are not looked at.
///
/// # Errors
///
/// The published reason.
pub fn headers(headers: &[(&str, &[u8])], sender: &Sender) -> Result<Posted, Reason> {
    let find = |name: &str| -> Result<Option<&str>, Reason> {
        let mut values = headers.iter().filter(|(known, _)| *known == name);
        let Some((_, value)) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Reason::DuplicateHeaders);
        }
        Ok(Some(core::str::from_utf8(value).unwrap_or("\u{fffd}")))
    };
    let id = find("apns-id")?.map(|text| uuid(text).ok_or(Reason::BadMessageId));
    let id = id.transpose()?;
    let expiration = find("apns-expiration")?.map(|text| text.parse::<u64>());
    let expiration = expiration
        .transpose()
        .map_err(|_| Reason::BadExpirationDate)?;
    let priority = find("apns-priority")?.map(priority).transpose()?;
    let collapse = find("apns-collapse-id")?.map(str::to_owned);
    if collapse
        .as_ref()
        .is_some_and(|text| text.len() > COLLAPSE_MAX)
    {
        return Err(Reason::BadCollapseId);
    }
    let named =
        find("apns-push-type")?.map(|name| Kind::named(name).ok_or(Reason::InvalidPushType));
    let topic = match find("apns-topic")? {
        Some(topic) => topic,
        None => sender.only_topic().ok_or(Reason::MissingTopic)?,
    };
    let (app, kind) = topic::split(topic, named.transpose()?)?;
    sender.may_send(topic, app, kind)?;
    Ok(Posted {
        id,
        app: app.to_owned(),
        kind,
        priority: allowed(priority, kind)?,
        expiration,
        collapse,
    })
}

/// Whether a body may be sent as this kind of push.
///
/// # Errors
///
/// The published reason.
pub fn body(body: Body, kind: Kind) -> Result<(), Reason> {
    if body.length == 0 {
        return Err(Reason::PayloadEmpty);
    }
    if body.length > kind.body_max() {
        return Err(Reason::PayloadTooLarge);
    }
    body.is_object.then_some(()).ok_or(Reason::PayloadEmpty)
}

impl Sender {
    fn only_topic(&self) -> Option<&str> {
        match self {
            Self::Certificate { topics } => match topics.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            Self::Token { .. } => None,
        }
    }

    fn may_send(&self, topic: &str, app: &str, kind: Kind) -> Result<(), Reason> {
        let may = match self {
            Self::Token { apps: None } => true,
            Self::Token { apps: Some(apps) } => apps.iter().any(|known| known == app),
            Self::Certificate { .. } if kind == Kind::Location => false,
            Self::Certificate { topics } => topics.iter().any(|known| known == topic),
        };
        may.then_some(()).ok_or(Reason::TopicDisallowed)
    }
}

fn priority(text: &str) -> Result<Priority, Reason> {
    match text {
        "10" => Ok(Priority::Immediate),
        "5" => Ok(Priority::Power),
        "1" => Ok(Priority::Low),
        _ => Err(Reason::BadPriority),
    }
}

/// A background push is 5 when nothing is said, and never 10.
fn allowed(priority: Option<Priority>, kind: Kind) -> Result<Priority, Reason> {
    match (kind, priority) {
        (Kind::Background, Some(Priority::Immediate)) => Err(Reason::BadPriority),
        (Kind::Background, None) => Ok(Priority::Power),
        (_, priority) => Ok(priority.unwrap_or(Priority::Immediate)),
    }
}

/// A UUID in its canonical form of 8-4-4-4-12 hex digits.
fn uuid(text: &str) -> Option<PushId> {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    if groups != [8, 4, 4, 4, 12] {
        return None;
    }
    let Secret(bytes) = token(&text.replace('-', "")).ok()?;
    bytes.try_into().ok().map(PushId)
}
