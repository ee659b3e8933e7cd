//! What becomes of asks whose app died: asked again, or given up with a reason.
//!
//! Input: the open asks of a connection that is gone, and the state when its app is back. Output:
//! asks that wait for the app under their former id and number, in their former order, or
//! [`Effect::Dropped`].
//!
//! # Promises
//!
//! - **AG1** what the app acknowledged is not asked again, but for a resume, which is owed anew
//!   ([`crate::resume`]). Answers, starts, ends, mutes, and holds
//!   and resumes of one call are asked until they are settled; digits, merges, splits and the
//!   hold that makes room for a call of the same app once more, and no third time.
//! - **AG2** nobody else waits for a dead app: the hold that makes room for a call of another app
//!   is over at once. It is asked for anew, as a new ask, if that call still has the line when the
//!   app takes its call back.
//! - **AG3** a merge of several calls is asked again as a whole or not at all.
//! - **AG4** what makes no sense any more is given up with a [`DropReason`].

use hookswitch_model::{AskId, CallId, ClientId, DropReason, GroupId, HeldBy, NoticeKind};

use crate::Core;
use crate::ask::Settled;
use crate::effect::{AskKind, Effect};
use crate::state::{Part, PendingAsk};

impl Core {
    /// The asks of a connection that is gone.
    pub(crate) fn settle_for_gone(&mut self, client: ClientId) {
        let open = |(id, ask): (&AskId, &PendingAsk)| (ask.client == Some(client)).then_some(*id);
        let open: Vec<AskId> = self.asks.iter().filter_map(open).collect();
        let (again, over): (Vec<AskId>, Vec<AskId>) =
            open.into_iter().partition(|id| self.is_asked_again(*id));
        for id in again {
            if let Some(ask) = self.asks.get_mut(&id) {
                ask.client = None;
                ask.again = true;
            }
        }
        for id in over {
            self.note_owed_hold(id);
            self.give_up(id, DropReason::AppGone);
        }
    }

    fn is_asked_again(&self, id: AskId) -> bool {
        let Some(ask) = self.asks.get(&id) else {
            return false;
        };
        let makes_room = !ask.acknowledged && !ask.again && self.makes_room_at_home(ask);
        (ask.outlives_its_client() || makes_room) && !self.is_half_merged(ask)
    }

    /// A hold for another call of the same app, or of the same group.
    fn makes_room_at_home(&self, ask: &PendingAsk) -> bool {
        let Some((HeldBy::OtherCall, Some(taker))) = ask.hold else {
            return false;
        };
        let app = |id: CallId| self.calls.get(&id).map(|call| &call.app);
        app(taker).is_some() && app(taker) == app(ask.call)
    }

    /// The app has some of a merge in its hands, or has done it.
    fn is_half_merged(&self, ask: &PendingAsk) -> bool {
        let group_of = |ask: &PendingAsk| -> Option<GroupId> {
            let joins = matches!(ask.kind, AskKind::SetGroup(Some(_)));
            let joining = self.calls.get(&ask.call)?.joining?;
            joins.then_some(joining.group)
        };
        let Some(group) = group_of(ask) else {
            return false;
        };
        let moved = self.calls.values().any(|call| {
            call.joining
                .is_some_and(|j| j.group == group && j.part == Part::Moved)
        });
        let mut asks = self.asks.values();
        moved || asks.any(|other| other.acknowledged && group_of(other) == Some(group))
    }

    /// AG2.
    fn note_owed_hold(&mut self, id: AskId) {
        let Some(ask) = self.asks.get(&id) else {
            return;
        };
        if let Some((HeldBy::OtherCall, Some(taker))) = ask.hold
            && let Some(call) = self.calls.get_mut(&ask.call)
        {
            call.owes_hold_to = Some(taker);
        }
    }

    /// Why an ask that waits for its app makes no sense any more.
    pub(crate) fn moot(&self, id: AskId) -> Option<DropReason> {
        let ask = self.asks.get(&id)?;
        let call = self.calls.get(&ask.call)?;
        let line_kept = || self.line_is_kept(ask.call);
        let moved_on = match &ask.kind {
            AskKind::Answer | AskKind::Start(_) => line_kept(),
            AskKind::PlayDigits(_) => !call.is_active() || line_kept(),
            AskKind::SetGroup(Some(_)) => call.joining.is_none() || line_kept(),
            AskKind::SetGroup(None) => call.group.is_none() || (call.is_active() && line_kept()),
            AskKind::SetHeld(true) => match ask.hold {
                Some((HeldBy::OtherCall, Some(taker))) if !self.calls.contains_key(&taker) => {
                    return Some(DropReason::OtherCallEnded);
                }
                Some((HeldBy::OtherCall, Some(_))) => !call.is_active(),
                Some(_) | None => false,
            },
            AskKind::End { .. }
            | AskKind::SetHeld(false)
            | AskKind::SetMuted(_)
            | AskKind::SetVideo(_)
            | AskKind::DeclineVideo
            | AskKind::SetTranslating(_)
            | AskKind::Custom(_) => false,
        };
        moved_on.then_some(DropReason::MovedOn)
    }

    /// Gives an ask up, with the reason for whoever waits for its transaction.
    pub(crate) fn give_up(&mut self, id: AskId, why: DropReason) {
        let Some(ask) = self.asks.get(&id) else {
            return;
        };
        let (call, action) = (ask.call, ask.action());
        // The hold that makes room is the system's own affair, and an end comes about all the same.
        let is_owed = ask.hold.is_none() && !matches!(ask.kind, AskKind::End { .. });
        if is_owed {
            self.tell_dropped(id, why);
            if why != DropReason::AppGone {
                self.notice(call, NoticeKind::NotDone(call, action));
            }
        }
        self.settle(id, Settled::AppGone);
    }

    /// Says why an ask is given up.
    pub(crate) fn tell_dropped(&mut self, id: AskId, why: DropReason) {
        if let Some(ask) = self.asks.get(&id) {
            self.emit(Effect::Dropped {
                transaction: ask.transaction,
                call: ask.call,
                action: ask.action(),
                why,
            });
        }
    }

    /// An ask that waits for its app to come back ends with a call.
    pub(crate) fn ends_while_away(&mut self, id: AskId, why: DropReason) {
        let waits = |ask: &PendingAsk| ask.again && ask.client.is_none() && ask.hold.is_none();
        if self.asks.get(&id).is_some_and(waits) {
            self.tell_dropped(id, why);
        }
    }
}
