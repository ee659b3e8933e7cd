//! Facts about the line: what an app says is connected, held or talked on again is so.
//!
//! Input: reports of things that happened at the app's own side, where nobody was asked: the far
//! end answered, a headset of the modem or another program answered, held or resumed. Output: the
//! call is what it was said to be, and the others make room.
//!
//! # Promises
//!
//! - **F1** a call that is reported as connected is active, whatever it did before; so is one on
//!   hold that is reported as resumed, and one that is reported as held is on hold. Its group goes
//!   with it. What its app was asked for the same is settled by that.
//! - **F2** whoever had the line is on hold by the system from then: asked, if it can be held and
//!   was not asked, and the user is told. A call that is being dialed ends. Limits of groups refuse
//!   wishes, not facts.
//! - **F3** an emergency call keeps the line against all but another one: the call that came
//!   goes on hold, and its app is asked to hold it (CE3).
//! - **F4** a word that says what is known changes nothing.
//! - **F5** in profile `callkit` an app reports no incoming call as connected, and holds by a
//!   request: CallKit knows `reportOutgoingCall(with:connectedAt:)` only
//!   (<https://developer.apple.com/documentation/callkit/cxprovider>). The mobile network, which
//!   is no app there, is heard all the same.

use hookswitch_model::{
    ActionFault, ActionKind, AskId, CallId, ClientId, Direction, EndReason, HeldBy, Hold,
    NoticeKind, Origin, Phase, Profile, Rejection, RequestId, Wall,
};

use crate::Core;
use crate::ask::Settled;
use crate::cellular::is_cellular;
use crate::effect::AskKind;
use crate::plan::{Step, invalid};
use crate::state::Call;

impl Core {
    /// Both sides can talk. Legal without `connecting`, and before the ask was settled.
    pub(crate) fn connected(
        &mut self,
        client: ClientId,
        request: RequestId,
        id: CallId,
        at: Option<Wall>,
    ) {
        if self.ring_at_once(client, id) {
            self.reply_done(client, request, id, Ok(()));
            return self.connect(id, at);
        }
        let result = self.own(client, id);
        let result = result.and_then(|call| self.met_connected(call));
        let connects = result == Ok(true);
        self.reply_done(client, request, id, result.map(|_| ()));
        if connects {
            self.connect(id, at);
        }
    }

    /// Whether the word that this call is connected is news, if it can be true.
    fn met_connected(&self, call: &Call) -> Result<bool, Rejection> {
        let action = match call.direction {
            Direction::Outgoing => ActionKind::Start,
            Direction::Incoming => ActionKind::Answer,
        };
        let refused = Err(invalid(
            call.id,
            action,
            ActionFault::Phase(call.met_kind()),
        ));
        match call.phase {
            Phase::Dialing { .. } => Ok(true),
            Phase::Ending { .. } => refused,
            Phase::Ringing { .. } | Phase::Active { .. } | Phase::Held(_)
                if call.direction == Direction::Incoming && !self.takes_facts(call) =>
            {
                refused
            }
            Phase::Ringing { .. } | Phase::Active { .. } | Phase::Held(_) => {
                Ok(call.is_unanswered())
            }
        }
    }

    /// F5.
    pub(crate) fn takes_facts(&self, call: &Call) -> bool {
        match self.limits.profile {
            Profile::Native => true,
            Profile::CallKit => is_cellular(self.providers.get(&call.app)),
        }
    }

    fn connect(&mut self, id: CallId, at: Option<Wall>) {
        self.claim(id);
        let implied = self.open_ask(id, |kind| {
            matches!(kind, AskKind::Start(_) | AskKind::Answer)
        });
        self.end_dialed_beside(id);
        self.become_active(id, at);
        if let Some(ask) = implied {
            self.imply(ask);
        }
    }

    /// What is being dialed cannot be held for a call that is there already.
    fn end_dialed_beside(&mut self, id: CallId) {
        let party = self.calls.get(&id).map(Call::party);
        let dialed = |call: &&Call| {
            let dials = matches!(call.phase, Phase::Dialing { .. });
            dials && !call.emergency && !call.is_orphan() && Some(call.party()) != party
        };
        let dialed: Vec<CallId> = self.calls.values().filter(dialed).map(|c| c.id).collect();
        for call in dialed {
            let step = Step::End {
                call,
                origin: Origin::System,
                reason: EndReason::Failed,
            };
            self.begin_internal(call, step);
        }
    }

    /// Whether a call can be held, or talked on again, at its app's own side.
    pub(crate) fn met_held(&self, client: ClientId, id: CallId) -> Result<(), Rejection> {
        let call = self.own(client, id)?;
        if !self.takes_facts(call) {
            return Err(Rejection::Unentitled);
        }
        if call.is_in_call() {
            return Ok(());
        }
        let fault = ActionFault::Phase(call.met_kind());
        Err(invalid(id, ActionKind::SetHeld, fault))
    }

    /// Takes over that a call and its group are held, or not any more.
    pub(crate) fn take_held(&mut self, id: CallId, on: bool) {
        self.adopt(id);
        for member in self.held_with(id) {
            match on {
                true => self.held_there(member),
                false => self.resumed_there(member),
            }
        }
    }

    /// The call, and those of its group that are not on their way out of it.
    fn held_with(&self, id: CallId) -> Vec<CallId> {
        let Some(call) = self.calls.get(&id) else {
            return Vec::new();
        };
        let leaves = |call: &Call| self.has_pending(call, ActionKind::SetGroup);
        let mate = |other: &&Call| {
            let same = call.group.is_some() && call.group == other.group;
            other.id == id || same && !leaves(call) && !leaves(other) && !other.is_orphan()
        };
        self.calls.values().filter(mate).map(|c| c.id).collect()
    }

    fn held_there(&mut self, id: CallId) {
        if let Some(ask) = self.open_ask(id, |kind| *kind == AskKind::SetHeld(true)) {
            return self.imply(ask);
        }
        let since = self.now;
        if let Some(call) = self.calls.get_mut(&id)
            && call.is_active()
        {
            self.dirty = true;
            call.phase = Phase::Held(Hold {
                by: HeldBy::User,
                since,
                displaced_by: None,
            });
        }
    }

    fn resumed_there(&mut self, id: CallId) {
        if let Some(ask) = self.open_ask(id, |kind| *kind == AskKind::SetHeld(false)) {
            return self.imply(ask);
        }
        // Its app has a hold of it in its hands: what it says of that is the newer word.
        if self.is_asked_to_hold(id) {
            return;
        }
        if !self.calls.get(&id).is_some_and(Call::is_held) {
            return;
        }
        self.end_dialed_beside(id);
        let since = self.now;
        if let Some(call) = self.calls.get_mut(&id) {
            self.dirty = true;
            call.phase = Phase::Active { since };
            self.take_line(id);
        }
    }

    /// The one open ask of this kind.
    fn open_ask(&self, id: CallId, is_it: impl Fn(&AskKind) -> bool) -> Option<AskId> {
        let call = self.calls.get(&id)?;
        let wanted = |ask: &&AskId| self.asks.get(ask).is_some_and(|ask| is_it(&ask.kind));
        call.asks.iter().find(wanted).copied()
    }

    /// What the app has said settles an ask; the app may still settle it itself.
    fn imply(&mut self, ask: AskId) {
        self.lapse(ask);
        self.settle(ask, Settled::Fulfilled(None));
    }

    /// A call takes the line: whoever still is active there is on hold by the system from now.
    /// Only an emergency call stays, and then it is this one that goes on hold (F3).
    pub(crate) fn take_line(&mut self, id: CallId) {
        if let Some(keeper) = self.emergency_against(id) {
            return self.displace(id, keeper);
        }
        let party = self.calls.get(&id).map(Call::party);
        let other =
            |call: &&Call| Some(call.party()) != party && call.is_active() && !call.is_orphan();
        let others: Vec<CallId> = self.calls.values().filter(other).map(|c| c.id).collect();
        for other in others {
            self.displace(other, id);
        }
    }

    /// A call that talks is on hold for another one. Who was not asked for that is asked.
    fn displace(&mut self, id: CallId, taker: CallId) {
        let is_asked = self.is_asked_to_hold(id);
        let since = self.now;
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.is_active()) else {
            return;
        };
        let by = match (is_asked, call.capabilities.holding) {
            (true, _) => HeldBy::SystemSlow,
            (false, true) => HeldBy::OtherCall,
            (false, false) => HeldBy::SystemRefused,
        };
        call.phase = Phase::Held(Hold {
            by,
            since,
            displaced_by: Some(taker),
        });
        let can_hold = call.capabilities.holding;
        self.dirty = true;
        if is_asked {
            return;
        }
        self.notice(id, NoticeKind::LineTaken(id));
        if can_hold {
            let hold = (HeldBy::OtherCall, Some(taker));
            self.ask_again(id, AskKind::SetHeld(true), Some(hold));
        }
    }
}
