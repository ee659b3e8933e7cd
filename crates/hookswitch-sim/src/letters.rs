//! The laws of what apps are told: every letter is acknowledged, told again, or has become moot.
//!
//! - **MB1** what an app did not acknowledge about the end of a call, it is told again when it
//!   registers; what it acknowledged it is not.
//! - **MB2** the numbers of letters to one connection grow.
//! - **MB3** about an ended call nothing is told again but its end.

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{Accepted, Anomaly, AnomalyKind, Effect, Environment, Event, Letter, Report};
use hookswitch_model::{AppId, CallId, ClientId, Cursor};

use crate::describe;
use crate::laws::{Laws, Step};

/// The connection and the letter of an effect that tells an app something.
pub(crate) fn letter_of(effect: &Effect) -> Option<(ClientId, Letter)> {
    match effect {
        Effect::Ask { client, letter, .. }
        | Effect::AskExpired { client, letter, .. }
        | Effect::CallEnded { client, letter, .. }
        | Effect::AudioActivated { client, letter, .. }
        | Effect::AudioDeactivated { client, letter, .. }
        | Effect::AudioDenied { client, letter, .. }
        | Effect::AudioInterrupted { client, letter, .. }
        | Effect::Open { client, letter, .. } => Some((*client, *letter)),
        Effect::Reply { .. }
        | Effect::Screen { .. }
        | Effect::Unlock
        | Effect::Launch(_)
        | Effect::Ring { .. }
        | Effect::StopRing
        | Effect::StartTone { .. }
        | Effect::StopTone
        | Effect::KeepPolicy(_)
        | Effect::Route { .. }
        | Effect::RouteFinished { .. }
        | Effect::Record(_)
        | Effect::Amend(_)
        | Effect::Finished { .. }
        | Effect::Dropped { .. }
        | Effect::Publish { .. }
        | Effect::Anomaly(_) => None,
    }
}

/// What was told and is not acknowledged, by connection and app.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    apps: BTreeMap<ClientId, AppId>,
    latest: BTreeMap<ClientId, Cursor>,
    acknowledged: BTreeMap<AppId, BTreeSet<Cursor>>,
    ends: BTreeMap<AppId, BTreeMap<Cursor, CallId>>,
}

impl Letters {
    /// The number of what a connection was told last.
    pub(crate) fn latest(&self, client: ClientId) -> Cursor {
        let latest = self.latest.get(&client);
        latest.copied().unwrap_or(Cursor(0))
    }

    /// Who registered on a connection.
    pub(crate) fn app_of(&self, client: ClientId) -> Option<&AppId> {
        self.apps.get(&client)
    }

    /// Whether an effect tells again how a call ended.
    pub(crate) fn is_replay(&self, effect: &Effect) -> bool {
        let is_end = matches!(effect, Effect::CallEnded { .. });
        is_end && letter_of(effect).is_some_and(|(_, letter)| letter.replayed)
    }

    /// The daemon was killed: connections are gone, letters are not.
    pub(crate) fn restart(&mut self) {
        self.apps.clear();
        self.latest.clear();
    }

    /// Follows one step; says what is wrong.
    pub(crate) fn check(&mut self, step: &Step<'_>) -> Vec<String> {
        let mut wrong = Vec::new();
        if let Event::Acknowledged { client, cursor } = step.event {
            self.acknowledged(*client, *cursor);
        }
        self.used_again(step);
        let expected = self.registered(step);
        for effect in step.effects {
            let Some((client, letter)) = letter_of(effect) else {
                self.lost(effect);
                continue;
            };
            self.told(client, letter, effect, &mut wrong);
        }
        if let Event::Environment(Environment::ClientGone(client)) = step.event {
            self.apps.remove(client);
        }
        let told = |cursor: &Cursor| {
            let mut letters = step.effects.iter().filter_map(letter_of);
            letters.any(|(_, letter)| letter.cursor == *cursor)
        };
        for cursor in expected.iter().filter(|cursor| !told(cursor)) {
            wrong.push(format!("{cursor} was not told again"));
        }
        wrong
    }

    /// The id of an ended call is used for another one: its letters are moot.
    fn used_again(&mut self, step: &Step<'_>) {
        let was = |id: CallId| step.before.live().any(|call| call.id == id);
        for call in step.after.live().filter(|call| !was(call.id)) {
            for ends in self.ends.values_mut() {
                ends.retain(|_, known| *known != call.id);
            }
        }
    }

    /// The core says that the oldest letter of an app, or all of them, had to go.
    fn lost(&mut self, effect: &Effect) {
        let Effect::Anomaly(Anomaly { kind, app, call }) = effect else {
            return;
        };
        let (AnomalyKind::LetterLost, Some(app)) = (kind, app) else {
            return;
        };
        if call.is_none() {
            self.ends.remove(app);
        } else if let Some(ends) = self.ends.get_mut(app) {
            ends.pop_first();
        }
    }

    /// Notes who registered; returns what has to be told again.
    fn registered(&mut self, step: &Step<'_>) -> Vec<Cursor> {
        let Event::Report { client, report, .. } = step.event else {
            return Vec::new();
        };
        if let Report::Invalidate = report {
            if let Some(app) = self.apps.remove(client) {
                self.ends.remove(&app);
            }
            return Vec::new();
        }
        let Report::Register { app, .. } = report else {
            return Vec::new();
        };
        let accepted = step.effects.iter().any(|effect| {
            matches!(
                effect,
                Effect::Reply {
                    result: Ok(Accepted::Registered { .. }),
                    ..
                }
            )
        });
        // One that registers again over the same connection has been told.
        let is_new = self.apps.get(client) != Some(app);
        if !accepted || !is_new {
            return Vec::new();
        }
        self.apps.insert(*client, app.clone());
        let ends = self.ends.get(app);
        ends.map_or_else(Vec::new, |ends| ends.keys().copied().collect())
    }

    fn told(&mut self, client: ClientId, letter: Letter, effect: &Effect, out: &mut Vec<String>) {
        let cursor = letter.cursor;
        if self
            .latest
            .insert(client, cursor)
            .is_some_and(|last| last >= cursor)
        {
            out.push(format!("{cursor} came after a later letter"));
        }
        let Some(app) = self.apps.get(&client) else {
            return;
        };
        let acknowledged = self.acknowledged.get(app);
        if acknowledged.is_some_and(|known| known.contains(&cursor)) {
            out.push(format!("{cursor} was told again after it was acknowledged"));
        }
        let call = describe::call_of(effect);
        if let (Effect::CallEnded { .. }, Some(call)) = (effect, call) {
            let ends = self.ends.entry(app.clone()).or_default();
            ends.retain(|_, known| *known != call);
            ends.insert(cursor, call);
        }
    }

    /// An app has everything up to a number.
    fn acknowledged(&mut self, client: ClientId, cursor: Cursor) {
        let (Some(app), Some(latest)) = (self.apps.get(&client), self.latest.get(&client)) else {
            return;
        };
        let upto = cursor.min(*latest);
        if let Some(ends) = self.ends.get_mut(app) {
            let later = ends.split_off(&Cursor(upto.0 + 1));
            let known = self.acknowledged.entry(app.clone()).or_default();
            known.extend(std::mem::replace(ends, later).into_keys());
        }
    }
}

impl Laws {
    /// An app has everything up to a number.
    pub fn acknowledged(&mut self, client: ClientId, cursor: Cursor) {
        self.letters.acknowledged(client, cursor);
    }
}
