//! What the core remembers: calls, apps, asks, transactions, tombstones.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use hookswitch_model::{
    AccountId, ActionButton, ActionKind, AppId, AskId, ButtonId, CallDates, CallId, CallKey,
    CallTones, Capabilities, ClientId, Configuration, Decision, Direction, EndReason, GroupId,
    Handle, HeldBy, Hold, Latest, Missed, MissedReasons, MuteOrigin, Phase, PhaseKind, ProviderId,
    SavedEnd, Stamp, Text, Timestamp, TransactionId, Translating, TranslationEngine,
};

use crate::effect::{AskKind, Letter};
use crate::media::Owed;
use crate::mute::Mute;
use crate::plan::Step;
use crate::route::Desire;
use crate::tones::Rest;

/// One live call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) key: CallKey,
    pub(crate) app: AppId,
    pub(crate) direction: Direction,
    pub(crate) handle: Option<Handle>,
    pub(crate) name: Option<Text>,
    pub(crate) capabilities: Capabilities,
    pub(crate) video: bool,
    /// An emergency call, or the call-back of an emergency center.
    pub(crate) emergency: bool,
    pub(crate) phase: Phase,
    /// The network itself sends sound before it is connected.
    pub(crate) early_media: bool,
    /// An accepted answer is on its way, though its ask may wait for another app's hold.
    pub(crate) answering: bool,
    pub(crate) dates: CallDates,
    pub(crate) began: Stamp,
    /// Order of arrival: the oldest ringing call is presented.
    pub(crate) order: u64,
    pub(crate) muted: bool,
    pub(crate) mute: Mute,
    pub(crate) remote_hold: bool,
    pub(crate) silenced: bool,
    pub(crate) orphaned_until: Option<Timestamp>,
    /// Open asks, oldest first.
    pub(crate) asks: Vec<AskId>,
    /// Its group, as its app has confirmed it.
    pub(crate) group: Option<GroupId>,
    /// A merge is under way.
    pub(crate) joining: Option<Joining>,
    /// As configured when the call was reported.
    pub(crate) in_recents: bool,
    /// What is known so far of why it will have been missed, should it be.
    pub(crate) notes: MissedReasons,
    /// Never gets the audio again (a quirk).
    pub(crate) is_deaf: bool,
    pub(crate) account: Option<AccountId>,
    /// The app's or the address book's own name for the person.
    pub(crate) contact: Option<Text>,
    pub(crate) abilities: Abilities,
    /// The buttons that the app wants on this call; `None` means all it has.
    pub(crate) wanted_buttons: Option<Vec<ButtonId>>,
    /// The other party offers video until then.
    pub(crate) video_offer: Option<Timestamp>,
    pub(crate) translating: Option<Translating>,
    /// The user answered it: the app may come to the front when it is asked.
    pub(crate) opens: bool,
    /// The audio device that was chosen for this call.
    pub(crate) route: Option<Desire>,
    /// What the call directory has decided about it.
    pub(crate) decision: Option<Arc<Decision>>,
    /// Digits that wait behind a pause.
    pub(crate) rest: Option<Rest>,
    /// Its app died while it was to be held for this call of another app.
    pub(crate) owes_hold_to: Option<CallId>,
    /// A resume is decided and has not come about.
    pub(crate) owes_resume: bool,
    /// When the two sides last could talk, if it is about to end.
    pub(crate) talked_until: Option<Timestamp>,
    /// What its app has to be asked about translation when it is back.
    pub(crate) translation_owed: Owed,
}

/// What the app's configuration gave the call when it was reported. A later configuration only
/// takes away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Abilities {
    /// False until the app has said anything: it was dialed or restored before the app was there.
    pub(crate) known: bool,
    pub(crate) video: bool,
    pub(crate) translation: bool,
    pub(crate) buttons: Vec<ActionButton>,
    pub(crate) tones: CallTones,
}

impl Abilities {
    pub(crate) fn of(configuration: &Configuration) -> Self {
        Self {
            known: true,
            video: configuration.video,
            translation: configuration.translation,
            buttons: configuration.buttons.clone(),
            tones: configuration.tones,
        }
    }

    /// Takes away what the app cannot do any more, or learns what it can do.
    pub(crate) fn narrow(&mut self, now: &Configuration) {
        if !self.known {
            *self = Self::of(now);
            return;
        }
        self.video &= now.video;
        self.translation &= now.translation;
        self.tones = self.tones.and(now.tones);
        self.buttons
            .retain(|button| now.buttons.iter().any(|kept| kept.id == button.id));
    }
}

/// A merge that the app has not settled: the two sides share the line already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Joining {
    /// The group it would be in.
    pub(crate) group: GroupId,
    /// The hold it comes from, and goes back to if the merge fails.
    pub(crate) from: Option<Hold>,
    pub(crate) part: Part,
}

/// A call's part in a merge.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    /// The others come to it.
    Stays,
    /// Its app is asked to move it, or did not.
    Moves,
    /// Its app has moved it; that counts when all of its side is settled.
    Moved,
}

/// Those who talk together and are held together: a lone call, or a group.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Party {
    Alone(CallId),
    Group(GroupId),
}

impl Call {
    /// Whom it shares the line with.
    pub(crate) fn party(&self) -> Party {
        let group = self.joining.map(|joining| joining.group).or(self.group);
        group.map_or(Party::Alone(self.id), Party::Group)
    }

    /// Whether the two sides ever could talk.
    pub(crate) fn has_connected(&self) -> bool {
        self.dates.connected.is_some()
    }

    pub(crate) fn is_orphan(&self) -> bool {
        self.orphaned_until.is_some()
    }

    pub(crate) fn is_ringing(&self) -> bool {
        self.phase.kind() == PhaseKind::Ringing
    }

    /// Ringing and still the user's to decide.
    pub(crate) fn is_open_ring(&self) -> bool {
        self.is_ringing() && !self.answering
    }

    /// Takes the place on the line: talking, on its way there, or about to.
    pub(crate) fn is_on_line(&self) -> bool {
        self.takes_line() && !self.is_orphan()
    }

    /// The same, whether its app is there or not.
    pub(crate) fn takes_line(&self) -> bool {
        match self.phase {
            Phase::Active { .. } | Phase::Dialing { .. } => true,
            Phase::Ringing { .. } => self.answering,
            Phase::Held(_) => self.is_at_voicemail() && self.answering,
            Phase::Ending { .. } => false,
        }
    }

    pub(crate) fn is_held(&self) -> bool {
        self.phase.is_on_hold()
    }

    /// Talking or on hold: the two sides have spoken, and the user is one of them.
    pub(crate) fn is_in_call(&self) -> bool {
        self.is_active() || self.is_held()
    }

    pub(crate) fn is_active(&self) -> bool {
        self.phase.kind() == PhaseKind::Active
    }

    /// Says whether this hold was made for a call.
    pub(crate) fn displaced_by(&self) -> Option<CallId> {
        match self.phase {
            Phase::Held(Hold { displaced_by, .. }) => displaced_by,
            Phase::Ringing { .. }
            | Phase::Dialing { .. }
            | Phase::Active { .. }
            | Phase::Ending { .. } => None,
        }
    }
}

/// One app.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) id: ProviderId,
    pub(crate) client: Option<ClientId>,
    pub(crate) configuration: Configuration,
    pub(crate) in_background: bool,
}

/// One open ask.
#[derive(Debug)]
pub(crate) struct PendingAsk {
    pub(crate) call: CallId,
    pub(crate) kind: AskKind,
    pub(crate) transaction: TransactionId,
    pub(crate) stage: usize,
    pub(crate) by: Timestamp,
    /// Who got it; `None` while it waits for the app to start.
    pub(crate) client: Option<ClientId>,
    /// Its place among all that its app is told.
    pub(crate) letter: Letter,
    /// Its app has it in its own hands.
    pub(crate) acknowledged: bool,
    /// Its app died without that, and is asked again.
    pub(crate) again: bool,
    /// For a hold: the others went on without it, and the user was told.
    pub(crate) is_told_slow: bool,
    /// For a hold: why, and for which call.
    pub(crate) hold: Option<(HeldBy, Option<CallId>)>,
    /// For a mute: whose wish it is.
    pub(crate) muter: MuteOrigin,
    /// For a translation: by whom, as the app said.
    pub(crate) engine: TranslationEngine,
}

impl PendingAsk {
    /// Whether it is asked again when its app dies: the app did not acknowledge it, nobody waits
    /// for its outcome, and being asked twice does no harm. What might, is asked once more only.
    pub(crate) fn outlives_its_client(&self) -> bool {
        let harmless = match self.kind {
            AskKind::Answer | AskKind::Start { .. } | AskKind::End { .. } => true,
            AskKind::SetHeld(_) | AskKind::SetMuted(_) => self.hold.is_none(),
            AskKind::SetGroup(_) | AskKind::PlayDigits(_) => !self.again,
            // A door is not opened twice.
            AskKind::SetVideo(_)
            | AskKind::DeclineVideo
            | AskKind::SetTranslating(_)
            | AskKind::Custom(_) => false,
        };
        harmless && !self.acknowledged
    }

    pub(crate) fn action(&self) -> ActionKind {
        action_of(&self.kind)
    }
}

/// The action an ask is about.
pub(crate) fn action_of(kind: &AskKind) -> ActionKind {
    match kind {
        AskKind::Start(_) => ActionKind::Start,
        AskKind::Answer => ActionKind::Answer,
        AskKind::End { .. } => ActionKind::End,
        AskKind::SetHeld(_) => ActionKind::SetHeld,
        AskKind::SetMuted(_) => ActionKind::SetMuted,
        AskKind::SetGroup(_) => ActionKind::SetGroup,
        AskKind::PlayDigits(_) => ActionKind::PlayDigits,
        AskKind::SetVideo(_) => ActionKind::SetVideo,
        AskKind::DeclineVideo => ActionKind::DeclineVideo,
        AskKind::SetTranslating(_) => ActionKind::SetTranslating,
        AskKind::Custom(_) => ActionKind::Custom,
    }
}

/// Asks that were over before their app could settle them, through no fault of its own: their call
/// ended, or another word of the app made them moot. Settling them is harmless, once.
#[derive(Debug, Default)]
pub(crate) struct Lapsed(VecDeque<(AskId, ClientId)>);

impl Lapsed {
    /// Remembers an ask; the oldest is forgotten above `max`.
    pub(crate) fn insert(&mut self, ask: AskId, client: ClientId, max: usize) {
        self.0.push_back((ask, client));
        while self.0.len() > max {
            self.0.pop_front();
        }
    }

    /// Forgets an ask; says whether it was remembered for this client.
    pub(crate) fn take(&mut self, ask: AskId, client: ClientId) -> bool {
        let index = self.0.iter().position(|known| *known == (ask, client));
        index.and_then(|index| self.0.remove(index)).is_some()
    }

    /// Forgets the asks of a client that is gone.
    pub(crate) fn forget(&mut self, client: ClientId) {
        self.0.retain(|(_, known)| *known != client);
    }
}

/// One accepted request on its way.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub(crate) stages: VecDeque<Vec<Step>>,
    /// Index of the stage that is out.
    pub(crate) stage: usize,
    /// Open asks of any stage.
    pub(crate) open: Vec<AskId>,
    pub(crate) complete: bool,
}

impl Transaction {
    pub(crate) fn new(stages: Vec<Vec<Step>>) -> Self {
        Self {
            stages: stages.into(),
            stage: 0,
            open: Vec::new(),
            complete: true,
        }
    }
}

/// The memory of an ended call.
#[derive(Clone, Debug)]
pub(crate) struct Tombstone {
    pub(crate) app: AppId,
    pub(crate) reason: EndReason,
    /// When the two sides last could talk, if they ever could.
    pub(crate) talked_until: Option<Timestamp>,
    pub(crate) at: Stamp,
    /// It was over before it could ring: the end overtook the report, or it was a second call.
    pub(crate) early: bool,
    /// Whom do-not-disturb kept from ringing by it.
    pub(crate) quieted: Option<Handle>,
    /// Its record, while news from another device may amend it.
    pub(crate) missed: Option<Missed>,
}

/// Ended calls, the oldest of the app with most forgotten first. An id means something to its app
/// only, and to the user.
#[derive(Debug, Default)]
pub(crate) struct Tombstones {
    /// Of several apps that used one id, the latest stands last.
    by_id: BTreeMap<CallId, Vec<Tombstone>>,
    order: Latest<CallId>,
    /// How many there were, with those that are forgotten.
    total: u64,
}

impl Tombstones {
    /// It counts as the latest one, so that it is kept; at most `max` are.
    pub(crate) fn insert(&mut self, call: CallId, tombstone: Tombstone, max: usize) {
        let app = tombstone.app.clone();
        if self.remove(&app, call) {
            // The id had a call before, or more is known of its end.
            self.order.remove(&app, |known| *known == call);
        }
        self.by_id.entry(call).or_default().push(tombstone);
        self.total += 1;
        if let Some((app, call)) = self.order.push(app, call, max) {
            self.remove(&app, call);
        }
    }

    fn remove(&mut self, app: &AppId, call: CallId) -> bool {
        let Some(ends) = self.by_id.get_mut(&call) else {
            return false;
        };
        let before = ends.len();
        ends.retain(|end| end.app != *app);
        let removed = ends.len() < before;
        if ends.is_empty() {
            self.by_id.remove(&call);
        }
        removed
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Those that came after the first `count`, oldest first, as far as they are remembered; some
    /// that came before them may be among them.
    pub(crate) fn since(&self, count: u64) -> impl Iterator<Item = SavedEnd> + '_ {
        let fresh = usize::try_from(self.total.saturating_sub(count)).unwrap_or(usize::MAX);
        let from = self.order.iter().len().saturating_sub(fresh);
        let saved = |(app, call): &(AppId, CallId)| {
            let tombstone = self.find(Some(app), *call)?;
            Some(SavedEnd {
                app: app.clone(),
                call: *call,
                reason: tombstone.reason,
                connected: tombstone.talked_until.is_some(),
                at: tombstone.at,
                early: tombstone.early,
                quieted: tombstone.quieted.clone(),
                missed: tombstone.missed.clone(),
            })
        };
        self.order.iter().skip(from).filter_map(saved)
    }

    /// Whether a call of any app with this id was talked on.
    pub(crate) fn has_connected(&self, call: CallId) -> bool {
        let ends = self.by_id.get(&call);
        ends.is_some_and(|ends| ends.iter().any(|end| end.talked_until.is_some()))
    }

    /// The end of a call of an app, or of whichever had the id last.
    pub(crate) fn find(&self, app: Option<&AppId>, call: CallId) -> Option<&Tombstone> {
        let ends = self.by_id.get(&call)?.iter();
        ends.rev().find(|end| app.is_none_or(|app| end.app == *app))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lapsed_ask_is_taken_once_by_its_client_and_the_oldest_are_forgotten() {
        let mut lapsed = Lapsed::default();
        for ask in 1..=3 {
            lapsed.insert(AskId(ask), ClientId(1), 2);
        }
        assert!(!lapsed.take(AskId(1), ClientId(1)), "forgotten");
        assert!(!lapsed.take(AskId(2), ClientId(9)), "of another client");
        assert!(lapsed.take(AskId(2), ClientId(1)));
        assert!(!lapsed.take(AskId(2), ClientId(1)), "once");
        lapsed.forget(ClientId(1));
        assert!(!lapsed.take(AskId(3), ClientId(1)), "its client is gone");
    }
}
