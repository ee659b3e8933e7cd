//! Effects as lines of words: the vocabulary of traces and checks.
//!
//! Output never holds an address; the words of a line are listed in `docs/scenarios.md`.

use hookswitch_core::{Accepted, Anomaly, AnomalyKind, Ask, AskKind, Effect, Letter, RingTone};
use hookswitch_model::{
    ActionFault, CallId, ClientId, Digits, End, EndpointId, Phase, Rejection, RouteFault,
    Timestamp, TonesKind, TransactionId,
};
use hookswitch_wire::trace::write_span;

use crate::AskWord;
use crate::names::Names;

/// The words of one line.
pub type Words = Vec<String>;

/// Splits a written line into words.
#[must_use]
pub fn words(text: &str) -> Words {
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
        | Effect::Ring { call, .. }
        | Effect::StartTone { call, .. } => Some(*call),
        Effect::Screen { call, .. } => Some(*call),
        Effect::Record(entry) => Some(entry.call),
        Effect::Amend(amendment) => Some(amendment.call),
        Effect::Anomaly(anomaly) => anomaly.call,
        Effect::AskExpired { .. }
        | Effect::Unlock
        | Effect::Launch(_)
        | Effect::StopRing
        | Effect::StopTone
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
        Effect::Route { .. } | Effect::StartTone { .. } | Effect::StopTone => "audio".to_owned(),
        Effect::Record(_) | Effect::Amend(_) => "recents".to_owned(),
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
        Effect::Ring { call, .. } => rings(&names.call(*call), effect),
        Effect::StopRing => "stop-ring".to_owned(),
        Effect::StartTone { .. } | Effect::StopTone => tone_line(names, effect),
        Effect::KeepPolicy(_) => "keep-rules".to_owned(),
        Effect::Route { endpoint, .. } => format!("use-route {endpoint}"),
        Effect::RouteFinished { fault, .. } => route_finished(*fault),
        Effect::Record(_) | Effect::Amend(_) => recents_line(names, effect),
        Effect::Dropped { .. } => dropped(names, effect),
        Effect::Finished {
            transaction,
            complete,
        } => finished(*complete, *transaction),
        Effect::Publish { .. } => "publish".to_owned(),
        Effect::Anomaly(anomaly) => anomaly_line(names, anomaly),
    })
}

/// What becomes of the recents.
fn recents_line(names: &Names, effect: &Effect) -> String {
    if let Effect::Record(entry) = effect {
        return format!("record {} {}", names.call(entry.call), end(&entry.end));
    }
    let Effect::Amend(amendment) = effect else {
        return String::new();
    };
    let (reason, origin) = (amendment.reason.name(), amendment.origin.name());
    format!("amend {} {reason} by {origin}", names.call(amendment.call))
}

fn rings(call: &str, effect: &Effect) -> String {
    let Effect::Ring {
        tone, ringtone, on, ..
    } = effect
    else {
        return String::new();
    };
    let tone = match tone {
        RingTone::Ring => "",
        RingTone::Waiting => " waiting",
    };
    let with = ringtone
        .as_ref()
        .map_or(String::new(), |own| format!(" with {own}"));
    let on: Vec<&str> = on.iter().map(EndpointId::as_str).collect();
    match on.is_empty() {
        true => format!("ring {call}{tone}{with}"),
        false => format!("ring {call}{tone}{with} on {}", on.join(" ")),
    }
}

/// The tone of a call.
fn tone_line(names: &Names, effect: &Effect) -> String {
    let Effect::StartTone { call, tone, on } = effect else {
        return "stop-tone".to_owned();
    };
    let on = on.as_ref().map_or(String::new(), |on| format!(" on {on}"));
    format!("start-tone {} {}{on}", names.call(*call), tone.name())
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
        Rejection::LimitReached { limit, .. } | Rejection::RateLimited { limit, .. } => {
            limit.row().name
        }
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
        | Rejection::UserBusy
        | Rejection::FilteredWhileBusy
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
        ActionFault::NoAudio => "no-audio",
        ActionFault::UserChose => "user-chose",
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

/// Digits as a story writes them: there a comma stands between observables.
#[must_use]
pub fn digits(digits: &Digits) -> String {
    digits.as_str().replace(',', "p").replace(';', "w")
}

/// How a call ended.
#[must_use]
pub fn end(end: &End) -> String {
    format!(
        "{} by {} in {}",
        end.reason.name(),
        end.origin.name(),
        end.phase.name()
    )
}

/// The phase of a call with its detail, such as `held by user`.
#[must_use]
pub fn phase_words(phase: &Phase) -> String {
    match phase {
        Phase::Ringing { .. } | Phase::Active { .. } | Phase::Ending { .. } => {
            phase.kind().name().to_owned()
        }
        Phase::Dialing { stage, .. } => format!("dialing {}", stage.name()),
        Phase::Held(hold) => format!("held by {}", hold.by.name()),
    }
}
