//! Accepted requests on their way: stages go out one after the other.
//!
//! # Promises
//!
//! - **T1** a stage goes out when every ask of the one before has settled, or the stage limit has
//!   passed.
//! - **T2** audio moves between stages: who gave up the line is silent before the taker is asked.
//! - **T3** a step whose call is gone or has moved on is skipped; the others go on.
//! - **T4** `Finished` comes once, when nothing of the transaction is open any more.
//! - **T5** an ask says how many of its transaction go to the same app with it, behind it.

use std::collections::BTreeMap;

use hookswitch_model::{
    AskId, CallId, Callee, ClientId, Digits, HeldBy, Limit, Phase, TonesKind, TransactionId,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::{AskKind, Effect};
use crate::plan::Step;
use crate::state::Call;

/// Tells each ask how many of its transaction go to the same app right behind it, so that an app
/// can take them as one.
pub(crate) fn count_following(effects: &mut [Effect]) {
    let mut behind: BTreeMap<(ClientId, TransactionId), u64> = BTreeMap::new();
    for effect in effects.iter_mut().rev() {
        if let Effect::Ask { client, ask, .. } = effect {
            let count = behind.entry((*client, ask.transaction)).or_default();
            ask.following = *count;
            *count += 1;
        }
    }
}

/// What came of one step.
enum Commit {
    /// An ask is out or waits for its app.
    Asked,
    /// It was done at once.
    Done,
    /// The call is gone or has moved on.
    Skipped,
}

impl Core {
    /// Sends out stages until one has to be waited for.
    pub(crate) fn advance(&mut self, id: TransactionId) {
        while let Some(transaction) = self.transactions.get_mut(&id) {
            let Some(steps) = transaction.stages.pop_front() else {
                self.finish_if_settled(id);
                return;
            };
            transaction.stage += 1;
            self.reconcile();
            for step in &steps {
                self.begin_joining(step);
            }
            let mut not_resumed = Vec::new();
            for step in steps {
                let resumes = matches!(step, Step::Resume(_)).then_some(step.call());
                if let Commit::Skipped = self.commit(id, step) {
                    self.mark_incomplete(id);
                    not_resumed.extend(resumes);
                }
            }
            for call in not_resumed {
                self.not_resumed(call);
            }
            if self.is_waiting(id) {
                self.set_stage_deadline(id);
                return;
            }
        }
    }

    fn set_stage_deadline(&mut self, id: TransactionId) {
        let more = |t: &crate::state::Transaction| !t.stages.is_empty();
        if self.transactions.get(&id).is_some_and(more) {
            let by = self.now.at.after(self.limits.time(Limit::Stage));
            self.deadlines.set(Wait::Stage(id), by);
        }
    }

    fn finish_if_settled(&mut self, id: TransactionId) {
        let settled = |t: &crate::state::Transaction| t.open.is_empty();
        if self.transactions.get(&id).is_some_and(settled)
            && let Some(transaction) = self.transactions.remove(&id)
        {
            self.deadlines.clear(Wait::Stage(id));
            self.emit(Effect::Finished {
                transaction: id,
                complete: transaction.complete,
            });
        }
    }

    /// Whether the stage that is out has open asks.
    fn is_waiting(&self, id: TransactionId) -> bool {
        let Some(transaction) = self.transactions.get(&id) else {
            return false;
        };
        let stage_of = |ask: &AskId| self.asks.get(ask).map(|ask| ask.stage);
        let current = Some(transaction.stage);
        transaction.open.iter().any(|ask| stage_of(ask) == current)
    }

    /// Whether a plan under way has this step in a stage that is not out yet.
    pub(crate) fn is_to_come(&self, step: &Step) -> bool {
        let mut stages = self.transactions.values().flat_map(|t| &t.stages);
        stages.any(|stage| stage.contains(step))
    }

    fn mark_incomplete(&mut self, id: TransactionId) {
        if let Some(transaction) = self.transactions.get_mut(&id) {
            transaction.complete = false;
        }
    }

    /// Takes a settled ask off its transaction, and goes on if the stage waited for it only.
    pub(crate) fn ask_left(&mut self, id: TransactionId, ask: AskId, fulfilled: bool) {
        let Some(transaction) = self.transactions.get_mut(&id) else {
            return;
        };
        transaction.open.retain(|open| *open != ask);
        transaction.complete &= fulfilled;
        if !self.is_waiting(id) {
            self.deadlines.clear(Wait::Stage(id));
            self.advance(id);
        }
    }

    /// The stage limit has passed: whoever has not given up the line is made to (never ended).
    pub(crate) fn on_stage_expired(&mut self, id: TransactionId) {
        let Some(transaction) = self.transactions.get(&id) else {
            return;
        };
        for id in transaction.open.clone() {
            let ask = self.asks.get(&id);
            let Some(ask) = ask.filter(|ask| ask.kind == AskKind::SetHeld(true)) else {
                continue;
            };
            let (call, taker) = (ask.call, ask.hold.and_then(|(_, taker)| taker));
            let told = self.hold_by_system(call, HeldBy::SystemSlow, taker);
            if let Some(ask) = self.asks.get_mut(&id) {
                ask.is_told_slow = told;
            }
        }
        self.advance(id);
    }

    fn commit(&mut self, id: TransactionId, step: Step) -> Commit {
        let Some(call) = self.calls.get(&step.call()) else {
            return Commit::Skipped;
        };
        let call_id = call.id;
        let (kind, hold) = match step {
            Step::Start(_) => match (call.phase, call.handle.clone()) {
                (Phase::Dialing { .. }, Some(handle)) if !call.is_orphan() => {
                    let to = Callee {
                        handle,
                        video: call.video,
                        account: call.account.clone(),
                        contact: call.contact.clone(),
                    };
                    (AskKind::Start(to), None)
                }
                _ => return Commit::Skipped,
            },
            Step::Answer(_) if call.answering => {
                return self.commit_answer(id, call_id);
            }
            Step::End { origin, reason, .. } => {
                if !self.begin_end(call_id, origin, reason) {
                    return Commit::Done;
                }
                (self.ask_to_end(origin, reason), None)
            }
            Step::Hold {
                by: HeldBy::Voicemail,
                ..
            } => {
                if !self.enter_voicemail(call_id) {
                    return Commit::Skipped;
                }
                (AskKind::SetHeld(true), Some((HeldBy::Voicemail, None)))
            }
            Step::Hold { by, for_call, .. } if call.is_active() => {
                (AskKind::SetHeld(true), Some((by, for_call)))
            }
            Step::Resume(_) if self.may_resume(call_id) => (AskKind::SetHeld(false), None),
            Step::SetGroup(_, Some(with)) => match self.calls.get(&with) {
                Some(with) if call.joining.is_some() => {
                    (AskKind::SetGroup(Some((with.id, with.key.clone()))), None)
                }
                Some(_) | None => return Commit::Skipped,
            },
            Step::SetGroup(_, None) if call.group.is_some() => (AskKind::SetGroup(None), None),
            Step::SetMuted(_, on) => (AskKind::SetMuted(on), None),
            Step::PlayDigits(_, digits, kind) => {
                return self.commit_digits(id, call_id, &digits, kind);
            }
            Step::SetVideo(_, on) => {
                self.clear_video_offer(call_id);
                (AskKind::SetVideo(on), None)
            }
            Step::DeclineVideo(_) => {
                self.clear_video_offer(call_id);
                (AskKind::DeclineVideo, None)
            }
            Step::SetTranslating(_, to) => (AskKind::SetTranslating(to), None),
            Step::Custom(_, button) => (AskKind::Custom(button), None),
            Step::Answer(_) | Step::Hold { .. } | Step::Resume(_) | Step::SetGroup(..) => {
                return Commit::Skipped;
            }
        };
        self.send_ask(id, call_id, kind, hold);
        Commit::Asked
    }

    fn commit_digits(
        &mut self,
        id: TransactionId,
        call: CallId,
        digits: &Digits,
        kind: TonesKind,
    ) -> Commit {
        match self.send_tones(id, call, digits, kind) {
            true => Commit::Asked,
            false => Commit::Done,
        }
    }

    fn commit_answer(&mut self, id: TransactionId, call: CallId) -> Commit {
        self.send_ask(id, call, AskKind::Answer, None);
        let opens = |call: &mut Call| core::mem::take(&mut call.opens);
        if self.calls.get_mut(&call).is_some_and(opens) {
            self.open_by_rule(call);
        }
        Commit::Asked
    }

    /// A held call may take the line if nobody else keeps it, and nobody asked for the same
    /// already.
    pub(crate) fn may_resume(&self, id: CallId) -> bool {
        let Some(call) = self.calls.get(&id) else {
            return false;
        };
        let resuming = self
            .open_asks(call)
            .any(|ask| ask.kind == AskKind::SetHeld(false));
        call.is_held() && !call.is_orphan() && !resuming && !self.line_is_kept(id)
    }
}
