//! Video, translation, and the buttons that apps add: what a call has beyond the fixed grid.

use hookswitch_model::{
    ActionFault, ActionKind, ButtonSnapshot, CallSnapshot, Control, Phase, Rejection, Snapshot,
};

use super::buttons::{controlled, ready};
use super::types::{Button, Offer, Party};
use super::words;
use crate::json::RequestBody;

/// What comes after the fixed grid, so that nothing in it moves.
pub(super) fn buttons(snapshot: &Snapshot, call: &CallSnapshot, app: &str) -> Vec<Button> {
    let mut all: Vec<Button> = [video(call, app), translate(call, app)]
        .into_iter()
        .flatten()
        .collect();
    all.extend(own(snapshot, call, app));
    all
}

fn video(call: &CallSnapshot, app: &str) -> Option<Button> {
    let label = if call.video {
        words::STOP_VIDEO
    } else {
        words::VIDEO
    };
    let request = RequestBody::Video {
        call: call.id.to_string(),
        on: !call.video,
    };
    let button = ready("video", label, Some(request));
    let button = controlled(&call.video_control, button, app)?;
    Some(Button {
        on: call.video,
        ..button
    })
}

/// Starting needs languages, which the client asks for; stopping needs nothing.
fn translate(call: &CallSnapshot, app: &str) -> Option<Button> {
    let stop = RequestBody::Translate {
        call: call.id.to_string(),
        local: None,
        remote: None,
    };
    let button = match &call.translating {
        None => ready("translate", words::TRANSLATE, None),
        Some(runs) => Button {
            detail: Some(words::languages(
                runs.languages.local.as_str(),
                runs.languages.remote.as_str(),
            )),
            on: true,
            ..ready("translate", words::STOP_TRANSLATING, Some(stop))
        },
    };
    controlled(&call.translate, button, app)
}

/// The app's own buttons, in its order. Behind a locked screen, those that need it open say so.
pub(super) fn own(snapshot: &Snapshot, call: &CallSnapshot, app: &str) -> Vec<Button> {
    let shown = |shown: &ButtonSnapshot| {
        let request = RequestBody::Press {
            call: call.id.to_string(),
            button: shown.button.id.to_string(),
        };
        let id = format!("app-{}", shown.button.id);
        let button = Button {
            icon: Some(shown.button.icon.name().to_owned()),
            detail: (snapshot.locked && shown.button.needs_unlock)
                .then(|| words::UNLOCK_FIRST.to_owned()),
            ..ready(&id, shown.button.label.as_str(), Some(request))
        };
        controlled(&shown.control, button, app)
    };
    call.buttons.iter().filter_map(shown).collect()
}

/// What the user is asked about a call: the other party's offer of video, else digits that wait.
pub(super) fn offer(call: &CallSnapshot, party: &Party) -> Option<Offer> {
    video_offer(call, party).or_else(|| rest(call, party))
}

/// Digits behind a hard pause. While nobody talks they cannot be sent, and say why.
fn rest(call: &CallSnapshot, party: &Party) -> Option<Offer> {
    let digits = call.digits_waiting.as_ref()?;
    let id = call.id.to_string();
    let send = RequestBody::SendRest { call: id.clone() };
    let send = ready("send-rest", words::SEND, Some(send));
    let control = match call.phase {
        Phase::Active { .. } => Control::Ready,
        Phase::Ringing { .. } | Phase::Dialing { .. } | Phase::Held(_) | Phase::Ending { .. } => {
            Control::Refused(Rejection::InvalidAction {
                call: call.id,
                action: ActionKind::PlayDigits,
                fault: ActionFault::Phase(call.phase.kind()),
            })
        }
    };
    Some(Offer {
        text: words::send_rest(digits.as_str()),
        agree: controlled(&control, send, &party.app.name)?,
        decline: ready(
            "drop-rest",
            words::DO_NOT_SEND,
            Some(RequestBody::DropRest { call: id }),
        ),
    })
}

fn video_offer(call: &CallSnapshot, party: &Party) -> Option<Offer> {
    call.video_offer?;
    let id = call.id.to_string();
    Some(Offer {
        text: words::offers_video(&party.title),
        agree: ready(
            "agree-to-video",
            words::VIDEO,
            Some(RequestBody::Video {
                call: id.clone(),
                on: true,
            }),
        ),
        decline: ready(
            "decline-video",
            words::KEEP_AUDIO,
            Some(RequestBody::DeclineVideo { call: id }),
        ),
    })
}

/// What else one should know of a call that is there.
pub(super) fn note(snapshot: &Snapshot, call: &CallSnapshot, app: &str) -> Option<String> {
    if let Some(action) = call.slow {
        Some(words::takes_long(app, action))
    } else if snapshot.unlocking == Some(call.id) {
        Some(words::UNLOCK_TO_GO_ON.to_owned())
    } else if call.muted && call.uplink {
        Some(words::MUTED_BUT_TRANSLATED.to_owned())
    } else {
        None
    }
}
