//! The record of a call that ended, as it waits for the recents.
//!
//! Version 1, as [`SavedCall`](super::SavedCall): read only by the daemon, in the same boot.

use std::sync::Arc;

use hookswitch_model::{
    Account, AccountId, AppId, Direction, End, EndReason, HandleKinds, MissedReasons, Origin,
    PhaseKind, RecentsEntry, Stamp, Text, Timestamp, Wall,
};
use serde::{Deserialize, Serialize};

use super::kept_decision::KeptDecision;
use super::saved::{KindAndValue, read_handle, read_text, saved_handle};

/// The record of a call that ended, kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SavedRecord {
    call: String,
    app: String,
    app_name: String,
    outgoing: bool,
    handle: Option<KindAndValue>,
    name: Option<String>,
    video: bool,
    began: i64,
    alerted: u64,
    connected: Option<u64>,
    reason: String,
    origin: String,
    phase: String,
    at: (u64, i64),
    callable: bool,
    missed_reasons: u32,
    account: Option<SavedAccount>,
    #[serde(default)]
    decision: Option<KeptDecision>,
}

/// Id, label, and what it can do: generic, phone number, e-mail address, dials, video.
type SavedAccount = (String, String, [bool; 5]);

impl From<&RecentsEntry> for SavedRecord {
    fn from(entry: &RecentsEntry) -> Self {
        let end = &entry.end;
        Self {
            call: entry.call.to_string(),
            app: entry.app.as_str().to_owned(),
            app_name: entry.app_name.as_str().to_owned(),
            outgoing: entry.direction == Direction::Outgoing,
            handle: entry.handle.as_ref().map(saved_handle),
            name: entry.name.as_ref().map(|name| name.as_str().to_owned()),
            video: entry.video,
            began: entry.began.as_millis(),
            alerted: entry.alerted_ms,
            connected: entry.connected_ms,
            reason: end.reason.name().to_owned(),
            origin: end.origin.name().to_owned(),
            phase: end.phase.name().to_owned(),
            at: (end.at.at.as_nanos(), end.at.wall.as_millis()),
            callable: entry.callable,
            missed_reasons: entry.missed_reasons.bits(),
            account: entry.account.as_ref().map(saved_account),
            decision: entry.decision.as_deref().map(KeptDecision::from),
        }
    }
}

impl SavedRecord {
    /// Reads it back; nothing if any part of it is not valid.
    #[must_use]
    pub fn read(self) -> Option<RecentsEntry> {
        let account = match self.account {
            Some(account) => Some(read_account(&account)?),
            None => None,
        };
        let (at, wall) = self.at;
        Some(RecentsEntry {
            call: self.call.parse().ok()?,
            app: AppId::new(&self.app)?,
            app_name: Text::new(&self.app_name).ok()?,
            direction: if self.outgoing {
                Direction::Outgoing
            } else {
                Direction::Incoming
            },
            handle: read_handle(self.handle)?,
            name: read_text(self.name)?,
            video: self.video,
            began: Wall::from_millis(self.began),
            alerted_ms: self.alerted,
            connected_ms: self.connected,
            end: End {
                reason: EndReason::from_name(&self.reason)?,
                origin: Origin::from_name(&self.origin)?,
                phase: PhaseKind::from_name(&self.phase)?,
                at: Stamp::new(Timestamp::from_nanos(at), Wall::from_millis(wall)),
            },
            callable: self.callable,
            missed_reasons: MissedReasons::from_bits(self.missed_reasons),
            account,
            // A record without its reasons is better than none.
            decision: self.decision.and_then(|kept| kept.read()).map(Arc::new),
        })
    }
}

fn saved_account(account: &Account) -> SavedAccount {
    let kinds = account.handle_kinds;
    let can = [
        kinds.generic,
        kinds.phone_number,
        kinds.email_address,
        account.dials,
        account.video,
    ];
    let id = account.id.as_str().to_owned();
    (id, account.label.as_str().to_owned(), can)
}

fn read_account((id, label, can): &SavedAccount) -> Option<Account> {
    let [generic, phone_number, email_address, dials, video] = *can;
    Some(Account {
        id: AccountId::new(id).ok()?,
        label: Text::new(label).ok()?,
        handle_kinds: HandleKinds {
            generic,
            phone_number,
            email_address,
        },
        dials,
        video,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookswitch_model::{CallId, Handle, HandleKind};

    fn entry(reason: EndReason, origin: Origin) -> RecentsEntry {
        RecentsEntry {
            call: CallId(7),
            app: AppId::new("org.example.App").expect("valid"),
            app_name: Text::new("Acme").expect("valid"),
            direction: Direction::Outgoing,
            handle: Handle::new(HandleKind::PhoneNumber, "+12025550101").ok(),
            name: Text::new("Ana").ok(),
            video: true,
            began: Wall::from_millis(1),
            alerted_ms: 2,
            connected_ms: Some(3),
            end: End {
                reason,
                origin,
                phase: PhaseKind::Active,
                at: Stamp::new(Timestamp::from_nanos(4), Wall::from_millis(5)),
            },
            callable: true,
            missed_reasons: MissedReasons::SILENCED,
            account: Some(Account {
                id: AccountId::new("work").expect("valid"),
                label: Text::new("Work").expect("valid"),
                handle_kinds: HandleKinds {
                    generic: false,
                    phone_number: true,
                    email_address: false,
                },
                dials: true,
                video: false,
            }),
            decision: None,
        }
    }

    fn back(entry: &RecentsEntry) -> Option<RecentsEntry> {
        let text = serde_json::to_string(&SavedRecord::from(entry)).expect("JSON");
        let saved: SavedRecord = serde_json::from_str(&text).expect("JSON");
        saved.read()
    }

    #[test]
    fn every_end_reads_back() {
        for reason in EndReason::ALL {
            for origin in Origin::ALL {
                let entry = entry(reason, origin);
                assert_eq!(back(&entry), Some(entry));
            }
        }
        let bare = RecentsEntry {
            direction: Direction::Incoming,
            handle: None,
            name: None,
            connected_ms: None,
            account: None,
            ..entry(EndReason::Unanswered, Origin::Remote)
        };
        assert_eq!(back(&bare), Some(bare));
    }

    #[test]
    fn what_is_not_valid_is_not_read() {
        let mut broken = SavedRecord::from(&entry(EndReason::Busy, Origin::Remote));
        broken.reason = "boredom".to_owned();
        assert_eq!(broken.read(), None);
    }
}
