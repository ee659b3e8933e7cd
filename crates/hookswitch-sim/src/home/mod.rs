//! The home of one user: the devices, the services that ring them, and the network between.
//!
//! Each device is a whole [`World`] with a core of its own. They know nothing of each other: what
//! one hears of another, its app heard from the service. Without `device` and `service` lines there
//! is one device, and everything here is that device.
//!
//! # Promises
//!
//! - **HM1** whatever is next in time happens next, on whichever device.
//! - **HM2** after every step the laws over all devices are checked (`laws`).
//!
//! # Not here
//!
//! What happens on a device (that is [`crate::world`]).

mod laws;
mod lines;
mod message;
mod network;
#[cfg(test)]
mod planted;
mod post;
mod service;

use core::time::Duration;

use hookswitch_model::{CallId, EndReason, Timestamp};

use crate::coverage::Coverage;
use crate::describe::{Words, words};
use crate::laws::Violation;
use crate::names::{self, Names};
use crate::scenario::{
    AppAct, AppAction, DeviceDecl, Input, NetworkAct, SERVICE, Scenario, ServiceAct, SystemAct,
};
use crate::trace::{Entry, Kind};
use crate::world::World;
pub use message::{Down, Up};
use network::{Coming, Luck, Network};
use service::{Service, State};

/// The devices of one user and what is between them.
#[derive(Debug)]
pub struct Home {
    devices: Vec<Device>,
    services: Vec<(Service, Luck)>,
    network: Network,
    names: Names,
    now: Timestamp,
    /// The traces of all devices and services as one; empty if there is one device alone.
    entries: Vec<Entry>,
    violations: Vec<Violation>,
    laws: laws::Laws,
}

/// One device.
#[derive(Debug)]
struct Device {
    /// Its name, in a story of several.
    name: Option<String>,
    world: World,
    delay: Duration,
    is_online: bool,
    /// How often its network was gone.
    drops: u64,
    /// The numbers of its lines in the one trace.
    lines: Vec<u64>,
    /// Broken laws that were told.
    broken: usize,
}

impl Home {
    /// A home at time zero; the world is that of its first device.
    #[must_use]
    pub fn new(scenario: &Scenario, world: World) -> Self {
        let names = scenario.devices.iter().map(Some);
        let names: Vec<_> = names
            .chain(scenario.devices.is_empty().then_some(None))
            .collect();
        let others = (1..names.len()).map(|_| World::new(scenario));
        let worlds: Vec<World> = core::iter::once(world).chain(others).collect();
        let devices: Vec<Device> = names
            .into_iter()
            .zip(worlds)
            .map(|(decl, world)| Device::of(decl, world))
            .collect();
        let services = scenario.services.iter().cloned();
        let count = devices.len();
        let mut home = Self {
            devices,
            services: services
                .map(|decl| (Service::new(decl, count), Luck::default()))
                .collect(),
            network: Network::new(scenario.seed),
            names: names::of(scenario),
            now: Timestamp::ZERO,
            entries: Vec::new(),
            violations: Vec::new(),
            laws: laws::Laws::default(),
        };
        for device in 0..count {
            home.settle(device, None);
        }
        home
    }

    /// One device without a service: its world is all there is.
    fn is_plain(&self) -> bool {
        self.devices.len() == 1 && self.services.is_empty()
    }

    /// The latest point on the boot clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Everything that happened, on all devices.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        if self.is_plain() {
            self.devices[0].world.entries()
        } else {
            &self.entries
        }
    }

    /// Which events met a call in which state, on all devices.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        let mut all = Coverage::default();
        for device in &self.devices {
            all.add(device.world.coverage());
        }
        all
    }

    /// The names of the story.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Laws that were broken since the last look.
    pub fn violations(&mut self) -> Vec<Violation> {
        let mut out = core::mem::take(&mut self.violations);
        for device in &mut self.devices {
            let fresh = device.world.violations().iter().skip(device.broken);
            for violation in fresh.cloned() {
                device.broken += 1;
                out.push(match &device.name {
                    None => violation,
                    Some(name) => Violation {
                        text: format!("on {name}: {}", violation.text),
                        ..violation
                    },
                });
            }
        }
        out
    }

    /// All facts, as words, by the place they are about.
    #[must_use]
    pub fn facts(&self) -> Vec<(Option<String>, Vec<Words>)> {
        let of = |device: &'_ Device| device.world.facts();
        let devices = self.devices.iter();
        let mut out: Vec<(Option<String>, Vec<Words>)> = devices
            .map(|device| (device.name.clone(), of(device)))
            .collect();
        if !self.services.is_empty() {
            out.push((Some(SERVICE.to_owned()), self.service_facts()));
        }
        out
    }

    fn service_facts(&self) -> Vec<Words> {
        let services = self.services.iter();
        let calls = services.flat_map(|(service, _)| &service.calls);
        let facts = calls.flat_map(|(call, known)| {
            let name = self.names.call(Names::call_id(*call));
            match &known.state {
                State::Ringing => vec![format!("{name} ringing")],
                State::With(devices) => {
                    let on = devices.iter().map(|device| self.name(*device));
                    on.map(|on| format!("{name} with {on}")).collect()
                }
                State::Over(reason) => vec![format!("{name} over {}", reason.name())],
            }
        });
        facts.map(|fact| words(&fact)).collect()
    }

    fn name(&self, device: usize) -> &str {
        self.devices[device].name.as_deref().unwrap_or("device")
    }

    /// The state in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let devices = self.devices.iter().map(|device| match &device.name {
            None => device.world.summary(),
            Some(name) => format!("{name}: {}", device.world.summary()),
        });
        devices.collect::<Vec<_>>().join("; ")
    }

    /// When something happens by itself.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        let worlds = self.devices.iter().filter_map(|d| d.world.next_at());
        worlds.chain(self.network.next_at()).min()
    }

    /// A coin of the seed: whether what the story does comes after what happens by itself at the
    /// same instant.
    pub fn story_comes_last(&mut self) -> bool {
        if self.is_plain() {
            return self.devices[0].world.story_comes_last();
        }
        self.network.toss() & 1 == 1
    }

    /// From when on an input can happen: a device that sleeps is reached when it wakes.
    #[must_use]
    pub fn ready_at(&self, device: Option<usize>, at: Timestamp) -> Timestamp {
        let awake = device.map_or(Timestamp::ZERO, |d| self.devices[d].world.awake_at());
        at.max(awake)
    }

    /// Listens to the apps outside of the first device up to a point; says whether one said
    /// something.
    pub fn listen(&mut self, until: Timestamp) -> bool {
        let has_heard = self.devices[0].world.listen(until);
        if has_heard {
            self.settle(0, None);
        }
        has_heard
    }

    /// Lets the next thing happen that happens by itself.
    pub fn advance(&mut self) {
        let Some(at) = self.next_at() else {
            return;
        };
        self.now = self.now.max(at);
        let is_due = |next: Option<Timestamp>| next.is_some_and(|next| next <= at);
        let devices = self.devices.iter().enumerate();
        let due: Vec<usize> = devices
            .filter(|(_, device)| is_due(device.world.next_at()))
            .map(|(number, _)| number)
            .collect();
        let network = usize::from(is_due(self.network.next_at()));
        let pick = match due.len() + network {
            0 | 1 => 0,
            many => usize::try_from(self.network.toss() % many as u64).unwrap_or(0),
        };
        match due.get(pick) {
            Some(device) => {
                self.devices[*device].world.advance();
                self.settle(*device, None);
            }
            None => self.come(),
        }
    }

    /// Moves the clocks to a point, if it is later and the machine is awake then.
    pub fn wait_until(&mut self, device: Option<usize>, at: Timestamp) {
        let on = device.or_else(|| self.devices[0].name.is_none().then_some(0));
        let now = on.map_or(at, |on| {
            let world = &mut self.devices[on].world;
            world.wait_until(at);
            world.now()
        });
        self.now = self.now.max(now);
    }

    /// Carries out an act of the story now.
    ///
    /// # Errors
    ///
    /// A sentence, if the act is not possible: a dead app cannot report.
    pub fn apply(&mut self, device: Option<usize>, input: &Input) -> Result<(), String> {
        let on = device.unwrap_or(0);
        match input {
            Input::Service(service, act) => self.act_of_service(*service, act),
            Input::Network(act) => {
                self.change_network(on, *act);
                Ok(())
            }
            Input::App(app, AppAct::Pull(call, alias)) => self.pull(on, *app, *call, *alias),
            Input::User(_)
            | Input::App(..)
            | Input::Audio(_)
            | Input::System(_)
            | Input::Daemon(_)
            | Input::Screening(_)
            | Input::Directory(_)
            | Input::Push(_) => {
                let done = self.devices[on].world.apply(input);
                if let Input::System(SystemAct::Suspend(_)) = input {
                    let awake = self.devices[on].world.awake_at();
                    self.network.push(awake, Coming::Reachable(on));
                }
                self.settle(on, None);
                done
            }
        }
    }

    fn act_of_service(&mut self, number: usize, act: &ServiceAct) -> Result<(), String> {
        if let ServiceAct::Calls(call, _) = act {
            self.is_free(*call)?;
        }
        let (service, _) = &mut self.services[number];
        let (told, what) = match act {
            ServiceAct::Calls(call, facts) => {
                let until = service.call(*call, facts, self.now);
                self.network.push(until, Coming::RingOver(number, *call));
                (
                    service.rings(*call, self.now),
                    format!("calls {}", self.name_of(*call)),
                )
            }
            ServiceAct::HangsUp(call) => {
                let told = service.end(*call, EndReason::CanceledByCaller, self.now);
                (told, format!("hangs-up {}", self.name_of(*call)))
            }
        };
        let cause = self.note_service(number, None, Kind::Event, &what, None);
        self.send_down(number, told, cause);
        Ok(())
    }

    /// A call that a service speaks of needs a name of its own.
    fn is_free(&self, call: usize) -> Result<(), String> {
        let mut services = self.services.iter();
        if services.any(|(service, _)| service.has(Names::call_id(call))) {
            let name = self.name_of(call);
            return Err(format!("{name} was a call of a service before"));
        }
        let knows = |device: &&Device| device.world.knows_call(Names::call_id(call));
        match self.devices.iter().find(knows) {
            Some(_) => Err(format!("{} was a call before", self.name_of(call))),
            None => Ok(()),
        }
    }

    fn name_of(&self, call: usize) -> String {
        self.names.call(Names::call_id(call))
    }

    fn change_network(&mut self, on: usize, act: NetworkAct) {
        let device = &mut self.devices[on];
        match act {
            NetworkAct::Drops(span) => {
                device.is_online = false;
                device.drops += 1;
                if let Some(span) = span {
                    let coming = Coming::Returns(on, device.drops);
                    self.network.push(self.now.after(span), coming);
                }
            }
            NetworkAct::Returns => self.returns(on),
        }
    }

    fn returns(&mut self, on: usize) {
        self.devices[on].is_online = true;
        self.reach(on);
    }

    /// An app takes a call over from another device.
    fn pull(&mut self, on: usize, app: usize, call: usize, alias: usize) -> Result<(), String> {
        let id = Names::call_id(alias);
        let is_it = |(service, _): &(Service, Luck)| service.decl.app == app;
        let Some(number) = self.services.iter().position(is_it) else {
            return Err(format!("{} has no service", self.names.app_name(app)));
        };
        self.is_free(alias)?;
        let Some(handle) = self.services[number].0.may_pull(call, on) else {
            return Err(format!("{} is with no other device", self.name_of(call)));
        };
        let start = AppAction::Start {
            call: alias,
            handle,
            video: false,
            account: None,
            contact: None,
        };
        let world = &mut self.devices[on].world;
        let done = world.pull(app, alias, &start);
        if world.pulls(id) {
            self.services[number].0.begin_pull(call, on, id);
        }
        self.settle(on, None);
        done
    }

    fn check(&mut self) {
        let mut laws = core::mem::take(&mut self.laws);
        laws.check(self);
        self.violations.extend(laws.found());
        self.laws = laws;
    }

    /// Whether everything that one end knows about a call has come to the other.
    fn has_settled(&self, device: usize, call: CallId) -> bool {
        let world = &self.devices[device].world;
        !self.network.has(device, call) && !world.has_unheard(call)
    }
}

impl Device {
    fn of(decl: Option<&DeviceDecl>, mut world: World) -> Self {
        world.set_wall(decl.map_or(0, |decl| decl.wall));
        Self {
            name: decl.map(|decl| decl.name.clone()),
            world,
            delay: decl.map_or(Duration::ZERO, |decl| decl.delay),
            is_online: true,
            drops: 0,
            lines: Vec::new(),
            broken: 0,
        }
    }

    /// The number in the one trace of a line of this device.
    fn line(&self, seq: u64) -> u64 {
        lines::line_of(&self.lines, seq)
    }
}
