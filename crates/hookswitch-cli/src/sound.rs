//! What calls are heard on, and with which microphone: `audio`, `route`.

use std::time::Duration;

use hookswitch::document::{Call, Endpoint, Phase, State};
use hookswitch::{Controller, Interruption};
use serde_json::{Value, json};

use crate::args::Need;
use crate::choose::short_id;
use crate::failure::Failure;
use crate::party;
use crate::screen::{Mark, Screen, column, wrapped};

/// A little longer than the daemon's own deadline for a change of device.
const ROUTED_MAX: Duration = Duration::from_secs(10);

const NAME: usize = 30;
const KIND: usize = 10;
const USE: usize = 10;

/// Shows the audio.
pub async fn show(controller: &Controller, screen: &Screen) -> Result<(), Failure> {
    let state = controller.state().await?;
    if screen.is_json() {
        screen.document(&document(&state));
        return Ok(());
    }
    for line in said(&state) {
        screen.line(&wrapped(&line, 0));
    }
    for device in &state.endpoints {
        let mark = match in_use(&state, device) {
            true => Mark::Strong,
            false => Mark::Plain,
        };
        screen.line(&screen.marked(mark, row(&state, device).trim_end()));
    }
    Ok(())
}

/// Uses another device, and waits until it is in use.
pub async fn route(controller: &Controller, screen: &Screen, named: &str) -> Result<(), Failure> {
    let state = controller.state().await?;
    let device = match named {
        "next" => next(&state)?,
        named => device(&state, named)?,
    };
    let change = controller.request_route(&device.id).await?;
    controller.wait_routed(&change, ROUTED_MAX).await?;
    if screen.is_json() {
        screen.document(&json!({
            "endpoint": device.id,
            "name": device.name,
            "generation": change.generation(),
        }));
    } else {
        screen.line(&wrapped(&format!("Using {}.", device.name), 0));
    }
    Ok(())
}

/// The device that is meant: its id, else the beginning of its name, else its kind.
pub fn device<'a>(state: &'a State, named: &str) -> Result<&'a Endpoint, Failure> {
    let wanted = named.to_lowercase();
    let by_id = |device: &&Endpoint| device.id == named;
    let by_name = |device: &&Endpoint| device.name.to_lowercase().starts_with(&wanted);
    let by_kind = |device: &&Endpoint| device.kind == wanted;
    let ways: [&dyn Fn(&&Endpoint) -> bool; 3] = [&by_id, &by_name, &by_kind];
    let found = ways
        .into_iter()
        .map(|fits| state.endpoints.iter().filter(fits).collect::<Vec<_>>())
        .find(|found| !found.is_empty());
    match found.as_deref() {
        Some([one]) => Ok(one),
        Some([_, ..]) => Err(Failure::Ambiguous(format!(
            "several audio devices are called \"{named}\"; name one by its id, as \"hookswitch \
             audio\" shows it"
        ))),
        Some([]) | None => Err(Failure::NoSuchDevice(format!(
            "there is no audio device \"{named}\"; \"hookswitch audio\" shows those there are"
        ))),
    }
}

/// The device after the one in use, in the order of the list.
fn next(state: &State) -> Result<&Endpoint, Failure> {
    let devices = &state.endpoints;
    let used = devices.iter().position(|device| in_use(state, device));
    let after = used.map_or(0, |used| used + 1);
    let next = devices.get(after).or_else(|| devices.first());
    next.ok_or_else(|| Failure::NoSuchDevice("there is no audio device; connect one".into()))
}

fn in_use(state: &State, device: &Endpoint) -> bool {
    state.audio.route.effective.as_ref() == Some(&device.id)
}

fn row(state: &State, device: &Endpoint) -> String {
    let route = &state.audio.route;
    let id = Some(&device.id);
    let usage = if route.effective.as_ref() == id {
        "in use"
    } else if route.pending.as_ref() == id {
        "switching"
    } else if route.desired.as_ref() == id {
        "wanted"
    } else {
        ""
    };
    format!(
        "{} {} {} {}",
        column(usage, USE),
        column(&device.kind, KIND),
        column(&device.name, NAME),
        device.id
    )
}

/// The sentences about the audio.
fn said(state: &State) -> Vec<String> {
    let mut lines = vec![route_said(state)];
    let owner = state.lease.as_ref();
    let called = |id: &str| state.calls.iter().find(|call| call.id == id);
    lines.extend(state.audio.interruption.as_deref().map(|reason| {
        let why = match reason {
            "server-lost" => "the audio server stopped",
            "emergency" => "the system needs it for an emergency",
            _ => "another program uses it alone",
        };
        format!("No call has the audio for now: {why}.")
    }));
    lines.push(match owner.and_then(|lease| called(&lease.call)) {
        Some(call) => format!(
            "{} ({}) has the audio, through {}.",
            party::title(call),
            short_id(state, call),
            party::app_name(state, call)
        ),
        None => "No call has the audio.".to_owned(),
    });
    lines.extend(state.tone.as_ref().map(|tone| tone_said(&tone.tone)));
    if state.audio.microphone_muted {
        lines.push("The microphone is muted where it is: at the device, or in a mixer.".to_owned());
    }
    lines.extend(state.calls.iter().filter_map(muted));
    lines
}

fn tone_said(tone: &str) -> String {
    let what = match tone {
        "ringback" => "the other end rings",
        "busy" => "the other party is busy",
        _ => "the other end has left the call",
    };
    format!("A tone sounds: {what}.")
}

fn route_said(state: &State) -> String {
    let route = &state.audio.route;
    let name = |id: &Option<String>| {
        let found = state
            .endpoints
            .iter()
            .find(|device| Some(&device.id) == id.as_ref());
        found.map(|device| device.name.clone()).or(id.clone())
    };
    let Some(used) = name(&route.effective) else {
        return match state.audio.server.as_str() {
            "up" => "There is no audio device.",
            "lost" => "The audio server is gone; its devices come back with it.",
            _ => "No audio server was seen; apps play in their own way.",
        }
        .to_owned();
    };
    let cause = match route.cause.as_str() {
        "device-added" => "it was connected",
        "device-lost" => "the former device is gone",
        "policy" => "the default for a call that begins, or after the last one",
        "user" => "you chose it",
        "app" => "the app of the call chose it",
        "answering-device" => "the call was answered on it",
        "elsewhere" => "another program chose it",
        "override-refused" => "you chose it, and another program was put right",
        "server-restarted" => "the audio server was started anew",
        _ => "it was so from the beginning",
    };
    let said = format!("Calls are heard on {used}: {cause}.");
    match (name(&route.desired), route.fault.as_deref()) {
        (Some(wanted), Some(fault)) if route.desired != route.effective => {
            format!("{said} {wanted} is wanted: {}.", fault_said(fault))
        }
        _ => said,
    }
}

fn fault_said(fault: &str) -> &'static str {
    match fault {
        "gone" => "it went away",
        "timed-out" => "it did not answer",
        "server-lost" => "the audio server stopped",
        _ => "the audio server refused it",
    }
}

fn muted(call: &Call) -> Option<String> {
    let connected = matches!(call.phase, Phase::Active { .. } | Phase::Held { .. });
    let by = match call.muted_by.as_str() {
        "user" => "by you",
        "app" => "by its app",
        "device" => "at the microphone",
        _ => return None,
    };
    let who = party::title(call);
    (call.muted && connected).then(|| format!("The call with {who} is muted, {by}."))
}

fn document(state: &State) -> Value {
    let mutes = state.calls.iter().map(|call| {
        json!({
            "call": call.id,
            "muted": call.muted,
            "muted_by": call.muted_by,
            "mute_revision": call.mute_revision,
        })
    });
    json!({
        "lease": state.lease,
        "audio": state.audio,
        "endpoints": state.endpoints,
        "tone": state.tone,
        "mutes": mutes.collect::<Vec<_>>(),
    })
}

/// Keeps the sound from calls until this command ends; a new daemon is told again.
pub async fn interrupt(
    controller: &Controller,
    screen: &Screen,
    reason: Need,
) -> Result<(), Failure> {
    let reason = match reason {
        Need::Emergency => Interruption::Emergency,
        Need::Exclusive => Interruption::Exclusive,
    };
    controller.interrupt(reason, true).await?;
    if screen.is_json() {
        screen.document(&json!({ "interruption": reason.name() }));
    } else {
        screen.line("Calls are without sound; end with Ctrl+C.");
    }
    let mut states = controller.watch();
    while let Some(state) = states.next().await {
        if state.audio.interruption.is_none() {
            controller.interrupt(reason, true).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_found_by_id_then_name_then_kind() {
        let state = state(&["speaker", "headset"]);
        let id = |named| device(&state, named).map(|device| device.id.as_str()).ok();
        assert_eq!(id("out.1"), Some("out.1"));
        assert_eq!(id("the hea"), Some("out.1"));
        assert_eq!(id("speaker"), Some("out.0"));
        assert_eq!(id("kazoo"), None);
        let several = device(&state, "The").expect_err("both begin so");
        assert!(several.message().contains("several"), "{several:?}");
    }

    #[test]
    fn next_goes_round() {
        let mut state = state(&["speaker", "headset"]);
        let next_of = |state: &State| next(state).map(|device| device.id.clone()).ok();
        assert_eq!(next_of(&state).as_deref(), Some("out.0"));
        state.audio.route.effective = Some("out.0".into());
        assert_eq!(next_of(&state).as_deref(), Some("out.1"));
        state.audio.route.effective = Some("out.1".into());
        assert_eq!(next_of(&state).as_deref(), Some("out.0"));
    }

    #[test]
    fn a_wish_that_failed_says_what_is_used_and_why() {
        let mut state = state(&["speaker", "headset"]);
        let route = &mut state.audio.route;
        route.effective = Some("out.0".into());
        route.cause = "policy".into();
        route.desired = Some("out.1".into());
        route.fault = Some("timed-out".into());
        let said = route_said(&state);
        assert!(said.starts_with("Calls are heard on the speaker"), "{said}");
        assert!(
            said.ends_with("the headset is wanted: it did not answer."),
            "{said}"
        );
    }

    #[test]
    fn a_tone_is_told() {
        let mut state = state(&["speaker"]);
        assert!(!said(&state).iter().any(|line| line.contains("tone")));
        let busy = json!({ "call": "c", "tone": "busy" });
        state.tone = serde_json::from_value(busy).expect("a tone");
        let told = "A tone sounds: the other party is busy.";
        assert!(said(&state).iter().any(|line| line == told));
        assert_eq!(document(&state)["tone"]["tone"], "busy");
    }

    fn state(kinds: &[&str]) -> State {
        let device = |(number, kind): (usize, &&str)| Endpoint {
            id: format!("out.{number}"),
            name: format!("the {kind}"),
            kind: (*kind).into(),
        };
        State {
            endpoints: kinds.iter().enumerate().map(device).collect(),
            ..State::default()
        }
    }
}
