//! The read model: everything a screen, an observer or a test may know, as of the last event.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::account::Account;
use crate::audio::{AudioSnapshot, MuteOrigin, RingOn};
use crate::button::ActionButton;
use crate::config::{AppId, AppKind, Capabilities};
use crate::decision::Decision;
use crate::digits::Digits;
use crate::endpoint::Endpoint;
use crate::front::FrontRules;
use crate::handle::Handle;
use crate::id::{CallId, CallKey, GroupId, ProviderId};
use crate::material::MaterialId;
use crate::media::Translating;
use crate::missed::MissedReasons;
use crate::phase::{Direction, Phase};
use crate::policy::RingPolicy;
use crate::reason::{End, EndReason, Origin};
use crate::rejection::{ActionKind, Rejection};
use crate::text::Text;
use crate::time::{Stamp, Timestamp, Wall};
use crate::tone::ToneState;

/// Everything one may know, between two events.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Snapshot {
    /// Grows with every change.
    pub revision: u64,
    /// When the last event was handled.
    pub at: Stamp,
    /// Live calls, oldest first. One that did not change may be the same as in the snapshot before.
    pub calls: Vec<Arc<CallSnapshot>>,
    /// Registered apps, in order of registration.
    pub providers: Vec<ProviderSnapshot>,
    /// The one ringing call that is presented.
    pub presented: Option<CallId>,
    /// How the presented call may be answered now. Empty if none rings.
    pub answers: Vec<AnswerChoice>,
    /// What rings.
    pub ring: RingState,
    /// The app's own ringtone, while that is what rings.
    pub ringtone: Option<MaterialId>,
    /// Where the user wants it to ring.
    pub ring_on: RingOn,
    /// The tone of a call that the system plays. There is none while something rings.
    pub tone: Option<ToneState>,
    /// Who may use the call audio.
    pub lease: Option<Lease>,
    /// Whether swap is possible.
    pub swap: Control,
    /// Audio devices, in the order of the audio server.
    pub endpoints: Vec<Endpoint>,
    /// The audio server, the route, and who waits for the lease.
    pub audio: AudioSnapshot,
    /// What happened of late that a user should read, oldest first.
    pub notices: Vec<Notice>,
    /// The user's rules for incoming calls.
    pub policy: Arc<RingPolicy>,
    /// Incoming calls that are not shown yet: a screener has not said its verdict.
    pub awaiting_verdict: Vec<CallId>,
    /// What decides whether answering brings an app to the front.
    pub front: FrontRules,
    /// The screen is locked.
    pub locked: bool,
    /// The call whose wish waits for the screen to be unlocked.
    pub unlocking: Option<CallId>,
}

/// What is other than in an earlier snapshot of the same system.
#[derive(Clone, Debug, Default)]
pub struct Difference<'a> {
    /// Calls that are new or changed, as they were and as they are, oldest first.
    pub changed: Vec<(Option<&'a CallSnapshot>, &'a CallSnapshot)>,
    /// Calls that are not there any more, as they were, oldest first.
    pub gone: Vec<&'a CallSnapshot>,
}

impl Snapshot {
    /// The live calls, oldest first.
    pub fn live(&self) -> impl DoubleEndedIterator<Item = &CallSnapshot> {
        self.calls.iter().map(Arc::as_ref)
    }

    /// How the calls differ from those of an earlier snapshot. A call that is the same `Arc` at the
    /// same end of both lists costs one comparison.
    #[must_use]
    pub fn difference<'a>(&'a self, before: &'a Self) -> Difference<'a> {
        let (old, new) = trim(&before.calls, &self.calls);
        let mut known: BTreeMap<CallId, &CallSnapshot> =
            old.iter().map(|call| (call.id, call.as_ref())).collect();
        let mut difference = Difference::default();
        for call in new {
            let former = known.remove(&call.id);
            if former.is_none_or(|former| former != call.as_ref()) {
                difference.changed.push((former, call));
            }
        }
        let gone = old.iter().map(Arc::as_ref);
        difference.gone = gone.filter(|call| known.contains_key(&call.id)).collect();
        difference
    }
}

type Shared = [Arc<CallSnapshot>];

/// Both lists without what is the same at their ends.
fn trim<'a>(old: &'a Shared, new: &'a Shared) -> (&'a Shared, &'a Shared) {
    let same = |(old, new): &(&Arc<CallSnapshot>, &Arc<CallSnapshot>)| Arc::ptr_eq(old, new);
    let head = old.iter().zip(new).take_while(same).count();
    let (old, new) = (&old[head..], &new[head..]);
    let backwards = old.iter().rev().zip(new.iter().rev());
    let tail = backwards.take_while(same).count();
    (&old[..old.len() - tail], &new[..new.len() - tail])
}

/// One live call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallSnapshot {
    /// Its id.
    pub id: CallId,
    /// The app's own name for it.
    pub key: CallKey,
    /// The app it belongs to.
    pub app: AppId,
    /// Who called whom.
    pub direction: Direction,
    /// The other party, unless anonymous.
    pub handle: Option<Handle>,
    /// The name the app gave.
    pub name: Option<Text>,
    /// The user wants neither of the two shown ([`Privacy::NameHidden`](crate::Privacy)): what is
    /// shown in their place is made from this name of the app.
    pub shown_as: Option<Text>,
    /// What can be done with it.
    pub capabilities: Capabilities,
    /// Whether there is video besides audio.
    pub video: bool,
    /// An emergency call, or the call-back of an emergency center.
    pub emergency: bool,
    /// Where it is in its life.
    pub phase: Phase,
    /// The action the app was asked for and has not settled.
    pub pending: Option<ActionKind>,
    /// Whether it ever was active.
    pub has_connected: bool,
    /// When its invitation was sent, if it is outgoing; as its app says.
    pub started_at: Option<Wall>,
    /// When its far end was reached, if it is outgoing; as its app says.
    pub connecting_at: Option<Wall>,
    /// When it was first active, as its app says.
    pub connected_at: Option<Wall>,
    /// When it came or was dialed.
    pub began: Stamp,
    /// The microphone of the user is stopped.
    pub muted: bool,
    /// Who stopped or restarted it last.
    pub muted_by: MuteOrigin,
    /// Grows with every change of `muted`.
    pub mute_revision: u64,
    /// The other party put us on hold.
    pub remote_hold: bool,
    /// The user stopped the ringing but not the call.
    pub silenced: bool,
    /// The app died; when its time to come back is over.
    pub orphaned_until: Option<Timestamp>,
    /// Whether hold (or resume, if held) is possible.
    pub hold: Control,
    /// Whether mute is possible.
    pub mute: Control,
    /// Whether digits are possible.
    pub digits: Control,
    /// The group it is in, unless it is alone.
    pub group: Option<GroupId>,
    /// The call that "Merge" would join it with, if there is another conversation.
    pub merge_with: Option<CallId>,
    /// Whether that merge is possible.
    pub merge: Control,
    /// Whether it can be taken out of its group.
    pub split: Control,
    /// Whether its app could start another call beside it.
    pub add_call: Control,
    /// The app's account it goes through, if the app has named one that it still has.
    pub account: Option<Account>,
    /// Whether video can be switched on, or off if it is on.
    pub video_control: Control,
    /// The other party offers video; when the offer is over.
    pub video_offer: Option<Timestamp>,
    /// The translation that runs.
    pub translating: Option<Translating>,
    /// Whether translation can be started, or stopped if it runs.
    pub translate: Control,
    /// Whether the user's side of the call sends sound: the voice, or while the call is
    /// translated and muted, the translation alone.
    pub uplink: bool,
    /// What its app was asked for and takes longer for than usual: to answer, start, hold or
    /// resume ([`crate::Limit::Slow`]).
    pub slow: Option<ActionKind>,
    /// On hold and about to be taken off it: asked for, or as soon as another call is over.
    pub resuming: bool,
    /// Digits that are sent when the user says so; they stand behind a hard pause.
    pub digits_waiting: Option<Digits>,
    /// The app's own buttons that belong to the call as it is.
    pub buttons: Vec<ButtonSnapshot>,
}

/// One of an app's own buttons on a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ButtonSnapshot {
    /// The button.
    pub button: ActionButton,
    /// Whether it works.
    pub control: Control,
}

/// Whether a control works now.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Control {
    /// It works.
    Ready,
    /// It was pressed and is under way.
    Busy,
    /// It does not, for this reason.
    Refused(Rejection),
    /// It makes no sense here.
    #[default]
    Absent,
}

/// A registered app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProviderSnapshot {
    /// Its registration.
    pub id: ProviderId,
    /// Its identity.
    pub app: AppId,
    /// Its name.
    pub name: Text,
    /// What network its calls come over.
    pub kind: AppKind,
    /// Whether its process is connected.
    pub connected: bool,
    /// A loopback page that "Open" leads to.
    pub open_url: Option<Text>,
    /// Its accounts.
    pub accounts: Vec<Account>,
}

/// The ways to answer while another call is there (CallKit's call-waiting choices).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AnswerMode {
    /// Answer; hold what is on the line if that is possible without a choice.
    Auto,
    /// Hold the call on the line, then answer.
    HoldAndAnswer,
    /// End the call on the line, then answer.
    EndAndAnswer,
    /// End the held call, hold the one on the line, then answer.
    EndHeldAndAnswer,
}

impl AnswerMode {
    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::HoldAndAnswer => "hold",
            Self::EndAndAnswer => "end",
            Self::EndHeldAndAnswer => "end-held",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Auto,
            Self::HoldAndAnswer,
            Self::EndAndAnswer,
            Self::EndHeldAndAnswer,
        ]
        .into_iter()
        .find(|mode| mode.name() == name)
    }
}

/// One way to answer the presented call, and what it does to the others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AnswerChoice {
    /// Which way.
    pub mode: AnswerMode,
    /// What it does, or why it cannot.
    pub verdict: AnswerVerdict,
}

/// What one way to answer does to the other calls.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AnswerVerdict {
    /// It works.
    Allowed {
        /// The calls it ends: one, or all of a group.
        ends: Vec<CallId>,
        /// The calls it puts on hold: one, or all of a group.
        holds: Vec<CallId>,
    },
    /// It stays in its place with this reason.
    Refused(Rejection),
}

/// What rings.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RingState {
    /// Nothing.
    #[default]
    Quiet,
    /// The ringtone, for this call.
    Ringing(CallId),
    /// The call-waiting tone, for this call.
    Waiting(CallId),
}

/// The right to use the call audio.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lease {
    /// The call on the line.
    pub call: CallId,
    /// The app that holds it.
    pub app: AppId,
    /// Since when.
    pub since: Stamp,
}

/// Something a user should read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Notice {
    /// Grows; never reused.
    pub id: u64,
    /// When.
    pub at: Stamp,
    /// The app concerned.
    pub app: AppId,
    /// Its name.
    pub app_name: Text,
    /// The call's name or address, if it has one.
    pub party: Option<Text>,
    /// What.
    pub kind: NoticeKind,
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoticeKind {
    /// A call ended other than by the user's own hand.
    Ended {
        /// Which.
        call: CallId,
        /// How.
        end: End,
        /// How long it was connected, in milliseconds.
        connected_ms: Option<u64>,
    },
    /// The app did not hold in time; the system stopped the call's audio.
    HoldSlow(CallId),
    /// The app refused to hold; the system stopped the call's audio.
    HoldRefused(CallId),
    /// Another call was connected or taken off hold without being asked, or is an emergency call;
    /// the system stopped this call's audio.
    LineTaken(CallId),
    /// The app refused or missed this action; the call is as before.
    NotDone(CallId, ActionKind),
    /// The app's process went away with live calls.
    AppGone,
}

/// What the recents keep of a call that ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecentsEntry {
    /// The call.
    pub call: CallId,
    /// Its app.
    pub app: AppId,
    /// The app's name.
    pub app_name: Text,
    /// Who called whom.
    pub direction: Direction,
    /// The other party, unless anonymous.
    pub handle: Option<Handle>,
    /// The name shown.
    pub name: Option<Text>,
    /// Whether there was video.
    pub video: bool,
    /// When it came, or when its invitation was sent; if it never was, when it was dialed.
    pub began: Wall,
    /// How long it rang from then on, here or at the far end, in milliseconds.
    pub alerted_ms: u64,
    /// How long it was connected, in milliseconds.
    pub connected_ms: Option<u64>,
    /// How it ended.
    pub end: End,
    /// Whether its app can dial this handle, through the same account.
    pub callable: bool,
    /// Why it was missed or kept from ringing.
    pub missed_reasons: MissedReasons,
    /// The account it went through.
    pub account: Option<Account>,
    /// What the call directory had decided about it, and why.
    pub decision: Option<Arc<Decision>>,
}

/// A record of the recents is to say otherwise: news came of a call that had counted as missed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Amendment {
    /// The call.
    pub call: CallId,
    /// Its app.
    pub app: AppId,
    /// When it began; with the id it names the record.
    pub began: Wall,
    /// How it ended in truth.
    pub reason: EndReason,
    /// Who caused that.
    pub origin: Origin,
}

impl Amendment {
    /// Changes the record, if it is the one that is meant. What was missed before is not any more.
    pub fn apply(&self, entry: &mut RecentsEntry) {
        if entry.call == self.call && entry.began == self.began {
            entry.end.reason = self.reason;
            entry.end.origin = self.origin;
            entry.missed_reasons = MissedReasons::NONE;
        }
    }
}
