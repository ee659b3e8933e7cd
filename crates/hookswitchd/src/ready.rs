//! Tells whoever started the daemon that it is ready.
//!
//! Input: the addresses it serves. Output: one line on standard error, or JSON on standard output;
//! `READY=1` for systemd (sd_notify(3), protocol of `NOTIFY_SOCKET`).

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use crate::log;

/// What is ready.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The address of the calling UI with its token, if it is served.
    pub url: Option<String>,
    /// The bus, as clients find it.
    pub bus: String,
    /// Since the process started.
    pub took: Duration,
}

/// Tells it.
pub fn tell(ready: &Ready, json: bool) {
    let took_ms = ready.took.as_secs_f64() * 1000.0;
    if json {
        let line = serde_json::json!({
            "event": "ready",
            "url": ready.url,
            "bus": ready.bus,
            "pid": std::process::id(),
            "took_ms": took_ms,
        });
        log::say(io::stdout(), &line.to_string());
    }
    let ui = match &ready.url {
        Some(_) => "calling UI: hookswitch ui",
        None => "calling UI: not served",
    };
    let bus = &ready.bus;
    let line = format!("hookswitchd: ready in {took_ms:.0} ms; {ui}; bus: {bus}");
    log::say(io::stderr(), &line);
    if let Err(error) = notify("READY=1") {
        tracing::warn!(%error, "systemd was not told that the daemon is ready");
    }
}

/// Tells systemd that the daemon is leaving.
pub fn tell_stopping() {
    if let Err(error) = notify("STOPPING=1") {
        tracing::debug!(%error, "systemd was not told that the daemon is leaving");
    }
}

fn notify(state: &str) -> std::io::Result<()> {
    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else {
        return Ok(());
    };
    let name = name.to_string_lossy();
    let address = match name.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(&*name)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.send_to_addr(state.as_bytes(), &address)?;
    Ok(())
}
