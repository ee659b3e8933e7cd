//! Which call an event is about, and who wanted it.

use hookswitch_core::{Action, Environment, Event, Report, Request};
use hookswitch_model::{CallId, EndReason};
use hookswitch_wire::trace::Origin;

/// The call an event is about first.
#[must_use]
pub fn call_of(event: &Event) -> Option<CallId> {
    match event {
        Event::Report { report, .. } => match report {
            Report::Register { .. } | Report::Invalidate => None,
            Report::Incoming { call, .. }
            | Report::Updated { call, .. }
            | Report::Connecting { call, .. }
            | Report::Connected { call, .. }
            | Report::Ended { call, .. }
            | Report::RemoteHeld { call, .. }
            | Report::Held { call, .. }
            | Report::Muted { call, .. }
            | Report::VideoOffer { call, .. }
            | Report::Adopt { call } => Some(*call),
        },
        Event::Request { wish, .. } => match wish {
            Request::Answer { call, .. }
            | Request::Decline(call)
            | Request::End(call)
            | Request::SetHeld(call, _)
            | Request::SetMuted(call, _)
            | Request::Merge(call, _)
            | Request::Split(call)
            | Request::ForceEnd(call)
            | Request::EndGroup(call)
            | Request::Digits(call, _)
            | Request::SendRest(call)
            | Request::DropRest(call)
            | Request::Silence(call)
            | Request::Dial { call, .. }
            | Request::SetVideo(call, _)
            | Request::DeclineVideo(call)
            | Request::SetTranslating(call, _)
            | Request::Custom(call, _)
            | Request::RouteCall(call, _)
            | Request::Open(call) => Some(*call),
            Request::Transaction(actions) => actions.first().map(Action::call),
            Request::Swap
            | Request::ChangeRule(_)
            | Request::Route(_)
            | Request::SetRingOn(_)
            | Request::Headset { .. }
            | Request::Audio(_)
            | Request::SetOnAnswer(_)
            | Request::SetDriving(_) => None,
        },
        Event::Environment(Environment::Verdict { call, .. }) => Some(*call),
        Event::Settled { .. }
        | Event::Acknowledged { .. }
        | Event::Environment(_)
        | Event::Tick => None,
    }
}

/// Who wanted what an app tells: mostly the other party.
#[must_use]
pub fn origin_of(report: &Report) -> Origin {
    match report {
        Report::Incoming { .. }
        | Report::Connected { .. }
        | Report::RemoteHeld { .. }
        | Report::VideoOffer { .. } => Origin::Remote,
        Report::Ended { reason, .. } => match reason {
            EndReason::RemoteHangup
            | EndReason::DeclinedByRemote
            | EndReason::CanceledByCaller
            | EndReason::AnsweredElsewhere
            | EndReason::DeclinedElsewhere
            | EndReason::Busy
            | EndReason::BusyElsewhere => Origin::Remote,
            EndReason::LocalHangup
            | EndReason::DeclinedHere
            | EndReason::Unanswered
            | EndReason::Failed
            | EndReason::Filtered
            | EndReason::ExpiredBeforeDelivery
            | EndReason::AppCrashed
            | EndReason::AppUnresponsive => Origin::App,
        },
        Report::Register { .. }
        | Report::Invalidate
        | Report::Updated { .. }
        | Report::Connecting { .. }
        | Report::Held { .. }
        | Report::Muted { .. }
        | Report::Adopt { .. } => Origin::App,
    }
}
