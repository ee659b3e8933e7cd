//! `org.hookswitch.Calls1.Provider`: what apps say.
//!
//! Input: D-Bus calls of apps. Output: reports and settled asks for the shell.
//!
//! # Promises
//!
//! - **R1** an app is who the bus says it is: `Register` asks the bus driver for the owner of the
//!   claimed name, and every other method goes by the sender's unique name.
//!   An app in a sandbox is the app of that sandbox.
//! - **R2** calls of one app reach the core in the order in which they were sent.
//! - **R3** a method returns when the core has accepted or refused, never later.

use hookswitch_core::{Accepted, Outcome, Report, Request, Requester};
use hookswitch_model::{AppId, CallId, Cursor, EndpointId, Refusal, Rejection, Wall};
use hookswitch_wire::dbus::{self, Dict, ErrorCode};
use zbus::message::Header;
use zbus::names::OwnedUniqueName;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, interface};

use crate::app::open_mailbox;
use crate::clients::{Client, Clients};
use crate::error::BusError;
use crate::keys;
use crate::names::Owners;
use crate::port::{Inbox, Input};
use crate::published::Published;
use crate::push::{PushPort, PushWish};

/// Serves the provider interface.
#[derive(Debug)]
pub struct Provider {
    pub(crate) inbox: Inbox,
    pub(crate) clients: Clients,
    pub(crate) owners: Owners,
    pub(crate) epoch: u64,
    pub(crate) published: Published,
    pub(crate) push: PushPort,
}

#[interface(
    name = "org.hookswitch.Calls1.Provider",
    spawn = false,
    introspection_docs = false
)]
impl Provider {
    #[zbus(out_args("epoch", "orphans"))]
    async fn register(
        &self,
        app: &str,
        configuration: Dict,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(u64, Vec<(String, String)>), BusError> {
        let app = dbus::app_id(app)?;
        let configuration = dbus::configuration_from_dict(&configuration)?;
        let sender = sender(&header)?;
        if !self.owners.owns(&sender, &app).await? {
            return Err(unentitled(format!(
                "{app} is not owned by the caller; request the bus name before registering"
            )));
        }
        let sandbox = self.owners.sandbox(&sender).await?;
        if !sandbox.allows(&app) {
            let label = sandbox.label();
            let text = format!("{label} may not offer {app}; register under its own id");
            return Err(unentitled(text));
        }
        let client = self.join(&sender, &app, connection)?;
        let report = Report::Register { app, configuration };
        let accepted = self.report(&client, report).await;
        if self.clients.find(&sender).is_none() {
            // It left while it was being registered: what the watcher told came too early.
            let gone = hookswitch_core::Environment::ClientGone(client.id);
            self.inbox.tell(gone).await;
        }
        match accepted? {
            Accepted::Registered { orphans, .. } => {
                let orphans = orphans
                    .into_iter()
                    .map(|(call, key)| (call.to_string(), key.as_str().to_owned()))
                    .collect();
                Ok((self.epoch, orphans))
            }
            Accepted::Reported { .. }
            | Accepted::Transaction { .. }
            | Accepted::Routing { .. }
            | Accepted::Audio { .. }
            | Accepted::Done => Ok((self.epoch, Vec::new())),
        }
    }

    async fn invalidate(&self, #[zbus(header)] header: Header<'_>) -> Result<(), BusError> {
        let client = self.client(&header)?;
        self.report(&client, Report::Invalidate).await.map(drop)
    }

    #[zbus(out_args("call", "known"))]
    async fn report_incoming(
        &self,
        key: &str,
        update: Dict,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(String, bool), BusError> {
        let client = self.client(&header)?;
        let key = dbus::call_ref("key", key)?;
        let call = keys::call_of_key(&client.app, &key);
        let update = dbus::update_from_dict(&update)?;
        let report = Report::Incoming { call, key, update };
        let app = client.app.clone();
        self.push.tell(PushWish::Reported { app });
        let known = match self.report(&client, report).await? {
            Accepted::Reported { known } => known,
            Accepted::Registered { .. }
            | Accepted::Transaction { .. }
            | Accepted::Routing { .. }
            | Accepted::Audio { .. }
            | Accepted::Done => false,
        };
        Ok((call.to_string(), known))
    }

    async fn report_updated(
        &self,
        call: &str,
        update: Dict,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let update = dbus::update_from_dict(&update)?;
        self.about(call, &header, |call| Report::Updated { call, update })
            .await
    }

    async fn report_connecting(
        &self,
        call: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        self.about(call, &header, |call| Report::Connecting { call, at: None })
            .await
    }

    async fn report_connecting_at(
        &self,
        call: &str,
        at: i64,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let at = dbus::at_wall(at)?;
        self.about(call, &header, |call| Report::Connecting { call, at })
            .await
    }

    async fn report_connected(
        &self,
        call: &str,
        at: i64,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let at = dbus::at_wall(at)?;
        self.about(call, &header, |call| Report::Connected { call, at })
            .await
    }

    async fn report_ended(
        &self,
        call: &str,
        reason: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        self.ended(call, reason, None, &header).await
    }

    async fn report_ended_at(
        &self,
        call: &str,
        reason: &str,
        at: i64,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let at = dbus::at_wall(at)?;
        self.ended(call, reason, at, &header).await
    }

    async fn report_remote_held(
        &self,
        call: &str,
        on: bool,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        self.about(call, &header, |call| Report::RemoteHeld { call, on })
            .await
    }

    async fn report_held(
        &self,
        call: &str,
        on: bool,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        self.about(call, &header, |call| Report::Held { call, on })
            .await
    }

    async fn report_muted(
        &self,
        call: &str,
        on: bool,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        self.about(call, &header, |call| Report::Muted { call, on })
            .await
    }

    async fn report_video_offer(
        &self,
        call: &str,
        on: bool,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        self.about(call, &header, |call| Report::VideoOffer { call, on })
            .await
    }

    async fn adopt(&self, call: &str, #[zbus(header)] header: Header<'_>) -> Result<(), BusError> {
        self.about(call, &header, |call| Report::Adopt { call })
            .await
    }

    #[zbus(out_args("transaction", "call"))]
    async fn request(
        &self,
        actions: Vec<Dict>,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(String, String), BusError> {
        let client = self.client(&header)?;
        let wish = Request::Transaction(keys::actions(&client.app, &actions)?);
        let from = Requester::App(client.id);
        let input = |reply| Input::Request { from, wish, reply };
        match self.inbox.ask(input).await?? {
            Accepted::Transaction { transaction, call } => {
                Ok((transaction.to_string(), call.to_string()))
            }
            Accepted::Registered { .. }
            | Accepted::Reported { .. }
            | Accepted::Routing { .. }
            | Accepted::Audio { .. }
            | Accepted::Done => Ok((String::new(), String::new())),
        }
    }

    #[zbus(out_args("granted"))]
    async fn request_audio(
        &self,
        r#use: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<bool, BusError> {
        let client = self.client(&header)?;
        let wish = Request::Audio(dbus::audio_use(r#use)?);
        let from = Requester::App(client.id);
        let input = |reply| Input::Request { from, wish, reply };
        match self.inbox.ask(input).await? {
            Ok(accepted) => Ok(accepted == Accepted::Audio { granted: true }),
            Err(refusal) => Err(self.audio_refused(refusal)),
        }
    }

    #[zbus(out_args("generation"))]
    async fn request_route(
        &self,
        call: &str,
        endpoint: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<u64, BusError> {
        let client = self.client(&header)?;
        let call = keys::call_of_key(&client.app, &dbus::call_ref("call", call)?);
        let endpoint = EndpointId::new(endpoint).ok_or(Rejection::UnknownEndpoint)?;
        let wish = Request::RouteCall(call, endpoint);
        let from = Requester::App(client.id);
        let input = |reply| Input::Request { from, wish, reply };
        match self.inbox.ask(input).await? {
            Ok(Accepted::Routing { generation }) => Ok(generation),
            Ok(
                Accepted::Registered { .. }
                | Accepted::Reported { .. }
                | Accepted::Transaction { .. }
                | Accepted::Audio { .. }
                | Accepted::Done,
            ) => Ok(0),
            Err(refusal) => Err(self.audio_refused(refusal)),
        }
    }

    #[zbus(out_args("endpoints"))]
    async fn endpoints(
        &self,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<dbus::EndpointRow>, BusError> {
        self.client(&header)?;
        Ok(self.published.endpoints())
    }

    #[zbus(signal)]
    pub(crate) async fn route_finished(
        emitter: &SignalEmitter<'_>,
        generation: u64,
        outcome: &str,
    ) -> zbus::Result<()>;

    async fn fulfill(
        &self,
        ask: &str,
        at: i64,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let at = dbus::at_wall(at)?;
        self.settle(ask, Outcome::Fulfilled { at }, &header).await
    }

    async fn acknowledge(
        &self,
        cursor: u64,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let client = self.client(&header)?.id;
        let cursor = Cursor(cursor);
        Ok(self.inbox.put(Input::Acknowledged { client, cursor })?)
    }

    async fn fulfill_translating(
        &self,
        ask: &str,
        engine: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let outcome = Outcome::FulfilledUsing(dbus::engine(engine)?);
        self.settle(ask, outcome, &header).await
    }

    async fn fail(&self, ask: &str, #[zbus(header)] header: Header<'_>) -> Result<(), BusError> {
        self.settle(ask, Outcome::Failed, &header).await
    }
}

impl Provider {
    /// Finds or enters the sender, and offers it a mailbox: the shell may have closed a full one.
    fn join(
        &self,
        sender: &OwnedUniqueName,
        app: &AppId,
        connection: &Connection,
    ) -> Result<Client, BusError> {
        let (client, new) = self.clients.enter(sender.as_str(), app);
        if client.app != *app {
            return Err(unentitled(format!(
                "this connection is registered as {}; use one connection for each app",
                client.app
            )));
        }
        let mailbox = open_mailbox(connection, sender.clone());
        let joined = Input::Joined {
            client: client.id,
            mailbox,
        };
        if let Err(error) = self.inbox.put(joined) {
            if new {
                self.clients.leave(sender.as_str(), sender.as_str());
            }
            return Err(error.into());
        }
        Ok(client)
    }

    /// A refusal of audio. Says who has it: the name of the app, never of a person.
    fn audio_refused(&self, refusal: Refusal) -> BusError {
        let Rejection::AudioBusy { holder } = refusal.why else {
            return refusal.into();
        };
        let name = self.published.app_name(holder);
        let name = name.unwrap_or_else(|| "another app".to_owned());
        let text = format!("a call of {name} has the audio; wait for its end");
        BusError::new(ErrorCode::AudioBusy, text)
    }

    fn client(&self, header: &Header<'_>) -> Result<Client, BusError> {
        let sender = sender(header)?;
        let client = self.clients.find(sender.as_str());
        client.ok_or_else(|| Rejection::UnknownProvider.into())
    }

    async fn report(&self, client: &Client, report: Report) -> Result<Accepted, BusError> {
        let client = client.id;
        let input = |reply| Input::Report {
            client,
            report,
            reply,
        };
        Ok(self.inbox.ask(input).await??)
    }

    async fn about(
        &self,
        call: &str,
        header: &Header<'_>,
        report: impl FnOnce(CallId) -> Report,
    ) -> Result<(), BusError> {
        let client = self.client(header)?;
        let call = keys::call_of_key(&client.app, &dbus::call_ref("call", call)?);
        self.report(&client, report(call)).await.map(drop)
    }

    async fn ended(
        &self,
        call: &str,
        reason: &str,
        at: Option<Wall>,
        header: &Header<'_>,
    ) -> Result<(), BusError> {
        let reason = dbus::end_reason(reason)?;
        self.about(call, header, |call| Report::Ended { call, reason, at })
            .await
    }

    async fn settle(
        &self,
        ask: &str,
        outcome: Outcome,
        header: &Header<'_>,
    ) -> Result<(), BusError> {
        let client = self.client(header)?.id;
        let ask = ask.parse().map_err(|_| Rejection::UnknownAsk)?;
        let input = |reply| Input::Settled {
            client,
            ask,
            outcome,
            reply,
        };
        self.inbox.ask(input).await??;
        Ok(())
    }
}

pub(crate) fn sender(header: &Header<'_>) -> Result<OwnedUniqueName, BusError> {
    header
        .sender()
        .map(|sender| sender.to_owned().into())
        .ok_or_else(|| unentitled("the message has no sender"))
}

fn unentitled(text: impl Into<String>) -> BusError {
    BusError::new(ErrorCode::Unentitled, text)
}
