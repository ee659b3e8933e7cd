//! Mute: one value per call, with the number of its last change and who made it.
//!
//! # Promises
//!
//! - **MU1** the value follows what the app says it did; a wish alone changes nothing on a screen.
//! - **MU2** the system never unmutes by itself: not when a call connects, resumes, or moves to
//!   another device. Only the user, the app, or the key that muted does.
//! - **MU3** a microphone that is muted where it is shows as muted, and cannot be unmuted from
//!   here: a screen that says otherwise would lie.
//! - **MU4** of two wishes the newer one counts, in whatever order the app gets them done: if the
//!   older one is settled last, the newer one is asked for again.
//! - **MU5** calls that become one conversation are all muted if one of them is: nobody hears the
//!   user who was not to.

use hookswitch_model::{ActionKind, AskId, CallId, GroupId, MuteOrigin};

use crate::Core;
use crate::effect::AskKind;
use crate::event::{Request, Requester};
use crate::plan::{Plan, Step};
use crate::state::{Call, PendingAsk};

/// Besides whether a call is muted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mute {
    pub(crate) origin: MuteOrigin,
    pub(crate) revision: u64,
    /// Who wishes the change that is asked for next.
    wish: MuteOrigin,
    /// The newest ask that was fulfilled, unless the app has changed it by itself since.
    word: Option<AskId>,
}

impl Mute {
    /// As a former core kept it.
    pub(crate) fn kept(origin: MuteOrigin, revision: u64) -> Self {
        Self {
            origin,
            revision,
            ..Self::default()
        }
    }
}

impl Core {
    /// Remembers whose wish the mutes of a plan are.
    pub(crate) fn note_mutes(&mut self, plan: &Plan, origin: MuteOrigin) {
        for step in plan.stages.iter().flatten() {
            if let Step::SetMuted(call, _) = step
                && let Some(call) = self.calls.get_mut(call)
            {
                call.mute.wish = origin;
            }
        }
    }

    /// Whose wish an ask about this call is.
    pub(crate) fn mute_wish(&self, id: CallId) -> MuteOrigin {
        let call = self.calls.get(&id);
        call.map_or(MuteOrigin::default(), |call| call.mute.wish)
    }

    /// The app has muted or unmuted, as it was asked.
    pub(crate) fn mute_settled(&mut self, id: AskId, ask: &PendingAsk, on: bool) {
        let Some(call) = self.calls.get_mut(&ask.call) else {
            return;
        };
        let newer = call.mute.word.filter(|word| *word > id);
        let wanted = (call.muted, call.mute.origin);
        call.mute.word = newer.or(Some(id));
        self.muted_by(ask.call, on, ask.muter);
        if newer.is_some() && wanted.0 != on {
            self.mute_again(ask.call, wanted);
        }
    }

    /// The app has done an older wish after a newer one: the microphone is as nobody wants it.
    fn mute_again(&mut self, id: CallId, (on, origin): (bool, MuteOrigin)) {
        let kept_by_device = !on && self.is_microphone_muted();
        let reachable = self.client_of(id).is_some();
        if let Some(call) = self.calls.get_mut(&id)
            && (call.is_in_call() || call.is_on_line())
            && reachable
            && !kept_by_device
        {
            call.mute.wish = origin;
            self.ask_again(id, AskKind::SetMuted(on), None);
        }
    }

    /// The app has muted or unmuted by itself.
    pub(crate) fn mute_reported(&mut self, id: CallId, on: bool) {
        if let Some(call) = self.calls.get_mut(&id).filter(|call| call.muted != on) {
            call.mute.word = None;
        }
        self.muted_by(id, on, MuteOrigin::App);
    }

    /// A call is muted or unmuted now.
    fn muted_by(&mut self, id: CallId, on: bool, origin: MuteOrigin) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if call.muted != on {
            self.dirty = true;
            call.muted = on;
            call.mute.origin = origin;
            call.mute.revision += 1;
        }
    }

    /// Whether the microphone is muted where it is, as far as anybody said.
    pub(crate) fn is_microphone_muted(&self) -> bool {
        self.microphone_muted == Some(true)
    }

    /// Whether nobody hears the user in this call: muted by its app, or where the microphone is.
    pub(crate) fn is_muted(&self, call: &Call) -> bool {
        call.muted || self.is_microphone_muted() && call.is_active()
    }

    /// The microphone was muted or unmuted where it is: for the call that uses it, that is the
    /// user's own gesture.
    pub(crate) fn on_microphone_muted(&mut self, on: bool) {
        self.dirty |= self.microphone_muted != Some(on);
        self.microphone_muted = Some(on);
        let talking = self.calls.values().find(|call| call.is_active());
        if let Some(call) = talking.filter(|call| !call.is_orphan()) {
            self.follow_microphone(call.id);
        }
    }

    /// A call that begins or goes on to talk is muted where the microphone is muted (MU3), and is
    /// not any more where the key that muted it was pressed again meanwhile.
    pub(crate) fn reconcile_mute(&mut self) {
        let talks = |call: &&Call| call.is_active() && !call.is_orphan();
        let talking = self.calls.values().filter(talks).map(|call| call.id);
        let talking: Vec<CallId> = talking.collect();
        let former = core::mem::replace(&mut self.talking, talking.clone());
        for id in talking.into_iter().filter(|id| !former.contains(id)) {
            self.follow_microphone(id);
        }
    }

    /// A conversation is muted as its microphone is, unless the user or an app muted any of it
    /// (MU2). While nobody has said how the microphone is, nothing changes.
    fn follow_microphone(&mut self, id: CallId) {
        let (Some(on), Some(call)) = (self.microphone_muted, self.calls.get(&id)) else {
            return;
        };
        let party = call.party();
        let together = self.calls.values().filter(|other| other.party() == party);
        let members: Vec<&Call> = together.collect();
        let is_asked = |call: &&Call| self.has_pending(call, ActionKind::SetMuted);
        let by_device = |call: &&Call| call.mute.origin == MuteOrigin::Device;
        let mut muted = members.iter().copied().filter(|call| call.muted);
        let differs = match on {
            true => !members.iter().all(|call| call.muted),
            false => muted.clone().next().is_some() && muted.all(|call| by_device(&call)),
        };
        if differs && !members.iter().any(is_asked) {
            self.mute_by(id, on, MuteOrigin::Device);
        }
    }

    /// Calls are one conversation now: whoever was to hear nothing still does not (MU5).
    pub(crate) fn mute_together(&mut self, group: GroupId) {
        let members = || self.calls.values().filter(|call| call.group == Some(group));
        let muted = members().find(|call| call.muted);
        let heard = members().find(|call| !call.muted && call.is_in_call());
        if let (Some(muted), Some(heard)) = (muted, heard) {
            self.mute_by(heard.id, true, muted.mute.origin);
        }
    }

    /// Asks the app, if it can be asked now.
    fn mute_by(&mut self, id: CallId, on: bool, origin: MuteOrigin) {
        let wish = Request::SetMuted(id, on);
        if let Ok(Some(plan)) = self.plan(Requester::User, &wish) {
            self.note_mutes(&plan, origin);
            self.begin(plan);
        }
    }
}
