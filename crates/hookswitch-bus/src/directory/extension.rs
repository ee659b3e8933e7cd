//! Asking an extension to load (CallKit starts it and calls `beginRequest`).

use std::time::Duration;

use hookswitch_wire::dbus::{EXTENSION_INTERFACE, EXTENSION_PATH, ErrorCode};
use zbus::Connection;

use crate::error::BusError;

/// Longest wait for an extension to say that it will load, with its start.
pub const EXTENSION_MAX: Duration = Duration::from_secs(10);

/// Asks it, and starts it if it does not run. It loads after its answer.
pub(super) async fn ask(connection: &Connection, id: &str) -> Result<(), BusError> {
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

/// The same, while nobody waits for it: the user has just switched it on.
pub(super) fn ask_aside(connection: Connection, id: String) {
    tokio::spawn(async move {
        if let Err(error) = ask(&connection, &id).await {
            tracing::info!(list = id, %error, "a list that was switched on is not loaded yet");
        }
    });
}
