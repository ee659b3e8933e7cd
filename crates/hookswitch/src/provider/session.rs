//! What the SDK remembers of an app between two connections.
//!
//! Only what is needed to register again: the configuration, the ids of live calls, the open asks
//! and which call has the audio. Nothing is decided here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use hookswitch_wire::dbus::words::ActionKind;
use hookswitch_wire::dbus::{
    APP_PATH, CallKitDomain, Dict, EndReason, PROVIDER_INTERFACE, TranslationEngine,
};
use tokio::sync::mpsc;
use zbus::connection::Builder;
use zbus::{Connection, Message};

use crate::call::Call;
use crate::error::Error;
use crate::link::{self, Link, Role, lock};
use crate::push::Pushes;

use super::app::App;
use super::ask::{Action, Ask};
use super::events::{Delivery, ProviderEvent, ResetCause};
use super::letters::{Letter, Letters};
use super::pending::{PendingAction, PendingTransaction};
use super::report;
use super::routed::Routed;

/// An ask that the app has not settled.
#[derive(Debug)]
pub(super) struct OpenAsk {
    call: Call,
    transaction: String,
    /// What is asked, unless only a newer SDK knows it.
    kind: Option<ActionKind>,
    /// The daemon that asks, by its unique bus name: to another one the id means something else.
    /// `None` while there is no daemon.
    pub(super) daemon: Option<String>,
    pub(super) cursor: u64,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Session {
    app: String,
    configuration: Mutex<Dict>,
    link: Link,
    events: mpsc::Sender<Delivery>,
    letters: Arc<Letters>,
    calls: Mutex<BTreeMap<String, Call>>,
    /// Calls that the app gave up while it could not tell the daemon.
    given_up: Mutex<BTreeMap<String, Call>>,
    /// Calls that the app was told to be forgotten: that they ended is no news.
    forgotten: Mutex<BTreeSet<String>>,
    asks: Mutex<BTreeMap<String, OpenAsk>>,
    /// The app takes transactions as a whole.
    whole: AtomicBool,
    /// Asks of a transaction that has not arrived as a whole.
    gathered: Mutex<Vec<Ask>>,
    audio: Mutex<Option<Call>>,
    routed: Routed,
    pushes: Arc<Pushes>,
    /// Of the daemon that registered the app last; [`NEVER`] before the first time.
    epoch: AtomicU64,
}

/// The epoch of no daemon.
const NEVER: u64 = 0;

impl Session {
    pub(super) fn new(
        app: &str,
        configuration: Dict,
        link: Link,
        events: mpsc::Sender<Delivery>,
    ) -> Self {
        Self {
            app: app.to_owned(),
            configuration: Mutex::new(configuration),
            link,
            events,
            letters: Arc::new(Letters::new()),
            calls: Mutex::default(),
            given_up: Mutex::default(),
            forgotten: Mutex::default(),
            asks: Mutex::default(),
            whole: AtomicBool::new(false),
            gathered: Mutex::default(),
            audio: Mutex::default(),
            routed: Routed::default(),
            pushes: Arc::default(),
            epoch: AtomicU64::new(NEVER),
        }
    }

    pub(super) fn app(&self) -> &str {
        &self.app
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    pub(super) fn keep_configuration(&self, configuration: Dict) {
        *lock(&self.configuration) = configuration;
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        lock(&self.calls).values().cloned().collect()
    }

    pub(super) fn add_call(&self, call: Call) {
        lock(&self.calls).insert(call.id().to_owned(), call);
    }

    /// Forgets a call, given by id or key.
    pub(super) fn remove_call(&self, call: &str) {
        lock(&self.calls).retain(|id, known| id != call && known.key() != call);
    }

    /// The call of an id, with the app's key if it is known.
    pub(super) fn call(&self, id: &str) -> Call {
        let known = lock(&self.calls).get(id).cloned();
        known.unwrap_or_else(|| Call::new(id, ""))
    }

    pub(super) fn routed(&self) -> &Routed {
        &self.routed
    }

    pub(super) fn pushes(&self) -> &Arc<Pushes> {
        &self.pushes
    }

    pub(super) fn letters(&self) -> &Arc<Letters> {
        &self.letters
    }

    pub(super) fn has_call(&self, call: &Call) -> bool {
        lock(&self.calls).contains_key(call.id())
    }

    /// The app has no such call any more, and the daemon could not be told.
    pub(super) fn gave_up(&self, call: Call) {
        lock(&self.given_up).insert(call.id().to_owned(), call);
    }

    /// Opens an ask, or opens it again on a new connection; false if the app has it already.
    pub(super) fn open_ask(
        &self,
        (id, transaction): (&str, &str),
        (call, kind): (&Call, Option<ActionKind>),
        daemon: &str,
        cursor: u64,
    ) -> bool {
        let open = OpenAsk {
            call: call.clone(),
            transaction: transaction.to_owned(),
            kind,
            daemon: Some(daemon.to_owned()),
            cursor,
        };
        lock(&self.asks).insert(id.to_owned(), open).is_none()
    }

    /// What the app has been asked and has not settled, by transaction, in the order of asking.
    pub(super) fn pending(&self) -> Vec<PendingTransaction> {
        let mut open: Vec<(u64, String, PendingAction)> = lock(&self.asks)
            .iter()
            .map(|(id, ask)| {
                let action = PendingAction {
                    ask: id.clone(),
                    call: ask.call.clone(),
                    kind: ask.kind,
                };
                (ask.cursor, ask.transaction.clone(), action)
            })
            .collect();
        open.sort_by_key(|(cursor, ..)| *cursor);
        let mut found: Vec<PendingTransaction> = Vec::new();
        for (_, id, action) in open {
            match found.iter_mut().find(|known| known.id == id) {
                Some(known) => known.actions.push(action),
                None => found.push(PendingTransaction {
                    id,
                    actions: vec![action],
                }),
            }
        }
        found
    }

    pub(super) fn take_whole(&self, on: bool) {
        self.whole.store(on, Ordering::Relaxed);
    }

    /// Hands an ask to the app, or keeps it until its transaction is there as a whole.
    pub(super) async fn perform(&self, ask: Ask, following: u64) {
        if !self.whole.load(Ordering::Relaxed) && lock(&self.gathered).is_empty() {
            return self.emit(ProviderEvent::Perform(ask), None).await;
        }
        let other = lock(&self.gathered)
            .first()
            .is_some_and(|first| first.transaction() != ask.transaction());
        if other {
            self.execute().await;
        }
        lock(&self.gathered).push(ask);
        if following == 0 {
            self.execute().await;
        }
    }

    /// Hands what has been gathered to the app, as one.
    pub(super) async fn execute(&self) {
        let asks = std::mem::take(&mut *lock(&self.gathered));
        if let Some(first) = asks.first() {
            let transaction = first.transaction().to_owned();
            let event = ProviderEvent::Execute { transaction, asks };
            self.emit(event, None).await;
        }
    }

    /// Closes an ask, unless it was closed before.
    pub(super) fn close_ask(&self, id: &str) -> Option<OpenAsk> {
        lock(&self.asks).remove(id)
    }

    pub(super) fn expire_ask(&self, id: &str) -> Option<Call> {
        let open = self.close_ask(id)?;
        self.letters.done(open.cursor);
        Some(open.call)
    }

    /// Draws from a settled ask which calls are live.
    pub(super) fn settled(&self, call: &Call, action: &Action, fulfilled: bool) {
        match (action, fulfilled) {
            (Action::End { .. }, true) | (Action::Start { .. } | Action::Answer, false) => {
                self.remove_call(call.id());
            }
            (Action::Start { .. }, true)
            | (Action::End { .. }, false)
            | (Action::Answer, true)
            | (
                Action::SetHeld(_)
                | Action::SetMuted(_)
                | Action::SetGroup(_)
                | Action::PlayDigits(_)
                | Action::SetVideo(_)
                | Action::DeclineVideo
                | Action::SetTranslating(_)
                | Action::Press(_),
                _,
            ) => {}
        }
    }

    /// Fails an ask of a daemon.
    pub(super) async fn fail(&self, daemon: &str, ask: &str) -> Result<(), Error> {
        let method = report("Fail", CallKitDomain::General);
        self.link.call_same(daemon, method, &(ask,)).await
    }

    /// Fulfills an ask of a daemon.
    pub(super) async fn fulfill(&self, daemon: &str, ask: &str, at: i64) -> Result<(), Error> {
        let method = report("Fulfill", CallKitDomain::General);
        self.link.call_same(daemon, method, &(ask, at)).await
    }

    /// Fulfills an ask about translation.
    pub(super) async fn fulfill_translating(
        &self,
        daemon: &str,
        ask: &str,
        engine: TranslationEngine,
    ) -> Result<(), Error> {
        let method = report("FulfillTranslating", CallKitDomain::General);
        let body = (ask, engine.name());
        self.link.call_same(daemon, method, &body).await
    }

    /// Hands an event to the app, with the letter that taking it acknowledges; waits while its
    /// queue is full.
    pub(super) async fn emit(&self, event: ProviderEvent, cursor: Option<u64>) {
        // An app that dropped its events hears nothing; an ask among them fails by being dropped.
        let _ = self.events.send(Delivery { event, cursor }).await;
    }

    /// Audio goes to a call. What had it before is told first, so that events alternate.
    pub(super) async fn audio_activated(&self, call: Call, cursor: u64) {
        let before = lock(&self.audio).replace(call.clone());
        if before.as_ref() == Some(&call) {
            return self.letters.done(cursor);
        }
        if let Some(before) = before {
            let event = ProviderEvent::AudioDeactivated(before);
            self.emit(event, None).await;
        }
        let event = ProviderEvent::AudioActivated(call);
        self.emit(event, Some(cursor)).await;
    }

    /// Audio is taken from a call, if it has it.
    pub(super) async fn audio_deactivated(&self, call: &Call, cursor: Option<u64>) {
        let had = {
            let mut audio = lock(&self.audio);
            if audio.as_ref() == Some(call) {
                audio.take()
            } else {
                None
            }
        };
        if let Some(had) = had {
            let event = ProviderEvent::AudioDeactivated(had);
            self.emit(event, cursor).await;
        } else if let Some(cursor) = cursor {
            self.letters.done(cursor);
        }
    }

    pub(super) async fn call_ended(
        &self,
        call: Call,
        reason: EndReason,
        letter: Letter,
        cursor: u64,
    ) {
        if lock(&self.forgotten).remove(call.id()) {
            return self.letters.done(cursor);
        }
        self.remove_call(call.id());
        self.audio_deactivated(&call, None).await;
        let event = ProviderEvent::CallEnded {
            call,
            reason,
            letter,
        };
        self.emit(event, Some(cursor)).await;
    }

    /// Registers, and takes live calls back.
    async fn register(&self, connection: &Connection) -> Result<(), Error> {
        let configuration = lock(&self.configuration).clone();
        let body = (self.app.as_str(), configuration);
        let method = report("Register", CallKitDomain::General);
        let reply = link::call_now(connection, method, &body).await?;
        let (epoch, orphans): (u64, Vec<(String, String)>) = link::read(&reply)?;
        let orphans: Vec<Call> = orphans
            .into_iter()
            .map(|(id, key)| Call::new(id, key))
            .collect();
        match self.epoch.swap(epoch, Ordering::Relaxed) {
            NEVER => {
                let event = ProviderEvent::Registered { orphans };
                self.emit(event, None).await;
            }
            former => {
                let cause = match former == epoch {
                    true => ResetCause::AwayTooLong,
                    false => ResetCause::DaemonRestarted,
                };
                self.take_back(connection, &orphans, cause).await;
            }
        }
        Ok(())
    }

    /// Adopts the live calls the daemon still knows; the others are lost, for that cause.
    async fn take_back(&self, connection: &Connection, orphans: &[Call], cause: ResetCause) {
        let mut kept = Vec::new();
        let mut lost = Vec::new();
        for call in self.calls() {
            let method = report("Adopt", CallKitDomain::General);
            let known = orphans.contains(&call);
            if known
                && link::call_now(connection, method, &(call.id(),))
                    .await
                    .is_ok()
            {
                kept.push(call);
            } else {
                lost.push(call);
            }
        }
        for call in &lost {
            self.remove_call(call.id());
            self.audio_deactivated(call, None).await;
        }
        let event = ProviderEvent::Reconnected { calls: kept };
        self.emit(event, None).await;
        if !lost.is_empty() {
            let ids = lost.iter().map(|call| call.id().to_owned());
            *lock(&self.forgotten) = ids.collect();
            let event = ProviderEvent::Reset {
                cause,
                epoch: self.epoch.load(Ordering::Relaxed),
                calls: lost,
            };
            self.emit(event, None).await;
        }
        self.end_given_up(connection, orphans).await;
    }

    /// What the app gave up while there was no daemon to tell has ended.
    async fn end_given_up(&self, connection: &Connection, orphans: &[Call]) {
        let given_up = std::mem::take(&mut *lock(&self.given_up));
        for call in given_up.values().filter(|call| orphans.contains(call)) {
            let method = report("ReportEnded", CallKitDomain::General);
            let body = (call.id(), EndReason::Failed.name());
            // A daemon that does not take it ends the call by itself.
            let _: Result<Message, Error> = link::call_now(connection, method, &body).await;
        }
    }
}

impl Role for Session {
    const SIGNALS: &'static str = PROVIDER_INTERFACE;

    fn name(&self) -> Option<&str> {
        Some(&self.app)
    }

    fn prepare(self: &Arc<Self>, builder: Builder<'static>) -> Builder<'static> {
        let app = App::new(Arc::downgrade(self));
        let builder = builder.serve_at(APP_PATH, app);
        self.pushes.serve(builder, &self.link)
    }

    async fn up(&self, connection: &Connection) -> Result<(), Error> {
        self.register(connection).await?;
        self.pushes.up(connection);
        Ok(())
    }

    /// What was asked is asked again, or given up. An ask that was not asked again after the loss
    /// before this one is void.
    fn down(&self) {
        self.letters.disconnected();
        self.routed.lose();
        lock(&self.asks).retain(|_, ask| ask.daemon.take().is_some());
    }

    fn signal(&self, message: &Message) {
        let header = message.header();
        let member = header.member().map(|name| name.as_str());
        if member == Some("RouteFinished")
            && let Ok((generation, outcome)) = link::read::<(u64, String)>(message)
        {
            self.routed.finish(generation, &outcome);
        }
    }
}
