//! `second-calls`: what a call does that comes while another one is there.

use hookswitch::document::Rules;
use hookswitch::{Controller, SecondCalls};
use serde_json::json;

use crate::args::SecondCall;
use crate::failure::Failure;
use crate::screen::Screen;

/// Changes the rule, of one app if that is said, or says how it is.
pub async fn calls(
    controller: &Controller,
    screen: &Screen,
    rule: Option<SecondCall>,
    app: Option<&str>,
) -> Result<(), Failure> {
    if let Some(rule) = rule {
        controller.set_second_calls(wanted(rule), app).await?;
    }
    let rules = controller.rules().await?;
    if screen.is_json() {
        let rule = rules.second_calls.as_deref();
        screen.document(&json!({
            "second_calls": rule.unwrap_or(SecondCalls::default().name()),
            "second_calls_of": rules.second_calls_of,
        }));
    } else {
        said(&rules).iter().for_each(|line| screen.line(line));
    }
    Ok(())
}

fn wanted(rule: SecondCall) -> Option<SecondCalls> {
    match rule {
        SecondCall::Ring => Some(SecondCalls::Ring),
        SecondCall::Busy => Some(SecondCalls::Busy),
        SecondCall::Missed => Some(SecondCalls::Missed),
        SecondCall::Default => None,
    }
}

fn said(rules: &Rules) -> Vec<String> {
    let all = rules.second_calls.as_deref();
    let mut lines = vec![format!("A second call {}.", does(all))];
    for (app, rule) in &rules.second_calls_of {
        lines.push(format!("In {app} it {}.", does(Some(rule))));
    }
    lines
}

fn does(rule: Option<&str>) -> &'static str {
    match rule.and_then(SecondCalls::from_name).unwrap_or_default() {
        SecondCalls::Ring => "rings beside the first",
        SecondCalls::Busy => "is turned away as busy",
        SecondCalls::Missed => "is kept as missed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_counts_in_general_and_in_single_apps() {
        assert_eq!(
            said(&Rules::default()),
            ["A second call rings beside the first."]
        );
        let rules = Rules {
            second_calls: Some("missed".to_owned()),
            second_calls_of: [("org.example.App".to_owned(), "busy".to_owned())].into(),
            ..Rules::default()
        };
        let want = [
            "A second call is kept as missed.",
            "In org.example.App it is turned away as busy.",
        ];
        assert_eq!(said(&rules), want);
    }
}
