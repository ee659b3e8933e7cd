//! The little HTTP that a client of a development service needs: one `POST`, one answer.
//!
//! # Promises
//!
//! - **F1** it waits at most [`PATIENCE`] and reads at most [`ANSWER_BYTES_MAX`].

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// The longest wait for the next bytes.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Most bytes of an answer.
pub const ANSWER_BYTES_MAX: u64 = 32 << 20;

/// A service at `host:port`, asked as one user.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Host and port.
    pub address: String,
    /// What the service knows the user by; it should say nothing about them.
    pub user: String,
}

impl Peer {
    /// Posts a body to a path and gives the body of the answer.
    ///
    /// # Errors
    ///
    /// When the service cannot be reached, or answers with another status than 200.
    pub fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>> {
        let answer = self.exchange(path, body);
        let answer = answer.with_context(|| format!("asking {} for {path}", self.address))?;
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.context("the answer has no end of its head")?;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let body = answer[end + 4..].to_vec();
        let status = head.split(' ').nth(1).unwrap_or_default();
        match status {
            "200" => Ok(body),
            _ => bail!("{path}: {status}: {}", String::from_utf8_lossy(&body)),
        }
    }

    fn exchange(&self, path: &str, body: &[u8]) -> Result<Vec<u8>> {
        let mut addresses = self.address.to_socket_addrs()?;
        let address = addresses.next().context("the name has no address")?;
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        // HTTP/1.0: the answer is not cut into chunks, and ends with the connection.
        write!(
            stream,
            "POST {path} HTTP/1.0\r\nHost: {}\r\nUser-Agent: hookswitch-lookup\r\n\
             User-Identifier: {}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            self.user,
            body.len()
        )?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
        Ok(answer)
    }
}
