//! The object the daemon calls: `org.hookswitch.App1` at `/org/hookswitch/App1`.
//!
//! Calls are handled one after another, so that events keep their order (K1), and only from the
//! daemon (K6). The interface is declared in `interfaces/org.hookswitch.App1.xml`.

use std::sync::{Arc, Weak};
use std::time::Duration;

use hookswitch_wire::dbus::{AskMessage, Dict, end_reason, words::ActionKind};
use zbus::fdo;
use zbus::message::Header;

use crate::call::Call;

use super::ask::{Action, Ask};
use super::events::ProviderEvent;
use super::letters::Letter;
use super::session::Session;

/// See the module.
pub(super) struct App {
    session: Weak<Session>,
}

impl App {
    pub(super) fn new(session: Weak<Session>) -> Self {
        Self { session }
    }

    /// The session, if the caller is the daemon.
    fn session(&self, header: &Header<'_>) -> fdo::Result<Arc<Session>> {
        let sender = header.sender().map(|name| name.as_str());
        self.session
            .upgrade()
            .filter(|session| session.link().owner().is(sender))
            .ok_or_else(|| fdo::Error::AccessDenied("only the call system may call this".into()))
    }
}

#[zbus::interface(name = "org.hookswitch.App1", spawn = false)]
impl App {
    #[expect(
        clippy::too_many_arguments,
        reason = "the interface file declares them"
    )]
    async fn perform(
        &self,
        #[zbus(header)] header: Header<'_>,
        ask: String,
        transaction: String,
        call: String,
        key: String,
        action: String,
        details: Dict,
        deadline_ms: u64,
        cursor: u64,
        at: i64,
        replayed: bool,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        let daemon = header.sender().map(ToString::to_string);
        let daemon = daemon.unwrap_or_default();
        let call = Call::new(call, key);
        let message = AskMessage::from_parts(&action, &details);
        let following = AskMessage::following(&details).unwrap_or_default();
        let is_new = session.letters().new_to_settle(cursor);
        let about = (&call, message.as_ref().ok().map(AskMessage::kind));
        if !session.open_ask((&ask, &transaction), about, &daemon, cursor) && !is_new {
            if following == 0 {
                session.execute().await;
            }
            return Ok(());
        }
        let message = match message {
            Ok(message) => message,
            Err(error) => {
                // An action of a newer daemon: nobody here can do it, and nobody should wait.
                session.close_ask(&ask);
                let failing = session.clone();
                session.link().spawn(async move {
                    let _ = failing.fail(&daemon, &ask).await;
                    failing.letters().done(cursor);
                });
                return Err(fdo::Error::InvalidArgs(error.to_string()));
            }
        };
        if message.kind() == ActionKind::Start {
            session.add_call(call.clone());
        }
        let time = Duration::from_millis(deadline_ms);
        let action = Action::of(message);
        let ids = (ask, transaction);
        let letter = Letter::new(at, replayed);
        let ask = Ask::new(session.clone(), ids, call, action, (time, letter));
        session.perform(ask, following).await;
        Ok(())
    }

    async fn expired(
        &self,
        #[zbus(header)] header: Header<'_>,
        ask: String,
        cursor: u64,
        _at: i64,
        _replayed: bool,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        if !session.letters().new_to_take(cursor) {
            return Ok(());
        }
        match session.expire_ask(&ask) {
            Some(call) => {
                let event = ProviderEvent::TimedOut { ask, call };
                session.emit(event, Some(cursor)).await;
            }
            None => session.letters().done(cursor),
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the arguments of a D-Bus method")]
    async fn call_ended(
        &self,
        #[zbus(header)] header: Header<'_>,
        call: String,
        key: String,
        reason: String,
        cursor: u64,
        at: i64,
        replayed: bool,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        let reason =
            end_reason(&reason).map_err(|error| fdo::Error::InvalidArgs(error.to_string()))?;
        if session.letters().new_to_take(cursor) {
            let (call, letter) = (Call::new(call, key), Letter::new(at, replayed));
            session.call_ended(call, reason, letter, cursor).await;
        }
        Ok(())
    }

    async fn audio_activated(
        &self,
        #[zbus(header)] header: Header<'_>,
        call: String,
        cursor: u64,
        _at: i64,
        _replayed: bool,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        if session.letters().new_to_take(cursor) {
            let call = session.call(&call);
            session.audio_activated(call, cursor).await;
        }
        Ok(())
    }

    async fn audio_denied(
        &self,
        #[zbus(header)] header: Header<'_>,
        call: String,
        reason: String,
        cursor: u64,
        _at: i64,
        _replayed: bool,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        if session.letters().new_to_take(cursor) {
            let call = session.call(&call);
            let event = ProviderEvent::AudioDenied { call, reason };
            session.emit(event, Some(cursor)).await;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the arguments of a D-Bus method")]
    async fn audio_interrupted(
        &self,
        #[zbus(header)] header: Header<'_>,
        call: String,
        reason: String,
        began: bool,
        cursor: u64,
        _at: i64,
        _replayed: bool,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        if session.letters().new_to_take(cursor) {
            let call = session.call(&call);
            let event = ProviderEvent::AudioInterrupted {
                call,
                reason,
                began,
            };
            session.emit(event, Some(cursor)).await;
        }
        Ok(())
    }

    async fn audio_deactivated(
        &self,
        #[zbus(header)] header: Header<'_>,
        call: String,
        cursor: u64,
        _at: i64,
        _replayed: bool,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        if session.letters().new_to_take(cursor) {
            let call = session.call(&call);
            session.audio_deactivated(&call, Some(cursor)).await;
        }
        Ok(())
    }

    async fn open(
        &self,
        #[zbus(header)] header: Header<'_>,
        call: String,
        cursor: u64,
        _at: i64,
        _replayed: bool,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        if session.letters().new_to_take(cursor) {
            let event = ProviderEvent::Open(session.call(&call));
            session.emit(event, Some(cursor)).await;
        }
        Ok(())
    }
}
