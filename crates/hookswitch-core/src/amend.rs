//! News of a call that is over: another device of the user had taken it.
//!
//! Input: the report of its app that a call ended, when it has ended here already. Output: an
//! [`Amendment`] of its record.
//!
//! # Promises
//!
//! - **AM1** a record that says that nobody took the call is amended by the news that it was
//!   answered, declined or refused as busy on another device; no other record ever changes.
//! - **AM2** once, by the app of the call only, within the limit `amend` after the end, and as
//!   long as the id is remembered.
//! - **AM3** what the screen says of the call follows. Nothing rings, and no app is told.

use hookswitch_model::{
    Amendment, CallId, ClientId, Direction, End, EndReason, Limit, Missed, Notice, NoticeKind,
    Origin, RecentsEntry,
};

use crate::Core;
use crate::effect::Effect;
use crate::report::origin_of;

/// What a record can be amended by, if it can.
pub(crate) fn missed(entry: &RecentsEntry) -> Option<Missed> {
    let End {
        reason, origin, at, ..
    } = entry.end;
    let open = match origin {
        Origin::User | Origin::CallWaiting | Origin::OtherDevice => false,
        Origin::App | Origin::Remote | Origin::RingLimit | Origin::Limit | Origin::System => true,
    };
    let blocked = reason == EndReason::Filtered && entry.missed_reasons.is_block();
    let missed = entry.direction == Direction::Incoming && entry.connected_ms.is_none();
    (missed && open && !blocked).then(|| Missed {
        app: entry.app.clone(),
        began: entry.began,
        ended: at.at,
    })
}

impl Core {
    /// An app tells how a call ended that has ended already.
    pub(crate) fn learn_late(&mut self, client: ClientId, call: CallId, reason: EndReason) {
        let origin = origin_of(reason);
        if origin != Origin::OtherDevice {
            return;
        }
        let Some(app) = self.clients.get(&client) else {
            return;
        };
        let Some(mut tombstone) = self.tombstones.find(Some(app), call).cloned() else {
            return;
        };
        let Some(Missed { app, began, ended }) = tombstone.missed.take() else {
            return;
        };
        if self.now.at.since(ended) > self.limits.time(Limit::Amend) {
            return;
        }
        tombstone.reason = reason;
        self.bury(call, tombstone);
        self.amend_notices(call, reason, origin);
        self.emit(Effect::Amend(Amendment {
            call,
            app,
            began,
            reason,
            origin,
        }));
    }

    /// What the screen says of it (AM3).
    fn amend_notices(&mut self, id: CallId, reason: EndReason, origin: Origin) {
        for notice in &mut self.notices {
            if let Notice {
                kind: NoticeKind::Ended { call, end, .. },
                ..
            } = notice
                && *call == id
            {
                end.reason = reason;
                end.origin = origin;
                self.dirty = true;
            }
        }
    }
}
