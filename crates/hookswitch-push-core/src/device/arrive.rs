//! From an offer to a callback and its completion.

use super::app::Up as AppIs;
use super::{About, Device, Effect, Handed, Held, Reason, Seen, Style, What};
use crate::frame::{Grant, Outcome, Up};
use crate::fresh::{self, Proof};
use crate::push::{PushId, Service};
use crate::time::Boot;

impl Device {
    /// Notes the clock, then asks for the payload.
    pub(super) fn offered(&mut self, id: PushId, now: Boot, effects: &mut Vec<Effect>) {
        if self.seen.get(&id).is_some_and(|seen| seen.completed) {
            return Self::acknowledge(id, Outcome::Duplicate, effects);
        }
        if self.claims.len() >= self.limits.held {
            self.claims.pop_first(); // The gateway offers it again on the next link.
        }
        self.claims.insert(id, now);
        effects.push(Effect::Frame(Up::Claim { id }));
    }

    /// A payload with its proof: held if it is fresh, new, wanted and there is room.
    pub(super) fn granted(&mut self, grant: Grant, now: Boot, effects: &mut Vec<Effect>) {
        let id = grant.push.id;
        let Some((since, deadline)) = self.prove(&grant) else {
            return self.offered(id, now, effects);
        };
        if !fresh::may_begin(now, deadline) {
            if matches!(grant.proof, Proof::Beat { .. }) {
                return self.offered(id, now, effects);
            }
            self.claims.remove(&id);
            return self.refuse(&grant, What::Expired, Outcome::Expired, now, effects);
        }
        self.claims.remove(&id);
        if let Some(seen) = self.seen.get(&id) {
            let (completed, app) = (seen.completed, grant.app.clone());
            self.record(&app, id, What::Duplicate, now, effects);
            if completed {
                Self::acknowledge(id, Outcome::Duplicate, effects);
            }
            return;
        }
        if self.apps.get(&grant.app).is_none() {
            return self.refuse(&grant, What::NoApp, Outcome::Refused, now, effects);
        }
        if self.held.len() >= self.limits.held {
            return self.refuse(&grant, What::Crowded, Outcome::Refused, now, effects);
        }
        self.hold(grant, since, deadline, now, effects);
    }

    /// The instant that proves a grant, and the deadline that follows.
    fn prove(&self, grant: &Grant) -> Option<(Boot, Boot)> {
        let left = grant.left_ms;
        match grant.proof {
            Proof::Claim => {
                let sent = *self.claims.get(&grant.push.id)?;
                Some((sent, fresh::deadline(sent, 0, left)))
            }
            Proof::Beat { beat, ago_ms } => {
                let beats = &self.link.as_ref()?.beats;
                let (_, sent) = beats.iter().find(|(known, _)| *known == beat)?;
                let deadline = fresh::deadline(*sent, ago_ms, left);
                Some((sent.plus(ago_ms), deadline))
            }
        }
    }

    fn hold(
        &mut self,
        grant: Grant,
        since: Boot,
        deadline: Boot,
        now: Boot,
        effects: &mut Vec<Effect>,
    ) {
        let (id, app) = (grant.push.id, grant.app.clone());
        let reason = self.reason(&grant);
        self.see(id, now.plus(grant.left_ms));
        self.record(&app, id, What::Arrived, now, effects);
        if !grant.stored {
            Self::acknowledge(id, Outcome::Taken, effects);
        }
        let held = Held {
            grant,
            since,
            deadline,
            reason,
            handed: false,
        };
        self.arrivals += 1;
        self.held.insert((self.arrivals, id), held);
        self.wake(&app, now, effects);
    }

    /// Hands out what waits for an app, or starts it.
    pub(super) fn wake(&mut self, name: &str, now: Boot, effects: &mut Vec<Effect>) {
        let waits = |held: &Held| held.grant.app == name && !held.handed;
        let waiting: Vec<_> = self.held.iter().filter(|(_, held)| waits(held)).collect();
        let keys: Vec<_> = waiting.iter().map(|(key, _)| **key).collect();
        let wanted = waiting.iter().find(|(_, held)| held.may_launch());
        let wanted = wanted.map(|((_, id), _)| *id);
        let app = self.apps.entry(name);
        match app.state {
            AppIs::Ready => {
                for key in keys {
                    self.hand(key, now, effects);
                }
            }
            AppIs::Starting(_) => {}
            AppIs::Down => {
                let Some(id) = wanted else {
                    return;
                };
                if app.duty.stopped_until(now).is_some() {
                    return self.turn_away(&keys, now, effects);
                }
                if app.style == Style::AlwaysReport && self.drop_stale(&keys, now, effects) {
                    return self.wake(name, now, effects);
                }
                let until = now.plus(self.limits.launch_ms);
                self.apps.entry(name).state = AppIs::Starting(until);
                self.record(name, id, What::Launched, now, effects);
                let app = name.to_owned();
                effects.push(Effect::Launch { app });
            }
        }
    }

    /// Begins a callback, unless it is over.
    fn hand(&mut self, key: (u64, PushId), now: Boot, effects: &mut Vec<Effect>) {
        let limits = self.limits;
        let Some(held) = self.held.get_mut(&key) else {
            return;
        };
        let about = held.about(now, limits.ring_ms);
        let name = held.grant.app.clone();
        let app = self.apps.entry(&name);
        if about.reason == Reason::Stale && app.style == Style::AlwaysReport {
            return self.drop_one(key, What::Stale, Outcome::Refused, now, effects);
        }
        held.handed = true;
        if about.must_report {
            app.duty.owe(key.1, now, &limits);
        }
        effects.push(Effect::Hand(Handed {
            app: name.clone(),
            service: held.grant.service,
            id: key.1,
            collapse: held.grant.push.collapse.clone(),
            payload: held.grant.push.payload.clone(),
            deadline: held.deadline,
            about,
        }));
        self.record(&name, key.1, What::Handed, now, effects);
    }

    /// An app's registry is up: what waits is handed out.
    pub(super) fn ready(&mut self, name: &str, style: Style, now: Boot, out: &mut Vec<Effect>) {
        let app = self.apps.entry(name);
        app.style = style;
        app.state = AppIs::Ready;
        self.wake(name, now, out);
    }

    /// A process ended: what it did not complete is lost, or handed to the next one.
    pub(super) fn gone(&mut self, name: &str, now: Boot, effects: &mut Vec<Effect>) {
        let limits = self.limits;
        let app = self.apps.entry(name);
        app.state = AppIs::Down;
        app.doing.in_front = false;
        for id in app.duty.gone(now, &limits) {
            self.record(name, id, What::Strike, now, effects);
        }
        let mine = |held: &Held| held.grant.app == name && held.handed;
        let mut lost = Vec::new();
        for (key, held) in self.held.iter_mut().filter(|(_, held)| mine(held)) {
            held.handed = false;
            if !held.grant.stored {
                lost.push(*key);
            }
        }
        for key in lost {
            self.held.remove(&key);
            self.record(name, key.1, What::Lost, now, effects);
        }
        self.wake(name, now, effects);
    }

    /// A callback is done: remembered first, then acknowledged.
    pub(super) fn completed(&mut self, name: &str, id: PushId, now: Boot, out: &mut Vec<Effect>) {
        self.held.retain(|(_, held), _| *held != id);
        let Some(seen) = self.seen.get(&id).copied() else {
            return;
        };
        let until = seen.until;
        let completed = true;
        self.seen.insert(id, Seen { until, completed });
        out.push(Effect::Remember { id, until });
        self.record(name, id, What::Completed, now, out);
        Self::acknowledge(id, Outcome::Delivered, out);
    }

    /// The app's process did not begin a callback: its deadline was over.
    pub(super) fn too_late(&mut self, name: &str, id: PushId, now: Boot, out: &mut Vec<Effect>) {
        self.apps.entry(name).duty.excused(id);
        let key = self.held.keys().find(|(_, held)| *held == id).copied();
        if let Some(key) = key {
            self.drop_one(key, What::Expired, Outcome::Expired, now, out);
        }
    }

    pub(super) fn removed(&mut self, name: &str, now: Boot, effects: &mut Vec<Effect>) {
        let keys: Vec<_> = self.keys_of(|held| held.grant.app == name);
        for key in keys {
            self.drop_one(key, What::NoApp, Outcome::Refused, now, effects);
        }
        self.apps.remove(name);
    }

    pub(super) fn drop_expired(&mut self, now: Boot, effects: &mut Vec<Effect>) {
        for key in self.keys_of(|held| !fresh::may_begin(now, held.deadline)) {
            let handed = self.held.get(&key).is_some_and(|held| held.handed);
            if handed {
                self.held.remove(&key); // It began in time or the process says that it did not.
            } else {
                self.drop_one(key, What::Expired, Outcome::Expired, now, effects);
            }
        }
        self.seen.retain(|_, seen| now < seen.until);
    }

    /// Whether pushes that are too old to ring were dropped.
    fn drop_stale(&mut self, keys: &[(u64, PushId)], now: Boot, out: &mut Vec<Effect>) -> bool {
        let ring = self.limits.ring_ms;
        let is_stale = |held: &Held| held.about(now, ring).reason == Reason::Stale;
        let stale = |key: &&(u64, PushId)| self.held.get(key).is_some_and(is_stale);
        let stale: Vec<_> = keys.iter().filter(stale).copied().collect();
        for key in &stale {
            self.drop_one(*key, What::Stale, Outcome::Refused, now, out);
        }
        !stale.is_empty()
    }

    /// Launches are stopped: nothing waits for an app that will not come.
    fn turn_away(&mut self, keys: &[(u64, PushId)], now: Boot, effects: &mut Vec<Effect>) {
        for key in keys {
            self.drop_one(*key, What::Stopped, Outcome::Refused, now, effects);
        }
    }

    fn drop_one(
        &mut self,
        key: (u64, PushId),
        what: What,
        outcome: Outcome,
        now: Boot,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(held) = self.held.remove(&key) {
            self.refuse(&held.grant, what, outcome, now, effects);
        }
    }

    fn refuse(
        &mut self,
        grant: &Grant,
        what: What,
        outcome: Outcome,
        now: Boot,
        effects: &mut Vec<Effect>,
    ) {
        self.record(&grant.app, grant.push.id, what, now, effects);
        Self::acknowledge(grant.push.id, outcome, effects);
    }

    fn keys_of(&self, wanted: impl Fn(&Held) -> bool) -> Vec<(u64, PushId)> {
        let found = self.held.iter().filter(|(_, held)| wanted(held));
        found.map(|(key, _)| *key).collect()
    }

    /// Remembers an id until it cannot come again, `latest` being no earlier than E; the one that
    /// ends first makes room.
    fn see(&mut self, id: PushId, latest: Boot) {
        if self.seen.len() >= self.limits.seen {
            let first = self.seen.iter().min_by_key(|(_, seen)| seen.until);
            if let Some(first) = first.map(|(id, _)| *id) {
                self.seen.remove(&first);
            }
        }
        let until = latest.plus(self.limits.seen_ms);
        let completed = false;
        self.seen.insert(id, Seen { until, completed });
    }

    /// Why the app need not report, as the push arrives.
    fn reason(&self, grant: &Grant) -> Reason {
        let doing = self.apps.get(&grant.app).map(|app| app.doing);
        let doing = doing.unwrap_or_default();
        match grant.service {
            Service::App => Reason::NoCall,
            Service::Voip if doing.on_call => Reason::ActiveCall,
            Service::Voip if doing.in_front => Reason::Foreground,
            Service::Voip => Reason::None,
        }
    }
}

impl Held {
    /// What is known about it at this instant.
    fn about(&self, now: Boot, ring_ms: u64) -> About {
        let age_ms = self.grant.age_ms.saturating_add(now.since(self.since));
        let stale = self.reason == Reason::None && age_ms > ring_ms;
        let reason = if stale { Reason::Stale } else { self.reason };
        About {
            must_report: reason == Reason::None,
            reason,
            age_ms,
            expires_in_ms: self.deadline.since(now),
            stored: self.grant.stored,
        }
    }
}
