//! Follows the owner of a daemon's bus name, and its signals.

use std::num::NonZeroUsize;

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use zbus::fdo::DBusProxy;
use zbus::message::Type;
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::{Kind, LineId, LineNews};
use crate::words::News;

/// How many signals wait while a daemon is being looked at.
const SIGNALS_MAX: NonZeroUsize = NonZeroUsize::new(1024).expect("not zero");

/// A daemon as far as it can be heard.
pub(super) trait Heard: Sized {
    /// Its bus name.
    const NAME: &'static str;
    /// Which it is.
    const KIND: Kind;

    /// Looks at everything it has.
    async fn look(&mut self, ear: &Ear) -> zbus::Result<()>;
    /// Takes one of its signals.
    async fn signal(&mut self, ear: &Ear, message: &Message) -> zbus::Result<()>;
    /// The lines it had.
    fn lines(&self) -> Vec<String>;
}

/// What hearing needs: the bus, and where news goes.
pub(super) struct Ear {
    pub(super) connection: Connection,
    pub(super) run: String,
    kind: Kind,
    news: mpsc::Sender<LineNews>,
}

impl Ear {
    pub(super) fn line(&self, modem: &str) -> LineId {
        LineId {
            kind: self.kind,
            run: self.run.clone(),
            modem: modem.to_owned(),
        }
    }

    /// Hands news to the loop; without one this task is about to end, too.
    pub(super) async fn tell(&self, news: LineNews) {
        if self.news.send(news).await.is_err() {
            tracing::debug!("nobody listens any more");
        }
    }

    pub(super) async fn tell_call(&self, modem: &str, news: News) {
        self.tell(LineNews::Call(self.line(modem), news)).await;
    }
}

/// Hears a daemon through all its runs.
pub(super) async fn follow<D: Heard + Default>(
    mut daemon: D,
    connection: Connection,
    news: mpsc::Sender<LineNews>,
) -> zbus::Result<()> {
    let bus = DBusProxy::new(&connection).await?;
    let mut owners = bus
        .receive_name_owner_changed_with_args(&[(0, D::NAME)])
        .await?;
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(D::NAME)
        .build()?;
    let mut signals = MessageStream::for_match_rule(rule, &connection, Some(SIGNALS_MAX)).await?;
    let mut ear = Ear {
        connection: connection.clone(),
        run: String::new(),
        kind: D::KIND,
        news,
    };
    // An error means that nobody owns it yet.
    if let Ok(owner) = bus.get_name_owner(D::NAME.try_into()?).await {
        came(&mut daemon, &mut ear, owner.as_str()).await;
    }
    loop {
        tokio::select! {
            biased;
            change = owners.next() => {
                let Some(change) = change else { return Ok(()) };
                let owner = change.args()?.new_owner().as_ref().map(ToString::to_string);
                left(&mut daemon, &mut ear).await;
                if let Some(owner) = owner {
                    came(&mut daemon, &mut ear, &owner).await;
                }
            }
            signal = signals.next() => {
                let Some(Ok(signal)) = signal else { return Ok(()) };
                let sender = signal.header().sender().map(ToString::to_string);
                if !ear.run.is_empty() && sender.as_deref() == Some(ear.run.as_str()) {
                    heard(daemon.signal(&ear, &signal).await);
                }
            }
        }
    }
}

async fn came<D: Heard>(daemon: &mut D, ear: &mut Ear, owner: &str) {
    tracing::info!(daemon = D::NAME, "the modem's daemon is there");
    ear.run = owner.to_owned();
    heard(daemon.look(ear).await);
}

async fn left<D: Heard + Default>(daemon: &mut D, ear: &mut Ear) {
    if ear.run.is_empty() {
        return;
    }
    tracing::info!(daemon = D::NAME, "the modem's daemon went away");
    for modem in std::mem::take(daemon).lines() {
        ear.tell_call(&modem, News::Lost).await;
    }
    ear.run.clear();
}

/// An object may be gone before it is looked at; its signal follows.
fn heard(result: zbus::Result<()>) {
    if let Err(error) = result {
        tracing::debug!(error = super::bus::describe(&error), "not heard");
    }
}
