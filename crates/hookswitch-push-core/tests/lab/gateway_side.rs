//! Gateways, their engine, and the network to the device.

use super::*;

impl World {
    /// A sender's request was read as a whole.
    pub(super) fn send(&mut self, n: usize) {
        let node = self.pushes[n].node;
        let Some(gateway) = self.nodes[node].gateway.as_ref() else {
            let other = 1 - node;
            if self.nodes[other].gateway.is_some() && self.pushes[n].accepted.is_none() {
                self.pushes[n].node = other;
                self.at(self.now, Happening::Send(n));
            }
            return;
        };
        assert!(gateway.pending() <= self.limits.pending);
        let sent = &mut self.pushes[n];
        let date = sent.expiration.unwrap_or(0).saturating_mul(1_000);
        sent.dated = date > EPOCH + self.now;
        let expires = match sent.dated {
            true => date - EPOCH,
            false => self.now + self.limits.window_ms,
        };
        sent.expires = sent.expires.max(expires);
        sent.accepted.get_or_insert(self.now);
        let address = Address {
            device: DEVICE,
            app: APP.to_owned(),
            service: Self::service(n),
        };
        let mut id = [0; 16];
        id[..2].copy_from_slice(&(n as u16).to_be_bytes());
        let low = n.is_multiple_of(7);
        let push = Push {
            id: PushId(id),
            priority: if low {
                Priority::Power
            } else {
                Priority::Immediate
            },
            collapse: None,
            payload: vec![b'{', b'}'],
        };
        let expiration = sent.expiration;
        let event = gateway::Event::Send {
            address,
            push,
            expiration,
        };
        let life = self.nodes[node].life;
        self.node(node, life, event);
    }

    pub(super) fn node(&mut self, n: usize, life: u32, event: gateway::Event) {
        let stamp = self.stamp(n);
        let node = &mut self.nodes[n];
        let Some(gateway) = node.gateway.as_mut().filter(|_| node.life == life) else {
            return;
        };
        let mut effects = Vec::new();
        gateway.handle(stamp, event, &mut effects);
        for effect in &effects {
            if let gateway::Effect::Close { link, .. } = effect {
                node.closed.insert(*link);
            }
            if let gateway::Effect::Frame { link, .. } = effect
                && node.closed.contains(link)
            {
                self.broken.push(format!("I4: a frame to closed {link:?}"));
            }
        }
        self.after(0, 3, Happening::NodeSays(n, life, effects));
    }

    pub(super) fn node_tick(&mut self, n: usize, life: u32) {
        if self.nodes[n].life == life {
            self.node(n, life, gateway::Event::Tick);
            self.after(40, 41, Happening::NodeTick(n, life));
        }
    }

    pub(super) fn node_says(&mut self, n: usize, life: u32, effects: Vec<gateway::Effect>) {
        if self.nodes[n].life != life {
            return;
        }
        for effect in effects {
            match effect {
                gateway::Effect::Frame { link, frame } => self.send_down(link, frame),
                gateway::Effect::Close { link, .. } => {
                    if self.link.as_ref().is_some_and(|live| live.id == link) {
                        self.drop_link();
                    }
                }
                gateway::Effect::Decided { id, decision, .. } => {
                    let sent = &mut self.pushes[Self::number(id)];
                    if decision == Decision::Stored && !sent.kept {
                        self.broken
                            .push(format!("I6: {id:?} stored before it was kept"));
                    }
                    sent.decided.push(decision);
                }
                gateway::Effect::Log { .. } => {}
                gateway::Effect::Answer { to, device, frame } => {
                    let (to, event) = (to.0 as usize, gateway::Event::Answered { device, frame });
                    self.tell_node(to, event);
                }
                gateway::Effect::Wake { device } => {
                    self.tell_route(n, gateway::Event::Woken { device });
                }
                gateway::Effect::Relay { device, frame } => {
                    let from = NodeId(n as u32);
                    let event = gateway::Event::Relayed {
                        from,
                        device,
                        frame,
                    };
                    self.tell_route(n, event);
                }
                order @ (gateway::Effect::Keep(_)
                | gateway::Effect::Renew { .. }
                | gateway::Effect::Forget { .. }
                | gateway::Effect::Fetch { .. }) => self.order_engine(n, life, Order::Do(order)),
            }
        }
    }

    /// A message to the gateway that has the device, by the engine.
    fn tell_route(&mut self, from: usize, event: gateway::Event) {
        if let Some(route) = self.engine.route.filter(|route| *route != from) {
            self.tell_node(route, event);
        }
    }

    fn tell_node(&mut self, n: usize, event: gateway::Event) {
        let life = self.nodes[n].life;
        let stalled = self.until(|fault| fault == Fault::StallEngine);
        let at = stalled.unwrap_or(self.now) + self.chance.range(1, 12);
        self.at(at, Happening::Node(n, life, event));
    }

    /// The engine takes orders one after the other.
    pub(super) fn order_engine(&mut self, n: usize, life: u32, order: Order) {
        let at = (self.now + self.chance.range(1, 15)).max(self.engine.last);
        self.engine.last = at;
        self.at(at, Happening::Engine(n, life, order));
    }

    pub(super) fn engine(&mut self, n: usize, life: u32, order: Order) {
        if self.now >= self.engine.before_at + 300 {
            self.engine.before = self.engine.slots.clone();
            self.engine.before_at = self.now;
        }
        let event = match order {
            Order::Route(link, beat) => {
                self.engine.epoch += 1;
                self.engine.route = Some(n);
                let (device, epoch) = (DEVICE, self.engine.epoch);
                let other = self.nodes[1 - n].life;
                if self.chance.percent(80) {
                    let moved = gateway::Event::Moved { device, epoch };
                    self.after(1, 20, Happening::Node(1 - n, other, moved));
                }
                gateway::Event::Linked {
                    link,
                    device,
                    epoch,
                    beat,
                }
            }
            Order::Do(gateway::Effect::Keep(mut kept)) => {
                self.engine.sequence += 1;
                kept.sequence = self.engine.sequence;
                let (id, sequence) = (kept.push.id, Some(kept.sequence));
                self.pushes[Self::number(id)].kept = true;
                self.engine.slots.insert(kept.address.clone(), (n, kept));
                gateway::Event::Stored {
                    device: DEVICE,
                    id,
                    sequence,
                }
            }
            Order::Do(gateway::Effect::Fetch { device, epoch }) => {
                let slots = self.engine.slots.values();
                let mine = |(by, kept): &(usize, Kept)| Kept {
                    until: kept.until.filter(|_| *by == n),
                    ..kept.clone()
                };
                let kept = slots.map(mine).collect();
                gateway::Event::Fetched {
                    device,
                    epoch,
                    kept,
                }
            }
            Order::Do(gateway::Effect::Forget { address, id }) => {
                let is = |slot: &(usize, Kept)| slot.1.push.id == id;
                if self.engine.slots.get(&address).is_some_and(is) {
                    self.engine.slots.remove(&address);
                }
                return;
            }
            Order::Do(gateway::Effect::Renew { device, epoch }) => {
                if epoch >= self.engine.epoch {
                    return;
                }
                let epoch = self.engine.epoch;
                gateway::Event::Moved { device, epoch }
            }
            Order::Do(_) => return,
        };
        self.after(1, 8, Happening::Node(n, life, event));
    }

    pub(super) fn kill_node(&mut self, n: usize) {
        self.nodes[n].gateway = None;
        self.nodes[n].life += 1;
        if self.link.as_ref().is_some_and(|link| link.node == n) {
            self.drop_link();
        }
    }

    /// A gateway whose clock disagrees with the engine's does not start.
    pub(super) fn node_starts(&mut self, n: usize) {
        let jumped = self.until(|fault| matches!(fault, Fault::JumpGateway(m, _) if m == n));
        let killed = self.until(|fault| fault == Fault::KillGateway(n));
        if let Some(until) = jumped.max(killed) {
            return self.at(until, Happening::NodeStarts(n));
        }
        if self.nodes[n].gateway.is_none() {
            self.nodes[n].gateway = Some(Gateway::new(self.limits));
            let life = self.nodes[n].life;
            self.at(self.now, Happening::NodeTick(n, life));
        }
    }

    fn stamp(&self, n: usize) -> Stamp {
        let mut utc = EPOCH + self.now;
        for planned in self.active() {
            if let Fault::JumpGateway(m, by) = planned.fault
                && m == n
            {
                utc = utc.saturating_add_signed(by);
            }
        }
        Stamp {
            boot: Boot(self.now + 777_000 * (n as u64 + 1)),
            utc: Utc(utc),
        }
    }

    /// When something sent now arrives: in order, after a stall, or never.
    fn arrival(&mut self, last: u64) -> Option<u64> {
        if self.until(|fault| fault == Fault::Cut).is_some() {
            return None;
        }
        let stalled = self.until(|fault| fault == Fault::Stall);
        let at = stalled.unwrap_or(self.now) + self.chance.range(1, 30);
        Some(at.max(last))
    }

    pub(super) fn send_up(&mut self, frame: Up) {
        let Some((id, node, last)) = self.link.as_ref().map(|l| (l.id, l.node, l.up_last)) else {
            return;
        };
        let Some(at) = self.arrival(last) else {
            return;
        };
        if let Some(link) = &mut self.link {
            link.up_last = at;
        }
        let life = self.nodes[node].life;
        let happening = if let Up::Hello { beat, .. } = frame {
            Happening::Hello(node, life, id, beat)
        } else {
            let link = id;
            Happening::Node(node, life, gateway::Event::Frame { link, frame })
        };
        self.at(at, happening);
    }

    fn send_down(&mut self, link: LinkId, mut frame: Down) {
        let Some(last) = self
            .link
            .as_ref()
            .filter(|l| l.id == link)
            .map(|l| l.down_last)
        else {
            return;
        };
        let Some(at) = self.arrival(last) else {
            return;
        };
        if let Some(link) = &mut self.link {
            link.down_last = at;
        }
        if let Down::Grant(grant) = &mut frame
            && !self.checked
        {
            grant.left_ms += 3_600_000; // A receiver that believes what the server checked.
        }
        let life = self.daemon_life;
        self.at(at, Happening::Daemon(life, device::Event::Frame(frame)));
    }

    /// The connection ends; both ends learn it.
    pub(super) fn drop_link(&mut self) {
        let Some(link) = self.link.take() else {
            return;
        };
        let life = self.nodes[link.node].life;
        let event = gateway::Event::Unlinked { link: link.id };
        self.after(1, 40, Happening::Node(link.node, life, event));
        let life = self.daemon_life;
        self.after(1, 40, Happening::Daemon(life, device::Event::Unlinked));
        self.after(100, 400, Happening::Connect(life));
    }
}
