//! The user's own rules about who may call, beside the plain block list.

use core::fmt;
use core::time::Duration;
use std::collections::BTreeSet;

use crate::pattern::NumberPattern;

/// Rules for callers. With the defaults nothing is blocked and nothing is trusted.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct CallerRules {
    /// Numbers that fit one of these never ring.
    pub blocked: BTreeSet<NumberPattern>,
    /// Numbers that fit one of these ring though a list or another rule blocks them. The user's
    /// own block list stands above it.
    pub exceptions: BTreeSet<NumberPattern>,
    /// Callers who hide their number never ring.
    pub block_anonymous: bool,
    /// Callers who are not in the contacts never ring.
    pub block_unknown: bool,
    /// A contact rings though a list or the user's own list blocks the number.
    pub trust_contacts: bool,
    /// A number that the user has called rings though it is blocked (what iOS 26 does without
    /// asking: <https://developer.apple.com/forums/thread/800415>).
    pub trust_called: bool,
    /// For so long after a call to a number, that number may call back though a list, a pattern
    /// or a general rule blocks it. Zero: never.
    pub call_back: Duration,
}

impl fmt::Debug for CallerRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerRules")
            .field("blocked", &self.blocked.len())
            .field("exceptions", &self.exceptions.len())
            .field("block_anonymous", &self.block_anonymous)
            .field("block_unknown", &self.block_unknown)
            .field("trust_contacts", &self.trust_contacts)
            .field("trust_called", &self.trust_called)
            .field("call_back", &self.call_back)
            .finish()
    }
}
