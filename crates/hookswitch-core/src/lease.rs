//! The lease: granted or denied in bounded time, taken back and given again by interruptions.
//!
//! # Promises
//!
//! - **A1** at most one group has the lease. **A2** it is the group on the line.
//! - **A3** a call that becomes active gets the lease in the same step, whatever freed it. While
//!   something keeps the audio from all calls, its app is told so within [`Limit::Grant`]: silence
//!   is no answer. It gets the lease as soon as the audio is free. The time is the group's: it goes
//!   on when another member talks in its place.
//! - **A4** the former holder is told to stop before the next one is told to start; per app the two
//!   alternate strictly.
//! - **A5** an app that wants the audio while it has a call changes nothing by it, and is not
//!   refused; another one may not have the microphone, and is told who has.
//! - **IN1** an interruption ends no call. Its begin is told before the audio is taken back, its
//!   end before it is given again; every begin has its end unless the call ends first.

use hookswitch_model::{
    AppId, AudioServer, AudioSnapshot, AudioUse, AudioWait, CallId, ClientId, Interruption, Lease,
    Limit, MediaHush, Rejection, RingState,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::{Accepted, AnomalyKind, Effect};
use crate::event::Requester;
use crate::line::has_audio;

/// What keeps calls from the audio, and who waits.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    server: AudioServer,
    interruption: Option<Interruption>,
    waiting: Option<Waiting>,
}

/// A call that ought to have the lease.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    call: CallId,
    reason: Interruption,
    told: Told,
}

/// What its app knows about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Told {
    Nothing,
    Denied,
    Interrupted,
}

impl Grants {
    /// Why no call may have the lease.
    fn block(&self) -> Option<Interruption> {
        let lost = self.server == AudioServer::Lost;
        lost.then_some(Interruption::ServerLost)
            .or(self.interruption)
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }
}

impl Core {
    /// Whether something keeps the audio from all calls.
    pub(crate) fn is_audio_kept(&self) -> bool {
        self.grants.block().is_some()
    }

    /// The audio server is there; says whether it was lost before.
    pub(crate) fn audio_is_up(&mut self) -> bool {
        let former = core::mem::replace(&mut self.grants.server, AudioServer::Up);
        self.dirty |= former != AudioServer::Up;
        former == AudioServer::Lost
    }

    /// The audio server is gone. One that never was there is not missed.
    pub(crate) fn on_audio_lost(&mut self) {
        if self.grants.server == AudioServer::Up {
            self.grants.server = AudioServer::Lost;
            self.route_lost();
        }
    }

    pub(crate) fn on_interruption(&mut self, reason: Interruption, began: bool) {
        let now = began.then_some(reason);
        let ends_another = !began && self.grants.interruption != Some(reason);
        if self.grants.interruption != now && !ends_another {
            self.grants.interruption = now;
            self.dirty = true;
        }
    }

    pub(crate) fn reconcile_lease(&mut self) {
        let audible = self.calls.values().filter(|call| has_audio(call));
        let audible: Vec<CallId> = audible.map(|call| call.id).collect();
        let had = core::mem::replace(&mut self.lease_members, audible.clone());
        // The lease, and the wait for it, are the group's: as long as one of those who had it
        // talks, nobody is told.
        let kept = audible.iter().find(|call| had.contains(*call)).copied();
        let holder = self.lease_holder().filter(|call| audible.contains(call));
        let keeper = holder.or(kept);
        let owner = keeper.or(audible.first().copied());
        if let Some(keeper) = keeper {
            self.carry_over(keeper);
        }
        // Nothing takes the audio from an emergency call but that there is none.
        let is_emergency = |id: CallId| self.calls.get(&id).is_some_and(|call| call.emergency);
        let block = self.grants.block().filter(|reason| {
            *reason == Interruption::ServerLost || !owner.is_some_and(is_emergency)
        });
        match block {
            None => {
                self.stop_waiting();
                self.hand_over(owner);
            }
            Some(reason) => {
                let holder = self.lease.as_ref().map(|lease| lease.call);
                if let Some(call) = holder.filter(|holder| Some(*holder) == owner) {
                    self.tell_interruption(call, reason, true);
                    self.grants.waiting = Some(Waiting {
                        call,
                        reason,
                        told: Told::Interrupted,
                    });
                }
                self.hand_over(None);
                self.wait_for(owner, reason);
            }
        }
    }

    /// Who has the lease, or waits for it.
    fn lease_holder(&self) -> Option<CallId> {
        let waiting = || self.grants.waiting.map(|waiting| waiting.call);
        let lease = self.lease.as_ref().map(|lease| lease.call);
        lease.or_else(waiting)
    }

    /// Another of the same group goes on with the lease, or with the wait for it.
    fn carry_over(&mut self, keeper: CallId) {
        self.dirty |= self.lease_holder().is_some_and(|holder| holder != keeper);
        if let Some(lease) = &mut self.lease {
            lease.call = keeper;
        }
        if let Some(waiting) = &mut self.grants.waiting {
            waiting.call = keeper;
        }
    }

    /// Gives the lease to a call, or to nobody.
    fn hand_over(&mut self, owner: Option<CallId>) {
        if self.lease.as_ref().map(|lease| lease.call) == owner {
            return;
        }
        let next = owner.and_then(|id| self.calls.get(&id)).map(|call| Lease {
            call: call.id,
            app: call.app.clone(),
            since: self.now,
        });
        let stop = self.lease.as_ref().and_then(|l| self.listener(l));
        let start = next.as_ref().and_then(|l| self.listener(l));
        self.dirty = true;
        self.lease = next;
        if let Some((client, call)) = stop {
            for _ in 0..self.deactivations() {
                let letter = self.next_letter();
                self.emit(Effect::AudioDeactivated {
                    client,
                    call,
                    letter,
                });
            }
        }
        if let Some((client, call)) = start {
            let letter = self.next_letter();
            self.emit(Effect::AudioActivated {
                client,
                call,
                letter,
            });
        }
    }

    fn listener(&self, lease: &Lease) -> Option<(ClientId, CallId)> {
        Some((self.providers.get(&lease.app)?.client?, lease.call))
    }

    /// Somebody waits while the audio is kept from all calls.
    fn wait_for(&mut self, owner: Option<CallId>, reason: Interruption) {
        let standing = self.grants.waiting.map(|waiting| waiting.call);
        if standing == owner {
            return;
        }
        self.stop_waiting();
        if let Some(call) = owner {
            self.dirty = true;
            let by = self.now.at.after(self.limits.time(Limit::Grant));
            self.deadlines.set(Wait::Grant, by);
            self.grants.waiting = Some(Waiting {
                call,
                reason,
                told: Told::Nothing,
            });
        }
    }

    fn stop_waiting(&mut self) {
        let Some(waiting) = self.grants.waiting.take() else {
            return;
        };
        self.dirty = true;
        self.deadlines.clear(Wait::Grant);
        if waiting.told == Told::Interrupted {
            self.tell_interruption(waiting.call, waiting.reason, false);
        }
    }

    fn tell_interruption(&mut self, call: CallId, reason: Interruption, began: bool) {
        if let Some(client) = self.client_of(call) {
            let letter = self.next_letter();
            self.emit(Effect::AudioInterrupted {
                client,
                call,
                reason,
                began,
                letter,
            });
        }
    }

    /// The time to grant is over.
    pub(crate) fn on_grant_limit(&mut self) {
        let Some(waiting) = &mut self.grants.waiting else {
            return;
        };
        waiting.told = Told::Denied;
        let Waiting { call, reason, .. } = *waiting;
        self.dirty = true;
        let app = self.calls.get(&call).map(|call| call.app.clone());
        self.anomaly(AnomalyKind::NoGrant, app, Some(call));
        if let Some(client) = self.client_of(call) {
            let letter = self.next_letter();
            self.emit(Effect::AudioDenied {
                client,
                call,
                reason,
                letter,
            });
        }
    }

    /// An app wants the audio outside of what its calls give it (A5).
    pub(crate) fn audio_wish(
        &self,
        from: Requester,
        wanted: AudioUse,
    ) -> Result<Accepted, Rejection> {
        let app = self.scope(from)?;
        let is_own = |holder: &AppId| app.is_none_or(|app| app == holder);
        let granted = self.lease.as_ref().is_some_and(|lease| is_own(&lease.app));
        let takes_part = self.calls.values().any(|call| is_own(&call.app));
        let holder = self.lease.as_ref().filter(|_| !takes_part);
        match (wanted, holder.and_then(|l| self.providers.get(&l.app))) {
            (AudioUse::Record, Some(holder)) => Err(Rejection::AudioBusy { holder: holder.id }),
            (AudioUse::Record, None) | (AudioUse::Playback, _) => Ok(Accepted::Audio { granted }),
        }
    }

    pub(crate) fn audio_snapshot(&self) -> AudioSnapshot {
        let waiting = self.grants.waiting;
        AudioSnapshot {
            server: self.grants.server,
            interruption: self.grants.block(),
            waiting: waiting.map(|waiting| AudioWait {
                call: waiting.call,
                denied: waiting.told == Told::Denied,
            }),
            route: self.routing.snapshot(),
            hush: self.hush(),
            microphone_muted: self.is_microphone_muted(),
        }
    }

    /// How much other sound has to make room.
    fn hush(&self) -> MediaHush {
        let is_call = |call: &crate::state::Call| !call.is_open_ring();
        if self.afterglow || self.calls.values().any(is_call) {
            MediaHush::Call
        } else if self.ring == RingState::Quiet {
            MediaHush::Off
        } else {
            MediaHush::Ring
        }
    }
}
