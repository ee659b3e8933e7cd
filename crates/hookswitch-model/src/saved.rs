//! What has to survive the daemon, so that a restart loses no live call.

use std::sync::Arc;

use crate::account::AccountId;
use crate::audio::MuteOrigin;
use crate::config::{AppId, Capabilities};
use crate::decision::Decision;
use crate::digits::Digits;
use crate::endpoint::EndpointId;
use crate::handle::Handle;
use crate::id::{CallId, CallKey, Cursor, GroupId};
use crate::media::Translation;
use crate::missed::MissedReasons;
use crate::phase::{Direction, Hold, Phase};
use crate::reason::EndReason;
use crate::text::Text;
use crate::time::{CallDates, Stamp, Timestamp, Wall};

/// All that the next daemon begins with.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Saved {
    /// The live calls, oldest first.
    pub calls: Vec<SavedCall>,
    /// What apps were told and have not acknowledged, oldest first.
    pub letters: Vec<SavedLetter>,
    /// Calls that have ended, the latest last.
    pub ended: Vec<SavedEnd>,
    /// The emergency numbers that apps of the mobile network told last, by app.
    pub emergency: Vec<SavedNumbers>,
}

/// The emergency numbers of an app, as it told them last: they count while it is away, too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SavedNumbers {
    /// The app.
    pub app: AppId,
    /// The numbers.
    pub numbers: Vec<Text>,
}

/// How the live calls differ from what was kept before.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SavedChange {
    /// Calls that are new, or may be other than before, oldest first.
    pub changed: Vec<SavedCall>,
    /// Calls that are not there any more.
    pub gone: Vec<CallId>,
    /// All calls, oldest first, when the new ones are not simply the newest: a call that a screener
    /// looked at came before others that were quicker.
    pub order: Option<Vec<CallId>>,
    /// How many there are now.
    pub live: usize,
}

impl Saved {
    /// Takes a change over.
    pub fn apply(&mut self, change: &SavedChange) {
        self.calls.retain(|call| !change.gone.contains(&call.id));
        for fresh in &change.changed {
            match self.calls.iter_mut().find(|call| call.id == fresh.id) {
                Some(known) => known.clone_from(fresh),
                None => self.calls.push(fresh.clone()),
            }
        }
        if let Some(order) = &change.order {
            let place = |call: &SavedCall| order.iter().position(|id| *id == call.id);
            self.calls.sort_by_key(place);
        }
    }
}

/// One thing that an app was told, or is to be told when it is back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SavedLetter {
    /// The app.
    pub app: AppId,
    /// Its place among all that the app is told.
    pub cursor: Cursor,
    /// When it was decided.
    pub at: Stamp,
    /// The call it is about.
    pub call: CallId,
    /// The app's own name for the call.
    pub key: CallKey,
    /// Why the call ended; `None` for the wish to see the app's window.
    pub ended: Option<EndReason>,
}

/// The memory of an ended call: a late report of it must meet a tombstone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SavedEnd {
    /// The app whose call it was: to others, the id means nothing.
    pub app: AppId,
    /// The call.
    pub call: CallId,
    /// Why it ended.
    pub reason: EndReason,
    /// Whether it ever was active.
    pub connected: bool,
    /// When it ended.
    pub at: Stamp,
    /// It ended before it was reported, or was turned away as a second call.
    pub early: bool,
    /// Whom do-not-disturb kept from ringing by it: a second call of the same person rings.
    pub quieted: Option<Handle>,
    /// Its record, while news from another device may amend it.
    pub missed: Option<Missed>,
}

/// The record of a call that nobody took here, which news from another device may amend.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Missed {
    /// The app, which alone may tell such news.
    pub app: AppId,
    /// When the call began, as its record says.
    pub began: Wall,
    /// When it ended, on the boot clock.
    pub ended: Timestamp,
}

/// A live call as it is kept outside the core. Times are on the boot clock of this boot.
///
/// Open asks are not in it. What is owed to the user is asked for anew when the app has taken the
/// call back; tones that an app may have sent already are not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SavedCall {
    /// Its id.
    pub id: CallId,
    /// The app's own name for it.
    pub key: CallKey,
    /// The app it belongs to.
    pub app: AppId,
    /// The app's name, until it registers again.
    pub app_name: Text,
    /// Who called whom.
    pub direction: Direction,
    /// The other party, unless anonymous.
    pub handle: Option<Handle>,
    /// The name the app gave.
    pub name: Option<Text>,
    /// What can be done with it.
    pub capabilities: Capabilities,
    /// Whether there is video besides audio.
    pub video: bool,
    /// An emergency call, or the call-back of an emergency center.
    pub emergency: bool,
    /// Where it is in its life.
    pub phase: Phase,
    /// The network itself sends sound before it is connected.
    pub early_media: bool,
    /// The user has answered it, and the app has not said that it is done.
    pub answering: bool,
    /// When it started and connected.
    pub dates: CallDates,
    /// When it came or was dialed.
    pub began: Stamp,
    /// The microphone of the user is stopped.
    pub muted: bool,
    /// The other party put us on hold.
    pub remote_hold: bool,
    /// The user stopped the ringing but not the call.
    pub silenced: bool,
    /// The group it is in, unless it is alone.
    pub group: Option<GroupId>,
    /// Whether it enters the recents when it ends.
    pub in_recents: bool,
    /// What is known so far of why it will have been missed, should it be.
    pub missed_reasons: MissedReasons,
    /// The app's account it goes through.
    pub account: Option<AccountId>,
    /// The audio device that the user chose for it.
    pub route: Option<EndpointId>,
    /// Who muted or unmuted it last.
    pub muted_by: MuteOrigin,
    /// How often that has changed.
    pub mute_revision: u64,
    /// The other party offers video until then.
    pub video_offer: Option<Timestamp>,
    /// What its app translates.
    pub translation: Option<Translation>,
    /// Digits that are not sent yet.
    pub rest: Option<SavedRest>,
    /// A merge that is half done.
    pub joining: Option<SavedJoining>,
    /// It is on hold, and a resume of it was decided.
    pub owes_resume: bool,
    /// What the call directory has decided about it.
    pub decision: Option<Arc<Decision>>,
}

/// Digits that wait.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SavedRest {
    /// The digits, with the pause before them.
    pub digits: Digits,
    /// What they wait for.
    pub behind: SavedBehind,
}

/// What digits wait for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SavedBehind {
    /// The user.
    User,
    /// Tones that the app has in its hands and has not confirmed.
    Tones,
    /// A soft pause, until then on the boot clock.
    Pause(Timestamp),
    /// The other party, who has not answered yet.
    Connection,
}

/// A call's part in a merge that its app has not confirmed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SavedJoining {
    /// The group it would be in.
    pub group: GroupId,
    /// The hold it comes from.
    pub from: Option<Hold>,
    /// The others come to it.
    pub stays: bool,
}
