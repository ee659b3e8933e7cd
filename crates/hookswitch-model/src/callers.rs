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

/// A switch among the rules about callers.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CallerRule {
    /// [`CallerRules::block_anonymous`].
    Anonymous,
    /// [`CallerRules::block_unknown`].
    NotInContacts,
    /// [`CallerRules::trust_contacts`].
    TrustContacts,
    /// [`CallerRules::trust_called`].
    TrustCalled,
}

impl CallerRule {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Anonymous,
        Self::NotInContacts,
        Self::TrustContacts,
        Self::TrustCalled,
    ];

    /// The name used on every wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::NotInContacts => "not-in-contacts",
            Self::TrustContacts => "trust-contacts",
            Self::TrustCalled => "trust-called",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|switch| switch.name() == name)
    }
}

/// A change of the rules about callers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CallerChange {
    /// Whether numbers that fit a pattern never ring.
    Block(NumberPattern, bool),
    /// Whether numbers that fit a pattern ring though they are blocked.
    Except(NumberPattern, bool),
    /// A switch is on or off.
    Switch(CallerRule, bool),
    /// For so long after a call to a number it may call back; at most [`CALL_BACK_MAX`].
    CallBack(Duration),
}

/// Longest time in which a number may call back: one week.
pub const CALL_BACK_MAX: Duration = Duration::from_secs(7 * 86_400);

impl CallerRules {
    /// The rules after a change.
    #[must_use]
    pub fn after(&self, change: &CallerChange) -> Self {
        let mut next = self.clone();
        match change {
            CallerChange::Block(pattern, on) => put(&mut next.blocked, *pattern, *on),
            CallerChange::Except(pattern, on) => put(&mut next.exceptions, *pattern, *on),
            CallerChange::Switch(switch, on) => *next.switch_mut(*switch) = *on,
            CallerChange::CallBack(span) => next.call_back = (*span).min(CALL_BACK_MAX),
        }
        next
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, switch: CallerRule) -> bool {
        match switch {
            CallerRule::Anonymous => self.block_anonymous,
            CallerRule::NotInContacts => self.block_unknown,
            CallerRule::TrustContacts => self.trust_contacts,
            CallerRule::TrustCalled => self.trust_called,
        }
    }

    fn switch_mut(&mut self, switch: CallerRule) -> &mut bool {
        match switch {
            CallerRule::Anonymous => &mut self.block_anonymous,
            CallerRule::NotInContacts => &mut self.block_unknown,
            CallerRule::TrustContacts => &mut self.trust_contacts,
            CallerRule::TrustCalled => &mut self.trust_called,
        }
    }
}

fn put(set: &mut BTreeSet<NumberPattern>, pattern: NumberPattern, on: bool) {
    if on {
        set.insert(pattern);
    } else {
        set.remove(&pattern);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_changes_its_rule_and_is_taken_back() {
        let pattern = NumberPattern::parse("+4490*").expect("a pattern");
        let none = CallerRules::default();
        let mut changes = vec![
            [
                CallerChange::Block(pattern, true),
                CallerChange::Block(pattern, false),
            ],
            [
                CallerChange::Except(pattern, true),
                CallerChange::Except(pattern, false),
            ],
            [
                CallerChange::CallBack(Duration::from_secs(60)),
                CallerChange::CallBack(Duration::ZERO),
            ],
        ];
        for switch in CallerRule::ALL {
            assert_eq!(CallerRule::from_name(switch.name()), Some(switch));
            assert!(
                none.after(&CallerChange::Switch(switch, true))
                    .is_on(switch)
            );
            changes.push([true, false].map(|on| CallerChange::Switch(switch, on)));
        }
        for [change, back] in changes {
            let changed = none.after(&change);
            assert_ne!(changed, none, "{change:?}");
            assert_eq!(changed.after(&change), changed, "{change:?}");
            assert_eq!(changed.after(&back), none, "{change:?}");
        }
        let long = none.after(&CallerChange::CallBack(Duration::MAX));
        assert_eq!(long.call_back, CALL_BACK_MAX);
    }
}
