//! The recents as messages: filters, and what counts as missed or blocked.

use hookswitch_model::{self as model, Direction, EndReason, MissedReasons};
use serde::{Deserialize, Serialize};

use crate::view::RecentsEntry;

/// Which recents are wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecentsFilter {
    /// All but the blocked ones.
    #[default]
    All,
    /// The missed ones.
    Missed,
    /// The blocked ones.
    Blocked,
}

impl RecentsFilter {
    /// The name on every wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Missed => "missed",
            Self::Blocked => "blocked",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::All, Self::Missed, Self::Blocked]
            .into_iter()
            .find(|filter| filter.name() == name)
    }
}

/// How an ended call counts in the recents.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RecentsKind {
    /// In the main list.
    Plain,
    /// In the main list, counted as missed.
    Missed,
    /// Kept out of the main list.
    Blocked,
}

/// Decides how an ended call counts, by the same table as its sentence: a call is missed exactly
/// when its sentence begins with "Missed".
#[must_use]
pub fn recents_kind(entry: &model::RecentsEntry) -> RecentsKind {
    let connected = entry.connected_ms.is_some();
    let why = entry.missed_reasons;
    match (entry.direction, entry.end.reason) {
        // Kept from ringing by another rule than a block.
        (Direction::Incoming, EndReason::Filtered)
            if why != MissedReasons::NONE && !why.is_block() =>
        {
            RecentsKind::Missed
        }
        (_, EndReason::Filtered) => RecentsKind::Blocked,
        (
            Direction::Incoming,
            EndReason::Unanswered
            | EndReason::CanceledByCaller
            | EndReason::Busy
            | EndReason::ExpiredBeforeDelivery,
        ) => RecentsKind::Missed,
        // An app that reports "remote ended" for a call that only rang means the caller gave up.
        (Direction::Incoming, EndReason::RemoteHangup) if !connected => RecentsKind::Missed,
        (
            Direction::Incoming | Direction::Outgoing,
            EndReason::LocalHangup
            | EndReason::RemoteHangup
            | EndReason::DeclinedHere
            | EndReason::DeclinedByRemote
            | EndReason::Unanswered
            | EndReason::CanceledByCaller
            | EndReason::AnsweredElsewhere
            | EndReason::DeclinedElsewhere
            | EndReason::Busy
            | EndReason::BusyElsewhere
            | EndReason::Failed
            | EndReason::ExpiredBeforeDelivery
            | EndReason::AppCrashed
            | EndReason::AppUnresponsive,
        ) => RecentsKind::Plain,
    }
}

/// The answer to `GET /api/v1/recents`, newest first.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RecentsPage {
    /// The entries.
    pub entries: Vec<RecentsEntry>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_read_back() {
        for filter in [
            RecentsFilter::All,
            RecentsFilter::Missed,
            RecentsFilter::Blocked,
        ] {
            assert_eq!(RecentsFilter::from_name(filter.name()), Some(filter));
        }
        assert_eq!(RecentsFilter::from_name("mine"), None);
    }
}
