//! A core that begins where a former one stopped.
//!
//! Input: the live calls as they were last kept, what apps were told and did not acknowledge, the
//! latest ends. Output: a core that has the calls as orphans, as if all apps had just died at once:
//! each may come back and adopt its calls within the orphan limit.
//!
//! # Promises
//!
//! - **RE1** no kept call is lost, doubled or stuck: it is adopted, or it ends with a reason.
//! - **RE2** what was decided stays decided: a call that was about to end still ends, for the same
//!   reason; nothing that waited for an app's word is taken as done.
//! - **RE3** nothing sounds before an app has said that the call is still there.
//! - **RE4** no id of an ask, a transaction or a notice is given out twice in one boot: a late word
//!   to the former daemon settles nothing in this one.
//! - **RE5** digits that waited wait on. What an app had in its hands is not asked for again, for
//!   it may have sent it; what stood behind that waits for the user's word. A half-done merge goes
//!   on.

use std::collections::BTreeSet;

use hookswitch_model::{
    CallId, DialStage, GroupId, Limit, Limits, Phase, RouteCause, Saved, SavedCall, SavedEnd, Stamp,
};

use crate::deadline::Wait;
use crate::media::Owed;
use crate::mute::Mute;
use crate::rejoin;
use crate::route::Desire;
use crate::state::{Abilities, Call, Tombstone};
use crate::{Core, Counters};

impl Core {
    /// The live calls, as they have to be kept to survive the process, oldest first.
    #[must_use]
    pub fn saved_calls(&self) -> Vec<SavedCall> {
        let mut calls: Vec<&Call> = self.calls.values().collect();
        calls.sort_unstable_by_key(|call| call.order);
        calls
            .into_iter()
            .map(|call| self.saved_call(call))
            .collect()
    }

    pub(crate) fn saved_call(&self, call: &Call) -> SavedCall {
        SavedCall {
            id: call.id,
            key: call.key.clone(),
            app: call.app.clone(),
            app_name: self.name_of(&call.app),
            direction: call.direction,
            handle: call.handle.clone(),
            name: call.name.clone(),
            capabilities: call.capabilities,
            video: call.video,
            emergency: call.emergency,
            phase: call.phase,
            early_media: call.early_media,
            answering: call.answering,
            dates: call.dates,
            began: call.began,
            muted: call.muted,
            remote_hold: call.remote_hold,
            silenced: call.silenced,
            group: call.group,
            in_recents: call.in_recents,
            missed_reasons: call.notes,
            account: call.account.clone(),
            route: call.route.as_ref().map(|desire| desire.endpoint.clone()),
            muted_by: call.mute.origin,
            mute_revision: call.mute.revision,
            video_offer: call.video_offer,
            translation: self.translation_to_keep(call),
            rest: call.saved_rest(),
            joining: call.saved_joining(),
            owes_resume: call.owes_resume && !self.is_line_taken(call.id),
            decision: call.decision.clone(),
        }
    }

    /// Calls that ended after the first `count` that ever did under this core, oldest first, as far
    /// as they are remembered; and how many ended so far.
    #[must_use]
    pub fn ended_since(&self, count: u64) -> (Vec<SavedEnd>, u64) {
        let ended = self.tombstones.since(count).collect();
        (ended, self.tombstones.total())
    }

    /// All that the next core has to begin with.
    #[must_use]
    pub fn saved(&self) -> Saved {
        Saved {
            calls: self.saved_calls(),
            letters: self.saved_letters(),
            ended: self.ended_since(0).0,
            emergency: self.saved_numbers(),
        }
    }

    /// A core with these calls, whose apps have the orphan limit from `at` to come back.
    ///
    /// Calls over the limit of live calls and ids that come twice are left out.
    #[must_use]
    pub fn restore(limits: Limits, at: Stamp, saved: Saved) -> Self {
        let mut core = Self::new(limits);
        core.now = at;
        core.counters = Counters::above(at.at.as_millis());
        core.dirty = !saved.calls.is_empty();
        for end in saved.ended {
            let tombstone = Tombstone {
                app: end.app,
                reason: end.reason,
                talked_until: end.connected.then_some(end.at.at.min(at.at)),
                at: Stamp::new(end.at.at.min(at.at), end.at.wall.min(at.wall)),
                early: end.early,
                quieted: end.quieted,
                missed: end.missed,
            };
            core.remember_quieted(&tombstone);
            core.bury(end.call, tombstone);
        }
        core.restore_letters(saved.letters);
        core.restore_numbers(saved.emergency);
        let room = core.limits.count(Limit::Calls);
        for call in saved.calls.into_iter().take(room) {
            if !core.calls.contains_key(&call.id) {
                core.restore_call(call);
            }
        }
        let groups = core.calls.values().filter_map(|call| call.group);
        let groups: BTreeSet<GroupId> = groups.collect();
        let merges = core.check_restored_merges();
        let latest = groups.iter().chain(&merges).max();
        core.counters.group = latest.map_or(0, |group| group.0);
        for group in groups.difference(&merges) {
            core.dissolve_if_alone(*group);
        }
        core
    }

    fn restore_call(&mut self, saved: SavedCall) {
        self.ensure_provider(&saved.app);
        let Some(provider) = self.providers.get_mut(&saved.app) else {
            return;
        };
        provider.configuration.name = saved.app_name.clone();
        let until = self.now.at.after(self.limits.time(Limit::Orphan));
        let until = self.deadlines.set(Wait::Orphan(provider.id), until);
        self.counters.call_order += 1;
        if !saved.answering {
            self.set_waits(saved.id, saved.phase);
        }
        let call = Call {
            id: saved.id,
            key: saved.key,
            app: saved.app,
            direction: saved.direction,
            handle: saved.handle,
            name: saved.name,
            capabilities: saved.capabilities,
            video: saved.video,
            emergency: saved.emergency,
            phase: saved.phase,
            early_media: saved.early_media,
            answering: saved.answering,
            dates: saved.dates,
            began: saved.began,
            order: self.counters.call_order,
            muted: saved.muted,
            mute: Mute::kept(saved.muted_by, saved.mute_revision),
            remote_hold: saved.remote_hold,
            silenced: saved.silenced,
            orphaned_until: Some(until),
            asks: Vec::new(),
            group: saved.group,
            joining: saved.joining.map(rejoin::restored),
            in_recents: saved.in_recents,
            notes: saved.missed_reasons,
            is_deaf: false,
            account: saved.account,
            contact: None,
            abilities: Abilities::default(),
            wanted_buttons: None,
            video_offer: saved.video_offer,
            translating: None,
            opens: false,
            decision: saved.decision,
            route: saved.route.map(|endpoint| Desire {
                endpoint,
                cause: RouteCause::User,
            }),
            rest: saved.rest.map(|rest| self.restored_rest(saved.id, rest)),
            owes_hold_to: None,
            owes_resume: saved.owes_resume,
            talked_until: saved.dates.connected.map(|_| self.now.at),
            translation_owed: saved.translation.map_or(Owed::Nothing, Owed::Translate),
        };
        self.calls.insert(call);
    }

    /// What is left of a ring or dial time goes on counting.
    pub(crate) fn set_waits(&mut self, id: CallId, phase: Phase) {
        match phase {
            Phase::Ringing { until, .. } => {
                self.deadlines.set(Wait::Ring(id), until);
            }
            Phase::Dialing { stage, since } => {
                let limit = self.limits.time(Limit::DialRing);
                if stage != DialStage::Requested && !limit.is_zero() {
                    self.deadlines
                        .set(Wait::DialRing(id), since.at.after(limit));
                }
            }
            Phase::Held(hold) if phase.is_at_voicemail() => {
                let until = hold.since.at.after(self.limits.time(Limit::Voicemail));
                self.deadlines.set(Wait::Voicemail(id), until);
            }
            Phase::Active { .. } | Phase::Held(_) | Phase::Ending { .. } => {}
        }
    }
}
