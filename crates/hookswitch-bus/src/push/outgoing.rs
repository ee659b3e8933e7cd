//! What apps are told about their pushes, each app by a task of its own.

use hookswitch_push_core::device::Handed;
use hookswitch_wire::dbus::{PUSH_APP_INTERFACE, PUSH_PATH, PushAbout};
use tokio::sync::mpsc;
use zbus::message::Flags;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, Message};

use super::port::PushTold;

/// Most messages that wait for one app.
const OUTBOX_MAX: usize = 64;

/// Opens the way to an app. Its task ends when the sender is dropped.
pub(super) fn open(connection: &Connection, unique: OwnedUniqueName) -> mpsc::Sender<PushTold> {
    let (sender, mut told) = mpsc::channel(OUTBOX_MAX);
    let connection = connection.clone();
    tokio::spawn(async move {
        while let Some(told) = told.recv().await {
            let sent = match message(&unique, &told) {
                Ok(message) => connection.send(&message).await,
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                tracing::warn!(app = %unique, %error, "an app could not be told of a push");
            }
        }
    });
    sender
}

fn message(to: &OwnedUniqueName, told: &PushTold) -> zbus::Result<Message> {
    let call = |member: &'static str| {
        Message::method_call(PUSH_PATH, member)
            .destination(to)
            .interface(PUSH_APP_INTERFACE)
            .with_flags(Flags::NO_REPLY_EXPECTED | Flags::NO_AUTO_START)
    };
    match told {
        PushTold::Token { service, token } => {
            call("TokenUpdated").build(&(service.name(), token.as_str()))
        }
        PushTold::Invalidated { service } => call("TokenInvalidated").build(&(service.name(),)),
        PushTold::Incoming(push) => {
            let Handed {
                service,
                id,
                collapse,
                payload,
                deadline,
                about,
                app: _,
            } = push;
            let about = PushAbout::new(*about, collapse.clone());
            call("Incoming").build(&(
                id.to_string(),
                service.name(),
                payload.as_slice(),
                deadline.0,
                about.to_dict(),
            ))
        }
    }
}
