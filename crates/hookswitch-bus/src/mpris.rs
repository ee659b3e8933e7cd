//! Media players of the session, by MPRIS 2.
//!
//! Input: the names `org.mpris.MediaPlayer2.*` on the bus, what their owners say they do, and how
//! much other sound has to make room. Output: `Pause` and `Play` of MPRIS, as [`Players`] decides.
//!
//! # Promises
//!
//! - **MP1** no player is waited for: each question and each order has a deadline of
//!   [`PLAYER_MAX`] of its own.
//! - **MP2** nothing but what a player does is read: no titles, no artists.
//! - **MP3** which players are paused is kept before they are told, for the next daemon.
//!
//! Source: MPRIS D-Bus Interface Specification 2.2, `org.mpris.MediaPlayer2.Player`.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use hookswitch_model::Snapshot;
use tokio::sync::watch;
use tokio::task::JoinSet;
use zbus::fdo::DBusProxy;
use zbus::zvariant::OwnedVariant;
use zbus::{Connection, MatchRule, Message, MessageStream};

use crate::names::DRIVER_MAX;
use crate::paused::PausedFile;
use crate::players::{Order, Playback, Players};

/// Longest wait for a player.
pub const PLAYER_MAX: Duration = Duration::from_secs(1);
/// Most questions and orders that wait for players.
pub const PLAYER_ASKS_MAX: usize = 128;
/// Most signals of players that wait for us.
const SIGNALS_MAX: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

const NAMES: &str = "org.mpris.MediaPlayer2";
const PATH: &str = "/org/mpris/MediaPlayer2";
const PLAYER: &str = "org.mpris.MediaPlayer2.Player";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const STATUS: &str = "PlaybackStatus";
/// It stands for whichever player was used last, which may be another one after the call.
const STAND_IN: &str = "org.mpris.MediaPlayer2.playerctld";

/// When media players are paused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MediaPolicy {
    /// As soon as a call rings, not only when there is a call.
    pub pause_on_ring: bool,
    /// Where the next daemon finds what is paused; it should not outlive the session.
    pub paused_file: PathBuf,
}

/// What a player answered.
enum Answer {
    Does {
        owner: String,
        question: u64,
        playback: Option<Playback>,
    },
    Obeyed,
    Failed {
        order: Order,
        has_refused: bool,
    },
}

struct Follower {
    connection: Connection,
    players: Players,
    paused: PausedFile,
    asks: JoinSet<Answer>,
}

/// Pauses and resumes players until the bus goes away or the daemon stops.
pub(crate) async fn follow(
    connection: &Connection,
    policy: MediaPolicy,
    mut states: watch::Receiver<Arc<Snapshot>>,
) -> zbus::Result<()> {
    let mut owners = subscribe(connection, owner_rule()?).await?;
    let mut changes = subscribe(connection, status_rule()?).await?;
    let bus = bus_id(connection).await?;
    let mut follower = Follower {
        connection: connection.clone(),
        players: Players::new(policy.pause_on_ring),
        paused: PausedFile::open(policy.paused_file, &bus),
        asks: JoinSet::new(),
    };
    let inherited = follower.paused.kept();
    follower.players.inherit(inherited, Instant::now());
    if !matches!(
        tokio::time::timeout(DRIVER_MAX, follower.list()).await,
        Ok(Ok(()))
    ) {
        tracing::warn!("the bus driver did not list the media players");
    }
    follower.players.listed();
    follower.paused.keep(follower.players.paused());
    states.mark_changed();
    loop {
        let due = follower.players.deadline();
        tokio::select! {
            changed = states.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let hush = states.borrow_and_update().audio.hush;
                let orders = follower.players.hush(hush, Instant::now());
                follower.give(orders);
            }
            () = until(due) => {
                let orders = follower.players.tick(Instant::now());
                follower.give(orders);
            }
            message = owners.next() => {
                let Some(message) = message else { return Ok(()) };
                follower.owner_changed(&message?)?;
            }
            message = changes.next() => {
                let Some(message) = message else { return Ok(()) };
                follower.status_changed(&message?);
            }
            Some(answer) = follower.asks.join_next() => {
                if let Ok(answer) = answer {
                    follower.answered(answer);
                }
            }
        }
    }
}

async fn subscribe(connection: &Connection, rule: MatchRule<'_>) -> zbus::Result<MessageStream> {
    MessageStream::for_match_rule(rule.to_owned(), connection, Some(SIGNALS_MAX)).await
}

fn owner_rule() -> zbus::Result<MatchRule<'static>> {
    MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender("org.freedesktop.DBus")
        .interface("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .arg0ns(NAMES)
        .build()
}

fn status_rule() -> zbus::Result<MatchRule<'static>> {
    MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .path(PATH)
        .interface(PROPERTIES)
        .member("PropertiesChanged")
        .arg(0, PLAYER)
        .build()
}

/// The id that this bus gave itself when it was started.
async fn bus_id(connection: &Connection) -> zbus::Result<String> {
    let driver = DBusProxy::new(connection).await?;
    let id = tokio::time::timeout(DRIVER_MAX, driver.get_id()).await;
    let id = id.map_err(|_| zbus::Error::Failure("the bus does not answer".to_owned()))??;
    Ok(id.as_str().to_owned())
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

impl Follower {
    /// Players that are there already.
    async fn list(&mut self) -> zbus::Result<()> {
        let driver = DBusProxy::new(&self.connection).await?;
        for name in driver.list_names().await? {
            if !is_player(name.as_str()) {
                continue;
            }
            // One that went away meanwhile has no owner.
            if let Ok(owner) = driver.get_name_owner(name.clone().into()).await {
                self.appeared(name.as_str(), owner.as_str());
            }
        }
        Ok(())
    }

    fn owner_changed(&mut self, message: &Message) -> zbus::Result<()> {
        let body = message.body();
        let (name, former, owner): (&str, &str, &str) = body.deserialize()?;
        if !is_player(name) {
            return Ok(());
        }
        if !former.is_empty() {
            self.players.gone(name);
            self.paused.keep(self.players.paused());
        }
        if !owner.is_empty() {
            self.appeared(name, owner);
        }
        Ok(())
    }

    fn appeared(&mut self, name: &str, owner: &str) {
        if self.players.appeared(name, owner) {
            tracing::debug!("a media player is there");
            self.ask_status(owner);
        } else if !self.players.knows(owner) {
            tracing::warn!("too many media players: calls do not pause this one");
        }
    }

    /// What is no news about what it does, or cannot be read, changes nothing.
    fn status_changed(&mut self, message: &Message) {
        let header = message.header();
        let Some(owner) = header.sender().map(|sender| sender.to_string()) else {
            return;
        };
        if !self.players.knows(&owner) {
            return;
        }
        let body = message.body();
        let read: zbus::Result<(&str, HashMap<String, OwnedVariant>, Vec<String>)> =
            body.deserialize();
        let Ok((_, mut changed, invalidated)) = read else {
            return;
        };
        if let Some(status) = changed.remove(STATUS) {
            let playback = playback(status);
            tracing::debug!(player = owner, ?playback, "a media player changed");
            let order = playback.and_then(|now| self.players.said(&owner, now));
            self.give(order);
        } else if invalidated.iter().any(|name| name == STATUS) {
            self.ask_status(&owner);
        }
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Does {
                owner,
                question,
                playback,
            } => {
                tracing::debug!(player = owner, ?playback, "a media player answered");
                let order = playback.and_then(|now| self.players.answer(&owner, question, now));
                self.give(order);
            }
            Answer::Obeyed => {}
            Answer::Failed { order, has_refused } => {
                tracing::warn!(has_refused, "a media player did not do what it was told");
                self.players.failed(&order, has_refused);
            }
        }
    }

    fn ask_status(&mut self, owner: &str) {
        let Some(question) = self.players.ask(owner) else {
            return;
        };
        let (connection, owner) = (self.connection.clone(), owner.to_owned());
        self.ask(async move {
            let status = status(&connection, &owner).await;
            Answer::Does {
                owner,
                question,
                playback: status.ok().and_then(playback),
            }
        });
    }

    fn give(&mut self, orders: impl IntoIterator<Item = Order>) {
        self.paused.keep(self.players.paused());
        for order in orders {
            let connection = self.connection.clone();
            self.ask(async move { obey(&connection, order).await });
        }
    }

    fn ask(&mut self, ask: impl Future<Output = Answer> + Send + 'static) {
        if self.asks.len() < PLAYER_ASKS_MAX {
            self.asks.spawn(ask);
        } else {
            tracing::warn!("too much is asked of media players; one is left as it is");
        }
    }
}

fn is_player(name: &str) -> bool {
    let rest = name.strip_prefix(NAMES);
    rest.is_some_and(|rest| rest.starts_with('.')) && name != STAND_IN
}

fn playback(status: OwnedVariant) -> Option<Playback> {
    let name = String::try_from(status).ok()?;
    Playback::from_name(&name)
}

/// Asks a player what it does.
async fn status(connection: &Connection, owner: &str) -> zbus::Result<OwnedVariant> {
    let body = (PLAYER, STATUS);
    let asking = connection.call_method(Some(owner), PATH, Some(PROPERTIES), "Get", &body);
    let answer = tokio::time::timeout(PLAYER_MAX, asking).await;
    let answer = answer.map_err(|_| zbus::Error::Failure("no answer in time".to_owned()))??;
    answer.body().deserialize()
}

/// Gives a player an order.
async fn obey(connection: &Connection, order: Order) -> Answer {
    let (owner, verb) = match &order {
        Order::Pause(owner) => (owner.as_str(), "Pause"),
        Order::Play(owner) => (owner.as_str(), "Play"),
    };
    let asking = connection.call_method(Some(owner), PATH, Some(PLAYER), verb, &());
    match tokio::time::timeout(PLAYER_MAX, asking).await {
        Ok(Ok(_)) => Answer::Obeyed,
        Ok(Err(error)) => {
            tracing::debug!(verb, %error, "a media player refused");
            let has_refused = true;
            Answer::Failed { order, has_refused }
        }
        Err(_) => {
            let has_refused = false;
            Answer::Failed { order, has_refused }
        }
    }
}
