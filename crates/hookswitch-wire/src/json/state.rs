//! The state document: the whole read model as JSON, for the command line and the SDK.
//!
//! Times are wall clock, in milliseconds since the Unix epoch. Ids are text.

use serde::{Deserialize, Serialize};

use super::ErrorBody;

/// Everything one may know, between two events.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct State {
    /// Grows with every change.
    pub revision: u64,
    /// When the last event was handled.
    pub at_ms: i64,
    /// Live calls, oldest first.
    pub calls: Vec<Call>,
    /// The one ringing call that is presented.
    pub presented: Option<String>,
    /// How the presented call may be answered.
    pub answers: Vec<Answer>,
    /// What rings.
    pub ring: Ring,
    /// Who may use the call audio.
    pub lease: Option<Lease>,
    /// Whether swap is possible.
    pub swap: Control,
    /// Audio devices.
    pub endpoints: Vec<Endpoint>,
    /// The device in use.
    pub route: Option<String>,
    /// The audio server, the route with its cause, and who waits for the lease.
    #[serde(default)]
    pub audio: Audio,
    /// Registered apps.
    pub providers: Vec<Provider>,
    /// What happened of late, oldest first.
    pub notices: Vec<Notice>,
    /// The user's rule for the front: `stay`, `open-app`, `open-if-video`; none leaves it to apps.
    #[serde(default)]
    pub on_answer: Option<String>,
    /// The user drives: nothing comes to the front by itself.
    #[serde(default)]
    pub driving: bool,
    /// Where it rings: `default`, `all`, or the id of a device.
    #[serde(default)]
    pub ring_on: String,
    /// The tone of a call that the system plays.
    #[serde(default)]
    pub tone: Option<Tone>,
    /// The screen is locked.
    #[serde(default)]
    pub locked: bool,
    /// The call whose wish waits for the screen to be unlocked.
    #[serde(default)]
    pub unlocking: Option<String>,
    /// Only those who are allowed ring.
    #[serde(default)]
    pub do_not_disturb: bool,
}

/// One live call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Call {
    /// Its id, a UUID.
    pub id: String,
    /// The app's own name for it.
    pub key: String,
    /// The app.
    pub app: String,
    /// `incoming` or `outgoing`.
    pub direction: String,
    /// The other party, unless anonymous.
    pub handle: Option<Handle>,
    /// The name the app gave.
    pub name: Option<String>,
    /// The user wants neither name nor address of this app's calls shown: `handle` is empty, and
    /// `name` says through which app the call is.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub name_hidden: bool,
    /// Whether there is video besides audio.
    pub video: bool,
    /// An emergency call, or the call-back of an emergency center.
    #[serde(default)]
    pub emergency: bool,
    /// Where it is in its life.
    pub phase: Phase,
    /// The action the app was asked for and has not settled.
    pub pending: Option<String>,
    /// Whether it ever was active.
    pub has_connected: bool,
    /// When its invitation was sent, if it is outgoing.
    #[serde(default)]
    pub started_at_ms: Option<i64>,
    /// When its far end was reached, if it is outgoing.
    #[serde(default)]
    pub connecting_at_ms: Option<i64>,
    /// When it was first active.
    pub connected_at_ms: Option<i64>,
    /// When it came or was dialed.
    pub began_ms: i64,
    /// The user's microphone is stopped.
    pub muted: bool,
    /// Who muted or unmuted last: `nobody`, `user`, `app` or `device`.
    #[serde(default)]
    pub muted_by: String,
    /// Grows with every change of `muted`.
    #[serde(default)]
    pub mute_revision: u64,
    /// The other party put us on hold.
    pub remote_hold: bool,
    /// The user stopped the ringing.
    pub silenced: bool,
    /// The app died and may come back to the call.
    pub orphaned: bool,
    /// When its time to come back is over.
    pub orphaned_until_ms: Option<i64>,
    /// Whether hold, or resume, is possible.
    pub hold: Control,
    /// Whether mute is possible.
    pub mute: Control,
    /// Whether digits are possible.
    pub digits: Control,
    /// The group it is in, unless it is alone: calls of one group have the same text here.
    #[serde(default)]
    pub group: Option<String>,
    /// The call that a merge would join it with.
    #[serde(default)]
    pub merge_with: Option<String>,
    /// Whether that merge is possible.
    #[serde(default)]
    pub merge: Control,
    /// Whether it can be taken out of its group.
    #[serde(default)]
    pub split: Control,
    /// Whether its app could start another call.
    #[serde(default)]
    pub add_call: Control,
    /// The app's account it goes through.
    #[serde(default)]
    pub account: Option<Account>,
    /// Whether video can be switched.
    #[serde(default)]
    pub video_control: Control,
    /// The other party offers video; when the offer is over.
    #[serde(default)]
    pub video_offer_until_ms: Option<i64>,
    /// The translation that runs.
    #[serde(default)]
    pub translating: Option<Translating>,
    /// Whether translation can be switched.
    #[serde(default)]
    pub translate: Control,
    /// Whether the user's side sends sound.
    #[serde(default)]
    pub uplink: bool,
    /// What its app takes longer for than usual: an action, such as `answer`.
    #[serde(default)]
    pub slow: Option<String>,
    /// Digits that are sent when the user says so: they stand behind a hard pause.
    #[serde(default)]
    pub digits_waiting: Option<String>,
    /// The app's own buttons.
    #[serde(default)]
    pub buttons: Vec<CallButton>,
}

/// One account of an app.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Account {
    /// The app's own name for it.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// What it can dial: `generic`, `phone-number`, `email-address`.
    pub handle_kinds: Vec<String>,
    /// Whether calls can be started through it.
    pub dials: bool,
    /// Whether its calls can have video.
    pub video: bool,
}

/// A translation that runs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Translating {
    /// What the user speaks, a language tag.
    pub local: String,
    /// What the other party speaks.
    pub remote: String,
    /// `default` for the system's engine, `custom` for the app's.
    pub engine: String,
}

/// One of an app's own buttons.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CallButton {
    /// The app's name for it.
    pub id: String,
    /// Its words.
    pub label: String,
    /// `plain`, `door`, `gate`, `light`, `camera`, `note`, `transfer` or `record`.
    pub icon: String,
    /// Whether the screen has to be unlocked first.
    pub needs_unlock: bool,
    /// Whether it works.
    pub control: Control,
}

/// A remote address.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Handle {
    /// `generic`, `phone-number` or `email-address`.
    pub kind: String,
    /// The address.
    pub value: String,
}

impl core::fmt::Debug for Handle {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Handle({})", self.kind)
    }
}

/// Where a call is in its life.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Phase {
    /// Incoming, alerting.
    Ringing {
        /// Since when.
        since_ms: i64,
        /// When it ends unanswered.
        until_ms: i64,
    },
    /// Outgoing, on its way.
    Dialing {
        /// `requested`, `started` or `connecting`.
        stage: String,
        /// Since when.
        since_ms: i64,
    },
    /// Both sides can talk.
    Active {
        /// Since when without a break.
        since_ms: i64,
    },
    /// On hold on our side.
    Held {
        /// `user`, `other-call`, `system-slow`, `system-refused`, `system-displaced`
        /// or `voicemail` (the caller leaves a message; answer it to pick it up).
        by: String,
        /// Since when.
        since_ms: i64,
        /// The call that took the line.
        displaced_by: Option<String>,
    },
    /// About to end.
    Ending {
        /// How it will be recorded.
        reason: String,
        /// Who ends it.
        origin: String,
        /// The phase it was in.
        from: String,
    },
}

impl Phase {
    /// The name of the phase.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ringing { .. } => "ringing",
            Self::Dialing { .. } => "dialing",
            Self::Active { .. } => "active",
            Self::Held { .. } => "held",
            Self::Ending { .. } => "ending",
        }
    }
}

/// Whether a control works.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Control {
    /// `ready`, `busy`, `refused` or `absent`.
    pub state: String,
    /// Why it is refused.
    pub reason: Option<ErrorBody>,
}

/// One way to answer the presented call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Answer {
    /// `auto`, `hold`, `end` or `end-held`.
    pub mode: String,
    /// Whether it works.
    pub allowed: bool,
    /// The call it ends, with its group.
    pub ends: Option<String>,
    /// The call it puts on hold, with its group.
    pub holds: Option<String>,
    /// Why it does not work.
    pub reason: Option<ErrorBody>,
}

/// What rings.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ring {
    /// `quiet`, `ringing` or `waiting`.
    pub state: String,
    /// For which call.
    pub call: Option<String>,
    /// The app's own ringtone, while that is what rings.
    #[serde(default)]
    pub ringtone: Option<String>,
}

/// A tone of a call that the system plays.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tone {
    /// The call; it has ended, unless the tone is ringback.
    pub call: String,
    /// `ringback`, `busy` or `ended`.
    pub tone: String,
}

/// The right to use the call audio.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Lease {
    /// The call on the line.
    pub call: String,
    /// The app that holds it.
    pub app: String,
    /// Since when.
    pub since_ms: i64,
}

/// An audio device.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Endpoint {
    /// Its stable id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// `speaker`, `handset`, `headset`, `bluetooth` or `other`.
    pub kind: String,
}

/// The audio, apart from the lease.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Audio {
    /// `absent` (never seen), `up` or `lost`.
    pub server: String,
    /// Why no call may use the audio: `server-lost`, `emergency` or `exclusive`.
    pub interruption: Option<String>,
    /// The call that ought to have the audio and waits for it.
    pub waiting: Option<AudioWait>,
    /// Which device calls use, and why.
    pub route: Route,
    /// How much other sound has to make room: `off`, `ring` or `call`.
    pub hush: String,
    /// The microphone is muted where it is.
    pub microphone_muted: bool,
}

/// A call that ought to have the audio.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AudioWait {
    /// The call.
    pub call: String,
    /// Its app was told that the audio is denied for now.
    pub denied: bool,
}

/// Which device calls use.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Route {
    /// What the user or the policy wants.
    pub desired: Option<String>,
    /// What the audio server uses.
    pub effective: Option<String>,
    /// Why: `unknown`, `device-added`, `device-lost`, `policy`, `user`, `answering-device`,
    /// `no-device`, `elsewhere`, `override-refused`, `server-restarted`.
    pub cause: String,
    /// The same as Apple numbers it (`AVAudioSession.RouteChangeReason`).
    pub cause_number: u8,
    /// Grows with every change and every order.
    pub generation: u64,
    /// What the audio server was asked for and does not use yet.
    pub pending: Option<String>,
    /// Why the desired one is not in use: `gone`, `refused`, `timed-out`, `server-lost`.
    pub fault: Option<String>,
}

/// A registered app.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Provider {
    /// Its registration.
    pub id: String,
    /// Its identity.
    pub app: String,
    /// Its name.
    pub name: String,
    /// `voip` or `cellular`.
    #[serde(default)]
    pub kind: String,
    /// Whether its process is connected.
    pub connected: bool,
    /// A loopback page that "Open" leads to.
    pub open_url: Option<String>,
    /// Its accounts.
    #[serde(default)]
    pub accounts: Vec<Account>,
}

/// Something a user should read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Notice {
    /// Grows; never reused.
    pub id: u64,
    /// When.
    pub at_ms: i64,
    /// The app concerned.
    pub app: String,
    /// Its name.
    pub app_name: String,
    /// The call's name or address.
    pub party: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub kind: NoticeKind,
}

/// What happened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A call ended other than by the user's own hand.
    Ended {
        /// Which.
        call: String,
        /// How.
        end: End,
        /// How long it was connected.
        connected_ms: Option<u64>,
    },
    /// The app did not hold in time.
    HoldSlow {
        /// Which call.
        call: String,
    },
    /// The app refused to hold.
    HoldRefused {
        /// Which call.
        call: String,
    },
    /// Another call took the line without being asked.
    LineTaken {
        /// Which call is on hold for it.
        call: String,
    },
    /// The app refused or missed an action.
    NotDone {
        /// Which call.
        call: String,
        /// Which action.
        action: String,
    },
    /// The app's process went away with live calls.
    AppGone,
}

/// How a call ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct End {
    /// Why.
    pub reason: String,
    /// By whom.
    pub origin: String,
    /// The phase it was in.
    pub phase: String,
    /// When.
    pub at_ms: i64,
}
