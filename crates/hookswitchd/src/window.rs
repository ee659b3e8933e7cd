//! Opens the calling UI in a browser for a call that no notification shows.
//!
//! Input: presented calls without a notification. Output: one `xdg-open` at a time.
//!
//! # Promises
//!
//! - **W1** nothing opens unless the configuration allows it and a display is there.

use std::process::Stdio;

use hookswitch_model::CallId;
use tokio::process::Command;
use tokio::sync::{mpsc, watch};

/// Opens windows until the daemon stops.
pub async fn open_all(
    mut unshown: mpsc::Receiver<CallId>,
    address: watch::Receiver<Option<String>>,
    allowed: bool,
) {
    while let Some(call) = unshown.recv().await {
        let display = ["WAYLAND_DISPLAY", "DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        let address = address.borrow().clone();
        match address.filter(|_| allowed && display) {
            Some(url) => open(&url).await,
            None => tracing::info!(%call, "a call rings; see it with `hookswitch ui`"),
        }
    }
}

/// Waits for `xdg-open` itself, which returns when the browser has the address.
async fn open(url: &str) {
    let opened = Command::new("xdg-open")
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status();
    match tokio::time::timeout(std::time::Duration::from_secs(10), opened).await {
        Ok(Ok(status)) if status.success() => {}
        Ok(Ok(status)) => tracing::warn!(%status, "xdg-open could not open the calling UI"),
        Ok(Err(error)) => tracing::warn!(%error, "xdg-open could not be started"),
        Err(_) => tracing::warn!("xdg-open does not end"),
    }
}
