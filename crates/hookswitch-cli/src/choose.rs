//! Which call is meant: the only one that fits, or the one whose id begins like this.

use hookswitch::document::{Call, Phase, State};

use crate::failure::Failure;
use crate::party;

/// The least part of an id that is shown.
const SHORT_ID: usize = 8;

/// What a call must be like for a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fit {
    /// It rings.
    Ringing,
    /// It rings, or its caller leaves a message.
    Unanswered,
    /// It is there and not about to end.
    Live,
    /// It is there, whatever it does.
    There,
    /// The other party offers video.
    VideoOffered,
    /// It is on the line.
    Active,
    /// It is on hold.
    Held,
    /// It is in a group.
    Grouped,
    /// Its microphone is on.
    NotMuted,
    /// Its microphone is off.
    Muted,
}

impl Fit {
    fn holds_for(self, call: &Call) -> bool {
        let connected = matches!(call.phase, Phase::Active { .. } | Phase::Held { .. });
        match self {
            Self::Ringing => matches!(call.phase, Phase::Ringing { .. }),
            Self::Unanswered => {
                matches!(call.phase, Phase::Ringing { .. }) || party::is_at_voicemail(call)
            }
            Self::Live => !matches!(call.phase, Phase::Ending { .. }),
            Self::There => true,
            Self::VideoOffered => call.video_offer_until_ms.is_some(),
            Self::Active => matches!(call.phase, Phase::Active { .. }),
            Self::Held => matches!(call.phase, Phase::Held { .. }) && !party::is_at_voicemail(call),
            Self::Grouped => call.group.is_some(),
            Self::NotMuted => connected && !call.muted,
            Self::Muted => call.muted,
        }
    }

    fn nothing(self) -> &'static str {
        match self {
            Self::Ringing | Self::Unanswered => "no call is ringing",
            Self::Live | Self::There => "there is no call",
            Self::VideoOffered => "nobody offers video",
            Self::Active => "no call is on the line",
            Self::Held => "no call is on hold",
            Self::Grouped => "no call is in a group",
            Self::NotMuted => "no call has its microphone on",
            Self::Muted => "no call is muted",
        }
    }
}

/// Finds the call. Without `prefix`, the only one that fits; a prefix is looked for among all
/// calls, and the daemon decides whether the wish fits.
pub fn call<'a>(state: &'a State, prefix: Option<&str>, fit: Fit) -> Result<&'a Call, Failure> {
    let found: Vec<&Call> = match prefix {
        Some(prefix) => state
            .calls
            .iter()
            .filter(|call| call.id.starts_with(&prefix.to_ascii_lowercase()))
            .collect(),
        None => state
            .calls
            .iter()
            .filter(|call| fit.holds_for(call))
            .collect(),
    };
    match (found.as_slice(), prefix) {
        ([call], _) => Ok(call),
        ([], None) => Err(Failure::NoSuchCall(format!(
            "{}; \"hookswitch list\" shows all calls",
            fit.nothing()
        ))),
        ([], Some(prefix)) => Err(Failure::NoSuchCall(format!(
            "no live call has an id that begins with \"{prefix}\"; \"hookswitch list\" shows all \
             calls"
        ))),
        ([_, ..], _) => Err(Failure::Ambiguous(format!(
            "several calls fit; name one of them by its id: {}",
            names(state, &found)
        ))),
    }
}

fn names(state: &State, calls: &[&Call]) -> String {
    let name = |call: &&Call| {
        format!(
            "{} ({}, {})",
            short_id(state, call),
            party::title(call),
            party::condition(call)
        )
    };
    calls.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The first part of an id, as long as it takes to be unique.
pub fn short_id<'a>(state: &State, call: &'a Call) -> &'a str {
    let is_unique = |length: usize| {
        let others = state.calls.iter().filter(|other| other.id != call.id);
        others
            .into_iter()
            .all(|other| other.id.get(..length) != call.id.get(..length))
    };
    let length = (SHORT_ID..call.id.len()).find(|length| is_unique(*length));
    length
        .and_then(|length| call.id.get(..length))
        .unwrap_or(&call.id)
}

#[cfg(test)]
mod tests {
    use hookswitch::document::Control;

    use super::*;

    const RINGING: Phase = Phase::Ringing {
        since_ms: 0,
        until_ms: 60_000,
    };
    const ACTIVE: Phase = Phase::Active { since_ms: 0 };

    #[test]
    fn the_only_call_that_fits_is_meant() {
        let state = state(&[("aaaaaaaa-1", RINGING), ("bbbbbbbb-2", ACTIVE)]);
        let id = |fit| call(&state, None, fit).map(|call| call.id.as_str()).ok();
        assert_eq!(id(Fit::Ringing), Some("aaaaaaaa-1"));
        assert_eq!(id(Fit::Active), Some("bbbbbbbb-2"));
        assert_eq!(id(Fit::Held), None);
        assert_eq!(id(Fit::Live), None);
    }

    #[test]
    fn a_prefix_finds_any_call_if_it_is_unique() {
        let state = state(&[("aaaaaaaa-1", RINGING), ("aaaaaaab-2", ACTIVE)]);
        let found = call(&state, Some("AAAAAAAB"), Fit::Ringing);
        assert_eq!(found.map(|call| call.id.as_str()).ok(), Some("aaaaaaab-2"));
        let several = call(&state, Some("aaa"), Fit::Live).expect_err("two begin so");
        let text = several.message();
        assert!(
            text.contains("aaaaaaaa") && text.contains("aaaaaaab"),
            "{text}"
        );
        assert!(call(&state, Some("c"), Fit::Live).is_err());
    }

    #[test]
    fn short_ids_grow_until_they_are_unique() {
        let state = state(&[("aaaaaaaa-1234", RINGING), ("aaaaaaaa-1299", ACTIVE)]);
        assert_eq!(short_id(&state, &state.calls[0]), "aaaaaaaa-123");
    }

    fn state(calls: &[(&str, Phase)]) -> State {
        let call = |(id, phase): &(&str, Phase)| Call {
            id: (*id).into(),
            key: "k".into(),
            app: "a.b".into(),
            direction: "incoming".into(),
            handle: None,
            name_hidden: false,
            name: None,
            video: false,
            emergency: false,
            phase: phase.clone(),
            pending: None,
            has_connected: false,
            started_at_ms: None,
            connecting_at_ms: None,
            connected_at_ms: None,
            began_ms: 0,
            muted: false,
            muted_by: "nobody".to_owned(),
            mute_revision: 0,
            remote_hold: false,
            silenced: false,
            orphaned: false,
            orphaned_until_ms: None,
            hold: Control::default(),
            mute: Control::default(),
            digits: Control::default(),
            group: None,
            merge_with: None,
            merge: Control::default(),
            split: Control::default(),
            add_call: Control::default(),
            account: None,
            video_control: Control::default(),
            video_offer_until_ms: None,
            translating: None,
            translate: Control::default(),
            uplink: false,
            slow: None,
            digits_waiting: None,
            buttons: Vec::new(),
        };
        State {
            calls: calls.iter().map(call).collect(),
            ..State::default()
        }
    }
}
