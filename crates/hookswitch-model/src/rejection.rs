//! Why a request or a report was refused. A refusal changes nothing; the caller can fix it.

use core::fmt;

use crate::id::{CallId, ProviderId};
use crate::limits::Limit;
use crate::phase::PhaseKind;
use crate::reason::EndReason;

/// The kinds of action (CallKit `CXAction` subclasses).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ActionKind {
    /// Start an outgoing call.
    Start,
    /// Answer.
    Answer,
    /// End, cancel or decline.
    End,
    /// Hold or resume.
    SetHeld,
    /// Mute or unmute.
    SetMuted,
    /// Join another call's group, or leave one's own (CallKit `CXSetGroupCallAction`).
    SetGroup,
    /// Send digits.
    PlayDigits,
    /// Switch video on or off.
    SetVideo,
    /// Turn down an offer of video.
    DeclineVideo,
    /// Start or stop live translation.
    SetTranslating,
    /// Press one of the app's own buttons.
    Custom,
}

impl ActionKind {
    /// All kinds, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Start,
        Self::Answer,
        Self::End,
        Self::SetHeld,
        Self::SetMuted,
        Self::SetGroup,
        Self::PlayDigits,
        Self::SetVideo,
        Self::DeclineVideo,
        Self::SetTranslating,
        Self::Custom,
    ];

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Answer => "answer",
            Self::End => "end",
            Self::SetHeld => "set-held",
            Self::SetMuted => "set-muted",
            Self::SetGroup => "set-group",
            Self::PlayDigits => "play-digits",
            Self::SetVideo => "set-video",
            Self::DeclineVideo => "decline-video",
            Self::SetTranslating => "set-translating",
            Self::Custom => "custom",
        }
    }
}

/// What is wrong with an action, in the state the call is in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ActionFault {
    /// Not possible in this phase.
    Phase(PhaseKind),
    /// The call cannot be held (`supportsHolding` is false, or it is not connected yet).
    CannotHold,
    /// The call does not accept digits.
    NoDigits,
    /// The same thing was asked already and is under way.
    UnderWay,
    /// There is nothing to swap with.
    NothingToSwap,
    /// The app is gone and may come back within moments.
    AppGone,
    /// The app cannot dial this kind of handle.
    HandleKind,
    /// The user must choose what happens to the call that is on the line.
    ChoiceNeeded,
    /// A call is ringing; it has to be settled first.
    RingingFirst,
    /// There is no held call to end.
    NoHeldCall,
    /// The call cannot be merged with others.
    CannotGroup,
    /// The call cannot leave its group.
    CannotUngroup,
    /// Calls of different apps cannot be merged: no app carries the sound of another.
    OtherApp,
    /// The calls are in one group already.
    SameGroup,
    /// The call is in another group; it has to leave that first.
    InOtherGroup,
    /// The call is in no group.
    NotGrouped,
    /// An emergency call has the line.
    Emergency,
    /// The app, or this account of it, has no video.
    NoVideo,
    /// Nobody has offered video.
    NoOffer,
    /// The app's calls cannot be translated.
    NoTranslation,
    /// The call does not have this button, or not now.
    NoSuchButton,
    /// The app has no such account, or it cannot start calls.
    NoSuchAccount,
    /// There is no call to do this with.
    NoCall,
    /// The microphone is muted where it is; only there it can be unmuted.
    MutedAtDevice,
    /// Digits wait for a pause to end; more of them would overtake those.
    DigitsWait,
    /// No digits wait.
    NothingToSend,
    /// The call does not have the audio, so its app has no say in the device.
    NoAudio,
    /// The user has chosen the audio device of this call; an app does not change it.
    UserChose,
}

/// Why a request or report was refused.
///
/// Order of precedence, as tested: unentitled, unknown provider, empty transaction; then for each
/// action in list order unknown call or used id, invalid action, limit reached. The first failing
/// action decides and nothing of the transaction is carried out.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Rejection {
    /// The caller may not do this.
    Unentitled,
    /// No app with this identity is registered.
    UnknownProvider,
    /// The transaction holds no action.
    EmptyTransaction,
    /// No live call with this id belongs to the caller.
    UnknownCall(CallId),
    /// The call has ended already.
    AlreadyEnded {
        /// Which call.
        call: CallId,
        /// Why it ended.
        reason: EndReason,
    },
    /// The id belongs to another call.
    CallExists(CallId),
    /// The action is not valid for the call as it is.
    InvalidAction {
        /// Which call.
        call: CallId,
        /// What was wanted.
        action: ActionKind,
        /// Why not.
        fault: ActionFault,
    },
    /// The request as a whole is not possible as things are.
    NotNow(ActionFault),
    /// A limit would be exceeded.
    LimitReached {
        /// Which.
        limit: Limit,
        /// Its value.
        max: u64,
        /// One of the calls that take up the places, if the limit is one of their app, of their
        /// group or of this call, or one for emergency calls; none if it is one of the whole
        /// system. Of a limit of an app's groups it rings if those that ring count.
        of: Option<CallId>,
    },
    /// Too much in too little time. Nothing is lost but this one report or request.
    RateLimited {
        /// Which limit says how much.
        limit: Limit,
        /// In how many milliseconds the next one is let through.
        wait_ms: u64,
    },
    /// No such audio endpoint.
    UnknownEndpoint,
    /// The ask is unknown, settled already, or not the caller's.
    UnknownAsk,
    /// Do-not-disturb is on and the caller not allowed. The report counts as made.
    FilteredByDoNotDisturb,
    /// The caller is blocked, by the user or by a screener. The report counts as made.
    FilteredByBlockList,
    /// The screen is shared or lent. The report counts as made.
    FilteredByRestriction,
    /// Another call is there, and a rule says that callers hear busy then. The report counts as
    /// made; its app tells the caller so.
    UserBusy,
    /// Another call is there, and a rule says that second calls are kept as missed. The report
    /// counts as made; its app says nothing to the caller, or takes a message.
    FilteredWhileBusy,
    /// The app is locked or hidden.
    CallIsProtected,
    /// The caller had given up when the call was reported. The report counts as made.
    ArrivedLate,
    /// Another app's call has the audio (Apple: `insufficientPriority`, 561017449).
    AudioBusy {
        /// The app that has it.
        holder: ProviderId,
    },
}

impl Rejection {
    /// In how many milliseconds the same would be let through, if it came too fast.
    #[must_use]
    pub fn wait_ms(&self) -> Option<u64> {
        if let Self::RateLimited { wait_ms, .. } = self {
            Some(*wait_ms)
        } else {
            None
        }
    }

    /// The name used on every wire, one per variant.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unentitled => "Unentitled",
            Self::UnknownProvider => "UnknownProvider",
            Self::EmptyTransaction => "EmptyTransaction",
            Self::UnknownCall(_) => "UnknownCall",
            Self::AlreadyEnded { .. } => "AlreadyEnded",
            Self::CallExists(_) => "CallExists",
            Self::InvalidAction { .. } => "InvalidAction",
            Self::NotNow(_) => "NotNow",
            Self::LimitReached { .. } => "LimitReached",
            Self::RateLimited { .. } => "RateLimited",
            Self::UnknownEndpoint => "UnknownEndpoint",
            Self::UnknownAsk => "UnknownAsk",
            Self::FilteredByDoNotDisturb => "FilteredByDoNotDisturb",
            Self::FilteredByBlockList => "FilteredByBlockList",
            Self::FilteredByRestriction => "FilteredByRestriction",
            Self::UserBusy => "UserBusy",
            Self::FilteredWhileBusy => "FilteredWhileBusy",
            Self::CallIsProtected => "CallIsProtected",
            Self::ArrivedLate => "ArrivedLate",
            Self::AudioBusy { .. } => "AudioBusy",
        }
    }
}

impl fmt::Display for ActionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phase(phase) => write!(f, "the call is {}", phase.name()),
            Self::CannotHold => f.write_str("the call cannot be held"),
            Self::NoDigits => f.write_str("the call does not accept digits"),
            Self::UnderWay => f.write_str("this was asked already and is under way"),
            Self::NothingToSwap => f.write_str("there is no pair of calls to swap"),
            Self::AppGone => f.write_str("the app stopped; it may be back in a moment"),
            Self::HandleKind => f.write_str("the app cannot dial this kind of address"),
            Self::ChoiceNeeded => f.write_str("choose what happens to the call on the line"),
            Self::RingingFirst => f.write_str("answer or decline the ringing call first"),
            Self::NoHeldCall => f.write_str("no call is on hold"),
            Self::CannotGroup => f.write_str("the call cannot be merged"),
            Self::CannotUngroup => f.write_str("the call cannot be taken out of its group"),
            Self::OtherApp => f.write_str("only calls of one app can be merged"),
            Self::SameGroup => f.write_str("the calls are merged already"),
            Self::InOtherGroup => f.write_str("the call is in another group; separate it first"),
            Self::NotGrouped => f.write_str("the call is not merged with another"),
            Self::Emergency => f.write_str("an emergency call is in progress"),
            Self::NoVideo => f.write_str("there is no video in this app or account"),
            Self::NoOffer => f.write_str("no video is offered"),
            Self::NoTranslation => f.write_str("calls of this app cannot be translated"),
            Self::NoSuchButton => f.write_str("the call has no such button now"),
            Self::NoSuchAccount => f.write_str("the app has no such account to call with"),
            Self::NoCall => f.write_str("there is no call"),
            Self::DigitsWait => f.write_str("digits wait; send them, drop them or wait"),
            Self::NothingToSend => f.write_str("no digits wait"),
            Self::NoAudio => f.write_str("the call does not have the audio now"),
            Self::UserChose => f.write_str("the user has chosen the audio device of this call"),
            Self::MutedAtDevice => {
                f.write_str("the microphone itself is muted; unmute it at the headset or mixer")
            }
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unentitled => f.write_str("the caller may not do this"),
            Self::UnknownProvider => f.write_str("no such app is registered; register first"),
            Self::EmptyTransaction => f.write_str("the transaction holds no action"),
            Self::UnknownCall(call) => write!(f, "no live call {call}"),
            Self::AlreadyEnded { call, reason } => {
                write!(f, "call {call} has ended already: {}", reason.name())
            }
            Self::CallExists(call) => write!(f, "call {call} exists already"),
            Self::InvalidAction {
                call,
                action,
                fault,
            } => write!(f, "cannot {}: {fault} (call {call})", deed(*action)),
            Self::NotNow(fault) => write!(f, "not possible: {fault}"),
            Self::LimitReached { limit, max, of: _ } => {
                write!(
                    f,
                    "no more than {max}: the limit \"{}\" is reached",
                    limit.row().name
                )
            }
            Self::RateLimited { limit, wait_ms } => write!(
                f,
                "too much at once (limit \"{}\"); try again in {wait_ms} ms",
                limit.row().name
            ),
            Self::UnknownEndpoint => f.write_str("no such audio device; list them and choose one"),
            Self::UnknownAsk => f.write_str("this ask is unknown or settled already"),
            Self::FilteredByDoNotDisturb => {
                f.write_str("not shown: do-not-disturb is on and this caller is not allowed")
            }
            Self::FilteredByBlockList => f.write_str("not shown: this caller is blocked"),
            Self::FilteredByRestriction => f.write_str("not shown: the screen is shared or lent"),
            Self::UserBusy => {
                f.write_str("not shown: another call is there; tell the caller that it is busy")
            }
            Self::FilteredWhileBusy => f.write_str(
                "not shown: another call is there; let the caller wait or leave a message",
            ),
            Self::CallIsProtected => f.write_str("the app is locked or hidden; unlock it first"),
            Self::ArrivedLate => f.write_str("not shown: the caller had given up by now"),
            Self::AudioBusy { holder } => {
                write!(
                    f,
                    "a call of another app ({holder}) has the audio; wait for its end"
                )
            }
        }
    }
}

/// What cannot be done, after "cannot".
fn deed(action: ActionKind) -> &'static str {
    match action {
        ActionKind::Start => "start the call",
        ActionKind::Answer => "answer",
        ActionKind::End => "end the call",
        ActionKind::SetHeld => "hold or resume",
        ActionKind::SetMuted => "mute or unmute",
        ActionKind::SetGroup => "merge or separate",
        ActionKind::PlayDigits => "send digits",
        ActionKind::SetVideo => "switch video",
        ActionKind::DeclineVideo => "turn video down",
        ActionKind::SetTranslating => "switch translation",
        ActionKind::Custom => "do this",
    }
}

impl core::error::Error for Rejection {}
