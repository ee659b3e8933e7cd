//! A refusal: a status of HTTP and a sentence that says what to do.

use std::fmt;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Why a request was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What to do.
    pub message: String,
    /// In how many seconds it is worth trying again; for 503.
    pub retry_seconds: Option<u32>,
}

impl Refusal {
    /// A refusal that trying again does not change.
    pub fn new(status: u16, message: impl fmt::Display) -> Self {
        Self {
            status,
            message: message.to_string(),
            retry_seconds: None,
        }
    }

    /// There is no room at the moment (503).
    pub fn busy(message: &str, retry_seconds: u32) -> Self {
        Self {
            status: 503,
            message: message.to_owned(),
            retry_seconds: Some(retry_seconds),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, self.message).into_response();
        if let Some(seconds) = self.retry_seconds {
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
