//! What was published last, for reading without asking the shell.
//!
//! Input: watches that the daemon keeps up to date.
//! Output: the JSON texts of the controller interface and the flags of the observer interface.
//!
//! # Promises
//!
//! - **S1** reading never waits and never sees a half-done step.

use std::sync::Arc;

use hookswitch_model::{Endpoint, ProviderId, Snapshot};
use hookswitch_wire::dbus::{ArgumentError, EndpointRow, ErrorCode, Problem};
use hookswitch_wire::flags::{Flags, all_flags};
use hookswitch_wire::json::{RecentsFilter, Rules, State, StateChange};
use hookswitch_wire::view::RecentsEntry;
use tokio::sync::watch;

use crate::error::BusError;

/// The newest recents, as far as they are kept in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecentsPages {
    /// Grows with every change of the store.
    pub revision: u64,
    /// All but the blocked, newest first.
    pub all: Vec<Arc<RecentsEntry>>,
    /// The missed ones.
    pub missed: Vec<Arc<RecentsEntry>>,
    /// The blocked ones.
    pub blocked: Vec<Arc<RecentsEntry>>,
    /// Why they are not kept at present, and what to do.
    pub fault: Option<String>,
}

/// Read ends of what the daemon publishes.
#[derive(Clone, Debug)]
pub struct Published {
    /// The state after the last step.
    pub state: watch::Receiver<Arc<Snapshot>>,
    /// The newest recents.
    pub recents: watch::Receiver<Arc<RecentsPages>>,
    /// Where the calling UI is served, with the token.
    pub ui: watch::Receiver<Option<String>>,
}

impl Published {
    pub(crate) fn state_text(&self) -> String {
        state_text(&self.state.borrow().clone())
    }

    pub(crate) fn rules_text(&self) -> String {
        let rules = Rules::from(&*self.state.borrow().policy);
        serde_json::to_string(&rules).expect("plain data is JSON")
    }

    pub(crate) fn recents_text(&self, filter: &str, limit: u32) -> Result<String, BusError> {
        let filter = RecentsFilter::from_name(filter).ok_or_else(|| {
            let known = "all, missed, blocked";
            ArgumentError::new("filter", Problem::UnknownWord { known })
        })?;
        let pages = self.recents.borrow().clone();
        if let Some(fault) = &pages.fault {
            return Err(BusError::new(ErrorCode::NotNow, fault.as_str()));
        }
        let entries = match filter {
            RecentsFilter::All => &pages.all,
            RecentsFilter::Missed => &pages.missed,
            RecentsFilter::Blocked => &pages.blocked,
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let shown: Vec<&RecentsEntry> = entries.iter().take(limit).map(Arc::as_ref).collect();
        Ok(serde_json::to_string(&shown).expect("entries are strings, numbers and booleans"))
    }

    /// The audio devices, for an app.
    pub(crate) fn endpoints(&self) -> Vec<EndpointRow> {
        let snapshot = self.state.borrow().clone();
        let in_use = snapshot.audio.route.effective.as_ref();
        let row = |one: &Endpoint| {
            let used = in_use == Some(&one.id);
            let (id, kind) = (one.id.to_string(), one.kind.name().to_owned());
            (id, kind, one.name.as_str().to_owned(), used)
        };
        snapshot.endpoints.iter().map(row).collect()
    }

    /// The name of an app.
    pub(crate) fn app_name(&self, id: ProviderId) -> Option<String> {
        let snapshot = self.state.borrow().clone();
        let found = snapshot.providers.iter().find(|known| known.id == id);
        found.map(|provider| provider.name.as_str().to_owned())
    }

    pub(crate) fn ui_address(&self) -> Option<String> {
        self.ui.borrow().clone()
    }

    pub(crate) fn flags(&self) -> (u64, Vec<Flags>) {
        let snapshot = self.state.borrow().clone();
        (snapshot.revision, all_flags(&snapshot))
    }
}

/// The state document.
pub(crate) fn state_text(snapshot: &Snapshot) -> String {
    let state = State::from(snapshot);
    serde_json::to_string(&state).expect("the state is strings, numbers and booleans")
}

/// What is other than in the state before.
pub(crate) fn change_text(before: &Snapshot, after: &Snapshot) -> String {
    let change = StateChange::between(before, after);
    serde_json::to_string(&change).expect("the state is strings, numbers and booleans")
}
