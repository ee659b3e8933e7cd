//! Wishes about callers and lists of numbers: their fields, and their parse.

use core::time::Duration;

use hookswitch_model::{CallerChange, CallerRule, NumberPattern, RuleChange};
use serde::{Deserialize, Serialize};

use super::{RequestBody, RequestFault, Wish, fault};

/// Most lists that are put in order at once.
const ORDER_MAX: usize = 64;
/// Longest id of a list, in bytes.
const LIST_LEN_MAX: usize = 255;

/// A pattern of numbers, and what becomes of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PatternBody {
    /// Such as `+4490*`.
    pub pattern: String,
    /// In force afterwards.
    pub on: bool,
}

/// A rule about callers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CallerRuleBody {
    /// `anonymous`, `not-in-contacts`, `trust-contacts` or `trust-called`.
    pub rule: String,
    /// On afterwards.
    pub on: bool,
}

/// How long one may call back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CallBackBody {
    /// For so many minutes after a call to a number; 0: never. At most a week.
    pub minutes: u32,
}

/// A list of the call directory.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ListBody {
    /// Its id.
    pub list: String,
}

/// A list, and whether it counts.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ListToggleBody {
    /// Its id.
    pub list: String,
    /// On afterwards.
    pub on: bool,
}

/// Lists in order.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ListOrderBody {
    /// Their ids, the one that names callers first in front; others come behind.
    pub lists: Vec<String>,
}

/// What the user wishes of the lists of the call directory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ListChange {
    /// Switch one on or off.
    Enable(String, bool),
    /// Put them in order.
    Order(Vec<String>),
    /// Remove one and what it holds.
    Remove(String),
    /// Ask its app to load it again.
    Reload(String),
}

impl PatternBody {
    pub(super) fn parse(
        &self,
        change: fn(NumberPattern, bool) -> CallerChange,
    ) -> Result<Wish, RequestFault> {
        let numbers = pattern("pattern", &self.pattern)?;
        Ok(caller(change(numbers, self.on)))
    }
}

impl CallerRuleBody {
    pub(super) fn parse(&self) -> Result<Wish, RequestFault> {
        let problem = "is none of anonymous, not-in-contacts, trust-contacts, trust-called";
        let switch = CallerRule::from_name(&self.rule).ok_or_else(|| fault("rule", problem))?;
        Ok(caller(CallerChange::Switch(switch, self.on)))
    }
}

impl CallBackBody {
    pub(super) fn parse(&self) -> Wish {
        let span = Duration::from_secs(u64::from(self.minutes) * 60);
        caller(CallerChange::CallBack(span))
    }
}

impl ListBody {
    pub(super) fn parse(&self, change: fn(String) -> ListChange) -> Result<Wish, RequestFault> {
        Ok(Wish::List(change(list(&self.list)?)))
    }
}

impl ListToggleBody {
    pub(super) fn parse(&self) -> Result<Wish, RequestFault> {
        Ok(Wish::List(ListChange::Enable(list(&self.list)?, self.on)))
    }
}

impl ListOrderBody {
    pub(super) fn parse(&self) -> Result<Wish, RequestFault> {
        if self.lists.len() > ORDER_MAX {
            return Err(fault("lists", "has more lists than there can be"));
        }
        let lists = self.lists.iter().map(|text| list(text));
        Ok(Wish::List(ListChange::Order(
            lists.collect::<Result<_, _>>()?,
        )))
    }
}

/// Blocks the numbers of a pattern, or does not any more.
pub(super) fn block(field: &'static str, text: &str, on: bool) -> Result<Wish, RequestFault> {
    Ok(caller(CallerChange::Block(pattern(field, text)?, on)))
}

fn pattern(field: &'static str, text: &str) -> Result<NumberPattern, RequestFault> {
    let wrong = |error| fault(field, &format!("is no pattern: {error}"));
    NumberPattern::parse(text).map_err(wrong)
}

fn caller(change: CallerChange) -> Wish {
    Wish::Rule(RuleChange::Caller(change))
}

fn list(text: &str) -> Result<String, RequestFault> {
    match (1..=LIST_LEN_MAX).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err(fault("list", "is not a list: take one from the view")),
    }
}

impl From<&CallerChange> for RequestBody {
    fn from(change: &CallerChange) -> Self {
        let pattern = |pattern: &NumberPattern, on: &bool| PatternBody {
            pattern: pattern.to_string(),
            on: *on,
        };
        match change {
            CallerChange::Block(numbers, on) => Self::BlockPattern(pattern(numbers, on)),
            CallerChange::Except(numbers, on) => Self::ExceptPattern(pattern(numbers, on)),
            CallerChange::Switch(switch, on) => Self::CallerRule(CallerRuleBody {
                rule: switch.name().to_owned(),
                on: *on,
            }),
            CallerChange::CallBack(span) => Self::CallBack(CallBackBody {
                minutes: u32::try_from(span.as_secs() / 60).unwrap_or(u32::MAX),
            }),
        }
    }
}

impl From<&ListChange> for RequestBody {
    fn from(change: &ListChange) -> Self {
        let body = |list: &String| ListBody { list: list.clone() };
        match change {
            ListChange::Enable(list, on) => Self::ListSwitch(ListToggleBody {
                list: list.clone(),
                on: *on,
            }),
            ListChange::Order(lists) => Self::ListOrder(ListOrderBody {
                lists: lists.clone(),
            }),
            ListChange::Remove(list) => Self::ListRemove(body(list)),
            ListChange::Reload(list) => Self::ListReload(body(list)),
        }
    }
}
