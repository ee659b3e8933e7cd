//! The call directory of the daemon: what is decided about a caller before the call is reported.
//!
//! # Promises
//!
//! - **DY1** the user's block list counts in any spelling of a number, not only as it was typed.
//! - **DY2** the numbering plans are loaded only if the configuration names a region: they take
//!   some twelve megabytes.
//!
//! # Not here
//!
//! The order of the rules (`hookswitch-directory`), and lists of apps, which join the sources here.

use std::collections::BTreeSet;

use hookswitch_core::{Environment, Report};
use hookswitch_directory::decide::{Caller, Contact, Presented, Source, UserRules, decide};
use hookswitch_directory::number::{self, Spelling};
use hookswitch_model::{
    CallerRules, Candidate, Decision, Formed, Handle, HandleKind, Patch, RingPolicy, Text, Wall,
};
use hookswitch_number::{Identity, Numbers, RegionError};

/// What decisions are made of.
#[derive(Debug, Default)]
pub struct Directory {
    numbers: Option<Numbers>,
    /// The user's block list as it was typed, and as whole numbers.
    own: (BTreeSet<Handle>, BTreeSet<u64>),
}

impl Directory {
    /// For the regions of the user's lines, perhaps none.
    ///
    /// # Errors
    ///
    /// [`RegionError`] when one is not known.
    pub fn new(regions: &[String]) -> Result<Self, RegionError> {
        let numbers = (!regions.is_empty()).then(|| Numbers::new(regions));
        Ok(Self {
            numbers: numbers.transpose()?,
            own: (BTreeSet::new(), BTreeSet::new()),
        })
    }

    /// What the core is told before a report, if the report is of an incoming call and there is
    /// something to decide by.
    pub fn ask(&mut self, report: &Report, policy: &RingPolicy, now: Wall) -> Option<Environment> {
        let Report::Incoming { call, update, .. } = report else {
            return None;
        };
        if policy.blocked.is_empty() {
            // There is nothing to decide by.
            return None;
        }
        let handle = match &update.handle {
            Patch::Set(handle) => Some(handle),
            Patch::Keep | Patch::Clear => None,
        };
        let decision = self.decide(handle, policy, now);
        Some(Environment::Decided {
            call: *call,
            decision: decision.into(),
        })
    }

    fn decide(&mut self, handle: Option<&Handle>, policy: &RingPolicy, now: Wall) -> Decision {
        if self.own.0 != policy.blocked {
            let whole = policy.blocked.iter().flat_map(|handle| {
                let identity = self.identify(Some(handle));
                let short = identity.short.and_then(|short| short.as_str().parse().ok());
                identity
                    .candidates
                    .into_iter()
                    .map(|c| c.number)
                    .chain(short)
            });
            self.own.1 = whole.collect();
            self.own.0.clone_from(&policy.blocked);
        }
        let identity = self.identify(handle);
        let caller = Caller {
            presented: identity.presented,
            candidates: identity.candidates,
            short: identity.short,
            contact: Contact::NoContacts,
            called: None,
        };
        let regions = self
            .numbers
            .as_ref()
            .map_or_else(Vec::new, Numbers::regions);
        let user = UserRules {
            callers: &CallerRules::default(),
            blocked: &self.own.1,
            regions: &regions,
        };
        let sources: [&dyn Source; 0] = [];
        decide(&caller, &user, &sources, now)
    }

    fn identify(&self, handle: Option<&Handle>) -> Identity {
        match &self.numbers {
            Some(numbers) => numbers.identify(handle),
            None => by_hand(handle),
        }
    }
}

/// Without numbering plans only numbers with country code, hidden and short ones are known.
fn by_hand(handle: Option<&Handle>) -> Identity {
    let mut identity = Identity {
        presented: Presented::Number,
        candidates: Vec::new(),
        short: None,
    };
    let is_mail = |handle: &Handle| handle.kind() == HandleKind::EmailAddress;
    if handle.is_some_and(is_mail) {
        identity.presented = Presented::Address;
        return identity;
    }
    match number::read(handle.map_or("", Handle::value)) {
        Spelling::Withheld => identity.presented = Presented::Withheld,
        Spelling::Address => identity.presented = Presented::Address,
        Spelling::International { number, .. } => identity.candidates.push(Candidate {
            number,
            formed: Formed::International,
        }),
        Spelling::National(_) => {}
        Spelling::Short(digits) => identity.short = Text::new(digits).ok(),
    }
    identity
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookswitch_model::Verdict;

    fn phone(number: &str) -> Handle {
        Handle::new(HandleKind::PhoneNumber, number).expect("valid")
    }

    fn verdict(regions: &[&str], blocked: &str, calls: &str) -> Verdict {
        let regions: Vec<String> = regions.iter().map(ToString::to_string).collect();
        let mut directory = Directory::new(&regions).expect("regions");
        let policy = RingPolicy {
            blocked: BTreeSet::from([phone(blocked)]),
            ..RingPolicy::default()
        };
        let decision = directory.decide(Some(&phone(calls)), &policy, Wall::default());
        decision.verdict
    }

    #[test]
    fn the_block_list_counts_in_any_spelling() {
        let table = [
            (
                &[][..],
                "+1 202 555 0101",
                "tel:+12025550101",
                Verdict::Block,
            ),
            (&[], "+1 202 555 0101", "+12025550102", Verdict::Ring),
            (&["GB"], "07911 123456", "+447911123456", Verdict::Block),
            (&["GB"], "+447911123456", "07911123456", Verdict::Block),
            (&["JP"], "+447911123456", "07911123456", Verdict::Ring),
            (&[], "+447911123456", "07911123456", Verdict::Ring),
            (&[], "112", "112", Verdict::Ring),
        ];
        for (regions, blocked, calls, want) in table {
            assert_eq!(verdict(regions, blocked, calls), want, "{blocked} {calls}");
        }
        assert!(Directory::new(&["XX".to_owned()]).is_err());
    }
}
