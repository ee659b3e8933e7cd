//! The sources of the call directory, the rules about callers, and what came of a file: as the
//! settings show them.

use core::fmt::Write as _;
use core::time::Duration;
use std::collections::BTreeSet;

use hookswitch_model::{CallerChange, CallerRule, CallerRules, NumberPattern, RuleChange};
use serde::{Deserialize, Serialize};

use super::types::{PersonView, RuleChoice, Tone};
use super::why;
use crate::json::{DirectorySource, ListChange, RequestBody};

/// Most patterns that a view shows.
const PATTERNS_MAX: usize = 200;
/// How long one may call back: what the settings offer, in minutes.
const CALL_BACK_MINUTES: [u32; 5] = [0, 10, 30, 120, 1_440];

/// One source: a list of an app, or one that the user has loaded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SourceView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Who keeps it: "Loaded by you".
    pub kind_text: String,
    /// What it holds: "Blocks 1,204,318, names 12".
    pub holds_text: String,
    /// When it was loaded, milliseconds since the Unix epoch.
    pub loaded_ms: Option<i64>,
    /// Whether the user has switched it on.
    pub enabled: bool,
    /// Whether a load goes on.
    pub loading: bool,
    /// What is wrong with it, and what is in force all the same.
    pub problem: Option<String>,
    /// When that happened.
    pub problem_ms: Option<i64>,
    /// Switches it.
    pub toggle: RequestBody,
    /// Puts it one place up; none if it is the first.
    pub up: Option<RequestBody>,
    /// Puts it one place down; none if it is the last.
    pub down: Option<RequestBody>,
    /// Removes it and what it holds.
    pub remove: RequestBody,
    /// Asks its app to load again; none for the user's own.
    pub reload: Option<RequestBody>,
}

/// A switch among the rules about callers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CallerRuleView {
    /// Its name for programs.
    pub id: String,
    /// What it does.
    pub label: String,
    /// What more there is to say.
    pub detail: String,
    /// On.
    pub on: bool,
    /// Switches it.
    pub request: RequestBody,
}

/// What came of a file: of reading it, and of loading it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ImportReport {
    /// Whether it was loaded, too.
    pub loaded: bool,
    /// One sentence.
    pub headline: String,
    /// What the file is: `text`, `csv`, `vcard` or `phonebook`.
    pub format: String,
    /// How many numbers it blocks, or would.
    pub blocks: u64,
    /// How many numbers it names, or would.
    pub names: u64,
    /// How many lines were left out.
    pub left_out: u64,
    /// Whether it has entries for a whole country or more, which have to be wanted.
    pub wide: bool,
    /// What is to be said of its lines.
    pub notes: Vec<ImportNote>,
}

/// Something about lines of a file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ImportNote {
    /// How bad it is.
    pub tone: Tone,
    /// One or two sentences.
    pub text: String,
}

/// The sources in the user's order.
#[must_use]
pub fn source_views(sources: &[DirectorySource]) -> Vec<SourceView> {
    let ids: Vec<&str> = sources.iter().map(|source| source.id.as_str()).collect();
    let all = sources.iter().enumerate();
    all.map(|(at, source)| source_view(source, &ids, at))
        .collect()
}

fn source_view(source: &DirectorySource, ids: &[&str], at: usize) -> SourceView {
    let id = || source.id.clone();
    let request = |change: ListChange| RequestBody::from(&change);
    let swapped = |with: usize| {
        let mut order: Vec<String> = ids.iter().map(ToString::to_string).collect();
        order.swap(at, with);
        request(ListChange::Order(order))
    };
    let error = source.error.as_ref();
    SourceView {
        id: id(),
        name: source.name.clone(),
        kind_text: why::kept_by(source.is_app).to_owned(),
        holds_text: why::holds(
            &thousands(source.blocked),
            &thousands(source.labeled),
            source.generation > 0,
        ),
        loaded_ms: source.loaded_ms,
        enabled: source.enabled,
        loading: source.loading,
        problem: match (source.damaged, error) {
            (true, _) => Some(why::DAMAGED.to_owned()),
            (false, Some(error)) => Some(why::not_kept(&error.message, source.generation > 0)),
            (false, None) => None,
        },
        problem_ms: error.map(|error| error.at_ms),
        toggle: request(ListChange::Enable(id(), !source.enabled)),
        up: at.checked_sub(1).map(swapped),
        down: (at + 1 < ids.len()).then(|| swapped(at + 1)),
        remove: request(ListChange::Remove(id())),
        reload: source.is_app.then(|| request(ListChange::Reload(id()))),
    }
}

/// `1204318` as `1,204,318`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        let _ = write!(out, "{digit}"); // writing to a text does not fail
    }
    out
}

/// Patterns with the request that takes one out.
pub(super) fn patterns(
    all: &BTreeSet<NumberPattern>,
    change: fn(NumberPattern, bool) -> CallerChange,
) -> Vec<PersonView> {
    let row = |pattern: &NumberPattern| PersonView {
        title: pattern.to_string(),
        remove: RequestBody::from(&change(*pattern, false)),
    };
    all.iter().take(PATTERNS_MAX).map(row).collect()
}

pub(super) fn switches(rules: &CallerRules) -> Vec<CallerRuleView> {
    let row = |switch: CallerRule| {
        let on = rules.is_on(switch);
        let (label, detail) = why::caller_rule(switch);
        let change = CallerChange::Switch(switch, !on);
        CallerRuleView {
            id: switch.name().to_owned(),
            label: label.to_owned(),
            detail: detail.to_owned(),
            on,
            request: RequestBody::from(&RuleChange::Caller(change)),
        }
    };
    CallerRule::ALL.into_iter().map(row).collect()
}

/// The choices; one that is in force and not among them is one more.
pub(super) fn call_back(rules: &CallerRules) -> Vec<RuleChoice> {
    let minutes = u32::try_from(rules.call_back.as_secs() / 60).unwrap_or(u32::MAX);
    let mut all: BTreeSet<u32> = CALL_BACK_MINUTES.into_iter().collect();
    all.insert(minutes);
    let row = |offered: u32| {
        let span = Duration::from_secs(u64::from(offered) * 60);
        RuleChoice {
            label: why::call_back(offered),
            detail: None,
            chosen: offered == minutes,
            request: RequestBody::from(&CallerChange::CallBack(span)),
        }
    };
    all.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::LoadFault;

    #[test]
    fn sources_say_what_they_hold_and_what_is_wrong() {
        let fault = LoadFault {
            message: "entry 3 is out of order".to_owned(),
            at_ms: 7,
            ..LoadFault::default()
        };
        let source = |id: &str, error: Option<LoadFault>| DirectorySource {
            id: id.to_owned(),
            is_app: id.contains('.'),
            enabled: true,
            generation: 1,
            blocked: 1_204_318,
            error,
            ..DirectorySource::default()
        };
        let views = source_views(&[source("org.example.Spam", Some(fault)), source("b", None)]);
        assert_eq!(views[0].holds_text, "Blocks 1,204,318 numbers.");
        let problem = views[0].problem.as_deref().expect("a problem");
        assert!(
            problem.contains("entry 3") && problem.contains("stays"),
            "{problem}"
        );
        assert_eq!((&views[0].up, &views[1].down), (&None, &None));
        assert_eq!(views[0].down, views[1].up);
        assert!(views[0].reload.is_some() && views[1].reload.is_none());
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000), "1,000");
    }

    #[test]
    fn a_span_that_is_not_offered_is_offered_while_it_is_in_force() {
        let rules = CallerRules {
            call_back: Duration::from_secs(5 * 60),
            ..CallerRules::default()
        };
        let rows = call_back(&rules);
        assert_eq!(rows.len(), CALL_BACK_MINUTES.len() + 1);
        let chosen: Vec<_> = rows.iter().filter(|row| row.chosen).collect();
        assert_eq!((chosen.len(), chosen[0].label.as_str()), (1, "5 min"));
        assert_eq!(
            call_back(&CallerRules::default()).len(),
            CALL_BACK_MINUTES.len()
        );
    }
}
