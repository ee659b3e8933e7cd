//! Who is told the whole state.
//!
//! Input: connections that asked (`Controller.Watch`), connections that leave.
//! Output: the list to which the signals of the controller interface are sent, one by one.
//!
//! # Promises
//!
//! - **W1** a state with its names goes to connections that had the right to ask for it, and is
//!   never broadcast.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookswitch_wire::dbus::ErrorCode;
use zbus::names::OwnedUniqueName;

use crate::error::BusError;

/// Most connections that are told the state.
pub const WATCHERS_MAX: usize = 64;

/// The list. Cheap to clone; the lock is held for one operation at a time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watchers(Arc<Mutex<BTreeSet<OwnedUniqueName>>>);

impl Watchers {
    /// Enters a connection, unless there are too many.
    pub(crate) fn enter(&self, unique: OwnedUniqueName) -> Result<(), BusError> {
        let mut list = self.list();
        if list.len() >= WATCHERS_MAX && !list.contains(&unique) {
            let text = format!("{WATCHERS_MAX} programs watch already; close one of them");
            return Err(BusError::new(ErrorCode::LimitReached, text));
        }
        list.insert(unique);
        Ok(())
    }

    /// A connection is gone.
    pub(crate) fn leave(&self, unique: &str) {
        self.list().retain(|known| known.as_str() != unique);
    }

    /// All of them now.
    pub(crate) fn all(&self) -> Vec<OwnedUniqueName> {
        self.list().iter().cloned().collect()
    }

    fn list(&self) -> MutexGuard<'_, BTreeSet<OwnedUniqueName>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
            watchers.enter(name(number)).expect("room");
        }
        watchers.enter(name(0)).expect("known");
        let full = watchers.enter(name(WATCHERS_MAX)).expect_err("full");
        assert_eq!(full.code(), ErrorCode::LimitReached);
        watchers.leave(":1.0");
        watchers.enter(name(WATCHERS_MAX)).expect("room again");
        assert_eq!(watchers.all().len(), WATCHERS_MAX);
    }
}
