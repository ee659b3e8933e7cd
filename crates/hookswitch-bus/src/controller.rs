//! `org.hookswitch.Calls1.Controller`: the user's hand.
//!
//! Input: D-Bus calls of calling UIs, the command line, headset bridges.
//! Output: requests of the user for the shell; the published state as JSON.
//!
//! # Promises
//!
//! - **U1** a method returns when the core has accepted or refused; the outcome is the signal
//!   `TransactionFinished`.
//! - **U2** its signals go to connections that called `Watch`, and are never broadcast.
//! - **U3** reading (`State`, `Recents`, `UiAddress`) answers from what was published last and
//!   never waits.

use hookswitch_core::{Accepted, Environment, Request, Requester};
use hookswitch_model::{EndpointId, Rejection, RuleChange};
use hookswitch_wire::dbus::{self, Dict, ErrorCode};
use zbus::interface;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;

use crate::access::Access;
use crate::clients::Clients;
use crate::error::BusError;
use crate::keys;
use crate::names::Owners;
use crate::needs::Needs;
use crate::port::{Inbox, Input};
use crate::provider::sender;
use crate::published::Published;
use crate::push::{PushPort, PushWish};
use crate::watchers::{Wants, Watchers};

/// Serves the controller interface.
#[derive(Debug)]
pub struct Controller {
    pub(crate) inbox: Inbox,
    pub(crate) published: Published,
    pub(crate) watchers: Watchers,
    pub(crate) owners: Owners,
    pub(crate) needs: Needs,
    pub(crate) access: Access,
    pub(crate) clients: Clients,
    pub(crate) push: PushPort,
}

#[interface(
    name = "org.hookswitch.Calls1.Controller",
    spawn = false,
    introspection_docs = false
)]
impl Controller {
    #[zbus(out_args("transaction"))]
    async fn answer(&self, call: &str, mode: &str) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        let mode = dbus::answer_mode(mode)?;
        self.transaction(Request::Answer { call, mode }).await
    }

    #[zbus(out_args("transaction"))]
    async fn decline(&self, call: &str) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        self.transaction(Request::Decline(call)).await
    }

    #[zbus(out_args("transaction"))]
    async fn end(&self, call: &str) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        self.transaction(Request::End(call)).await
    }

    async fn force_end(&self, call: &str) -> Result<(), BusError> {
        let call = keys::call_id(call)?;
        self.ask(Request::ForceEnd(call)).await.map(drop)
    }

    #[zbus(out_args("transaction"))]
    async fn set_held(&self, call: &str, on: bool) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        self.transaction(Request::SetHeld(call, on)).await
    }

    #[zbus(out_args("transaction"))]
    async fn swap(&self) -> Result<String, BusError> {
        self.transaction(Request::Swap).await
    }

    #[zbus(out_args("transaction"))]
    async fn merge(&self, call: &str, with: &str) -> Result<String, BusError> {
        let (call, with) = (keys::call_id(call)?, keys::call_id(with)?);
        self.transaction(Request::Merge(call, with)).await
    }

    #[zbus(out_args("transaction"))]
    async fn split(&self, call: &str) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        self.transaction(Request::Split(call)).await
    }

    #[zbus(out_args("transaction"))]
    async fn end_group(&self, call: &str) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        self.transaction(Request::EndGroup(call)).await
    }

    #[zbus(out_args("transaction"))]
    async fn set_muted(&self, call: &str, on: bool) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        self.transaction(Request::SetMuted(call, on)).await
    }

    #[zbus(out_args("transaction"))]
    async fn play_digits(&self, call: &str, digits: &str) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        let digits = dbus::digits(digits)?;
        self.transaction(Request::Digits(call, digits)).await
    }

    #[zbus(out_args("transaction"))]
    async fn send_rest(&self, call: &str) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        self.transaction(Request::SendRest(call)).await
    }

    async fn drop_rest(&self, call: &str) -> Result<(), BusError> {
        let call = keys::call_id(call)?;
        self.ask(Request::DropRest(call)).await.map(drop)
    }

    async fn silence(&self, call: &str) -> Result<(), BusError> {
        let call = keys::call_id(call)?;
        self.ask(Request::Silence(call)).await.map(drop)
    }

    #[zbus(out_args("call", "transaction"))]
    async fn dial(
        &self,
        app: &str,
        handle_kind: &str,
        handle: &str,
        options: Dict,
    ) -> Result<(String, String), BusError> {
        let app = dbus::app_id(app)?;
        let handle = dbus::handle(handle_kind, handle)?;
        let to = dbus::dial_to(handle, &options)?;
        let call = keys::new_call_id();
        let wish = Request::Dial { call, app, to };
        let transaction = self.transaction(wish).await?;
        Ok((call.to_string(), transaction))
    }

    async fn open(&self, call: &str) -> Result<(), BusError> {
        let call = keys::call_id(call)?;
        self.ask(Request::Open(call)).await.map(drop)
    }

    async fn set_route(&self, endpoint: &str) -> Result<(), BusError> {
        let endpoint = EndpointId::new(endpoint).ok_or(Rejection::UnknownEndpoint)?;
        self.ask(Request::Route(endpoint)).await.map(drop)
    }

    #[zbus(out_args("transaction"))]
    async fn set_video(&self, call: &str, on: bool) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        self.transaction(Request::SetVideo(call, on)).await
    }

    #[zbus(out_args("transaction"))]
    async fn decline_video(&self, call: &str) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        self.transaction(Request::DeclineVideo(call)).await
    }

    #[zbus(out_args("transaction"))]
    async fn translate(&self, call: &str, local: &str, remote: &str) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        let to = dbus::translation(local, remote)?;
        self.transaction(Request::SetTranslating(call, to)).await
    }

    #[zbus(out_args("transaction"))]
    async fn press(&self, call: &str, button: &str) -> Result<String, BusError> {
        let call = keys::call_id(call)?;
        let button = dbus::button("button", button)?;
        self.transaction(Request::Custom(call, button)).await
    }

    async fn set_on_answer(&self, rule: &str) -> Result<(), BusError> {
        let rule = match rule {
            "" => None,
            word => Some(dbus::on_answer("rule", word)?),
        };
        self.ask(Request::SetOnAnswer(rule)).await.map(drop)
    }

    async fn set_ring_on(&self, device: &str) -> Result<(), BusError> {
        let on = dbus::ring_on("device", device)?;
        self.ask(Request::SetRingOn(on)).await.map(drop)
    }

    async fn set_driving(&self, on: bool) -> Result<(), BusError> {
        self.ask(Request::SetDriving(on)).await.map(drop)
    }

    async fn set_do_not_disturb(&self, on: bool, until: i64) -> Result<(), BusError> {
        let until = dbus::at_wall(until)?;
        self.rule(RuleChange::DoNotDisturb { on, until }).await
    }

    async fn set_blocked(&self, handle_kind: &str, handle: &str, on: bool) -> Result<(), BusError> {
        let handle = dbus::handle(handle_kind, handle)?;
        self.rule(RuleChange::Block(handle, on)).await
    }

    async fn set_allowed(&self, handle_kind: &str, handle: &str, on: bool) -> Result<(), BusError> {
        let handle = dbus::handle(handle_kind, handle)?;
        self.rule(RuleChange::Allow(handle, on)).await
    }

    async fn set_repeated_callers(&self, on: bool) -> Result<(), BusError> {
        self.rule(RuleChange::RepeatedCallers(on)).await
    }

    async fn set_restricted(&self, on: bool) -> Result<(), BusError> {
        self.rule(RuleChange::Restrict(on)).await
    }

    async fn set_protected(&self, app: &str, on: bool) -> Result<(), BusError> {
        self.rule(RuleChange::Protect(dbus::app_id(app)?, on)).await
    }

    async fn set_privacy(&self, app: &str, level: &str) -> Result<(), BusError> {
        let app = dbus::app_id(app)?;
        self.rule(RuleChange::Privacy(app, dbus::privacy("level", level)?))
            .await
    }

    async fn set_second_calls(&self, rule: &str, app: &str) -> Result<(), BusError> {
        let wanted = match rule {
            "" => None,
            word => Some(dbus::second_calls("rule", word)?),
        };
        let change = match (app, wanted) {
            ("", Some(rule)) => RuleChange::SecondCalls(rule),
            ("", None) => RuleChange::SecondCalls(dbus::second_calls("rule", rule)?),
            (app, rule) => RuleChange::SecondCallsOf(dbus::app_id(app)?, rule),
        };
        self.rule(change).await
    }

    async fn interrupt(
        &self,
        reason: &str,
        began: bool,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let who = sender(&header)?;
        let reason = dbus::interruption(reason)?;
        let (needs, inbox) = (&self.needs, &self.inbox);
        needs.set(who.clone(), reason, began, inbox).await?;
        if began && !self.owners.is_there(&who).await {
            // It left meanwhile: the watch of names may have told so too early.
            needs.leave(&who, inbox).await;
        }
        Ok(())
    }

    async fn set_foreground(&self, app: &str, on: bool) -> Result<(), BusError> {
        let app = dbus::app_id(app)?;
        let front = app.clone();
        self.push.tell(PushWish::Front { app: front, on });
        self.inbox.tell(Environment::Foreground { app, on }).await;
        Ok(())
    }

    #[zbus(out_args("rules"))]
    async fn rules(&self) -> String {
        self.published.rules_text()
    }

    #[zbus(out_args("generation"))]
    async fn request_route(&self, endpoint: &str) -> Result<u64, BusError> {
        let endpoint = EndpointId::new(endpoint).ok_or(Rejection::UnknownEndpoint)?;
        match self.ask(Request::Route(endpoint)).await? {
            Accepted::Routing { generation } => Ok(generation),
            Accepted::Registered { .. }
            | Accepted::Reported { .. }
            | Accepted::Transaction { .. }
            | Accepted::Audio { .. }
            | Accepted::Done => Ok(0),
        }
    }

    #[zbus(out_args("transaction"))]
    async fn headset(&self, gesture: &str, endpoint: &str) -> Result<String, BusError> {
        let gesture = dbus::headset_gesture(gesture)?;
        let endpoint = EndpointId::new(endpoint);
        self.transaction(Request::Headset { gesture, endpoint })
            .await
    }

    #[zbus(out_args("state"))]
    async fn state(&self) -> String {
        self.published.state_text()
    }

    #[zbus(out_args("callers"))]
    async fn callers(&self) -> String {
        let callers = self.access.callers(&self.clients).await;
        serde_json::to_string(&callers).expect("callers are strings and numbers")
    }

    #[zbus(out_args("state"))]
    async fn watch(&self, #[zbus(header)] header: Header<'_>) -> Result<String, BusError> {
        self.enter(&header, Wants::Whole).await?;
        Ok(self.published.state_text())
    }

    #[zbus(out_args("state"))]
    async fn follow(&self, #[zbus(header)] header: Header<'_>) -> Result<String, BusError> {
        self.enter(&header, Wants::First).await?;
        Ok(self.published.state_text())
    }

    #[zbus(out_args("entries"))]
    async fn recents(&self, filter: &str, limit: u32) -> Result<String, BusError> {
        self.published.recents_text(filter, limit)
    }

    #[zbus(out_args("url"))]
    async fn ui_address(&self) -> Result<String, BusError> {
        self.published.ui_address().ok_or_else(|| {
            BusError::new(
                ErrorCode::NotNow,
                "the calling UI is not served; hookswitchd has said why in its messages",
            )
        })
    }

    #[zbus(out_args("trace"))]
    async fn record(&self, with_names: bool) -> Result<String, BusError> {
        Ok(self.inbox.recording(with_names).await?)
    }

    #[zbus(signal)]
    pub(crate) async fn state_changed(
        emitter: &SignalEmitter<'_>,
        revision: u64,
        state: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(crate) async fn state_differs(
        emitter: &SignalEmitter<'_>,
        from: u64,
        revision: u64,
        change: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(crate) async fn transaction_finished(
        emitter: &SignalEmitter<'_>,
        transaction: &str,
        complete: bool,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(crate) async fn action_dropped(
        emitter: &SignalEmitter<'_>,
        transaction: &str,
        call: &str,
        action: &str,
        reason: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(crate) async fn route_finished(
        emitter: &SignalEmitter<'_>,
        generation: u64,
        outcome: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(crate) async fn recents_changed(
        emitter: &SignalEmitter<'_>,
        revision: u64,
    ) -> zbus::Result<()>;
}

impl Controller {
    async fn enter(&self, header: &Header<'_>, wants: Wants) -> Result<(), BusError> {
        let sender = sender(header)?;
        self.watchers.enter(sender.clone(), wants)?;
        if !self.owners.is_there(&sender).await {
            // It left meanwhile: the watch of names may have told so too early.
            self.watchers.leave(&sender);
        }
        Ok(())
    }

    async fn ask(&self, wish: Request) -> Result<Accepted, BusError> {
        let from = Requester::User;
        let input = |reply| Input::Request { from, wish, reply };
        Ok(self.inbox.ask(input).await??)
    }

    async fn rule(&self, change: RuleChange) -> Result<(), BusError> {
        self.ask(Request::ChangeRule(change)).await.map(drop)
    }

    async fn transaction(&self, wish: Request) -> Result<String, BusError> {
        match self.ask(wish).await? {
            Accepted::Transaction { transaction, .. } => Ok(transaction.to_string()),
            Accepted::Registered { .. }
            | Accepted::Reported { .. }
            | Accepted::Routing { .. }
            | Accepted::Audio { .. }
            | Accepted::Done => Ok(String::new()),
        }
    }
}
