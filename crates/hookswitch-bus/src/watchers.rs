//! Who is told the state, whole or by its changes.
//!
//! Input: connections that asked (`Controller.Watch`, `Controller.Follow`), connections that leave.
//! Output: the list to which the signals of the controller interface are sent, one by one.
//!
//! # Promises
//!
//! - **W1** a state with its names goes to connections that had the right to ask for it, and is
//!   never broadcast.
//! - **W2** a follower is told the whole state once, and from then on changes that begin where the
//!   last one ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookswitch_wire::dbus::ErrorCode;
use tokio::sync::Notify;
use zbus::names::OwnedUniqueName;

use crate::error::BusError;

/// Most connections that are told the state.
pub const WATCHERS_MAX: usize = 64;

/// What a connection is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wants {
    /// The whole state after each change.
    Whole,
    /// The whole state once, which is still to be told.
    First,
    /// What is other than what it was told last.
    Changes,
}

/// The list. Cheap to clone; the lock is held for one operation at a time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watchers {
    list: Arc<Mutex<BTreeMap<OwnedUniqueName, Wants>>>,
    came: Arc<Notify>,
}

impl Watchers {
    /// Enters a connection, unless there are too many.
    pub(crate) fn enter(&self, unique: OwnedUniqueName, wants: Wants) -> Result<(), BusError> {
        let mut list = self.list();
        if list.len() >= WATCHERS_MAX && !list.contains_key(&unique) {
            let text = format!("{WATCHERS_MAX} programs watch already; close one of them");
            return Err(BusError::new(ErrorCode::LimitReached, text));
        }
        list.insert(unique, wants);
        self.came.notify_one();
        Ok(())
    }

    /// Waits until somebody entered.
    pub(crate) async fn came(&self) {
        self.came.notified().await;
    }

    /// A connection is gone.
    pub(crate) fn leave(&self, unique: &str) {
        self.list().retain(|known, _| known.as_str() != unique);
    }

    /// All of them now.
    pub(crate) fn all(&self) -> Vec<OwnedUniqueName> {
        self.list().keys().cloned().collect()
    }

    /// All of them, with what they want. New followers have been told the whole state after this.
    pub(crate) fn take_all(&self) -> Vec<(OwnedUniqueName, Wants)> {
        let mut list = self.list();
        let all = list.iter().map(|(name, wants)| (name.clone(), *wants));
        let all = all.collect();
        for wants in list.values_mut().filter(|wants| **wants == Wants::First) {
            *wants = Wants::Changes;
        }
        all
    }

    /// The new followers alone, who have been told after this.
    pub(crate) fn take_new(&self) -> Vec<OwnedUniqueName> {
        let mut list = self.list();
        let new = list.iter_mut().filter(|(_, wants)| **wants == Wants::First);
        new.map(|(name, wants)| {
            *wants = Wants::Changes;
            name.clone()
        })
        .collect()
    }

    fn list(&self) -> MutexGuard<'_, BTreeMap<OwnedUniqueName, Wants>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_refuses_and_knows_its_own() {
        let watchers = Watchers::default();
        let name = |number: usize| {
            OwnedUniqueName::try_from(format!(":1.{number}")).expect("a unique name")
        };
        for number in 0..WATCHERS_MAX {
            watchers.enter(name(number), Wants::Whole).expect("room");
        }
        watchers.enter(name(0), Wants::First).expect("known");
        assert_eq!(watchers.take_new(), [name(0)]);
        assert!(watchers.take_new().is_empty());
        let full = watchers.enter(name(WATCHERS_MAX), Wants::Whole);
        let full = full.expect_err("full");
        assert_eq!(full.code(), ErrorCode::LimitReached);
        watchers.leave(":1.0");
        let again = watchers.enter(name(WATCHERS_MAX), Wants::Whole);
        again.expect("room again");
        assert_eq!(watchers.all().len(), WATCHERS_MAX);
    }
}
