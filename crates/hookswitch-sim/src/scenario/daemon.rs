//! What happens to the daemon, and what it knows when it starts: the verbs.

use core::time::Duration;

use hookswitch_model::FrontRules;

use super::lex::read_span;
use super::verbs::{Cursor, Read, unknown};
use super::{Rule, Scenario, extras, rules};

/// What happens to the daemon.
pub const DAEMON_VERBS: [&str; 3] = ["restarts", "rules", "front"];

/// What happens to the daemon.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DaemonAct {
    /// It is killed with no time to tidy up, and the next one is there after this time.
    Restart(Duration),
    /// These are the user's rules for incoming calls, and no others.
    Rules(Vec<Rule>),
    /// These are the rules for the front.
    Front(FrontRules),
}

/// Reads one of these verbs.
pub(super) fn read(scenario: &Scenario, cursor: &mut Cursor<'_>) -> Read<DaemonAct> {
    let verb = cursor.word("what happens to the daemon")?;
    match verb.text.as_str() {
        "restarts" => read_restart(cursor).map(DaemonAct::Restart),
        "rules" => read_rules(scenario, cursor).map(DaemonAct::Rules),
        "front" => Ok(DaemonAct::Front(FrontRules {
            on_answer: extras::rule(cursor)?,
            driving: cursor.take("driving"),
        })),
        other => Err(cursor.error(unknown("verb of the daemon", other, DAEMON_VERBS))),
    }
}

fn read_rules(scenario: &Scenario, cursor: &mut Cursor<'_>) -> Read<Vec<Rule>> {
    let mut all = Vec::new();
    if cursor.take("none") {
        return Ok(all);
    }
    loop {
        let verb = cursor.word("a rule")?;
        let Some(rule) = rules::read_rule(scenario, &verb.text, cursor)? else {
            return Err(cursor.error(unknown("rule", &verb.text, rules::RULE_VERBS)));
        };
        all.push(rule);
        if !cursor.take(",") {
            return Ok(all);
        }
    }
}

fn read_restart(cursor: &mut Cursor<'_>) -> Read<Duration> {
    let Some(word) = cursor.peek() else {
        return Ok(Duration::ZERO);
    };
    cursor.word("down=TIME")?;
    let (name, time) = word.text.split_once('=').unwrap_or((&word.text, ""));
    if name != "down" {
        return Err(cursor.error(unknown("field of a restart", name, ["down"])));
    }
    let down = read_span(time);
    down.ok_or_else(|| cursor.error(format!("{time:?} is not a time such as 500ms")))
}
