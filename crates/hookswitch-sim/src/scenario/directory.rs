//! Lists of numbers and the user's rules about callers: the verbs after `directory`.

use core::time::Duration;

use hookswitch_model::{DirectoryRule, Handle, NumberPattern, Text};

use super::Scenario;
use super::verbs::{Cursor, Read, unknown};

/// What follows `directory` that is no name of a list.
const WORDS: [&str; 12] = [
    "decides",
    "order",
    "region",
    "trusts",
    "contact",
    "blocks",
    "unblocks",
    "excepts",
    "unexcepts",
    "anonymous",
    "unknown",
    "call-back",
];

/// What can be done to a list.
const VERBS: [&str; 4] = ["on", "off", "loads", "changes"];

/// What an entry of a load does.
const ENTRIES: [&str; 4] = ["blocks", "names", "unblocks", "unnames"];

/// Something about lists of numbers or callers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DirectoryAct {
    /// The user switches a list on (true) or off.
    Enable(String, bool),
    /// A list is loaded: everything, or (true) what changes.
    Load {
        /// Which.
        list: String,
        /// The app asked whether it may give changes only.
        changes: bool,
        /// The entries, in the order in which they are given.
        entries: Vec<ListEntry>,
    },
    /// The user puts lists into this order.
    Order(Vec<String>),
    /// The regions of the user's lines.
    Regions(Vec<String>),
    /// Whether contacts (true) or called numbers (false) ring though they are blocked.
    Trust {
        /// Contacts, or else called numbers.
        contacts: bool,
        /// Trusted.
        on: bool,
    },
    /// Someone is a contact of this name.
    Contact(Handle, String),
    /// The user blocks a pattern (true), or not any more.
    Block(NumberPattern, bool),
    /// The user makes an exception (true), or takes it back.
    Except(NumberPattern, bool),
    /// Whether hidden numbers are blocked.
    Anonymous(bool),
    /// Whether everybody is blocked who is no contact.
    Unknown(bool),
    /// Who was called may call back for so long.
    CallBack(Duration),
    /// What was decided about a call that is reported next, by a directory that is not simulated.
    Decide {
        /// The call.
        call: usize,
        /// The rule that decided, if one did.
        rule: Option<DirectoryRule>,
        /// The list of the rule.
        list: Option<Text>,
        /// What the caller is called.
        label: Option<Text>,
    },
}

/// One entry of a load.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ListEntry {
    /// Blocks a number or a range.
    Block(i64, i64),
    /// Names a number.
    Name(i64, String),
    /// Takes a number off the blocked ones.
    Unblock(i64),
    /// Takes all names of a number away.
    Unname(i64),
}

/// Reads what follows `directory`.
pub(super) fn read(scenario: &Scenario, cursor: &mut Cursor<'_>) -> Read<DirectoryAct> {
    let word = cursor.word("a list, or a rule about callers")?.text.clone();
    Ok(match word.as_str() {
        "order" => DirectoryAct::Order(words(cursor)?),
        "region" => DirectoryAct::Regions(words(cursor)?),
        "trusts" => {
            let whom = cursor.word("contacts or called-numbers")?.text.clone();
            let contacts = match whom.as_str() {
                "contacts" => true,
                "called-numbers" => false,
                other => {
                    let known = ["contacts", "called-numbers"];
                    return Err(cursor.error(unknown("people", other, known)));
                }
            };
            let on = on_or_off(cursor)?;
            DirectoryAct::Trust { contacts, on }
        }
        "contact" => {
            let who = cursor.handle()?;
            DirectoryAct::Contact(who, cursor.word("a name")?.text.clone())
        }
        "blocks" => DirectoryAct::Block(pattern(cursor)?, true),
        "unblocks" => DirectoryAct::Block(pattern(cursor)?, false),
        "excepts" => DirectoryAct::Except(pattern(cursor)?, true),
        "unexcepts" => DirectoryAct::Except(pattern(cursor)?, false),
        "anonymous" => DirectoryAct::Anonymous(blocked(cursor)?),
        "unknown" => DirectoryAct::Unknown(blocked(cursor)?),
        "call-back" => DirectoryAct::CallBack(cursor.span()?),
        "decides" => read_decision(scenario, cursor)?,
        list => read_list(list, cursor)?,
    })
}

fn read_decision(scenario: &Scenario, cursor: &mut Cursor<'_>) -> Read<DirectoryAct> {
    let call = cursor.call(scenario)?;
    let mut rule = None;
    if cursor.take("by") {
        let word = cursor.word("a rule")?.text.clone();
        let known = DirectoryRule::ALL.map(DirectoryRule::name);
        let found = DirectoryRule::from_name(&word);
        rule = Some(found.ok_or_else(|| cursor.error(unknown("rule", &word, known)))?);
    }
    let mut named = |keyword: &str| -> Read<Option<Text>> {
        if !cursor.take(keyword) {
            return Ok(None);
        }
        let word = cursor.word("a name")?.text.clone();
        let text = Text::new(&word).map_err(|why| cursor.error(why.to_string()))?;
        Ok(Some(text))
    };
    Ok(DirectoryAct::Decide {
        call,
        rule,
        list: named("of")?,
        label: named("naming")?,
    })
}

fn read_list(list: &str, cursor: &mut Cursor<'_>) -> Read<DirectoryAct> {
    let verb = cursor.word("on, off, loads or changes")?.text.clone();
    let list = list.to_owned();
    Ok(match verb.as_str() {
        "on" => DirectoryAct::Enable(list, true),
        "off" => DirectoryAct::Enable(list, false),
        "loads" | "changes" => DirectoryAct::Load {
            list,
            changes: verb == "changes",
            entries: entries(cursor)?,
        },
        other => {
            let known = VERBS.into_iter().chain(WORDS);
            return Err(cursor.error(unknown("verb of a list", other, known)));
        }
    })
}

fn entries(cursor: &mut Cursor<'_>) -> Read<Vec<ListEntry>> {
    let mut entries = Vec::new();
    if cursor.take("nothing") {
        return Ok(entries);
    }
    loop {
        let verb = cursor.word("what the entry does")?.text.clone();
        let (first, last) = numbers(cursor)?;
        entries.push(match verb.as_str() {
            "blocks" => ListEntry::Block(first, last),
            "names" => ListEntry::Name(first, cursor.word("a name")?.text.clone()),
            "unblocks" => ListEntry::Unblock(first),
            "unnames" => ListEntry::Unname(first),
            other => return Err(cursor.error(unknown("entry", other, ENTRIES))),
        });
        if !cursor.take(",") {
            return Ok(entries);
        }
    }
}

/// A number as an app gives it, wrong ones included, or a range.
fn numbers(cursor: &mut Cursor<'_>) -> Read<(i64, i64)> {
    let text = cursor.word("a number")?.text.clone();
    let one = |text: &str| text.strip_prefix('+').unwrap_or(text).parse().ok();
    let found = match text.split_once("-+") {
        Some((first, last)) => one(first).zip(one(last)),
        None => one(&text).map(|number: i64| (number, number)),
    };
    found.ok_or_else(|| cursor.error(format!("{text:?} is no number")))
}

fn pattern(cursor: &mut Cursor<'_>) -> Read<NumberPattern> {
    let text = cursor.word("a pattern")?.text.clone();
    NumberPattern::parse(&text).map_err(|why| cursor.error(format!("{text:?}: {why}")))
}

fn words(cursor: &mut Cursor<'_>) -> Read<Vec<String>> {
    let mut all = Vec::new();
    loop {
        all.push(cursor.word("a name")?.text.clone());
        if !cursor.take(",") {
            return Ok(all);
        }
    }
}

fn on_or_off(cursor: &mut Cursor<'_>) -> Read<bool> {
    choice(cursor, ["on", "off"])
}

fn blocked(cursor: &mut Cursor<'_>) -> Read<bool> {
    choice(cursor, ["blocked", "allowed"])
}

fn choice(cursor: &mut Cursor<'_>, [yes, no]: [&'static str; 2]) -> Read<bool> {
    let word = cursor.word("how it is from here on")?.text.clone();
    match word {
        word if word == yes => Ok(true),
        word if word == no => Ok(false),
        other => Err(cursor.error(unknown("word", &other, [yes, no]))),
    }
}
