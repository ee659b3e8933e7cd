//! Wishes: refused by name, or accepted as a transaction. One reply each, before anything else
//! (L3).

use hookswitch_model::{
    ActionFault, ActionKind, CallDates, CallId, Direction, FrontRules, MissedReasons, MuteOrigin,
    Phase, Rejection, RequestId, TransactionId,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::{Accepted, Effect};
use crate::event::{Request, Requester};
use crate::media::Owed;
use crate::mute::Mute;
use crate::plan::{NewCall, Plan, Step, invalid};
use crate::rate::Traffic;
use crate::state::{Abilities, Call, Transaction};
use crate::tones::Rest;

impl Core {
    pub(crate) fn on_request(&mut self, from: Requester, request: RequestId, wish: Request) {
        if let Requester::App(client) = from
            && let Err(rejection) = self.admit_client(client, Traffic::Request)
        {
            return self.reply(request, Err(rejection));
        }
        if let Request::Open(call) = wish {
            return self.open(from, request, call);
        }
        if self.press_behind_lock(from, request, &wish) {
            return;
        }
        match self.plan(from, &wish) {
            Err(rejection) => self.reply(request, Err(rejection)),
            Ok(Some(plan)) => {
                let transaction = self.next_transaction();
                let call = plan.call;
                self.reply(request, Ok(Accepted::Transaction { transaction, call }));
                self.mark_opening(from, &plan);
                self.note_origin(from, &plan, &wish);
                self.accept(transaction, plan);
            }
            Ok(None) => self.do_at_once(from, request, wish),
        }
    }

    pub(crate) fn reply(&mut self, request: RequestId, result: Result<Accepted, Rejection>) {
        self.emit(Effect::Reply { request, result });
    }

    /// What the user answers may come to the front when its app is asked.
    fn mark_opening(&mut self, from: Requester, plan: &Plan) {
        for step in plan.stages.iter().flatten() {
            if let Step::Resume(call) = step {
                self.owe_resume(*call);
            }
            if let Step::Answer(call) = step
                && let Some(call) = self.calls.get_mut(call)
            {
                call.opens = from == Requester::User;
            }
        }
    }

    fn next_transaction(&mut self) -> TransactionId {
        self.counters.transaction += 1;
        TransactionId(self.counters.transaction)
    }

    /// Starts a transaction of the system itself.
    pub(crate) fn begin_internal(&mut self, call: CallId, step: Step) {
        let plan = Plan {
            call,
            stages: vec![vec![step]],
            new_calls: Vec::new(),
        };
        self.begin(plan);
    }

    /// Carries out a plan that nobody waits for.
    pub(crate) fn begin(&mut self, plan: Plan) {
        let transaction = self.next_transaction();
        self.accept(transaction, plan);
    }

    /// A transaction of the system whose asks are sent by the caller.
    pub(crate) fn begin_empty(&mut self) -> TransactionId {
        let id = self.next_transaction();
        self.transactions.insert(id, Transaction::new(Vec::new()));
        id
    }

    fn accept(&mut self, id: TransactionId, plan: Plan) {
        self.dirty = true;
        for new in plan.new_calls {
            self.insert_outgoing(new);
        }
        for step in plan.stages.iter().flatten() {
            if let Step::Answer(call) = step
                && let Some(call) = self.calls.get_mut(call)
            {
                call.answering = true;
                self.deadlines.clear(Wait::Ring(call.id));
                self.deadlines.clear(Wait::Voicemail(call.id));
            }
        }
        self.transactions.insert(id, Transaction::new(plan.stages));
        // Ringing stops before any app is asked.
        self.reconcile();
        self.advance(id);
    }

    fn insert_outgoing(&mut self, new: NewCall) {
        self.ensure_provider(&new.app);
        self.remember_called(&new.to.handle);
        let emergency = self.is_emergency_number(&new.app, &new.to.handle);
        let provider = self.providers.get(&new.app);
        let in_recents = provider.is_none_or(|p| p.configuration.in_recents);
        let running = provider.filter(|p| p.client.is_some());
        let abilities = running.map(|p| Abilities::of(&p.configuration));
        self.counters.call_order += 1;
        let call = Call {
            early_media: false,
            id: new.id,
            key: new.key,
            app: new.app,
            direction: Direction::Outgoing,
            handle: Some(new.to.handle),
            name: None,
            capabilities: hookswitch_model::Capabilities::default(),
            video: new.to.video,
            emergency,
            phase: Phase::Dialing {
                stage: hookswitch_model::DialStage::Requested,
                since: self.now,
            },
            answering: false,
            dates: CallDates::default(),
            began: self.now,
            order: self.counters.call_order,
            muted: false,
            mute: Mute::default(),
            remote_hold: false,
            silenced: false,
            orphaned_until: None,
            asks: Vec::new(),
            group: None,
            joining: None,
            in_recents,
            notes: MissedReasons::NONE,
            is_deaf: false,
            account: new.to.account,
            contact: new.to.contact,
            abilities: abilities.unwrap_or_default(),
            wanted_buttons: None,
            video_offer: None,
            translating: None,
            opens: false,
            decision: None,
            route: None,
            rest: new.post_dial.map(Rest::behind_connection),
            owes_hold_to: None,
            owes_resume: false,
            talked_until: None,
            translation_owed: Owed::Nothing,
        };
        self.forget_letters(&call.app, call.id);
        self.calls.insert(call);
    }

    /// What an accepted wish leaves behind besides its plan.
    fn note_origin(&mut self, from: Requester, plan: &Plan, wish: &Request) {
        let origin = match from {
            Requester::App(_) => MuteOrigin::App,
            Requester::User => MuteOrigin::User,
        };
        self.note_mutes(plan, origin);
        if let Request::Headset { endpoint, .. } = wish {
            self.answered_on(plan, endpoint.as_ref());
        }
    }

    /// Wishes that need no app's consent.
    fn do_at_once(&mut self, from: Requester, request: RequestId, wish: Request) {
        let result = match wish {
            Request::Route(endpoint) => return self.on_route_wish(from, request, endpoint),
            Request::RouteCall(call, endpoint) => {
                return self.on_route_ask(from, request, call, endpoint);
            }
            Request::SetRingOn(on) => self.set_ring_on(from, on).map(|()| Accepted::Done),
            Request::Silence(call) => self.silence(from, call).map(|()| Accepted::Done),
            Request::DropRest(call) => self.drop_rest(from, call).map(|()| Accepted::Done),
            Request::ForceEnd(call) => self.force_end(from, call).map(|()| Accepted::Done),
            Request::Audio(wanted) => {
                self.play_audio_quirks(from);
                self.audio_wish(from, wanted)
            }
            Request::SetOnAnswer(on_answer) => {
                let rules = FrontRules {
                    on_answer,
                    ..self.front
                };
                self.set_front(from, rules).map(|()| Accepted::Done)
            }
            Request::SetDriving(driving) => {
                let rules = FrontRules {
                    driving,
                    ..self.front
                };
                self.set_front(from, rules).map(|()| Accepted::Done)
            }
            Request::ChangeRule(change) => match self.change_rule(from, &change) {
                Ok(effect) => {
                    self.reply(request, Ok(Accepted::Done));
                    return self.out.extend(effect);
                }
                Err(rejection) => Err(rejection),
            },
            Request::Transaction(_)
            | Request::Answer { .. }
            | Request::Decline(_)
            | Request::End(_)
            | Request::SetHeld(..)
            | Request::Swap
            | Request::SetMuted(..)
            | Request::Merge(..)
            | Request::Split(_)
            | Request::EndGroup(_)
            | Request::Digits(..)
            | Request::SendRest(_)
            | Request::Dial { .. }
            | Request::Open(_)
            | Request::Headset { .. }
            | Request::SetVideo(..)
            | Request::DeclineVideo(_)
            | Request::SetTranslating(..)
            | Request::Custom(..) => Err(Rejection::EmptyTransaction),
        };
        self.reply(request, result);
    }

    fn silence(&mut self, from: Requester, id: CallId) -> Result<(), Rejection> {
        let app = self.scope(from)?.cloned();
        let call = self.find(app.as_ref(), id)?;
        if !call.is_open_ring() {
            let fault = ActionFault::Phase(call.phase.kind());
            return Err(invalid(id, ActionKind::Answer, fault));
        }
        if let Some(call) = self.calls.get_mut(&id) {
            // A screener may have silenced it before: that the user did, too, is kept all the same.
            let notes = call.notes.with(MissedReasons::SILENCED);
            self.dirty |= !call.silenced || notes != call.notes;
            call.silenced = true;
            call.notes = notes;
        }
        Ok(())
    }
}
