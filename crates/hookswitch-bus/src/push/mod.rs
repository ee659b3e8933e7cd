//! `org.hookswitch.Calls1.Push`: apps that are woken by pushes.
//!
//! Input: D-Bus calls of apps, and of the user's hand. Output: wishes for whoever holds the push
//! link; calls of `org.hookswitch.Push1` that expect no reply.
//!
//! # Promises
//!
//! - **PB1** an app is who it registered as with the provider interface, and speaks of its own
//!   pushes only.
//! - **PB2** a push goes to the connection that registered, and never starts an app by itself.

mod outgoing;
mod port;

use hookswitch_wire::dbus::{self, ErrorCode};
use zbus::message::Header;
use zbus::{Connection, interface};

pub use port::{
    PUSH_REPLY_MAX, PUSH_WISHES_MAX, PushFault, PushPort, PushReply, PushTold, PushWish,
};

use crate::clients::{Client, Clients};
use crate::error::BusError;
use crate::provider::sender;

/// Serves the push interface.
#[derive(Debug)]
pub struct Push {
    pub(crate) port: PushPort,
    pub(crate) clients: Clients,
}

#[interface(name = "org.hookswitch.Calls1.Push", introspection_docs = false)]
impl Push {
    async fn register(
        &self,
        services: Vec<String>,
        style: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), BusError> {
        let app = self.client(&header)?.app;
        let services = dbus::push_services(&services)?;
        let style = dbus::push_style(style)?;
        let unique = sender(&header)?;
        let owner = unique.to_string();
        let outbox = outgoing::open(connection, unique);
        let wish = |reply| PushWish::Register {
            app,
            owner,
            services,
            style,
            outbox,
            reply,
        };
        self.port.ask(wish).await
    }

    async fn unregister(
        &self,
        services: Vec<String>,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let app = self.client(&header)?.app;
        let services = dbus::push_services(&services)?;
        let wish = |reply| PushWish::Unregister {
            app,
            services,
            reply,
        };
        self.port.ask(wish).await
    }

    async fn completed(
        &self,
        push: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let app = self.client(&header)?.app;
        let push = dbus::push_id(push)?;
        self.port.hand_over(PushWish::Completed { app, push }).await
    }

    async fn too_late(
        &self,
        push: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let app = self.client(&header)?.app;
        let push = dbus::push_id(push)?;
        self.port.hand_over(PushWish::TooLate { app, push }).await
    }

    #[zbus(out_args("status"))]
    async fn status(&self, #[zbus(header)] header: Header<'_>) -> Result<String, BusError> {
        let app = self.client(&header)?.app;
        self.text(Some(app)).await
    }

    #[zbus(out_args("status"))]
    async fn apps(&self) -> Result<String, BusError> {
        self.text(None).await
    }

    async fn allow(&self, app: &str) -> Result<(), BusError> {
        let app = dbus::app_id(app)?;
        self.port.ask(|reply| PushWish::Allow { app, reply }).await
    }

    async fn forget(&self, app: &str) -> Result<(), BusError> {
        let app = dbus::app_id(app)?;
        self.port.ask(|reply| PushWish::Forget { app, reply }).await
    }
}

impl Push {
    fn client(&self, header: &Header<'_>) -> Result<Client, BusError> {
        let sender = sender(header)?;
        let client = self.clients.find(sender.as_str());
        client.ok_or_else(|| {
            let text = "the caller is no registered app; call Provider.Register first";
            BusError::new(ErrorCode::UnknownProvider, text)
        })
    }

    async fn text(&self, app: Option<hookswitch_model::AppId>) -> Result<String, BusError> {
        let status = self.port.status(app).await?;
        Ok(serde_json::to_string(&status).expect("plain data is JSON"))
    }
}
