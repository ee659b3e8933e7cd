//! Where a call is in its life.
//!
//! The phase is one sum type with data. What we are *waiting for* (a pending ask), mute, remote
//! hold
//! and the orphan grace are separate facts of a call, so impossible combinations cannot be written.

use crate::id::CallId;
use crate::reason::EndReason;
use crate::reason::Origin;
use crate::time::{Stamp, Timestamp};

/// Which side began the call.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// The other party calls us.
    Incoming,
    /// We call the other party.
    Outgoing,
}

/// How far an outgoing call is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DialStage {
    /// The app was asked to start it.
    Requested,
    /// The invitation was sent.
    Started,
    /// The far end is connecting.
    Connecting,
}

impl DialStage {
    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Started => "started",
            Self::Connecting => "connecting",
        }
    }
}

/// Why a call is on hold on our side.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HeldBy {
    /// The user pressed hold.
    User,
    /// Another call took the line.
    OtherCall,
    /// The app did not acknowledge a hold in time; the system stopped its audio.
    SystemSlow,
    /// The app refused a hold; the system stopped its audio.
    SystemRefused,
    /// The app came back and found the line taken.
    SystemDisplaced,
    /// The user declined it and its voicemail took it: the caller speaks to a machine. No hold in
    /// any other respect: it waits for no line, counts in no group, and is answered, not resumed.
    Voicemail,
}

impl HeldBy {
    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::OtherCall => "other-call",
            Self::SystemSlow => "system-slow",
            Self::SystemRefused => "system-refused",
            Self::SystemDisplaced => "system-displaced",
            Self::Voicemail => "voicemail",
        }
    }
}

/// A hold on our side.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hold {
    /// Why.
    pub by: HeldBy,
    /// Since when.
    pub since: Stamp,
    /// The call that took the line, if one did. If it does not come to talk, this call resumes.
    pub displaced_by: Option<CallId>,
}

/// Where a call is in its life.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// An incoming call alerts. "Answering" is this phase with a pending answer.
    Ringing {
        /// Since when.
        since: Stamp,
        /// When it ends unanswered.
        until: Timestamp,
    },
    /// An outgoing call is on its way.
    Dialing {
        /// How far it is.
        stage: DialStage,
        /// Since when it is dialing.
        since: Stamp,
    },
    /// Both sides can talk.
    Active {
        /// Since when it has been active without a break.
        since: Stamp,
    },
    /// On hold on our side.
    Held(Hold),
    /// It will end; the app was asked to end it.
    Ending {
        /// How it will be recorded.
        reason: EndReason,
        /// Who ends it.
        origin: Origin,
        /// The phase it was in.
        from: PhaseKind,
    },
}

impl Phase {
    /// Whether the caller speaks to the voicemail of the app.
    #[must_use]
    pub fn is_at_voicemail(&self) -> bool {
        matches!(self, Self::Held(hold) if hold.by == HeldBy::Voicemail)
    }

    /// Whether it is on hold on our side: held, and not at the voicemail.
    #[must_use]
    pub fn is_on_hold(&self) -> bool {
        self.kind() == PhaseKind::Held && !self.is_at_voicemail()
    }

    /// The phase without its data.
    #[must_use]
    pub fn kind(&self) -> PhaseKind {
        match self {
            Self::Ringing { .. } => PhaseKind::Ringing,
            Self::Dialing { .. } => PhaseKind::Dialing,
            Self::Active { .. } => PhaseKind::Active,
            Self::Held(_) => PhaseKind::Held,
            Self::Ending { .. } => PhaseKind::Ending,
        }
    }
}

/// A phase without its data.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PhaseKind {
    /// Incoming, alerting.
    Ringing,
    /// Outgoing, on its way.
    Dialing,
    /// Both sides can talk.
    Active,
    /// On hold on our side.
    Held,
    /// About to end.
    Ending,
}

impl PhaseKind {
    /// All phases, in the order of a call's life.
    pub const ALL: [Self; 5] = [
        Self::Ringing,
        Self::Dialing,
        Self::Active,
        Self::Held,
        Self::Ending,
    ];

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }

    /// The word of the glossary.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ringing => "ringing",
            Self::Dialing => "dialing",
            Self::Active => "active",
            Self::Held => "held",
            Self::Ending => "ending",
        }
    }
}
