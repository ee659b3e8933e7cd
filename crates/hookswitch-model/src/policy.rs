//! What the user wants of incoming calls, and what others say about one before it rings.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use crate::callers::{CallerChange, CallerRules};
use crate::config::AppId;
use crate::decision::Candidate;
use crate::handle::Handle;
use crate::privacy::Privacy;
use crate::second::SecondCalls;
use crate::time::Wall;
use crate::word::{is_plain, word_type};

/// The user's rules for incoming calls. A change counts for calls that are reported after it.
///
/// Addresses are compared by [`Handle::is_same`]. `Debug` shows how many
/// there are, never which.
#[derive(Clone, Eq, PartialEq)]
pub struct RingPolicy {
    /// Nobody rings but those allowed and those who call again (Apple's Focus, do-not-disturb).
    pub do_not_disturb: bool,
    /// When that ends by itself.
    pub do_not_disturb_until: Option<Wall>,
    /// People who ring in spite of do-not-disturb.
    pub allowed: BTreeSet<Handle>,
    /// Whether the second call of one person within the limit `repeat` rings in spite of it.
    pub repeated_callers: bool,
    /// People who never ring. Being allowed does not unblock.
    pub blocked: BTreeSet<Handle>,
    /// The screen is shared or lent: nobody rings at all (CallKit's restricted sharing mode).
    pub restricted: bool,
    /// Apps that are locked or hidden: their calls neither ring nor start.
    pub protected: BTreeSet<AppId>,
    /// What a second call does; `None` until the user chooses, and then it rings.
    pub second_calls: Option<SecondCalls>,
    /// What a second call does in single apps, in place of that.
    pub second_calls_of: BTreeMap<AppId, SecondCalls>,
    /// How much is shown of the calls of single apps; all, where nothing is said.
    pub privacy_of: BTreeMap<AppId, Privacy>,
    /// The rules about callers. The core only keeps them: the call directory decides by them.
    pub callers: CallerRules,
}

impl Default for RingPolicy {
    fn default() -> Self {
        Self {
            do_not_disturb: false,
            do_not_disturb_until: None,
            allowed: BTreeSet::new(),
            repeated_callers: true,
            blocked: BTreeSet::new(),
            restricted: false,
            protected: BTreeSet::new(),
            second_calls: None,
            second_calls_of: BTreeMap::new(),
            privacy_of: BTreeMap::new(),
            callers: CallerRules::default(),
        }
    }
}

/// A change of the user's rules.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RuleChange {
    /// Do-not-disturb is on, for ever or until a time, or off.
    DoNotDisturb {
        /// On.
        on: bool,
        /// When it ends by itself.
        until: Option<Wall>,
    },
    /// Whether someone rings in spite of it.
    Allow(Handle, bool),
    /// Whether someone never rings.
    Block(Handle, bool),
    /// Whether a second call within minutes rings in spite of it.
    RepeatedCallers(bool),
    /// Whether the screen is shared or lent: nobody rings then.
    Restrict(bool),
    /// Whether an app is locked or hidden: its calls neither ring nor start then.
    Protect(AppId, bool),
    /// What a second call does.
    SecondCalls(SecondCalls),
    /// What a second call does in one app; `None` leaves it to the rule for all.
    SecondCallsOf(AppId, Option<SecondCalls>),
    /// How much is shown of the calls of an app.
    Privacy(AppId, Privacy),
    /// Something about the rules for callers.
    Caller(CallerChange),
}

impl RingPolicy {
    /// Whether do-not-disturb is in force.
    #[must_use]
    pub fn is_quiet(&self, now: Wall) -> bool {
        self.do_not_disturb && self.do_not_disturb_until.is_none_or(|until| now < until)
    }

    /// What the user wants a second call of an app to do.
    #[must_use]
    pub fn second_call_in(&self, app: &AppId) -> SecondCalls {
        let own = self.second_calls_of.get(app).copied();
        own.or(self.second_calls).unwrap_or_default()
    }

    /// Whether a caller rings in spite of do-not-disturb. `candidates` are the numbers that the
    /// call directory says the caller may have: a number without country code has no other.
    #[must_use]
    pub fn allows(&self, caller: &Handle, candidates: &[Candidate]) -> bool {
        let is_candidate = |one: &Handle| {
            let number = one.whole_number();
            let mut numbers = candidates.iter().map(|candidate| candidate.number);
            number.is_some_and(|number| numbers.any(|other| other == number))
        };
        has(&self.allowed, caller)
            || (!candidates.is_empty() && self.allowed.iter().any(is_candidate))
    }

    /// Whether a caller never rings, by the form of the address. What a number without country
    /// code means, the call directory knows.
    #[must_use]
    pub fn blocks(&self, caller: &Handle) -> bool {
        has(&self.blocked, caller)
    }

    /// How much the user wants shown of the calls of an app.
    #[must_use]
    pub fn privacy_in(&self, app: &AppId) -> Privacy {
        self.privacy_of.get(app).copied().unwrap_or_default()
    }

    /// The rules after a change.
    #[must_use]
    pub fn after(&self, change: &RuleChange) -> Self {
        let mut next = self.clone();
        match change {
            RuleChange::DoNotDisturb { on, until } => {
                next.do_not_disturb = *on;
                next.do_not_disturb_until = until.filter(|_| *on);
            }
            RuleChange::Allow(handle, on) => put_person(&mut next.allowed, handle, *on),
            RuleChange::Block(handle, on) => put_person(&mut next.blocked, handle, *on),
            RuleChange::RepeatedCallers(on) => next.repeated_callers = *on,
            RuleChange::Restrict(on) => next.restricted = *on,
            RuleChange::Protect(app, on) => put(&mut next.protected, app, *on),
            RuleChange::SecondCalls(rule) => next.second_calls = Some(*rule),
            RuleChange::SecondCallsOf(app, Some(rule)) => {
                next.second_calls_of.insert(app.clone(), *rule);
            }
            RuleChange::SecondCallsOf(app, None) => {
                next.second_calls_of.remove(app);
            }
            RuleChange::Privacy(app, level) => {
                next.privacy_of.insert(app.clone(), *level);
            }
            RuleChange::Caller(change) => next.callers = next.callers.after(change),
        }
        next
    }
}

/// Whether someone is among these, in any spelling.
fn has(people: &BTreeSet<Handle>, one: &Handle) -> bool {
    if people.is_empty() || people.contains(one) {
        return !people.is_empty();
    }
    let one = one.canonical();
    people.iter().any(|other| other.canonical() == one)
}

/// Someone is in the list once, and leaves it in any spelling.
fn put_person(people: &mut BTreeSet<Handle>, one: &Handle, on: bool) {
    if on && !has(people, one) {
        people.insert(one.clone());
    } else if !on {
        people.retain(|other| !other.is_same(one));
    }
}

fn put<T: Clone + Ord>(set: &mut BTreeSet<T>, one: &T, on: bool) {
    if on {
        set.insert(one.clone());
    } else {
        set.remove(one);
    }
}

impl fmt::Debug for RingPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingPolicy")
            .field("do_not_disturb", &self.do_not_disturb)
            .field("allowed", &self.allowed.len())
            .field("repeated_callers", &self.repeated_callers)
            .field("blocked", &self.blocked.len())
            .field("restricted", &self.restricted)
            .field("protected", &self.protected)
            .field("second_calls", &self.second_calls)
            .field("second_calls_of", &self.second_calls_of)
            .field("privacy_of", &self.privacy_of)
            .field("callers", &self.callers)
            .finish_non_exhaustive()
    }
}

word_type!(
    /// Someone who is asked about each incoming call before it rings: a directory, a lookup
    /// service.
    Screener, shown
);

impl Screener {
    /// Longest name, in bytes.
    pub const MAX_LEN: usize = 32;

    /// Keeps a name of small letters, digits and `-`, beginning with a letter.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
        let valid = begins && name.len() <= Self::MAX_LEN && is_plain(name);
        valid.then(|| Self(name.into()))
    }
}

/// What a screener says about an incoming call.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verdict {
    /// Nothing speaks against it.
    Ring,
    /// It may be shown, but not heard.
    Silence,
    /// It must not ring.
    Block,
}

impl Verdict {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Ring, Self::Silence, Self::Block];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Silence => "silence",
            Self::Block => "block",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::HandleKind;

    #[test]
    fn debug_shows_no_address() {
        let ana = Handle::new(HandleKind::PhoneNumber, "+12025550101").expect("valid");
        let policy = RingPolicy {
            blocked: BTreeSet::from([ana]),
            ..RingPolicy::default()
        };
        let text = format!("{policy:?}");
        assert!(text.contains("blocked: 1"), "{text}");
        assert!(!text.contains("5550101"), "{text}");
    }

    #[test]
    fn names_read_back() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::from_name(verdict.name()), Some(verdict));
        }
        assert!(Screener::new("live-lookup").is_some());
        for bad in ["", "9", "Directory", "a b", &"x".repeat(33)] {
            assert!(Screener::new(bad).is_none(), "{bad}");
        }
    }
}
