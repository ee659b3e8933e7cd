//! What happened of late, as messages: what, what is still in force, what one can do.

use core::time::Duration;

use hookswitch_model::{
    CallId, End, EndReason, Limit, Limits, Notice, NoticeKind, Privacy, Snapshot,
};

use super::types::{Message, MessageAction, Tone};
use super::words::{self, ended};
use super::{party, recents};
use crate::json::RequestBody;

/// Messages from the notices, newest last.
pub(super) fn messages(snapshot: &Snapshot, limits: &Limits) -> Vec<Message> {
    let message = |notice: &Notice| {
        let said = say(snapshot, limits, notice);
        Message {
            id: format!("n{}", notice.id),
            text: said.text.trim_end_matches('.').to_owned(), // a headline
            detail: said.detail,
            tone: said.tone,
            alert: said.alert,
            action: said.about.and_then(|call| open(snapshot, call)),
            at_ms: notice.at.wall.as_millis(),
        }
    };
    let stands = |notice: &&Notice| still_stands(snapshot, notice);
    snapshot
        .notices
        .iter()
        .filter(stands)
        .map(message)
        .collect()
}

/// That an app is gone matters while its calls wait for it; then their ends are told.
fn still_stands(snapshot: &Snapshot, notice: &Notice) -> bool {
    match notice.kind {
        NoticeKind::AppGone => snapshot
            .calls
            .iter()
            .any(|call| call.app == notice.app && call.orphaned_until.is_some()),
        NoticeKind::Ended { .. }
        | NoticeKind::HoldSlow(_)
        | NoticeKind::HoldRefused(_)
        | NoticeKind::LineTaken(_)
        | NoticeKind::NotDone(..) => true,
    }
}

struct Said {
    text: String,
    detail: Option<String>,
    tone: Tone,
    alert: bool,
    /// The call whose app may be opened to see to it.
    about: Option<CallId>,
}

fn say(snapshot: &Snapshot, limits: &Limits, notice: &Notice) -> Said {
    let app = notice.app_name.as_str();
    let party = notice.party.as_ref();
    let name = match snapshot.policy.privacy_in(&notice.app) {
        Privacy::NameHidden => words::SOMEONE,
        Privacy::Full => party.map_or(words::UNKNOWN, |party| {
            party::display_handle(party.as_str())
        }),
    };
    let changed = |text: String, detail: String, tone: Tone, about: Option<CallId>| Said {
        text,
        detail: Some(detail),
        tone,
        alert: true,
        about,
    };
    match notice.kind {
        NoticeKind::Ended {
            end, connected_ms, ..
        } => say_ended(name, app, end, connected_ms),
        NoticeKind::HoldSlow(call) => changed(
            words::did_not_hold(app, limits.time(Limit::Stage)),
            words::kept_on_hold(name),
            Tone::Caution,
            Some(call),
        ),
        NoticeKind::HoldRefused(call) => changed(
            words::refused_to_hold(app),
            words::kept_on_hold(name),
            Tone::Caution,
            Some(call),
        ),
        NoticeKind::LineTaken(call) => changed(
            words::LINE_TAKEN.to_owned(),
            words::kept_on_hold(name),
            Tone::Caution,
            Some(call),
        ),
        NoticeKind::NotDone(call, action) => changed(
            words::not_done(app, action),
            party::find(snapshot, call).map_or_else(
                || ended::has_ended_with(name),
                |_| words::as_it_was(name, app),
            ),
            Tone::Caution,
            Some(call),
        ),
        NoticeKind::AppGone => changed(
            words::stopped_working(app),
            words::calls_stay_open(app, limits.time(Limit::Orphan)),
            Tone::Bad,
            None,
        ),
    }
}

fn say_ended(name: &str, app: &str, end: End, connected_ms: Option<u64>) -> Said {
    let span = connected_ms.map(|ms| words::exact_span(Duration::from_millis(ms)));
    let place = match &span {
        Some(span) => ended::span_in(span, app),
        None => ended::party_in(name, app),
    };
    let info = |text: String| Said {
        text,
        detail: Some(place.clone()),
        tone: Tone::Info,
        alert: false,
        about: None,
    };
    let broke = |text: String, detail: String| Said {
        text,
        detail: Some(detail),
        tone: Tone::Bad,
        alert: true,
        about: None,
    };
    match end.reason {
        EndReason::LocalHangup => info(ended::call_ended(name)),
        EndReason::RemoteHangup => info(ended::they_ended(name)),
        EndReason::DeclinedHere => info(ended::YOU_DECLINED.to_owned()),
        EndReason::DeclinedByRemote => info(ended::they_declined(name)),
        EndReason::Unanswered if end.phase == hookswitch_model::PhaseKind::Dialing => {
            info(ended::no_answer_from(name))
        }
        EndReason::Unanswered | EndReason::CanceledByCaller | EndReason::ExpiredBeforeDelivery => {
            info(ended::missed_from(name))
        }
        EndReason::AnsweredElsewhere => info(ended::ANSWERED_ELSEWHERE.to_owned()),
        EndReason::DeclinedElsewhere => info(ended::DECLINED_ELSEWHERE.to_owned()),
        EndReason::Busy => info(ended::was_busy(name)),
        EndReason::BusyElsewhere => info(ended::BUSY_ELSEWHERE.to_owned()),
        EndReason::Filtered => info(ended::FILTERED.to_owned()),
        EndReason::Failed if span.is_some() => broke(ended::failed(name), place.clone()),
        EndReason::Failed => broke(
            ended::failed(name),
            ended::could_not_connect(&recents::failure(end.origin, app)),
        ),
        EndReason::AppCrashed => broke(words::stopped_working(app), ended::has_ended_with(name)),
        EndReason::AppUnresponsive => {
            broke(ended::did_not_respond(app), ended::has_ended_with(name))
        }
    }
}

/// "Open Acme", as long as the call is there.
fn open(snapshot: &Snapshot, call: CallId) -> Option<MessageAction> {
    let call = party::find(snapshot, call)?;
    Some(MessageAction {
        label: words::open_app(&party::app_name(snapshot, &call.app)),
        request: RequestBody::OpenApp {
            call: call.id.to_string(),
        },
    })
}
