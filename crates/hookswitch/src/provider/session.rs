//! What the SDK remembers of an app between two connections.
//!
//! Only what is needed to register again: the configuration, the ids of live calls, the open asks
//! and which call has the audio. Nothing is decided here.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use hookswitch_wire::dbus::{APP_PATH, CallKitDomain, Dict, EndReason};
use tokio::sync::mpsc;
use zbus::connection::Builder;
use zbus::{Connection, Message};

use crate::call::Call;
use crate::error::Error;
use crate::link::{self, Link, Role, lock};

use super::app::App;
use super::ask::Action;
use super::events::{ProviderEvent, ResetCause};
use super::report;

/// See the module.
#[derive(Debug)]
pub(super) struct Session {
    app: String,
    configuration: Mutex<Dict>,
    link: Link,
    events: mpsc::Sender<ProviderEvent>,
    calls: Mutex<BTreeMap<String, Call>>,
    asks: Mutex<BTreeMap<String, Call>>,
    audio: Mutex<Option<Call>>,
    registered: AtomicBool,
}

impl Session {
    pub(super) fn new(
        app: &str,
        configuration: Dict,
        link: Link,
        events: mpsc::Sender<ProviderEvent>,
    ) -> Self {
        Self {
            app: app.to_owned(),
            configuration: Mutex::new(configuration),
            link,
            events,
            calls: Mutex::default(),
            asks: Mutex::default(),
            audio: Mutex::default(),
            registered: AtomicBool::new(false),
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

    pub(super) fn open_ask(&self, id: &str, call: Call) {
        lock(&self.asks).insert(id.to_owned(), call);
    }

    /// Closes an ask; false if it was closed before.
    pub(super) fn close_ask(&self, id: &str) -> bool {
        lock(&self.asks).remove(id).is_some()
    }

    pub(super) fn expire_ask(&self, id: &str) -> Option<Call> {
        lock(&self.asks).remove(id)
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
                | Action::PlayDigits(_),
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

    /// Hands an event to the app; waits while its queue is full.
    pub(super) async fn emit(&self, event: ProviderEvent) {
        // An app that dropped its events hears nothing; an ask among them fails by being dropped.
        let _ = self.events.send(event).await;
    }

    /// Audio goes to a call. What had it before is told first, so that events alternate.
    pub(super) async fn audio_activated(&self, call: Call) {
        let before = lock(&self.audio).replace(call.clone());
        match before {
            Some(before) if before == call => {}
            Some(before) => {
                self.emit(ProviderEvent::AudioDeactivated(before)).await;
                self.emit(ProviderEvent::AudioActivated(call)).await;
            }
            None => self.emit(ProviderEvent::AudioActivated(call)).await,
        }
    }

    /// Audio is taken from a call, if it has it.
    pub(super) async fn audio_deactivated(&self, call: &Call) {
        let had = {
            let mut audio = lock(&self.audio);
            if audio.as_ref() == Some(call) {
                audio.take()
            } else {
                None
            }
        };
        if let Some(had) = had {
            self.emit(ProviderEvent::AudioDeactivated(had)).await;
        }
    }

    pub(super) async fn call_ended(&self, call: Call, reason: EndReason) {
        self.remove_call(call.id());
        self.audio_deactivated(&call).await;
        self.emit(ProviderEvent::CallEnded { call, reason }).await;
    }

    /// Registers, and takes live calls back.
    async fn register(&self, connection: &Connection) -> Result<(), Error> {
        let configuration = lock(&self.configuration).clone();
        let body = (self.app.as_str(), configuration);
        let method = report("Register", CallKitDomain::General);
        let reply = link::call_now(connection, method, &body).await?;
        let (_epoch, orphans): (u64, Vec<(String, String)>) = link::read(&reply)?;
        let orphans: Vec<Call> = orphans
            .into_iter()
            .map(|(id, key)| Call::new(id, key))
            .collect();
        if self.registered.swap(true, Ordering::Relaxed) {
            self.take_back(connection, &orphans).await;
        } else {
            self.emit(ProviderEvent::Registered { orphans }).await;
        }
        Ok(())
    }

    /// Adopts the live calls the daemon still knows; the others are lost.
    async fn take_back(&self, connection: &Connection, orphans: &[Call]) {
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
            self.audio_deactivated(call).await;
        }
        self.emit(ProviderEvent::Reconnected { calls: kept }).await;
        if !lost.is_empty() {
            let cause = ResetCause::Forgotten;
            let calls = lost;
            self.emit(ProviderEvent::Reset { cause, calls }).await;
        }
    }
}

impl Role for Session {
    const SIGNALS: bool = false;

    fn name(&self) -> Option<&str> {
        Some(&self.app)
    }

    fn prepare(self: &Arc<Self>, builder: Builder<'static>) -> Builder<'static> {
        let app = App::new(Arc::downgrade(self));
        builder.serve_at(APP_PATH, app)
    }

    async fn up(&self, connection: &Connection) -> Result<(), Error> {
        self.register(connection).await
    }

    /// What was asked before is void: the daemon has given it up as well.
    fn down(&self) {
        lock(&self.asks).clear();
    }

    fn signal(&self, _: &Message) {}
}
