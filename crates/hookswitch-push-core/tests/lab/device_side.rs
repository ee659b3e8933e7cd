//! The device: its daemon, its app, and their check right before a callback.

use super::*;
use hookswitch_push_core::fresh;

impl World {
    pub(super) fn daemon_starts(&mut self) {
        if let Some(until) = self.until(|fault| fault == Fault::KillDaemon) {
            return self.at(until, Happening::DaemonStarts);
        }
        if self.device.is_some() {
            return;
        }
        let mut device = Device::new(self.limits);
        device.restore(self.remembered.clone());
        device.install(APP);
        self.device = Some(device);
        let life = self.daemon_life;
        self.at(self.now, Happening::DaemonTick(life));
        self.at(self.now, Happening::Connect(life));
        if self.process.is_some() {
            self.says_ready();
        }
    }

    pub(super) fn kill_daemon(&mut self) {
        self.device = None;
        self.daemon_life += 1;
        self.drop_link();
    }

    pub(super) fn daemon(&mut self, life: u32, event: device::Event) {
        let now = self.boot();
        let Some(device) = self.device.as_mut().filter(|_| self.daemon_life == life) else {
            return;
        };
        let mut effects = Vec::new();
        device.handle(now, event, &mut effects);
        for effect in &effects {
            if let device::Effect::Remember { id, until } = effect {
                self.remembered.push((*id, *until));
                self.pushes[Self::number(*id)].completed = true;
            }
        }
        self.after(0, 3, Happening::DaemonSays(life, effects));
    }

    pub(super) fn daemon_tick(&mut self, life: u32) {
        if self.daemon_life == life {
            self.daemon(life, device::Event::Tick);
            self.after(35, 36, Happening::DaemonTick(life));
        }
    }

    pub(super) fn daemon_says(&mut self, life: u32, effects: Vec<device::Effect>) {
        if self.daemon_life != life {
            return;
        }
        for effect in effects {
            match effect {
                device::Effect::Hello { beat } => self.send_up(Up::Hello {
                    version: 1,
                    device: DEVICE,
                    secret: hookswitch_push_core::frame::Secret(Vec::new()),
                    beat,
                }),
                device::Effect::Frame(frame) => self.send_up(frame),
                device::Effect::Relink => {
                    self.drop_link();
                    self.after(50, 200, Happening::Connect(life));
                }
                device::Effect::Launch { .. } => self.after(80, 600, Happening::AppStarts),
                device::Effect::Hand(handed) => {
                    let process = self.process.as_ref().map_or(0, |process| process.id);
                    self.after(0, 3, Happening::App(process, handed));
                }
                device::Effect::Remember { .. } | device::Effect::Record(_) => {}
            }
        }
    }

    /// A new connection to either gateway, unless the network or both gateways are gone.
    pub(super) fn connect(&mut self, life: u32) {
        if self.daemon_life != life || self.link.is_some() || self.device.is_none() {
            return;
        }
        let cut = self.until(|fault| matches!(fault, Fault::Cut | Fault::Stall));
        let node = usize::from(self.chance.percent(50));
        if cut.is_some() || self.nodes[node].gateway.is_none() {
            return self.after(150, 400, Happening::Connect(life));
        }
        self.links += 1;
        self.link = Some(Link {
            id: LinkId(self.links),
            node,
            up_last: 0,
            down_last: 0,
        });
        self.after(10, 40, Happening::Daemon(life, device::Event::Linked));
    }

    pub(super) fn app_starts(&mut self) {
        if self.process.is_some() {
            return self.says_ready();
        }
        self.processes += 1;
        self.process = Some(Process {
            id: self.processes,
            begun: BTreeSet::new(),
            completed: BTreeSet::new(),
        });
        self.says_ready();
    }

    fn says_ready(&mut self) {
        let event = device::Event::Ready {
            app: APP.to_owned(),
            style: device::Style::Metadata,
        };
        let life = self.daemon_life;
        self.after(1, 60, Happening::Daemon(life, event));
    }

    pub(super) fn app_ends(&mut self, only: Option<u32>) {
        let ends = |process: &mut Process| only.is_none_or(|id| process.id == id);
        if self.process.take_if(ends).is_some() {
            let app = APP.to_owned();
            let life = self.daemon_life;
            let event = device::Event::Gone { app };
            self.after(0, 3, Happening::Daemon(life, event));
        }
    }

    /// What the SDK does with a push: the last check, then the callback.
    pub(super) fn app(&mut self, process: u32, handed: Handed) {
        let now = self.boot();
        let (life, app) = (self.daemon_life, APP.to_owned());
        let Some(live) = self.process.as_mut().filter(|live| live.id == process) else {
            let event = device::Event::Gone { app }; // Nobody has that name on the bus.
            return self.after(0, 3, Happening::Daemon(life, event));
        };
        let id = handed.id;
        if live.completed.contains(&id) {
            return self.app_done(process, id);
        }
        if !live.begun.insert(id) {
            return;
        }
        if !fresh::may_begin(now, handed.deadline) {
            let event = device::Event::TooLate { app, id };
            return self.after(0, 3, Happening::Daemon(life, event));
        }
        let sent = &mut self.pushes[Self::number(id)];
        if sent.completed {
            self.broken
                .push(format!("I5: {id:?} begins after its completion"));
        }
        if sent.begun.iter().any(|(other, _)| *other == process) {
            self.broken
                .push(format!("I5: {id:?} begins twice in one process"));
        }
        sent.begun.push((process, self.now));
        self.after(5, 300, Happening::AppReports(process));
        self.after(10, 400, Happening::AppDone(process, id));
    }

    pub(super) fn app_done(&mut self, process: u32, id: PushId) {
        let Some(live) = self.process.as_mut().filter(|live| live.id == process) else {
            return;
        };
        live.completed.insert(id);
        let (life, app) = (self.daemon_life, APP.to_owned());
        let event = device::Event::Completed { app, id };
        self.after(0, 3, Happening::Daemon(life, event));
        if self.chance.percent(30) {
            self.after(500, 3_000, Happening::AppExits(process));
        }
    }

    pub(super) fn app_reports(&mut self, process: u32) {
        if self.process.as_ref().is_some_and(|live| live.id == process) {
            let app = APP.to_owned();
            let life = self.daemon_life;
            let event = device::Event::Reported { app };
            self.after(0, 3, Happening::Daemon(life, event));
        }
    }

    /// The device's clock: it never stops, and runs up to 200 ppm too fast or too slow.
    fn boot(&self) -> Boot {
        let ran = self.now * (1_000_000 + self.ppm) / 1_000_200;
        Boot(50_000 + ran)
    }
}
