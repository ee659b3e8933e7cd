//! The user's rules and the screeners, as the daemon tells them to the core.
//!
//! They outlive the daemon: the next one reads them before anything else happens.

use std::collections::BTreeSet;
use std::sync::Arc;

use hookswitch_core::{Environment, Event};
use hookswitch_model::{RingPolicy, Screener};

use super::{Actor, World, words};
use crate::names::Names;
use crate::scenario::{Rule, ScreeningAct};
use crate::trace::Origin;

/// What the daemon's configuration and store say about incoming calls.
#[derive(Debug, Default)]
pub(super) struct Rules {
    policy: RingPolicy,
    screeners: BTreeSet<Screener>,
}

impl World {
    /// The user changes a rule.
    pub(super) fn apply_rule(&mut self, rule: &Rule) {
        let policy = &mut self.rules.policy;
        let what = match rule {
            Rule::DoNotDisturb(on) => {
                policy.do_not_disturb = *on;
                if *on { "dnd on" } else { "dnd off" }
            }
            Rule::Allow(handle, on) => {
                put(&mut policy.allowed, handle.clone(), *on);
                if *on { "allows" } else { "disallows" }
            }
            Rule::Block(handle, on) => {
                put(&mut policy.blocked, handle.clone(), *on);
                if *on { "blocks" } else { "unblocks" }
            }
            Rule::Restrict(on) => {
                policy.restricted = *on;
                if *on { "restricts on" } else { "restricts off" }
            }
            Rule::Lock(app, on) => {
                put(&mut policy.protected, self.names.app_id(*app), *on);
                if *on { "locks" } else { "unlocks" }
            }
        };
        self.tell_policy("user", what);
    }

    fn tell_policy(&mut self, actor: &str, what: &str) {
        let policy = Arc::new(self.rules.policy.clone());
        let event = Event::Environment(Environment::Policy(policy));
        let actor = Actor::new(actor, Origin::User, None);
        self.step(actor, event, words(what));
    }

    /// Screeners come, go, or say something.
    pub(super) fn apply_screening(&mut self, act: &ScreeningAct) {
        match act {
            ScreeningAct::By(screeners) => {
                self.rules.screeners.clone_from(screeners);
                self.tell_screeners();
            }
            ScreeningAct::Verdict {
                call,
                screener,
                verdict,
            } => {
                let call = Names::call_id(*call);
                let what = format!("verdict {} {}", verdict.name(), self.names.call(call));
                let event = Event::Environment(Environment::Verdict {
                    call,
                    screener: screener.clone(),
                    verdict: *verdict,
                });
                let actor = Actor::new(screener.as_str(), Origin::Policy, None);
                self.step(actor, event, words(&what));
            }
        }
    }

    fn tell_screeners(&mut self) {
        let screeners = self.rules.screeners.clone();
        let event = Event::Environment(Environment::Screeners(screeners));
        let actor = Actor::new("daemon", Origin::System, None);
        self.step(actor, event, words("screeners"));
    }

    /// A new daemon reads what was kept, unless nothing was.
    pub(super) fn tell_rules(&mut self) {
        if self.rules.policy != RingPolicy::default() {
            self.tell_policy("daemon", "rules");
        }
        if !self.rules.screeners.is_empty() {
            self.tell_screeners();
        }
    }
}

fn put<T: Ord>(set: &mut BTreeSet<T>, value: T, on: bool) {
    if on {
        set.insert(value);
    } else {
        set.remove(&value);
    }
}
