//! How much one client may send: token buckets, with the time passed in.
//!
//! Input: who sends what, and when. Output: let through, or refused with the time to wait.
//!
//! # Promises
//!
//! - **T1** a client has up to `rate-burst` worth of its rate at once, and its rate from then on.
//! - **T2** what one client sends takes nothing from another one.
//! - **T3** a refusal costs nothing: who waits as long as it was told is let through.
//! - **T4** the end of a live call is never refused to its app.
//! - **T5** at most [`SENDERS_MAX`] senders are remembered; the one that sent least goes first.
//!
//! The core counts reports, requests and registrations by app ([`Core::admit`]). Edges count what
//! never reaches the core, and what would fill their queues, with the same buckets.

use core::time::Duration;
use std::collections::BTreeMap;

use hookswitch_model::{AppId, CallId, ClientId, Limit, Limits, Rejection, Timestamp};

use crate::Core;
use crate::event::Report;

/// Most senders that are remembered, each with its kinds.
pub const SENDERS_MAX: usize = 1024;

/// What is counted apart.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Traffic {
    /// Facts from apps.
    Report,
    /// Wishes, and questions about the state.
    Request,
    /// Registrations.
    Registration,
    /// What ends a call, keeps one, or settles an ask. Counted apart, so that no flood of other
    /// facts loses any of it.
    Ending,
}

impl Traffic {
    /// All kinds.
    pub const ALL: [Self; 4] = [
        Self::Report,
        Self::Request,
        Self::Registration,
        Self::Ending,
    ];

    /// The time that its limit is about.
    fn span(self) -> Duration {
        match self {
            Self::Report | Self::Request | Self::Ending => Duration::from_secs(1),
            Self::Registration => Duration::from_secs(60),
        }
    }

    /// The limit that says how many a second, or a minute for registrations.
    #[must_use]
    pub fn limit(self) -> Limit {
        match self {
            Self::Report | Self::Ending => Limit::ReportRate,
            Self::Request => Limit::RequestRate,
            Self::Registration => Limit::RegistrationRate,
        }
    }
}

/// The buckets of all senders, by whatever names them.
#[derive(Debug)]
pub struct Buckets<S> {
    /// By kind: the time in which one token grows.
    interval: [Duration; Traffic::ALL.len()],
    burst: Duration,
    /// For each sender and kind, when its bucket is full again. (The "theoretical arrival time" of
    /// ITU-T I.371, which counts the same as tokens do, without rounding.)
    full_at: BTreeMap<(S, Traffic), Timestamp>,
}

impl<S: Ord + Clone> Buckets<S> {
    /// Full buckets for everyone.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let interval = |traffic: Traffic| {
            let rate = u32::try_from(limits.count(traffic.limit())).unwrap_or(u32::MAX);
            traffic.span() / rate.max(1)
        };
        Self {
            interval: Traffic::ALL.map(interval),
            burst: limits.time(Limit::RateBurst),
            full_at: BTreeMap::new(),
        }
    }

    /// Takes a token of `sender`.
    ///
    /// # Errors
    ///
    /// The time to wait until there is one.
    pub fn take(&mut self, sender: &S, traffic: Traffic, now: Timestamp) -> Result<(), Duration> {
        let key = (sender.clone(), traffic);
        let next = self.next(&key, now)?;
        self.full_at.insert(key, next);
        if self.full_at.len() > SENDERS_MAX * Traffic::ALL.len() {
            self.make_room(now);
        }
        Ok(())
    }

    /// Whether [`Buckets::take`] would refuse, without taking anything.
    pub fn is_empty(&self, sender: &S, traffic: Traffic, now: Timestamp) -> bool {
        self.next(&(sender.clone(), traffic), now).is_err()
    }

    /// When this bucket would be full again after one token more, or the time to wait for it.
    fn next(&self, key: &(S, Traffic), now: Timestamp) -> Result<Timestamp, Duration> {
        let full_at = self.full_at.get(key).copied().unwrap_or(now).max(now);
        let interval = self.interval[key.1 as usize];
        let next = full_at.after(interval);
        let wait = next.since(now).saturating_sub(self.burst.max(interval));
        if wait.is_zero() { Ok(next) } else { Err(wait) }
    }

    /// Forgets those with a full bucket, or else the one that is nearest to it.
    fn make_room(&mut self, now: Timestamp) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() > SENDERS_MAX * Traffic::ALL.len() {
            let least = self.full_at.iter().min_by_key(|(_, full_at)| **full_at);
            if let Some(key) = least.map(|(key, _)| key.clone()) {
                self.full_at.remove(&key);
            }
        }
    }
}

impl Core {
    /// Refuses an app that sends too much. The mobile network is never refused: an emergency call
    /// may be among its calls, and only apps that the user's configuration names stand for it.
    pub(crate) fn admit(&mut self, app: &AppId, traffic: Traffic) -> Result<(), Rejection> {
        if self.cellular_apps.contains(app) {
            return Ok(());
        }
        let taken = self.buckets.take(app, traffic, self.now.at);
        taken.map_err(|wait| too_fast(traffic, wait))
    }

    /// The same for a report. The end of an app's own call and its adoption are never refused:
    /// there are no more of them than calls. Those of other apps' calls are counted, and so is
    /// what has been adopted already.
    pub(crate) fn admit_report(
        &mut self,
        client: ClientId,
        report: &Report,
    ) -> Result<(), Rejection> {
        match report {
            Report::Register { app, .. } => self.admit(app, Traffic::Registration),
            Report::Ended { call, .. } | Report::Adopt { call } => {
                let adopts = matches!(report, Report::Adopt { .. });
                if self.is_due(client, *call, adopts) {
                    return Ok(());
                }
                self.admit_client(client, Traffic::Ending)
            }
            Report::Invalidate
            | Report::Incoming { .. }
            | Report::Updated { .. }
            | Report::Connecting { .. }
            | Report::Connected { .. }
            | Report::RemoteHeld { .. }
            | Report::Held { .. }
            | Report::Muted { .. }
            | Report::VideoOffer { .. } => self.admit_client(client, Traffic::Report),
        }
    }

    /// Whether an app has this call to end, or to take back.
    fn is_due(&self, client: ClientId, id: CallId, adopts: bool) -> bool {
        let app = self.clients.get(&client);
        let waits = self.arrivals.get(&id);
        if waits.is_some_and(|arrival| arrival.client == client) {
            return !adopts;
        }
        let own = self.calls.get(&id).filter(|call| app == Some(&call.app));
        own.is_some_and(|call| call.is_orphan() || !adopts)
    }

    /// Whether an app sends reports of incoming calls too fast at this time: its next one would be
    /// refused. Takes nothing from it.
    #[must_use]
    pub fn is_flooded_by(&self, client: ClientId, now: Timestamp) -> bool {
        let Some(app) = self.clients.get(&client) else {
            return true;
        };
        let free = self.cellular_apps.contains(app);
        !free && self.buckets.is_empty(app, Traffic::Report, now)
    }

    /// The same for whoever registered on this connection.
    pub(crate) fn admit_client(
        &mut self,
        client: ClientId,
        traffic: Traffic,
    ) -> Result<(), Rejection> {
        match self.clients.get(&client).cloned() {
            Some(app) => self.admit(&app, traffic),
            // It is refused by name for that.
            None => Ok(()),
        }
    }
}

/// The refusal of what came too fast.
#[must_use]
pub fn too_fast(traffic: Traffic, wait: Duration) -> Rejection {
    let millis = wait.as_nanos().div_ceil(1_000_000);
    Rejection::RateLimited {
        limit: traffic.limit(),
        wait_ms: u64::try_from(millis).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(rate: u64, burst_ms: u64) -> Buckets<&'static str> {
        let mut limits = Limits::default();
        limits.set(Limit::ReportRate, rate);
        limits.set(Limit::RateBurst, burst_ms);
        Buckets::new(&limits)
    }

    fn let_through<S: Ord + Clone>(
        buckets: &mut Buckets<S>,
        sender: S,
        at_ms: u64,
        times: usize,
    ) -> usize {
        let at = Timestamp::from_millis(at_ms);
        let take = |_: &usize| buckets.take(&sender, Traffic::Report, at).is_ok();
        (0..times).filter(take).count()
    }

    #[test]
    fn a_burst_and_then_the_rate() {
        let mut buckets = buckets(10, 2_000);
        // Sender, at, sent, let through.
        let rows = [
            ("flood", 0, 100, 20),
            ("flood", 0, 100, 0),
            ("other", 0, 5, 5),
            ("flood", 100, 100, 1),
            ("flood", 1_100, 100, 10),
            ("flood", 60_000, 100, 20),
            ("other", 60_000, 100, 20),
        ];
        for (sender, at, sent, want) in rows {
            let got = let_through(&mut buckets, sender, at, sent);
            assert_eq!(got, want, "{sender} at {at} ms");
        }
    }

    #[test]
    fn who_waits_as_long_as_told_is_let_through() {
        let mut buckets = buckets(3, 1_000);
        let at = Timestamp::from_millis(7);
        assert_eq!(let_through(&mut buckets, "a", 7, 10), 3);
        assert!(buckets.is_empty(&"a", Traffic::Report, at));
        assert!(!buckets.is_empty(&"a", Traffic::Request, at));
        let wait = buckets.take(&"a", Traffic::Report, at).expect_err("empty");
        let early = at.after(wait - Duration::from_nanos(1));
        assert!(buckets.take(&"a", Traffic::Report, early).is_err());
        assert_eq!(buckets.take(&"a", Traffic::Report, at.after(wait)), Ok(()));
        assert_eq!(buckets.take(&"a", Traffic::Request, at), Ok(()));
    }

    #[test]
    fn senders_without_end_are_not_all_remembered_and_a_flood_is() {
        let mut limits = Limits::default();
        limits.set(Limit::ReportRate, 10);
        limits.set(Limit::RateBurst, 2_000);
        let mut buckets = Buckets::new(&limits);
        let flood = 0;
        assert_eq!(let_through(&mut buckets, flood, 0, 100), 20);
        for sender in 1..SENDERS_MAX * 4 {
            let_through(&mut buckets, sender, 0, 1);
        }
        assert!(buckets.full_at.len() <= SENDERS_MAX * Traffic::ALL.len());
        assert_eq!(let_through(&mut buckets, flood, 0, 1), 0);
    }
}
