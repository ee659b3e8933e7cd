//! The names of states and events, and which call an event meets.

use hookswitch_core::{Action, DeadlineReason, Environment, Event, Outcome, Report, Request};
use hookswitch_model::{
    ActionKind, AppId, AskId, CallId, CallSnapshot, ClientId, DialStage, Phase,
};

use super::Known;
use crate::laws::Step;
use crate::scenario::AskWord;

/// No call of that name was ever there, or the event meets no call.
pub(super) const NO_CALL: &str = "no call";

/// The call ended.
pub(super) const ENDED: &str = "ended";

/// All states of a call: its phase, what its app was asked, and whether its app is away.
pub const STATES: [&str; 17] = [
    NO_CALL,
    "ringing",
    "ringing, answering",
    "ringing, app away",
    "dialing, requested",
    "dialing, started",
    "dialing, connecting",
    "dialing, app away",
    "active",
    "active, holding",
    "active, app away",
    "held",
    "held, resuming",
    "held, app away",
    "ending",
    "ending, app away",
    ENDED,
];

/// The state of a live call.
pub(super) fn state(call: &CallSnapshot) -> &'static str {
    let is_away = call.orphaned_until.is_some();
    let pending = call.pending;
    match call.phase {
        Phase::Ringing { .. } if is_away => "ringing, app away",
        Phase::Ringing { .. } if pending == Some(ActionKind::Answer) => "ringing, answering",
        Phase::Ringing { .. } => "ringing",
        Phase::Dialing { .. } if is_away => "dialing, app away",
        Phase::Dialing { stage, .. } => match stage {
            DialStage::Requested => "dialing, requested",
            DialStage::Started => "dialing, started",
            DialStage::Connecting => "dialing, connecting",
        },
        Phase::Active { .. } if is_away => "active, app away",
        Phase::Active { .. } if pending == Some(ActionKind::SetHeld) => "active, holding",
        Phase::Active { .. } => "active",
        Phase::Held(_) if is_away => "held, app away",
        Phase::Held(_) if pending == Some(ActionKind::SetHeld) => "held, resuming",
        Phase::Held(_) => "held",
        Phase::Ending { .. } if is_away => "ending, app away",
        Phase::Ending { .. } => "ending",
    }
}

/// All events, by who is behind them.
pub const EVENTS: &[&str] = &[
    "app reports incoming",
    "app reports updated",
    "app reports connecting",
    "app reports connected",
    "app reports ended",
    "app reports remote-held",
    "app reports held",
    "app reports muted",
    "app reports video-offered",
    "app adopts",
    "app registers",
    "app invalidates",
    "app requests start",
    "app requests answer",
    "app requests end",
    "app requests hold",
    "app requests resume",
    "app requests mute",
    "app requests digits",
    "app requests group",
    "app requests translate",
    "app requests nothing",
    "app fulfills start",
    "app fulfills answer",
    "app fulfills end",
    "app fulfills hold",
    "app fulfills resume",
    "app fulfills mute",
    "app fulfills digits",
    "app fulfills group",
    "app fulfills video",
    "app fulfills translate",
    "app fulfills press",
    "app fails start",
    "app fails answer",
    "app fails end",
    "app fails hold",
    "app fails resume",
    "app fails mute",
    "app fails digits",
    "app fails group",
    "app fails video",
    "app fails translate",
    "app fails press",
    "app settles too late",
    "app settles for another",
    "app acknowledges",
    "app dies",
    "app cannot be started",
    "user answers",
    "user declines",
    "user ends",
    "user ends by force",
    "user holds",
    "user resumes",
    "user swaps",
    "user merges",
    "user splits",
    "user ends a group",
    "user mutes",
    "user sends digits",
    "user sends rest",
    "user drops rest",
    "user silences",
    "user dials",
    "user opens",
    "user switches video",
    "user declines video",
    "user translates",
    "user presses a button",
    "user changes what comes to the front",
    "user changes who may ring",
    "screeners change",
    "screener says its verdict",
    "directory decides",
    "screen is locked",
    "rules are read",
    "user routes",
    "user presses the headset's button",
    "app wants audio",
    "app routes",
    "user chooses where it rings",
    "app brings a ringtone",
    "audio devices change",
    "audio server is lost",
    "audio server refuses a device",
    "ringtone changes its device",
    "ringtone is heard or not",
    "audio is interrupted",
    "microphone is muted",
    "app changes its place",
    "ring time is over",
    "dialing time is over",
    "ask time is over",
    "stage time is over",
    "away time is over",
    "launch time is over",
    "time to launch again",
    "grant time is over",
    "verdict time is over",
    "offer time is over",
    "unlock time is over",
    "route time is over",
    "voicemail time is over",
    "usual time is over",
    "pause in digits is over",
    "tone time is over",
];

/// The event of a deadline.
pub(super) fn time(reason: DeadlineReason) -> &'static str {
    match reason {
        DeadlineReason::Ring => "ring time is over",
        DeadlineReason::DialRing => "dialing time is over",
        DeadlineReason::Ask => "ask time is over",
        DeadlineReason::Stage => "stage time is over",
        DeadlineReason::Orphan => "away time is over",
        DeadlineReason::Launch => "launch time is over",
        DeadlineReason::Verdict => "verdict time is over",
        DeadlineReason::Relaunch => "time to launch again",
        DeadlineReason::VideoOffer => "offer time is over",
        DeadlineReason::Unlock => "unlock time is over",
        DeadlineReason::Route => "route time is over",
        DeadlineReason::Grant => "grant time is over",
        DeadlineReason::Voicemail => "voicemail time is over",
        DeadlineReason::Slow => "usual time is over",
        DeadlineReason::SoftPause => "pause in digits is over",
        DeadlineReason::Tone => "tone time is over",
    }
}

/// Whether a deadline of this kind can be one of this call, rather than of another that it gives
/// way to.
pub(super) fn waits(call: &CallSnapshot, reason: DeadlineReason) -> bool {
    match reason {
        DeadlineReason::Ring => matches!(call.phase, Phase::Ringing { .. }),
        DeadlineReason::DialRing => matches!(call.phase, Phase::Dialing { .. }),
        DeadlineReason::Relaunch => matches!(call.phase, Phase::Ending { .. }),
        DeadlineReason::Ask
        | DeadlineReason::Stage
        | DeadlineReason::Launch
        | DeadlineReason::Slow => call.pending.is_some(),
        DeadlineReason::Orphan => call.orphaned_until.is_some(),
        DeadlineReason::SoftPause => matches!(call.phase, Phase::Active { .. } | Phase::Held(_)),
        DeadlineReason::VideoOffer => call.video_offer.is_some(),
        DeadlineReason::Voicemail => call.phase.is_at_voicemail(),
        DeadlineReason::Verdict
        | DeadlineReason::Unlock
        | DeadlineReason::Route
        | DeadlineReason::Tone => false,
        DeadlineReason::Grant => matches!(call.phase, Phase::Active { .. } | Phase::Dialing { .. }),
    }
}

/// Whether a deadline of this kind is about no live call: a call that waits for a verdict is not
/// there yet, a call whose tone sounds is gone, an order to the audio server and the lock are about
/// none.
pub(super) fn is_about_no_call(reason: DeadlineReason) -> bool {
    match reason {
        DeadlineReason::Verdict
        | DeadlineReason::Route
        | DeadlineReason::Unlock
        | DeadlineReason::Tone => true,
        DeadlineReason::Ring
        | DeadlineReason::DialRing
        | DeadlineReason::Ask
        | DeadlineReason::Stage
        | DeadlineReason::Orphan
        | DeadlineReason::Launch
        | DeadlineReason::Relaunch
        | DeadlineReason::VideoOffer
        | DeadlineReason::Grant
        | DeadlineReason::Voicemail
        | DeadlineReason::Slow
        | DeadlineReason::SoftPause => false,
    }
}

/// The name of a step's event, and the calls it meets.
pub(super) fn event(step: &Step<'_>, known: &Known) -> (Option<&'static str>, Vec<CallId>) {
    match step.event {
        Event::Report { client, report, .. } => met_by_report(step, known, *client, report),
        Event::Request { wish, .. } => met_by_wish(step, wish),
        Event::Settled {
            client,
            ask,
            outcome,
        } => settled(known, *client, *ask, *outcome),
        Event::Environment(Environment::ClientGone(client)) => {
            (Some("app dies"), calls_of_client(step, known, *client))
        }
        Event::Environment(Environment::LaunchFailed(app)) => {
            (Some("app cannot be started"), calls_of_app(step, app))
        }
        Event::Environment(Environment::Endpoints { .. }) => {
            (Some("audio devices change"), all_calls(step))
        }
        Event::Environment(Environment::AudioLost) => {
            (Some("audio server is lost"), all_calls(step))
        }
        Event::Environment(Environment::RouteFailed { .. }) => {
            (Some("audio server refuses a device"), all_calls(step))
        }
        Event::Environment(Environment::RingOn(_)) => {
            (Some("ringtone changes its device"), all_calls(step))
        }
        Event::Environment(Environment::RingMuted(_)) => {
            (Some("ringtone is heard or not"), all_calls(step))
        }
        Event::Environment(Environment::Ringtone { app, .. }) => {
            (Some("app brings a ringtone"), calls_of_app(step, app))
        }
        Event::Environment(Environment::Interrupted { .. }) => {
            (Some("audio is interrupted"), all_calls(step))
        }
        Event::Environment(Environment::MicrophoneMuted(_)) => {
            (Some("microphone is muted"), all_calls(step))
        }
        Event::Environment(Environment::Foreground { app, .. }) => {
            (Some("app changes its place"), calls_of_app(step, app))
        }
        Event::Environment(Environment::Policy(_)) => {
            (Some("user changes who may ring"), all_calls(step))
        }
        Event::Environment(Environment::Screeners(_)) => {
            (Some("screeners change"), all_calls(step))
        }
        Event::Environment(Environment::Verdict { call, .. }) => {
            (Some("screener says its verdict"), vec![*call])
        }
        Event::Environment(Environment::Locked(_)) => (Some("screen is locked"), all_calls(step)),
        Event::Environment(Environment::Front(_)) => (Some("rules are read"), all_calls(step)),
        Event::Environment(Environment::Decided { call, .. }) => {
            (Some("directory decides"), vec![*call])
        }
        Event::Acknowledged { client, .. } => (
            Some("app acknowledges"),
            calls_of_client(step, known, *client),
        ),
        // Cellular apps are told once, before the first app registers; what a tick does is in the
        // rows of the deadlines, which a sleep moves.
        Event::Environment(Environment::CellularApps(_) | Environment::Slept(_)) | Event::Tick => {
            (None, Vec::new())
        }
    }
}

fn met_by_report(
    step: &Step<'_>,
    known: &Known,
    client: ClientId,
    report: &Report,
) -> (Option<&'static str>, Vec<CallId>) {
    let (name, call) = match report {
        Report::Register { app, .. } => return (Some("app registers"), calls_of_app(step, app)),
        Report::Invalidate => {
            return (
                Some("app invalidates"),
                calls_of_client(step, known, client),
            );
        }
        Report::Incoming { call, .. } => ("app reports incoming", call),
        Report::Updated { call, .. } => ("app reports updated", call),
        Report::Connecting { call, .. } => ("app reports connecting", call),
        Report::Connected { call, .. } => ("app reports connected", call),
        Report::Ended { call, .. } => ("app reports ended", call),
        Report::RemoteHeld { call, .. } => ("app reports remote-held", call),
        Report::Held { call, .. } => ("app reports held", call),
        Report::Muted { call, .. } => ("app reports muted", call),
        Report::VideoOffer { call, .. } => ("app reports video-offered", call),
        Report::Adopt { call } => ("app adopts", call),
    };
    (Some(name), vec![*call])
}

fn met_by_wish(step: &Step<'_>, wish: &Request) -> (Option<&'static str>, Vec<CallId>) {
    let (name, call) = match wish {
        Request::Transaction(actions) => {
            let nothing = (Some("app requests nothing"), Vec::new());
            return actions.first().map_or(nothing, named_action);
        }
        Request::Answer { call, .. } => ("user answers", call),
        Request::Decline(call) => ("user declines", call),
        Request::End(call) => ("user ends", call),
        Request::ForceEnd(call) => ("user ends by force", call),
        Request::SetHeld(call, true) => ("user holds", call),
        Request::SetHeld(call, false) => ("user resumes", call),
        Request::Swap => return (Some("user swaps"), all_calls(step)),
        Request::Merge(call, with) => return (Some("user merges"), vec![*call, *with]),
        Request::Split(call) => ("user splits", call),
        Request::EndGroup(call) => ("user ends a group", call),
        Request::SetMuted(call, _) => ("user mutes", call),
        Request::Digits(call, _) => ("user sends digits", call),
        Request::SendRest(call) => ("user sends rest", call),
        Request::DropRest(call) => ("user drops rest", call),
        Request::Silence(call) => ("user silences", call),
        Request::Dial { call, .. } => ("user dials", call),
        Request::Open(call) => ("user opens", call),
        Request::RouteCall(call, _) => ("app routes", call),
        Request::SetRingOn(_) => return (Some("user chooses where it rings"), all_calls(step)),
        Request::Route(_) => return (Some("user routes"), all_calls(step)),
        Request::SetVideo(call, _) => ("user switches video", call),
        Request::DeclineVideo(call) => ("user declines video", call),
        Request::SetTranslating(call, _) => ("user translates", call),
        Request::Custom(call, _) => ("user presses a button", call),
        Request::SetOnAnswer(_) | Request::SetDriving(_) => {
            return (
                Some("user changes what comes to the front"),
                all_calls(step),
            );
        }
        Request::ChangeRule(_) => return (Some("user changes who may ring"), all_calls(step)),
        Request::Headset { .. } => {
            return (Some("user presses the headset's button"), all_calls(step));
        }
        Request::Audio(_) => return (Some("app wants audio"), all_calls(step)),
    };
    (Some(name), vec![*call])
}

fn named_action(action: &Action) -> (Option<&'static str>, Vec<CallId>) {
    let name = match action {
        Action::Start { .. } => "app requests start",
        Action::Answer(_) => "app requests answer",
        Action::End(_) => "app requests end",
        Action::SetHeld(_, true) => "app requests hold",
        Action::SetHeld(_, false) => "app requests resume",
        Action::SetMuted(..) => "app requests mute",
        Action::SetGroup(..) => "app requests group",
        Action::PlayDigits(..) => "app requests digits",
        Action::SetTranslating(..) => "app requests translate",
    };
    (Some(name), vec![action.call()])
}

fn settled(
    known: &Known,
    client: ClientId,
    ask: AskId,
    outcome: Outcome,
) -> (Option<&'static str>, Vec<CallId>) {
    let Some((owner, call, word)) = known.open.get(&ask) else {
        let call = known.over.get(&ask).copied();
        return (Some("app settles too late"), call.into_iter().collect());
    };
    if *owner != client {
        return (Some("app settles for another"), vec![*call]);
    }
    let pair = match word {
        AskWord::Start => ("app fulfills start", "app fails start"),
        AskWord::Answer => ("app fulfills answer", "app fails answer"),
        AskWord::End => ("app fulfills end", "app fails end"),
        AskWord::Hold => ("app fulfills hold", "app fails hold"),
        AskWord::Resume => ("app fulfills resume", "app fails resume"),
        AskWord::Mute | AskWord::Unmute => ("app fulfills mute", "app fails mute"),
        AskWord::Group | AskWord::Ungroup => ("app fulfills group", "app fails group"),
        AskWord::Digits => ("app fulfills digits", "app fails digits"),
        AskWord::VideoOn | AskWord::VideoOff | AskWord::VideoDeclined => {
            ("app fulfills video", "app fails video")
        }
        AskWord::Translate | AskWord::StopTranslating => {
            ("app fulfills translate", "app fails translate")
        }
        AskWord::Press => ("app fulfills press", "app fails press"),
    };
    let name = match outcome {
        Outcome::Fulfilled { .. } | Outcome::FulfilledUsing(_) => pair.0,
        Outcome::Failed => pair.1,
    };
    (Some(name), vec![*call])
}

fn all_calls(step: &Step<'_>) -> Vec<CallId> {
    step.before.live().map(|call| call.id).collect()
}

fn calls_of_app(step: &Step<'_>, app: &AppId) -> Vec<CallId> {
    let calls = step.before.live().filter(|call| call.app == *app);
    calls.map(|call| call.id).collect()
}

/// The calls of the app behind a connection: those it was lost with, or those it withdraws.
fn calls_of_client(step: &Step<'_>, known: &Known, client: ClientId) -> Vec<CallId> {
    let app = known.apps.get(&client);
    app.map(|app| calls_of_app(step, app)).unwrap_or_default()
}
