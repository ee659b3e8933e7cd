//! What the core wants done: plain data, in order.
//!
//! The shell starts each effect and never waits for it; outcomes come back as events.

use std::sync::Arc;

use hookswitch_model::{
    ActionKind, Amendment, AppId, AskId, ButtonId, CallId, CallKey, CallTone, Callee, ClientId,
    Cursor, DropReason, EndReason, EndpointId, Handle, Interruption, MaterialId, Origin,
    ProviderId, RecentsEntry, Rejection, RequestId, RingPolicy, RouteFault, Screener, Stamp,
    Timestamp, Tones, TransactionId, Translation,
};

/// The effects of one step.
pub type Effects = Vec<Effect>;

/// One thing to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Answer a request or report.
    Reply {
        /// The edge's number.
        request: RequestId,
        /// Accepted, or refused with nothing changed.
        result: Result<Accepted, Rejection>,
    },
    /// Ask an app to do something; it must settle by the deadline.
    Ask {
        /// The connection of the app.
        client: ClientId,
        /// The question.
        ask: Ask,
        /// Its place among all that the app is told.
        letter: Letter,
    },
    /// Tell an app that its time for an ask is over; it must not settle it any more.
    AskExpired {
        /// The connection of the app.
        client: ClientId,
        /// Which ask.
        ask: AskId,
        /// Its place among all that the app is told.
        letter: Letter,
    },
    /// Tell an app that its call ended by the system's decision, without an ask.
    CallEnded {
        /// The connection of the app.
        client: ClientId,
        /// Which call.
        call: CallId,
        /// The app's own name for it.
        key: CallKey,
        /// Why.
        reason: EndReason,
        /// Its place among all that the app is told.
        letter: Letter,
    },
    /// Tell an app that it may use the call audio for this call.
    AudioActivated {
        /// The connection of the app.
        client: ClientId,
        /// Which call.
        call: CallId,
        /// Its place among all that the app is told.
        letter: Letter,
    },
    /// Tell an app to stop the call audio of this call.
    AudioDeactivated {
        /// The connection of the app.
        client: ClientId,
        /// Which call.
        call: CallId,
        /// Its place among all that the app is told.
        letter: Letter,
    },
    /// Tell an app that the call audio is denied for now, and why. It is granted as soon as it can
    /// be.
    AudioDenied {
        /// The connection of the app.
        client: ClientId,
        /// Which call.
        call: CallId,
        /// Why.
        reason: Interruption,
        /// Its place among all that the app is told.
        letter: Letter,
    },
    /// Tell an app that the system needs the audio that its call had, or is done with it.
    AudioInterrupted {
        /// The connection of the app.
        client: ClientId,
        /// Which call.
        call: CallId,
        /// Why.
        reason: Interruption,
        /// It begins, or it is over.
        began: bool,
        /// Its place among all that the app is told.
        letter: Letter,
    },
    /// Tell an app to bring its window for this call to the front.
    Open {
        /// The connection of the app.
        client: ClientId,
        /// Which call.
        call: CallId,
        /// Its place among all that the app is told.
        letter: Letter,
    },
    /// Show the unlock screen: a wish waits behind the lock.
    Unlock,
    /// Start an app, because a call waits for it.
    Launch(AppId),
    /// Ask a screener about an incoming call; its verdict counts until the deadline, and a block
    /// also later.
    Screen {
        /// Who is asked.
        screener: Screener,
        /// The call.
        call: CallId,
        /// Its app.
        app: AppId,
        /// The caller, unless anonymous.
        handle: Option<Handle>,
        /// The deadline.
        by: Timestamp,
    },
    /// Ring. Replaces what rang before.
    Ring {
        /// The presented call.
        call: CallId,
        /// Full ringtone, or the call-waiting tone over a call.
        tone: RingTone,
        /// The app's own ringtone; none for the one that rings for everybody.
        ringtone: Option<MaterialId>,
        /// On these devices; none means the one that everything else uses.
        on: Vec<EndpointId>,
    },
    /// Stop ringing at once.
    StopRing,
    /// Play the tone of a call. Replaces the one that sounded before.
    StartTone {
        /// The call; it has ended, unless the tone is ringback.
        call: CallId,
        /// Which.
        tone: CallTone,
        /// On this device; none means the one that calls use.
        on: Option<EndpointId>,
    },
    /// Stop the tone of a call at once.
    StopTone,
    /// Make this the audio device in use. Success shows in the devices that the audio server tells.
    Route {
        /// The device.
        endpoint: EndpointId,
        /// The number of the order, for [`RouteFailed`](crate::Environment::RouteFailed).
        generation: u64,
    },
    /// An order to use a device is over.
    RouteFinished {
        /// The number of the order.
        generation: u64,
        /// The connection of the app that asked for it; none if nobody did, or the user.
        asker: Option<ClientId>,
        /// Why it came to nothing; `None` if the device is in use.
        fault: Option<RouteFault>,
    },
    /// Keep a call that ended.
    Record(Box<RecentsEntry>),
    /// Change the record of a call that ended.
    Amend(Amendment),
    /// Keep the user's rules in place of the former ones.
    KeepPolicy(Arc<RingPolicy>),
    /// A transaction is over.
    Finished {
        /// Which.
        transaction: TransactionId,
        /// Whether every action of it was fulfilled.
        complete: bool,
    },
    /// A part of a transaction is given up because its app died: it makes no sense any more, or
    /// it must not be asked for twice. Comes before the transaction is finished.
    Dropped {
        /// The transaction.
        transaction: TransactionId,
        /// The call.
        call: CallId,
        /// What was asked for.
        action: ActionKind,
        /// Why it is given up.
        why: DropReason,
    },
    /// The snapshot changed. Comes last in a step.
    Publish {
        /// Its revision.
        revision: u64,
    },
    /// A promise was broken, by an app or by us. Never silent.
    Anomaly(Anomaly),
}

/// The place of one thing among all that an app is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Letter {
    /// Its number; the app acknowledges by it, and knows a second delivery by it.
    pub cursor: Cursor,
    /// When it was decided.
    pub at: Stamp,
    /// It was decided before this connection of the app was there.
    pub replayed: bool,
}

/// What is heard when a call rings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RingTone {
    /// The ringtone.
    Ring,
    /// A short tone over the call on the line.
    Waiting,
}

/// What an accepted request or report led to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Accepted {
    /// The app is registered. It may adopt these calls of its former process.
    Registered {
        /// The registration.
        provider: ProviderId,
        /// Its orphaned calls.
        orphans: Vec<(CallId, CallKey)>,
    },
    /// The report is taken.
    Reported {
        /// The call was known already; its data was merged.
        known: bool,
    },
    /// A transaction began.
    Transaction {
        /// Its id.
        transaction: TransactionId,
        /// The call concerned first.
        call: CallId,
    },
    /// The audio server was asked for a device.
    Routing {
        /// The number of the order.
        generation: u64,
    },
    /// The app may use the audio as it wants.
    Audio {
        /// One of its calls has the lease.
        granted: bool,
    },
    /// It is done.
    Done,
}

/// A question to an app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ask {
    /// Its id.
    pub id: AskId,
    /// The transaction it belongs to.
    pub transaction: TransactionId,
    /// The call.
    pub call: CallId,
    /// The app's own name for the call.
    pub key: CallKey,
    /// What to do.
    pub kind: AskKind,
    /// The deadline.
    pub by: Timestamp,
    /// How many asks of the same transaction come to the same app right behind this one.
    pub following: u64,
}

/// What an app is asked to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AskKind {
    /// Start an outgoing call.
    Start(Callee),
    /// Answer.
    Answer,
    /// End, cancel or decline.
    End {
        /// Who wants it, which Apple's API hides: in profile `callkit` always the user.
        origin: Origin,
        /// How it will be recorded: in profile `callkit` always as hung up.
        reason: EndReason,
    },
    /// Hold or resume.
    SetHeld(bool),
    /// Mute or unmute.
    SetMuted(bool),
    /// Join the group of this other call of the app (with the app's own name for it), or leave
    /// one's own group.
    SetGroup(Option<(CallId, CallKey)>),
    /// Send digits.
    PlayDigits(Tones),
    /// Switch video on or off.
    SetVideo(bool),
    /// Tell the other party that its offer of video is turned down.
    DeclineVideo,
    /// Translate, or stop it.
    SetTranslating(Option<Translation>),
    /// One of the app's own buttons was pressed.
    Custom(ButtonId),
}

impl AskKind {
    /// Whether the life of the call depends on it, so that an app that lost the call has to say so
    /// by failing it.
    pub(crate) fn decides(&self) -> bool {
        match self {
            Self::Start { .. } | Self::Answer | Self::End { .. } => true,
            Self::SetHeld(_)
            | Self::SetGroup(_)
            | Self::SetMuted(_)
            | Self::PlayDigits(_)
            | Self::SetVideo(_)
            | Self::DeclineVideo
            | Self::SetTranslating(_)
            | Self::Custom(_) => false,
        }
    }
}

/// A broken promise.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Anomaly {
    /// What.
    pub kind: AnomalyKind,
    /// The app concerned, if one is.
    pub app: Option<AppId>,
    /// The call concerned, if one is.
    pub call: Option<CallId>,
}

/// What kind of promise was broken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AnomalyKind {
    /// An app let an ask expire.
    AskExpired,
    /// An app did not hold within the stage limit.
    HoldSlow,
    /// An app refused to hold.
    HoldRefused,
    /// An app settled an ask that was settled or expired.
    SettledLate,
    /// An app settled an ask that is not its own.
    SettledForeign,
    /// An app reported something impossible.
    ImpossibleReport,
    /// An app's process went away with live calls.
    ClientGone,
    /// An app left so much unacknowledged that the oldest of it was dropped.
    LetterLost,
    /// An accepted call got no audio within the limit.
    NoGrant,
    /// One of our own laws was broken; the call was ended to keep the others alive.
    LawBroken(&'static str),
}
