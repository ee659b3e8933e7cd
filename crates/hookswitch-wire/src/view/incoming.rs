//! The ringing call that is presented, and the ways to deal with it.

use hookswitch_model::{
    ActionKind, AnswerChoice, AnswerMode, AnswerVerdict, CallId, CallSnapshot, Phase, PhaseKind,
    Rejection, Snapshot,
};

use super::buttons::is_under_way;
use super::party::{self, app_name};
use super::types::{Choice, Incoming, IncomingBusy};
use super::words::{self, Meanwhile};
use crate::json::RequestBody;

/// The card of the presented call.
pub(super) fn incoming(snapshot: &Snapshot) -> Option<Incoming> {
    let call = presented(snapshot)?;
    let party = party::party(snapshot, call);
    let other = other_call(snapshot, call.id);
    let announcement = match other {
        None => words::announce_incoming(call.video, &party.title, &party.app.name),
        Some((meanwhile, other)) => {
            let other = party::parties(snapshot, other).title;
            words::announce_second(&party.title, &party.app.name, meanwhile, &other)
        }
    };
    Some(Incoming {
        call: call.id.to_string(),
        video: call.video,
        kind_text: kind_text(call.video).to_owned(),
        since_ms: since(call),
        silenced: call.silenced,
        busy: busy(call),
        choices: choices(snapshot, call),
        buttons: super::extras::own(snapshot, call, &party.app.name),
        disclosure: disclosure(snapshot),
        waiting: other.is_some(),
        announcement,
        party,
    })
}

/// The presented call, as long as it can be answered or is being declined.
pub(super) fn presented(snapshot: &Snapshot) -> Option<&CallSnapshot> {
    let call = party::find(snapshot, snapshot.presented?)?;
    let was_ringing = match call.phase {
        Phase::Ringing { .. } => true,
        Phase::Ending { from, .. } => from == PhaseKind::Ringing,
        Phase::Dialing { .. } | Phase::Active { .. } | Phase::Held(_) => false,
    };
    was_ringing.then_some(call)
}

/// "Audio call" or "Video call".
pub(super) fn kind_text(is_video: bool) -> &'static str {
    if is_video {
        words::VIDEO_CALL
    } else {
        words::AUDIO_CALL
    }
}

fn since(call: &CallSnapshot) -> i64 {
    match call.phase {
        Phase::Ringing { since, .. } => since.wall.as_millis(),
        Phase::Dialing { .. } | Phase::Active { .. } | Phase::Held(_) | Phase::Ending { .. } => {
            call.began.wall.as_millis()
        }
    }
}

fn busy(call: &CallSnapshot) -> Option<IncomingBusy> {
    if call.phase.kind() == PhaseKind::Ending {
        return Some(IncomingBusy::Declining);
    }
    match call.pending? {
        ActionKind::Answer => Some(IncomingBusy::Answering),
        ActionKind::End => Some(IncomingBusy::Declining),
        ActionKind::Start
        | ActionKind::SetHeld
        | ActionKind::SetMuted
        | ActionKind::SetGroup
        | ActionKind::PlayDigits
        | ActionKind::SetVideo
        | ActionKind::DeclineVideo
        | ActionKind::SetTranslating
        | ActionKind::Custom => None,
    }
}

/// The live call that a second caller interrupts: on the line, else on its way, else on hold.
fn other_call(snapshot: &Snapshot, ringing: CallId) -> Option<(Meanwhile, &CallSnapshot)> {
    let rank = |call: &CallSnapshot| match call.phase {
        Phase::Active { .. } => Some((0, Meanwhile::Talking)),
        Phase::Dialing { .. } => Some((1, Meanwhile::Calling)),
        Phase::Held(_) if call.phase.is_on_hold() => Some((2, Meanwhile::Holding)),
        Phase::Held(_) | Phase::Ringing { .. } | Phase::Ending { .. } => None,
    };
    let others = snapshot.live().filter(|call| call.id != ringing);
    others
        .filter_map(|call| rank(call).map(|(rank, meanwhile)| (rank, meanwhile, call)))
        .min_by_key(|(rank, ..)| *rank)
        .map(|(_, meanwhile, call)| (meanwhile, call))
}

fn choices(snapshot: &Snapshot, call: &CallSnapshot) -> Vec<Choice> {
    let party = party::party(snapshot, call);
    let is_waiting = other_call(snapshot, call.id).is_some();
    let decline = Choice {
        id: "decline".to_owned(),
        label: words::DECLINE.to_owned(),
        detail: is_waiting.then_some(party.title),
        description: None,
        enabled: true,
        reason: None,
        request: RequestBody::Decline {
            call: call.id.to_string(),
        },
    };
    let answers = snapshot.answers.iter();
    std::iter::once(decline)
        .chain(answers.map(|answer| choice(snapshot, call, answer)))
        .collect()
}

fn choice(snapshot: &Snapshot, call: &CallSnapshot, answer: &AnswerChoice) -> Choice {
    let (detail, description, reason) = match &answer.verdict {
        AnswerVerdict::Allowed { ends, holds } => {
            let (detail, description) = effect(snapshot, ends, holds);
            (detail, description, None)
        }
        AnswerVerdict::Refused(rejection) if is_under_way(rejection) => (None, None, None),
        AnswerVerdict::Refused(rejection) => {
            let app = obstacle(snapshot, call, rejection);
            let reason = words::refusal(rejection, &app);
            (Some(bare(&reason)), None, Some(reason))
        }
    };
    Choice {
        id: choice_id(answer.mode).to_owned(),
        label: words::answer_label(answer.mode).to_owned(),
        detail,
        description,
        enabled: reason.is_none(),
        reason,
        request: RequestBody::Answer {
            call: call.id.to_string(),
            mode: answer.mode.into(),
        },
    }
}

/// Whom a way to answer affects: the second line, and the description for a screen reader.
fn effect(
    snapshot: &Snapshot,
    ends: &[CallId],
    holds: &[CallId],
) -> (Option<String>, Option<String>) {
    let ended = ends.first().and_then(|call| party::find(snapshot, *call));
    let ended = ended.map(|call| party::parties(snapshot, call));
    let held = holds.first().and_then(|call| party::title(snapshot, *call));
    let detail = match (&ended, &held) {
        (Some(ended), _) => Some(words::ends(&ended.title)),
        (None, Some(held)) => Some(words::waits_on_hold(held)),
        (None, None) => None,
    };
    let description = ended.map(|ended| words::ends_call_with(&ended.title, &ended.app.name));
    (detail, description)
}

/// The name of the app whose call is the obstacle.
fn obstacle(snapshot: &Snapshot, ringing: &CallSnapshot, rejection: &Rejection) -> String {
    let named = match rejection {
        Rejection::InvalidAction { call, .. } => party::find(snapshot, *call),
        Rejection::UnknownCall(_)
        | Rejection::AlreadyEnded { .. }
        | Rejection::CallExists(_)
        | Rejection::Unentitled
        | Rejection::UnknownProvider
        | Rejection::EmptyTransaction
        | Rejection::NotNow(_)
        | Rejection::LimitReached { .. }
        | Rejection::UnknownEndpoint
        | Rejection::UnknownAsk
        | Rejection::FilteredByDoNotDisturb
        | Rejection::FilteredByBlockList
        | Rejection::FilteredByRestriction
        | Rejection::UserBusy
        | Rejection::FilteredWhileBusy
        | Rejection::CallIsProtected
        | Rejection::ArrivedLate
        | _ => None,
    };
    let on_line = || other_call(snapshot, ringing.id).map(|(_, call)| call);
    app_name(snapshot, &named.or_else(on_line).unwrap_or(ringing).app)
}

/// Which calls the buttons end.
fn disclosure(snapshot: &Snapshot) -> Option<String> {
    let allowed: Vec<_> = snapshot.answers.iter().filter_map(allowed).collect();
    let only_way = allowed.len() == 1;
    let sentences: Vec<String> = allowed
        .iter()
        .filter_map(|(mode, ends)| {
            let ended = party::find(snapshot, (*ends)?)?;
            let app = app_name(snapshot, &ended.app);
            Some(if only_way {
                words::answering_ends(&app)
            } else {
                words::discloses(words::answer_label(*mode), &app)
            })
        })
        .collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

fn allowed(answer: &AnswerChoice) -> Option<(AnswerMode, Option<CallId>)> {
    match &answer.verdict {
        AnswerVerdict::Allowed { ends, .. } => Some((answer.mode, ends.first().copied())),
        AnswerVerdict::Refused(_) => None,
    }
}

fn choice_id(mode: AnswerMode) -> &'static str {
    match mode {
        AnswerMode::Auto => "answer",
        AnswerMode::HoldAndAnswer => "hold-and-answer",
        AnswerMode::EndAndAnswer => "end-and-answer",
        AnswerMode::EndHeldAndAnswer => "end-held-and-answer",
    }
}

/// A sentence without its full stop, for a second line.
fn bare(sentence: &str) -> String {
    sentence.trim_end_matches('.').to_owned()
}
