//! A tiny registrar that checks digests by its own MD5 arithmetic (RFC 2617, RFC 3261 22.4).

use std::time::Duration;

use md5::{Digest as _, Md5};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// The user it knows.
pub const USER: &str = "ana";
/// Its password.
pub const PASSWORD: &str = "s3cret";
const REALM: &str = "hookswitch.test";
const NONCE: &str = "dcd98b7102dd2f0e8b11d0f600bfb0c093";

/// Which challenge it sends.
#[derive(Clone, Copy, Debug)]
pub enum Challenge {
    /// 401 with `WWW-Authenticate`.
    Server,
    /// 407 with `Proxy-Authenticate`.
    Proxy,
}

/// What it saw.
#[derive(Debug, Eq, PartialEq)]
pub enum Seen {
    /// A request without credentials was challenged.
    Challenged(String),
    /// Correct credentials; for a REGISTER with these seconds.
    Accepted(String, Option<u32>),
    /// Wrong credentials.
    Refused(String),
}

/// Starts it; gives its address and what it sees.
pub async fn start(challenge: Challenge, granted: u32) -> (String, mpsc::Receiver<Seen>) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("bound").to_string();
    let (outbox, seen) = mpsc::channel(64);
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if request.starts_with("ACK ") {
                continue;
            }
            let (reply, news) = answer(&request, challenge, granted);
            if socket.send_to(reply.as_bytes(), from).await.is_err()
                || outbox.send(news).await.is_err()
            {
                return;
            }
        }
    });
    (address, seen)
}

/// The next thing it sees.
pub async fn next(seen: &mut mpsc::Receiver<Seen>) -> Seen {
    let next = tokio::time::timeout(Duration::from_secs(20), seen.recv()).await;
    next.expect("the phone sends in time")
        .expect("the registrar runs")
}

fn answer(request: &str, challenge: Challenge, granted: u32) -> (String, Seen) {
    let method = request.split(' ').next().unwrap_or_default().to_owned();
    let (status, header, credentials) = match challenge {
        Challenge::Server => ("401 Unauthorized", "WWW-Authenticate", "Authorization"),
        Challenge::Proxy => (
            "407 Proxy Authentication Required",
            "Proxy-Authenticate",
            "Proxy-Authorization",
        ),
    };
    let demand = format!(
        "{header}: Digest realm=\"{REALM}\", nonce=\"{NONCE}\", algorithm=MD5, qop=\"auth\"\r\n"
    );
    let Some(given) = field(request, credentials) else {
        return (reply(request, status, &demand), Seen::Challenged(method));
    };
    if !is_correct(&given, &method) {
        return (reply(request, "403 Forbidden", ""), Seen::Refused(method));
    }
    if method != "REGISTER" {
        return (
            reply(request, "486 Busy Here", ""),
            Seen::Accepted(method, None),
        );
    }
    let asked = field(request, "Expires").and_then(|value| value.parse().ok());
    let expires = if asked == Some(0) { 0 } else { granted };
    let contact = field(request, "Contact").unwrap_or_default();
    let extra = format!("Contact: {contact};expires={expires}\r\n");
    (
        reply(request, "200 OK", &extra),
        Seen::Accepted(method, asked),
    )
}

fn reply(request: &str, status: &str, extra: &str) -> String {
    let copied: String = request
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| {
            let name = line
                .split(':')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            ["via", "from", "to", "call-id", "cseq"].contains(&name.as_str())
        })
        .map(
            |line| match line.to_ascii_lowercase().starts_with("to:") && !line.contains("tag=") {
                true => format!("{line};tag=registrar\r\n"),
                false => format!("{line}\r\n"),
            },
        )
        .collect();
    format!("SIP/2.0 {status}\r\n{copied}{extra}Content-Length: 0\r\n\r\n")
}

fn field(request: &str, name: &str) -> Option<String> {
    let mut lines = request.lines().take_while(|line| !line.is_empty());
    let line = lines.find(|line| {
        line.split(':')
            .next()
            .is_some_and(|have| have.trim().eq_ignore_ascii_case(name))
    })?;
    line.split_once(':')
        .map(|(_, value)| value.trim().to_owned())
}

fn is_correct(credentials: &str, method: &str) -> bool {
    let part = |name: &str| {
        let all = credentials.trim_start_matches("Digest ").split(',');
        let mut pairs = all.filter_map(|pair| pair.trim().split_once('='));
        let found = pairs.find(|(have, _)| *have == name);
        found
            .map(|(_, value)| value.trim_matches('"').to_owned())
            .unwrap_or_default()
    };
    let secret = hash(&format!("{USER}:{REALM}:{PASSWORD}"));
    let request = hash(&format!("{method}:{}", part("uri")));
    let (nc, cnonce) = (part("nc"), part("cnonce"));
    let want = hash(&format!("{secret}:{NONCE}:{nc}:{cnonce}:auth:{request}"));
    part("username") == USER && part("nonce") == NONCE && part("response") == want
}

fn hash(text: &str) -> String {
    Md5::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
