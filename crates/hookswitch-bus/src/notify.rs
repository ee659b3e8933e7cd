//! Desktop notifications for the presented ringing call.
//!
//! Input: a [`Card`] while a call is presented, nothing when none is.
//! Output: one notification of `org.freedesktop.Notifications`, category `call.incoming`; the
//! user's choice there as a request.
//!
//! # Promises
//!
//! - **T1** the notification is there exactly while the call is presented.
//! - **T2** buttons are offered only if the server has them, with the words of the calling UI.
//! - **T3** where no notification can be shown, the daemon is told, so that a window can open.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use hookswitch_core::{Request, Requester};
use hookswitch_model::CallId;
use tokio::sync::{mpsc, watch};
use zbus::{Connection, Variant};

use crate::port::{Inbox, Input};

/// Longest wait for the notification server.
const SERVER_MAX: Duration = Duration::from_secs(2);
/// `urgency` hint: critical.
const URGENCY_CRITICAL: u8 = 2;
/// `expire_timeout`: never.
const NEVER_EXPIRES: i32 = 0;

/// What a notification shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Card {
    /// The presented call.
    pub call: CallId,
    /// Who calls.
    pub title: String,
    /// Through which app, and how.
    pub body: String,
    /// Buttons, in order.
    pub actions: Vec<CardAction>,
}

/// A button of a notification.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CardAction {
    /// Its key on the bus.
    pub id: String,
    /// Its words.
    pub label: String,
    /// What it asks for.
    pub wish: Request,
}

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[allow(clippy::too_many_arguments)]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: &HashMap<&str, Variant<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: &str) -> zbus::Result<()>;
}

/// Shows and closes notifications until the daemon stops or the bus goes away.
pub(crate) async fn notify_all(
    connection: &Connection,
    mut cards: watch::Receiver<Option<Card>>,
    unshown: mpsc::Sender<CallId>,
    inbox: Inbox,
) -> zbus::Result<()> {
    let server = NotificationsProxy::new(connection).await?;
    let mut presses = server.receive_action_invoked().await?;
    let mut shown: Option<(u32, Card)> = None;
    cards.mark_changed();
    loop {
        tokio::select! {
            changed = cards.changed() => {
                if changed.is_err() {
                    close(&server, shown.take()).await;
                    return Ok(());
                }
                let card = cards.borrow_and_update().clone();
                shown = follow(&server, shown, card, &unshown).await;
            }
            press = presses.next() => {
                let Some(press) = press else { return Ok(()) };
                let press = press.args()?;
                if let Some((id, card)) = &shown && id == press.id() {
                    choose(card, press.action_key(), &inbox);
                }
            }
        }
    }
}

/// Brings the notification in line with the card.
async fn follow(
    server: &NotificationsProxy<'_>,
    shown: Option<(u32, Card)>,
    card: Option<Card>,
    unshown: &mpsc::Sender<CallId>,
) -> Option<(u32, Card)> {
    let replaces = match (&shown, &card) {
        (Some((_, old)), Some(new)) if old == new => return shown,
        (Some((id, old)), Some(new)) if old.call == new.call => *id,
        (Some(_), Some(_) | None) => {
            close(server, shown).await;
            0
        }
        (None, Some(_) | None) => 0,
    };
    let card = card?;
    match tokio::time::timeout(SERVER_MAX, show(server, replaces, &card)).await {
        Ok(Ok(id)) => Some((id, card)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "no notification could be shown");
            tell_unshown(unshown, card.call);
            None
        }
        Err(_) => {
            tracing::warn!("the notification server does not answer");
            tell_unshown(unshown, card.call);
            None
        }
    }
}

fn tell_unshown(unshown: &mpsc::Sender<CallId>, call: CallId) {
    if unshown.try_send(call).is_err() {
        tracing::debug!("nobody opens a window");
    }
}

async fn show(server: &NotificationsProxy<'_>, replaces: u32, card: &Card) -> zbus::Result<u32> {
    let capabilities = server.get_capabilities().await?;
    let has = |name: &str| capabilities.iter().any(|capability| capability == name);
    let mut actions: Vec<&str> = Vec::new();
    if has("actions") {
        for action in &card.actions {
            actions.extend([action.id.as_str(), action.label.as_str()]);
        }
    }
    let body = match has("body-markup") {
        true => escape(&card.body),
        false => card.body.clone(),
    };
    let hints = HashMap::from([
        ("category", Variant::from("call.incoming")),
        ("urgency", Variant::from(URGENCY_CRITICAL)),
        ("resident", Variant::from(true)),
        ("suppress-sound", Variant::from(true)),
        ("desktop-entry", Variant::from("org.hookswitch.Calls1")),
    ]);
    let icon = "call-incoming";
    let name = "Hookswitch";
    server
        .notify(
            name,
            replaces,
            icon,
            &card.title,
            &body,
            &actions,
            &hints,
            NEVER_EXPIRES,
        )
        .await
}

async fn close(server: &NotificationsProxy<'_>, shown: Option<(u32, Card)>) {
    let Some((id, _)) = shown else { return };
    let closing = server.close_notification(id);
    match tokio::time::timeout(SERVER_MAX, closing).await {
        Ok(Ok(())) => {}
        // The user or the server closed it before us.
        Ok(Err(error)) => tracing::debug!(%error, "the notification was closed already"),
        Err(_) => tracing::warn!("the notification server does not answer"),
    }
}

fn choose(card: &Card, key: &str, inbox: &Inbox) {
    // "default" is a click on the notification itself, which must not answer or decline.
    let Some(action) = card.actions.iter().find(|action| action.id == key) else {
        return;
    };
    let (reply, _answer) = tokio::sync::oneshot::channel();
    let pressed = inbox.put(Input::Request {
        from: Requester::User,
        wish: action.wish.clone(),
        reply,
    });
    if let Err(error) = pressed {
        tracing::warn!(%error, "a button of a notification had no effect");
    }
}

/// Notification specification, "Markup": `&`, `<` and `>` are escaped.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
