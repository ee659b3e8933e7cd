//! Which bus to serve: the session's, or one of our own.
//!
//! Input: the environment and the runtime directory.
//! Output: a [`Source`] that can be connected to again after the bus went away.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::EdgeError;
use crate::private_bus::PrivateBus;
use crate::runtime::RuntimeDir;
use crate::session::{Links, Session, connect};

/// First pause before a new attempt to connect.
const RETRY_MIN: Duration = Duration::from_millis(100);
/// Longest pause between attempts.
const RETRY_MAX: Duration = Duration::from_secs(8);

/// Where the bus is.
#[derive(Debug)]
pub enum Source {
    /// The user's session bus.
    Session(String),
    /// Our own.
    Private(Box<PrivateBus>),
}

/// Finds the session bus, or starts a private one.
///
/// # Errors
///
/// [`EdgeError`] if there is none and none can be started.
pub async fn find(runtime: &RuntimeDir, service_dirs: Vec<PathBuf>) -> Result<Source, EdgeError> {
    if let Some(address) = session_address() {
        match connect(&address).await {
            Ok(_) => return Ok(Source::Session(address)),
            Err(error) => tracing::warn!(%error, "the session bus cannot be reached"),
        }
    }
    let private = PrivateBus::start(runtime.clone(), service_dirs).await?;
    Ok(Source::Private(Box::new(private)))
}

fn session_address() -> Option<String> {
    let named = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok();
    if let Some(address) = named.filter(|address| !address.is_empty()) {
        return Some(address);
    }
    let dir = std::env::var("XDG_RUNTIME_DIR").ok()?;
    let socket = Path::new(&dir).join("bus");
    let there = Path::new(&dir).is_absolute() && socket.exists();
    there.then(|| format!("unix:path={}", socket.display()))
}

impl Source {
    /// The address to connect to.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Session(address) => address,
            Self::Private(bus) => bus.address(),
        }
    }

    /// Serves for ever: when the bus goes away, waits for it with growing pauses.
    pub async fn serve(&mut self, first: Session, links: &mut Links) {
        first.run(links).await;
        let mut pause = RETRY_MIN;
        while !links.finished.is_closed() {
            tracing::warn!(?pause, "the bus is gone; connecting again");
            tokio::time::sleep(pause).await;
            match self.reopen(links).await {
                Ok(session) => {
                    tracing::info!("connected to the bus again");
                    pause = RETRY_MIN;
                    session.run(links).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "no bus yet");
                    pause = (pause * 2).min(RETRY_MAX);
                }
            }
        }
    }

    async fn reopen(&mut self, links: &Links) -> Result<Session, EdgeError> {
        if let Self::Private(bus) = self
            && connect(bus.address()).await.is_err()
        {
            bus.restart().await?;
        }
        Session::open(self.address(), links).await
    }

    /// Ends a bus of our own.
    pub async fn stop(self) {
        match self {
            Self::Session(_) => {}
            Self::Private(bus) => bus.stop().await,
        }
    }
}
