//! The words between the line model, the daemons of the modem, and the call system.
//!
//! Input and output of [`crate::line`]: plain data, nothing of either bus.

use std::fmt;

/// A call's object on the bus of the modem's daemon. oFono uses them again at once.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct CallPath(pub String);

/// Our own key of a call, never used twice.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct CallKey(pub String);

/// Our number for an ask of the call system.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct AskNumber(pub u64);

/// Our number for something that was asked of the modem's daemon.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct VerbNumber(pub u64);

/// A phone number; empty if it is withheld or not known yet. `Debug` does not show it.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Number(pub String);

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({})", self.0.len())
    }
}

/// Where a call of a modem is in its life, in the words that both daemons share.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CellState {
    /// Being set up.
    Dialing,
    /// The other side rings.
    Alerting,
    /// It rings here.
    Incoming,
    /// It rings here while there is another call.
    Waiting,
    /// Both can talk.
    Active,
    /// On hold.
    Held,
}

impl CellState {
    /// Waits for an answer here.
    pub fn is_ringing(self) -> bool {
        matches!(self, Self::Incoming | Self::Waiting)
    }
}

/// Why a call is gone, as far as the daemon knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Why {
    /// It does not say.
    Unknown,
    /// Someone hung up here.
    Local,
    /// The other side hung up.
    Remote,
    /// Busy, or refused.
    Busy,
    /// The network, the modem or its audio failed.
    Failed,
    /// It was sent to another number.
    Deflected,
    /// The daemon or the modem went away with it.
    ModemGone,
}

/// What is known about a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
    /// Its object.
    pub path: CallPath,
    /// Its state.
    pub state: CellState,
    /// The other side.
    pub number: Number,
    /// Whether it was dialed here.
    pub outgoing: bool,
    /// Whether the modem says that it is an emergency call.
    pub emergency: bool,
    /// Whether it is one of several parties of a group.
    pub multiparty: bool,
}

/// What the daemon of the modem tells about one line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum News {
    /// A call is there, or has changed.
    Seen(Seen),
    /// A call is gone.
    Gone(CallPath, Why),
    /// The modem or its daemon is gone.
    Lost,
}

/// What the call system asks for one call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Wish {
    /// Dial.
    Start(Number),
    /// Answer.
    Answer,
    /// End, cancel or decline.
    End,
    /// Hold.
    Hold,
    /// Resume.
    Resume,
    /// Talk in one group with the other call of the line.
    Join,
    /// Leave the group, and be talked to alone.
    Part,
    /// Play digits.
    Digits(Digits),
}

/// Tones to play. `Debug` does not show them.
#[derive(Clone, Eq, PartialEq)]
pub struct Digits(pub String);

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digits({})", self.0.len())
    }
}

/// What can be asked of either daemon. Those without a call are for the whole line: there is no
/// "hold this call" on a modem (3GPP TS 22.030 section 6.5.5.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verb {
    /// Dial a number.
    Dial(Number),
    /// Answer the ringing call.
    Answer(CallPath),
    /// End this call, or decline it.
    HangUp(CallPath),
    /// Hold all active calls and answer the waiting one.
    HoldAndAnswer,
    /// End all active calls and answer the waiting one.
    EndAndAnswer,
    /// Active calls become held and held ones active; either may be none.
    Swap,
    /// Join the held calls, of which this is one, to the active ones.
    Join(CallPath),
    /// Hold all other parties of this call's group.
    Part(CallPath),
    /// Play one tone.
    Tone(CallPath, char),
}

/// What the call system is told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Report {
    /// Someone calls.
    Incoming {
        /// The new call.
        key: CallKey,
        /// Who.
        number: Number,
        /// The modem says that it is an emergency center.
        emergency: bool,
    },
    /// A call of a former run of this program is still there.
    Adopted(CallKey),
    /// The number became known.
    Number(CallKey, Number),
    /// Another program dials: please take the call.
    StartedOutside(CallKey, Number),
    /// The other side rings.
    Connecting(CallKey),
    /// Both sides talk: the other one answered, or a headset or another program did here.
    Connected(CallKey),
    /// A headset or another program held (true) or resumed a call here.
    Held(CallKey, bool),
    /// A call ended.
    Ended(CallKey, End),
}

/// How a call ended, in the words of the call system.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// Hung up here, by another program.
    LocalHangup,
    /// The other party hung up.
    RemoteHangup,
    /// The other party did not want to talk.
    DeclinedByRemote,
    /// The caller gave up.
    CanceledByCaller,
    /// Another program or device declined.
    DeclinedElsewhere,
    /// The other party is busy.
    Busy,
    /// It could not be set up or carried on.
    Failed,
}

/// One thing to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Do {
    /// Ask the daemon of the modem.
    Verb(VerbNumber, Verb),
    /// Tell the call system.
    Report(Report),
    /// An ask is done, or cannot be done.
    Settle(AskNumber, Result<(), &'static str>),
}
