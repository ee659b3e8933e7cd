//! Who may come in: `Host`, then `Origin`, then the token. And what every answer carries.
//!
//! # Promises
//!
//! - **D1** a request whose `Host` is not our loopback address and port is refused (421), whatever
//!   else it shows: a page that rebinds its name to 127.0.0.1 reads nothing.
//! - **D2** a request with an `Origin` other than ours is refused (403), also before an upgrade.
//! - **D3** without the token only the page that says how to get the address is told (401), and
//!   the style sheet of that page.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::reply::ApiError;
use crate::serve::Shared;
use crate::ui;

/// Where files of numbers go, which take their time.
const FILES: [&str; 2] = ["/api/v1/directory/lint", "/api/v1/directory/lists/"];

/// The cookie that carries the token.
pub(crate) const COOKIE: &str = "hookswitch_token";

/// Refuses what may not come in; adds the safety headers to everything that goes out.
pub(crate) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let answer = match refusal(&shared, &request) {
        Some(refusal) => refusal,
        None => in_time(&shared, request, next).await,
    };
    with_safety_headers(answer, &shared)
}

async fn in_time(shared: &Shared, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_file = FILES.iter().any(|files| path.starts_with(files));
    let within = match is_file {
        true => shared.limits.import,
        false => shared.limits.request,
    };
    let answer = tokio::time::timeout(within, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        let message = "The request took too long to arrive. Send it again.";
        ApiError::new(StatusCode::REQUEST_TIMEOUT, "Timeout", message).into_response()
    })
}

/// Why the request may not come in, if it may not.
fn refusal(shared: &Shared, request: &Request) -> Option<Response> {
    let (uri, headers) = (request.uri(), request.headers());
    let checked = check_host(shared, uri, headers).and_then(|()| check_origin(shared, headers));
    if let Err(error) = checked {
        return Some(error.into_response());
    }
    let is_in = has_token(shared, headers) || is_login(uri) || uri.path() == ui::PLAIN_STYLE_PATH;
    (!is_in).then(|| ui::unauthorized(uri.path()))
}

/// `/?token=…` is checked by its own handler.
fn is_login(uri: &Uri) -> bool {
    uri.path() == "/"
        && uri
            .query()
            .is_some_and(|query| ui::login_token(query).is_some())
}

fn check_host(shared: &Shared, uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let is_ours = host.is_some_and(|host| shared.is_our_host(host)) && hosts.next().is_none();
    let target_is_ours = uri
        .authority()
        .is_none_or(|authority| shared.is_our_host(authority.as_str()));
    if is_ours && target_is_ours {
        Ok(())
    } else {
        Err(ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            "ForeignHost",
            "Hookswitch answers only to its own loopback address. Use the address it printed.",
        ))
    }
}

fn check_origin(shared: &Shared, headers: &HeaderMap) -> Result<(), ApiError> {
    let is_ours = |origin: &HeaderValue| {
        let host = origin.to_str().ok()?.strip_prefix("http://")?;
        Some(shared.is_our_host(host))
    };
    if headers
        .get_all(header::ORIGIN)
        .iter()
        .all(|origin| is_ours(origin) == Some(true))
    {
        Ok(())
    } else {
        Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "ForeignOrigin",
            "Pages of other sites may not use Hookswitch.",
        ))
    }
}

/// Whether the request shows the token, as `Authorization: Bearer` or as cookie.
fn has_token(shared: &Shared, headers: &HeaderMap) -> bool {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value);
    bearer
        .into_iter()
        .chain(cookies)
        .any(|shown| shared.token.matches(shown))
}

fn with_safety_headers(mut answer: Response, shared: &Shared) -> Response {
    let headers = answer.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, shared.policy.clone());
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// The content policy: our own files only, and WebSockets to ourselves. A source cannot be an IPv6
/// address (CSP level 3, section 2.3.1); browsers count such a WebSocket as 'self'.
pub(crate) fn content_policy(port: u16) -> HeaderValue {
    let text = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         font-src 'self'; media-src 'self'; manifest-src 'self'; \
         connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&text).expect("made of printable ASCII")
}
