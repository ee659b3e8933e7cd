//! Which numbers the user has called, and when last: read from the recents.
//!
//! # Promises
//!
//! - **CD1** the recents are read again only when they have changed. Only the newest entries count,
//!   as many as the daemon shows ([`crate::recents::SHOWN_MAX`]).
//! - **CD2** who deletes a call from the recents takes its trust away.

use std::collections::BTreeMap;
use std::sync::Arc;

use hookswitch_bus::RecentsPages;
use hookswitch_model::{Handle, HandleKind, Text, Wall};
use hookswitch_number::Identity;
use hookswitch_wire::json::RequestBody;
use hookswitch_wire::view::{RecentsDirection, RecentsEntry};
use tokio::sync::watch;

/// The calls that the user made.
#[derive(Debug)]
pub struct Called {
    recents: watch::Receiver<Arc<RecentsPages>>,
    /// The change of the recents that was read last.
    revision: Option<u64>,
    numbers: BTreeMap<u64, Wall>,
    /// Who has no number.
    addresses: BTreeMap<Text, Wall>,
}

impl Default for Called {
    /// Nobody was called.
    fn default() -> Self {
        Self::new(watch::channel(Arc::default()).1)
    }
}

impl Called {
    /// Reads these recents.
    pub fn new(recents: watch::Receiver<Arc<RecentsPages>>) -> Self {
        Self {
            recents,
            revision: None,
            numbers: BTreeMap::new(),
            addresses: BTreeMap::new(),
        }
    }

    /// Reads the recents if they are other than before.
    pub fn refresh(&mut self, identify: impl Fn(&Handle) -> Identity) {
        let pages = self.recents.borrow().clone();
        if self.revision == Some(pages.revision) {
            return;
        }
        self.revision = Some(pages.revision);
        self.numbers.clear();
        self.addresses.clear();
        for entry in &pages.all {
            let at = Wall::from_millis(entry.started_ms);
            let Some(identity) = callee(entry).map(|handle| identify(&handle)) else {
                continue;
            };
            if let Some(address) = identity.address.clone() {
                let last = self.addresses.entry(address).or_insert(at);
                *last = at.max(*last);
            }
            for number in identity.whole() {
                let last = self.numbers.entry(number).or_insert(at);
                *last = at.max(*last);
            }
        }
    }

    /// When the user called somebody last.
    pub fn last(&self, identity: &Identity) -> Option<Wall> {
        let numbers = identity.candidates.iter();
        let numbers = numbers.filter_map(|c| self.numbers.get(&c.number));
        let address = identity.address.as_ref();
        let address = address.and_then(|address| self.addresses.get(address));
        numbers.chain(address).max().copied()
    }
}

/// Whom the user has called, as far as one can call back.
fn callee(entry: &RecentsEntry) -> Option<Handle> {
    let RecentsDirection::Outgoing = entry.direction else {
        return None;
    };
    let Some(RequestBody::Dial {
        handle,
        handle_kind,
        ..
    }) = &entry.redial
    else {
        return None;
    };
    let kind = handle_kind.as_deref().and_then(HandleKind::from_name);
    Handle::new(kind.unwrap_or(HandleKind::Generic), handle).ok()
}
