//! Parts of a live call as it is kept that most calls do not have.
//!
//! Of the same version as [`SavedCall`](super::SavedCall). A part that is not valid is left out.

use hookswitch_model::{self as model, Digits, GroupId, Phase, SavedBehind, Timestamp};
use serde::{Deserialize, Serialize};

use super::saved::{SavedPhase, read_phase, saved_phase};

/// Digits that wait, kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct SavedRest {
    digits: String,
    behind: Behind,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Behind {
    User,
    Tones,
    Pause(u64),
    Connection,
}

/// A half-done merge, kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct SavedJoining {
    group: u64,
    stays: bool,
    from: Option<SavedPhase>,
}

impl From<&model::SavedRest> for SavedRest {
    fn from(rest: &model::SavedRest) -> Self {
        Self {
            digits: rest.digits.as_str().to_owned(),
            behind: match rest.behind {
                SavedBehind::User => Behind::User,
                SavedBehind::Tones => Behind::Tones,
                SavedBehind::Pause(until) => Behind::Pause(until.as_nanos()),
                SavedBehind::Connection => Behind::Connection,
            },
        }
    }
}

impl SavedRest {
    /// Reads it back; nothing if they are no digits.
    pub(super) fn read(self) -> Option<model::SavedRest> {
        Some(model::SavedRest {
            digits: Digits::new(&self.digits).ok()?,
            behind: match self.behind {
                Behind::User => SavedBehind::User,
                Behind::Tones => SavedBehind::Tones,
                Behind::Pause(until) => SavedBehind::Pause(Timestamp::from_nanos(until)),
                Behind::Connection => SavedBehind::Connection,
            },
        })
    }
}

impl From<&model::SavedJoining> for SavedJoining {
    fn from(joining: &model::SavedJoining) -> Self {
        Self {
            group: joining.group.0,
            stays: joining.stays,
            from: joining.from.map(|hold| saved_phase(Phase::Held(hold))),
        }
    }
}

impl SavedJoining {
    /// Reads it back; nothing if it comes from what is no hold.
    pub(super) fn read(self) -> Option<model::SavedJoining> {
        let from = match self.from {
            Some(phase) => match read_phase(phase)? {
                Phase::Held(hold) => Some(hold),
                Phase::Ringing { .. }
                | Phase::Dialing { .. }
                | Phase::Active { .. }
                | Phase::Ending { .. } => return None,
            },
            None => None,
        };
        Some(model::SavedJoining {
            group: GroupId(self.group),
            from,
            stays: self.stays,
        })
    }
}
