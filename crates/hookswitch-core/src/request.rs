//! Wishes: refused by name, or accepted as a transaction. One reply each, before anything else
//! (L3).

use hookswitch_model::{
    ActionFault, ActionKind, CallId, Direction, EndpointId, MissedReasons, Phase, Quirk, Rejection,
    RequestId, TransactionId,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::{Accepted, Effect};
use crate::event::{Request, Requester};
use crate::mailbox::News;
use crate::plan::{NewCall, Plan, Step, invalid};
use crate::state::{Call, Transaction};

/// What an accepted wish leads to after its reply.
enum After {
    Effect(Effect),
    Open(CallId),
}

impl Core {
    pub(crate) fn on_request(&mut self, from: Requester, request: RequestId, wish: Request) {
        match self.plan(from, &wish) {
            Err(rejection) => self.reply(request, Err(rejection)),
            Ok(Some(plan)) => {
                let transaction = self.next_transaction();
                let call = plan.call;
                self.reply(request, Ok(Accepted::Transaction { transaction, call }));
                self.accept(transaction, plan);
            }
            Ok(None) => {
                let done = self.do_at_once(from, wish);
                let (result, after) = match done {
                    Ok(after) => (Ok(Accepted::Done), after),
                    Err(rejection) => (Err(rejection), None),
                };
                self.reply(request, result);
                match after {
                    Some(After::Effect(effect)) => self.emit(effect),
                    Some(After::Open(call)) => self.tell_open(call),
                    None => {}
                }
            }
        }
    }

    pub(crate) fn reply(&mut self, request: RequestId, result: Result<Accepted, Rejection>) {
        self.emit(Effect::Reply { request, result });
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
            }
        }
        self.transactions.insert(id, Transaction::new(plan.stages));
        // Ringing stops before any app is asked.
        self.reconcile();
        self.advance(id);
    }

    fn insert_outgoing(&mut self, new: NewCall) {
        let in_recents = self
            .providers
            .get(&new.app)
            .is_none_or(|p| p.configuration.in_recents);
        self.ensure_provider(&new.app);
        let emergency = self.is_emergency_number(&new.app, &new.handle);
        self.counters.call_order += 1;
        let call = Call {
            id: new.id,
            key: new.key,
            app: new.app,
            direction: Direction::Outgoing,
            handle: Some(new.handle),
            name: None,
            capabilities: hookswitch_model::Capabilities::default(),
            video: new.video,
            emergency,
            phase: Phase::Dialing {
                stage: hookswitch_model::DialStage::Requested,
                since: self.now,
            },
            answering: false,
            connected_at: None,
            began: self.now,
            order: self.counters.call_order,
            muted: false,
            remote_hold: false,
            silenced: false,
            orphaned_until: None,
            asks: Vec::new(),
            group: None,
            joining: None,
            in_recents,
            notes: MissedReasons::NONE,
            is_deaf: false,
        };
        self.calls.insert(new.id, call);
    }

    /// Wishes that need no app's consent. Returns what is left to do after the reply.
    fn do_at_once(&mut self, from: Requester, wish: Request) -> Result<Option<After>, Rejection> {
        match wish {
            Request::Silence(call) => self.silence(from, call).map(|()| None),
            Request::Open(call) => self.open(from, call),
            Request::Route(endpoint) => {
                let effect = self.route_to(endpoint)?;
                Ok(Some(After::Effect(effect)))
            }
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
            | Request::Dial { .. } => Err(Rejection::EmptyTransaction),
        }
    }

    fn silence(&mut self, from: Requester, id: CallId) -> Result<(), Rejection> {
        let app = self.scope(from)?.cloned();
        let call = self.find(app.as_ref(), id)?;
        if !call.is_open_ring() {
            let fault = ActionFault::Phase(call.phase.kind());
            return Err(invalid(id, ActionKind::Answer, fault));
        }
        if let Some(call) = self.calls.get_mut(&id) {
            self.dirty |= !call.silenced;
            call.silenced = true;
            call.notes = call.notes.with(MissedReasons::SILENCED);
        }
        Ok(())
    }

    fn open(&self, from: Requester, id: CallId) -> Result<Option<After>, Rejection> {
        let call = self.find(self.scope(from)?, id)?;
        if call.handle.is_none() && self.limits.has_quirk(Quirk::OpenNeedsAddress) {
            return Ok(None);
        }
        match self.client_of(id) {
            Some(_) => Ok(Some(After::Open(id))),
            None => Err(Rejection::NotNow(ActionFault::AppGone)),
        }
    }

    fn tell_open(&mut self, id: CallId) {
        if let Some(call) = self.calls.get(&id) {
            let (app, key) = (call.app.clone(), call.key.clone());
            self.tell(&app, id, key, News::Open);
        }
    }

    fn route_to(&self, endpoint: EndpointId) -> Result<Effect, Rejection> {
        if self.endpoints.iter().any(|known| known.id == endpoint) {
            Ok(Effect::Route(endpoint))
        } else {
            Err(Rejection::UnknownEndpoint)
        }
    }
}
