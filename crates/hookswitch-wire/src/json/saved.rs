//! A live call as it is kept for the next daemon, one JSON object.
//!
//! Version 1; what came later may be missing.
//! Read only by the daemon, in the same boot: times are nanoseconds on the boot clock
//! and milliseconds on the wall clock. Impossible values make the whole record unreadable.

use std::sync::Arc;

use hookswitch_model::{
    AccountId, AppId, CallDates, CallId, CallKey, Capabilities, DialStage, Direction, EndReason,
    EndpointId, GroupId, Handle, HandleKind, HeldBy, Hold, Language, MissedReasons, MuteOrigin,
    Origin, Phase, PhaseKind, Stamp, Text, Timestamp, Translation, Wall,
};
use serde::{Deserialize, Serialize};

use super::kept_decision::KeptDecision;
use super::saved_parts::{SavedJoining, SavedRest};

/// A live call, kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SavedCall {
    id: String,
    key: String,
    app: String,
    app_name: String,
    outgoing: bool,
    handle: Option<(String, String)>,
    name: Option<String>,
    can: [bool; 4],
    video: bool,
    #[serde(default)]
    emergency: bool,
    #[serde(default)]
    early_media: bool,
    phase: SavedPhase,
    answering: bool,
    #[serde(default)]
    started: Option<(u64, i64)>,
    #[serde(default)]
    connecting: Option<(u64, i64)>,
    connected: Option<(u64, i64)>,
    began: (u64, i64),
    muted: bool,
    remote_hold: bool,
    silenced: bool,
    in_recents: bool,
    #[serde(default)]
    group: Option<u64>,
    #[serde(default)]
    missed_reasons: u32,
    account: Option<String>,
    #[serde(default)]
    route: Option<String>,
    #[serde(default)]
    muted_by: Option<(String, u64)>,
    #[serde(default)]
    video_offer: Option<u64>,
    #[serde(default)]
    translation: Option<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rest: Option<SavedRest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    joining: Option<SavedJoining>,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    owes_resume: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision: Option<KeptDecision>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub(super) enum SavedPhase {
    Ringing {
        since: (u64, i64),
        until: u64,
    },
    Dialing {
        stage: u8,
        since: (u64, i64),
    },
    Active {
        since: (u64, i64),
    },
    Held {
        by: u8,
        since: (u64, i64),
        displaced_by: Option<String>,
    },
    Ending {
        reason: String,
        origin: String,
        from: String,
    },
}

const STAGES: [DialStage; 3] = [
    DialStage::Requested,
    DialStage::Started,
    DialStage::Connecting,
];
const HOLDS: [HeldBy; 6] = [
    HeldBy::User,
    HeldBy::OtherCall,
    HeldBy::SystemSlow,
    HeldBy::SystemRefused,
    HeldBy::SystemDisplaced,
    HeldBy::Voicemail,
];

impl From<&hookswitch_model::SavedCall> for SavedCall {
    fn from(call: &hookswitch_model::SavedCall) -> Self {
        let can = call.capabilities;
        Self {
            id: call.id.to_string(),
            key: call.key.as_str().to_owned(),
            app: call.app.as_str().to_owned(),
            app_name: call.app_name.as_str().to_owned(),
            outgoing: call.direction == Direction::Outgoing,
            handle: call.handle.as_ref().map(saved_handle),
            name: call.name.as_ref().map(|name| name.as_str().to_owned()),
            can: [can.holding, can.grouping, can.ungrouping, can.digits],
            video: call.video,
            emergency: call.emergency,
            early_media: call.early_media,
            phase: saved_phase(call.phase),
            answering: call.answering,
            started: call.dates.started.map(pair),
            connecting: call.dates.connecting.map(pair),
            connected: call.dates.connected.map(pair),
            began: pair(call.began),
            muted: call.muted,
            remote_hold: call.remote_hold,
            silenced: call.silenced,
            in_recents: call.in_recents,
            group: call.group.map(|group| group.0),
            missed_reasons: call.missed_reasons.bits(),
            account: call.account.as_ref().map(|id| id.as_str().to_owned()),
            route: call.route.as_ref().map(ToString::to_string),
            muted_by: Some((call.muted_by.name().to_owned(), call.mute_revision)),
            video_offer: call.video_offer.map(Timestamp::as_nanos),
            translation: call
                .translation
                .as_ref()
                .map(|languages| (languages.local.to_string(), languages.remote.to_string())),
            rest: call.rest.as_ref().map(SavedRest::from),
            joining: call.joining.as_ref().map(SavedJoining::from),
            owes_resume: call.owes_resume,
            decision: call.decision.as_deref().map(KeptDecision::from),
        }
    }
}

impl SavedCall {
    /// The call's id, as text.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Reads it back; nothing if any part of it is not valid.
    #[must_use]
    pub fn read(self) -> Option<hookswitch_model::SavedCall> {
        let account = match &self.account {
            Some(id) => Some(AccountId::new(id).ok()?),
            None => None,
        };
        let translation = match &self.translation {
            Some((local, remote)) => Some(Translation {
                local: Language::new(local).ok()?,
                remote: Language::new(remote).ok()?,
            }),
            None => None,
        };
        let (muted_by, mute_revision) = match &self.muted_by {
            Some((origin, revision)) => (MuteOrigin::from_name(origin)?, *revision),
            None => (MuteOrigin::default(), 0),
        };
        let [holding, grouping, ungrouping, digits] = self.can;
        let direction = if self.outgoing {
            Direction::Outgoing
        } else {
            Direction::Incoming
        };
        Some(hookswitch_model::SavedCall {
            id: self.id.parse().ok()?,
            key: CallKey::new(&self.key).ok()?,
            app: AppId::new(&self.app)?,
            app_name: Text::new(&self.app_name).ok()?,
            direction,
            handle: read_handle(self.handle)?,
            name: read_text(self.name)?,
            capabilities: Capabilities {
                holding,
                grouping,
                ungrouping,
                digits,
            },
            video: self.video,
            emergency: self.emergency,
            early_media: self.early_media,
            phase: read_phase(self.phase)?,
            answering: self.answering,
            dates: CallDates {
                started: self.started.map(stamp),
                connecting: self.connecting.map(stamp),
                connected: self.connected.map(stamp),
            },
            began: stamp(self.began),
            muted: self.muted,
            remote_hold: self.remote_hold,
            silenced: self.silenced,
            in_recents: self.in_recents,
            group: self.group.map(GroupId),
            missed_reasons: MissedReasons::from_bits(self.missed_reasons),
            account,
            route: self.route.as_deref().and_then(EndpointId::new),
            muted_by,
            mute_revision,
            video_offer: self.video_offer.map(Timestamp::from_nanos),
            translation,
            // A call without these is better than none.
            rest: self.rest.and_then(SavedRest::read),
            joining: self.joining.and_then(SavedJoining::read),
            owes_resume: self.owes_resume,
            decision: self.decision.and_then(|kept| kept.read()).map(Arc::new),
        })
    }
}

/// A handle as it is kept.
pub(super) type KindAndValue = (String, String);

pub(super) fn saved_handle(handle: &Handle) -> KindAndValue {
    (handle.kind().name().to_owned(), handle.value().to_owned())
}

/// Reads a handle that may be missing; nothing if it is there and not valid.
pub(super) fn read_handle(kept: Option<KindAndValue>) -> Option<Option<Handle>> {
    let Some((kind, value)) = kept else {
        return Some(None);
    };
    Handle::new(HandleKind::from_name(&kind)?, &value)
        .ok()
        .map(Some)
}

/// Reads a text that may be missing; nothing if it is there and not valid.
pub(super) fn read_text(kept: Option<String>) -> Option<Option<Text>> {
    kept.map(|text| Text::new(&text)).transpose().ok()
}

pub(super) fn saved_phase(phase: Phase) -> SavedPhase {
    match phase {
        Phase::Ringing { since, until } => SavedPhase::Ringing {
            since: pair(since),
            until: until.as_nanos(),
        },
        Phase::Dialing { stage, since } => SavedPhase::Dialing {
            stage: index(&STAGES, stage),
            since: pair(since),
        },
        Phase::Active { since } => SavedPhase::Active { since: pair(since) },
        Phase::Held(hold) => SavedPhase::Held {
            by: index(&HOLDS, hold.by),
            since: pair(hold.since),
            displaced_by: hold.displaced_by.map(|call| call.to_string()),
        },
        Phase::Ending {
            reason,
            origin,
            from,
        } => SavedPhase::Ending {
            reason: reason.name().to_owned(),
            origin: origin.name().to_owned(),
            from: from.name().to_owned(),
        },
    }
}

pub(super) fn read_phase(phase: SavedPhase) -> Option<Phase> {
    Some(match phase {
        SavedPhase::Ringing { since, until } => Phase::Ringing {
            since: stamp(since),
            until: Timestamp::from_nanos(until),
        },
        SavedPhase::Dialing { stage, since } => Phase::Dialing {
            stage: *STAGES.get(usize::from(stage))?,
            since: stamp(since),
        },
        SavedPhase::Active { since } => Phase::Active {
            since: stamp(since),
        },
        SavedPhase::Held {
            by,
            since,
            displaced_by,
        } => Phase::Held(Hold {
            by: *HOLDS.get(usize::from(by))?,
            since: stamp(since),
            displaced_by: match displaced_by {
                Some(call) => Some(call.parse::<CallId>().ok()?),
                None => None,
            },
        }),
        SavedPhase::Ending {
            reason,
            origin,
            from,
        } => Phase::Ending {
            reason: EndReason::from_name(&reason)?,
            origin: Origin::from_name(&origin)?,
            from: PhaseKind::from_name(&from)?,
        },
    })
}

/// The place of a value in its table. Every value of the type stands in it.
fn index<T: PartialEq>(table: &[T], value: T) -> u8 {
    let found = table.iter().position(|known| *known == value);
    u8::try_from(found.unwrap_or_default()).unwrap_or_default()
}

fn pair(stamp: Stamp) -> (u64, i64) {
    (stamp.at.as_nanos(), stamp.wall.as_millis())
}

fn stamp((at, wall): (u64, i64)) -> Stamp {
    Stamp::new(Timestamp::from_nanos(at), Wall::from_millis(wall))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookswitch_model::{Decision, Digits, SavedBehind, Verdict};

    fn call(phase: Phase) -> hookswitch_model::SavedCall {
        hookswitch_model::SavedCall {
            id: CallId(7),
            key: CallKey::new("call-7").expect("key"),
            app: AppId::new("org.example.App").expect("app"),
            app_name: Text::new("Acme").expect("name"),
            direction: Direction::Outgoing,
            handle: Handle::new(HandleKind::PhoneNumber, "+12025550101").ok(),
            name: Text::new("Ana").ok(),
            capabilities: Capabilities {
                digits: false,
                ..Capabilities::default()
            },
            video: true,
            emergency: true,
            early_media: true,
            phase,
            answering: false,
            dates: CallDates {
                started: Some(stamp((3, 4))),
                connecting: Some(stamp((4, 5))),
                connected: Some(stamp((5, 6))),
            },
            began: stamp((1, 2)),
            muted: true,
            remote_hold: false,
            silenced: true,
            in_recents: true,
            group: Some(GroupId(3)),
            missed_reasons: MissedReasons::SILENCED,
            account: AccountId::new("work").ok(),
            route: EndpointId::new("bluez.jabra"),
            muted_by: MuteOrigin::Device,
            mute_revision: 3,
            video_offer: Some(Timestamp::from_nanos(12)),
            translation: Some(Translation {
                local: Language::new("en").expect("language"),
                remote: Language::new("pt-BR").expect("language"),
            }),
            rest: None,
            joining: None,
            owes_resume: true,
            decision: None,
        }
    }

    #[test]
    fn every_phase_reads_back() {
        let since = stamp((3, 4));
        let mut phases = vec![
            Phase::Ringing {
                since,
                until: Timestamp::from_nanos(9),
            },
            Phase::Active { since },
        ];
        phases.extend(STAGES.map(|stage| Phase::Dialing { stage, since }));
        for displaced_by in [None, Some(CallId(8))] {
            phases.extend(HOLDS.map(|by| {
                Phase::Held(Hold {
                    by,
                    since,
                    displaced_by,
                })
            }));
        }
        for reason in EndReason::ALL {
            for origin in Origin::ALL {
                phases.extend(PhaseKind::ALL.map(|from| Phase::Ending {
                    reason,
                    origin,
                    from,
                }));
            }
        }
        for phase in phases {
            let call = call(phase);
            let text = serde_json::to_string(&SavedCall::from(&call)).expect("JSON");
            let back: SavedCall = serde_json::from_str(&text).expect("JSON");
            assert_eq!(back.read(), Some(call), "{text}");
        }
    }

    fn back(call: &hookswitch_model::SavedCall) -> Option<hookswitch_model::SavedCall> {
        let text = serde_json::to_string(&SavedCall::from(call)).expect("JSON");
        let back: SavedCall = serde_json::from_str(&text).expect("JSON");
        back.read()
    }

    #[test]
    fn digits_that_wait_and_a_half_done_merge_read_back() {
        let since = stamp((3, 4));
        let behinds = [
            SavedBehind::User,
            SavedBehind::Tones,
            SavedBehind::Pause(Timestamp::from_nanos(8)),
            SavedBehind::Connection,
        ];
        let from = Hold {
            by: HeldBy::OtherCall,
            since,
            displaced_by: Some(CallId(8)),
        };
        for (behind, from) in behinds
            .into_iter()
            .zip([None, Some(from)].into_iter().cycle())
        {
            let mut call = call(Phase::Active { since });
            call.rest = Some(hookswitch_model::SavedRest {
                digits: Digits::new(",12;3").expect("digits"),
                behind,
            });
            call.joining = Some(hookswitch_model::SavedJoining {
                group: GroupId(4),
                from,
                stays: from.is_some(),
            });
            call.decision = Some(Arc::new(Decision {
                verdict: Verdict::Ring,
                decided_by: None,
                steps: Vec::new(),
                candidates: Vec::new(),
                labels: Vec::new(),
                at: Wall::from_millis(7),
            }));
            assert_eq!(back(&call), Some(call));
        }
    }

    #[test]
    fn a_call_that_an_older_daemon_kept_is_read_and_what_is_odd_is_left_out() {
        let whole = call(Phase::Active {
            since: stamp((3, 4)),
        });
        let text = serde_json::to_string(&SavedCall::from(&whole)).expect("JSON");
        for missing in ["rest", "joining", "decision"] {
            assert!(!text.contains(missing), "{text}");
        }
        let rest = r#""rest":{"digits":"x","behind":"user"}"#;
        let from = r#"{"name":"active","since":[1,2]}"#;
        let joining = format!(r#""joining":{{"group":1,"stays":true,"from":{from}}}"#);
        let odd = format!("{{{rest},{joining},");
        let text = text.replacen('{', &odd, 1);
        let back: SavedCall = serde_json::from_str(&text).expect("JSON");
        assert_eq!(back.read(), Some(whole));
    }

    #[test]
    fn what_is_not_valid_is_not_read() {
        let whole = SavedCall::from(&call(Phase::Active {
            since: stamp((3, 4)),
        }));
        let mut broken = whole.clone();
        broken.app = "phone".to_owned();
        assert_eq!(broken.read(), None);
        let mut broken = whole;
        broken.id = "7".to_owned();
        assert_eq!(broken.read(), None);
    }
}
