//! Between an entry and a row.

use std::sync::Arc;

use hookswitch_model::{
    Account, AccountId, AppId, CallId, Decision, Direction, End, EndReason, Handle, HandleKind,
    HandleKinds, MissedReasons, Origin, PhaseKind, RecentsEntry, Stamp, Text, Timestamp, Wall,
};
use hookswitch_wire::json::{KeptDecision, RecentsKind};
use rusqlite::Row;
use rusqlite::types::Value;

use crate::recents::Stored;

/// Most bytes of a decision that are kept with its call.
const DECISION_MAX: usize = 32 * 1024;

/// The columns, in the order of [`entry`].
pub(crate) const COLUMNS: &str = "id, call, app, app_name, direction, handle_kind, handle, name, \
    video, began_ms, alerted_ms, connected_ms, reason, origin, phase, ended_ms, callable, \
    missed_reasons, account, account_label, account_can, decision";

/// Takes [`values`]. A call that is kept already changes nothing.
pub(crate) const INSERT: &str = "
    INSERT INTO recents (kind, call, app, app_name, direction, handle_kind, handle, name, video,
        began_ms, alerted_ms, connected_ms, reason, origin, phase, ended_ms, callable,
        missed_reasons, account, account_label, account_can, decision)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
        ?20, ?21, ?22)
    ON CONFLICT (call, began_ms) DO NOTHING";

/// An entry as values.
pub(crate) fn values(entry: &RecentsEntry, kind: RecentsKind) -> [Value; 22] {
    let handle = entry.handle.as_ref();
    let account = entry.account.as_ref();
    let kind = match kind {
        RecentsKind::Plain => "plain",
        RecentsKind::Missed => "missed",
        RecentsKind::Blocked => "blocked",
    };
    [
        text(kind),
        text(&entry.call.to_string()),
        text(entry.app.as_str()),
        text(entry.app_name.as_str()),
        text(direction_name(entry.direction)),
        handle.map_or(Value::Null, |handle| text(handle.kind().name())),
        handle.map_or(Value::Null, |handle| text(handle.value())),
        entry
            .name
            .as_ref()
            .map_or(Value::Null, |name| text(name.as_str())),
        entry.video.into(),
        entry.began.as_millis().into(),
        millis(entry.alerted_ms),
        entry.connected_ms.map_or(Value::Null, millis),
        text(entry.end.reason.name()),
        text(entry.end.origin.name()),
        text(entry.end.phase.name()),
        entry.end.at.wall.as_millis().into(),
        entry.callable.into(),
        entry.missed_reasons.bits().into(),
        account.map_or(Value::Null, |account| text(account.id.as_str())),
        account.map_or(Value::Null, |account| text(account.label.as_str())),
        account.map_or(Value::Null, |account| abilities(account).into()),
        entry.decision.as_deref().map_or(Value::Null, decision_text),
    ]
}

/// A row as an entry; none if the row holds words that we never write.
pub(crate) fn entry(row: &Row<'_>) -> rusqlite::Result<Option<Stored>> {
    let raw = Raw {
        id: row.get(0)?,
        call: row.get(1)?,
        app: row.get(2)?,
        app_name: row.get(3)?,
        direction: row.get(4)?,
        handle_kind: row.get(5)?,
        handle: row.get(6)?,
        name: row.get(7)?,
        video: row.get(8)?,
        began_ms: row.get(9)?,
        alerted_ms: row.get(10)?,
        connected_ms: row.get(11)?,
        reason: row.get(12)?,
        origin: row.get(13)?,
        phase: row.get(14)?,
        ended_ms: row.get(15)?,
        callable: row.get(16)?,
        missed_reasons: row.get(17)?,
        account: row.get(18)?,
        account_label: row.get(19)?,
        account_can: row.get(20)?,
        decision: row.get(21)?,
    };
    Ok(raw.read())
}

struct Raw {
    id: i64,
    call: String,
    app: String,
    app_name: String,
    direction: String,
    handle_kind: Option<String>,
    handle: Option<String>,
    name: Option<String>,
    video: bool,
    began_ms: i64,
    alerted_ms: i64,
    connected_ms: Option<i64>,
    reason: String,
    origin: String,
    phase: String,
    ended_ms: i64,
    callable: bool,
    missed_reasons: i64,
    account: Option<String>,
    account_label: Option<String>,
    account_can: Option<i64>,
    decision: Option<String>,
}

impl Raw {
    fn read(self) -> Option<Stored> {
        let handle = match (&self.handle_kind, &self.handle) {
            (Some(kind), Some(value)) => {
                Some(Handle::new(HandleKind::from_name(kind)?, value).ok()?)
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return None,
        };
        let name = match &self.name {
            Some(name) => Some(Text::new(name).ok()?),
            None => None,
        };
        let account = match (&self.account, &self.account_label, self.account_can) {
            (Some(id), Some(label), Some(can)) => Some(read_account(id, label, can)?),
            (None, None, None) => None,
            (Some(_) | None, Some(_) | None, Some(_) | None) => return None,
        };
        let entry = RecentsEntry {
            call: self.call.parse::<CallId>().ok()?,
            app: AppId::new(&self.app)?,
            app_name: Text::new(&self.app_name).ok()?,
            direction: direction_from_name(&self.direction)?,
            handle,
            name,
            video: self.video,
            began: Wall::from_millis(self.began_ms),
            alerted_ms: u64::try_from(self.alerted_ms).ok()?,
            connected_ms: self.connected_ms.map(u64::try_from).transpose().ok()?,
            end: End {
                reason: EndReason::from_name(&self.reason)?,
                origin: Origin::from_name(&self.origin)?,
                phase: PhaseKind::from_name(&self.phase)?,
                at: Stamp::new(Timestamp::ZERO, Wall::from_millis(self.ended_ms)),
            },
            callable: self.callable,
            missed_reasons: MissedReasons::from_bits(u32::try_from(self.missed_reasons).ok()?),
            account,
            decision: self
                .decision
                .as_deref()
                .and_then(read_decision)
                .map(Arc::new),
        };
        let id = u64::try_from(self.id).ok()?;
        Some(Stored { id, entry })
    }
}

/// What an account can do, as bits: generic 1, phone number 2, e-mail address 4, dials 8, video 16.
fn abilities(account: &Account) -> i64 {
    let kinds = account.handle_kinds;
    let bits = [
        kinds.generic,
        kinds.phone_number,
        kinds.email_address,
        account.dials,
        account.video,
    ];
    let bit = |(place, on): (u32, &bool)| i64::from(*on) << place;
    (0..).zip(&bits).map(bit).sum()
}

fn read_account(id: &str, label: &str, can: i64) -> Option<Account> {
    let has = |place: u32| can >> place & 1 == 1;
    Some(Account {
        id: AccountId::new(id).ok()?,
        label: Text::new(label).ok()?,
        handle_kinds: HandleKinds {
            generic: has(0),
            phone_number: has(1),
            email_address: has(2),
        },
        dials: has(3),
        video: has(4),
    })
}

/// A decision as JSON; one that is too big is left out, its call is kept.
fn decision_text(decision: &Decision) -> Value {
    let kept = serde_json::to_string(&KeptDecision::from(decision)).ok();
    kept.filter(|text| text.len() <= DECISION_MAX)
        .map_or(Value::Null, Value::Text)
}

pub(crate) fn read_decision(text: &str) -> Option<Decision> {
    let kept: KeptDecision = serde_json::from_str(text).ok()?;
    kept.read()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn millis(millis: u64) -> Value {
    Value::Integer(i64::try_from(millis).unwrap_or(i64::MAX))
}

fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Incoming => "incoming",
        Direction::Outgoing => "outgoing",
    }
}

fn direction_from_name(name: &str) -> Option<Direction> {
    [Direction::Incoming, Direction::Outgoing]
        .into_iter()
        .find(|direction| direction_name(*direction) == name)
}
