//! The object the daemon calls: `org.hookswitch.Push1` at `/org/hookswitch/Push1`.

use std::sync::Arc;

use hookswitch_wire::dbus::{Dict, PUSH_PATH, PushAbout};
use zbus::connection::Builder;
use zbus::fdo;
use zbus::message::Header;

use super::{IncomingPush, PushEvent, PushService, Pushes, is_daemon};
use crate::link::Link;

/// See the module.
struct App {
    pushes: Arc<Pushes>,
    link: Link,
}

#[zbus::interface(name = "org.hookswitch.Push1", spawn = false)]
impl App {
    async fn token_updated(
        &self,
        #[zbus(header)] header: Header<'_>,
        service: String,
        token: String,
    ) -> fdo::Result<()> {
        self.check(&header)?;
        let service = known(&service)?;
        let event = PushEvent::TokenUpdated { service, token };
        self.pushes.emit(event).await;
        Ok(())
    }

    async fn token_invalidated(
        &self,
        #[zbus(header)] header: Header<'_>,
        service: String,
    ) -> fdo::Result<()> {
        self.check(&header)?;
        let event = PushEvent::TokenInvalidated(known(&service)?);
        self.pushes.emit(event).await;
        Ok(())
    }

    async fn incoming(
        &self,
        #[zbus(header)] header: Header<'_>,
        push: String,
        service: String,
        payload: Vec<u8>,
        deadline_ms: u64,
        about: Dict,
    ) -> fdo::Result<()> {
        self.check(&header)?;
        let wrong = |error: hookswitch_wire::dbus::ArgumentError| {
            fdo::Error::InvalidArgs(error.to_string())
        };
        let about = PushAbout::from_dict(&about).map_err(wrong)?;
        let link = self.link.clone();
        let service = known(&service)?;
        let push = IncomingPush::new(link, (push, service), payload, deadline_ms, about);
        self.pushes.emit(PushEvent::Incoming(push)).await;
        Ok(())
    }
}

impl App {
    fn check(&self, header: &Header<'_>) -> fdo::Result<()> {
        let sender = header.sender().map(|name| name.as_str());
        is_daemon(self.link.owner(), sender)
    }
}

fn known(service: &str) -> fdo::Result<PushService> {
    let wrong = || fdo::Error::InvalidArgs("service is voip or app".to_owned());
    PushService::from_name(service).ok_or_else(wrong)
}

/// Adds the object to a connection.
pub(super) fn serve(
    builder: Builder<'static>,
    pushes: Arc<Pushes>,
    link: Link,
) -> Builder<'static> {
    builder.serve_at(PUSH_PATH, App { pushes, link })
}
