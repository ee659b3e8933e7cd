//! The view: what a calling UI renders, with all its words in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::change::ViewChange;
use super::lists::{CallerRuleView, SourceView};
use crate::json::RequestBody;

/// Everything on the screen. A newer one replaces it whole.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct View {
    /// Grows with every change. When it shrinks, the daemon is a new one: reload.
    pub revision: u64,
    /// Says when to fetch the recents again.
    pub recents_revision: u64,
    /// The daemon's wall clock, milliseconds since the Unix epoch; timers count on it.
    pub now_ms: i64,
    /// The one presented ringing call.
    pub incoming: Option<Incoming>,
    /// Further ringing calls that wait their turn.
    pub more_ringing: usize,
    /// Other live calls: active first, then dialing, held, ending.
    pub calls: Vec<CallView>,
    /// Audio devices.
    pub audio: AudioView,
    /// Apps that can dial.
    pub apps: Vec<AppView>,
    /// What decides whether answering brings an app to the front.
    #[serde(default)]
    pub front: FrontView,
    /// Where it rings, one choice after another.
    #[serde(default)]
    pub ring_on: Vec<RingPlace>,
    /// Where the icons are that apps brought along, by the id of the app.
    #[serde(default)]
    pub icons: BTreeMap<String, String>,
    /// What happened, newest last.
    pub messages: Vec<Message>,
    /// Who may ring.
    #[serde(default)]
    pub rules: RulesView,
    /// The sources of the call directory, in the user's order.
    #[serde(default)]
    pub sources: Vec<SourceView>,
}

/// Who may ring, as the settings show it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct RulesView {
    /// Only those who are allowed ring.
    pub do_not_disturb: bool,
    /// When that ends by itself.
    pub until_ms: Option<i64>,
    /// The switch in words: "Do not disturb is on".
    pub text: String,
    /// What to send to switch it.
    pub toggle: Option<RequestBody>,
    /// Those who never ring, at most 200 of them.
    pub blocked: Vec<PersonView>,
    /// Those who ring in spite of do-not-disturb, at most 200 of them.
    pub allowed: Vec<PersonView>,
    /// The screen is shared or lent: nobody rings.
    #[serde(default)]
    pub restricted: bool,
    /// What to send to switch that.
    #[serde(default)]
    pub restrict: Option<RequestBody>,
    /// Apps that are locked or hidden: their calls neither ring nor start.
    #[serde(default)]
    pub protected: Vec<PersonView>,
    /// Apps of whose calls neither name nor number is shown.
    #[serde(default)]
    pub hidden_names: Vec<PersonView>,
    /// What a call does that comes while another one is there: one of these is chosen.
    #[serde(default)]
    pub second_calls: Vec<RuleChoice>,
    /// Apps in which it does something else, at most 200 of them.
    #[serde(default)]
    pub second_calls_of: Vec<PersonView>,
    /// Patterns of numbers that never ring, at most 200 of them.
    #[serde(default)]
    pub patterns: Vec<PersonView>,
    /// Patterns of numbers that ring though they are blocked, at most 200 of them.
    #[serde(default)]
    pub exceptions: Vec<PersonView>,
    /// Switches for callers.
    #[serde(default)]
    pub callers: Vec<CallerRuleView>,
    /// How long a number that was called may call back, one choice after another.
    #[serde(default)]
    pub call_back: Vec<RuleChoice>,
}

/// One of several ways a rule can be, as the settings show it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RuleChoice {
    /// Its name.
    pub label: String,
    /// What it does.
    pub detail: Option<String>,
    /// It is the one in force.
    pub chosen: bool,
    /// What to send to choose it.
    pub request: RequestBody,
}

/// Someone, or an app, on one of the lists.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PersonView {
    /// The address, or the name of the app.
    pub title: String,
    /// What to send to take them off the list.
    pub remove: RequestBody,
}

/// An app that can dial.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AppView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether its process is connected.
    pub ready: bool,
    /// Its accounts to call with; none if it has only one, which needs no name.
    #[serde(default)]
    pub accounts: Vec<AccountView>,
}

/// An account to call with.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AccountView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: String,
}

/// A place where it may ring, as the settings show it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RingPlace {
    /// Its name.
    pub label: String,
    /// What more there is to say of it: it is away, for example.
    pub detail: Option<String>,
    /// It is the one that was chosen.
    pub chosen: bool,
    /// What to send to choose it.
    pub request: RequestBody,
}

/// What decides whether answering brings an app to the front.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct FrontView {
    /// The user's rule: `stay`, `open-app` or `open-if-video`; none leaves it to each app.
    pub on_answer: Option<String>,
    /// The user drives.
    pub driving: bool,
}

/// Who is on the other side, and through which app.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Party {
    /// Name, else address, else "Unknown".
    pub title: String,
    /// The address, when the title is a name.
    pub subtitle: Option<String>,
    /// One or two letters for the picture.
    pub initials: String,
    /// The app.
    pub app: PartyApp,
    /// A loopback page of the app for this call.
    pub open_url: Option<String>,
}

/// The app of a call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PartyApp {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name of the account the call goes through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// The presented ringing call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Incoming {
    /// Its id.
    pub call: String,
    /// Who calls.
    pub party: Party,
    /// Whether there is video.
    pub video: bool,
    /// "Audio call" or "Video call".
    pub kind_text: String,
    /// Since when it rings.
    pub since_ms: i64,
    /// The user stopped the ringing.
    pub silenced: bool,
    /// What is under way.
    pub busy: Option<IncomingBusy>,
    /// The ways to deal with it. Decline is one of them and never disabled.
    pub choices: Vec<Choice>,
    /// The app's own buttons.
    #[serde(default)]
    pub buttons: Vec<Button>,
    /// Which call a button ends; always shown when present.
    pub disclosure: Option<String>,
    /// A card over a live call, as against a full screen or banner.
    pub waiting: bool,
    /// The sentence for the assertive live region.
    pub announcement: String,
}

/// What is under way for a ringing call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncomingBusy {
    /// It is being answered.
    Answering,
    /// It is being declined.
    Declining,
}

/// One button of a ringing call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Choice {
    /// decline, answer, hold-and-answer, end-and-answer, end-held-and-answer.
    pub id: String,
    /// Its words.
    pub label: String,
    /// Whom it affects, or why it does not work, in short.
    pub detail: Option<String>,
    /// What it ends, for a screen reader.
    pub description: Option<String>,
    /// Whether it works.
    pub enabled: bool,
    /// Why it does not, as a sentence.
    pub reason: Option<String>,
    /// What to send.
    pub request: RequestBody,
}

/// Where a call is, as a screen tells it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallState {
    /// Both can talk.
    Active,
    /// Outgoing, on its way.
    Dialing,
    /// Outgoing and almost there, or incoming and being answered.
    Connecting,
    /// On hold on our side.
    Held,
    /// About to end.
    Ending,
}

/// One live call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CallView {
    /// Its id.
    pub call: String,
    /// Who is on the other side.
    pub party: Party,
    /// Whether there is video.
    pub video: bool,
    /// We called them.
    pub outgoing: bool,
    /// Where it is.
    pub state: CallState,
    /// The word for it.
    pub state_text: String,
    /// The wall time the timer counts from.
    pub timer_ms: Option<i64>,
    /// Why it is on hold, on either side.
    pub held_reason: Option<String>,
    /// The user's microphone is stopped.
    pub muted: bool,
    /// What else one should know.
    pub note: Option<String>,
    /// The grid, in its order.
    pub buttons: Vec<Button>,
    /// The End button; for a group it ends all.
    pub end: Button,
    /// The calls of a group, which has one card; none for a lone call.
    #[serde(default)]
    pub members: Vec<MemberView>,
    /// What the user is asked about it: the other party's offer of video, or whether digits that
    /// wait are to be sent.
    #[serde(default)]
    pub offer: Option<Offer>,
}

/// One call of a group.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MemberView {
    /// Its id.
    pub call: String,
    /// Who is on the other side.
    pub party: Party,
    /// Where it is, if not where the card says.
    pub state_text: Option<String>,
    /// Talk to this one alone.
    pub private: Button,
    /// End this one; the others go on.
    pub end: Button,
}

/// A question about a call: an offer of video, or digits that wait for the user's word.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Offer {
    /// The sentence.
    pub text: String,
    /// Switches to video, or sends.
    pub agree: Button,
    /// Stays on audio, or drops the digits.
    pub decline: Button,
}

/// A button of a live call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Button {
    /// mute, keypad, audio, hold, swap, add-call, merge, open-app, private, video, translate, end;
    /// `app-ID` for one of the app's own.
    pub id: String,
    /// Its words.
    pub label: String,
    /// A second line.
    pub detail: Option<String>,
    /// Whether it works. A busy button counts as working and ignores presses.
    pub enabled: bool,
    /// Why it does not, as a sentence.
    pub reason: Option<String>,
    /// It is switched on.
    pub on: bool,
    /// It was pressed and is under way.
    pub busy: bool,
    /// The picture of one of the app's own: plain, door, gate, light, camera, note, transfer,
    /// record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// What to send; none if the client opens a sheet of its own.
    pub request: Option<RequestBody>,
}

/// The audio part.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct AudioView {
    /// The name of the device in use.
    pub label: String,
    /// All devices.
    pub endpoints: Vec<EndpointView>,
    /// What happened to the audio, while it matters to a call: an interruption, a lost device, a
    /// choice that did not come true.
    #[serde(default)]
    pub note: Option<String>,
}

/// One audio device.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EndpointView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub detail: Option<String>,
    /// It is the one in use.
    pub in_use: bool,
    /// It was chosen and is not in use.
    #[serde(default)]
    pub wanted: bool,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// What to send to choose it.
    pub request: RequestBody,
}

/// How a message looks.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// For information.
    Info,
    /// Something is not as wished.
    Caution,
    /// Something broke.
    Bad,
}

/// Something that happened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// What happened.
    pub text: String,
    /// What is still in force, and what one can do.
    pub detail: Option<String>,
    /// How it looks.
    pub tone: Tone,
    /// The call changed without the user: announce it at once.
    pub alert: bool,
    /// What one can do about it.
    pub action: Option<MessageAction>,
    /// When.
    pub at_ms: i64,
}

/// The one action of a message.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MessageAction {
    /// Its words.
    pub label: String,
    /// What to send.
    pub request: RequestBody,
}

/// A finished call, as the recents show it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RecentsEntry {
    /// Its place in the store: grows, never reused.
    pub id: String,
    /// The call.
    pub call: String,
    /// Who was on the other side.
    pub party: Party,
    /// Whether there was video.
    pub video: bool,
    /// `incoming` or `outgoing`.
    pub direction: RecentsDirection,
    /// What came of it.
    pub sentence: String,
    /// It counts as missed.
    pub missed: bool,
    /// It was blocked.
    pub blocked: bool,
    /// It counts as missed and was neither seen nor heard.
    #[serde(default)]
    pub did_not_ring: bool,
    /// Why it was missed or blocked, by the names of the reasons.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// When it came or was dialed.
    pub started_ms: i64,
    /// How long it was connected.
    pub duration_ms: Option<u64>,
    /// What to send to call back.
    pub redial: Option<RequestBody>,
    /// Why one cannot call back.
    #[serde(default)]
    pub redial_reason: Option<String>,
    /// Which rule of the call directory decided that it may ring, or that it may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Who called whom.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecentsDirection {
    /// They called.
    Incoming,
    /// We called.
    Outgoing,
}

/// What the WebSocket sends.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Frame {
    /// The whole view: at once, and after every change for who did not ask for changes.
    View {
        /// The view.
        view: Box<View>,
    },
    /// What is other than in the view before, for who asked for changes.
    Change {
        /// The change.
        change: Box<ViewChange>,
    },
}
