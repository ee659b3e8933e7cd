//! What effects of the core are on the bus: messages to apps, signals of what is over, answers.
//!
//! Input: effects of a step. Output: the message of each that tells an app something, the signal of
//! each that ends something, and the answer to who settled an ask.
//!
//! Used by the daemon and by the simulator that serves apps under test, so that both say the same.

use hookswitch_core::{Accepted, AnomalyKind, Effect};
use hookswitch_model::{ClientId, Rejection, Stamp, Timestamp};

use crate::app::{Outbound, Told};
use crate::projector::Finished;

/// The message of an effect, and the connection it goes to; `None` if it tells no app anything.
#[must_use]
pub fn outbound(at: Stamp, effect: Effect) -> Option<(ClientId, Outbound)> {
    let (client, letter, told) = match effect {
        Effect::Ask {
            client,
            ask,
            letter,
        } => {
            let within_ms = millis_until(ask.by, at);
            (client, letter, Told::Perform { ask, within_ms })
        }
        Effect::AskExpired {
            client,
            ask,
            letter,
        } => (client, letter, Told::Expired(ask)),
        Effect::CallEnded {
            client,
            call,
            key,
            reason,
            letter,
        } => (client, letter, Told::CallEnded { call, key, reason }),
        Effect::AudioActivated {
            client,
            call,
            letter,
        } => (client, letter, Told::AudioActivated(call)),
        Effect::AudioDeactivated {
            client,
            call,
            letter,
        } => (client, letter, Told::AudioDeactivated(call)),
        Effect::AudioDenied {
            client,
            call,
            reason,
            letter,
        } => (client, letter, Told::AudioDenied(call, reason)),
        Effect::AudioInterrupted {
            client,
            call,
            reason,
            began,
            letter,
        } => (client, letter, Told::AudioInterrupted(call, reason, began)),
        Effect::Open {
            client,
            call,
            letter,
        } => (client, letter, Told::Open(call)),
        Effect::Reply { .. }
        | Effect::Unlock
        | Effect::Launch(_)
        | Effect::KeepPolicy(_)
        | Effect::Screen { .. }
        | Effect::Ring { .. }
        | Effect::StopRing
        | Effect::StartTone { .. }
        | Effect::StopTone
        | Effect::Route { .. }
        | Effect::RouteFinished { .. }
        | Effect::Record(_)
        | Effect::Amend(_)
        | Effect::Finished { .. }
        | Effect::Dropped { .. }
        | Effect::Publish { .. }
        | Effect::Anomaly(_) => return None,
    };
    Some((client, Outbound { letter, told }))
}

fn millis_until(by: Timestamp, at: Stamp) -> u64 {
    u64::try_from(by.since(at.at).as_millis()).unwrap_or(u64::MAX)
}

/// What an effect says is over; `None` if it ends nothing that was accepted.
#[must_use]
pub fn finished(effect: &Effect) -> Option<Finished> {
    if let Effect::RouteFinished {
        generation,
        asker,
        fault,
    } = *effect
    {
        Some(Finished::Route {
            generation,
            asker,
            fault,
        })
    } else if let Effect::Finished {
        transaction,
        complete,
    } = *effect
    {
        Some(Finished::Transaction {
            transaction,
            complete,
        })
    } else if let Effect::Dropped {
        transaction,
        call,
        action,
        why,
    } = *effect
    {
        Some(Finished::Dropped {
            transaction,
            call,
            action,
            why,
        })
    } else {
        None
    }
}

/// The core counts a settled ask that was not open as an anomaly; the app is told so.
///
/// # Errors
///
/// [`Rejection::UnknownAsk`].
pub fn settled(effects: &[Effect]) -> Result<Accepted, Rejection> {
    let is_stray = |effect: &Effect| {
        let Effect::Anomaly(anomaly) = effect else {
            return false;
        };
        matches!(
            anomaly.kind,
            AnomalyKind::SettledLate | AnomalyKind::SettledForeign
        )
    };
    if effects.iter().any(is_stray) {
        Err(Rejection::UnknownAsk)
    } else {
        Ok(Accepted::Done)
    }
}
