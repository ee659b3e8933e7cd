//! What comes to the front when a call is answered: `front`, `driving`.

use hookswitch::document::State;
use hookswitch::{Controller, OnAnswer};
use serde_json::json;

use crate::args::{Front, Switch};
use crate::failure::Failure;
use crate::screen::{Screen, wrapped};

/// Sets the user's rule, or says how it is.
pub async fn rule(
    controller: &Controller,
    screen: &Screen,
    rule: Option<Front>,
) -> Result<(), Failure> {
    if let Some(rule) = rule {
        controller.set_on_answer(on_answer(rule)).await?;
    }
    show(controller, screen).await
}

/// Says whether the user drives, or asks.
pub async fn driving(
    controller: &Controller,
    screen: &Screen,
    what: Option<Switch>,
) -> Result<(), Failure> {
    if let Some(what) = what {
        controller.set_driving(what == Switch::On).await?;
    }
    show(controller, screen).await
}

fn on_answer(rule: Front) -> Option<OnAnswer> {
    match rule {
        Front::Stay => Some(OnAnswer::Stay),
        Front::OpenApp => Some(OnAnswer::OpenApp),
        Front::OpenIfVideo => Some(OnAnswer::OpenIfVideo),
        Front::App => None,
    }
}

async fn show(controller: &Controller, screen: &Screen) -> Result<(), Failure> {
    let state = controller.state().await?;
    if screen.is_json() {
        screen.document(&json!({
            "on_answer": state.on_answer,
            "driving": state.driving,
        }));
    } else {
        screen.line(&wrapped(&said(&state), 0));
    }
    Ok(())
}

fn said(state: &State) -> String {
    let rule = match state.on_answer.as_deref() {
        None => "As each app says, answering a call brings it to the front or not.",
        Some("stay") => "Answering a call brings nothing to the front.",
        Some("open-app") => "Answering a call brings its app to the front.",
        Some(_) => "Answering a call with video brings its app to the front.",
    };
    match state.driving {
        true => format!("You drive: nothing comes to the front. Otherwise: {rule}"),
        false => rule.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn driving_is_said_before_the_rule() {
        let state = State {
            driving: true,
            on_answer: Some("open-app".into()),
            ..State::default()
        };
        assert!(said(&state).starts_with("You drive"), "{}", said(&state));
        assert!(said(&state).ends_with("brings its app to the front."));
    }
}
