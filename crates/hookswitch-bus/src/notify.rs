//! Desktop notifications for the presented ringing call.
//!
//! Input: a [`Card`] while a call is presented, nothing when none is.
//! Output: one notification of `org.freedesktop.Notifications`, category `call.incoming`; the
//! user's choice there as a request.
//!
//! # Promises
//!
//! - **T1** the notification is there exactly while the call is presented, also if the server shows
//!   it late.
//! - **T2** buttons are offered only if the server has them, with the words of the calling UI.
//! - **T3** where no notification can be shown, the daemon is told, so that a window can open.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt;
use hookswitch_core::{Request, Requester};
use hookswitch_model::CallId;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use zbus::{Connection, Variant};

use crate::port::{Inbox, Input};

/// Longest wait for the notification server.
const SERVER_MAX: Duration = Duration::from_secs(2);
/// Longest wait for the late answer of a server that is being started, for example.
const LATE_MAX: Duration = Duration::from_secs(60);
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
    /// The file of the app's icon, if it has one.
    pub icon: Option<PathBuf>,
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

/// What the server was asked to show.
enum Shown {
    Nothing,
    /// It is there, under this number.
    There(u32, Card),
    /// The server has not said its number yet.
    Late(JoinHandle<Option<u32>>, Card),
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
    let mut shown = Shown::Nothing;
    cards.mark_changed();
    loop {
        tokio::select! {
            changed = cards.changed() => {
                if changed.is_err() {
                    close(&server, shown).await;
                    return Ok(());
                }
                let card = cards.borrow_and_update().clone();
                shown = follow(&server, shown, card, &unshown).await;
            }
            press = presses.next() => {
                let Some(press) = press else { return Ok(()) };
                let press = press.args()?;
                if let Shown::There(id, card) = &shown && id == press.id() {
                    choose(card, press.action_key(), &inbox);
                }
            }
            late = late_answer(&mut shown) => {
                shown = late;
                cards.mark_changed();
            }
        }
    }
}

/// Waits for the number of a late notification; for ever if there is none.
async fn late_answer(shown: &mut Shown) -> Shown {
    let Shown::Late(answer, card) = shown else {
        return std::future::pending().await;
    };
    match answer.await {
        Ok(Some(id)) => Shown::There(id, card.clone()),
        Ok(None) | Err(_) => Shown::Nothing,
    }
}

/// Brings the notification in line with the card.
async fn follow(
    server: &NotificationsProxy<'static>,
    shown: Shown,
    card: Option<Card>,
    unshown: &mpsc::Sender<CallId>,
) -> Shown {
    let replaces = match (&shown, &card) {
        (Shown::There(_, old), Some(new)) if old == new => return shown,
        (Shown::There(id, old), Some(new)) if old.call == new.call => *id,
        (Shown::There(..), Some(_) | None) => {
            close(server, shown).await;
            0
        }
        (Shown::Late(_, old), new) => {
            if let Some(new) = new.as_ref().filter(|new| new.call != old.call) {
                tell_unshown(unshown, new.call);
            }
            return shown;
        }
        (Shown::Nothing, Some(_) | None) => 0,
    };
    match card {
        Some(card) => begin(server, replaces, card, unshown).await,
        None => Shown::Nothing,
    }
}

/// Shows a card. A server that is slow is waited for elsewhere, and a window can open meanwhile.
async fn begin(
    server: &NotificationsProxy<'static>,
    replaces: u32,
    card: Card,
    unshown: &mpsc::Sender<CallId>,
) -> Shown {
    let (server, asked) = (server.clone(), card.clone());
    let mut answer = tokio::spawn(async move {
        let shown = show(&server, replaces, &asked);
        let shown = tokio::time::timeout(LATE_MAX, shown).await.ok()?;
        shown
            .inspect_err(|error| tracing::debug!(%error, "no notification could be shown"))
            .ok()
    });
    match tokio::time::timeout(SERVER_MAX, &mut answer).await {
        Ok(Ok(Some(id))) => Shown::There(id, card),
        Ok(Ok(None) | Err(_)) => {
            tell_unshown(unshown, card.call);
            Shown::Nothing
        }
        Err(_) => {
            tracing::warn!("the notification server does not answer");
            tell_unshown(unshown, card.call);
            Shown::Late(answer, card)
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
    let mut hints = HashMap::from([
        ("category", Variant::from("call.incoming")),
        ("urgency", Variant::from(URGENCY_CRITICAL)),
        ("resident", Variant::from(true)),
        ("suppress-sound", Variant::from(true)),
        ("desktop-entry", Variant::from("org.hookswitch.Calls1")),
    ]);
    // Notification specification, "Icons and Images": the image goes before the icon.
    let image = card.icon.as_ref().and_then(|path| path.to_str());
    if let Some(path) = image {
        hints.insert("image-path", Variant::from(path));
    }
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

async fn close(server: &NotificationsProxy<'_>, shown: Shown) {
    let Shown::There(id, _) = shown else { return };
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
