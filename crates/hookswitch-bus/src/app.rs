//! Messages to apps: one mailbox per app, each drained by its own task.
//!
//! Input: [`Outbound`] messages in the order in which the core decided them.
//! Output: D-Bus calls of `org.hookswitch.App1` that expect no reply.
//!
//! # Promises
//!
//! - **M1** an app gets its messages in order.
//! - **M2** a hung app delays nobody: nothing here waits for an answer, and each mailbox is its
//!   own.
//! - **M3** a message is never delivered to another process than the one it is meant for: it
//!   goes to the unique name, and never starts an app.

use hookswitch_core::{Ask, AskKind, Letter};
use hookswitch_model::{AskId, CallId, CallKey, EndReason, Interruption};
use hookswitch_wire::dbus::{APP_INTERFACE, APP_PATH, AskMessage};
use tokio::sync::mpsc;
use zbus::message::Flags;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, Message};

/// Most messages that wait for one app; when they are more, the app counts as gone.
pub const MAILBOX_MAX: usize = 256;

/// One message to an app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outbound {
    /// Its place among all that the app is told.
    pub letter: Letter,
    /// What it says.
    pub told: Told,
}

/// What a message to an app says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Told {
    /// A question.
    Perform {
        /// The question.
        ask: Ask,
        /// How long it has to settle it.
        within_ms: u64,
    },
    /// The time for an ask is over.
    Expired(AskId),
    /// A call ended by the system's decision.
    CallEnded {
        /// Which.
        call: CallId,
        /// The app's name for it.
        key: CallKey,
        /// Why.
        reason: EndReason,
    },
    /// The call audio may be used.
    AudioActivated(CallId),
    /// The call audio may not be used any more.
    AudioDeactivated(CallId),
    /// The call audio is denied for now.
    AudioDenied(CallId, Interruption),
    /// The system needs the audio of this call, or (false) is done with it.
    AudioInterrupted(CallId, Interruption, bool),
    /// The window of this call is to come to the front.
    Open(CallId),
}

/// Starts the mailbox of a connection. Its task ends when the sender is dropped.
#[must_use]
pub fn open_mailbox(connection: &Connection, unique: OwnedUniqueName) -> mpsc::Sender<Outbound> {
    let (sender, mut messages) = mpsc::channel(MAILBOX_MAX);
    let connection = connection.clone();
    tokio::spawn(async move {
        while let Some(outbound) = messages.recv().await {
            let sent = match message(&unique, &outbound) {
                Ok(message) => connection.send(&message).await,
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                tracing::warn!(app = %unique, %error, "a message to an app could not be sent");
            }
        }
    });
    sender
}

fn message(to: &OwnedUniqueName, outbound: &Outbound) -> zbus::Result<Message> {
    let call = |member: &'static str| {
        Message::method_call(APP_PATH, member)
            .destination(to)
            .interface(APP_INTERFACE)
            .with_flags(Flags::NO_REPLY_EXPECTED | Flags::NO_AUTO_START)
    };
    let Letter {
        cursor,
        at,
        replayed,
    } = outbound.letter;
    let letter = (cursor.0, at.wall.as_millis(), replayed);
    let about = |member, id: &CallId| {
        let (cursor, at, replayed) = letter;
        call(member).build(&(id.to_string(), cursor, at, replayed))
    };
    match &outbound.told {
        Told::Perform { ask, within_ms } => {
            let what = ask_message(&ask.kind);
            let mut details = what.details();
            AskMessage::put_following(&mut details, ask.following);
            call("Perform").build(&(
                ask.id.to_string(),
                ask.transaction.to_string(),
                ask.call.to_string(),
                ask.key.as_str(),
                what.kind().name(),
                details,
                *within_ms,
                cursor.0,
                at.wall.as_millis(),
                replayed,
            ))
        }
        Told::Expired(ask) => {
            let (cursor, at, replayed) = letter;
            call("Expired").build(&(ask.to_string(), cursor, at, replayed))
        }
        Told::CallEnded {
            call: id,
            key,
            reason,
        } => {
            let (cursor, at, replayed) = letter;
            let id = id.to_string();
            call("CallEnded").build(&(id, key.as_str(), reason.name(), cursor, at, replayed))
        }
        Told::AudioActivated(id) => about("AudioActivated", id),
        Told::AudioDeactivated(id) => about("AudioDeactivated", id),
        Told::Open(id) => about("Open", id),
        Told::AudioDenied(id, reason) => {
            let (cursor, at, replayed) = letter;
            let body = (id.to_string(), reason.name(), cursor, at, replayed);
            call("AudioDenied").build(&body)
        }
        Told::AudioInterrupted(id, reason, began) => {
            let (cursor, at, replayed) = letter;
            let body = (id.to_string(), reason.name(), *began, cursor, at, replayed);
            call("AudioInterrupted").build(&body)
        }
    }
}

fn ask_message(kind: &AskKind) -> AskMessage {
    match kind.clone() {
        AskKind::Start(to) => AskMessage::Start(to),
        AskKind::Answer => AskMessage::Answer,
        AskKind::End { origin, reason } => AskMessage::End { origin, reason },
        AskKind::SetHeld(on) => AskMessage::SetHeld(on),
        AskKind::SetMuted(on) => AskMessage::SetMuted(on),
        AskKind::SetGroup(with) => AskMessage::SetGroup(with),
        AskKind::PlayDigits(tones) => AskMessage::PlayDigits(tones),
        AskKind::SetVideo(on) => AskMessage::SetVideo(on),
        AskKind::DeclineVideo => AskMessage::DeclineVideo,
        AskKind::SetTranslating(to) => AskMessage::SetTranslating(to),
        AskKind::Custom(button) => AskMessage::Custom(button),
    }
}
