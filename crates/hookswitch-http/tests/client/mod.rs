//! A served edge with a scripted shell behind it, and a small HTTP client.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hookswitch_core::{Accepted, Request};
use hookswitch_http::{
    DirectoryQuery, HttpCommand, HttpEdge, HttpLimits, RecentsQuery, Token, bind,
};
use hookswitch_model::{Limits, Refusal, Rejection};
use hookswitch_wire::view::{Frame, View};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// A hang bound, not a measure.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A served edge. The test plays the shell at the other ends of its channels.
pub struct World {
    pub address: SocketAddr,
    pub commands: mpsc::Receiver<HttpCommand>,
    pub recents: mpsc::Receiver<RecentsQuery>,
    pub directory: mpsc::Receiver<DirectoryQuery>,
    pub views: watch::Sender<Arc<View>>,
    pub served: JoinHandle<std::io::Result<()>>,
}

/// Serves with our limits and queues of this size.
pub async fn world(limits: HttpLimits, queue: usize) -> World {
    world_at(limits, queue, Limits::default()).await
}

/// The same with limits of the call system.
pub async fn world_at(limits: HttpLimits, queue: usize, rates: Limits) -> World {
    let listener = bind(0, 1).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (to_shell, commands) = mpsc::channel(queue);
    let (to_store, recents) = mpsc::channel(queue);
    let (to_lists, directory) = mpsc::channel(queue);
    let (views, seen) = watch::channel(Arc::new(view(1)));
    let edge = HttpEdge {
        listener,
        token: Token::from_text(TOKEN).unwrap(),
        commands: to_shell,
        views: seen,
        recents: to_store,
        directory: to_lists,
        icons: watch::channel(Arc::default()).1,
        limits,
        rates,
    };
    World {
        address,
        commands,
        recents,
        directory,
        views,
        served: tokio::spawn(edge.serve(pending())),
    }
}

/// The committed sample, with this revision.
pub fn view(revision: u64) -> View {
    let sample = include_str!("../../../hookswitch-wire/samples/view-frame.json");
    let Frame::View { view } = serde_json::from_str(sample).unwrap() else {
        panic!("a whole view");
    };
    View { revision, ..*view }
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

impl World {
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// GET with the token.
    pub async fn get(&self, path: &str) -> Answer {
        let head = format!("Authorization: Bearer {TOKEN}\r\nHost: {}\r\n", self.host());
        self.send("GET", path, &head, "").await
    }

    /// POST of JSON to the requests address, with the token.
    pub async fn post(&self, body: &str) -> Answer {
        let head = format!(
            "Authorization: Bearer {TOKEN}\r\nHost: {}\r\nContent-Type: application/json\r\n",
            self.host()
        );
        self.send("POST", "/api/v1/requests", &head, body).await
    }

    /// Any request, on a connection of its own.
    pub async fn send(&self, method: &str, path: &str, head: &str, body: &str) -> Answer {
        exchange(&self.host(), method, path, head, body).await
    }

    /// Takes the next command and replies to it.
    pub async fn reply(&mut self, result: Result<Accepted, Rejection>) -> Request {
        let next = tokio::time::timeout(PATIENCE, self.commands.recv()).await;
        let command = next.unwrap().unwrap();
        command.reply.send(result.map_err(Refusal::from)).unwrap();
        command.wish
    }
}

/// One request and its answer, on a connection of its own.
pub async fn exchange(address: &str, method: &str, path: &str, head: &str, body: &str) -> Answer {
    let length = body.len();
    let text = format!(
        "{method} {path} HTTP/1.1\r\n{head}Content-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        // A server that refuses early may reset the connection after its answer.
        let _ = stream.read_to_end(&mut bytes).await;
        String::from_utf8(bytes).unwrap()
    };
    let text = tokio::time::timeout(PATIENCE, exchange).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head[9..12].parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
