//! What a second call does, as the settings show it and change it.

use hookswitch_model::{RingPolicy, RuleChange, SecondCalls, Snapshot};

use super::build::PEOPLE_MAX;
use super::party;
use super::types::{PersonView, RuleChoice};
use super::words;
use crate::json::RequestBody;

/// The ways, of which one is in force for all apps.
pub(super) fn choices(policy: &RingPolicy) -> Vec<RuleChoice> {
    let in_force = policy.second_calls.unwrap_or_default();
    let choice = |rule: SecondCalls| {
        let (label, detail) = words::second_calls(rule);
        RuleChoice {
            label: label.to_owned(),
            detail: Some(detail.to_owned()),
            chosen: rule == in_force,
            request: RequestBody::from(&RuleChange::SecondCalls(rule)),
        }
    };
    SecondCalls::ALL.map(choice).into()
}

/// Apps with a rule of their own.
pub(super) fn of_apps(snapshot: &Snapshot) -> Vec<PersonView> {
    let rules = snapshot.policy.second_calls_of.iter().take(PEOPLE_MAX);
    let row = |(app, rule): (&hookswitch_model::AppId, &SecondCalls)| PersonView {
        title: words::second_calls_of(&party::app_name(snapshot, app), *rule),
        remove: RequestBody::from(&RuleChange::SecondCallsOf(app.clone(), None)),
    };
    rules.map(row).collect()
}
