//! What comes to the front: apps that are opened, and wishes that wait behind a locked screen.
//!
//! Input: answers and presses of the user, the lock, the rules of the user and of each app.
//! Output: `Open` for an app, or `Unlock` first.
//!
//! # Promises
//!
//! - **F1** opening depends on the call and its app only, never on the call's address or flags.
//! - **F2** nothing comes to the front by itself while the user drives, or against the user's rule.
//! - **F3** one wish waits behind the lock, the newest; it is forgotten with its call or its time.

use hookswitch_model::{
    ActionFault, ActionKind, ButtonId, CallId, FrontRules, Limit, NoticeKind, Rejection, RequestId,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::{Accepted, Effect};
use crate::event::{Request, Requester};
use crate::mailbox::News;

/// A wish that waits for the screen to be unlocked.
#[derive(Debug)]
pub(crate) struct BehindLock {
    pub(crate) call: CallId,
    pub(crate) wish: Behind,
}

/// What waits.
#[derive(Debug)]
pub(crate) enum Behind {
    Open,
    Press(ButtonId),
}

impl Core {
    /// The user, or the app itself, wants the window of a call in front.
    pub(crate) fn open(&mut self, from: Requester, request: RequestId, id: CallId) {
        let result = self.may_open(from, id);
        self.reply(request, result.map(|()| Accepted::Done));
        if result.is_ok() {
            self.bring_forward(from, id);
        }
    }

    fn may_open(&self, from: Requester, id: CallId) -> Result<(), Rejection> {
        self.find(self.scope(from)?, id)?;
        if self.is_app_button_missing() {
            return Err(Rejection::Unentitled);
        }
        match self.client_of(id) {
            Some(_) => Ok(()),
            None => Err(Rejection::NotNow(ActionFault::AppGone)),
        }
    }

    fn bring_forward(&mut self, from: Requester, id: CallId) {
        if self.locked && from == Requester::User {
            let wish = Behind::Open;
            self.put_behind_lock(BehindLock { call: id, wish });
        } else if !self.is_unopenable(id)
            && let Some(call) = self.calls.get(&id)
        {
            let (app, key) = (call.app.clone(), call.key.clone());
            self.tell(&app, id, key, News::Open);
        }
    }

    /// The user answered, or switched video on: the app comes to the front if the rules say so.
    pub(crate) fn open_by_rule(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let provider = self.providers.get(&call.app);
        let of_app = provider.map_or_else(Default::default, |p| p.configuration.on_answer);
        if self.front.opens(of_app, call.video) || self.always_opens() {
            self.bring_forward(Requester::User, id);
        }
    }

    /// A press that may have to wait for the lock. Returns whether it was taken care of.
    pub(crate) fn press_behind_lock(
        &mut self,
        from: Requester,
        request: RequestId,
        wish: &Request,
    ) -> bool {
        let Request::Custom(call, button) = wish else {
            return false;
        };
        let waits = self.locked
            && from == Requester::User
            && self.needs_unlock(*call, button)
            && self.plan(from, wish).is_ok();
        if waits {
            self.reply(request, Ok(Accepted::Done));
            self.put_behind_lock(BehindLock {
                call: *call,
                wish: Behind::Press(button.clone()),
            });
        }
        waits
    }

    fn put_behind_lock(&mut self, waiting: BehindLock) {
        self.dirty = true;
        self.behind_lock = Some(waiting);
        self.deadlines.clear(Wait::Unlock);
        let by = self.now.at.after(self.limits.time(Limit::Unlock));
        self.deadlines.set(Wait::Unlock, by);
        self.emit(Effect::Unlock);
    }

    /// The rules are the user's, not an app's.
    pub(crate) fn set_front(
        &mut self,
        from: Requester,
        rules: FrontRules,
    ) -> Result<(), Rejection> {
        match from {
            Requester::App(_) => Err(Rejection::Unentitled),
            Requester::User => {
                self.dirty |= self.front != rules;
                self.front = rules;
                Ok(())
            }
        }
    }

    pub(crate) fn on_locked(&mut self, on: bool) {
        self.dirty |= self.locked != on;
        self.locked = on;
        if !on && let Some(waiting) = self.take_behind_lock() {
            match waiting.wish {
                Behind::Open => self.bring_forward(Requester::User, waiting.call),
                Behind::Press(button) => {
                    let wish = Request::Custom(waiting.call, button);
                    if let Ok(Some(plan)) = self.plan(Requester::User, &wish) {
                        self.begin(plan);
                    }
                }
            }
        }
    }

    fn take_behind_lock(&mut self) -> Option<BehindLock> {
        self.deadlines.clear(Wait::Unlock);
        self.dirty |= self.behind_lock.is_some();
        self.behind_lock.take()
    }

    pub(crate) fn on_unlock_limit(&mut self) {
        if let Some(waiting) = self.take_behind_lock()
            && let Behind::Press(_) = waiting.wish
        {
            let kind = NoticeKind::NotDone(waiting.call, ActionKind::Custom);
            self.notice(waiting.call, kind);
        }
    }

    /// A call that is gone takes its waiting wish along.
    pub(crate) fn forget_behind_lock(&mut self, call: CallId) {
        if self.behind_lock.as_ref().is_some_and(|w| w.call == call) {
            self.take_behind_lock();
        }
    }
}
