//! The user's own numbers, patterns and rules: `block`, `unblock`, `except`, `rule`, `call-back`.

use hookswitch::document::{Rules, guess_handle_kind};
use hookswitch::{Controller, DirectoryLists, Handle, Supposed};
use hookswitch_directory::NumberPattern;
use serde_json::json;

use super::args::CallerRule;
use crate::args::Switch;
use crate::failure::Failure;
use crate::screen::{Screen, column};

/// Changes the user's own block list.
pub async fn block(
    lists: &DirectoryLists,
    text: &str,
    on: bool,
    wide: bool,
    screen: &Screen,
) -> Result<(), Failure> {
    let controller = Controller::connect().await?;
    let rules = controller.rules().await?;
    let changed = match NumberPattern::is_meant(text) {
        true => {
            let pattern = read_pattern(text)?;
            if on && pattern.is_wide() && !wide {
                return Err(Failure::NotDone(format!(
                    "{text} blocks a whole country or more. Write more digits, or say --wide if \
                     that is meant"
                )));
            }
            let pattern = pattern.to_string();
            let had = patterns(&rules).0.contains(&pattern);
            lists.set_pattern(&pattern, on).await?;
            had != on
        }
        false => {
            let who = Handle {
                kind: guess_handle_kind(text),
                value: text.to_owned(),
            };
            if on {
                can_call(lists, &who).await?;
            }
            controller.set_blocked(&who, on).await?;
            controller.rules().await?.blocked != rules.blocked
        }
    };
    let word = match (on, changed) {
        (true, true) => "never rings from now on.",
        (true, false) => "was blocked already.",
        (false, true) => "is not in your block list any more.",
        (false, false) => "was not in your block list.",
    };
    tell(text, on, changed, word, screen);
    Ok(())
}

/// Changes the exceptions.
pub async fn except(
    lists: &DirectoryLists,
    text: &str,
    on: bool,
    screen: &Screen,
) -> Result<(), Failure> {
    let pattern = pattern(text)?;
    let rules = Controller::connect().await?.rules().await?;
    let had = patterns(&rules).1.contains(&pattern);
    lists.set_exception(&pattern, on).await?;
    let word = match (on, had != on) {
        (true, true) => "rings from now on, though a list or pattern blocks it.",
        (true, false) => "was an exception already.",
        (false, true) => "is no exception any more.",
        (false, false) => "was no exception.",
    };
    tell(text, on, had != on, word, screen);
    Ok(())
}

fn tell(text: &str, on: bool, changed: bool, word: &str, screen: &Screen) {
    match screen.is_json() {
        true => screen.document(&json!({ "address": text, "on": on, "changed": changed })),
        false => screen.line(&format!("{text} {word}")),
    }
}

/// Switches a rule about callers, or shows all of them.
pub async fn rule(what: Option<(CallerRule, Switch)>, screen: &Screen) -> Result<(), Failure> {
    if let Some((rule, on)) = what {
        let lists = super::connect().await?;
        lists.set_rule(&rule.name(), on == Switch::On).await?;
    }
    let rules = Controller::connect().await?.rules().await?;
    let callers = rules.callers.unwrap_or_default();
    if screen.is_json() {
        screen.document(&callers);
        return Ok(());
    }
    let rows = [
        ("anonymous", callers.anonymous, "hidden numbers are blocked"),
        (
            "not-in-contacts",
            callers.not_in_contacts,
            "only contacts ring",
        ),
        (
            "trust-contacts",
            callers.trust_contacts,
            "contacts ring though they are blocked",
        ),
        (
            "trust-called",
            callers.trust_called,
            "numbers that you called ring though blocked",
        ),
    ];
    for (name, on, text) in rows {
        let word = if on { "on" } else { "off" };
        screen.line(&format!("{} {} {text}", column(word, 4), column(name, 16)));
    }
    let word = match callers.call_back_s {
        0 => "never".to_owned(),
        seconds => format!("{} min after your call", seconds / 60),
    };
    screen.line(&format!("     {} {word}", column("call-back", 16)));
    for (title, patterns) in [("block", &callers.block), ("except", &callers.except)] {
        for pattern in patterns {
            screen.line(&format!("     {} {pattern}", column(title, 16)));
        }
    }
    Ok(())
}

/// The canonical form of a pattern.
fn pattern(text: &str) -> Result<String, Failure> {
    Ok(read_pattern(text)?.to_string())
}

fn read_pattern(text: &str) -> Result<NumberPattern, Failure> {
    let wrong = |error| Failure::Ambiguous(format!("“{text}” is no pattern: {error}"));
    NumberPattern::parse(text).map_err(wrong)
}

fn patterns(rules: &Rules) -> (&[String], &[String]) {
    match &rules.callers {
        Some(callers) => (&callers.block, &callers.except),
        None => (&[], &[]),
    }
}

/// Refuses a number that no call can match, in the words of the call system.
async fn can_call(lists: &DirectoryLists, who: &Handle) -> Result<(), Failure> {
    let is_number = who.kind.name() == "phone-number";
    let has_digit = who.value.chars().any(|c| c.is_ascii_digit());
    let is_address = who.value.contains(['@', ':']);
    if !is_number && !has_digit && !is_address {
        let text = format!("“{}” is no number and no address", who.value);
        return Err(Failure::Ambiguous(text));
    }
    if !is_number {
        return Ok(());
    }
    let view = lists.explain(Some(who), &Supposed::default()).await?;
    match view.note {
        None => Ok(()),
        Some(note) => Err(Failure::Ambiguous(format!("no call can match it: {note}"))),
    }
}
