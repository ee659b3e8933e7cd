//! Why calls end, and who ended them.

use crate::phase::PhaseKind;
use crate::time::Stamp;

/// Why something that an app was asked for is given up after the app died.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DropReason {
    /// The app had it in its hands, or was asked twice already.
    AppGone,
    /// Its call ended.
    CallEnded,
    /// The other call that it was about ended.
    OtherCallEnded,
    /// The user has gone on: the call or the line is not as it was.
    MovedOn,
}

impl DropReason {
    /// All.
    pub const ALL: [Self; 4] = [
        Self::AppGone,
        Self::CallEnded,
        Self::OtherCallEnded,
        Self::MovedOn,
    ];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AppGone => "app-gone",
            Self::CallEnded => "call-ended",
            Self::OtherCallEnded => "other-call-ended",
            Self::MovedOn => "moved-on",
        }
    }
}

/// Why a call ended. Finer than CallKit's five `CXCallEndedReason` values, because users and
/// callers are told the truth by it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum EndReason {
    /// The user ended an outgoing or connected call.
    LocalHangup,
    /// The other party ended a connected call.
    RemoteHangup,
    /// The user declined an incoming call here.
    DeclinedHere,
    /// The other party declined our call.
    DeclinedByRemote,
    /// It rang for its whole time.
    Unanswered,
    /// The caller gave up while it rang.
    CanceledByCaller,
    /// Another device of the user answered.
    AnsweredElsewhere,
    /// Another device of the user declined.
    DeclinedElsewhere,
    /// The other party, or this device, had no line free.
    Busy,
    /// Another device of the user was in a call.
    BusyElsewhere,
    /// It could not be set up or carried on.
    Failed,
    /// The user's rules kept it from ringing.
    Filtered,
    /// It arrived when the caller had long given up.
    ExpiredBeforeDelivery,
    /// The app's process died and did not come back.
    AppCrashed,
    /// The app did not respond in time.
    AppUnresponsive,
}

impl EndReason {
    /// All reasons, in the order of the documentation.
    pub const ALL: [Self; 15] = [
        Self::LocalHangup,
        Self::RemoteHangup,
        Self::DeclinedHere,
        Self::DeclinedByRemote,
        Self::Unanswered,
        Self::CanceledByCaller,
        Self::AnsweredElsewhere,
        Self::DeclinedElsewhere,
        Self::Busy,
        Self::BusyElsewhere,
        Self::Failed,
        Self::Filtered,
        Self::ExpiredBeforeDelivery,
        Self::AppCrashed,
        Self::AppUnresponsive,
    ];

    /// The name used on every wire and in scenarios, such as `canceled-by-caller`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LocalHangup => "local-hangup",
            Self::RemoteHangup => "remote-hangup",
            Self::DeclinedHere => "declined-here",
            Self::DeclinedByRemote => "declined-by-remote",
            Self::Unanswered => "unanswered",
            Self::CanceledByCaller => "canceled-by-caller",
            Self::AnsweredElsewhere => "answered-elsewhere",
            Self::DeclinedElsewhere => "declined-elsewhere",
            Self::Busy => "busy",
            Self::BusyElsewhere => "busy-elsewhere",
            Self::Failed => "failed",
            Self::Filtered => "filtered",
            Self::ExpiredBeforeDelivery => "expired-before-delivery",
            Self::AppCrashed => "app-crashed",
            Self::AppUnresponsive => "app-unresponsive",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// The number of `CXCallEndedReason` with which a CallKit app would have reported it, or `None`
    /// where CallKit ends a call by an action and knows no reason.
    #[must_use]
    pub fn callkit(self) -> Option<u8> {
        match self {
            Self::LocalHangup | Self::DeclinedHere => None,
            Self::RemoteHangup | Self::DeclinedByRemote | Self::CanceledByCaller => Some(2),
            Self::Unanswered => Some(3),
            Self::AnsweredElsewhere => Some(4),
            // Signal maps a busy line of another device the same way.
            Self::DeclinedElsewhere | Self::BusyElsewhere => Some(5),
            Self::Busy
            | Self::Failed
            | Self::Filtered
            | Self::ExpiredBeforeDelivery
            | Self::AppCrashed
            | Self::AppUnresponsive => Some(1),
        }
    }
}

/// Who caused something.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Origin {
    /// The person at this device.
    User,
    /// The app, on its own.
    App,
    /// The other party.
    Remote,
    /// Another device of the same user.
    OtherDevice,
    /// The ring time ran out.
    RingLimit,
    /// The user chose another call over this one.
    CallWaiting,
    /// A limit of the system was reached.
    Limit,
    /// The system, to keep its promises.
    System,
}

impl Origin {
    /// All origins, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::User,
        Self::App,
        Self::Remote,
        Self::OtherDevice,
        Self::RingLimit,
        Self::CallWaiting,
        Self::Limit,
        Self::System,
    ];

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.name() == name)
    }

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::App => "app",
            Self::Remote => "remote",
            Self::OtherDevice => "other-device",
            Self::RingLimit => "ring-limit",
            Self::CallWaiting => "call-waiting",
            Self::Limit => "limit",
            Self::System => "system",
        }
    }
}

/// How a call ended: why, by whom, in which phase, when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct End {
    /// Why.
    pub reason: EndReason,
    /// By whom.
    pub origin: Origin,
    /// The phase it was in.
    pub phase: PhaseKind,
    /// When.
    pub at: Stamp,
}
