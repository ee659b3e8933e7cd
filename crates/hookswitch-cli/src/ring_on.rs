//! Where it rings: `ring-on`.

use hookswitch::Controller;
use hookswitch::document::State;
use serde_json::json;

use crate::failure::Failure;
use crate::screen::{Screen, wrapped};
use crate::sound::device;

/// Chooses a place, or says which it is.
pub async fn run(
    controller: &Controller,
    screen: &Screen,
    place: Option<&str>,
) -> Result<(), Failure> {
    if let Some(place) = place {
        let state = controller.state().await?;
        controller.set_ring_on(&meant(&state, place)?).await?;
    }
    let state = controller.state().await?;
    if screen.is_json() {
        screen.document(&json!({ "ring_on": state.ring_on }));
    } else {
        screen.line(&wrapped(&said(&state), 0));
    }
    Ok(())
}

/// The word for the daemon: one of its own, or the id of a device.
fn meant(state: &State, place: &str) -> Result<String, Failure> {
    match place {
        "default" | "all" => Ok(place.to_owned()),
        named => device(state, named).map(|device| device.id.clone()),
    }
}

fn said(state: &State) -> String {
    match state.ring_on.as_str() {
        "default" | "" => "It rings where everything else plays.".to_owned(),
        "all" => "It rings on all devices.".to_owned(),
        id => match state.endpoints.iter().find(|device| device.id == id) {
            Some(device) => format!("It rings on {}.", device.name),
            None => format!(
                "It rings on {id}, which is away; until it is back, where everything else plays."
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use hookswitch::document::Endpoint;

    use super::*;

    #[test]
    fn a_device_is_meant_by_its_name_and_one_that_is_away_is_told() {
        let desk = Endpoint {
            id: "out.0".into(),
            name: "Desk".into(),
            kind: "speaker".into(),
        };
        let mut state = State {
            endpoints: vec![desk],
            ..State::default()
        };
        assert_eq!(meant(&state, "des").ok().as_deref(), Some("out.0"));
        assert_eq!(meant(&state, "all").ok().as_deref(), Some("all"));
        assert!(meant(&state, "kazoo").is_err());
        state.ring_on = "out.0".into();
        assert_eq!(said(&state), "It rings on Desk.");
        state.ring_on = "out.9".into();
        assert!(said(&state).contains("away"));
    }
}
