//! From a wish to a plan or a refusal.
//!
//! Input: the state, who wishes, the wish. Output: a [`Plan`], which is data. Planning takes
//! `&self` and changes nothing; the same functions tell the screen which buttons work
//! ([`crate::Core::snapshot`]).
//!
//! # Promises
//!
//! - **P1** each action is validated against the state as it will be after the ones before it.
//! - **P2** the first failing action decides, and nothing of the transaction is carried out.
//! - **P3** inside one app a transaction is one stage, in list order. Across apps those who give up
//!   the line come first; the next stage waits for them, at most the stage limit.
//! - **P4** no plan ends a call that the wish does not name, but for the choices that say so.

use hookswitch_model::{
    ActionFault, ActionKind, AppId, ButtonId, CallId, CallKey, Callee, Digits, EndReason, Handle,
    HandleKind, HeldBy, Limit, Origin, Profile, Rejection, TonesKind, Translation, post_dial,
};

use crate::Core;
use crate::event::{Action, Request, Requester};
use crate::forecast::Forecast;
use crate::state::Call;

/// One step of a plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Start(CallId),
    Answer(CallId),
    End {
        call: CallId,
        origin: Origin,
        reason: EndReason,
    },
    Hold {
        call: CallId,
        by: HeldBy,
        for_call: Option<CallId>,
    },
    Resume(CallId),
    /// Join the group of the other call, or leave one's own.
    SetGroup(CallId, Option<CallId>),
    SetMuted(CallId, bool),
    PlayDigits(CallId, Digits, TonesKind),
    SetVideo(CallId, bool),
    DeclineVideo(CallId),
    SetTranslating(CallId, Option<Translation>),
    Custom(CallId, ButtonId),
}

impl Step {
    pub(crate) fn call(&self) -> CallId {
        match self {
            Self::Start(call)
            | Self::Answer(call)
            | Self::Resume(call)
            | Self::SetGroup(call, _)
            | Self::SetMuted(call, _)
            | Self::PlayDigits(call, ..)
            | Self::SetVideo(call, _)
            | Self::DeclineVideo(call)
            | Self::SetTranslating(call, _)
            | Self::Custom(call, _)
            | Self::End { call, .. }
            | Self::Hold { call, .. } => *call,
        }
    }

    /// Gives up the line, so it goes first across apps.
    pub(crate) fn is_giver(&self) -> bool {
        match self {
            Self::End { .. } | Self::Hold { .. } => true,
            Self::Start(_)
            | Self::Answer(_)
            | Self::Resume(_)
            | Self::SetGroup(..)
            | Self::SetMuted(..)
            | Self::PlayDigits(..)
            | Self::SetVideo(..)
            | Self::DeclineVideo(_)
            | Self::SetTranslating(..)
            | Self::Custom(..) => false,
        }
    }
}

/// A call that a plan begins.
#[derive(Clone, Debug)]
pub(crate) struct NewCall {
    pub(crate) id: CallId,
    pub(crate) key: CallKey,
    pub(crate) app: AppId,
    pub(crate) to: Callee,
    /// What is sent when the other party has answered.
    pub(crate) post_dial: Option<Digits>,
}

impl NewCall {
    /// Takes digits behind a dialed number away from it.
    pub(crate) fn take_apart(&mut self) {
        let handle = &self.to.handle;
        if handle.kind() != HandleKind::PhoneNumber {
            return;
        }
        let (number, digits) = post_dial(handle.value());
        if let Ok(handle) = Handle::new(HandleKind::PhoneNumber, &number) {
            self.to.handle = handle;
            self.post_dial = digits;
        }
    }
}

/// What an accepted request will do.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The call concerned first.
    pub(crate) call: CallId,
    pub(crate) stages: Vec<Vec<Step>>,
    pub(crate) new_calls: Vec<NewCall>,
}

impl Core {
    /// Plans a wish. Wishes that need no plan are not handled here.
    pub(crate) fn plan(&self, from: Requester, wish: &Request) -> Result<Option<Plan>, Rejection> {
        let app = self.scope(from)?;
        let mut f = Forecast::new(self, app);
        match wish {
            Request::Transaction(actions) => {
                self.check_background(app, actions)?;
                return f.plan_list(actions).map(Some);
            }
            Request::Answer { call, mode } => f.answer(*call, *mode)?,
            Request::Decline(call) => f.decline(*call)?,
            Request::End(call) => return f.plan_end(*call, false).map(Some),
            Request::EndGroup(call) => return f.plan_end(*call, true).map(Some),
            Request::SetHeld(call, true) => f.hold(*call, &[])?,
            Request::SetHeld(call, false) => f.resume(*call)?,
            Request::Swap => f.swap()?,
            Request::Merge(call, with) => f.merge(*call, *with)?,
            Request::Split(call) => f.split(*call)?,
            Request::SetMuted(call, on) => f.mute_group(*call, *on)?,
            Request::Digits(call, digits) => f.play_digits(*call, digits)?,
            Request::SendRest(call) => f.send_rest(*call)?,
            Request::Dial { call, app, to } => f.dial(*call, app, to)?,
            Request::SetVideo(call, on) => f.set_video(*call, *on)?,
            Request::DeclineVideo(call) => f.decline_video(*call)?,
            Request::SetTranslating(call, to) => f.set_translating(*call, to.as_ref())?,
            Request::Custom(call, button) => f.custom(*call, button)?,
            Request::Headset { gesture, .. } => return self.plan_gesture(from, *gesture),
            Request::Silence(_)
            | Request::ForceEnd(_)
            | Request::Open(_)
            | Request::Route(_)
            | Request::RouteCall(..)
            | Request::SetRingOn(_)
            | Request::ChangeRule(_)
            | Request::Audio(_)
            | Request::DropRest(_)
            | Request::SetOnAnswer(_)
            | Request::SetDriving(_) => return Ok(None),
        }
        f.finish().map(Some)
    }

    /// On Apple's phones an app in the background starts no call, unless it has one already
    /// (forum 793663).
    fn check_background(&self, app: Option<&AppId>, actions: &[Action]) -> Result<(), Rejection> {
        let starts = actions.iter().any(|a| matches!(a, Action::Start { .. }));
        let hidden = |app| self.providers.get(app).is_some_and(|p| p.in_background);
        let refused = starts
            && self.limits.profile == Profile::CallKit
            && app.is_some_and(|app| {
                hidden(app) && !self.calls.values().any(|call| call.app == *app)
            });
        match refused {
            true => Err(Rejection::Unentitled),
            false => Ok(()),
        }
    }

    /// The app that a requester may act for; `None` is the user, who may act for all.
    pub(crate) fn scope(&self, from: Requester) -> Result<Option<&AppId>, Rejection> {
        match from {
            Requester::User => Ok(None),
            Requester::App(client) => match self.clients.get(&client) {
                Some(app) => Ok(Some(app)),
                None => Err(Rejection::UnknownProvider),
            },
        }
    }

    /// Finds a live call that the requester may act on.
    pub(crate) fn find(&self, app: Option<&AppId>, id: CallId) -> Result<&Call, Rejection> {
        match self.calls.get(&id) {
            Some(call) if app.is_none_or(|app| *app == call.app) => Ok(call),
            Some(_) => Err(Rejection::UnknownCall(id)),
            None => match self.tombstones.find(app, id) {
                Some(tombstone) => Err(Rejection::AlreadyEnded {
                    call: id,
                    reason: tombstone.reason,
                }),
                None => Err(Rejection::UnknownCall(id)),
            },
        }
    }

    pub(crate) fn has_pending(&self, call: &Call, action: ActionKind) -> bool {
        call.asks
            .iter()
            .filter_map(|ask| self.asks.get(ask))
            .any(|ask| ask.action() == action)
    }
}

pub(crate) fn invalid(call: CallId, action: ActionKind, fault: ActionFault) -> Rejection {
    Rejection::InvalidAction {
        call,
        action,
        fault,
    }
}

pub(crate) fn limit_reached(limit: Limit, max: usize) -> Rejection {
    limit_reached_of(limit, max, None)
}

/// The same for a limit of one app, group or call: one of the calls that take up its places.
pub(crate) fn limit_reached_of(limit: Limit, max: usize, of: Option<CallId>) -> Rejection {
    Rejection::LimitReached {
        limit,
        max: max as u64,
        of,
    }
}
