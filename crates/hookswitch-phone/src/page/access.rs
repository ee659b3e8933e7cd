//! Who may use the page: the token, and the checks against other hosts and origins.
//!
//! Input: a request's headers and query. Output: a [`Verdict`]. Pure apart from making the token.

use std::net::SocketAddr;

use axum::http::{HeaderMap, header};

/// The cookie that carries the token.
pub const COOKIE: &str = "hookswitch_phone_token";

/// What is done with a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is served.
    Allowed,
    /// The token is missing or wrong (401).
    NoToken,
    /// It comes from another origin (403).
    ForeignOrigin,
    /// It is for another host (421).
    ForeignHost,
}

/// The rules of one running page.
#[derive(Clone, Debug)]
pub struct Access {
    port: u16,
    token: String,
}

impl Access {
    /// Rules for a page at this address, with a fresh token.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            port: address.port(),
            token: fresh_token(),
        }
    }

    /// The token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The page's address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The address to open: with the token.
    pub fn entry(&self) -> String {
        format!("{}/?token={}", self.url(), self.token)
    }

    /// True if this is the token.
    pub fn is_token(&self, given: &str) -> bool {
        // Looks at every byte, so that time tells nothing.
        let differences = given.bytes().zip(self.token.bytes()).map(|(a, b)| a ^ b);
        given.len() == self.token.len() && differences.fold(0, |all, one| all | one) == 0
    }

    /// Decides about a request.
    pub fn judge(&self, headers: &HeaderMap) -> Verdict {
        if !text(headers, header::HOST).is_some_and(|host| self.is_ours(host)) {
            return Verdict::ForeignHost;
        }
        if let Some(origin) = headers.get(header::ORIGIN) {
            let host = origin
                .to_str()
                .ok()
                .and_then(|origin| origin.strip_prefix("http://"));
            if !host.is_some_and(|host| self.is_ours(host)) {
                return Verdict::ForeignOrigin;
            }
        }
        if self.has_token(headers) {
            Verdict::Allowed
        } else {
            Verdict::NoToken
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        ["127.0.0.1", "localhost", "[::1]"]
            .iter()
            .any(|name| host.strip_prefix(name) == Some(&format!(":{}", self.port)))
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        let bearer = text(headers, header::AUTHORIZATION)
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|given| self.is_token(given));
        let cookie = text(headers, header::COOKIE).is_some_and(|all| {
            let mut pairs = all
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='));
            pairs.any(|(name, value)| name == COOKIE && self.is_token(value))
        });
        bearer || cookie
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn fresh_token() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the kernel's random source is always there on Linux");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_host_our_origin_and_our_token_are_let_in() {
        let access = Access::new(SocketAddr::from(([127, 0, 0, 1], 8734)));
        let bearer = format!("Bearer {}", access.token());
        let cookie = format!("a=b; {COOKIE}={}", access.token());
        let host = ("host", "127.0.0.1:8734");
        let allowed = [
            ("authorization", bearer.as_str()),
            ("cookie", cookie.as_str()),
        ];
        for token in allowed {
            check(&access, &[host, token], Verdict::Allowed);
            check(
                &access,
                &[("host", "localhost:8734"), token],
                Verdict::Allowed,
            );
            check(
                &access,
                &[host, token, ("origin", "http://127.0.0.1:8734")],
                Verdict::Allowed,
            );
            for origin in ["http://127.0.0.1:8733", "https://127.0.0.1:8734", "null"] {
                check(
                    &access,
                    &[host, token, ("origin", origin)],
                    Verdict::ForeignOrigin,
                );
            }
            for host in [
                "evil.example:8734",
                "127.0.0.1",
                "127.0.0.1:1",
                "127.0.0.1.x:8734",
            ] {
                check(&access, &[("host", host), token], Verdict::ForeignHost);
            }
            check(&access, &[token], Verdict::ForeignHost);
        }
        check(&access, &[host], Verdict::NoToken);
        check(
            &access,
            &[host, ("authorization", "Bearer x")],
            Verdict::NoToken,
        );
        check(
            &access,
            &[host, ("cookie", "hookswitch_phone_token=")],
            Verdict::NoToken,
        );
    }

    #[test]
    fn tokens_differ() {
        assert_ne!(fresh_token(), fresh_token());
    }

    #[track_caller]
    fn check(access: &Access, headers: &[(&'static str, &str)], want: Verdict) {
        let headers = headers.iter().map(|(name, value)| {
            let name = header::HeaderName::from_static(name);
            (name, value.parse().expect("a header value"))
        });
        assert_eq!(access.judge(&headers.collect()), want);
    }
}
