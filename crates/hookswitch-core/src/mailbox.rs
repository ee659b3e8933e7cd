//! What an app is told: numbered, kept until the app acknowledges it, delivered again after a gap.
//!
//! Input: letters in the order in which they were decided; acknowledgments.
//! Output: what is delivered again when the app registers. Asks are not kept here: they wait with
//! the core's open asks until they settle or their time is over, and carry a number like the rest.
//!
//! # Promises
//!
//! - **MB1** a letter is delivered at least once to an app that comes back; its number tells a
//!   second delivery from a new letter.
//! - **MB2** numbers of letters to one app grow, also across restarts of the daemon in one boot.
//! - **MB3** an ended call is one letter: what was told about it before is not delivered again.
//! - **MB4** an app has [`Limit::Letters`] letters at most; the oldest goes first, and it is told
//!   as an anomaly. Words that mean nothing to a new connection (an ask is over, audio) are not
//!   kept at all.
//! - **MB5** when the id of an ended call is used for another one, the letters about the former are
//!   over.

use std::collections::{BTreeMap, VecDeque};

use hookswitch_model::{
    AppId, AskId, CallId, CallKey, ClientId, Cursor, EndReason, Limit, SavedLetter,
};

use crate::Core;
use crate::effect::{AnomalyKind, Effect, Letter};
use crate::state::{Call, PendingAsk};

/// What one app has not acknowledged, oldest first.
pub(crate) type Mailbox = VecDeque<SavedLetter>;

/// What a letter that is kept says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum News {
    /// A call ended by the system's decision.
    Ended(EndReason),
    /// The user wants to see the app's window.
    Open,
}

/// Adds a letter (MB3). Returns whether an older one had to go (MB4).
fn put(mailbox: &mut Mailbox, letter: SavedLetter, max: usize) -> bool {
    if letter.ended.is_some() {
        mailbox.retain(|known| known.call != letter.call);
    }
    mailbox.push_back(letter);
    let is_full = mailbox.len() > max;
    while mailbox.len() > max {
        mailbox.pop_front();
    }
    is_full
}

impl Core {
    /// A number for something an app is told now.
    pub(crate) fn next_letter(&mut self) -> Letter {
        self.counters.letter += 1;
        Letter {
            cursor: Cursor(self.counters.letter),
            at: self.now,
            replayed: false,
        }
    }

    /// Tells an app something that it has to know even if it is not there now.
    pub(crate) fn tell(&mut self, app: &AppId, call: CallId, key: CallKey, news: News) {
        let letter = self.next_letter();
        let saved = SavedLetter {
            app: app.clone(),
            cursor: letter.cursor,
            at: letter.at,
            call,
            key,
            ended: match news {
                News::Ended(reason) => Some(reason),
                News::Open => None,
            },
        };
        if let Some(client) = self.providers.get(app).and_then(|p| p.client) {
            self.emit(told(client, &saved, false));
        }
        let max = self.limits.count(Limit::Letters);
        let mailbox = self.mailboxes.entry(app.clone()).or_default();
        if put(mailbox, saved, max) {
            self.anomaly(AnomalyKind::LetterLost, Some(app.clone()), Some(call));
        }
        self.bound_mailboxes();
    }

    /// A call is over: nothing but that is told about it from now on (MB3).
    pub(crate) fn forget_wishes(&mut self, app: &AppId, call: CallId) {
        if let Some(mailbox) = self.mailboxes.get_mut(app) {
            mailbox.retain(|letter| letter.call != call || letter.ended.is_some());
        }
    }

    /// The id of a call that ended is used for another one: the app that uses it knows that the
    /// former is over, and would take its letters for those of the new one.
    pub(crate) fn forget_letters(&mut self, app: &AppId, call: CallId) {
        let Some(mailbox) = self.mailboxes.get_mut(app) else {
            return;
        };
        mailbox.retain(|letter| letter.call != call);
        if mailbox.is_empty() {
            self.mailboxes.remove(app);
        }
    }

    /// As many apps as can be registered have a mailbox; who has waited longest loses it.
    fn bound_mailboxes(&mut self) {
        while self.mailboxes.len() > self.limits.count(Limit::Providers) {
            let latest = |mailbox: &Mailbox| mailbox.back().map(|letter| letter.cursor);
            let oldest = self.mailboxes.iter().min_by_key(|(_, box_)| latest(box_));
            let Some(app) = oldest.map(|(app, _)| app.clone()) else {
                return;
            };
            self.mailboxes.remove(&app);
            self.anomaly(AnomalyKind::LetterLost, Some(app), None);
        }
    }

    /// The app has everything up to a number in its own hands.
    pub(crate) fn on_acknowledged(&mut self, client: ClientId, cursor: Cursor) {
        for ask in self.asks.values_mut() {
            if ask.client == Some(client) && ask.letter.cursor <= cursor {
                ask.acknowledged = true;
            }
        }
        let Some(app) = self.clients.get(&client) else {
            return;
        };
        if let Some(mailbox) = self.mailboxes.get_mut(app) {
            mailbox.retain(|letter| letter.cursor > cursor);
            if mailbox.is_empty() {
                self.mailboxes.remove(app);
            }
        }
    }

    /// Delivers what waits for an app, in the order in which it was decided. A wish to see its
    /// window is over after the time of an ask; what is over is not delivered.
    pub(crate) fn deliver_waiting(&mut self, app: &AppId, client: ClientId) {
        let (now, patience) = (self.now.at, self.limits.time(Limit::Ask));
        let mut letters: BTreeMap<Cursor, Waiting> = BTreeMap::new();
        if let Some(mailbox) = self.mailboxes.get_mut(app) {
            let stale = |l: &SavedLetter| l.ended.is_none() && l.at.at.after(patience) <= now;
            mailbox.retain(|letter| !stale(letter));
            for letter in mailbox.iter() {
                letters.insert(letter.cursor, Waiting::News(told(client, letter, true)));
            }
        }
        let is_for = |ask: &PendingAsk| {
            let of_app = |call: &Call| call.app == *app;
            ask.client.is_none() && self.calls.get(&ask.call).is_some_and(of_app)
        };
        for (id, ask) in self.asks.iter().filter(|(_, ask)| is_for(ask)) {
            letters.insert(ask.letter.cursor, Waiting::Ask(*id));
        }
        for waiting in letters.into_values() {
            match waiting {
                Waiting::News(effect) => self.emit(effect),
                Waiting::Ask(ask) => match self.moot(ask) {
                    Some(why) => self.give_up(ask, why),
                    None => self.deliver(ask, client, true),
                },
            }
        }
    }

    /// How many letters and asks an app was or is to be told, and has not acknowledged.
    #[must_use]
    pub fn unacknowledged(&self, app: &AppId) -> usize {
        let letters = self.mailboxes.get(app).map_or(0, VecDeque::len);
        let of_app = |ask: &&PendingAsk| self.calls.get(&ask.call).is_some_and(|c| c.app == *app);
        let asks = self.asks.values().filter(of_app);
        letters + asks.filter(|ask| !ask.acknowledged).count()
    }

    /// What has to survive the daemon, oldest first for each app.
    #[must_use]
    pub fn saved_letters(&self) -> Vec<SavedLetter> {
        self.mailboxes.values().flatten().cloned().collect()
    }

    /// Goes on with the letters of a former core.
    pub(crate) fn restore_letters(&mut self, letters: Vec<SavedLetter>) {
        let max = self.limits.count(Limit::Letters);
        for letter in letters {
            self.counters.letter = self.counters.letter.max(letter.cursor.0);
            put(
                self.mailboxes.entry(letter.app.clone()).or_default(),
                letter,
                max,
            );
        }
    }
}

/// Something that waits for an app.
enum Waiting {
    News(Effect),
    Ask(AskId),
}

fn told(client: ClientId, saved: &SavedLetter, replayed: bool) -> Effect {
    let letter = Letter {
        cursor: saved.cursor,
        at: saved.at,
        replayed,
    };
    let call = saved.call;
    match saved.ended {
        Some(reason) => Effect::CallEnded {
            client,
            call,
            key: saved.key.clone(),
            reason,
            letter,
        },
        None => Effect::Open {
            client,
            call,
            letter,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookswitch_model::Stamp;

    fn letter(cursor: u64, call: u128, ended: Option<EndReason>) -> SavedLetter {
        SavedLetter {
            app: AppId::new("org.example.App").expect("valid"),
            cursor: Cursor(cursor),
            at: Stamp::default(),
            call: CallId(call),
            key: CallKey::new("k").expect("valid"),
            ended,
        }
    }

    fn cursors(mailbox: &Mailbox) -> Vec<u64> {
        mailbox.iter().map(|letter| letter.cursor.0).collect()
    }

    #[test]
    fn an_ended_call_is_one_letter() {
        let mut mailbox = Mailbox::new();
        put(&mut mailbox, letter(1, 7, None), 8);
        put(&mut mailbox, letter(2, 8, None), 8);
        put(&mut mailbox, letter(3, 7, Some(EndReason::Failed)), 8);
        assert_eq!(cursors(&mailbox), [2, 3]);
    }

    #[test]
    fn a_full_mailbox_loses_its_oldest_letter() {
        let mut mailbox = Mailbox::new();
        let full: Vec<bool> = (1..=4)
            .map(|n| put(&mut mailbox, letter(n, u128::from(n), None), 2))
            .collect();
        assert_eq!(full, [false, false, true, true]);
        assert_eq!(cursors(&mailbox), [3, 4]);
    }
}
