//! Messages between the devices and the services: sent, lost, held up, and what follows.

use hookswitch_model::EndReason;

use super::network::{Coming, Message, What};
use super::service::{State, Told};
use super::{Down, Home};
use crate::trace::Kind;

impl Home {
    /// Something comes over the network, or a time of a service is over.
    pub(super) fn come(&mut self) {
        let Some(coming) = self.network.pop() else {
            return;
        };
        match coming {
            Coming::Reachable(device) => self.reach(device),
            Coming::Returns(device, drops) if self.devices[device].drops == drops => {
                self.returns(device);
            }
            Coming::Returns(..) => {}
            Coming::RingOver(number, call) => {
                let (service, _) = &mut self.services[number];
                if service
                    .calls
                    .get(&call)
                    .is_some_and(|known| known.state == State::Ringing)
                {
                    let told = service.end(call, EndReason::Unanswered, self.now);
                    let what = format!("gives-up {}", self.name_of(call));
                    let cause = self.note_service(number, None, Kind::Event, &what, None);
                    self.send_down(number, told, cause);
                }
            }
            Coming::Message(message) if !self.can_reach(message.device) => {
                self.network.hold(*message);
            }
            Coming::Message(message) => self.arrive(*message),
        }
    }

    fn can_reach(&self, device: usize) -> bool {
        let device = &self.devices[device];
        device.is_online && device.world.awake_at() <= self.now
    }

    /// What waited for a device is on its way now.
    pub(super) fn reach(&mut self, device: usize) {
        if !self.can_reach(device) {
            return;
        }
        for mut message in self.network.release(device) {
            if let What::Down(Down::Ring { .. }) = message.what {
                let (service, _) = &self.services[message.service];
                let Some(ring) = service.afresh(message.call, self.now) else {
                    continue;
                };
                message.what = What::Down(ring);
            }
            self.send(message);
        }
    }

    fn arrive(&mut self, message: Message) {
        match message.what {
            What::Down(down) => {
                let app = self.services[message.service].0.decl.app;
                let world = &mut self.devices[message.device].world;
                world.wait_until(self.now);
                self.network.has_reached(message.device, message.call);
                world.hear_service(app, message.call, down);
                self.settle(message.device, Some(message.cause));
            }
            What::Up(up) => {
                let number = message.service;
                let call = self.names.call(message.call);
                let what = format!("hears {} {call}", up.word());
                let cause = Some(message.cause);
                let from = Some(message.device);
                let seq = self.note_service(number, from, Kind::Event, &what, cause);
                let told = self.services[number]
                    .0
                    .hear(message.device, message.call, up);
                self.send_down(number, told, seq);
                self.check();
            }
        }
    }

    /// A service tells devices something.
    pub(super) fn send_down(&mut self, number: usize, told: Vec<Told>, cause: u64) {
        for (device, call, down) in told {
            let what = format!("sent {} {}", self.names.call(call), down.words());
            let seq = self.note_service(number, Some(device), Kind::Effect, &what, Some(cause));
            let message = Message {
                device,
                service: number,
                call,
                what: What::Down(down),
                number: self.network.number(),
                cause: seq,
            };
            self.send(message);
        }
    }

    pub(super) fn send(&mut self, message: Message) {
        if !self.can_reach(message.device) {
            return self.network.hold(message);
        }
        let (service, luck) = &mut self.services[message.service];
        let delay = service
            .decl
            .delay
            .saturating_add(self.devices[message.device].delay);
        let fate = luck.next(&service.decl, delay);
        let at = self.now.after(fate.takes);
        if fate.is_lost {
            let what = format!("lost {}", self.names.call(message.call));
            let (number, to) = (message.service, Some(message.device));
            self.note_service(number, to, Kind::Effect, &what, Some(message.cause));
        }
        if fate.is_doubled {
            let again = at.after(delay);
            self.network
                .push(again, Coming::Message(Box::new(message.clone())));
        }
        self.network.push(at, Coming::Message(Box::new(message)));
    }
}
