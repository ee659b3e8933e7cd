//! The phone's own page, on loopback: dial, accounts, levels, and where calls are heard.
//!
//! Input: HTTP requests with the page's token. Output: the page, its status as JSON, and commands
//! to the phone and to the browser's audio.
//!
//! # Promises
//!
//! - **W1** without the token only a page that says how to get in is served (401).
//! - **W2** a request for another host, as by DNS rebinding, is refused (421); one from another
//!   origin too (403).
//! - **W3** the page never rings and never answers: that is the system's calling UI.
//!
//! # Not here
//!
//! Calls as such: answer, hold and end are the system's; this page only shows them.

mod access;
mod routes;

use std::net::SocketAddr;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::browser::BrowserAudio;
use crate::phone::PhoneHandle;

pub use access::Access;

/// The port tried first.
pub const PORT: u16 = 8734;
/// Ports tried after the first.
const PORTS_TRIED: u16 = 100;

/// Why the page cannot be served.
#[derive(Debug, Error)]
#[error("no port from {first} on is free for the phone's page; set 'page_port' in phone.toml")]
pub struct NoPort {
    first: u16,
}

/// The running page.
#[derive(Debug)]
pub struct Page {
    /// The address without the token.
    pub url: String,
    /// The token that lets a browser or script in.
    pub token: String,
    task: JoinHandle<()>,
}

impl Page {
    /// Stops serving.
    pub fn stop(&self) {
        self.task.abort();
    }
}

/// Takes the first free port from `first` on (0: any), without serving yet.
pub async fn bind(first: u16) -> Result<(TcpListener, SocketAddr), NoPort> {
    for offset in 0..PORTS_TRIED {
        let Some(port) = first.checked_add(if first == 0 { 0 } else { offset }) else {
            break;
        };
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await
            && let Ok(address) = listener.local_addr()
        {
            return Ok((listener, address));
        }
    }
    Err(NoPort { first })
}

/// Serves the page.
pub fn serve(
    (listener, _address): (TcpListener, SocketAddr),
    access: Access,
    phone: PhoneHandle,
    browser: BrowserAudio,
) -> Page {
    let (url, token) = (access.url(), access.token().to_owned());
    let router = routes::router(phone, browser, access);
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::warn!(%error, "the phone's page stopped");
        }
    });
    Page { url, token, task }
}
