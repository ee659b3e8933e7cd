//! Which letters of the daemon the app has in its own hands; the daemon is told by itself.
//!
//! # Promises
//!
//! - **LE1** a letter is acknowledged when the app asks for the event after it, or has settled the
//!   ask: an app that dies before is told again.
//! - **LE2** a letter that comes a second time is no second event.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use hookswitch_wire::dbus::CallKitDomain;
use tokio::sync::watch;

use crate::link::{Link, lock};

use super::report;

/// When something was decided, and whether the app was away then.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Letter {
    at: SystemTime,
    replayed: bool,
}

impl Letter {
    pub(super) fn new(at: i64, replayed: bool) -> Self {
        let since = Duration::from_millis(u64::try_from(at).unwrap_or_default());
        Self {
            at: SystemTime::UNIX_EPOCH + since,
            replayed,
        }
    }

    /// When it was decided.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        self.at
    }

    /// It was decided before this connection of the app was there: while the app was not running,
    /// say, or just before it died.
    #[must_use]
    pub fn replayed(&self) -> bool {
        self.replayed
    }
}

/// What a letter waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Until {
    /// The app asks for the next event.
    Taken,
    /// The app settles an ask.
    Settled,
}

#[derive(Debug, Default)]
struct Book {
    latest: u64,
    open: BTreeMap<u64, Until>,
}

impl Book {
    /// Whether a letter is newer than all before it; from then on it is the latest.
    fn is_new(&mut self, cursor: u64) -> bool {
        let is_new = cursor > self.latest;
        self.latest = self.latest.max(cursor);
        is_new
    }

    /// The letter up to which the app has all.
    fn level(&self) -> u64 {
        match self.open.first_key_value() {
            Some((first, _)) => first.saturating_sub(1),
            None => self.latest,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Letters {
    book: Mutex<Book>,
    level: watch::Sender<u64>,
}

impl Letters {
    pub(super) fn new() -> Self {
        Self {
            book: Mutex::default(),
            level: watch::channel(0).0,
        }
    }

    /// An ask has come, for the app to settle; says whether it is a new letter.
    pub(super) fn new_to_settle(&self, cursor: u64) -> bool {
        let mut book = lock(&self.book);
        book.open.insert(cursor, Until::Settled);
        book.is_new(cursor)
    }

    /// A letter for the app to take has come; says whether it is a new one. One that comes again
    /// still waits for the app, or is acknowledged again.
    pub(super) fn new_to_take(&self, cursor: u64) -> bool {
        let (is_new, waits) = {
            let mut book = lock(&self.book);
            let is_new = book.is_new(cursor);
            if is_new {
                book.open.insert(cursor, Until::Taken);
            }
            (is_new, book.open.contains_key(&cursor))
        };
        if !waits {
            self.done(cursor);
        }
        is_new
    }

    /// The app has it in its own hands.
    pub(super) fn done(&self, cursor: u64) {
        let level = {
            let mut book = lock(&self.book);
            book.open.remove(&cursor);
            book.level()
        };
        self.level.send_replace(level);
    }

    /// The connection is gone. Asks that are open still will be asked again.
    pub(super) fn disconnected(&self) {
        lock(&self.book)
            .open
            .retain(|_, until| *until == Until::Taken);
    }

    /// Tells the daemon of each new level until the session ends.
    pub(super) fn acknowledge(&self, link: Link) {
        let mut level = self.level.subscribe();
        link.clone().spawn(async move {
            while level.changed().await.is_ok() {
                let cursor = *level.borrow_and_update();
                let method = report("Acknowledge", CallKitDomain::General);
                // What does not arrive is delivered again, and acknowledged then.
                let _: Result<(), _> = link.call(method, &(cursor,)).await;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(letters: &Letters) -> u64 {
        *letters.level.borrow()
    }

    #[test]
    fn the_level_stays_below_what_the_app_has_not_taken_or_settled() {
        let letters = Letters::new();
        assert!(letters.new_to_settle(4));
        assert!(letters.new_to_take(6));
        letters.done(6);
        assert_eq!(level(&letters), 3);
        letters.done(4);
        assert_eq!(level(&letters), 6);
    }

    #[test]
    fn a_letter_that_comes_again_is_not_new_and_an_ask_waits_for_the_next_connection() {
        let letters = Letters::new();
        letters.new_to_settle(4);
        letters.new_to_take(5);
        letters.disconnected();
        assert!(!letters.new_to_settle(4));
        letters.done(5);
        assert_eq!(level(&letters), 3);
        letters.done(4);
        assert_eq!(level(&letters), 5);
    }

    #[test]
    fn a_letter_that_comes_again_before_the_app_took_it_still_waits_for_the_app() {
        let letters = Letters::new();
        assert!(letters.new_to_take(4));
        assert!(!letters.new_to_take(4));
        assert_eq!(level(&letters), 0);
        letters.done(4);
        assert_eq!(level(&letters), 4);
        assert!(!letters.new_to_take(4));
        assert_eq!(level(&letters), 4);
    }
}
