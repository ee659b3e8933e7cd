//! What can happen to the core: one closed vocabulary.
//!
//! Events are plain data: printable, comparable, replayable. Edges parse outside messages into
//! them.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::Arc;

use hookswitch_model::{
    AnswerMode, AppId, AskId, AudioUse, ButtonId, CallId, CallKey, CallUpdate, Callee, ClientId,
    Configuration, Cursor, Decision, Digits, EndReason, Endpoint, EndpointId, FrontRules,
    HeadsetGesture, Interruption, MaterialId, OnAnswer, RequestId, RingOn, RingPolicy, RouteFault,
    RuleChange, Screener, Translation, TranslationEngine, Verdict, Wall,
};

/// One thing that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// A fact from an app. Gets exactly one [`Effect::Reply`](crate::Effect::Reply).
    Report {
        /// The connection it came by.
        client: ClientId,
        /// The edge's number for the reply.
        request: RequestId,
        /// The fact.
        report: Report,
    },
    /// A wish. Gets exactly one [`Effect::Reply`](crate::Effect::Reply), in the same step.
    Request {
        /// Who wishes.
        from: Requester,
        /// The edge's number for the reply.
        request: RequestId,
        /// The wish.
        wish: Request,
    },
    /// An app settled an ask. A late or doubled one is counted and dropped.
    Settled {
        /// The connection it came by.
        client: ClientId,
        /// Which ask.
        ask: AskId,
        /// How.
        outcome: Outcome,
    },
    /// An app has everything it was told up to here in its own hands.
    Acknowledged {
        /// The connection it came by.
        client: ClientId,
        /// The number of the letter.
        cursor: Cursor,
    },
    /// The world around changed.
    Environment(Environment),
    /// A deadline may be due.
    Tick,
}

/// Who wishes something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Requester {
    /// An app, for its own calls (CallKit `CXCallController`).
    App(ClientId),
    /// The user, through a calling UI, the command line or a headset button.
    User,
}

/// A fact from an app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Report {
    /// The app offers itself as a source of calls, or changes its configuration.
    Register {
        /// Its identity, as the edge found it.
        app: AppId,
        /// What it registers with.
        configuration: Configuration,
    },
    /// The app withdraws; its calls end as failed.
    Invalidate,
    /// Someone calls (CallKit `reportNewIncomingCall`). Idempotent for the app's own live call.
    Incoming {
        /// The call.
        call: CallId,
        /// The app's own name for it.
        key: CallKey,
        /// What is known about it.
        update: CallUpdate,
    },
    /// More is known about a call.
    Updated {
        /// The call.
        call: CallId,
        /// What changed.
        update: CallUpdate,
    },
    /// An outgoing call is connecting.
    Connecting {
        /// The call.
        call: CallId,
        /// When, if the app knows better than now.
        at: Option<Wall>,
    },
    /// Both sides can talk: an outgoing call was answered, or an incoming one at its app's own
    /// side.
    Connected {
        /// The call.
        call: CallId,
        /// When, if the app knows better than now.
        at: Option<Wall>,
    },
    /// A call ended by something other than a request.
    Ended {
        /// The call.
        call: CallId,
        /// Why.
        reason: EndReason,
        /// When, if the app knows better than now.
        at: Option<Wall>,
    },
    /// The other party put us on hold or took us back.
    RemoteHeld {
        /// The call.
        call: CallId,
        /// On hold now.
        on: bool,
    },
    /// The call is held, or talked on again, at the app's own side: nobody asked for it here.
    Held {
        /// The call.
        call: CallId,
        /// On hold now.
        on: bool,
    },
    /// The app muted or unmuted by itself (a headset button it saw, for example).
    Muted {
        /// The call.
        call: CallId,
        /// Muted now.
        on: bool,
    },
    /// The other party offers to switch video on, or withdraws the offer.
    VideoOffer {
        /// The call.
        call: CallId,
        /// Offered now.
        on: bool,
    },
    /// After coming back, the app still has this call.
    Adopt {
        /// The call.
        call: CallId,
    },
}

/// A wish.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Request {
    /// Actions to be validated together and performed in order (CallKit `CXTransaction`).
    Transaction(Vec<Action>),
    /// Answer the call, and say what happens to the one on the line.
    Answer {
        /// The ringing call.
        call: CallId,
        /// What happens to the other calls.
        mode: AnswerMode,
    },
    /// Decline a ringing call.
    Decline(CallId),
    /// End, cancel or decline a call.
    End(CallId),
    /// End a call here at once, whatever its app does; the app is told. For the user alone, where
    /// an app hangs.
    ForceEnd(CallId),
    /// Hold or resume a call. Resuming holds the call on the line first.
    SetHeld(CallId, bool),
    /// Hold the call on the line and resume the one on hold.
    Swap,
    /// Stop or restart the user's microphone.
    SetMuted(CallId, bool),
    /// Join two conversations of one app. A side that is on hold resumes if the other talks.
    Merge(CallId, CallId),
    /// Talk to one member of a group alone; the rest of the group is held.
    Split(CallId),
    /// End a call and all others of its group.
    EndGroup(CallId),
    /// Send digits: those before the first pause at once, the others behind it.
    Digits(CallId, Digits),
    /// Send the digits that wait behind a hard pause.
    SendRest(CallId),
    /// Forget the digits that wait behind a pause.
    DropRest(CallId),
    /// Stop the ringing, keep the call.
    Silence(CallId),
    /// Call someone through an app, starting the app if it is not running.
    Dial {
        /// An id for the new call.
        call: CallId,
        /// The app.
        app: AppId,
        /// Whom and how.
        to: Callee,
    },
    /// Bring the app's own window for this call to the front.
    Open(CallId),
    /// Switch video on or off; on also accepts an offer of the other party.
    SetVideo(CallId, bool),
    /// Turn down the other party's offer of video.
    DeclineVideo(CallId),
    /// Translate the call, or stop it.
    SetTranslating(CallId, Option<Translation>),
    /// Press one of the app's own buttons.
    Custom(CallId, ButtonId),
    /// Use another audio device.
    Route(EndpointId),
    /// Use another audio device for this call (Android `requestCallEndpointChange`,
    /// `AVAudioSession.overrideOutputAudioPort`).
    RouteCall(CallId, EndpointId),
    /// Choose where it rings.
    SetRingOn(RingOn),
    /// Set the user's rule for the front; `None` leaves it to each app.
    SetOnAnswer(Option<OnAnswer>),
    /// Say that the user drives, or does not any more.
    SetDriving(bool),
    /// Change who may ring.
    ChangeRule(RuleChange),
    /// A gesture at the button of a headset.
    Headset {
        /// Which.
        gesture: HeadsetGesture,
        /// The headset, if it is known.
        endpoint: Option<EndpointId>,
    },
    /// An app wants the audio outside of what its calls give it.
    Audio(AudioUse),
}

/// One step of a transaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// Start an outgoing call.
    Start {
        /// The new call.
        call: CallId,
        /// The app's own name for it.
        key: CallKey,
        /// Whom and how.
        to: Callee,
    },
    /// Answer a ringing call.
    Answer(CallId),
    /// End, cancel or decline a call.
    End(CallId),
    /// Hold or resume.
    SetHeld(CallId, bool),
    /// Mute or unmute.
    SetMuted(CallId, bool),
    /// Join the group of another call, or leave one's own (CallKit `CXSetGroupCallAction`).
    SetGroup(CallId, Option<CallId>),
    /// Send digits.
    PlayDigits(CallId, Digits),
    /// Translate the call, or stop it.
    SetTranslating(CallId, Option<Translation>),
}

impl Action {
    /// The call it is about.
    #[must_use]
    pub fn call(&self) -> CallId {
        match self {
            Self::Start { call, .. }
            | Self::Answer(call)
            | Self::End(call)
            | Self::SetHeld(call, _)
            | Self::SetMuted(call, _)
            | Self::SetGroup(call, _)
            | Self::PlayDigits(call, _)
            | Self::SetTranslating(call, _) => *call,
        }
    }
}

/// How an app settled an ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Done; with the time it took effect, if the app knows better than now.
    Fulfilled {
        /// When.
        at: Option<Wall>,
    },
    /// Done now, by this translation engine; for an ask that is not about translation, done.
    FulfilledUsing(TranslationEngine),
    /// Not done.
    Failed,
}

/// A change of the world around.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Environment {
    /// A connection ended.
    ClientGone(ClientId),
    /// An app that a call waits for could not be started.
    LaunchFailed(AppId),
    /// The apps whose word that they are cellular counts, all of them. It has to come before they
    /// register.
    CellularApps(BTreeSet<AppId>),
    /// An app came to the front, or left it. Apps count as in front until this is said; it
    /// matters in profile `callkit` only, where an app in the background cannot start a call.
    Foreground {
        /// Which app.
        app: AppId,
        /// In front now.
        on: bool,
    },
    /// The user's rules for incoming calls, all of them.
    Policy(Arc<RingPolicy>),
    /// Who is asked about incoming calls before they ring, all of them.
    Screeners(BTreeSet<Screener>),
    /// A screener was asked about a call ([`Effect::Screen`](crate::Effect::Screen)) and says this.
    /// A block that comes when the call rings already still ends it.
    Verdict {
        /// The call.
        call: CallId,
        /// Who says it.
        screener: Screener,
        /// What.
        verdict: Verdict,
    },
    /// The call directory has decided about a call, whose report comes next.
    Decided {
        /// The call.
        call: CallId,
        /// What, and why.
        decision: Arc<Decision>,
    },
    /// The audio devices, and the one in use.
    Endpoints {
        /// All of them.
        list: Vec<Endpoint>,
        /// The one in use.
        route: Option<EndpointId>,
    },
    /// The screen was locked or unlocked.
    Locked(bool),
    /// What decides about the front has changed.
    Front(FrontRules),
    /// Where it rings from now on.
    RingOn(RingOn),
    /// The ringtone makes no sound: it is switched off, or its volume is zero.
    RingMuted(bool),
    /// An app has brought a ringtone of its own along, or has none any more. It rings for calls
    /// that begin to ring after that.
    Ringtone {
        /// Which app.
        app: AppId,
        /// Which sound; none for the one that rings for everybody.
        ringtone: Option<MaterialId>,
    },
    /// The audio server is gone, and its devices with it.
    AudioLost,
    /// The audio server did not use a device that it was asked for.
    RouteFailed {
        /// The number of the order.
        generation: u64,
        /// Why.
        fault: RouteFault,
    },
    /// The system needs the audio for something else, or is done with it.
    Interrupted {
        /// What for.
        reason: Interruption,
        /// It begins, or it is over.
        began: bool,
    },
    /// The microphone was muted or unmuted where it is: by a key of the headset, or in a mixer.
    MicrophoneMuted(bool),
    /// The machine has slept for this long, up to now. It comes before anything else that happens
    /// after the sleep.
    Slept(Duration),
}
