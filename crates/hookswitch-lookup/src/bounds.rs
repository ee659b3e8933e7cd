//! What a stranger may take of the service: every bound has its name here.
//!
//! The defaults are for a machine of the size of a small server; tests make them smaller.

use std::time::Duration;

/// The bounds of a service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// Connections at once; one more is told 503 and closed.
    pub connections: usize,
    /// How long the head of a request may take, and how long a connection may say nothing.
    pub head: Duration,
    /// Bytes of a head.
    pub head_bytes: usize,
    /// How long a body may take.
    pub body: Duration,
    /// Bytes of a body (Apple's example service: 10 MiB).
    pub body_bytes: usize,
    /// Bytes of a question for the configuration: a few names.
    pub config_bytes: usize,
    /// Bytes of all bodies at once.
    pub bodies_bytes: usize,
    /// Bytes of all bodies of one connection at once: HTTP/2 has many streams in one.
    pub connection_bodies_bytes: usize,
    /// How long a connection may live before it is asked to end, so that one that reads its
    /// answers slowly does not keep its place for ever.
    pub connection: Duration,
    /// How long open requests may take when a connection or the service ends.
    pub drain: Duration,
    /// Answers that are computed at once; `None` for as many as there are cores.
    pub cores: Option<usize>,
    /// Requests that wait in line for a core; one more is told 503.
    pub line: usize,
    /// How long a request waits in line before it is told 503. A phone that rings waits.
    pub line_wait: Duration,
    /// What a request that was told 503 is asked to wait, in seconds.
    pub retry_seconds: u32,
    /// Streams of one HTTP/2 connection at once.
    pub streams: u32,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
}

/// Descriptors that are left to files, logs and what else is not a connection.
const OTHER_DESCRIPTORS: u64 = 128;

impl Bounds {
    /// The defaults, with no more connections than this process may have descriptors; it is given
    /// as many as the system allows first.
    pub fn of_this_process() -> Self {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let wanted = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        let _ = setrlimit(Resource::Nofile, wanted);
        Self::default().with_descriptors(getrlimit(Resource::Nofile).current)
    }

    /// These bounds in a process with so many descriptors, `None` for any number.
    pub fn with_descriptors(mut self, descriptors: Option<u64>) -> Self {
        let free = descriptors.map(|all| all.saturating_sub(OTHER_DESCRIPTORS).max(1));
        let free = free.and_then(|free| usize::try_from(free).ok());
        self.connections = self.connections.min(free.unwrap_or(usize::MAX));
        self
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 4_096,
            head: Duration::from_secs(15),
            head_bytes: 16 << 10,
            body: Duration::from_secs(20),
            body_bytes: 10 << 20,
            config_bytes: 16 << 10,
            bodies_bytes: 512 << 20,
            connection_bodies_bytes: 64 << 20,
            connection: Duration::from_secs(300),
            drain: Duration::from_secs(10),
            cores: None,
            line: 256,
            line_wait: Duration::from_secs(5),
            retry_seconds: 2,
            streams: 64,
            handshake: Duration::from_secs(10),
        }
    }
}
