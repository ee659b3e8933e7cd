//! Audio devices that the app asked for, and what became of it.

use std::collections::VecDeque;
use std::time::Duration;

use hookswitch_wire::dbus::{EndpointRow, RouteFault};
use tokio::sync::watch;

use crate::error::Error;

/// How many outcomes are remembered for those who wait.
const OUTCOMES_MAX: usize = 64;

/// An audio device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AudioEndpoint {
    /// Its id, for [`Provider::request_route`](super::Provider::request_route).
    pub id: String,
    /// What it is: `speaker`, `handset`, `headset`, `bluetooth` or `other`.
    pub kind: String,
    /// Its name for people.
    pub name: String,
    /// It is the one in use.
    pub in_use: bool,
}

impl From<EndpointRow> for AudioEndpoint {
    fn from((id, kind, name, in_use): EndpointRow) -> Self {
        Self {
            id,
            kind,
            name,
            in_use,
        }
    }
}

/// A change of the audio device that the app asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AppRoute {
    pub(super) generation: u64,
    pub(super) loss: u64,
}

impl AppRoute {
    /// The number under which the state tells it.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

#[derive(Debug, Default)]
struct Outcomes {
    list: VecDeque<(u64, Result<(), RouteFault>)>,
    /// How often the daemon was lost: numbers of a former one mean nothing.
    losses: u64,
}

/// The outcomes that the daemon told.
#[derive(Debug)]
pub(super) struct Routed(watch::Sender<Outcomes>);

impl Default for Routed {
    fn default() -> Self {
        Self(watch::channel(Outcomes::default()).0)
    }
}

impl Routed {
    pub(super) fn loss(&self) -> u64 {
        self.0.borrow().losses
    }

    pub(super) fn lose(&self) {
        self.0.send_modify(|outcomes| {
            outcomes.losses += 1;
            outcomes.list.clear();
        });
    }

    /// A word of a newer daemon counts as a refusal.
    pub(super) fn finish(&self, generation: u64, outcome: &str) {
        let outcome = match outcome {
            "done" => Ok(()),
            word => Err(RouteFault::from_name(word).unwrap_or(RouteFault::Refused)),
        };
        self.0.send_modify(|outcomes| {
            if outcomes.list.len() == OUTCOMES_MAX {
                outcomes.list.pop_front();
            }
            outcomes.list.push_back((generation, outcome));
        });
    }

    pub(super) async fn wait(&self, route: &AppRoute, limit: Duration) -> Result<(), Error> {
        let mut told = self.0.subscribe();
        let outcome = |outcomes: &Outcomes| {
            let is_it = |entry: &&(u64, _)| entry.0 == route.generation;
            outcomes.list.iter().rev().find(is_it).map(|entry| entry.1)
        };
        let is_over =
            |outcomes: &Outcomes| outcomes.losses != route.loss || outcome(outcomes).is_some();
        let waited = tokio::time::timeout(limit, told.wait_for(is_over)).await;
        let outcomes = waited
            .map_err(|_| Error::TimedOut)?
            .map_err(|_| Error::DaemonGone)?;
        if outcomes.losses != route.loss {
            return Err(Error::DaemonGone);
        }
        let routed = outcome(&outcomes).ok_or(Error::DaemonGone)?;
        routed.map_err(Error::NotRouted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_outcome_is_found_also_if_it_was_told_first_and_a_loss_ends_the_wait() {
        let routed = Routed::default();
        let route = |generation| AppRoute {
            generation,
            loss: routed.loss(),
        };
        let (first, second, third) = (route(1), route(2), route(3));
        routed.finish(1, "done");
        routed.finish(2, "superseded");
        let limit = Duration::from_secs(5);
        assert!(routed.wait(&first, limit).await.is_ok());
        let superseded = routed.wait(&second, limit).await;
        assert!(matches!(
            superseded,
            Err(Error::NotRouted(RouteFault::Superseded))
        ));
        routed.lose();
        let lost = routed.wait(&third, limit).await;
        assert!(matches!(lost, Err(Error::DaemonGone)));
    }
}
