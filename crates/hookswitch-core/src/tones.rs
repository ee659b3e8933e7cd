//! Digits with pauses: what is sent at once, what waits, and what the user has to agree to.
//!
//! Input: a string of tones and pauses. A soft pause (`,`) waits by itself, a hard one (`;`) waits
//! for the user. What comes before the first pause is asked for at once; the rest stays here. Each
//! ask says what kind of tones it is, as CallKit's `CXPlayDTMFCallAction` does
//! (developer.apple.com/documentation/callkit/cxplaydtmfcallaction).
//!
//! # Promises
//!
//! - **DT1** the tones between two pauses are one ask; the next ones are asked for when the app has
//!   fulfilled it and the pause is over.
//! - **DT2** a soft pause lasts [`Limit::SoftPause`] for each mark; behind a hard one nothing is
//!   sent before the user says so.
//! - **DT3** while a rest waits, more digits are refused ([`ActionFault::DigitsWait`]): they would
//!   have to overtake it.
//! - **DT4** the rest goes with its call, with an ask that its app did not fulfill, and with a
//!   pause that ends while nobody talks. The user is told, unless the call is over.
//! - **DT5** a pause that ends while the app is away is over when the app has taken the call back.
//! - **DT6** digits behind a dialed number wait for the other party; they are kept nowhere else,
//!   so that a PIN enters neither the recents nor the app's start.

use hookswitch_model::{
    ActionFault, ActionKind, AskId, CallId, Digits, Limit, NoticeKind, Pause, Rejection,
    SavedBehind, SavedRest, Timestamp, Tones, TonesKind, TransactionId,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::AskKind;
use crate::event::Requester;
use crate::forecast::Forecast;
use crate::plan::{Step, invalid};
use crate::state::Call;

/// Digits that are not sent yet.
#[derive(Debug)]
pub(crate) struct Rest {
    /// Begins with a pause.
    digits: Digits,
    behind: Behind,
}

/// What they wait for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Behind {
    /// The tones before them.
    Tones(AskId),
    /// A soft pause, which is over then.
    Pause(Timestamp),
    /// A hard pause: the user.
    User,
    /// The other party has to answer first.
    Connection,
}

impl Call {
    /// The digits that wait for the user's word, up to the next hard pause.
    pub(crate) fn digits_waiting(&self) -> Option<Digits> {
        let rest = self.rest.as_ref()?;
        (rest.behind == Behind::User).then(|| rest.digits.behind_pause().before_hard_pause())
    }

    /// The digits that wait, to be kept.
    pub(crate) fn saved_rest(&self) -> Option<SavedRest> {
        let rest = self.rest.as_ref()?;
        Some(SavedRest {
            digits: rest.digits.clone(),
            behind: match rest.behind {
                Behind::Tones(_) => SavedBehind::Tones,
                Behind::Pause(until) => SavedBehind::Pause(until),
                Behind::User => SavedBehind::User,
                Behind::Connection => SavedBehind::Connection,
            },
        })
    }
}

impl Forecast<'_> {
    /// The user lets the rest be sent.
    pub(crate) fn send_rest(&mut self, id: CallId) -> Result<(), Rejection> {
        let call = self.find_reachable(id, ActionKind::PlayDigits)?;
        let rest = call.rest.as_ref();
        let fault = match rest.filter(|rest| rest.behind == Behind::User) {
            None => ActionFault::NothingToSend,
            Some(_) if !call.is_active() => ActionFault::Phase(call.met_kind()),
            Some(rest) => {
                let digits = rest.digits.behind_pause();
                self.push(Step::PlayDigits(id, digits, TonesKind::HardPause), None);
                return Ok(());
            }
        };
        Err(invalid(id, ActionKind::PlayDigits, fault))
    }

    /// Whether an earlier step leaves digits that wait.
    pub(crate) fn leaves_rest(&self, id: CallId) -> bool {
        let leaves = |step: &Step| match step {
            Step::PlayDigits(call, digits, _) => *call == id && digits.has_pause(),
            Step::Start(_)
            | Step::Answer(_)
            | Step::End { .. }
            | Step::Hold { .. }
            | Step::Resume(_)
            | Step::SetGroup(..)
            | Step::SetMuted(..)
            | Step::SetVideo(..)
            | Step::DeclineVideo(_)
            | Step::SetTranslating(..)
            | Step::Custom(..) => false,
        };
        self.steps.iter().any(leaves)
    }
}

impl Rest {
    /// What is sent when the other party has answered.
    pub(crate) fn behind_connection(digits: Digits) -> Self {
        Self {
            digits,
            behind: Behind::Connection,
        }
    }
}

impl Core {
    /// Digits that waited under a former core.
    pub(crate) fn restored_rest(&mut self, id: CallId, saved: SavedRest) -> Rest {
        let behind = match saved.behind {
            // Whether the tones before them were sent is not known: the user decides.
            SavedBehind::User | SavedBehind::Tones => Behind::User,
            SavedBehind::Pause(until) => {
                self.deadlines.set(Wait::SoftPause(id), until);
                Behind::Pause(until)
            }
            SavedBehind::Connection => Behind::Connection,
        };
        let digits = saved.digits;
        Rest { digits, behind }
    }

    /// The other party has answered: what was dialed behind its number is sent.
    pub(crate) fn send_post_dial(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let can = call.capabilities.digits;
        if call
            .rest
            .as_ref()
            .is_none_or(|rest| rest.behind != Behind::Connection)
        {
            return;
        }
        let Some(rest) = self.take_rest(id) else {
            return;
        };
        if can {
            let step = Step::PlayDigits(id, rest.digits, TonesKind::Single);
            self.begin_internal(id, step);
        } else {
            self.notice(id, NoticeKind::NotDone(id, ActionKind::PlayDigits));
        }
    }

    /// The app has taken the call back: a pause that ended meanwhile is over (DT5).
    pub(crate) fn end_pause_of_adopted(&mut self, id: CallId) {
        let rest = self.calls.get(&id).and_then(|call| call.rest.as_ref());
        let pauses = rest.is_some_and(|rest| matches!(rest.behind, Behind::Pause(_)));
        if pauses && !self.deadlines.is_set(Wait::SoftPause(id)) {
            self.on_soft_pause_over(id);
        }
    }

    /// Asks for what comes before the first pause and keeps the rest. Returns whether anything was
    /// asked for.
    pub(crate) fn send_tones(
        &mut self,
        transaction: TransactionId,
        id: CallId,
        digits: &Digits,
        kind: TonesKind,
    ) -> bool {
        self.take_rest(id);
        let (tones, rest) = digits.at_pause();
        let ask = tones.map(|digits| {
            let tones = Tones { digits, kind };
            self.send_ask(transaction, id, AskKind::PlayDigits(tones), None)
        });
        if let (Some(digits), Some(call)) = (rest, self.calls.get_mut(&id)) {
            let behind = ask.map_or(Behind::User, Behind::Tones);
            call.rest = Some(Rest { digits, behind });
            self.dirty = true;
            if ask.is_none() {
                self.begin_pause(id);
            }
        }
        ask.is_some()
    }

    /// The user does not want the rest to be sent.
    pub(crate) fn drop_rest(&mut self, from: Requester, id: CallId) -> Result<(), Rejection> {
        let app = self.scope(from)?.cloned();
        if self.find(app.as_ref(), id)?.rest.is_none() {
            let fault = ActionFault::NothingToSend;
            return Err(invalid(id, ActionKind::PlayDigits, fault));
        }
        self.take_rest(id);
        Ok(())
    }

    /// An ask for tones is over: what waits behind it goes on, or is dropped with it.
    pub(crate) fn tones_settled(&mut self, id: CallId, ask: AskId, fulfilled: bool) {
        let rest = self.calls.get(&id).and_then(|call| call.rest.as_ref());
        if rest.is_none_or(|rest| rest.behind != Behind::Tones(ask)) {
            return;
        }
        if fulfilled {
            self.begin_pause(id);
        } else {
            self.take_rest(id);
        }
    }

    fn begin_pause(&mut self, id: CallId) {
        let Some(rest) = self.calls.get_mut(&id).and_then(|call| call.rest.as_mut()) else {
            return;
        };
        self.dirty = true;
        match rest.digits.pause() {
            Some(Pause::Soft(marks)) => {
                let pause = self.limits.time(Limit::SoftPause).saturating_mul(marks);
                let until = self.now.at.after(pause);
                rest.behind = Behind::Pause(until);
                self.deadlines.set(Wait::SoftPause(id), until);
            }
            Some(Pause::Hard) | None => rest.behind = Behind::User,
        }
    }

    /// A soft pause is over.
    pub(crate) fn on_soft_pause_over(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        if call.is_active() && call.is_orphan() {
            return;
        }
        let talks = call.is_active();
        let Some(rest) = self.take_rest(id) else {
            return;
        };
        if talks {
            let digits = rest.digits.behind_pause();
            self.begin_internal(id, Step::PlayDigits(id, digits, TonesKind::SoftPause));
        } else {
            self.notice(id, NoticeKind::NotDone(id, ActionKind::PlayDigits));
        }
    }

    /// Forgets the rest of a call's digits.
    pub(crate) fn take_rest(&mut self, id: CallId) -> Option<Rest> {
        self.deadlines.clear(Wait::SoftPause(id));
        let rest = self.calls.get_mut(&id)?.rest.take();
        self.dirty |= rest.is_some();
        rest
    }
}
