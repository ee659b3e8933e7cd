//! The simulated world: the core, apps, a user, an audio server, three clocks and a null bus.
//!
//! Input: acts of the story, and time. Output: the trace, what an observer sees, and broken laws.
//!
//! # Promises
//!
//! - **W1** no real clock, thread or chance: the seed decides everything.
//! - **W2** after every step all laws of [`crate::laws`] and the reference model are checked.
//! - **W3** the bus edge delivers at once and in order; apps take their own time.
//!
//! # Not here
//!
//! What a story expects (that is [`crate::player`]).

mod act;
mod app;
mod audio;
mod cause;
mod daemon;
mod directory;
mod edge;
mod extras;
mod guest;
mod line;
mod mailbox;
mod observer;
mod outside;
mod places;
mod push;
mod queue;
mod rights;
mod rules;
mod sleep;

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{Core, Effects, Environment, Event, Report};
use hookswitch_model::{
    AskId, CallId, CallSnapshot, ClientId, FrontRules, Limits, MaterialId, Phase, Quirk,
    RecentsEntry, RequestId, RingOn, RingState, Snapshot, Stamp, Timestamp, ToneState, Wall,
};

use hookswitch_trace::WALL_START;
use hookswitch_trace::event::{call_of, origin_of};

use crate::coverage::Coverage;
use crate::dates;
use crate::describe::{self, Words, words};
use crate::guest::Guest;
use crate::laws::{Laws, Step, Violation};
use crate::names::{self, Names};
use crate::outside::Outside;
use crate::reference::Reference;
use crate::scenario::{AskWord, Scenario};
use crate::screen;
use crate::trace::{Entry, Kind, Origin};
use app::App;
use audio::AudioServer;
use daemon::Daemon;
use directory::Directory;
use guest::Guests;
use line::Line;
use observer::Observer;
use outside::Outsiders;
use places::Places;
use push::Push;
use queue::{Doing, Queue};
use rules::Rules;
use sleep::Sleep;

/// The simulated world.
#[derive(Debug)]
pub struct World {
    core: Core,
    names: Names,
    now: Timestamp,
    sleep: Sleep,
    wall_offset: i64,
    queue: Queue,
    apps: Vec<App>,
    asks: BTreeMap<AskId, KnownAsk>,
    next_request: u64,
    next_client: u64,
    audio: AudioServer,
    daemon: Daemon,
    rules: Rules,
    directory: Directory,
    push: Push,
    state: Snapshot,
    ring: RingState,
    /// The tone of a call that sounds, by what was ordered.
    tone: Option<ToneState>,
    /// The screen is locked; the next daemon is told.
    locked: bool,
    /// The rules for the front as they were kept last.
    front: FrontRules,
    /// Where the user wants it to ring, as it was kept last.
    ring_on: RingOn,
    /// What apps brought along to ring, by their places in the story.
    ringtones: BTreeMap<usize, MaterialId>,
    recents: Vec<RecentsEntry>,
    limits: Limits,
    laws: Laws,
    reference: Reference,
    coverage: Coverage,
    guests: Guests,
    outside: Option<Outsiders>,
    line: Line,
    observer: Observer,
    places: Places,
    entries: Vec<Entry>,
}

/// An ask that was seen on the bus.
#[derive(Clone, Copy, Debug)]
struct KnownAsk {
    word: AskWord,
    call: CallId,
    client: ClientId,
}

/// Who is behind a step, for the trace.
#[derive(Clone, Debug)]
struct Actor {
    name: String,
    origin: Origin,
    cause: Option<u64>,
}

impl World {
    /// A world at time zero, with the running apps of the story registered.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        Self::with_guests(scenario, Vec::new())
    }

    /// The same, with apps under test in the place of simulated apps, by number.
    #[must_use]
    pub fn with_guests(scenario: &Scenario, guests: Vec<(usize, Box<dyn Guest>)>) -> Self {
        Self::build(scenario, guests, None)
    }

    /// The same, with apps on a real bus in the place of simulated apps, by number.
    #[must_use]
    pub fn with_outside(scenario: &Scenario, host: Box<dyn Outside>, apps: Vec<usize>) -> Self {
        let outside = Outsiders::new(scenario, host, apps);
        Self::build(scenario, Vec::new(), Some(outside))
    }

    fn build(
        scenario: &Scenario,
        guests: Vec<(usize, Box<dyn Guest>)>,
        outside: Option<Outsiders>,
    ) -> Self {
        let mut limits = Limits::of(scenario.profile);
        for (limit, value) in &scenario.limits {
            limits.set(*limit, *value);
        }
        for quirk in &scenario.quirks {
            limits.add_quirk(*quirk);
        }
        let core = Core::new(limits.clone());
        let mut world = Self {
            state: core.snapshot().clone(),
            core,
            names: names::of(scenario),
            now: Timestamp::ZERO,
            sleep: Sleep::default(),
            wall_offset: WALL_START,
            queue: Queue::new(scenario.seed),
            apps: scenario.apps.iter().cloned().map(App::new).collect(),
            asks: BTreeMap::new(),
            next_request: 0,
            next_client: 0,
            audio: AudioServer::default(),
            daemon: Daemon::default(),
            rules: Rules::default(),
            directory: Directory::default(),
            push: Push::new(&limits),
            ring: RingState::Quiet,
            tone: None,
            locked: false,
            front: FrontRules::default(),
            ring_on: RingOn::default(),
            ringtones: BTreeMap::new(),
            recents: Vec::new(),
            laws: Laws::new(limits.clone()),
            reference: Reference::new(limits.clone()),
            coverage: Coverage::default(),
            guests: Guests::new(scenario, guests),
            outside,
            line: Line::default(),
            observer: Observer::default(),
            places: Places::default(),
            limits,
            entries: Vec::new(),
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        self.tell_cellular();
        for app in 0..self.apps.len() {
            self.apps[app].decl.acks &= !self.is_outside(app);
            if self.apps[app].decl.running {
                self.connect(app, None);
            }
        }
    }

    /// The point on the boot clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Everything that happened.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Which events met a call in which state.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Laws that were broken.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        self.laws.violations()
    }

    /// What an observer sees.
    #[must_use]
    pub fn state(&self) -> &Snapshot {
        &self.state
    }

    /// The names of the story.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// All facts, as words.
    #[must_use]
    pub fn facts(&self) -> Vec<Words> {
        let mut facts = describe::facts(&self.names, &self.state, &self.recents);
        facts.extend(dates::facts(&self.names, &self.state, &self.recents));
        facts.extend(self.places_facts());
        facts.extend(self.letter_facts());
        facts.extend(self.directory_facts());
        facts.extend(self.push_facts());
        facts.extend(self.observed_facts());
        facts.extend(screen::facts(
            &self.names,
            &self.state,
            &self.recents,
            &self.limits,
        ));
        facts
    }

    /// The state in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        describe::summary(&self.names, &self.state)
    }

    /// When something happens by itself.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        let due = self
            .core
            .next_deadline()
            .filter(|_| !self.daemon.is_down)
            .map(|(due, _)| due.max(self.sleep.awake_at));
        let pushes = self.push.next_at().map(|due| due.max(self.sleep.awake_at));
        let next = [due, pushes, self.queue.next_at()].into_iter().flatten();
        next.min().map(|at| at.max(self.now))
    }

    /// A coin of the seed: whether what the story does comes after what happens by itself at the
    /// same instant.
    pub fn story_comes_last(&mut self) -> bool {
        self.queue.toss() & 1 == 1
    }

    /// Lets the next thing happen that happens by itself.
    pub fn advance(&mut self) {
        let Some(at) = self.next_at() else {
            return;
        };
        self.now = at;
        if self.tell_sleep() {
            return;
        }
        let due = self.core.next_deadline().map(|(due, _)| due);
        let is_due = due.is_some_and(|due| due <= at) && !self.daemon.is_down;
        if is_due {
            let last_sleep = self.sleep.last;
            let cause = cause::of_deadline(&self.core, &self.limits, &self.entries, last_sleep);
            let actor = Actor::new("clock", Origin::Policy, cause);
            self.step(actor, Event::Tick, words("tick"));
        } else if self.push.next_at().is_some_and(|due| due <= at) {
            self.push_tick();
        } else if let Some((doing, cause)) = self.queue.pop() {
            self.happen(doing, cause);
        }
    }

    /// Moves the clocks to a point, if it is later and the machine is awake then.
    pub fn wait_until(&mut self, at: Timestamp) {
        self.now = self.now.max(at).max(self.sleep.awake_at);
    }

    fn stamp(&self) -> Stamp {
        let millis = i64::try_from(self.now.as_millis()).unwrap_or(i64::MAX);
        Stamp::new(
            self.now,
            Wall::from_millis(self.wall_offset.saturating_add(millis)),
        )
    }

    fn happen(&mut self, doing: Doing, cause: u64) {
        match doing {
            Doing::Settle {
                client,
                ask,
                fulfilled,
            } => {
                if !fulfilled || !self.asks_service(client, ask, None, cause) {
                    self.settle(client, ask, fulfilled, Some(cause));
                }
            }
            Doing::Crash(client) => self.crash(client, Some(cause)),
            Doing::Connect(app) => {
                self.apps[app].starting = false;
                self.connect(app, Some(cause));
            }
            Doing::LaunchFails(app) => {
                self.apps[app].starting = false;
                let event = Environment::LaunchFailed(self.names.app_id(app));
                let what = format!("launch-failed {}", self.names.app_name(app));
                let actor = Actor::new("system", Origin::System, Some(cause));
                self.step(actor, Event::Environment(event), words(&what));
            }
            Doing::Adopt(client, call) => self.adopt(client, call, cause),
            Doing::CatchUp(app) => self.catch_up(app),
            Doing::ReadInbox(app) => self.read_inbox(app),
            Doing::IsBack => self.is_back(cause),
            Doing::Reconnect(app, life) => self.reconnect(app, life, cause),
            Doing::Tell(app) => self.talk(app),
            Doing::Wake(app, wait) => self.wake_up(app, wait),
            Doing::TellEndpoints => self.tell_audio(cause),
            Doing::RouteChanged(route, order) => self.route_changed(route, order, cause),
            Doing::AudioReturns(using, life) => {
                self.audio_returns(using.as_deref(), life, cause);
            }
        }
    }

    /// One step of the core, with everything that follows from it at the same instant.
    fn step(&mut self, actor: Actor, event: Event, what: Words) -> u64 {
        if self.daemon.is_down {
            return self.unheard(&actor, &event, what);
        }
        self.tell_sleep();
        if self.is_forbidden(&event) {
            return self.refuse(&actor, &event, what);
        }
        let due = self.core.next_deadline();
        let at = self.stamp();
        let mut effects = Effects::new();
        let cause = self.next_seq();
        self.note_asker(&event);
        self.core.handle(at, event.clone(), &mut effects);
        self.note_places(&effects);
        self.keep_live_calls(&effects);
        let after = self.publish();
        let next = self.core.next_deadline().map(|(due, _)| due);
        let step = Step {
            at: at.at,
            event: &event,
            before: &self.state,
            after: &after,
            effects: &effects,
            due_before: due.map(|(due, _)| due),
            due_after: next,
        };
        self.coverage.count(&step, due.map(|(_, reason)| reason));
        self.laws.check(&step);
        for text in self.reference.check(&step) {
            self.laws.report("reference", text);
        }
        self.note(at, &actor, &event, what, &after);
        self.front = after.front;
        self.ring_on.clone_from(&after.ring_on);
        let before = core::mem::replace(&mut self.state, after);
        self.tell_observer(&before);
        for effect in &effects {
            self.deliver(at, effect, cause, &before);
        }
        self.acknowledge_told(&effects);
        self.tell_outside(at, &effects);
        self.push_doing();
        self.agree();
        cause
    }

    /// What is told step by step must be what is there: D1.
    fn publish(&mut self) -> Snapshot {
        let published = self.core.publish();
        if cfg!(debug_assertions) && published != self.core.snapshot() {
            let text = "the published state is not the state".to_owned();
            self.laws.report("D1", text);
        }
        if !is_told_whole(&self.state, &published) {
            let text = "the difference of two states does not lead from one to the other";
            self.laws.report("D1", text.to_owned());
        }
        published
    }

    /// What the edges saw and what is published must be the same.
    fn agree(&mut self) {
        if self.ring != self.state.ring {
            let text = format!(
                "the edge rings {:?}, published is {:?}",
                self.ring, self.state.ring
            );
            self.laws.report("ring", text);
        }
        if self.tone != self.state.tone {
            let text = format!(
                "the edge plays {:?}, published is {:?}",
                self.tone, self.state.tone
            );
            self.laws.report("tone", text);
        }
    }

    fn next_seq(&self) -> u64 {
        self.entries.len() as u64 + 1
    }

    fn note(&mut self, at: Stamp, actor: &Actor, event: &Event, what: Words, after: &Snapshot) {
        let call = call_of(event);
        self.entries.push(Entry {
            seq: self.next_seq(),
            at,
            monotonic: self.monotonic(),
            kind: Kind::Event,
            device: None,
            actor: actor.name.clone(),
            target: "core".to_owned(),
            origin: actor.origin,
            cause: actor.cause,
            before: call.and_then(|call| phase_of(&self.state, call)),
            after: call.and_then(|call| phase_of(after, call)),
            call: call.map(|call| (call, self.names.call(call))),
            what,
            state: None,
        });
    }

    fn request_id(&mut self) -> RequestId {
        self.next_request += 1;
        let request = RequestId(self.next_request);
        self.guests.number(request);
        request
    }

    /// The number of the report or request that comes next.
    fn coming_request(&self) -> RequestId {
        RequestId(self.next_request + 1)
    }

    fn report(&mut self, client: ClientId, report: Report, what: &str, cause: Option<u64>) {
        self.decide_about(&report);
        let is_incoming = matches!(report, Report::Incoming { .. });
        let request = self.request_id();
        let actor = Actor::new(&self.names.client(client), origin_of(&report), cause);
        let event = Event::Report {
            client,
            request,
            report,
        };
        self.step(actor, event, words(what));
        if is_incoming {
            self.push_reported(client);
        }
    }

    fn connect(&mut self, app: usize, cause: Option<u64>) {
        if self.apps[app].client.is_some() {
            return;
        }
        self.apps[app].away = self.daemon.is_down;
        if self.daemon.is_down {
            return;
        }
        if self.is_outside(app) {
            self.start_outside(app);
            return;
        }
        self.next_client += 1;
        let client = ClientId(self.next_client);
        self.names.connect(client, app);
        self.apps[app].client = Some(client);
        self.wake_guest(app);
        let lost = self.limits.has_quirk(Quirk::RegistrationLostAfterReset);
        if !(lost && self.daemon.lives > 0) {
            self.register(app, cause);
            self.push_ready(app);
        }
    }

    fn register(&mut self, app: usize, cause: Option<u64>) {
        if let Some(client) = self.apps[app].client {
            let report = self.apps[app].registration(self.names.app_id(app));
            self.report(client, report, "registers", cause);
        }
    }

    /// What the daemon's configuration says about apps, before anything else.
    fn tell_cellular(&mut self) {
        let apps = self.apps.iter().enumerate();
        let apps: BTreeSet<_> = apps
            .filter(|(_, app)| app.decl.cellular)
            .map(|(number, _)| self.names.app_id(number))
            .collect();
        if !apps.is_empty() {
            let event = Event::Environment(Environment::CellularApps(apps));
            let actor = Actor::new("daemon", Origin::System, None);
            self.step(actor, event, words("cellular-apps"));
        }
    }
}

impl Actor {
    fn new(name: &str, origin: Origin, cause: Option<u64>) -> Self {
        Self {
            name: name.to_owned(),
            origin,
            cause,
        }
    }
}

/// Whether one who knows a state and is told the difference and the order knows the next one.
fn is_told_whole(before: &Snapshot, after: &Snapshot) -> bool {
    let difference = after.difference(before);
    let gone = |call: &CallSnapshot| difference.gone.iter().any(|gone| gone.id == call.id);
    let mut known: Vec<&CallSnapshot> = before.live().filter(|call| !gone(call)).collect();
    for (_, fresh) in difference.changed {
        match known.iter_mut().find(|call| call.id == fresh.id) {
            Some(call) => *call = fresh,
            None => known.push(fresh),
        }
    }
    known.sort_by_key(|call| after.live().position(|fresh| fresh.id == call.id));
    known.into_iter().eq(after.live())
}

/// The word for the phase of a call, if it is live.
fn phase_of(state: &Snapshot, call: CallId) -> Option<&'static str> {
    let found = state.live().find(|live| live.id == call)?;
    let phase: &Phase = &found.phase;
    Some(phase.kind().name())
}
