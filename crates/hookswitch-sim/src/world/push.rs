//! Pushes in the simulated world: a gateway and the device's end of the link, both as they are in
//! the push core, in virtual time.
//!
//! A frame arrives at once, unless the link stalls: then it stands in the way, and nobody learns
//! it. A story that says nothing about pushes has no link.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hookswitch_model::{CallSnapshot, Limits, Phase, Timestamp};
use hookswitch_push_core::device::{Device, Doing, Effect, Event, Handed, Style};
use hookswitch_push_core::frame::{Down, Up};
use hookswitch_push_core::gateway::{self, Gateway, Kept, LinkId};
use hookswitch_push_core::limits::Limits as PushLimits;
use hookswitch_push_core::push::{Address, DeviceId, Priority, Push as Sent, PushId, Service};
use hookswitch_push_core::time::{Boot, Stamp, Utc};

use super::{World, words};
use crate::describe::Words;
use crate::scenario::{CallReport, Facts, PushAct};

/// The device of a story.
const DEVICE: DeviceId = DeviceId([1; 16]);
/// Heartbeats of an idle link are no part of a story: it would never be quiet.
const NEVER_MS: u64 = u64::MAX / 4;

/// Gateway, link and device.
#[derive(Debug)]
pub(super) struct Push {
    /// What a story without pushes does not have.
    is_used: bool,
    gateway: Gateway,
    kept: Vec<Kept>,
    device: Device,
    link: Option<LinkId>,
    links: u64,
    stalls: bool,
    up: VecDeque<Up>,
    down: VecDeque<Down>,
    sent: Vec<Known>,
    /// Apps that registered, and whether they look at no metadata.
    registered: BTreeMap<usize, Style>,
    /// Apps that report nothing.
    forgetful: BTreeSet<usize>,
    in_front: BTreeSet<usize>,
    told: BTreeMap<usize, Doing>,
    facts: BTreeSet<String>,
}

/// A push of the story.
#[derive(Clone, Debug)]
struct Known {
    name: String,
    app: usize,
    call: usize,
    facts: Facts,
}

/// What is to be done next.
enum Work {
    Device(Event),
    Gateway(gateway::Event),
}

impl Push {
    pub(super) fn new(limits: &Limits) -> Self {
        let limits = PushLimits {
            beat_ms: NEVER_MS,
            silence_ms: NEVER_MS,
            ..PushLimits::of(limits)
        };
        Self {
            is_used: false,
            gateway: Gateway::new(limits),
            kept: Vec::new(),
            device: Device::new(limits),
            link: None,
            links: 0,
            stalls: false,
            up: VecDeque::new(),
            down: VecDeque::new(),
            sent: Vec::new(),
            registered: BTreeMap::new(),
            forgetful: BTreeSet::new(),
            in_front: BTreeSet::new(),
            told: BTreeMap::new(),
            facts: BTreeSet::new(),
        }
    }

    /// When something happens by itself.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let due = [self.device.next_deadline(), self.gateway.next_deadline()];
        let due = due.into_iter().flatten().filter(|at| at.0 < NEVER_MS).min();
        let due = due.filter(|_| self.is_used)?;
        Some(Timestamp::from_millis(due.0))
    }

    fn name_of(&self, id: PushId) -> Option<&Known> {
        self.sent.get(usize::from(id.0[15]))
    }
}

impl World {
    /// Something happens to pushes.
    pub(super) fn apply_push(&mut self, act: &PushAct) -> Result<(), String> {
        if !self.push.is_used {
            self.push.is_used = true;
            self.push_link(true);
        }
        match act {
            PushAct::Lost => self.push_link(false),
            PushAct::Back => self.push_link(true),
            PushAct::Stalls => self.push.stalls = true,
            PushAct::Flows => self.push_flows(),
            PushAct::Send {
                push,
                app,
                call,
                from,
                expires,
            } => {
                let facts = Facts {
                    from: from.clone().map(Some),
                    ..Facts::default()
                };
                let known = Known {
                    name: push.clone(),
                    app: *app,
                    call: *call,
                    facts,
                };
                self.push_send(known, *expires)?;
            }
            PushAct::Register(app, old) => {
                let style = match old {
                    true => Style::AlwaysReport,
                    false => Style::Metadata,
                };
                self.push.registered.insert(*app, style);
                let name = self.push_app(*app);
                self.push.device.install(&name);
                self.push_ready(*app);
            }
            PushAct::Unregister(app) => {
                self.push.registered.remove(app);
                let app = self.push_app(*app);
                self.push_work(Work::Device(Event::Removed { app }));
            }
            PushAct::Reports(app, true) => {
                self.push.forgetful.remove(app);
            }
            PushAct::Reports(app, false) => {
                self.push.forgetful.insert(*app);
            }
            PushAct::Allow(app) => {
                let app = self.push_app(*app);
                self.push_work(Work::Device(Event::Released { app }));
            }
        }
        Ok(())
    }

    fn push_send(
        &mut self,
        known: Known,
        expires: Option<core::time::Duration>,
    ) -> Result<(), String> {
        // What is sent again is the same push: a sender that is not sure keeps its id.
        let sent = &self.push.sent;
        let again = sent.iter().position(|one| one.name == known.name);
        let place = u8::try_from(again.unwrap_or(sent.len()));
        let place = place.map_err(|_| "too many pushes".to_owned())?;
        let mut id = [0; 16];
        id[15] = place;
        let app = self.push_app(known.app);
        let now = self.push_stamp().utc;
        let expiration = expires.map_or(0, |span| {
            let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            now.plus(ms).0.div_ceil(1_000)
        });
        if again.is_none() {
            self.push.sent.push(known);
        }
        let event = gateway::Event::Send {
            address: Address {
                device: DEVICE,
                app,
                service: Service::Voip,
            },
            push: Sent {
                id: PushId(id),
                priority: Priority::Immediate,
                collapse: None,
                payload: Vec::new(),
            },
            expiration: Some(expiration),
        };
        self.push_work(Work::Gateway(event));
        Ok(())
    }

    fn push_link(&mut self, up: bool) {
        self.push.up.clear();
        self.push.down.clear();
        self.push.stalls = false;
        if let Some(link) = self.push.link.take() {
            self.push_work(Work::Gateway(gateway::Event::Unlinked { link }));
            self.push_work(Work::Device(Event::Unlinked));
        }
        if up {
            self.push.links += 1;
            self.push.link = Some(LinkId(self.push.links));
            self.push_work(Work::Device(Event::Linked));
        }
    }

    fn push_flows(&mut self) {
        self.push.stalls = false;
        while let Some(frame) = self.push.up.pop_front() {
            self.push_heard(frame);
        }
        while let Some(frame) = self.push.down.pop_front() {
            self.push_work(Work::Device(Event::Frame(frame)));
        }
    }

    /// The gateway hears a frame of the device.
    fn push_heard(&mut self, frame: Up) {
        let Some(link) = self.push.link else {
            return;
        };
        let event = match frame {
            Up::Hello { beat, .. } => gateway::Event::Linked {
                link,
                device: DEVICE,
                epoch: self.push.links,
                beat,
            },
            frame @ (Up::Beat { .. }
            | Up::Register { .. }
            | Up::Unregister { .. }
            | Up::Claim { .. }
            | Up::Ack { .. }) => gateway::Event::Frame { link, frame },
        };
        self.push_work(Work::Gateway(event));
    }

    /// The time of a deadline came.
    pub(super) fn push_tick(&mut self) {
        self.push_work(Work::Gateway(gateway::Event::Tick));
        self.push_work(Work::Device(Event::Tick));
    }

    /// One event and all that follows from it at once.
    fn push_work(&mut self, work: Work) {
        let mut todo = VecDeque::from([work]);
        while let Some(work) = todo.pop_front() {
            match work {
                Work::Device(event) => {
                    let mut effects = Vec::new();
                    let now = self.push_stamp().boot;
                    self.push.device.handle(now, event, &mut effects);
                    for effect in effects {
                        self.device_wants(effect, &mut todo);
                    }
                }
                Work::Gateway(event) => {
                    let mut effects = Vec::new();
                    let stamp = self.push_stamp();
                    self.push.gateway.handle(stamp, event, &mut effects);
                    for effect in effects {
                        self.gateway_wants(effect, &mut todo);
                    }
                }
            }
        }
    }

    fn gateway_wants(&mut self, effect: gateway::Effect, todo: &mut VecDeque<Work>) {
        match effect {
            gateway::Effect::Frame { link, frame } if Some(link) == self.push.link => {
                match self.push.stalls {
                    true => self.push.down.push_back(frame),
                    false => todo.push_back(Work::Device(Event::Frame(frame))),
                }
            }
            gateway::Effect::Keep(mut kept) => {
                self.push.kept.retain(|old| old.address != kept.address);
                kept.sequence = self.next_seq();
                let (device, id) = (DEVICE, kept.push.id);
                let sequence = Some(kept.sequence);
                self.push.kept.push(kept);
                todo.push_back(Work::Gateway(gateway::Event::Stored {
                    device,
                    id,
                    sequence,
                }));
            }
            gateway::Effect::Forget { id, .. } => {
                self.push.kept.retain(|kept| kept.push.id != id);
            }
            gateway::Effect::Fetch { device, epoch } => {
                let kept = self.push.kept.clone();
                todo.push_back(Work::Gateway(gateway::Event::Fetched {
                    device,
                    epoch,
                    kept,
                }));
            }
            gateway::Effect::Log { id, stage } => {
                if stage == gateway::Stage::ExpiredAtGateway {
                    self.push_fact(id, "expired-at-gateway");
                }
            }
            gateway::Effect::Frame { .. }
            | gateway::Effect::Decided { .. }
            | gateway::Effect::Renew { .. }
            | gateway::Effect::Wake { .. }
            | gateway::Effect::Relay { .. }
            | gateway::Effect::Answer { .. }
            | gateway::Effect::Close { .. } => {}
        }
    }

    fn device_wants(&mut self, effect: Effect, todo: &mut VecDeque<Work>) {
        match effect {
            Effect::Hello { beat } => {
                let (device, secret) = (DEVICE, hookswitch_push_core::frame::Secret(Vec::new()));
                let version = hookswitch_push_core::frame::VERSION;
                self.push_said(Up::Hello {
                    version,
                    device,
                    secret,
                    beat,
                });
            }
            Effect::Frame(frame) => self.push_said(frame),
            Effect::Launch { app } => {
                if let Some(app) = hookswitch_model::AppId::new(&app) {
                    let seq = self.note_wake(&app);
                    self.on_launch(&app, seq);
                }
            }
            Effect::Hand(handed) => self.push_handed(&handed, todo),
            Effect::Record(record) => self.push_fact(record.id, record.what.name()),
            Effect::Relink | Effect::Remember { .. } => {}
        }
    }

    /// A push starts an app: the one thing about pushes that has effects in the trace.
    fn note_wake(&mut self, app: &hookswitch_model::AppId) -> u64 {
        let seq = self.next_seq();
        let actor = super::Actor::new("push", crate::trace::Origin::Remote, None);
        let name = self
            .names
            .app_number(app)
            .map(|app| self.names.app_name(app));
        let name = name.unwrap_or_default();
        let what = words(&format!("wakes {name}"));
        let state = self.state.clone();
        self.note(
            self.stamp(),
            &actor,
            &hookswitch_core::Event::Tick,
            what,
            &state,
        );
        seq
    }

    fn push_said(&mut self, frame: Up) {
        match self.push.stalls {
            true => self.push.up.push_back(frame),
            false => self.push_heard(frame),
        }
    }

    /// The app's callback.
    fn push_handed(&mut self, handed: &Handed, todo: &mut VecDeque<Work>) {
        let about = handed.about;
        match about.must_report {
            true => self.push_fact(handed.id, "must-report"),
            false => {
                let text = format!("need-not-report {}", about.reason.name());
                self.push_fact(handed.id, &text);
            }
        }
        let seconds = about.expires_in_ms / 1_000;
        self.push_fact(handed.id, &format!("lives {seconds}s"));
        let Some(known) = self.push.name_of(handed.id).cloned() else {
            return;
        };
        let (app, id) = (handed.app.clone(), handed.id);
        let reports = about.must_report && !self.push.forgetful.contains(&known.app);
        if let Some(client) = self.apps[known.app].client.filter(|_| reports) {
            let report = CallReport::Incoming(known.facts);
            self.apply_report(known.app, client, known.call, &report);
        }
        todo.push_back(Work::Device(Event::Completed { app, id }));
    }

    /// An app's process is there, and its push registry with it.
    pub(super) fn push_ready(&mut self, app: usize) {
        let style = self.push.registered.get(&app).copied();
        if let Some(style) = style.filter(|_| self.apps[app].client.is_some()) {
            let app = self.push_app(app);
            self.push_work(Work::Device(Event::Ready { app, style }));
        }
    }

    /// An app's process is gone.
    pub(super) fn push_gone(&mut self, app: usize) {
        if self.push.registered.contains_key(&app) {
            let app = self.push_app(app);
            self.push_work(Work::Device(Event::Gone { app }));
        }
    }

    /// An app reported a call.
    pub(super) fn push_reported(&mut self, client: hookswitch_model::ClientId) {
        let app = self.apps.iter().position(|app| app.client == Some(client));
        if let Some(app) = app.filter(|app| self.push.registered.contains_key(app)) {
            let app = self.push_app(app);
            self.push_work(Work::Device(Event::Reported { app }));
        }
    }

    /// The window system told which app is in front: to open an app ends its stop.
    pub(super) fn push_front(&mut self, app: usize, on: bool) {
        if on {
            self.push.in_front.insert(app);
        } else {
            self.push.in_front.remove(&app);
        }
        if on && self.push.registered.contains_key(&app) {
            let app = self.push_app(app);
            self.push_work(Work::Device(Event::Released { app }));
        }
        self.push_doing();
    }

    /// What the apps do now.
    pub(super) fn push_doing(&mut self) {
        let apps: Vec<usize> = self.push.registered.keys().copied().collect();
        for app in apps {
            let id = self.names.app_id(app);
            let taken = |phase: &Phase| match phase {
                Phase::Dialing { .. } | Phase::Active { .. } | Phase::Held(_) => true,
                Phase::Ringing { .. } | Phase::Ending { .. } => false,
            };
            let is_its = |call: &CallSnapshot| call.app == id && taken(&call.phase);
            let on_call = self.state.live().any(is_its);
            let doing = Doing {
                in_front: self.push.in_front.contains(&app),
                on_call,
            };
            if self.push.told.insert(app, doing) != Some(doing) {
                let app = self.push_app(app);
                self.push_work(Work::Device(Event::Doing { app, doing }));
            }
        }
    }

    /// All facts about pushes.
    pub(super) fn push_facts(&self) -> Vec<Words> {
        let now = self.push_stamp().boot;
        let mut facts: Vec<String> = self.push.facts.iter().cloned().collect();
        for app in self.push.registered.keys() {
            let name = self.names.app_name(*app);
            if let Some(status) = self.push.device.status(&self.push_app(*app), now) {
                facts.push(format!("push {name} strikes {}", status.strikes));
                if let Some(until) = status.stopped_until {
                    let minutes = until.since(now).div_ceil(60_000);
                    facts.push(format!("push {name} stopped-for {minutes}min"));
                }
            }
        }
        facts.iter().map(|line| words(line)).collect()
    }

    fn push_fact(&mut self, id: PushId, what: &str) {
        if let Some(known) = self.push.name_of(id) {
            let fact = format!("push {} {what}", known.name);
            self.push.facts.insert(fact);
        }
    }

    fn push_app(&self, app: usize) -> String {
        self.names.app_id(app).as_str().to_owned()
    }

    fn push_stamp(&self) -> Stamp {
        let stamp = self.stamp();
        Stamp {
            boot: Boot(stamp.at.as_millis()),
            utc: Utc(u64::try_from(stamp.wall.as_millis()).unwrap_or(0)),
        }
    }
}
