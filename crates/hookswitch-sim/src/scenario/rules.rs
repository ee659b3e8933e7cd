//! The user's rules for incoming calls, and what screeners say: the verbs.

use core::time::Duration;
use std::collections::BTreeSet;

use hookswitch_model::{Handle, Privacy, Screener, SecondCalls, Verdict};

use super::Scenario;
use super::verbs::{Cursor, Read, unknown};

/// What the user can do about who may ring.
pub const RULE_VERBS: [&str; 11] = [
    "repeats",
    "dnd",
    "allows",
    "disallows",
    "blocks",
    "unblocks",
    "restricts",
    "locks",
    "unlocks",
    "second-calls",
    "shows",
];

/// A change of the user's rules.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Rule {
    /// Do-not-disturb is on (true), for so long if that is said, or off.
    DoNotDisturb(bool, Option<Duration>),
    /// Someone rings in spite of it (true), or not any more.
    Allow(Handle, bool),
    /// Someone never rings (true), or does again.
    Block(Handle, bool),
    /// The second call of one person within minutes rings (true), or not.
    Repeats(bool),
    /// The screen is shared or lent (true), or not any more.
    Restrict(bool),
    /// An app is locked (true) or unlocked.
    Lock(usize, bool),
    /// What a second call does, in all apps or in one; nothing takes the rule of one back.
    SecondCalls(Option<SecondCalls>, Option<usize>),
    /// How much is shown of the calls of an app.
    Privacy(usize, Privacy),
}

/// What happens around screeners.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ScreeningAct {
    /// These are asked from here on, and nobody else.
    By(BTreeSet<Screener>),
    /// One says what it thinks of a call.
    Verdict {
        /// The call.
        call: usize,
        /// Who says it.
        screener: Screener,
        /// What.
        verdict: Verdict,
    },
}

/// Reads a change of the rules, after its verb.
pub(super) fn read_rule(
    scenario: &Scenario,
    verb: &str,
    cursor: &mut Cursor<'_>,
) -> Read<Option<Rule>> {
    Ok(Some(match verb {
        "dnd" => {
            let on = on_or_off(cursor)?;
            let span = cursor.take("for").then(|| cursor.span()).transpose()?;
            Rule::DoNotDisturb(on, span)
        }
        "allows" => Rule::Allow(cursor.handle()?, true),
        "disallows" => Rule::Allow(cursor.handle()?, false),
        "blocks" => Rule::Block(cursor.handle()?, true),
        "unblocks" => Rule::Block(cursor.handle()?, false),
        "repeats" => Rule::Repeats(on_or_off(cursor)?),
        "restricts" => Rule::Restrict(on_or_off(cursor)?),
        "locks" => Rule::Lock(cursor.app(scenario)?, true),
        "unlocks" => Rule::Lock(cursor.app(scenario)?, false),
        "second-calls" => {
            let rule = second_calls(cursor)?;
            let app = cursor
                .take("in")
                .then(|| cursor.app(scenario))
                .transpose()?;
            if rule.is_none() && app.is_none() {
                return Err(cursor.error("\"default\" is for one app: \"in APP\"".to_owned()));
            }
            Rule::SecondCalls(rule, app)
        }
        "shows" => {
            let level = privacy(cursor)?;
            if !cursor.take("of") {
                cursor.word("\"of\" and an app")?;
                return Err(cursor.error("\"of\" and an app should follow".to_owned()));
            }
            Rule::Privacy(cursor.app(scenario)?, level)
        }
        _ => return Ok(None),
    }))
}

/// Reads `full` or `name-hidden`.
fn privacy(cursor: &mut Cursor<'_>) -> Read<Privacy> {
    let word = cursor.word("full or name-hidden")?;
    Privacy::from_name(&word.text).ok_or_else(|| {
        cursor.error(unknown(
            "level",
            &word.text,
            Privacy::ALL.map(Privacy::name),
        ))
    })
}

/// Reads `ring`, `busy`, `missed` or `default`.
fn second_calls(cursor: &mut Cursor<'_>) -> Read<Option<SecondCalls>> {
    let word = cursor.word("ring, busy, missed or default")?;
    if word.text == "default" {
        return Ok(None);
    }
    let rule = second_calls_named(&word.text);
    rule.map(Some).map_err(|problem| cursor.error(problem))
}

/// What a second call does, by its name.
pub(super) fn second_calls_named(name: &str) -> Result<SecondCalls, String> {
    SecondCalls::from_name(name)
        .ok_or_else(|| unknown("rule", name, SecondCalls::ALL.map(SecondCalls::name)))
}

fn on_or_off(cursor: &mut Cursor<'_>) -> Read<bool> {
    let word = cursor.word("on or off")?;
    match word.text.as_str() {
        "on" => Ok(true),
        "off" => Ok(false),
        other => Err(cursor.error(unknown("state", other, ["on", "off"]))),
    }
}

/// Reads `by NAME, NAME` or `by nobody`.
pub(super) fn read_screening(cursor: &mut Cursor<'_>) -> Read<ScreeningAct> {
    by(cursor)?;
    let mut all = BTreeSet::new();
    if cursor.take("nobody") {
        return Ok(ScreeningAct::By(all));
    }
    loop {
        all.insert(screener(cursor)?);
        if !cursor.take(",") {
            return Ok(ScreeningAct::By(all));
        }
    }
}

/// Reads `ring|silence|block CALL by NAME`.
pub(super) fn read_verdict(scenario: &Scenario, cursor: &mut Cursor<'_>) -> Read<ScreeningAct> {
    let word = cursor.word("a verdict")?;
    let Some(verdict) = Verdict::from_name(&word.text) else {
        let known = Verdict::ALL.map(Verdict::name);
        return Err(cursor.error(unknown("verdict", &word.text, known)));
    };
    let call = cursor.call(scenario)?;
    by(cursor)?;
    let screener = screener(cursor)?;
    Ok(ScreeningAct::Verdict {
        call,
        screener,
        verdict,
    })
}

fn by(cursor: &mut Cursor<'_>) -> Read<()> {
    if cursor.take("by") {
        return Ok(());
    }
    cursor.word("\"by\" and a name")?;
    Err(cursor.error("\"by\" and the name of a screener should follow".to_owned()))
}

fn screener(cursor: &mut Cursor<'_>) -> Read<Screener> {
    let word = cursor.word("the name of a screener")?;
    Screener::new(&word.text)
        .ok_or_else(|| cursor.error(format!("{:?} cannot name a screener", word.text)))
}
