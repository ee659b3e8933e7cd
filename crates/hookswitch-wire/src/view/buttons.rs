//! The grid of a live call, in its fixed order, and the End button.

use hookswitch_model::{
    ActionFault, ActionKind, AnswerMode, CallSnapshot, Control, Phase, PhaseKind, Rejection,
    Snapshot,
};

use super::build::ViewInput;
use super::types::{Button, Party};
use super::words;
use super::{extras, party};
use crate::json::RequestBody;

/// Mute, keypad, audio, hold or swap, add call, open app; then video, translation, the app's own.
pub(super) fn grid(input: &ViewInput<'_>, call: &CallSnapshot, party: &Party) -> Vec<Button> {
    let app = &party.app.name;
    [
        mute(input.snapshot, call, app),
        keypad(call, app),
        Some(audio(input.snapshot)),
        hold_or_swap(input.snapshot, call, app),
        Some(add_call_or_merge(input, call, app)),
        Some(open_app(input.snapshot, call, app)),
    ]
    .into_iter()
    .flatten()
    .chain(extras::buttons(input.snapshot, call, app))
    .collect()
}

/// The End button; with several live calls it carries the person's name.
pub(super) fn end(call: &CallSnapshot, party: &Party, is_only_call: bool) -> Button {
    let id = call.id.to_string();
    let (label, request) = match call.group {
        Some(_) => (words::END_ALL, RequestBody::EndGroup { call: id }),
        None => (words::END, RequestBody::End { call: id }),
    };
    Button {
        detail: (!is_only_call).then(|| party.title.clone()),
        busy: is_ending(call),
        ..ready("end", label, Some(request))
    }
}

/// End and Private, for one call of a group.
pub(super) fn of_member(call: &CallSnapshot, app: &str) -> (Button, Button) {
    let id = || call.id.to_string();
    let private = ready(
        "private",
        words::PRIVATE,
        Some(RequestBody::Split { call: id() }),
    );
    let end = Button {
        busy: is_ending(call),
        ..ready("end", words::END, Some(RequestBody::End { call: id() }))
    };
    let under_way = || Button {
        busy: true,
        ..private.clone()
    };
    let private = controlled(&call.split, private.clone(), app).unwrap_or_else(under_way);
    (private, end)
}

fn is_ending(call: &CallSnapshot) -> bool {
    call.phase.kind() == PhaseKind::Ending || call.pending == Some(ActionKind::End)
}

fn mute(snapshot: &Snapshot, call: &CallSnapshot, app: &str) -> Option<Button> {
    let on = party::is_muted(snapshot, call);
    let label = if on { words::UNMUTE } else { words::MUTE };
    let request = RequestBody::Mute {
        call: call.id.to_string(),
        on: !on,
    };
    let button = controlled(&call.mute, ready("mute", label, Some(request)), app)?;
    Some(Button { on, ..button })
}

fn keypad(call: &CallSnapshot, app: &str) -> Option<Button> {
    controlled(&call.digits, ready("keypad", words::KEYPAD, None), app)
}

fn audio(snapshot: &Snapshot) -> Button {
    let button = ready("audio", words::AUDIO, None);
    if snapshot.endpoints.is_empty() {
        return refused(
            button,
            words::NO_AUDIO.to_owned(),
            words::NO_AUDIO_REASON.to_owned(),
        );
    }
    Button {
        detail: route_name(snapshot),
        ..button
    }
}

/// The name of the audio device in use.
pub(super) fn route_name(snapshot: &Snapshot) -> Option<String> {
    let route = snapshot.audio.route.effective.as_ref()?;
    super::sound::name_of(snapshot, route)
}

fn hold_or_swap(snapshot: &Snapshot, call: &CallSnapshot, app: &str) -> Option<Button> {
    if call.phase.is_at_voicemail() {
        return pick_up(call, app);
    }
    let in_pair = matches!(call.phase, Phase::Active { .. } | Phase::Held(_));
    match swap_control(&snapshot.swap) {
        Some(control) if in_pair && has_pair(snapshot) => swap(snapshot, call, control, app),
        Some(_) | None => hold(call, app),
    }
}

/// Whether one call is on the line and another on hold.
fn has_pair(snapshot: &Snapshot) -> bool {
    let any = |kind: PhaseKind| snapshot.calls.iter().any(|one| one.phase.kind() == kind);
    let any_held = snapshot.calls.iter().any(|one| one.phase.is_on_hold());
    any(PhaseKind::Active) && any_held
}

/// Answers a call whose caller speaks to the voicemail; what talks is held.
fn pick_up(call: &CallSnapshot, app: &str) -> Option<Button> {
    let request = RequestBody::Answer {
        call: call.id.to_string(),
        mode: AnswerMode::Auto.into(),
    };
    controlled(
        &call.hold,
        ready("answer", words::PICK_UP, Some(request)),
        app,
    )
}

/// Swap takes the place of hold only when there is a pair of calls.
fn swap_control(control: &Control) -> Option<&Control> {
    match control {
        Control::Absent
        | Control::Refused(
            Rejection::NotNow(ActionFault::NothingToSwap)
            | Rejection::InvalidAction {
                fault: ActionFault::NothingToSwap,
                ..
            },
        ) => None,
        Control::Ready | Control::Busy | Control::Refused(_) => Some(control),
    }
}

fn swap(snapshot: &Snapshot, call: &CallSnapshot, control: &Control, app: &str) -> Option<Button> {
    // The call that swap brings to the line, seen from either of the two.
    let target = match call.phase.kind() {
        PhaseKind::Held => Some(call),
        PhaseKind::Active => snapshot.live().find(|one| one.phase.is_on_hold()),
        PhaseKind::Ringing | PhaseKind::Dialing | PhaseKind::Ending => None,
    };
    let button = Button {
        detail: target.map(|one| words::swap_to(&party::parties(snapshot, one).title)),
        ..ready("swap", words::SWAP, Some(RequestBody::Swap {}))
    };
    controlled(control, button, app)
}

fn hold(call: &CallSnapshot, app: &str) -> Option<Button> {
    let is_held = call.phase.kind() == PhaseKind::Held;
    let label = if is_held { words::RESUME } else { words::HOLD };
    let request = RequestBody::Hold {
        call: call.id.to_string(),
        on: !is_held,
    };
    let button = ready("hold", label, Some(request));
    let control = match (&call.hold, call.has_connected, call.capabilities.holding) {
        (Control::Refused(_), false, true) => {
            let reason = words::NOT_CONNECTED.to_owned();
            return Some(refused(button, words::NOT_YET.to_owned(), reason));
        }
        (control, _, _) => control,
    };
    let button = controlled(control, button, app)?;
    Some(Button {
        on: is_held,
        ..button
    })
}

/// With a second conversation there is mostly no room for a third: Merge takes the place of Add
/// call, unless another call could be added and the two cannot be merged.
fn add_call_or_merge(input: &ViewInput<'_>, call: &CallSnapshot, app: &str) -> Button {
    let add = add_call(input, call, app);
    match merge(input.snapshot, call, app) {
        Some(merge) if merge.enabled || !add.enabled => merge,
        Some(_) | None => add,
    }
}

fn merge(snapshot: &Snapshot, call: &CallSnapshot, app: &str) -> Option<Button> {
    let with = call.merge_with?;
    let request = RequestBody::Merge {
        call: call.id.to_string(),
        with: with.to_string(),
    };
    let button = Button {
        detail: party::title(snapshot, with).map(|name| words::merge_with(&name)),
        ..ready("merge", words::MERGE, Some(request))
    };
    controlled(&call.merge, button, app)
}

fn add_call(input: &ViewInput<'_>, call: &CallSnapshot, app: &str) -> Button {
    let button = ready("add-call", words::ADD_CALL, None);
    if !call.has_connected {
        let reason = words::NOT_CONNECTED.to_owned();
        return refused(button, words::NOT_YET.to_owned(), reason);
    }
    if input.snapshot.providers.is_empty() {
        let reason = words::NO_APPS.to_owned();
        return refused(button, words::NOT_YET.to_owned(), reason);
    }
    // Another app may dial what this one cannot.
    let own_matter = matches!(
        &call.add_call,
        Control::Refused(Rejection::NotNow(ActionFault::HandleKind))
    );
    match &call.add_call {
        Control::Refused(Rejection::LimitReached { max, .. }) => {
            let most = usize::try_from(*max).unwrap_or(usize::MAX);
            refused(
                button,
                words::calls_full_short(most),
                words::calls_full(most),
            )
        }
        Control::Refused(_) if own_matter => button,
        control @ (Control::Ready | Control::Busy | Control::Refused(_) | Control::Absent) => {
            controlled(control, button.clone(), app).unwrap_or(button)
        }
    }
}

fn open_app(snapshot: &Snapshot, call: &CallSnapshot, app: &str) -> Button {
    let request = RequestBody::OpenApp {
        call: call.id.to_string(),
    };
    let button = ready("open-app", &words::open_app(app), Some(request));
    let connected = snapshot
        .providers
        .iter()
        .any(|one| one.app == call.app && one.connected);
    if connected {
        button
    } else {
        let reason = words::refusal(&Rejection::NotNow(ActionFault::AppGone), app);
        refused(button, words::APP_AWAY.to_owned(), reason)
    }
}

/// Whether the same thing was asked before: that is no obstacle, only patience is needed.
pub(super) fn is_under_way(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::NotNow(ActionFault::UnderWay)
            | Rejection::InvalidAction {
                fault: ActionFault::UnderWay,
                ..
            }
    )
}

/// A button whose state a control of the snapshot decides; none if it makes no sense here.
pub(super) fn controlled(control: &Control, button: Button, app: &str) -> Option<Button> {
    match control {
        Control::Absent => None,
        Control::Ready => Some(button),
        Control::Busy => Some(Button {
            busy: true,
            ..button
        }),
        Control::Refused(rejection) if is_under_way(rejection) => Some(Button {
            busy: true,
            ..button
        }),
        Control::Refused(rejection) => Some(refused(
            button,
            words::refusal_short(rejection, app),
            words::refusal(rejection, app),
        )),
    }
}

pub(super) fn ready(id: &str, label: &str, request: Option<RequestBody>) -> Button {
    Button {
        id: id.to_owned(),
        label: label.to_owned(),
        detail: None,
        enabled: true,
        reason: None,
        on: false,
        busy: false,
        icon: None,
        request,
    }
}

fn refused(button: Button, short: String, reason: String) -> Button {
    Button {
        detail: Some(short),
        enabled: false,
        reason: Some(reason),
        ..button
    }
}
