//! The traces of all devices and services as one.

use hookswitch_model::{Stamp, Wall};
use hookswitch_trace::WALL_START;

use super::Home;
use super::network::{Message, What};
use crate::describe::words;
use crate::scenario::SERVICE;
use crate::trace::{Entry, Kind, Origin};

impl Home {
    /// Takes over what a device did: its lines of the trace, and what its apps tell their services.
    pub(super) fn settle(&mut self, on: usize, cause: Option<u64>) {
        if self.is_plain() {
            return;
        }
        self.now = self.now.max(self.devices[on].world.now());
        let said = self.devices[on].world.said();
        self.take_lines(on, cause);
        for said in said {
            let services = &self.services;
            let found = services
                .iter()
                .position(|(service, _)| service.decl.app == said.app);
            if let Some(service) = found {
                let message = Message {
                    device: on,
                    service,
                    call: said.call,
                    what: What::Up(said.up),
                    number: self.network.number(),
                    cause: self.devices[on].line(said.cause),
                };
                self.send(message);
            }
        }
        self.check();
    }

    fn take_lines(&mut self, on: usize, cause: Option<u64>) {
        let device = &mut self.devices[on];
        let fresh = &device.world.entries()[device.lines.len()..];
        let first = self.entries.len() as u64 + 1;
        let numbers = (first..).take(fresh.len());
        let mut lines = core::mem::take(&mut device.lines);
        lines.extend(numbers);
        for entry in fresh {
            let mut entry = entry.clone();
            entry.seq = line_of(&lines, entry.seq);
            entry.cause = entry.cause.map(|seq| line_of(&lines, seq)).or(cause);
            entry.device.clone_from(&device.name);
            self.entries.push(entry);
        }
        device.lines = lines;
    }

    /// A line of the trace about a service, and the device it speaks with.
    pub(super) fn note_service(
        &mut self,
        number: usize,
        with: Option<usize>,
        kind: Kind,
        what: &str,
        cause: Option<u64>,
    ) -> u64 {
        let seq = self.entries.len() as u64 + 1;
        let app = self.services[number].0.decl.app;
        let name = self.names.app_name(app).to_owned();
        let millis = i64::try_from(self.now.as_millis()).unwrap_or(i64::MAX);
        let wall = Wall::from_millis(WALL_START.saturating_add(millis));
        let speaks = kind == Kind::Effect;
        let service = format!("{name}-{SERVICE}");
        let call = what
            .split_whitespace()
            .find_map(|word| self.names.call_named(word));
        self.entries.push(Entry {
            seq,
            at: Stamp::new(self.now, wall),
            monotonic: self.now,
            kind,
            device: with.and_then(|device| self.devices[device].name.clone()),
            actor: if speaks || with.is_none() {
                service.clone()
            } else {
                name.clone()
            },
            target: if speaks { name } else { service },
            origin: Origin::Remote,
            cause,
            call: call.map(|call| (call, self.names.call(call))),
            what: words(what),
            before: None,
            after: None,
            state: None,
        });
        seq
    }
}

/// The number in the one trace of a line of a device.
pub(super) fn line_of(lines: &[u64], seq: u64) -> u64 {
    let index = usize::try_from(seq.saturating_sub(1)).unwrap_or(usize::MAX);
    lines.get(index).copied().unwrap_or(seq)
}
