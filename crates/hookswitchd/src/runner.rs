//! Starts effects; never waits for one.
//!
//! Input: effects of one step, in order.
//! Output: messages in the bounded queues of the edges; the published state.
//!
//! # Promises
//!
//! - **F1** an edge that does not keep up loses its own messages, told in the log, or its app; no
//!   other edge is delayed.
//! - **F2** what is published is the state between two steps, never within one.

use std::collections::HashMap;
use std::sync::Arc;

use hookswitch_bus::{Finished, Outbound, finished, outbound};
use hookswitch_core::{Anomaly, AnomalyKind, Core, Effect, Environment};
use hookswitch_model::{
    Amendment, AppId, CallId, ClientId, RecentsEntry, RingPolicy, Snapshot, Stamp,
};
use hookswitch_wire::view::DecisionView;
use tokio::sync::{mpsc, oneshot, watch};

use crate::materials::Materials;
use crate::recents::StoreOrder;
use crate::sound::{RingOrder, Sound};

/// The sending ends of all edges.
#[derive(Debug)]
pub struct Outlets {
    /// The state after each step.
    pub state: watch::Sender<Arc<Snapshot>>,
    /// The same states one by one, for the log.
    pub told: mpsc::Sender<Arc<Snapshot>>,
    /// Finished transactions, for signals.
    pub finished: mpsc::Sender<Finished>,
    /// Orders to show the unlock screen.
    pub unlocks: mpsc::Sender<()>,
    /// Apps to be started.
    pub launches: mpsc::Sender<AppId>,
    /// Ended calls, for the recents.
    pub records: std::sync::mpsc::SyncSender<StoreOrder>,
    /// Ringing and routing.
    pub sound: Sound,
    /// Where the ringtones are that apps brought along.
    pub materials: Arc<Materials>,
}

/// Starts effects.
#[derive(Debug)]
pub struct Runner {
    outlets: Outlets,
    mailboxes: HashMap<ClientId, mpsc::Sender<Outbound>>,
    finished: Vec<Finished>,
    records_late: bool,
}

impl Runner {
    /// Starts effects through these outlets.
    #[must_use]
    pub fn new(outlets: Outlets) -> Self {
        Self {
            outlets,
            mailboxes: HashMap::new(),
            finished: Vec::new(),
            records_late: false,
        }
    }

    /// Remembers where messages for an app go; an app that has a mailbox keeps it.
    pub fn join(&mut self, client: ClientId, mailbox: mpsc::Sender<Outbound>) {
        self.mailboxes.entry(client).or_insert(mailbox);
    }

    /// Forgets it; what is in the mailbox is still delivered.
    pub fn leave(&mut self, client: ClientId) {
        self.mailboxes.remove(&client);
    }

    /// Starts one effect. What must be told to the core at once is returned.
    pub fn start(&mut self, at: Stamp, effect: Effect, core: &mut Core) -> Option<Environment> {
        match effect {
            Effect::Reply { .. } => None, // given by the shell, which knows who asked
            Effect::Ask { .. }
            | Effect::AskExpired { .. }
            | Effect::CallEnded { .. }
            | Effect::AudioActivated { .. }
            | Effect::AudioDeactivated { .. }
            | Effect::AudioDenied { .. }
            | Effect::AudioInterrupted { .. }
            | Effect::Open { .. } => {
                let (client, outbound) = outbound(at, effect)?;
                self.send(client, outbound)
            }
            Effect::Unlock => {
                if self.outlets.unlocks.try_send(()).is_err() {
                    tracing::warn!("the unlock screen is not shown; unlock it by hand");
                }
                None
            }
            Effect::Launch(app) => self.launch(app),
            // The core asks the screeners it was told of, and this daemon tells it of none.
            Effect::Screen { .. } => None,
            Effect::Ring {
                call: _,
                tone,
                ringtone,
                on,
            } => {
                let own = ringtone.and_then(|id| self.outlets.materials.ringtone(&id));
                self.ring(RingOrder::Start(tone, own, on))
            }
            Effect::StopRing => self.ring(RingOrder::Stop),
            Effect::StartTone { call: _, tone, on } => self.ring(RingOrder::StartTone(tone, on)),
            Effect::StopTone => self.ring(RingOrder::StopTone),
            Effect::Route {
                endpoint,
                generation,
            } => self.outlets.sound.route(endpoint, generation),
            Effect::Record(entry) => {
                self.record(entry);
                None
            }
            Effect::Amend(amendment) => {
                self.amend(amendment);
                None
            }
            Effect::KeepPolicy(policy) => {
                self.keep_policy(policy);
                None
            }
            Effect::RouteFinished { .. } | Effect::Finished { .. } | Effect::Dropped { .. } => {
                self.finished.extend(finished(&effect));
                None
            }
            Effect::Publish { .. } => {
                self.publish(core);
                None
            }
            Effect::Anomaly(anomaly) => {
                tell_anomaly(&anomaly);
                None
            }
        }
    }

    fn ring(&self, order: RingOrder) -> Option<Environment> {
        self.outlets.sound.ring(order);
        None
    }

    /// Tells the ends of transactions, after the state they led to was published.
    pub fn end_step(&mut self) {
        for finished in self.finished.drain(..) {
            if self.outlets.finished.try_send(finished).is_err() {
                tracing::warn!("the bus is slow: the end of a transaction is not told");
            }
        }
    }

    fn send(&mut self, client: ClientId, outbound: Outbound) -> Option<Environment> {
        let mailbox = self.mailboxes.get(&client)?;
        if mailbox.try_send(outbound).is_ok() {
            return None;
        }
        tracing::warn!(%client, "an app's mailbox is full; it counts as gone");
        self.leave(client);
        Some(Environment::ClientGone(client))
    }

    fn launch(&mut self, app: AppId) -> Option<Environment> {
        match self.outlets.launches.try_send(app) {
            Ok(()) => None,
            Err(error) => {
                tracing::warn!("too many apps wait to be started");
                Some(Environment::LaunchFailed(error.into_inner()))
            }
        }
    }

    /// Hands a record to the recents. Calls go on when these do not keep up: the record stays in
    /// the log of live calls for the next daemon, which is told once.
    pub fn record(&mut self, entry: Box<RecentsEntry>) {
        self.change_recents(StoreOrder::Record(entry));
    }

    /// Hands a change of a record to the recents, in the same way.
    pub fn amend(&mut self, amendment: Amendment) {
        self.change_recents(StoreOrder::Amend(amendment));
    }

    fn change_recents(&mut self, order: StoreOrder) {
        let sent = self.outlets.records.try_send(order);
        if sent.is_err() && !self.records_late {
            self.records_late = true;
            tracing::error!(
                "the recents do not keep up; is the disk full or slow? \
                 what they did not take waits for the next start"
            );
        }
    }

    /// Asks the recents what was decided about a call. When they do not keep up, the question is
    /// dropped, which whoever asked is told.
    pub fn explain_call(&self, call: CallId, reply: oneshot::Sender<Option<DecisionView>>) {
        let order = StoreOrder::Explain { call, reply };
        if self.outlets.records.try_send(order).is_err() {
            tracing::warn!("the recents are busy; a question about a decision is dropped");
        }
    }

    fn keep_policy(&mut self, policy: Arc<RingPolicy>) {
        let order = StoreOrder::Rules(policy);
        if self.outlets.records.try_send(order).is_err() {
            tracing::error!("the rules for incoming calls are in force, but cannot be kept");
        }
    }

    fn publish(&mut self, core: &mut Core) {
        let fresh = Arc::new(core.publish());
        self.outlets.state.send_replace(fresh.clone());
        if self.outlets.told.try_send(fresh).is_err() {
            tracing::debug!("changes come too fast to be told one by one");
        }
    }
}

fn tell_anomaly(anomaly: &Anomaly) {
    let Anomaly { kind, app, call } = anomaly;
    let app = app.as_ref().map(AppId::as_str);
    let call = call.map(|call| call.to_string());
    match kind {
        AnomalyKind::LawBroken(law) => {
            tracing::error!(
                law,
                app,
                call,
                "a law of the core was broken; the call was ended"
            );
        }
        AnomalyKind::NoGrant => {
            tracing::warn!(
                app,
                call,
                "an accepted call has no audio: the audio server is away"
            );
        }
        AnomalyKind::AskExpired
        | AnomalyKind::HoldSlow
        | AnomalyKind::HoldRefused
        | AnomalyKind::SettledLate
        | AnomalyKind::SettledForeign
        | AnomalyKind::ImpossibleReport
        | AnomalyKind::ClientGone
        | AnomalyKind::LetterLost => tracing::warn!(?kind, app, call, "an app broke a promise"),
    }
}
