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
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        let daemon = header.sender().map(ToString::to_string);
        let daemon = daemon.unwrap_or_default();
        let call = Call::new(call, key);
        session.open_ask(&ask, call.clone());
        let message = match AskMessage::from_parts(&action, &details) {
            Ok(message) => message,
            Err(error) => {
                // An action of a newer daemon: nobody here can do it, and nobody should wait.
                session.close_ask(&ask);
                let failing = session.clone();
                session.link().spawn(async move {
                    let _ = failing.fail(&daemon, &ask).await;
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
        let ask = Ask::new(session.clone(), daemon, ids, call, action, time);
        session.emit(ProviderEvent::Perform(ask)).await;
        Ok(())
    }

    async fn expired(&self, #[zbus(header)] header: Header<'_>, ask: String) -> fdo::Result<()> {
        let session = self.session(&header)?;
        if let Some(call) = session.expire_ask(&ask) {
            session.emit(ProviderEvent::TimedOut { ask, call }).await;
        }
        Ok(())
    }

    async fn call_ended(
        &self,
        #[zbus(header)] header: Header<'_>,
        call: String,
        key: String,
        reason: String,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        let reason =
            end_reason(&reason).map_err(|error| fdo::Error::InvalidArgs(error.to_string()));
        session.call_ended(Call::new(call, key), reason?).await;
        Ok(())
    }

    async fn audio_activated(
        &self,
        #[zbus(header)] header: Header<'_>,
        call: String,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        let call = session.call(&call);
        session.audio_activated(call).await;
        Ok(())
    }

    async fn audio_deactivated(
        &self,
        #[zbus(header)] header: Header<'_>,
        call: String,
    ) -> fdo::Result<()> {
        let session = self.session(&header)?;
        let call = session.call(&call);
        session.audio_deactivated(&call).await;
        Ok(())
    }

    async fn open(&self, #[zbus(header)] header: Header<'_>, call: String) -> fdo::Result<()> {
        let session = self.session(&header)?;
        let call = session.call(&call);
        session.emit(ProviderEvent::Open(call)).await;
        Ok(())
    }
}
