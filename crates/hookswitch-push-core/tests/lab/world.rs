//! The world of one run: who is frozen, what is on the way, what happened to each push.

#[path = "device_side.rs"]
mod device_side;
#[path = "gateway_side.rs"]
mod gateway_side;

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_push_core::device::{self, Device, Handed};
use hookswitch_push_core::frame::{Down, Up};
use hookswitch_push_core::gateway::{self, Decision, Gateway, Kept, LinkId, NodeId};
use hookswitch_push_core::limits::Limits;
use hookswitch_push_core::push::{Address, DeviceId, Priority, Push, PushId, Service};
use hookswitch_push_core::time::{Boot, Stamp, Utc};

use crate::chance::Chance;
use crate::faults::{self, Fault, Planned};
use crate::report::Report;

/// Two minutes of sends and faults, then one in which all of it ends.
const LENGTH: u64 = 120_000;
const REST: u64 = 60_000;
const PUSHES: usize = 60;
/// The true time at the start, in milliseconds since 1970.
const EPOCH: u64 = 1_800_000_000_000;
/// How long after its last fault the path is whole again: silence, a new link, a launch.
const RECOVERY: u64 = 6_000;
const DEVICE: DeviceId = DeviceId([7; 16]);
const APP: &str = "org.example.phone";

const LIMITS: Limits = Limits {
    window_ms: 2_000,
    beat_ms: 1_000,
    silence_ms: 3_000,
    engine_ms: 1_000,
    strikes: 1_000,
    ..Limits::DEFAULT
};

/// What happens at an instant.
#[derive(Clone, Debug)]
enum Happening {
    Begin(Fault),
    End(Fault),
    Send(usize),
    Node(usize, u32, gateway::Event),
    NodeSays(usize, u32, Vec<gateway::Effect>),
    NodeTick(usize, u32),
    Hello(usize, u32, LinkId, u32),
    NodeStarts(usize),
    Daemon(u32, device::Event),
    DaemonSays(u32, Vec<device::Effect>),
    DaemonTick(u32),
    DaemonStarts,
    Connect(u32),
    AppStarts,
    AppExits(u32),
    App(u32, Handed),
    AppDone(u32, PushId),
    AppReports(u32),
    Engine(usize, u32, Order),
}

/// An order to the engine.
#[derive(Clone, Debug)]
enum Order {
    Do(gateway::Effect),
    Route(LinkId, u32),
}

/// Who stands still.
#[derive(Clone, Copy)]
enum Who {
    Node(usize),
    Daemon,
    App,
    Engine,
}

struct Node {
    gateway: Option<Gateway>,
    life: u32,
    closed: BTreeSet<LinkId>,
}

struct Link {
    id: LinkId,
    node: usize,
    up_last: u64,
    down_last: u64,
}

#[derive(Default)]
struct Engine {
    slots: BTreeMap<Address, (usize, Kept)>,
    before: BTreeMap<Address, (usize, Kept)>,
    before_at: u64,
    sequence: u64,
    epoch: u64,
    /// The gateway that has the device's session.
    route: Option<usize>,
    last: u64,
}

struct Process {
    id: u32,
    begun: BTreeSet<PushId>,
    completed: BTreeSet<PushId>,
}

/// One push of the schedule and its fate.
#[derive(Clone, Debug, Default)]
struct Sent {
    expiration: Option<u64>,
    node: usize,
    accepted: Option<u64>,
    expires: u64,
    dated: bool,
    kept: bool,
    decided: Vec<Decision>,
    begun: Vec<(u32, u64)>,
    completed: bool,
}

struct World {
    now: u64,
    order: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    chance: Chance,
    faults: Vec<Planned>,
    nodes: Vec<Node>,
    engine: Engine,
    device: Option<Device>,
    daemon_life: u32,
    ppm: u64,
    remembered: Vec<(PushId, Boot)>,
    link: Option<Link>,
    links: u64,
    process: Option<Process>,
    processes: u32,
    pushes: Vec<Sent>,
    /// Whether the device checks freshness; without it the lab must find late callbacks.
    checked: bool,
    limits: Limits,
    broken: Vec<String>,
}

/// Plays one seed.
pub fn run(seed: u64, checked: bool) -> Report {
    let mut world = World::new(seed, checked);
    while let Some(((at, _), happening)) = world.queue.pop_first() {
        if at > LENGTH + REST {
            break;
        }
        world.now = at;
        world.happen(happening);
    }
    world.report(seed)
}

impl World {
    fn new(seed: u64, checked: bool) -> Self {
        let mut chance = Chance::new(seed);
        let limits = Limits {
            ahead: !seed.is_multiple_of(3),
            ..LIMITS
        };
        let node = |_| Node {
            gateway: Some(Gateway::new(limits)),
            life: 0,
            closed: BTreeSet::new(),
        };
        let faults = faults::plan(&mut chance, LENGTH);
        let ppm = chance.range(0, 400);
        let mut world = Self {
            now: 0,
            order: 0,
            queue: BTreeMap::new(),
            faults,
            nodes: (0..2).map(node).collect(),
            engine: Engine::default(),
            device: None,
            daemon_life: 0,
            ppm,
            remembered: Vec::new(),
            link: None,
            links: 0,
            process: None,
            processes: 0,
            pushes: Vec::new(),
            checked,
            limits,
            broken: Vec::new(),
            chance,
        };
        world.schedule();
        world
    }

    fn schedule(&mut self) {
        self.at(0, Happening::DaemonStarts);
        for node in 0..2 {
            self.at(0, Happening::NodeTick(node, 0));
        }
        for planned in self.faults.clone() {
            self.at(planned.from, Happening::Begin(planned.fault));
            self.at(planned.until, Happening::End(planned.fault));
        }
        let mut at = 2_000;
        for n in 0..PUSHES {
            at += self.chance.range(200, 3_600);
            let second = (EPOCH + at) / 1_000;
            let expiration = match self.chance.range(0, 10) {
                0..5 => Some(0),
                5 => Some(300),
                6 => Some(second),
                _ => Some(second + self.chance.range(1, 40)),
            };
            let node = usize::from(self.chance.percent(50));
            self.pushes.push(Sent {
                expiration,
                node,
                ..Sent::default()
            });
            self.at(at, Happening::Send(n));
            let is_short = expiration.is_some_and(|date| date > second && date < second + 4);
            if !is_short && self.chance.percent(6) {
                let again = at + self.chance.range(20, 800);
                self.at(again, Happening::Send(n));
            }
        }
    }

    fn at(&mut self, at: u64, happening: Happening) {
        self.order += 1;
        self.queue.insert((at.max(self.now), self.order), happening);
    }

    fn after(&mut self, low: u64, high: u64, happening: Happening) {
        let at = self.now + self.chance.range(low, high);
        self.at(at, happening);
    }

    fn happen(&mut self, happening: Happening) {
        let who = match &happening {
            Happening::Node(n, ..)
            | Happening::NodeSays(n, ..)
            | Happening::NodeTick(n, _)
            | Happening::Hello(n, ..) => Some(Who::Node(*n)),
            Happening::Send(n) => Some(Who::Node(self.pushes[*n].node)),
            Happening::Daemon(..)
            | Happening::DaemonSays(..)
            | Happening::DaemonTick(_)
            | Happening::Connect(_) => Some(Who::Daemon),
            Happening::App(..)
            | Happening::AppDone(..)
            | Happening::AppReports(_)
            | Happening::AppExits(_)
            | Happening::AppStarts => Some(Who::App),
            Happening::Engine(..) => Some(Who::Engine),
            Happening::Begin(_)
            | Happening::End(_)
            | Happening::NodeStarts(_)
            | Happening::DaemonStarts => None,
        };
        if let Some(until) = who.and_then(|who| self.still_until(who)) {
            return self.at(until, happening);
        }
        self.go_on(happening);
    }

    fn go_on(&mut self, happening: Happening) {
        match happening {
            Happening::Begin(fault) => self.begin(fault),
            Happening::End(fault) => self.end(fault),
            Happening::Send(n) => self.send(n),
            Happening::Node(n, life, event) => self.node(n, life, event),
            Happening::NodeSays(n, life, effects) => self.node_says(n, life, effects),
            Happening::NodeTick(n, life) => self.node_tick(n, life),
            Happening::Hello(n, life, link, beat) => {
                self.order_engine(n, life, Order::Route(link, beat));
            }
            Happening::NodeStarts(n) => self.node_starts(n),
            Happening::Engine(n, life, order) => self.engine(n, life, order),
            Happening::Daemon(life, event) => self.daemon(life, event),
            Happening::DaemonSays(life, effects) => self.daemon_says(life, effects),
            Happening::DaemonTick(life) => self.daemon_tick(life),
            Happening::DaemonStarts => self.daemon_starts(),
            Happening::Connect(life) => self.connect(life),
            Happening::AppStarts => self.app_starts(),
            Happening::AppExits(process) => self.app_ends(Some(process)),
            Happening::App(process, handed) => self.app(process, handed),
            Happening::AppDone(process, id) => self.app_done(process, id),
            Happening::AppReports(process) => self.app_reports(process),
        }
    }

    fn begin(&mut self, fault: Fault) {
        match fault {
            Fault::KillGateway(n) => self.kill_node(n),
            Fault::KillDaemon => self.kill_daemon(),
            Fault::KillApp => self.app_ends(None),
            Fault::FailOver => self.engine.slots = self.engine.before.clone(),
            Fault::FreezeGateway(_)
            | Fault::JumpGateway(..)
            | Fault::FreezeDaemon
            | Fault::FreezeApp
            | Fault::Suspend
            | Fault::Stall
            | Fault::Cut
            | Fault::StallEngine => {}
        }
    }

    fn end(&mut self, fault: Fault) {
        match fault {
            Fault::KillGateway(n) => self.at(self.now, Happening::NodeStarts(n)),
            Fault::KillDaemon => self.at(self.now, Happening::DaemonStarts),
            Fault::Cut => self.drop_link(),
            Fault::FreezeGateway(_)
            | Fault::JumpGateway(..)
            | Fault::FreezeDaemon
            | Fault::KillApp
            | Fault::FreezeApp
            | Fault::Suspend
            | Fault::Stall
            | Fault::StallEngine
            | Fault::FailOver => {}
        }
    }

    fn active(&self) -> impl Iterator<Item = &Planned> {
        let now = self.now;
        let covers = move |planned: &&Planned| planned.from <= now && now < planned.until;
        self.faults.iter().filter(covers)
    }

    fn until(&self, stops: impl Fn(Fault) -> bool) -> Option<u64> {
        let stopping = self.active().filter(|planned| stops(planned.fault));
        stopping.map(|planned| planned.until).max()
    }

    fn still_until(&self, who: Who) -> Option<u64> {
        self.until(|fault| match who {
            Who::Node(n) => fault == Fault::FreezeGateway(n),
            Who::Daemon => matches!(fault, Fault::FreezeDaemon | Fault::Suspend),
            Who::App => matches!(fault, Fault::FreezeApp | Fault::Suspend),
            Who::Engine => fault == Fault::StallEngine,
        })
    }

    /// The number of a push in its id.
    fn number(id: PushId) -> usize {
        usize::from(id.0[0]) << 8 | usize::from(id.0[1])
    }

    fn report(self, seed: u64) -> Report {
        let mut report = Report {
            pushes: self.pushes.len() as u64,
            ..Report::default()
        };
        for broken in &self.broken {
            report.broken.push(format!("seed {seed}: {broken}"));
        }
        for (n, sent) in self.pushes.iter().enumerate() {
            let Some(accepted) = sent.accepted else {
                continue;
            };
            for (process, at) in &sent.begun {
                report.begun += 1;
                if *at > sent.expires {
                    report.late += 1;
                    if self.checked {
                        let late = at - sent.expires;
                        let word = format!("seed {seed}: push {n} {late} ms late in {process}");
                        report.broken.push(word);
                    }
                }
            }
            let meets =
                |f: &&Planned| f.from <= sent.expires + 50 && f.until + RECOVERY >= accepted;
            let met: Vec<_> = self.faults.iter().filter(meets).collect();
            let delivered = u64::from(!sent.begun.is_empty());
            if met.is_empty() && sent.expires - accepted < self.limits.window_ms {
                continue; // Less life than a start of the app may take.
            }
            if met.is_empty() {
                report.healthy.0 += 1;
                report.healthy.1 += delivered;
                if delivered == 0 {
                    let what = format!("seed {seed}: push {n} at {accepted}: {sent:?}");
                    report.undelivered.push(what);
                }
            } else {
                report.risky += 1;
                let over = met.iter().all(|f| f.until + RECOVERY < sent.expires);
                let lost = met.iter().any(|f| f.fault == Fault::FailOver);
                let stored = sent.decided.contains(&Decision::Stored);
                if stored && over && !lost && !self.is_replaced(n) {
                    report.survivors.0 += 1;
                    report.survivors.1 += delivered;
                    if delivered == 0 {
                        let what = format!("seed {seed}: push {n} at {accepted}: {sent:?}");
                        report.undelivered.push(what);
                    }
                }
            }
        }
        report
    }

    /// Whether a newer stored push took the slot.
    fn is_replaced(&self, n: usize) -> bool {
        let expires = self.pushes[n].expires;
        let slot = Self::service(n);
        let newer = self.pushes.iter().enumerate().skip(n + 1);
        newer
            .filter(|(m, _)| Self::service(*m) == slot)
            .any(|(_, other)| {
                other.dated && other.accepted.is_some_and(|accepted| accepted < expires)
            })
    }

    fn service(n: usize) -> Service {
        if n.is_multiple_of(4) {
            Service::App
        } else {
            Service::Voip
        }
    }
}
