//! The simulated audio server: devices, the one in use, and how well it obeys.
//!
//! It has one deadline of its own: how long it takes to use another device. Of several orders on
//! their way the last one counts, as with a real session manager.

use core::time::Duration;

use hookswitch_core::{Environment, Event};
use hookswitch_model::{Endpoint, EndpointId, EndpointKind, RouteFault, Text};

use super::queue::Doing;
use super::{Actor, World};
use crate::describe::words;
use crate::scenario::{AudioAct, Device};
use crate::trace::Origin;

/// How long it takes to use another device, unless a story says otherwise.
const PROMPT: Duration = Duration::from_millis(10);

/// Its state.
#[derive(Debug)]
pub(super) struct AudioServer {
    is_up: bool,
    devices: Vec<Endpoint>,
    in_use: Option<EndpointId>,
    latency: Option<Duration>,
    /// Whether the microphone is muted by its key; nothing until that was used.
    muted: Option<bool>,
    refused: Vec<EndpointId>,
    /// The number of the last order.
    order: u64,
    /// How often it has restarted.
    lives: u64,
}

impl Default for AudioServer {
    fn default() -> Self {
        Self {
            is_up: false,
            devices: Vec::new(),
            in_use: None,
            latency: Some(PROMPT),
            muted: None,
            refused: Vec::new(),
            order: 0,
            lives: 0,
        }
    }
}

impl AudioServer {
    /// Whether a new daemon finds it.
    pub(super) fn is_up(&self) -> bool {
        self.is_up
    }

    fn has(&self, id: &EndpointId) -> bool {
        self.devices.iter().any(|one| one.id == *id)
    }

    fn use_first(&mut self) {
        self.in_use = self.devices.first().map(|one| one.id.clone());
    }
}

impl World {
    pub(super) fn apply_audio(&mut self, act: &AudioAct) -> Result<(), String> {
        match act {
            AudioAct::Vanishes => self.audio_goes("vanishes"),
            AudioAct::Offers { list, using } => {
                let devices: Result<_, String> = list.iter().map(endpoint).collect();
                self.audio.devices = devices?;
                self.audio.is_up = true;
                self.audio.in_use = using.as_deref().and_then(EndpointId::new);
                self.tell_endpoints(None);
            }
            AudioAct::Returns { using } => self.audio_comes(using.as_deref(), None),
            AudioAct::Restarts { down, using } => {
                let seq = self.next_seq();
                self.audio_goes("restarts");
                let doing = Doing::AudioReturns(using.clone(), self.audio.lives);
                self.queue.push(self.now.after(*down), doing, seq);
            }
            AudioAct::Plugs(device) => {
                let device = endpoint(device)?;
                if !self.audio.has(&device.id) {
                    self.audio.devices.push(device);
                }
                self.tell_endpoints(None);
            }
            AudioAct::Unplugs(name) => {
                let id = device_id(name)?;
                self.audio.devices.retain(|one| one.id != id);
                if self.audio.in_use.as_ref() == Some(&id) {
                    self.audio.use_first();
                }
                self.tell_endpoints(None);
            }
            AudioAct::Uses(name) => {
                self.audio.in_use = Some(device_id(name)?);
                self.tell_endpoints(None);
            }
            AudioAct::Refuses(name) => self.audio.refused.push(device_id(name)?),
            AudioAct::Accepts => self.audio.refused.clear(),
            AudioAct::Slow(latency) => self.audio.latency = *latency,
            AudioAct::Interrupts(reason, began) => {
                let verb = if *began { "interrupts" } else { "frees" };
                let what = format!("{verb} {}", reason.name());
                let event = Environment::Interrupted {
                    reason: *reason,
                    began: *began,
                };
                self.audio_tells(event, &what, None);
            }
            AudioAct::RingsOn(on) => {
                let what = format!("rings-on {}", on.name());
                self.audio_tells(Environment::RingOn(on.clone()), &what, None);
            }
            AudioAct::RingsAt(percent) => {
                let what = format!("rings-at {percent}%");
                self.audio_tells(Environment::RingMuted(*percent == 0), &what, None);
            }
            AudioAct::Mutes(on) => {
                self.audio.muted = Some(*on);
                self.tell_microphone(*on, None);
            }
        }
        Ok(())
    }

    fn audio_goes(&mut self, what: &str) {
        self.audio.is_up = false;
        self.audio.in_use = None;
        self.audio.lives += 1;
        self.audio_tells(Environment::AudioLost, what, None);
    }

    fn audio_comes(&mut self, using: Option<&str>, cause: Option<u64>) {
        if self.audio.is_up {
            return;
        }
        self.audio.is_up = true;
        match using.and_then(EndpointId::new) {
            Some(id) => self.audio.in_use = Some(id),
            None => self.audio.use_first(),
        }
        self.tell_endpoints(cause);
    }

    /// The audio server is back after a restart.
    pub(super) fn audio_returns(&mut self, using: Option<&str>, life: u64, cause: u64) {
        if life == self.audio.lives {
            self.audio_comes(using, Some(cause));
        }
    }

    /// It was asked to use a device.
    pub(super) fn on_route(&mut self, endpoint: &EndpointId, generation: u64, seq: u64) {
        self.audio.order = generation;
        if let Some(latency) = self.audio.latency {
            let doing = Doing::RouteChanged(endpoint.clone(), generation);
            self.queue.push(self.now.after(latency), doing, seq);
        }
    }

    /// It carries an order out, or says why not.
    pub(super) fn route_changed(&mut self, endpoint: EndpointId, generation: u64, cause: u64) {
        if generation != self.audio.order || !self.audio.is_up {
            return;
        }
        let fault = if self.audio.refused.contains(&endpoint) {
            RouteFault::Refused
        } else if self.audio.has(&endpoint) {
            self.audio.in_use = Some(endpoint);
            return self.tell_endpoints(Some(cause));
        } else {
            RouteFault::Gone
        };
        let event = Environment::RouteFailed { generation, fault };
        self.audio_tells(
            event,
            &format!("route-failed {}", fault.name()),
            Some(cause),
        );
    }

    /// It tells its devices and the one in use.
    pub(super) fn tell_endpoints(&mut self, cause: Option<u64>) {
        let (list, route) = (self.audio.devices.clone(), self.audio.in_use.clone());
        let event = Environment::Endpoints { list, route };
        self.audio_tells(event, "endpoints", cause);
    }

    /// What a new daemon is told of the audio.
    pub(super) fn tell_audio(&mut self, cause: u64) {
        self.tell_endpoints(Some(cause));
        if let Some(on) = self.audio.muted {
            self.tell_microphone(on, Some(cause));
        }
    }

    fn tell_microphone(&mut self, on: bool, cause: Option<u64>) {
        let what = if on { "mutes" } else { "unmutes" };
        self.audio_tells(Environment::MicrophoneMuted(on), what, cause);
    }

    fn audio_tells(&mut self, event: Environment, what: &str, cause: Option<u64>) {
        let actor = Actor::new("audio", Origin::Hardware, cause);
        self.step(actor, Event::Environment(event), words(what));
    }
}

fn device_id(name: &str) -> Result<EndpointId, String> {
    EndpointId::new(name).ok_or_else(|| "not the name of a device".to_owned())
}

fn endpoint((name, kind): &Device) -> Result<Endpoint, String> {
    let kind: EndpointKind = *kind;
    Ok(Endpoint {
        id: device_id(name)?,
        name: Text::new(name).map_err(|why| why.to_string())?,
        kind,
    })
}
