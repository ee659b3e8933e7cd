//! Every English word and sentence of the view, in one table.
//!
//! Callers choose *which* sentence; this file only says it. A translation replaces this file.

use core::time::Duration;

use hookswitch_model::{ActionFault, ActionKind, AnswerMode, PhaseKind, Rejection, SecondCalls};

/// In a notice, who a call was with whose name the user wants hidden.
pub const SOMEONE: &str = "Someone";
/// A caller without name and address.
pub const UNKNOWN: &str = "Unknown";
/// Kind of a call without video.
pub const AUDIO_CALL: &str = "Audio call";
/// Kind of a call with video.
pub const VIDEO_CALL: &str = "Video call";
/// State word of a call on the line.
pub const ACTIVE: &str = "Active";
/// State word of a held call.
pub const ON_HOLD: &str = "On hold";
/// State word of an outgoing call.
pub const DIALING: &str = "Dialing";
/// State word of a call about to be active.
pub const CONNECTING: &str = "Connecting";
/// State word of a call whose app died and may come back.
pub const RECONNECTING: &str = "Reconnecting…";
/// State word of a call that is being answered or dialed by a slow app.
pub const TAKES_LONG: &str = "Taking longer than usual";
/// State word of a call about to end.
pub const ENDING: &str = "Ending";
/// Button.
pub const DECLINE: &str = "Decline";
/// Button.
pub const MUTE: &str = "Mute";
/// Button.
pub const UNMUTE: &str = "Unmute";
/// Button.
pub const KEYPAD: &str = "Keypad";
/// Button.
pub const AUDIO: &str = "Audio";
/// Button.
pub const HOLD: &str = "Hold";
/// Button.
pub const RESUME: &str = "Resume";
/// Button.
pub const SWAP: &str = "Swap";
/// Button.
pub const MERGE: &str = "Merge";
/// Button of one call of a group.
pub const PRIVATE: &str = "Private";
/// Button of a group.
pub const END_ALL: &str = "End all";
/// Button.
pub const ADD_CALL: &str = "Add call";
/// Button.
pub const END: &str = "End";
/// Stands for the device name when there is none.
pub const NO_AUDIO: &str = "No sound device";
/// Why the audio button does not work.
pub const NO_AUDIO_REASON: &str = "Hookswitch sees no sound device.";
/// Why nothing can be dialed.
pub const NO_APPS: &str = "No app that can call is connected.";
/// Short form of "later".
pub const NOT_YET: &str = "Not yet";
/// Why a button waits for the connection.
pub const NOT_CONNECTED: &str = "The call is not connected yet.";
/// Short form of "the app is away".
pub const APP_AWAY: &str = "Reconnecting";
/// Held reason.
pub const AT_VOICEMAIL: &str = "Caller is leaving a message";
/// Why nobody hears the user: what can be done about it.
pub const AT_VOICEMAIL_REASON: &str = "You declined. Answer to pick up, End to hang up.";
/// The button that takes a call back from the voicemail.
pub const PICK_UP: &str = "Answer";
/// Why a call is on hold: the user's own wish.
pub const HELD_BY_USER: &str = "You put this call on hold.";
/// Held reason.
pub const HELD_FOR_OTHER: &str = "You put this call on hold to take another call.";
/// Button.
pub const VIDEO: &str = "Video";
/// Button.
pub const STOP_VIDEO: &str = "Stop video";
/// Button of digits that wait.
pub const SEND: &str = "Send";
/// Button of digits that wait.
pub const DO_NOT_SEND: &str = "Don’t send";
/// Button of an offer.
pub const KEEP_AUDIO: &str = "Stay on audio";
/// Button.
pub const TRANSLATE: &str = "Translate";
/// Button.
pub const STOP_TRANSLATING: &str = "Stop translating";
/// Note of a call that is muted and translated.
pub const MUTED_BUT_TRANSLATED: &str = "Muted: only the translation is sent.";
/// Second line of an app's button that asks for the unlocked screen.
pub const UNLOCK_FIRST: &str = "Unlock first";
/// Note while a wish waits behind the lock.
pub const UNLOCK_TO_GO_ON: &str = "Unlock the screen to go on.";
/// Endpoint kinds.
pub const SPEAKER: &str = "Speaker";
/// Endpoint kinds.
pub const HANDSET: &str = "Handset";
/// Endpoint kinds.
pub const HEADSET: &str = "Headset";
/// Endpoint kinds.
pub const BLUETOOTH: &str = "Bluetooth";

/// The button for a way to answer.
#[must_use]
pub fn answer_label(mode: AnswerMode) -> &'static str {
    match mode {
        AnswerMode::Auto => "Answer",
        AnswerMode::HoldAndAnswer => "Hold & Answer",
        AnswerMode::EndAndAnswer => "End & Answer",
        AnswerMode::EndHeldAndAnswer => "End Held & Answer",
    }
}

/// "Ana wants to switch to video."
#[must_use]
pub fn offers_video(name: &str) -> String {
    format!("{name} wants to switch to video.")
}

/// "Send 1234?"
#[must_use]
pub fn send_rest(digits: &str) -> String {
    format!("Send {digits}?")
}

/// "en, de" under a button that stops translation.
#[must_use]
pub fn languages(local: &str, remote: &str) -> String {
    format!("{local}, {remote}")
}

/// Why a call cannot be called back.
#[must_use]
pub fn not_callable(app: &str, anonymous: bool) -> String {
    if anonymous {
        "The number was withheld.".to_owned()
    } else {
        format!("{app} cannot call this kind of address.")
    }
}

/// "Open Acme".
#[must_use]
pub fn open_app(app: &str) -> String {
    format!("Open {app}")
}

/// "To Ana Kowalska", under Swap.
#[must_use]
pub fn swap_to(name: &str) -> String {
    format!("To {name}")
}

/// "Ana Kowalska waits on hold", under Hold & Answer.
#[must_use]
pub fn waits_on_hold(name: &str) -> String {
    format!("{name} waits on hold")
}

/// "Ends Ana Kowalska", under a button that ends her call.
#[must_use]
pub fn ends(name: &str) -> String {
    format!("Ends {name}")
}

/// "Ends the call with Ana Kowalska in Acme.", read with the button.
#[must_use]
pub fn ends_call_with(name: &str, app: &str) -> String {
    format!("Ends the call with {name} in {app}.")
}

/// "End & Answer ends the call in Acme."
#[must_use]
pub fn discloses(label: &str, app: &str) -> String {
    format!("{label} ends the call in {app}.")
}

/// "Answering ends the call in Acme."
#[must_use]
pub fn answering_ends(app: &str) -> String {
    format!("Answering ends the call in {app}.")
}

/// "Incoming audio call. Ana Kowalska. Acme."
#[must_use]
pub fn announce_incoming(is_video: bool, name: &str, app: &str) -> String {
    let kind = if is_video { "video" } else { "audio" };
    format!("Incoming {kind} call. {name}. {app}.")
}

/// What the user is doing when a second call comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Meanwhile {
    /// Talking.
    Talking,
    /// Dialing.
    Calling,
    /// Keeping someone on hold.
    Holding,
}

/// "Second call. Omar Haddad, Mobile. You are talking to Ana Kowalska."
#[must_use]
pub fn announce_second(name: &str, app: &str, meanwhile: Meanwhile, other: &str) -> String {
    let rest = match meanwhile {
        Meanwhile::Talking => format!("You are talking to {other}."),
        Meanwhile::Calling => format!("You are calling {other}."),
        Meanwhile::Holding => format!("{other} is on hold."),
    };
    format!("Second call. {name}, {app}. {rest}")
}

/// "Ana Kowalska, Ben Li and Omar Haddad"
#[must_use]
pub fn names(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "3 people"
#[must_use]
pub fn people(count: usize) -> String {
    format!("{count} people")
}

/// "With Ana Kowalska", under a Merge button.
#[must_use]
pub fn merge_with(name: &str) -> String {
    format!("With {name}")
}

/// "You put this call on hold to talk to Ana Kowalska."
#[must_use]
pub fn held_to_talk(name: &str) -> String {
    format!("You put this call on hold to talk to {name}.")
}

/// "You put this call on hold to answer Omar Haddad."
#[must_use]
pub fn held_to_answer(name: &str) -> String {
    format!("You put this call on hold to answer {name}.")
}

/// "You put this call on hold to call Omar Haddad."
#[must_use]
pub fn held_to_call(name: &str) -> String {
    format!("You put this call on hold to call {name}.")
}

/// "Ana put you on hold."
#[must_use]
pub fn held_by_remote(name: &str) -> String {
    format!("{name} put you on hold.")
}

/// "On hold by the system: Acme did not hold in 2 s."
#[must_use]
pub fn held_slow(app: &str, limit: Duration) -> String {
    format!("On hold by the system: {}", did_not_hold(app, limit))
}

/// "On hold by the system: Acme refused to hold."
#[must_use]
pub fn held_refused(app: &str) -> String {
    format!("On hold by the system: {}", refused_to_hold(app))
}

/// "On hold by the system: Acme came back while another call had the line."
#[must_use]
pub fn held_displaced(app: &str) -> String {
    format!("On hold by the system: {app} came back while another call had the line.")
}

/// "Acme did not hold in 2 s."
#[must_use]
pub fn did_not_hold(app: &str, limit: Duration) -> String {
    format!("{app} did not hold in {}.", ring_span(limit))
}

/// "Acme refused to hold."
#[must_use]
pub fn refused_to_hold(app: &str) -> String {
    format!("{app} refused to hold.")
}

/// Another call was answered or resumed where nobody was asked.
pub const LINE_TAKEN: &str = "Another call took the line.";

/// "Its sound is stopped. The call with Ana is kept, on hold by the system."
#[must_use]
pub fn kept_on_hold(name: &str) -> String {
    format!("Its sound is stopped. The call with {name} is kept, on hold by the system.")
}

/// "Acme is reconnecting. The call stays open while Acme comes back."
#[must_use]
pub fn reconnecting(app: &str) -> String {
    format!("{app} is reconnecting. The call stays open while {app} comes back.")
}

/// "Acme stopped working."
#[must_use]
pub fn stopped_working(app: &str) -> String {
    format!("{app} stopped working.")
}

/// "Its calls stay open for 3 s while Acme comes back."
#[must_use]
pub fn calls_stay_open(app: &str, limit: Duration) -> String {
    format!(
        "Its calls stay open for {} while {app} comes back.",
        span(limit)
    )
}

/// "Acme did not answer the call."
#[must_use]
pub fn not_done(app: &str, action: ActionKind) -> String {
    format!("{app} did not {}.", deed(action))
}

/// "Acme takes longer than usual to answer the call."
#[must_use]
pub fn takes_long(app: &str, action: ActionKind) -> String {
    format!("{app} takes longer than usual to {}.", deed(action))
}

fn deed(action: ActionKind) -> &'static str {
    match action {
        ActionKind::Start => "start the call",
        ActionKind::Answer => "answer the call",
        ActionKind::End => "end the call",
        ActionKind::SetHeld => "hold or resume the call",
        ActionKind::SetMuted => "mute or unmute the call",
        ActionKind::SetGroup => "merge or separate the calls",
        ActionKind::PlayDigits => "send the digits",
        ActionKind::SetVideo => "switch video",
        ActionKind::DeclineVideo => "turn the video down",
        ActionKind::SetTranslating => "switch translation",
        ActionKind::Custom => "do what the button says",
    }
}

/// "The call with Ana is as it was. Try again, or open Acme."
#[must_use]
pub fn as_it_was(name: &str, app: &str) -> String {
    format!("The call with {name} is as it was. Try again, or open {app}.")
}

/// "Two calls are the most at once. End one first."
#[must_use]
pub fn calls_full(most: usize) -> String {
    match most {
        1 => "One call at once is the most here. End it first.".to_owned(),
        _ => format!("{most} calls are the most at once. End one first."),
    }
}

/// "The line is full" in short.
#[must_use]
pub fn calls_full_short(most: usize) -> String {
    format!("{most} at most")
}

/// Why a former call cannot be called back whose name the user wants hidden.
#[must_use]
pub fn hidden(app: &str) -> String {
    format!("Names of {app} are hidden. Call back in {app}.")
}

/// Why something does not work, as a sentence. `app` is the app whose call is the obstacle.
#[must_use]
pub fn refusal(rejection: &Rejection, app: &str) -> String {
    match rejection {
        Rejection::Unentitled => "This is not allowed here.".to_owned(),
        Rejection::UnknownProvider => format!("{app} is not connected. Start it and try again."),
        Rejection::EmptyTransaction => "Nothing was asked for.".to_owned(),
        Rejection::UnknownCall(_) => "This call is not there any more.".to_owned(),
        Rejection::AlreadyEnded { .. } => "This call has ended already.".to_owned(),
        Rejection::CallExists(_) => "This call exists already.".to_owned(),
        Rejection::InvalidAction { fault, .. } | Rejection::NotNow(fault) => {
            fault_words(fault, app)
        }
        Rejection::LimitReached { limit, max, .. } => places::limit_alone(*limit, *max, app),
        Rejection::RateLimited { .. } => "Too much at once. Try again in a moment.".to_owned(),
        Rejection::UnknownEndpoint => "This sound device is not there. Choose another.".to_owned(),
        Rejection::UnknownAsk => "This was settled already.".to_owned(),
        Rejection::CallIsProtected => format!("{app} is locked or hidden. Unlock it first."),
        Rejection::FilteredByDoNotDisturb
        | Rejection::FilteredByBlockList
        | Rejection::FilteredByRestriction
        | Rejection::UserBusy
        | Rejection::FilteredWhileBusy
        | Rejection::ArrivedLate => format!("Not possible: {rejection}."),
        Rejection::AudioBusy { .. } => "A call of another app has the audio.".to_owned(),
        // The enum may grow; its own words are sentences for a person, too.
        other => format!("Not possible: {other}."),
    }
}

fn fault_words(fault: &ActionFault, app: &str) -> String {
    match fault {
        ActionFault::Phase(phase) => wrong_phase(*phase).to_owned(),
        ActionFault::CannotHold => format!("{app} cannot hold calls."),
        ActionFault::NoDigits => format!("{app} takes no digits in this call."),
        ActionFault::UnderWay => "This is under way.".to_owned(),
        ActionFault::NothingToSwap => "There is no second call to swap to.".to_owned(),
        ActionFault::AppGone => format!("{app} stopped; it may be back in a moment."),
        ActionFault::HandleKind => format!("{app} cannot call this kind of address."),
        ActionFault::ChoiceNeeded => "Choose what happens to the call on the line.".to_owned(),
        ActionFault::RingingFirst => "Answer or decline the ringing call first.".to_owned(),
        ActionFault::NoHeldCall => "No call is on hold.".to_owned(),
        ActionFault::CannotGroup => format!("{app} cannot merge this call."),
        ActionFault::CannotUngroup => format!("{app} cannot take this call out of its group."),
        ActionFault::OtherApp => "Only calls of one app can be merged.".to_owned(),
        ActionFault::SameGroup => "These calls are merged already.".to_owned(),
        ActionFault::InOtherGroup => {
            "Both are merged with others already. Take one call out first.".to_owned()
        }
        ActionFault::NotGrouped => "This call is not merged with another.".to_owned(),
        ActionFault::Emergency => "An emergency call is in progress.".to_owned(),
        ActionFault::NoVideo => format!("{app} has no video here."),
        ActionFault::NoOffer => "No video is offered any more.".to_owned(),
        ActionFault::NoTranslation => format!("Calls of {app} cannot be translated."),
        ActionFault::NoSuchButton => format!("{app} does not offer this now."),
        ActionFault::NoSuchAccount => format!("{app} cannot call with this account."),
        ActionFault::NoCall => "There is no call.".to_owned(),
        ActionFault::DigitsWait => "Digits wait. Send them, drop them, or wait.".to_owned(),
        ActionFault::NothingToSend => "No digits wait any more.".to_owned(),
        ActionFault::NoAudio => "This call does not have the audio now.".to_owned(),
        ActionFault::UserChose => "You have chosen the audio device of this call.".to_owned(),
        ActionFault::MutedAtDevice => {
            "The microphone itself is muted. Unmute it at the headset or in the mixer.".to_owned()
        }
    }
}

fn wrong_phase(phase: PhaseKind) -> &'static str {
    match phase {
        PhaseKind::Ringing | PhaseKind::Dialing => NOT_CONNECTED,
        PhaseKind::Active => "The call is active already.",
        PhaseKind::Held => "The call is on hold. Resume it first.",
        PhaseKind::Ending => "The call is ending.",
    }
}

/// Why something does not work, in the two or three words under a button.
#[must_use]
pub fn refusal_short(rejection: &Rejection, app: &str) -> String {
    let fault = match rejection {
        Rejection::InvalidAction { fault, .. } | Rejection::NotNow(fault) => fault,
        Rejection::LimitReached { max, .. } => return format!("{max} at most"),
        Rejection::RateLimited { .. } => return "In a moment".to_owned(),
        Rejection::AlreadyEnded { .. } | Rejection::UnknownCall(_) => return "Ended".to_owned(),
        Rejection::Unentitled
        | Rejection::UnknownProvider
        | Rejection::EmptyTransaction
        | Rejection::CallExists(_)
        | Rejection::UnknownEndpoint
        | Rejection::UnknownAsk
        | Rejection::FilteredByDoNotDisturb
        | Rejection::FilteredByBlockList
        | Rejection::FilteredByRestriction
        | Rejection::UserBusy
        | Rejection::FilteredWhileBusy
        | Rejection::ArrivedLate
        | Rejection::AudioBusy { .. } => return "Not available".to_owned(),
        Rejection::CallIsProtected => return "Locked".to_owned(),
        other => return format!("Not possible: {other}"),
    };
    match fault {
        ActionFault::Phase(PhaseKind::Ringing | PhaseKind::Dialing) => NOT_YET.to_owned(),
        ActionFault::Phase(PhaseKind::Active) => ACTIVE.to_owned(),
        ActionFault::Phase(PhaseKind::Held) => ON_HOLD.to_owned(),
        ActionFault::Phase(PhaseKind::Ending) => ENDING.to_owned(),
        ActionFault::CannotHold
        | ActionFault::CannotGroup
        | ActionFault::CannotUngroup
        | ActionFault::NoDigits
        | ActionFault::HandleKind
        | ActionFault::NoVideo
        | ActionFault::NoTranslation
        | ActionFault::NoSuchAccount => format!("Not in {app}"),
        ActionFault::NoOffer | ActionFault::NoSuchButton | ActionFault::NothingToSend => {
            "Not any more".to_owned()
        }
        ActionFault::DigitsWait => "Digits wait".to_owned(),
        ActionFault::UnderWay => "Under way".to_owned(),
        ActionFault::NothingToSwap => "No second call".to_owned(),
        ActionFault::AppGone => APP_AWAY.to_owned(),
        ActionFault::NoCall => "No call".to_owned(),
        ActionFault::MutedAtDevice => "Muted at device".to_owned(),
        ActionFault::NoAudio => "No audio".to_owned(),
        ActionFault::UserChose => "You chose".to_owned(),
        ActionFault::ChoiceNeeded => "Choose first".to_owned(),
        ActionFault::RingingFirst => "A call rings".to_owned(),
        ActionFault::NoHeldCall => "None on hold".to_owned(),
        ActionFault::OtherApp => "Another app".to_owned(),
        ActionFault::SameGroup | ActionFault::InOtherGroup => "Merged already".to_owned(),
        ActionFault::NotGrouped => "Not merged".to_owned(),
        ActionFault::Emergency => "Emergency call".to_owned(),
    }
}

/// A span in short: "8 s", "12 min", "1 h 5 min".
#[must_use]
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// How long something rang, in seconds as long as a person would count them: "60 s".
#[must_use]
pub fn ring_span(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds < 120 {
        format!("{seconds} s")
    } else {
        self::span(span)
    }
}

/// A span to the second: "12 min 4 s".
#[must_use]
pub fn exact_span(span: Duration) -> String {
    let seconds = span.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, rest) => format!("{rest} s"),
        (1..60, 0) => format!("{} min", seconds / 60),
        (1..60, rest) => format!("{} min {rest} s", seconds / 60),
        _ => self::span(span),
    }
}

/// A way for second calls, and what it does.
#[must_use]
pub fn second_calls(rule: SecondCalls) -> (&'static str, &'static str) {
    match rule {
        SecondCalls::Ring => ("Ring", "With a short tone beside the call"),
        SecondCalls::Busy => ("Turn away as busy", "They hear busy; you see it as missed"),
        SecondCalls::Missed => ("Keep as missed", "They are not told; you see it as missed"),
    }
}

/// The rule of one app: "Acme: turn away as busy".
#[must_use]
pub fn second_calls_of(app: &str, rule: SecondCalls) -> String {
    format!("{app}: {}", second_calls(rule).0.to_lowercase())
}

/// The switch of do-not-disturb, in words.
#[must_use]
pub fn do_not_disturb(is_on: bool) -> &'static str {
    if is_on {
        "Do not disturb is on"
    } else {
        "Do not disturb is off"
    }
}

pub mod ended;
mod places;

pub use places::{limit_of_calls, phase};

/// The audio device and what happened to it.
pub mod audio;
