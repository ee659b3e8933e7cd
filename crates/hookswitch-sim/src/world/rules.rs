//! The user's rules and the screeners, as the daemon tells them to the core.
//!
//! They outlive the daemon: the next one reads them before anything else happens.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::Arc;

use hookswitch_core::{Environment, Event, Request, Requester};
use hookswitch_model::{
    CallerChange, CallerRules, Handle, RingPolicy, RuleChange, Screener, SecondCalls, Wall,
};

use super::{Actor, World, words};
use crate::scenario::{Rule, ScreeningAct};
use crate::trace::Origin;

/// What the daemon's configuration and store say about incoming calls.
#[derive(Debug, Default)]
pub(super) struct Rules {
    policy: RingPolicy,
    screeners: BTreeSet<Screener>,
}

impl Rules {
    /// The rules about callers.
    pub(super) fn callers(&self) -> &CallerRules {
        &self.policy.callers
    }

    /// The user's own block list.
    pub(super) fn blocked(&self) -> &BTreeSet<Handle> {
        &self.policy.blocked
    }
}

impl World {
    /// The user changes a rule.
    pub(super) fn apply_rule(&mut self, rule: &Rule) {
        let word = |on: bool, yes: &'static str, no: &'static str| if on { yes } else { no };
        match rule {
            Rule::DoNotDisturb(on, _) => self.change_rule(rule, word(*on, "dnd on", "dnd off")),
            Rule::Allow(_, on) => self.change_rule(rule, word(*on, "allows", "disallows")),
            Rule::Block(_, on) => self.change_rule(rule, word(*on, "blocks", "unblocks")),
            Rule::Repeats(on) => self.change_rule(rule, word(*on, "repeats on", "repeats off")),
            Rule::Restrict(on) => {
                self.change_rule(rule, word(*on, "restricts on", "restricts off"));
            }
            Rule::Lock(_, on) => self.change_rule(rule, word(*on, "locks", "unlocks")),
            Rule::Privacy(app, level) => {
                let app = self.names.app_name(*app);
                self.change_rule(rule, &format!("shows {} of {app}", level.name()));
            }
            Rule::SecondCalls(what, app) => {
                let what = what.map_or("default", SecondCalls::name);
                let of = app.map(|app| format!(" in {}", self.names.app_name(app)));
                self.change_rule(
                    rule,
                    &format!("second-calls {what}{}", of.unwrap_or_default()),
                );
            }
        }
    }

    /// The daemon has read all rules anew.
    pub(super) fn apply_rules(&mut self, rules: &[Rule]) {
        let mut policy = RingPolicy {
            callers: self.rules.policy.callers.clone(),
            ..RingPolicy::default()
        };
        for rule in rules {
            policy = policy.after(&self.change(rule));
        }
        self.rules.policy = policy;
        self.tell_policy("daemon", "rules");
    }

    /// A rule as a change that the core makes.
    fn change(&self, rule: &Rule) -> RuleChange {
        let wall = self.stamp().wall.as_millis();
        let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        let until = |span| Wall::from_millis(wall.saturating_add(millis(span)));
        match rule {
            Rule::DoNotDisturb(on, span) => RuleChange::DoNotDisturb {
                on: *on,
                until: span.map(until),
            },
            Rule::Allow(handle, on) => RuleChange::Allow(handle.clone(), *on),
            Rule::Block(handle, on) => RuleChange::Block(handle.clone(), *on),
            Rule::Repeats(on) => RuleChange::RepeatedCallers(*on),
            Rule::Restrict(on) => RuleChange::Restrict(*on),
            Rule::Lock(app, on) => RuleChange::Protect(self.names.app_id(*app), *on),
            Rule::Privacy(app, level) => RuleChange::Privacy(self.names.app_id(*app), *level),
            Rule::SecondCalls(rule, Some(app)) => {
                RuleChange::SecondCallsOf(self.names.app_id(*app), *rule)
            }
            Rule::SecondCalls(rule, None) => RuleChange::SecondCalls(rule.unwrap_or_default()),
        }
    }

    fn change_rule(&mut self, rule: &Rule, what: &str) {
        let mut change = self.change(rule);
        if let RuleChange::Allow(who, on) = change {
            change = RuleChange::Allow(self.understood(who), on);
        }
        self.tell_change(change, what);
    }

    /// The rules about callers.
    pub(super) fn caller_rules(&self) -> &CallerRules {
        self.rules.callers()
    }

    /// The user changes a rule about callers.
    pub(super) fn change_caller_rule(&mut self, change: CallerChange) {
        self.tell_change(RuleChange::Caller(change), "directory rule");
    }

    fn tell_change(&mut self, change: RuleChange, what: &str) {
        let event = Event::Request {
            from: Requester::User,
            request: self.request_id(),
            wish: Request::ChangeRule(change),
        };
        let actor = Actor::new("user", Origin::User, None);
        self.step(actor, event, words(what));
    }

    /// The core wants the rules kept for the next daemon.
    pub(super) fn keep_rules(&mut self, policy: &RingPolicy) {
        self.rules.policy = policy.clone();
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
                let call = self.names.id(*call);
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
