//! What is still in force of events that the journal does not keep any more.
//!
//! Input: the steps that go, oldest first. Output: a few steps that make the same: devices, rules,
//! screeners, the lock.

use std::collections::BTreeMap;
use std::sync::Arc;

use hookswitch_core::{Effect, Environment, Event, Request};
use hookswitch_model::{AppId, FrontRules, Stamp};
use hookswitch_trace::record::Step;

/// The newest step of each kind.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    kinds: BTreeMap<Kind, Step>,
    front: FrontRules,
}

/// What a change of the world around is about; a later one replaces an earlier one.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Kind {
    Cellular,
    Rules,
    Screeners,
    Front,
    Lock,
    Devices,
    Microphone,
    RingOn,
    RingMuted,
    Ringtone(AppId),
}

impl Standing {
    /// Learns from a step.
    pub(crate) fn follow(&mut self, step: &Step) {
        if let Event::Environment(change) = &step.event {
            if let Environment::Front(rules) = change {
                self.front = *rules;
            }
            if let Some(kind) = kind(change) {
                self.kinds.insert(kind, step.clone());
            }
        } else if let Event::Request { wish, .. } = &step.event {
            self.follow_wish(step.at, wish);
        }
        for effect in &step.effects {
            if let Effect::KeepPolicy(policy) = effect {
                self.put(
                    Kind::Rules,
                    step.at,
                    Environment::Policy(Arc::clone(policy)),
                );
            }
        }
    }

    /// The steps, in the order in which a daemon begins.
    pub(crate) fn steps(&self) -> Vec<Step> {
        self.kinds.values().cloned().collect()
    }

    fn follow_wish(&mut self, at: Stamp, wish: &Request) {
        if let Request::SetOnAnswer(rule) = wish {
            self.front.on_answer = *rule;
        } else if let Request::SetDriving(on) = wish {
            self.front.driving = *on;
        } else if let Request::SetRingOn(on) = wish {
            return self.put(Kind::RingOn, at, Environment::RingOn(on.clone()));
        } else {
            return;
        }
        self.put(Kind::Front, at, Environment::Front(self.front));
    }

    fn put(&mut self, kind: Kind, at: Stamp, change: Environment) {
        let step = Step {
            at,
            event: Event::Environment(change),
            effects: Vec::new(),
        };
        self.kinds.insert(kind, step);
    }
}

fn kind(change: &Environment) -> Option<Kind> {
    match change {
        Environment::CellularApps(_) => Some(Kind::Cellular),
        Environment::Policy(_) => Some(Kind::Rules),
        Environment::Screeners(_) => Some(Kind::Screeners),
        Environment::Front(_) => Some(Kind::Front),
        Environment::Locked(_) => Some(Kind::Lock),
        Environment::Endpoints { .. } | Environment::AudioLost => Some(Kind::Devices),
        Environment::MicrophoneMuted(_) => Some(Kind::Microphone),
        Environment::RingOn(_) => Some(Kind::RingOn),
        Environment::RingMuted(_) => Some(Kind::RingMuted),
        Environment::Ringtone { app, .. } => Some(Kind::Ringtone(app.clone())),
        Environment::ClientGone(_)
        | Environment::LaunchFailed(_)
        | Environment::Foreground { .. }
        | Environment::Verdict { .. }
        | Environment::Decided { .. }
        | Environment::RouteFailed { .. }
        | Environment::Slept(_)
        | Environment::Interrupted { .. } => None,
    }
}
