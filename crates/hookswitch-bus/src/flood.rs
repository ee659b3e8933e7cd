//! How much each connection may send, before anything of it is read.
//!
//! Input: who sends what. Output: let through, or refused with the time to wait.
//!
//! # Promises
//!
//! - **FL1** what one connection sends takes nothing from another one, and fills no queue: what is
//!   too much is refused at the door.
//! - **FL2** the core's own count by app, which is exact, speaks first: the door lets
//!   [`DOOR`] times as much of an app through.
//! - **FL3** the apps of the mobile network are never refused for that. Dialing has a count of its
//!   own, which nothing else uses up, for an emergency call may be in it: [`DIALS_BURST`] worth of
//!   the rate at once, which is less than the inbox holds.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use hookswitch_core::{Buckets, Traffic, too_fast};
use hookswitch_model::{AppId, Limit, Limits, Rejection, Timestamp};
use hookswitch_wire::dbus::PROVIDER_INTERFACE;

use crate::clients::Clients;

/// How much more of an app the door lets through than the core.
pub const DOOR: u64 = 4;

/// How much dialing of one program is let through at once, in milliseconds of its rate.
const DIALS_BURST: u64 = 1_000;

/// What ends a call, keeps one, or settles an ask.
const ENDING: [&str; 8] = [
    "ReportEnded",
    "ReportEndedAt",
    "Adopt",
    "Fulfill",
    "FulfillTranslating",
    "Fail",
    "Acknowledge",
    "Invalidate",
];

/// Counts what connections send. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Flood(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    began: Instant,
    clients: Clients,
    cellular: Arc<BTreeSet<AppId>>,
    /// Programs that act for the user, or watch.
    hands: Mutex<Buckets<String>>,
    apps: Mutex<Buckets<String>>,
    dials: Mutex<Buckets<String>>,
}

impl Flood {
    pub(crate) fn new(limits: &Limits, clients: Clients, cellular: Arc<BTreeSet<AppId>>) -> Self {
        let mut door = limits.clone();
        for limit in [
            Limit::ReportRate,
            Limit::RequestRate,
            Limit::RegistrationRate,
        ] {
            door.set(limit, (limits.count(limit) as u64).saturating_mul(DOOR));
        }
        let mut dials = limits.clone();
        let burst = limits.time(Limit::RateBurst).as_millis();
        let burst = u64::try_from(burst).unwrap_or(u64::MAX).min(DIALS_BURST);
        dials.set(Limit::RateBurst, burst);
        Self(Arc::new(Counts {
            began: Instant::now(),
            clients,
            cellular,
            hands: Mutex::new(Buckets::new(limits)),
            apps: Mutex::new(Buckets::new(&door)),
            dials: Mutex::new(Buckets::new(&dials)),
        }))
    }

    /// Lets a method call of a connection through, or refuses it.
    pub(crate) fn admit(
        &self,
        sender: &str,
        interface: &str,
        method: &str,
    ) -> Result<(), Rejection> {
        let counts = &self.0;
        let is_app = interface == PROVIDER_INTERFACE;
        let traffic = match (is_app, method) {
            (true, "Register") => Traffic::Registration,
            (true, method) if ENDING.contains(&method) => Traffic::Ending,
            (true, _) => Traffic::Report,
            (false, _) => Traffic::Request,
        };
        if is_app && self.is_cellular(sender) {
            return Ok(());
        }
        let buckets = match (is_app, method) {
            (true, _) => &counts.apps,
            (false, "Dial") => &counts.dials,
            (false, _) => &counts.hands,
        };
        let now = Timestamp::ZERO.after(counts.began.elapsed());
        let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = buckets.take(&sender.to_owned(), traffic, now);
        taken.map_err(|wait| too_fast(traffic, wait))
    }

    fn is_cellular(&self, sender: &str) -> bool {
        let counts = &self.0;
        if counts.cellular.is_empty() {
            return false;
        }
        let client = counts.clients.find(sender);
        client.is_some_and(|client| counts.cellular.contains(&client.app))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flood(cellular: &[&str]) -> (Flood, Clients) {
        let mut limits = Limits::default();
        limits.set(Limit::ReportRate, 1);
        limits.set(Limit::RequestRate, 1);
        limits.set(Limit::RateBurst, 1_000);
        let clients = Clients::default();
        let app = |id: &&str| AppId::new(id).expect("valid");
        let cellular = Arc::new(cellular.iter().map(app).collect());
        (Flood::new(&limits, clients.clone(), cellular), clients)
    }

    #[test]
    fn a_connection_that_floods_is_refused_and_others_are_not() {
        let (flood, _) = flood(&[]);
        let report = |sender| flood.admit(sender, PROVIDER_INTERFACE, "ReportUpdated");
        let through = (0..100).filter(|_| report(":1.1").is_ok()).count();
        assert_eq!(through as u64, DOOR);
        assert!(matches!(
            report(":1.1"),
            Err(Rejection::RateLimited { limit: Limit::ReportRate, wait_ms }) if wait_ms > 0
        ));
        assert_eq!(report(":1.2"), Ok(()));
    }

    #[test]
    fn the_mobile_network_is_never_refused_and_dialing_is_counted_apart() {
        let (flood, clients) = flood(&["org.example.Modem"]);
        clients.enter(":1.1", &AppId::new("org.example.Modem").expect("valid"));
        for _ in 0..100 {
            assert_eq!(flood.admit(":1.1", PROVIDER_INTERFACE, "Request"), Ok(()));
        }
        let states = (0..100).filter(|_| flood.admit(":1.2", "Controller", "State").is_ok());
        assert_eq!(states.count(), 1);
        let dials = (0..100).filter(|_| flood.admit(":1.2", "Controller", "Dial").is_ok());
        assert_eq!(dials.count(), 1, "though all else is used up");
        assert_eq!(flood.admit(":1.3", "Controller", "Dial"), Ok(()));
    }
}
