//! Effects and states as lines of words: the vocabulary of the checks.
//!
//! Output never holds an address; the words of a line are listed in `docs/scenarios.md`.

use hookswitch_core::{Accepted, Anomaly, AnomalyKind, Ask, AskKind, Effect, Letter, RingTone};
use hookswitch_model::{
    ActionFault, ActionKind, AnswerMode, AnswerVerdict, AudioSnapshot, CallId, CallSnapshot,
    ClientId, Control, Digits, End, EndpointId, Interruption, Notice, NoticeKind, Phase,
    RecentsEntry, Rejection, RingState, RouteFault, Snapshot, Timestamp, TonesKind, TransactionId,
};

use crate::names::Names;
use crate::scenario::{AskWord, write_span};

/// The words of one line.
pub type Words = Vec<String>;

/// Splits a written line into words.
pub(crate) fn words(text: &str) -> Words {
    text.split_whitespace().map(str::to_owned).collect()
}

/// A point in virtual time as the files write it.
#[must_use]
pub fn time(at: Timestamp) -> String {
    write_span(at.since(Timestamp::ZERO))
}

/// The one word for what an app is asked.
#[must_use]
pub fn ask_word(kind: &AskKind) -> AskWord {
    match kind {
        AskKind::Start(_) => AskWord::Start,
        AskKind::Answer => AskWord::Answer,
        AskKind::End { .. } => AskWord::End,
        AskKind::SetHeld(true) => AskWord::Hold,
        AskKind::SetHeld(false) => AskWord::Resume,
        AskKind::SetMuted(true) => AskWord::Mute,
        AskKind::SetMuted(false) => AskWord::Unmute,
        AskKind::SetGroup(Some(_)) => AskWord::Group,
        AskKind::SetGroup(None) => AskWord::Ungroup,
        AskKind::PlayDigits(_) => AskWord::Digits,
        AskKind::SetVideo(true) => AskWord::VideoOn,
        AskKind::SetVideo(false) => AskWord::VideoOff,
        AskKind::DeclineVideo => AskWord::VideoDeclined,
        AskKind::SetTranslating(Some(_)) => AskWord::Translate,
        AskKind::SetTranslating(None) => AskWord::StopTranslating,
        AskKind::Custom(_) => AskWord::Press,
    }
}

/// The call an effect is about.
#[must_use]
pub fn call_of(effect: &Effect) -> Option<CallId> {
    match effect {
        Effect::Reply { result, .. } => match result {
            Ok(Accepted::Transaction { call, .. }) => Some(*call),
            Ok(
                Accepted::Registered { .. }
                | Accepted::Reported { .. }
                | Accepted::Routing { .. }
                | Accepted::Audio { .. }
                | Accepted::Done,
            )
            | Err(_) => None,
        },
        Effect::Ask { ask, .. } => Some(ask.call),
        Effect::CallEnded { call, .. }
        | Effect::AudioActivated { call, .. }
        | Effect::AudioDeactivated { call, .. }
        | Effect::AudioDenied { call, .. }
        | Effect::AudioInterrupted { call, .. }
        | Effect::Open { call, .. }
        | Effect::Ring { call, .. } => Some(*call),
        Effect::Screen { call, .. } => Some(*call),
        Effect::Record(entry) => Some(entry.call),
        Effect::Anomaly(anomaly) => anomaly.call,
        Effect::AskExpired { .. }
        | Effect::Unlock
        | Effect::Launch(_)
        | Effect::StopRing
        | Effect::KeepPolicy(_)
        | Effect::Route { .. }
        | Effect::RouteFinished { .. }
        | Effect::Finished { .. }
        | Effect::Dropped { .. }
        | Effect::Publish { .. } => None,
    }
}

/// Who an effect goes to; `asker` is who the step answers.
#[must_use]
pub fn target(names: &Names, effect: &Effect, asker: &str) -> String {
    match effect {
        Effect::Ask { client, .. }
        | Effect::AskExpired { client, .. }
        | Effect::CallEnded { client, .. }
        | Effect::AudioActivated { client, .. }
        | Effect::AudioDeactivated { client, .. }
        | Effect::AudioDenied { client, .. }
        | Effect::AudioInterrupted { client, .. }
        | Effect::Open { client, .. } => names.client(*client),
        Effect::Reply { .. } => asker.to_owned(),
        Effect::Launch(app) => names.app(app),
        Effect::Screen { screener, .. } => screener.to_string(),
        Effect::Ring { .. } | Effect::StopRing => "ringer".to_owned(),
        Effect::Unlock => "screen".to_owned(),
        Effect::Route { .. } => "audio".to_owned(),
        Effect::Record(_) => "recents".to_owned(),
        Effect::KeepPolicy(_) => "rules".to_owned(),
        Effect::Finished { .. }
        | Effect::Dropped { .. }
        | Effect::RouteFinished { .. }
        | Effect::Publish { .. }
        | Effect::Anomaly(_) => "observers".to_owned(),
    }
}

fn dropped(names: &Names, effect: &Effect) -> String {
    let Effect::Dropped {
        transaction,
        call,
        action,
        why,
    } = effect
    else {
        return String::new();
    };
    let (call, action, why) = (names.call(*call), action.name(), why.name());
    format!("dropped {action} {call} {why} {transaction}")
}

/// Writes an effect. `asked` finds what an ask was about.
pub fn effect(
    names: &Names,
    effect: &Effect,
    asked: impl Fn(hookswitch_model::AskId) -> Option<(AskWord, CallId)>,
) -> Words {
    words(&match effect {
        Effect::Reply { result, .. } => reply(names, result),
        Effect::Ask {
            client,
            ask,
            letter,
        } => {
            let line = ask_line(names, &names.client(*client), ask);
            format!("{line} {}", again(letter))
        }
        Effect::AskExpired { client, ask, .. } => match asked(*ask) {
            Some((word, call)) => told(names, *client, &format!("expired {}", word.name()), call),
            None => format!("told {} expired {ask}", names.client(*client)),
        },
        Effect::CallEnded {
            client,
            call,
            reason,
            letter,
            ..
        } => {
            let line = told(names, *client, "ended", *call);
            format!("{line} {} {}", reason.name(), again(letter))
        }
        Effect::AudioActivated { client, call, .. } => {
            told(names, *client, "audio-activated", *call)
        }
        Effect::AudioDeactivated { client, call, .. } => {
            told(names, *client, "audio-deactivated", *call)
        }
        Effect::AudioDenied { .. } | Effect::AudioInterrupted { .. } => kept_line(names, effect),
        Effect::Open {
            client,
            call,
            letter,
        } => {
            let line = told(names, *client, "open", *call);
            format!("{line} {}", again(letter))
        }
        Effect::Unlock => "unlock".to_owned(),
        Effect::Launch(app) => format!("launch {}", names.app(app)),
        Effect::Screen {
            screener, call, by, ..
        } => {
            let call = names.call(*call);
            format!("screen {call} by {screener} until {}", time(*by))
        }
        Effect::Ring { call, tone } => rings(&names.call(*call), *tone),
        Effect::StopRing => "stop-ring".to_owned(),
        Effect::KeepPolicy(_) => "keep-rules".to_owned(),
        Effect::Route { endpoint, .. } => format!("use-route {endpoint}"),
        Effect::RouteFinished { fault, .. } => route_finished(*fault),
        Effect::Record(entry) => {
            format!("record {} {}", names.call(entry.call), end(&entry.end))
        }
        Effect::Dropped { .. } => dropped(names, effect),
        Effect::Finished {
            transaction,
            complete,
        } => finished(*complete, *transaction),
        Effect::Publish { .. } => "publish".to_owned(),
        Effect::Anomaly(anomaly) => anomaly_line(names, anomaly),
    })
}

fn rings(call: &str, tone: RingTone) -> String {
    match tone {
        RingTone::Ring => format!("ring {call}"),
        RingTone::Waiting => format!("ring {call} waiting"),
    }
}

/// What an app is told about audio that it cannot have.
fn kept_line(names: &Names, effect: &Effect) -> String {
    if let Effect::AudioDenied {
        client,
        call,
        reason,
        ..
    } = effect
    {
        let line = told(names, *client, "audio-denied", *call);
        return format!("{line} {}", reason.name());
    }
    let Effect::AudioInterrupted {
        client,
        call,
        reason,
        began,
        ..
    } = effect
    else {
        return String::new();
    };
    let what = if *began { "began" } else { "ended" };
    let line = told(names, *client, "audio-interrupted", *call);
    format!("{line} {} {what}", reason.name())
}

fn route_finished(fault: Option<RouteFault>) -> String {
    format!("route-finished {}", fault.map_or("done", RouteFault::name))
}

fn told(names: &Names, client: ClientId, what: &str, call: CallId) -> String {
    format!("told {} {what} {}", names.client(client), names.call(call))
}

fn finished(complete: bool, transaction: TransactionId) -> String {
    let word = if complete { "complete" } else { "incomplete" };
    format!("finished {word} {transaction}")
}

/// The mark of what was decided before its app was there.
fn again(letter: &Letter) -> &'static str {
    if letter.replayed { "replayed" } else { "" }
}

fn ask_line(names: &Names, app: &str, ask: &Ask) -> String {
    let word = ask_word(&ask.kind).name();
    let call = names.call(ask.call);
    let by = time(ask.by);
    match &ask.kind {
        AskKind::End { origin, reason } => {
            format!(
                "ask {app} {word} {call} {} {} by {by}",
                reason.name(),
                origin.name()
            )
        }
        AskKind::PlayDigits(tones) => {
            let digits = tones.digits.as_str();
            match tones.kind {
                TonesKind::Single => format!("ask {app} {word} {call} {digits} by {by}"),
                TonesKind::SoftPause | TonesKind::HardPause => {
                    let kind = tones.kind.name();
                    format!("ask {app} {word} {call} {digits} {kind} by {by}")
                }
            }
        }
        AskKind::SetGroup(Some((with, _))) => {
            let with = names.call(*with);
            format!("ask {app} {word} {call} with {with} by {by}")
        }
        AskKind::Start(to) => {
            let account = to.account.as_ref();
            let via = account.map_or(String::new(), |id| format!("account {} ", id.as_str()));
            format!("ask {app} {word} {call} {via}by {by}")
        }
        AskKind::SetTranslating(Some(to)) => {
            format!("ask {app} {word} {call} {} {} by {by}", to.local, to.remote)
        }
        AskKind::Custom(button) => format!("ask {app} {word} {call} {button} by {by}"),
        AskKind::Answer
        | AskKind::SetHeld(_)
        | AskKind::SetMuted(_)
        | AskKind::SetVideo(_)
        | AskKind::DeclineVideo
        | AskKind::SetGroup(None)
        | AskKind::SetTranslating(None) => format!("ask {app} {word} {call} by {by}"),
    }
}

fn reply(names: &Names, result: &Result<Accepted, Rejection>) -> String {
    match result {
        Ok(Accepted::Registered { provider, orphans }) => {
            let orphans: Vec<_> = orphans.iter().map(|(call, _)| names.call(*call)).collect();
            format!("reply accepted {provider} {}", orphans.join("+"))
        }
        Ok(Accepted::Reported { known: true }) => "reply known".to_owned(),
        Ok(Accepted::Transaction { transaction, .. }) => format!("reply accepted {transaction}"),
        Ok(Accepted::Audio { granted: true }) => "reply accepted granted".to_owned(),
        Ok(Accepted::Audio { granted: false }) => "reply accepted not-granted".to_owned(),
        Ok(Accepted::Reported { known: false } | Accepted::Routing { .. } | Accepted::Done) => {
            "reply accepted".to_owned()
        }
        Err(rejection) => format!("reply refused {}", rejection_words(rejection)),
    }
}

/// The name of a refusal and its detail.
#[must_use]
pub fn rejection_words(rejection: &Rejection) -> String {
    let detail = match rejection {
        Rejection::AlreadyEnded { reason, .. } => reason.name(),
        Rejection::InvalidAction { fault, .. } | Rejection::NotNow(fault) => fault_word(*fault),
        Rejection::LimitReached { limit, .. } => limit.row().name,
        Rejection::Unentitled
        | Rejection::UnknownProvider
        | Rejection::EmptyTransaction
        | Rejection::UnknownCall(_)
        | Rejection::CallExists(_)
        | Rejection::UnknownEndpoint
        | Rejection::UnknownAsk
        | Rejection::FilteredByDoNotDisturb
        | Rejection::FilteredByBlockList
        | Rejection::FilteredByRestriction
        | Rejection::CallIsProtected
        | Rejection::ArrivedLate
        | Rejection::AudioBusy { .. }
        | _ => "",
    };
    format!("{} {detail}", rejection.name())
        .trim_end()
        .to_owned()
}

fn fault_word(fault: ActionFault) -> &'static str {
    match fault {
        ActionFault::Phase(phase) => phase.name(),
        ActionFault::CannotHold => "cannot-hold",
        ActionFault::NoDigits => "no-digits",
        ActionFault::DigitsWait => "digits-wait",
        ActionFault::NothingToSend => "nothing-to-send",
        ActionFault::UnderWay => "under-way",
        ActionFault::NothingToSwap => "nothing-to-swap",
        ActionFault::AppGone => "app-gone",
        ActionFault::HandleKind => "handle-kind",
        ActionFault::ChoiceNeeded => "choice-needed",
        ActionFault::RingingFirst => "ringing-first",
        ActionFault::NoHeldCall => "no-held-call",
        ActionFault::CannotGroup => "cannot-group",
        ActionFault::CannotUngroup => "cannot-ungroup",
        ActionFault::OtherApp => "other-app",
        ActionFault::SameGroup => "same-group",
        ActionFault::InOtherGroup => "in-other-group",
        ActionFault::NotGrouped => "not-grouped",
        ActionFault::Emergency => "emergency",
        ActionFault::NoVideo => "no-video",
        ActionFault::NoOffer => "no-offer",
        ActionFault::NoTranslation => "no-translation",
        ActionFault::NoSuchButton => "no-such-button",
        ActionFault::NoSuchAccount => "no-such-account",
        ActionFault::NoCall => "no-call",
        ActionFault::MutedAtDevice => "muted-at-device",
    }
}

fn anomaly_line(names: &Names, anomaly: &Anomaly) -> String {
    let kind = match anomaly.kind {
        AnomalyKind::AskExpired => "ask-expired",
        AnomalyKind::HoldSlow => "hold-slow",
        AnomalyKind::HoldRefused => "hold-refused",
        AnomalyKind::SettledLate => "settled-late",
        AnomalyKind::SettledForeign => "settled-foreign",
        AnomalyKind::ImpossibleReport => "impossible-report",
        AnomalyKind::ClientGone => "client-gone",
        AnomalyKind::LetterLost => "letter-lost",
        AnomalyKind::NoGrant => "no-grant",
        AnomalyKind::LawBroken(_) => "law-broken",
    };
    let app = anomaly.app.as_ref().map(|app| names.app(app));
    let call = anomaly.call.map(|call| names.call(call));
    let law = if let AnomalyKind::LawBroken(law) = anomaly.kind {
        law
    } else {
        ""
    };
    let app = app.unwrap_or_default();
    let call = call.unwrap_or_default();
    format!("anomaly {kind} {app} {call} {law}")
}

fn end(end: &End) -> String {
    format!(
        "{} by {} in {}",
        end.reason.name(),
        end.origin.name(),
        end.phase.name()
    )
}

/// All facts of a state, one line each.
pub fn facts(names: &Names, state: &Snapshot, recents: &[RecentsEntry]) -> Vec<Words> {
    let mut out: Vec<String> = Vec::new();
    for call in &state.calls {
        call_facts(names, call, &mut out);
    }
    for (name, id) in names.calls() {
        if !state.calls.iter().any(|call| call.id == id) {
            out.push(format!("{name} gone"));
        }
    }
    recents_facts(names, recents, &mut out);
    out.push(format!("recents count {}", recents.len()));
    out.push(format!("calls {}", state.calls.len()));
    group_facts(names, state, &mut out);
    ring_facts(names, state, &mut out);
    rule_facts(names, state, &mut out);
    audio_facts(names, state, &mut out);
    for choice in &state.answers {
        out.push(choice_fact(names, choice.mode, &choice.verdict));
    }
    for mode in ["auto", "hold", "end", "end-held"] {
        if !state
            .answers
            .iter()
            .any(|choice| choice.mode.name() == mode)
        {
            out.push(format!("choice {mode} absent"));
        }
    }
    for provider in &state.providers {
        let word = if provider.connected {
            "connected"
        } else {
            "disconnected"
        };
        out.push(format!("{word} {}", names.app(&provider.app)));
    }
    out.extend(
        state
            .notices
            .iter()
            .map(|notice| notice_fact(names, notice)),
    );
    let mut lines: Vec<Words> = out.iter().map(|line| words(line)).collect();
    for call in &state.calls {
        let name = names.call(call.id);
        if let Some(text) = &call.name {
            lines.push(vec![
                name.clone(),
                "named".to_owned(),
                text.as_str().to_owned(),
            ]);
        }
        if let Some(handle) = &call.handle {
            lines.push(vec![name, "from".to_owned(), handle.value().to_owned()]);
        }
    }
    lines
}

fn recents_facts(names: &Names, recents: &[RecentsEntry], out: &mut Vec<String>) {
    for entry in recents {
        let call = names.call(entry.call);
        out.push(format!("recents {call} {}", end(&entry.end)));
        out.push(format!("{call} ended {}", end(&entry.end)));
        let reasons = entry.missed_reasons.names();
        out.extend(reasons.map(|reason| format!("recents {call} because {reason}")));
        let word = if entry.callable {
            "callable"
        } else {
            "not-callable"
        };
        out.push(format!("recents {call} {word}"));
        if let Some(account) = &entry.account {
            out.push(format!("recents {call} account {}", account.id.as_str()));
        }
    }
}

fn ring_facts(names: &Names, state: &Snapshot, out: &mut Vec<String>) {
    let presented = state.presented.map(|call| names.call(call));
    out.push(format!(
        "presented {}",
        presented.as_deref().unwrap_or("none")
    ));
    let ringing = |call: &&CallSnapshot| matches!(call.phase, Phase::Ringing { .. });
    let queued = state.calls.iter().filter(ringing).count();
    out.push(format!(
        "queued {}",
        queued.saturating_sub(usize::from(presented.is_some()))
    ));
    match state.ring {
        RingState::Quiet => {
            out.push("quiet".to_owned());
            out.push("ringing none".to_owned());
        }
        RingState::Ringing(call) => out.push(format!("ringing {}", names.call(call))),
        RingState::Waiting(call) => out.push(format!("waiting {}", names.call(call))),
    }
}

fn group_facts(names: &Names, state: &Snapshot, out: &mut Vec<String>) {
    let mut groups = std::collections::BTreeSet::new();
    for call in &state.calls {
        let name = names.call(call.id);
        let Some(group) = call.group else {
            out.push(format!("{name} alone"));
            continue;
        };
        groups.insert(group);
        let mates = state.calls.iter();
        let mates = mates.filter(|other| other.group == Some(group) && other.id != call.id);
        out.extend(mates.map(|mate| format!("{name} with {}", names.call(mate.id))));
    }
    out.push(format!("groups {}", groups.len()));
}

fn rule_facts(names: &Names, state: &Snapshot, out: &mut Vec<String>) {
    let on = state.policy.is_quiet(state.at.wall);
    out.push(format!("dnd {}", if on { "on" } else { "off" }));
    for call in &state.awaiting_verdict {
        out.push(format!("screening {}", names.call(*call)));
    }
    if state.awaiting_verdict.is_empty() {
        out.push("screening none".to_owned());
    }
}

fn audio_facts(names: &Names, state: &Snapshot, out: &mut Vec<String>) {
    match &state.lease {
        Some(lease) => {
            let call = names.call(lease.call);
            out.push(format!("lease {call} of {}", names.app(&lease.app)));
            out.push(format!("{call} audible"));
        }
        None => out.push("lease none".to_owned()),
    }
    front_facts(names, state, out);
    sound_facts(names, &state.audio, out);
    out.push(format!("control swap {}", control_words(&state.swap)));
}

fn sound_facts(names: &Names, audio: &AudioSnapshot, out: &mut Vec<String>) {
    let route = &audio.route;
    let name = |id: &Option<EndpointId>| id.as_ref().map_or("none".to_owned(), ToString::to_string);
    let (desired, effective) = (name(&route.desired), name(&route.effective));
    let cause = route.cause.name();
    out.push(format!("route {effective}"));
    out.push(format!(
        "route desired {desired} effective {effective} cause {cause}"
    ));
    out.push(format!("route effective {effective} cause {cause}"));
    out.push(format!("route pending {}", name(&route.pending)));
    let fault = route.fault.map_or("none", RouteFault::name);
    out.push(format!("route fault {fault}"));
    out.push(format!("audio server {}", audio.server.name()));
    let reason = audio.interruption.map_or("none", Interruption::name);
    out.push(format!("audio interrupted {reason}"));
    match audio.waiting {
        Some(wait) => {
            let what = if wait.denied { "denied" } else { "waiting" };
            out.push(format!("audio {what} {}", names.call(wait.call)));
        }
        None => out.extend(["audio waiting none", "audio denied none"].map(str::to_owned)),
    }
    out.push(format!("hush {}", audio.hush.name()));
    let microphone = if audio.microphone_muted {
        "muted"
    } else {
        "open"
    };
    out.push(format!("microphone {microphone}"));
}

fn call_facts(names: &Names, call: &CallSnapshot, out: &mut Vec<String>) {
    let name = names.call(call.id);
    out.push(format!("{name} live"));
    out.push(format!("{name} {}", phase_words(&call.phase)));
    let flags = [
        (call.muted, "muted"),
        (!call.muted, "unmuted"),
        (call.silenced, "silenced"),
        (call.remote_hold, "remote-held"),
        (call.orphaned_until.is_some(), "orphaned"),
        (call.slow.is_some(), "slow"),
        (call.has_connected, "connected"),
        (call.video, "video"),
        (call.handle.is_none(), "anonymous"),
        (call.video_offer.is_some(), "video-offered"),
        (call.uplink, "uplink"),
        (call.emergency, "emergency"),
    ];
    for (_, word) in flags.into_iter().filter(|(on, _)| *on) {
        out.push(format!("{name} {word}"));
    }
    extra_facts(&name, call, out);
    out.push(format!("{name} muted-by {}", call.muted_by.name()));
    let pending = call.pending.map_or("none", ActionKind::name);
    out.push(format!("{name} pending {pending}"));
    out.push(format!("control hold {name} {}", control_words(&call.hold)));
    out.push(format!("control mute {name} {}", control_words(&call.mute)));
    out.push(format!(
        "control digits {name} {}",
        control_words(&call.digits)
    ));
    for (what, control) in [
        ("merge", &call.merge),
        ("split", &call.split),
        ("add-call", &call.add_call),
    ] {
        out.push(format!("control {what} {name} {}", control_words(control)));
    }
}

/// Digits as a story writes them: there a comma stands between observables.
pub(crate) fn digits(digits: &Digits) -> String {
    digits.as_str().replace(',', "p").replace(';', "w")
}

/// Account, video, translation and the app's own buttons.
fn extra_facts(name: &str, call: &CallSnapshot, out: &mut Vec<String>) {
    let account = call.account.as_ref().map_or("none", |a| a.id.as_str());
    out.push(format!("{name} account {account}"));
    let digits = call.digits_waiting.as_ref().map_or("none".into(), digits);
    out.push(format!("{name} digits-waiting {digits}"));
    if let Some(runs) = &call.translating {
        let (local, remote) = (&runs.languages.local, &runs.languages.remote);
        let engine = runs.engine.name();
        out.push(format!("{name} translating {local} {remote} {engine}"));
    }
    for (what, control) in [
        ("video", &call.video_control),
        ("translate", &call.translate),
    ] {
        out.push(format!("control {what} {name} {}", control_words(control)));
    }
    for shown in &call.buttons {
        let (id, control) = (&shown.button.id, control_words(&shown.control));
        out.push(format!("control button {name} {id} {control}"));
    }
}

/// The lock, and what comes to the front.
fn front_facts(names: &Names, state: &Snapshot, out: &mut Vec<String>) {
    let unlocking = state.unlocking.map(|call| names.call(call));
    out.push(format!(
        "unlocking {}",
        unlocking.as_deref().unwrap_or("none")
    ));
    let rule = state.front.on_answer.map_or("app", |rule| rule.name());
    out.push(format!("front {rule}"));
    let flags = [
        (state.locked, "locked"),
        (!state.locked, "unlocked"),
        (state.front.driving, "driving"),
    ];
    let set = flags.into_iter().filter(|(on, _)| *on);
    out.extend(set.map(|(_, word)| word.to_owned()));
}

pub(crate) fn phase_words(phase: &Phase) -> String {
    match phase {
        Phase::Ringing { .. } | Phase::Active { .. } | Phase::Ending { .. } => {
            phase.kind().name().to_owned()
        }
        Phase::Dialing { stage, .. } => {
            format!("dialing {}", stage.name())
        }
        Phase::Held(hold) => {
            format!("held by {}", hold.by.name())
        }
    }
}

fn control_words(control: &Control) -> String {
    match control {
        Control::Ready => "ready".to_owned(),
        Control::Busy => "busy".to_owned(),
        Control::Refused(why) => format!("refused {}", rejection_words(why)),
        Control::Absent => "absent".to_owned(),
    }
}

fn choice_fact(names: &Names, mode: AnswerMode, verdict: &AnswerVerdict) -> String {
    let mode = mode.name();
    match verdict {
        AnswerVerdict::Allowed { ends, holds } => {
            let list = |word: &str, calls: &[CallId]| -> String {
                let calls = calls.iter().map(|call| names.call(*call));
                calls.map(|call| format!(" {word} {call}")).collect()
            };
            let (ends, holds) = (list("ends", ends), list("holds", holds));
            format!("choice {mode} allowed{ends}{holds}")
        }
        AnswerVerdict::Refused(why) => format!("choice {mode} refused {}", rejection_words(why)),
    }
}

fn notice_fact(names: &Names, notice: &Notice) -> String {
    match notice.kind {
        NoticeKind::Ended { call, end, .. } => {
            format!("notice ended {} {}", names.call(call), end.reason.name())
        }
        NoticeKind::HoldSlow(call) => format!("notice hold-slow {}", names.call(call)),
        NoticeKind::HoldRefused(call) => format!("notice hold-refused {}", names.call(call)),
        NoticeKind::NotDone(call, kind) => {
            format!("notice not-done {} {}", names.call(call), kind.name())
        }
        NoticeKind::AppGone => format!("notice app-gone {}", names.app(&notice.app)),
    }
}

/// The state in one line, as `=` lines write it.
#[must_use]
pub fn summary(names: &Names, state: &Snapshot) -> String {
    let mut parts: Vec<String> = Vec::new();
    for call in &state.calls {
        let name = names.call(call.id);
        parts.push(format!("{name} {}", phase_words(&call.phase)));
        if let Some(pending) = call.pending {
            parts.push(format!("{name} pending {}", pending.name()));
        }
        if let Some(group) = call.group {
            let mut mates = state.calls.iter();
            let first = mates.find(|mate| mate.group == Some(group));
            let first = first.filter(|first| first.id != call.id);
            parts.extend(first.map(|first| format!("{name} with {}", names.call(first.id))));
        }
        for (on, word) in [(call.muted, "muted"), (call.remote_hold, "remote-held")] {
            if on {
                parts.push(format!("{name} {word}"));
            }
        }
    }
    match state.ring {
        RingState::Quiet => {}
        RingState::Ringing(call) => parts.push(format!("ringing {}", names.call(call))),
        RingState::Waiting(call) => parts.push(format!("waiting {}", names.call(call))),
    }
    for call in &state.awaiting_verdict {
        parts.push(format!("screening {}", names.call(*call)));
    }
    let lease = state.lease.as_ref().map(|lease| names.call(lease.call));
    parts.push(format!("lease {}", lease.as_deref().unwrap_or("none")));
    parts.join(", ")
}
