//! The little HTTP that a client needs: one request, one answer, one connection.
//!
//! # Promises
//!
//! - **F1** it waits at most [`PATIENCE`] for bytes and reads at most [`ANSWER_BYTES_MAX`].
//! - **F2** an answer that ends early is an error, never a shorter answer.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use bhttp::{Message, Mode};
use ohttp::ClientRequest;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::gateway;
use crate::tokens::wallet::Wallet;

/// The longest wait for the next bytes.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Most bytes of an answer.
pub const ANSWER_BYTES_MAX: u64 = 32 << 20;

/// What the client calls itself.
const AGENT: &str = "hookswitch-lookup";

/// How a host is reached.
#[derive(Clone)]
pub struct Transport {
    /// `host:port`.
    host: String,
    tls: Option<Arc<ClientConfig>>,
    relay: Option<Arc<Relay>>,
}

/// A relay, and the gateway behind it.
struct Relay {
    transport: Transport,
    path: String,
    /// The key configurations of the gateway.
    configs: Vec<u8>,
}

/// A service, asked as one user.
#[derive(Clone)]
pub struct Peer {
    /// How it is reached.
    pub transport: Transport,
    /// What the service knows the user by; it should say nothing about them.
    pub user: String,
    /// Tokens, where the service wants them.
    pub wallet: Option<Wallet>,
}

impl Peer {
    /// Posts a body to a path and gives the body of the answer.
    ///
    /// # Errors
    ///
    /// When the service cannot be reached, or answers with another status than 200.
    pub fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>> {
        let token = self.wallet.as_ref().map(Wallet::take).transpose()?;
        let token = token.map(|token| token.to_header());
        let mut headers = vec![("User-Identifier", &self.user[..])];
        headers.extend(token.as_deref().map(|token| ("Authorization", token)));
        self.transport.post(path, &headers, body)
    }
}

impl Transport {
    /// HTTP without a cover, to `host:port`: for development.
    pub fn plain(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            tls: None,
            relay: None,
        }
    }

    /// HTTP over TLS, to `host:port`.
    pub fn tls(host: &str, config: Arc<ClientConfig>) -> Self {
        Self {
            tls: Some(config),
            ..Self::plain(host)
        }
    }

    /// The same host through a relay (RFC 9458), which posts to a gateway with these key
    /// configurations.
    pub fn through(self, relay: Transport, path: &str, configs: Vec<u8>) -> Self {
        let relay = Relay {
            transport: relay,
            path: path.to_owned(),
            configs,
        };
        Self {
            relay: Some(Arc::new(relay)),
            ..self
        }
    }

    /// Gets a page.
    ///
    /// # Errors
    ///
    /// When the host cannot be reached, or answers with another status than 200.
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Vec<u8>> {
        self.send("GET", path, headers, &[])
    }

    /// Posts a body to a path.
    ///
    /// # Errors
    ///
    /// When the host cannot be reached, or answers with another status than 200.
    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Vec<u8>> {
        self.send("POST", path, headers, body)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Vec<u8>> {
        let (status, body) = match &self.relay {
            Some(relay) => self.send_through(relay, method, path, headers, body)?,
            None => {
                let answer = self.exchange(&head(&self.host, method, path, headers, body), body);
                let answer = answer.with_context(|| format!("asking {} for {path}", self.host))?;
                parse(&answer).with_context(|| format!("{path}: no answer"))?
            }
        };
        match status {
            200 => Ok(body),
            _ => bail!("{path}: {status}: {}", String::from_utf8_lossy(&body)),
        }
    }

    fn send_through(
        &self,
        relay: &Relay,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<(u16, Vec<u8>)> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let mut message = Message::request(
            method.into(),
            scheme.into(),
            self.host[..].into(),
            path.into(),
        );
        message.put_header("user-agent", AGENT);
        for (name, value) in headers {
            message.put_header(name.to_ascii_lowercase(), *value);
        }
        message.write_content(body);
        let mut bytes = Vec::new();
        message.write_bhttp(Mode::KnownLength, &mut bytes)?;
        let request = ClientRequest::from_encoded_config_list(&relay.configs)?;
        let (wrapped, wrapping) = request.encapsulate(&bytes)?;
        let kind = [("Content-Type", gateway::REQUEST)];
        let answer = relay.transport.post(&relay.path, &kind, &wrapped);
        let answer = answer.context("through the relay")?;
        let answer = wrapping.decapsulate(&answer);
        gateway::inner_response(&answer.context("the relayed answer was changed")?)
    }

    fn exchange(&self, head: &str, body: &[u8]) -> Result<Vec<u8>> {
        let mut connected = Err(anyhow!("the name has no address"));
        for address in self.host.to_socket_addrs()? {
            connected = TcpStream::connect_timeout(&address, PATIENCE).map_err(Into::into);
            if connected.is_ok() {
                break;
            }
        }
        let stream = connected?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let Some(tls) = &self.tls else {
            return say(stream, head, body);
        };
        let (name, _) = self.host.rsplit_once(':').context("the host has no port")?;
        let name = ServerName::try_from(name.to_owned())?;
        let session = ClientConnection::new(Arc::clone(tls), name)?;
        say(StreamOwned::new(session, stream), head, body)
    }
}

/// Says a request and hears the answer to its end.
fn say(mut stream: impl Read + Write, head: &str, body: &[u8]) -> Result<Vec<u8>> {
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    stream.flush()?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    Ok(answer)
}

/// The head of a request. HTTP/1.0: the answer is not cut into chunks.
fn head(host: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
    let mut head = format!(
        "{method} {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\n\
         Content-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head + "\r\n"
}

/// Status and body of an answer.
fn parse(answer: &[u8]) -> Result<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.context("it has no end of its head")?;
    let head = std::str::from_utf8(&answer[..end]).context("its head is no text")?;
    let body = &answer[end + 4..];
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_it = name.eq_ignore_ascii_case("content-length");
        is_it.then(|| value.trim().parse::<usize>().ok())?
    });
    ensure!(
        length.is_none_or(|length| length == body.len()),
        "it ends early"
    );
    Ok((status.context("it has no status")?, body.to_vec()))
}
