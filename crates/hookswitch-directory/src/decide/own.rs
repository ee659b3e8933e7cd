//! The user's own block list, as it is compared with callers.
//!
//! # Promises
//!
//! - **OW1** who is blocked is blocked in any spelling: a number with its country code as that
//!   number, everything else as the address that it is ([`crate::number::comparable`]).

use core::fmt;
use std::collections::BTreeSet;

use hookswitch_model::{Entry, Text};

use super::Caller;

/// Whom the user blocks.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct OwnBlocks {
    /// Numbers with their country codes.
    pub numbers: BTreeSet<u64>,
    /// Everything else.
    pub addresses: BTreeSet<Text>,
}

impl OwnBlocks {
    /// What of it the caller is.
    pub(super) fn find(&self, caller: &Caller) -> Option<Entry> {
        let mut numbers = caller.candidates.iter().map(|c| c.number);
        let number = numbers.find(|number| self.numbers.contains(number));
        let address = || {
            let address = caller.address.as_ref();
            let address = address.filter(|address| self.addresses.contains(*address));
            address.map(|address| match &caller.short {
                Some(short) => Entry::Short(short.clone()),
                None => Entry::Address(address.clone()),
            })
        };
        number.map(Entry::Number).or_else(address)
    }

    /// Whether they have anybody in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        !self.numbers.is_disjoint(&other.numbers) || !self.addresses.is_disjoint(&other.addresses)
    }
}

/// How many: they are somebody's.
impl fmt::Debug for OwnBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (numbers, addresses) = (self.numbers.len(), self.addresses.len());
        write!(f, "OwnBlocks({numbers} numbers, {addresses} addresses)")
    }
}
