//! A service: it rings all devices of the user, gives the call to the one that answers first, and
//! tells the others.
//!
//! # Promises
//!
//! - **SV1** one device has a call, unless the service lets several join.
//! - **SV2** the same message a second time changes nothing and has the same answer.

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_model::{CallId, Direction, EndReason, Handle, HandleKind, Timestamp};

use super::message::{Down, Up};
use crate::names::Names;
use crate::scenario::{Facts, ServiceDecl};

/// How a call stands at its service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// All devices ring.
    Ringing,
    /// These devices have it.
    With(BTreeSet<usize>),
    /// It is over, and what devices are told that come late.
    Over(EndReason),
}

/// A call at its service.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) state: State,
    /// It went from one device to another, which takes a moment.
    pub(super) is_pulled: bool,
    /// The devices that it was given to.
    pub(super) had: BTreeSet<usize>,
    facts: Facts,
    since: Timestamp,
    until: Timestamp,
    /// The names on devices that took it over.
    pub(super) aliases: BTreeMap<usize, CallId>,
}

/// The service of one app.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) decl: ServiceDecl,
    devices: usize,
    /// By the number of the call in the story.
    pub(super) calls: BTreeMap<usize, Known>,
}

/// Whether a call that ended so was missed on all devices.
pub(super) fn is_missed(reason: EndReason) -> bool {
    matches!(reason, EndReason::Unanswered | EndReason::CanceledByCaller)
}

/// What a service says: to which device, about which call by its name there, what.
pub(super) type Told = (usize, CallId, Down);

impl Known {
    /// The name of the call on a device.
    pub(super) fn on(&self, device: usize, call: usize) -> CallId {
        let alias = self.aliases.get(&device).copied();
        alias.unwrap_or(Names::call_id(call))
    }

    /// Whether a call of its name on a device can be this one: what the user dials there is
    /// another one, unless it is dialed to take this one over.
    pub(super) fn speaks_of(&self, device: usize, direction: Direction) -> bool {
        direction == Direction::Incoming || self.aliases.contains_key(&device)
    }

    /// Whom the user talks to.
    fn party(&self) -> Handle {
        let anonymous = || Handle::new(HandleKind::Generic, "anonymous");
        let from = self.facts.from.clone().flatten();
        from.unwrap_or_else(|| anonymous().expect("a word is an address"))
    }

    fn ring(&self, now: Timestamp) -> Down {
        let over = match &self.state {
            State::Over(reason) => Some(*reason),
            State::Ringing | State::With(_) => None,
        };
        Down::Ring {
            facts: self.facts.clone(),
            ago: now.since(self.since),
            lasts: self.until.since(self.since),
            over,
        }
    }
}

impl Service {
    /// A service for so many devices.
    pub(super) fn new(decl: ServiceDecl, devices: usize) -> Self {
        Self {
            decl,
            devices,
            calls: BTreeMap::new(),
        }
    }

    /// Somebody calls; gives until when it rings.
    pub(super) fn call(&mut self, call: usize, facts: &Facts, now: Timestamp) -> Timestamp {
        let until = now.after(self.decl.ring);
        let known = Known {
            state: State::Ringing,
            is_pulled: false,
            had: BTreeSet::new(),
            facts: facts.clone(),
            since: now,
            until,
            aliases: BTreeMap::new(),
        };
        self.calls.insert(call, known);
        until
    }

    /// What all devices are told of a new call.
    pub(super) fn rings(&self, call: usize, now: Timestamp) -> Vec<Told> {
        let Some(known) = self.calls.get(&call) else {
            return Vec::new();
        };
        let all = 0..self.devices;
        all.map(|device| (device, Names::call_id(call), known.ring(now)))
            .collect()
    }

    /// A ring that had to wait, with its age of now: so that the device rings for the rest, or
    /// knows whom it missed. `None` if the call went to another device.
    pub(super) fn afresh(&self, call: CallId, now: Timestamp) -> Option<Down> {
        let mut calls = self.calls.iter();
        let known = calls
            .find(|(number, _)| Names::call_id(**number) == call)?
            .1;
        let is_missed = |reason| is_missed(reason).then(|| known.ring(now));
        match known.state {
            State::Ringing => Some(known.ring(now)),
            State::With(_) => None,
            State::Over(reason) => is_missed(reason),
        }
    }

    /// The other party hangs up, or it has rung for its whole time.
    pub(super) fn end(&mut self, call: usize, reason: EndReason, now: Timestamp) -> Vec<Told> {
        let Some(known) = self.calls.get_mut(&call) else {
            return Vec::new();
        };
        let (devices, reason) = match &known.state {
            State::Ringing => {
                known.until = now;
                ((0..self.devices).collect(), reason)
            }
            State::With(devices) if reason == EndReason::CanceledByCaller => {
                (devices.clone(), EndReason::RemoteHangup)
            }
            State::With(_) | State::Over(_) => return Vec::new(),
        };
        known.state = State::Over(reason);
        Self::tell(known, call, &devices, reason)
    }

    /// Whom a call is with that a device may take over; `None` if no other device has it.
    pub(super) fn may_pull(&self, call: usize, device: usize) -> Option<Handle> {
        let known = self.calls.get(&call)?;
        let is_elsewhere = matches!(&known.state, State::With(with) if !with.contains(&device));
        is_elsewhere.then(|| known.party())
    }

    /// A device takes the call over under a new name.
    pub(super) fn begin_pull(&mut self, call: usize, device: usize, alias: CallId) {
        if let Some(known) = self.calls.get_mut(&call) {
            known.aliases.insert(device, alias);
        }
    }

    /// Whether a call of this service has this name on some device.
    pub(super) fn has(&self, id: CallId) -> bool {
        let is_it = |(call, known): (&usize, &Known)| {
            Names::call_id(*call) == id || known.aliases.values().any(|alias| *alias == id)
        };
        self.calls.iter().any(is_it)
    }

    /// A device says something; gives what others are told.
    pub(super) fn hear(&mut self, device: usize, id: CallId, up: Up) -> Vec<Told> {
        let of = |(call, known): &(&usize, &mut Known)| known.on(device, **call) == id;
        let Some((call, known)) = self.calls.iter_mut().find(of) else {
            return Vec::new();
        };
        let others: BTreeSet<usize> = (0..self.devices).filter(|other| *other != device).collect();
        let (state, told) = match (up, &known.state) {
            (Up::Answer | Up::Pull, State::Ringing) => (
                Some(State::With([device].into())),
                Some((others, EndReason::AnsweredElsewhere)),
            ),
            (Up::Pull, State::With(with)) if self.decl.joins => {
                let with = with.iter().copied().chain([device]).collect();
                (Some(State::With(with)), None)
            }
            (Up::Pull, State::With(with)) if !with.contains(&device) => {
                known.is_pulled = true;
                let former = with.clone();
                (
                    Some(State::With([device].into())),
                    Some((former, EndReason::AnsweredElsewhere)),
                )
            }
            (Up::Answer, State::With(with)) if !with.contains(&device) => {
                return vec![(device, id, Down::Over(EndReason::AnsweredElsewhere))];
            }
            (Up::Answer | Up::Pull, State::With(_)) => (None, None),
            (Up::Answer | Up::Pull, State::Over(reason)) => {
                return vec![(device, id, Down::Over(*reason))];
            }
            (Up::Decline, State::Ringing) => (
                Some(State::Over(EndReason::DeclinedElsewhere)),
                Some((others, EndReason::DeclinedElsewhere)),
            ),
            (Up::Busy, State::Ringing) => (
                Some(State::Over(EndReason::BusyElsewhere)),
                Some((others, EndReason::BusyElsewhere)),
            ),
            (Up::Leave | Up::Decline, State::With(with)) if with.contains(&device) => {
                let with: BTreeSet<usize> = with.iter().copied().filter(|d| *d != device).collect();
                let is_last = with.is_empty();
                let over = State::Over(EndReason::AnsweredElsewhere);
                let state = if is_last { over } else { State::With(with) };
                (Some(state), None)
            }
            (Up::Leave, State::Ringing)
            | (Up::Leave | Up::Decline | Up::Busy, State::With(_) | State::Over(_)) => {
                return Vec::new();
            }
        };
        let is_granted = matches!(up, Up::Answer | Up::Pull);
        known.state = state.unwrap_or_else(|| known.state.clone());
        let mut out = Vec::new();
        if is_granted {
            known.had.insert(device);
            out.push((device, id, Down::Granted));
        }
        if let Some((devices, reason)) = told {
            out.extend(Self::tell(known, *call, &devices, reason));
        }
        out
    }

    fn tell(known: &Known, call: usize, devices: &BTreeSet<usize>, reason: EndReason) -> Vec<Told> {
        let devices = devices.iter().copied();
        let over = |device| (device, known.on(device, call), Down::Over(reason));
        devices.map(over).collect()
    }
}
