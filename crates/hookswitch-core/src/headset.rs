//! The button of a headset: the same compound gestures as the screen, from one table.
//!
//! # Promises
//!
//! - **H1** a press that answers never ends the call the user is talking on: it holds that one, or
//!   ends the one on hold, or is refused so that the screen can ask. It never ends a call of the
//!   mobile network for a call of another kind, and no emergency call: that is chosen on a screen.
//! - **H2** what a gesture does depends only on what a person can hear: what rings, who is on the
//!   line, whether somebody waits on hold. While the app of who waits is away, there is nothing to
//!   swap with, and a press to swap ends nobody.

use hookswitch_model::{ActionFault, AnswerMode, CallId, EndpointId, HeadsetGesture, Rejection};

use crate::Core;
use crate::cellular::is_cellular;
use crate::event::{Request, Requester};
use crate::forecast::Forecast;
use crate::plan::{Plan, Step};
use crate::route::Desire;
use crate::state::Call;
use hookswitch_model::RouteCause;

/// What a person with a headset hears.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Situation {
    /// A call rings, alone or over others.
    Ringing,
    /// One call on the line, another on hold, be its app away for the moment or not.
    Pair,
    /// One call on the line.
    OnLine,
    /// Calls on hold and none on the line.
    OnHold,
    /// No call.
    Nothing,
}

/// What a gesture does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Deed {
    Answer,
    Decline,
    Swap,
    End,
    Resume,
    Refuse,
}

use HeadsetGesture::{Hold, Press};

/// The table. Where nothing rings it is that of Android Telecom's headset button: a short press
/// ends a single call and swaps a pair, a long one ends the call on the line.
const TABLE: [(Situation, HeadsetGesture, Deed); 10] = [
    (Situation::Ringing, Press, Deed::Answer),
    (Situation::Ringing, Hold, Deed::Decline),
    (Situation::Pair, Press, Deed::Swap),
    (Situation::Pair, Hold, Deed::End),
    (Situation::OnLine, Press, Deed::End),
    (Situation::OnLine, Hold, Deed::End),
    (Situation::OnHold, Press, Deed::Resume),
    (Situation::OnHold, Hold, Deed::End),
    (Situation::Nothing, Press, Deed::Refuse),
    (Situation::Nothing, Hold, Deed::Refuse),
];

/// The ways to answer from a headset, the first that works (H1).
const ANSWERS: [AnswerMode; 2] = [AnswerMode::Auto, AnswerMode::EndHeldAndAnswer];

fn deed(situation: Situation, gesture: HeadsetGesture) -> Deed {
    let row = TABLE
        .iter()
        .find(|(when, what, _)| (*when, *what) == (situation, gesture));
    row.map_or(Deed::Refuse, |(_, _, deed)| *deed)
}

impl Core {
    /// What a gesture at the headset means now.
    pub(crate) fn plan_gesture(
        &self,
        from: Requester,
        gesture: HeadsetGesture,
    ) -> Result<Option<Plan>, Rejection> {
        let no_call = Rejection::NotNow(ActionFault::NoCall);
        let ringing = self.presented().map(|call| call.id);
        let on_line = self.calls.values().find(|call| call.is_on_line());
        let on_line = on_line.map(|call| call.id);
        let forecast = Forecast::new(self, None);
        let held = forecast
            .held()
            .last()
            .and_then(|held| held.first().copied());
        let is_pair = !forecast.held_or_away(&[]).is_empty();
        let situation = match (ringing, on_line, held) {
            (Some(_), _, _) => Situation::Ringing,
            (None, Some(_), _) if is_pair => Situation::Pair,
            (None, Some(_), _) => Situation::OnLine,
            (None, None, Some(_)) => Situation::OnHold,
            (None, None, None) => Situation::Nothing,
        };
        let subject = ringing.or(on_line).or(held).ok_or(no_call)?;
        match deed(situation, gesture) {
            Deed::Answer => self.plan_answer(from, subject),
            Deed::Decline => self.plan(from, &Request::Decline(subject)),
            Deed::Swap => self.plan(from, &Request::Swap),
            Deed::End => self.plan(from, &Request::End(subject)),
            Deed::Resume => self.plan(from, &Request::SetHeld(subject, false)),
            Deed::Refuse => Err(no_call),
        }
    }

    fn plan_answer(&self, from: Requester, call: CallId) -> Result<Option<Plan>, Rejection> {
        let wish = |mode: AnswerMode| self.plan(from, &Request::Answer { call, mode });
        let [first, second] = ANSWERS;
        match wish(first) {
            Err(_) if self.held_is_precious(call) => {
                Err(Rejection::NotNow(ActionFault::ChoiceNeeded))
            }
            // The refusal of the usual way is the one that a person can do something about.
            Err(refusal) => wish(second).map_err(|_| refusal),
            planned => planned,
        }
    }

    /// Whether those on hold are not to be ended for this call without being named.
    fn held_is_precious(&self, taker: CallId) -> bool {
        let is_cellular = |call: &Call| is_cellular(self.providers.get(&call.app));
        let taker = self.calls.get(&taker).is_some_and(is_cellular);
        let held = Forecast::new(self, None).held();
        let mut held = held.iter().flatten().filter_map(|id| self.calls.get(id));
        held.any(|call| call.emergency || is_cellular(call) && !taker)
    }

    /// The device a call was answered on is the one to use for it.
    pub(crate) fn answered_on(&mut self, plan: &Plan, endpoint: Option<&EndpointId>) {
        let listed = |id: &&EndpointId| self.routing.endpoints.iter().any(|one| one.id == **id);
        let Some(endpoint) = endpoint.filter(listed).cloned() else {
            return;
        };
        let mut steps = plan.stages.iter().flatten();
        let answered = steps.find_map(|step| match step {
            Step::Answer(call) => Some(*call),
            Step::Start(_)
            | Step::End { .. }
            | Step::Hold { .. }
            | Step::Resume(_)
            | Step::SetGroup(..)
            | Step::SetMuted(..)
            | Step::PlayDigits(..)
            | Step::SetVideo(..)
            | Step::DeclineVideo(_)
            | Step::SetTranslating(..)
            | Step::Custom(..) => None,
        });
        let call: Option<&mut Call> = answered.and_then(|id| self.calls.get_mut(&id));
        if let Some(call) = call {
            let cause = RouteCause::AnsweringDevice;
            call.route = Some(Desire { endpoint, cause });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_situation_has_each_gesture_once_and_no_press_but_on_the_line_ends_a_call() {
        use Situation::{Nothing, OnHold, OnLine, Pair, Ringing};
        for situation in [Ringing, Pair, OnLine, OnHold, Nothing] {
            for gesture in [Press, Hold] {
                let rows = TABLE
                    .iter()
                    .filter(|(s, g, _)| (*s, *g) == (situation, gesture));
                assert_eq!(rows.count(), 1, "{situation:?} {gesture:?}");
            }
            let ends = deed(situation, Press) == Deed::End;
            assert_eq!(ends, situation == OnLine, "{situation:?}");
        }
        assert!(!ANSWERS.contains(&AnswerMode::EndAndAnswer), "H1");
    }
}
