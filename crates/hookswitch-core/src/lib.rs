//! The call core: who rings, who may talk, who is held, who owns the microphone.
//!
//! Layer 1: pure and deterministic. One [`Event`] goes in with its [`Stamp`]; ordered [`Effect`]s
//! come out. Same state, stamps and events: same effects, byte for byte.
//!
//! # Laws
//!
//! - **L0** [`Core::handle`] first expires every deadline due at its stamp, in order of time and
//!   then of setting, and then applies the event. Only what is said of a sleep of the machine comes
//!   before: it makes deadlines later.
//! - **L1** it is total: no event in any state panics, blocks or fails.
//! - **L2** it is deterministic.
//! - **L3** exactly one reply per request or report, in the same step; only the report of an
//!   incoming call may have to wait for a verdict, at most the limit `verdict`. A refused request
//!   changes nothing. (A refused *incoming call* is still kept in the recents as missed.)
//! - **L4** each ask settles once: fulfilled, failed or expired. A late answer is dropped; it is an
//!   anomaly unless the ask was over for a reason that its app could not know.
//! - **L5** an ended call is silent for ever; late reports meet a tombstone.
//! - **L6** `Publish` comes last in a step.
//! - **L7** at most one group has the audio lease; no limit is ever exceeded.
//! - **L8** every wait has a deadline; when nothing is pending there is none.
//! - **L9** when faults stop, the world becomes quiet within bounded virtual time.
//!
//! # Not here
//!
//! D-Bus, HTTP, phone-number formats, contacts, ringtones, screens, text for people, clocks.

mod again;
mod amend;
mod arrival;
mod ask;
mod button;
mod call_tone;
mod calls;
mod cellular;
mod dates;
mod deadline;
mod difference;
mod directory;
mod effect;
mod end;
mod event;
mod facts;
mod forecast;
mod front;
pub mod gesture;
mod group;
mod headset;
mod invariants;
mod launch;
mod lease;
mod line;
mod mailbox;
mod media;
mod moves;
mod mute;
mod occupied;
mod plan;
mod policy;
mod provider;
mod publish;
mod quirk;
mod rate;
mod rejoin;
mod report;
mod request;
mod restore;
mod resume;
mod route;
mod route_ask;
mod second;
mod sleep;
mod state;
mod tones;
mod transaction;
mod verdict;
mod voicemail;

pub use deadline::DeadlineReason;
pub use effect::{Accepted, Anomaly, AnomalyKind, Ask, AskKind, Effect, Effects, Letter, RingTone};
pub use event::{Action, Environment, Event, Outcome, Report, Request, Requester};
pub use rate::{Buckets, SENDERS_MAX, Traffic, too_fast};

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use hookswitch_model::{
    AppId, AskId, CallId, ClientId, Decision, EndpointId, FrontRules, Handle, Lease, Limits,
    MaterialId, Notice, RingOn, RingPolicy, RingState, Screener, Stamp, Text, Timestamp,
    TransactionId,
};

use call_tone::Sounding;
use calls::Calls;
use deadline::{Deadlines, Wait};
use difference::{Kept, Shown};
use front::BehindLock;
use lease::Grants;
use mailbox::Mailbox;
use policy::FilteredCallers;
use route::Routing;
use state::{Lapsed, PendingAsk, Provider, Tombstones, Transaction};
use verdict::Arrival;

/// The state of all calls.
#[derive(Debug)]
pub struct Core {
    limits: Limits,
    now: Stamp,
    revision: u64,
    dirty: bool,
    out: Effects,
    calls: Calls,
    shown: Shown,
    kept: Kept,
    providers: BTreeMap<AppId, Provider>,
    clients: BTreeMap<ClientId, AppId>,
    cellular_apps: BTreeSet<AppId>,
    /// What cellular apps told last of their emergency numbers.
    emergency_numbers: BTreeMap<AppId, Vec<Text>>,
    asks: BTreeMap<AskId, PendingAsk>,
    lapsed: Lapsed,
    transactions: BTreeMap<TransactionId, Transaction>,
    tombstones: Tombstones,
    deadlines: Deadlines,
    ring: RingState,
    /// The ringing call on the screen.
    presented: Option<CallId>,
    /// Where the user wants it to ring, and where it does.
    ring_on: RingOn,
    ring_muted: bool,
    /// There is no sound device, as far as was told.
    is_soundless: bool,
    ringing_on: Vec<EndpointId>,
    /// What apps brought along to ring, and which of it rings.
    ringtones: BTreeMap<AppId, MaterialId>,
    ringing_with: Option<MaterialId>,
    sounding: Sounding,
    lease: Option<Lease>,
    /// Whose audio the lease is for: all of one group.
    lease_members: Vec<CallId>,
    grants: Grants,
    routing: Routing,
    /// Nothing until somebody says.
    microphone_muted: Option<bool>,
    /// The call that used the microphone last.
    talking: Vec<CallId>,
    notices: VecDeque<Notice>,
    policy: Arc<RingPolicy>,
    screeners: BTreeSet<Screener>,
    arrivals: BTreeMap<CallId, Arrival>,
    filtered: FilteredCallers,
    /// Numbers that the user has called; filled under a quirk only.
    called: BTreeSet<Handle>,
    /// What the directory has decided about the call that is reported next.
    decided: Option<(CallId, Arc<Decision>)>,
    /// An ended call counts as something that plays; under a quirk only.
    afterglow: bool,
    mailboxes: BTreeMap<AppId, Mailbox>,
    buckets: Buckets<AppId>,
    counters: Counters,
    front: FrontRules,
    locked: bool,
    behind_lock: Option<BehindLock>,
}

/// Ids given out so far.
#[derive(Debug, Default)]
struct Counters {
    ask: u64,
    call_order: u64,
    group: u64,
    letter: u64,
    notice: u64,
    provider: u64,
    transaction: u64,
}

impl Counters {
    /// Counters that start above all ids that a former core has given out: it gave out fewer than
    /// one a millisecond.
    fn above(millis: u64) -> Self {
        Self {
            ask: millis,
            letter: millis,
            notice: millis,
            transaction: millis,
            ..Self::default()
        }
    }
}

impl Core {
    /// An empty core with the given limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let buckets = Buckets::new(&limits);
        Self {
            limits,
            now: Stamp::default(),
            revision: 0,
            dirty: false,
            out: Effects::new(),
            calls: Calls::default(),
            shown: Shown::default(),
            kept: Kept::default(),
            providers: BTreeMap::new(),
            clients: BTreeMap::new(),
            cellular_apps: BTreeSet::new(),
            emergency_numbers: BTreeMap::new(),
            asks: BTreeMap::new(),
            lapsed: Lapsed::default(),
            transactions: BTreeMap::new(),
            tombstones: Tombstones::default(),
            deadlines: Deadlines::default(),
            ring: RingState::Quiet,
            presented: None,
            ring_on: RingOn::default(),
            ring_muted: false,
            is_soundless: false,
            ringing_on: Vec::new(),
            ringtones: BTreeMap::new(),
            ringing_with: None,
            sounding: Sounding::default(),
            lease: None,
            lease_members: Vec::new(),
            grants: Grants::default(),
            routing: Routing::default(),
            microphone_muted: None,
            talking: Vec::new(),
            notices: VecDeque::new(),
            policy: Arc::default(),
            screeners: BTreeSet::new(),
            arrivals: BTreeMap::new(),
            filtered: FilteredCallers::default(),
            called: BTreeSet::new(),
            decided: None,
            afterglow: false,
            mailboxes: BTreeMap::new(),
            buckets,
            counters: Counters::default(),
            front: FrontRules::default(),
            locked: false,
            behind_lock: None,
        }
    }

    /// Applies one event and appends its effects, in order, to `out`.
    ///
    /// A stamp earlier than the last one counts as the last one: time never runs back here.
    pub fn handle(&mut self, at: Stamp, event: Event, out: &mut Effects) {
        self.now = Stamp::new(self.now.at.max(at.at), at.wall);
        core::mem::swap(&mut self.out, out);
        let first = self.out.len();
        if let Event::Environment(Environment::Slept(span)) = event {
            self.on_slept(span);
        }
        self.expire_due();
        self.on_event(event);
        self.clear_for_emergency();
        self.reconcile();
        // A ring time that went on counting behind an answer may be over by now.
        self.expire_due();
        self.reconcile_tone();
        self.enforce_invariants();
        if core::mem::take(&mut self.dirty) {
            self.revision += 1;
            let revision = self.revision;
            self.emit(Effect::Publish { revision });
        }
        core::mem::swap(&mut self.out, out);
        transaction::count_following(out.get_mut(first..).unwrap_or_default());
    }

    fn expire_due(&mut self) {
        while let Some(wait) = self.deadlines.pop_due(self.now.at) {
            self.on_deadline(wait);
            self.reconcile();
        }
    }

    /// The earliest deadline and why it exists.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Timestamp, DeadlineReason)> {
        let (at, wait) = self.deadlines.first()?;
        Some((at, wait.reason()))
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Report {
                client,
                request,
                report,
            } => {
                self.on_report(client, request, report);
                // One that was refused before the decision was looked at does not keep it.
                self.decided = None;
            }
            Event::Request {
                from,
                request,
                wish,
            } => self.on_request(from, request, wish),
            Event::Settled {
                client,
                ask,
                outcome,
            } => self.on_settled(client, ask, outcome),
            Event::Acknowledged { client, cursor } => self.on_acknowledged(client, cursor),
            Event::Environment(environment) => self.on_environment(environment),
            Event::Tick => {}
        }
    }

    fn on_environment(&mut self, environment: Environment) {
        match environment {
            Environment::ClientGone(client) => self.on_client_gone(client),
            Environment::LaunchFailed(app) => self.on_launch_failed(&app),
            Environment::CellularApps(apps) => {
                self.emergency_numbers.retain(|app, _| apps.contains(app));
                self.cellular_apps = apps;
            }
            Environment::Foreground { app, on } => {
                if let Some(provider) = self.providers.get_mut(&app) {
                    provider.in_background = !on;
                }
            }
            Environment::Policy(policy) => self.obey(policy),
            Environment::Screeners(screeners) => self.on_screeners(screeners),
            Environment::Verdict {
                call,
                screener,
                verdict,
            } => self.on_verdict(call, &screener, verdict),
            Environment::Decided { call, decision } => self.on_decided(call, decision),
            Environment::Endpoints { list, route } => {
                self.is_soundless = list.is_empty();
                self.on_endpoints(list, route);
            }
            Environment::AudioLost => {
                self.is_soundless = true;
                self.on_audio_lost();
            }
            Environment::RouteFailed { generation, fault } => {
                self.on_route_failed(generation, fault);
            }
            Environment::Interrupted { reason, began } => self.on_interruption(reason, began),
            Environment::RingMuted(on) => self.ring_muted = on,
            Environment::Ringtone { app, ringtone } => match ringtone {
                Some(ringtone) => drop(self.ringtones.insert(app, ringtone)),
                None => drop(self.ringtones.remove(&app)),
            },
            Environment::RingOn(on) => {
                self.dirty |= self.ring_on != on;
                self.ring_on = on;
            }
            Environment::MicrophoneMuted(on) => self.on_microphone_muted(on),
            // Done before anything was expired.
            Environment::Slept(_) => {}
            Environment::Locked(on) => self.on_locked(on),
            Environment::Front(rules) => {
                self.dirty |= self.front != rules;
                self.front = rules;
            }
        }
    }

    fn on_deadline(&mut self, wait: Wait) {
        match wait {
            Wait::Ring(call) => self.on_ring_limit(call),
            Wait::DialRing(call) => self.on_ring_limit(call),
            Wait::Ask(ask) => self.on_ask_expired(ask),
            Wait::Stage(transaction) => self.on_stage_expired(transaction),
            Wait::Orphan(provider) => self.on_orphan_limit(provider),
            Wait::Launch(provider) => self.on_launch_limit(provider),
            Wait::Verdict(call) => self.on_verdict_limit(call),
            Wait::Relaunch(provider) => self.on_relaunch(provider),
            Wait::VideoOffer(call) => self.on_video_offer_limit(call),
            Wait::Unlock => self.on_unlock_limit(),
            Wait::Route => self.on_route_limit(),
            Wait::Grant => self.on_grant_limit(),
            Wait::Voicemail(call) => self.end_voicemail(call),
            Wait::SoftPause(call) => self.on_soft_pause_over(call),
            Wait::Tone => self.on_tone_limit(),
            // Who looks is told; the ask has its own deadline.
            Wait::Slow(_) => self.dirty = true,
        }
    }

    fn emit(&mut self, effect: Effect) {
        self.out.push(effect);
    }

    fn anomaly(&mut self, kind: AnomalyKind, app: Option<AppId>, call: Option<CallId>) {
        self.emit(Effect::Anomaly(Anomaly { kind, app, call }));
    }

    /// The connection of the app of a call, while it has one.
    fn client_of(&self, call: CallId) -> Option<ClientId> {
        let call = self.calls.get(&call)?;
        self.providers.get(&call.app)?.client
    }

    fn has_connected(&self, call: CallId) -> bool {
        match self.calls.get(&call) {
            Some(call) => call.has_connected(),
            None => self.tombstones.has_connected(call),
        }
    }
}
