//! Asking an extension to load (CallKit starts it and calls `beginRequest`).

use std::time::Duration;

use hookswitch_wire::dbus::{EXTENSION_INTERFACE, EXTENSION_PATH, ErrorCode};
use tokio::sync::mpsc;
use zbus::Connection;

use super::LoadAsk;
use crate::error::BusError;

/// Longest wait for an extension to say that it will load, with its start.
pub const EXTENSION_MAX: Duration = Duration::from_secs(10);

/// Asks it, and starts it if it does not run. It loads after its answer.
async fn ask(connection: &Connection, id: &str) -> Result<(), BusError> {
    let body = (id,);
    let asked = connection.call_method(
        Some(id),
        EXTENSION_PATH,
        Some(EXTENSION_INTERFACE),
        "BeginRequest",
        &body,
    );
    match tokio::time::timeout(EXTENSION_MAX, asked).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            let text = format!("{id} cannot be asked to load ({error}); start its app");
            Err(BusError::new(ErrorCode::NotNow, text))
        }
        Err(_) => {
            let text = format!("{id} did not answer; end its app and try again");
            Err(BusError::new(ErrorCode::TimedOut, text))
        }
    }
}

/// Asks one after the other aside, so that a slow one holds up no other, until the daemon stops
/// asking.
pub(crate) async fn ask_all(connection: &Connection, asks: &mut mpsc::Receiver<LoadAsk>) {
    while let Some(LoadAsk { id, reply }) = asks.recv().await {
        let connection = connection.clone();
        tokio::spawn(async move {
            if reply.send(ask(&connection, &id).await).is_err() {
                tracing::debug!(
                    list = id,
                    "nobody waits any more for a list that was asked for"
                );
            }
        });
    }
    std::future::pending().await
}
