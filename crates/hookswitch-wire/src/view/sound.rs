//! What a person should know about the audio device in use, as one sentence.
//!
//! The first of these that is so: an interruption, a change under way, a choice that failed, the
//! cause of the last change if it was not the user's own doing. Nothing without a call.

use hookswitch_model::{EndpointId, Interruption, RouteCause, RouteFault, Snapshot, Text};

use super::words::{self, audio};

/// The sentence, if there is something to tell.
pub(super) fn note(snapshot: &Snapshot) -> Option<String> {
    let sound = &snapshot.audio;
    if snapshot.calls.is_empty() {
        return None;
    }
    // An emergency call goes on through it.
    if let Some(reason) = sound.interruption.filter(|_| snapshot.lease.is_none()) {
        return Some(interrupted(reason).to_owned());
    }
    let route = &sound.route;
    let name = |id: &Option<EndpointId>| id.as_ref().and_then(|id| name_of(snapshot, id));
    let in_use = name(&route.effective).unwrap_or_else(|| words::NO_AUDIO.to_owned());
    if let Some(next) = name(&route.pending) {
        return Some(audio::switching(&next));
    }
    if let Some(fault) = route.fault {
        let wished = name(&route.desired).unwrap_or_else(|| audio::THE_DEVICE.to_owned());
        return Some(failed(fault, &wished, &in_use));
    }
    let lost = route.lost.as_ref().map(Text::as_str);
    let lost = lost.unwrap_or(audio::THE_DEVICE);
    match route.cause {
        RouteCause::DeviceLost => Some(audio::unplugged(lost, &in_use)),
        RouteCause::NoDevice => Some(audio::NO_DEVICE.to_owned()),
        RouteCause::DeviceAdded => Some(audio::connected(&in_use)),
        RouteCause::Elsewhere => Some(audio::elsewhere(&in_use)),
        RouteCause::OverrideRefused => Some(audio::put_back(&in_use)),
        RouteCause::ServerRestarted => Some(audio::restarted(&in_use)),
        RouteCause::Unknown
        | RouteCause::Policy
        | RouteCause::User
        | RouteCause::App
        | RouteCause::AnsweringDevice => None,
    }
}

fn interrupted(reason: Interruption) -> &'static str {
    match reason {
        Interruption::ServerLost => audio::SERVER_LOST,
        Interruption::Emergency => audio::EMERGENCY,
        Interruption::Exclusive => audio::EXCLUSIVE,
    }
}

fn failed(fault: RouteFault, wished: &str, in_use: &str) -> String {
    match fault {
        RouteFault::Gone => audio::unplugged(wished, in_use),
        RouteFault::Refused | RouteFault::Superseded => audio::refused(wished, in_use),
        RouteFault::TimedOut => audio::silent(wished, in_use),
        RouteFault::ServerLost => audio::SERVER_LOST.to_owned(),
    }
}

/// The name of a device for people.
pub(super) fn name_of(snapshot: &Snapshot, id: &EndpointId) -> Option<String> {
    let found = snapshot.endpoints.iter().find(|one| one.id == *id);
    found.map(|endpoint| endpoint.name.as_str().to_owned())
}
