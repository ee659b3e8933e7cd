//! The user's rules for incoming calls, as a story writes them.

use core::time::Duration;

use hookswitch_model::{
    CallerChange, CallerRule, Handle, RingPolicy, RuleChange, SecondCalls, Wall,
};
use hookswitch_wire::trace::write_span;

use super::alias::Aliases;
use crate::Word;

/// What a trace says, and what a story writes, if it can.
pub(super) type Said = (String, Option<String>);

/// What is the same in a trace and in a story.
pub(super) fn same(text: String) -> Said {
    (text.clone(), Some(text))
}

/// A change of the rules.
pub(super) fn rule(aliases: &mut Aliases, change: &RuleChange, now: Wall) -> Said {
    let mut about = |verb: &str, handle: &Handle| {
        let address = Word::new(&aliases.address(handle));
        (verb.to_owned(), Some(format!("{verb} {address}")))
    };
    match change {
        RuleChange::DoNotDisturb { on: true, until } => {
            ("dnd on".to_owned(), Some(quiet(*until, now)))
        }
        RuleChange::DoNotDisturb { on: false, .. } => same("dnd off".to_owned()),
        RuleChange::Allow(handle, true) => about("allows", handle),
        RuleChange::Allow(handle, false) => about("disallows", handle),
        RuleChange::Block(handle, true) => about("blocks", handle),
        RuleChange::Block(handle, false) => about("unblocks", handle),
        RuleChange::RepeatedCallers(true) => same("repeats on".to_owned()),
        RuleChange::RepeatedCallers(false) => same("repeats off".to_owned()),
        RuleChange::Restrict(true) => same("restricts on".to_owned()),
        RuleChange::Restrict(false) => same("restricts off".to_owned()),
        RuleChange::SecondCalls(rule) => same(format!("second-calls {}", rule.name())),
        RuleChange::SecondCallsOf(app, rule) => {
            let rule = rule.map_or("default", SecondCalls::name);
            let number = aliases.meet_app(app);
            let app = aliases.names().app_name(number);
            same(format!("second-calls {rule} in {app}"))
        }
        RuleChange::Protect(app, on) => {
            let verb = if *on { "locks" } else { "unlocks" };
            let number = aliases.meet_app(app);
            same(format!("{verb} {}", aliases.names().app_name(number)))
        }
        RuleChange::Privacy(app, level) => {
            let number = aliases.meet_app(app);
            let app = aliases.names().app_name(number);
            same(format!("shows {} of {app}", level.name()))
        }
        RuleChange::Caller(change) => same(format!("directory {}", caller(aliases, change))),
    }
}

/// A rule about callers, as a story says it.
fn caller(aliases: &mut Aliases, change: &CallerChange) -> String {
    let switch = |switch: CallerRule, on: bool| match (switch, on) {
        (CallerRule::Anonymous, true) => "anonymous blocked",
        (CallerRule::Anonymous, false) => "anonymous allowed",
        (CallerRule::NotInContacts, true) => "unknown blocked",
        (CallerRule::NotInContacts, false) => "unknown allowed",
        (CallerRule::TrustContacts, true) => "trusts contacts on",
        (CallerRule::TrustContacts, false) => "trusts contacts off",
        (CallerRule::TrustCalled, true) => "trusts called-numbers on",
        (CallerRule::TrustCalled, false) => "trusts called-numbers off",
    };
    let mut of = |verb: &str, pattern| format!("{verb} {}", aliases.pattern(pattern));
    match change {
        CallerChange::Block(pattern, true) => of("blocks", pattern),
        CallerChange::Block(pattern, false) => of("unblocks", pattern),
        CallerChange::Except(pattern, true) => of("excepts", pattern),
        CallerChange::Except(pattern, false) => of("unexcepts", pattern),
        CallerChange::Switch(which, on) => switch(*which, *on).to_owned(),
        CallerChange::CallBack(span) => format!("call-back {}", write_span(*span)),
    }
}

/// All rules, as the daemon knows them.
pub(super) fn all(aliases: &mut Aliases, policy: &RingPolicy, now: Wall) -> String {
    let mut out = Vec::new();
    if policy.do_not_disturb {
        out.push(quiet(policy.do_not_disturb_until, now));
    }
    for (verb, people) in [("allows", &policy.allowed), ("blocks", &policy.blocked)] {
        for handle in people {
            out.push(format!("{verb} {}", Word::new(&aliases.address(handle))));
        }
    }
    if !policy.repeated_callers {
        out.push("repeats off".to_owned());
    }
    if policy.restricted {
        out.push("restricts on".to_owned());
    }
    for app in &policy.protected {
        let number = aliases.meet_app(app);
        out.push(format!("locks {}", aliases.names().app_name(number)));
    }
    if let Some(rule) = policy.second_calls {
        out.push(format!("second-calls {}", rule.name()));
    }
    for (app, rule) in &policy.second_calls_of {
        let number = aliases.meet_app(app);
        let app = aliases.names().app_name(number);
        out.push(format!("second-calls {} in {app}", rule.name()));
    }
    for (app, level) in &policy.privacy_of {
        let number = aliases.meet_app(app);
        let app = aliases.names().app_name(number);
        out.push(format!("shows {} of {app}", level.name()));
    }
    match out.is_empty() {
        true => "rules none".to_owned(),
        false => format!("rules {}", out.join(", ")),
    }
}

/// Do-not-disturb, for as long as it lasts from here on.
fn quiet(until: Option<Wall>, now: Wall) -> String {
    let Some(until) = until else {
        return "dnd on".to_owned();
    };
    let millis = until.as_millis().saturating_sub(now.as_millis());
    let span = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
    format!("dnd on for {}", write_span(span))
}
