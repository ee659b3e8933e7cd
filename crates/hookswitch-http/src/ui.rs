//! The calling UI's files, and the login that turns a token in the address into a cookie.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};

use crate::guard::COOKIE;
use crate::reply::ApiError;
use crate::serve::Shared;

/// One file of the UI, as built.
struct Asset {
    path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Shown when this program was built without the UI.
const NOT_BUILT: &str = include_str!("pages/not-built.html");
/// Shown without the token.
const NO_TOKEN: &str = include_str!("pages/no-token.html");
/// The look of both; it tells nothing, so it is served without the token.
const PLAIN_STYLE: &str = include_str!("pages/plain.css");
/// Where that look is served.
pub(crate) const PLAIN_STYLE_PATH: &str = "/plain.css";

/// `GET /`: the page, or with `?token=` the login.
pub(crate) async fn index(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    match uri.query().and_then(login_token) {
        Some(token) if shared.token.matches(token) => login(&shared),
        Some(_) => unauthorized("/"),
        None => page(),
    }
}

/// The token in the query of a login address.
pub(crate) fn login_token(query: &str) -> Option<&str> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("token="))
}

fn login(shared: &Shared) -> Response {
    let cookie = format!(
        "{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict",
        shared.token.as_str()
    );
    let mut headers = HeaderMap::new();
    headers.insert(header::LOCATION, HeaderValue::from_static("/"));
    // The token is made of letters and digits, which every header takes.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn page() -> Response {
    match find("index.html") {
        Some(asset) => file(asset),
        None => Html(NOT_BUILT).into_response(),
    }
}

/// `GET /plain.css`: the look of the pages that stand in for the calling page.
pub(crate) async fn plain_style() -> Response {
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    let cache = HeaderValue::from_static("no-cache");
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)];
    (headers, PLAIN_STYLE).into_response()
}

/// Every other path: a file of the UI, or nothing.
pub(crate) async fn asset(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    match find(path) {
        Some(asset) => file(asset),
        None => ApiError::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            "There is nothing at this address.",
        )
        .into_response(),
    }
}

/// The refusal without the token: a page for people, JSON for programs.
pub(crate) fn unauthorized(path: &str) -> Response {
    if path == "/" {
        return (StatusCode::UNAUTHORIZED, Html(NO_TOKEN)).into_response();
    }
    let mut answer = ApiError::new(
        StatusCode::UNAUTHORIZED,
        "Unauthorized",
        "Show the token: run \"hookswitch ui\" for the address that carries it.",
    )
    .into_response();
    answer
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

fn file(asset: &Asset) -> Response {
    // Vite puts a hash of the content into the names below assets/.
    let cache = if asset.path.starts_with("assets/") {
        "private, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    (
        [
            (header::CONTENT_TYPE, asset.kind),
            (header::CACHE_CONTROL, cache),
        ],
        asset.bytes,
    )
        .into_response()
}
