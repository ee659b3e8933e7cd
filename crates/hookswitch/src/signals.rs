//! Hears the daemon's signals, and nobody else's.

use std::sync::Arc;

use futures_util::StreamExt as _;
use hookswitch_wire::dbus::{BUS_NAME, OBJECT_PATH};
use tokio::task::JoinSet;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream};

use crate::error::Error;
use crate::link::{Owner, Role};

/// Starts to hear; dropping the result ends it. Each signal is handed over at once, so that the
/// connection is never held up.
pub(crate) async fn listen<R: Role>(
    connection: &Connection,
    owner: Owner,
    role: Arc<R>,
) -> Result<JoinSet<()>, Error> {
    let mut stream = subscribe(connection, R::SIGNALS)
        .await
        .map_err(|error| Error::BadReply(error.to_string()))?;
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Some(message) = stream.next().await {
            let Ok(message) = message else { return };
            let header = message.header();
            if owner.is(header.sender().map(|name| name.as_str())) {
                role.signal(&message);
            }
        }
    });
    Ok(tasks)
}

async fn subscribe(
    connection: &Connection,
    interface: &'static str,
) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(BUS_NAME)
        .path(OBJECT_PATH)
        .interface(interface)
        .build()?;
    MessageStream::for_match_rule(rule, connection, None).await
}
