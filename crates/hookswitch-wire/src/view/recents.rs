//! A finished call in one plain sentence.

use core::time::Duration;

use hookswitch_model::{self as model, Direction, EndReason, MissedReasons, Origin, Privacy};

use super::types::{PartyApp, RecentsDirection, RecentsEntry};
use super::words::{self, ended};
use super::{decision, party};
use crate::json::{RecentsKind, RequestBody, recents_kind};
use crate::privacy;

/// Makes the entry that a client shows. `id` is its place in the store.
#[must_use]
pub fn recents_entry(id: u64, entry: &model::RecentsEntry) -> RecentsEntry {
    let kind = recents_kind(entry);
    let app = PartyApp {
        id: entry.app.to_string(),
        name: entry.app_name.as_str().to_owned(),
        account: party::account_label(entry.account.as_ref()),
    };
    let redial = redial(entry);
    let anonymous = entry.handle.is_none();
    let redial_reason = match &redial {
        Some(_) => None,
        None => Some(words::not_callable(&app.name, anonymous)),
    };
    let name = entry.name.as_ref().map(|name| name.as_str());
    RecentsEntry {
        id: id.to_string(),
        call: entry.call.to_string(),
        party: party::build(name, entry.handle.as_ref(), app, None),
        video: entry.video,
        direction: match entry.direction {
            Direction::Incoming => RecentsDirection::Incoming,
            Direction::Outgoing => RecentsDirection::Outgoing,
        },
        sentence: sentence(entry),
        missed: kind == RecentsKind::Missed,
        blocked: kind == RecentsKind::Blocked,
        did_not_ring: kind == RecentsKind::Missed
            && entry.missed_reasons.contains(MissedReasons::NEVER_RANG),
        reasons: entry.missed_reasons.names().map(str::to_owned).collect(),
        started_ms: entry.began.as_millis(),
        duration_ms: entry.connected_ms,
        redial,
        redial_reason,
        why: entry.decision.as_deref().and_then(decision::why),
    }
}

/// The same, as much of it as the user wants shown: with a hidden name neither that nor the
/// address is in it, so it cannot be called back from here.
#[must_use]
pub fn recents_entry_shown(id: u64, entry: &model::RecentsEntry, privacy: Privacy) -> RecentsEntry {
    let shown = recents_entry(id, entry);
    match privacy {
        Privacy::Full => shown,
        Privacy::NameHidden => {
            let app = shown.party.app;
            let title = privacy::title(&app.name, entry.direction);
            RecentsEntry {
                redial: None,
                redial_reason: Some(words::hidden(&app.name)),
                party: party::build(Some(&title), None, app, None),
                why: None,
                ..shown
            }
        }
    }
}

fn redial(entry: &model::RecentsEntry) -> Option<RequestBody> {
    let handle = entry.handle.as_ref().filter(|_| entry.callable)?;
    Some(RequestBody::Dial {
        app: entry.app.to_string(),
        handle: handle.value().to_owned(),
        handle_kind: Some(handle.kind().name().to_owned()),
        video: entry.video,
        account: entry
            .account
            .as_ref()
            .map(|account| account.id.as_str().to_owned()),
    })
}

fn sentence(entry: &model::RecentsEntry) -> String {
    let app = entry.app_name.as_str();
    let is_outgoing = entry.direction == Direction::Outgoing;
    let rang = words::ring_span(Duration::from_millis(entry.alerted_ms));
    let why = entry.missed_reasons;
    if recents_kind(entry) == RecentsKind::Missed && why.contains(MissedReasons::NEVER_RANG) {
        return ended::did_not_ring(&why_silent(entry));
    }
    if recents_kind(entry) == RecentsKind::Missed
        && let Some(why) = why_unheard(why)
    {
        return ended::missed_unheard(&rang, why);
    }
    match entry.end.reason {
        EndReason::LocalHangup => over(entry, by_you(entry.end.origin)),
        EndReason::RemoteHangup if entry.connected_ms.is_none() && !is_outgoing => {
            ended::missed_gave_up(&rang)
        }
        EndReason::RemoteHangup => over(entry, ended::BY_THEM),
        EndReason::DeclinedHere => ended::YOU_DECLINED.to_owned(),
        EndReason::DeclinedByRemote => ended::THEY_DECLINED.to_owned(),
        EndReason::Unanswered if is_outgoing => ended::NO_ANSWER.to_owned(),
        EndReason::Unanswered => ended::missed_rang(&rang),
        EndReason::CanceledByCaller if is_outgoing => over(entry, ended::BY_THEM),
        EndReason::CanceledByCaller => ended::missed_gave_up(&rang),
        EndReason::AnsweredElsewhere => ended::ANSWERED_ELSEWHERE.to_owned(),
        EndReason::DeclinedElsewhere => ended::DECLINED_ELSEWHERE.to_owned(),
        EndReason::Busy if is_outgoing => ended::THEY_WERE_BUSY.to_owned(),
        EndReason::Busy => ended::WE_WERE_BUSY.to_owned(),
        EndReason::BusyElsewhere => ended::BUSY_ELSEWHERE.to_owned(),
        EndReason::Failed if entry.connected_ms.is_some() => over(entry, ended::BY_FAILURE),
        EndReason::Failed => ended::could_not_connect(&failure(entry.end.origin, app)),
        EndReason::Filtered => blocked(why).to_owned(),
        EndReason::ExpiredBeforeDelivery if is_outgoing => ended::NO_ANSWER.to_owned(),
        EndReason::ExpiredBeforeDelivery => ended::did_not_ring(ended::ARRIVED_LATE),
        EndReason::AppCrashed => ended::app_crashed(app),
        EndReason::AppUnresponsive => ended::app_unresponsive(app),
    }
}

/// Why nothing was heard of a call that was shown.
fn why_unheard(why: MissedReasons) -> Option<&'static str> {
    let words = [
        (MissedReasons::NO_SOUND, ended::NO_SOUND),
        (MissedReasons::RING_MUTED, ended::RING_MUTED),
    ];
    let found = words.into_iter().find(|(reason, _)| why.contains(*reason));
    found.map(|(_, words)| words)
}

/// Why a missed call did not ring: the one reason that says most.
fn why_silent(entry: &model::RecentsEntry) -> String {
    let has = |reason| entry.missed_reasons.contains(reason);
    if has(MissedReasons::LATE) {
        let late = entry.end.at.wall.as_millis() - entry.began.as_millis();
        let late = Duration::from_millis(u64::try_from(late).unwrap_or_default());
        if late < Duration::from_secs(1) {
            return ended::ARRIVED_LATE.to_owned();
        }
        return ended::arrived_late(&words::span(late));
    }
    if has(MissedReasons::PROTECTED) {
        return ended::was_locked(entry.app_name.as_str());
    }
    let words = [
        (MissedReasons::EMERGENCY, ended::EMERGENCY),
        (MissedReasons::DO_NOT_DISTURB, ended::DO_NOT_DISTURB),
        (MissedReasons::RESTRICTED, ended::RESTRICTED),
        (MissedReasons::BUSY, second_call(entry.end.reason)),
        (MissedReasons::LIMIT, ended::NO_ROOM),
    ];
    let found = words.into_iter().find(|(reason, _)| has(*reason));
    match found {
        Some((_, words)) => words.to_owned(),
        None => ended::BEHIND_ANOTHER.to_owned(),
    }
}

/// Whether the caller of a second call heard that the user was busy.
fn second_call(reason: EndReason) -> &'static str {
    match reason == EndReason::Busy {
        true => ended::SECOND_BUSY,
        false => ended::SECOND_MISSED,
    }
}

fn blocked(why: MissedReasons) -> &'static str {
    if why.contains(MissedReasons::BLOCKED) {
        ended::BLOCKED
    } else if why.contains(MissedReasons::BLOCKED_LATE) {
        ended::BLOCKED_LATE
    } else if why.contains(MissedReasons::SCREENED) {
        ended::SCREENED
    } else {
        ended::FILTERED
    }
}

/// Direction, how long, and how.
fn over(entry: &model::RecentsEntry, how: &str) -> String {
    let is_outgoing = entry.direction == Direction::Outgoing;
    match entry.connected_ms {
        None => ended::unconnected(is_outgoing, how),
        Some(ms) => {
            let span = words::span(Duration::from_millis(ms));
            ended::connected(is_outgoing, &span, how)
        }
    }
}

fn by_you(origin: Origin) -> &'static str {
    match origin {
        Origin::CallWaiting => ended::BY_YOU_FOR_ANOTHER,
        Origin::User
        | Origin::App
        | Origin::Remote
        | Origin::OtherDevice
        | Origin::RingLimit
        | Origin::Limit
        | Origin::System => ended::BY_YOU,
    }
}

/// Why a call failed, as far as its origin tells.
pub(super) fn failure(origin: Origin, app: &str) -> String {
    match origin {
        Origin::App | Origin::User | Origin::OtherDevice | Origin::CallWaiting => {
            ended::app_failed(app)
        }
        Origin::Remote => ended::REMOTE_FAILED.to_owned(),
        Origin::Limit => ended::LIMIT_FAILED.to_owned(),
        Origin::RingLimit | Origin::System => ended::SYSTEM_FAILED.to_owned(),
    }
}
