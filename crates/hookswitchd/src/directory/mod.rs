//! The call directory of the daemon: what is decided about a caller before the call is reported,
//! and the lists that it is decided by.
//!
//! # Promises
//!
//! - **DY1** the user's block list counts in any spelling of a number or address, not only as it
//!   was typed; and who is taken out of it is out of it in all spellings.
//! - **DY2** the numbering plans are loaded only if the configuration names a region: they take
//!   some twelve megabytes.
//! - **DY3** a decision waits for nothing: it reads the lists as they were published last.
//! - **DY4** the same question gives the same answer whether a call asks it or a person does.
//!
//! # Not here
//!
//! The order of the rules (`hookswitch-directory`), the files of the lists
//! (`hookswitch-directory-store`).

mod called;
mod contacts;
mod desk;
mod faults;
mod import;
mod keeper;
mod loads;
mod shelf;

use std::collections::BTreeSet;
use std::sync::Arc;

use hookswitch_bus::RecentsPages;
use hookswitch_core::{Environment, Report};
use hookswitch_directory::decide::{
    Caller, Contact, OwnBlocks, Presented, Source, UserRules, decide,
};
use hookswitch_directory_store::Listed;
use hookswitch_model::{CallerRules, Decision, Handle, Patch, RingPolicy, RuleChange, Text, Wall};
use hookswitch_number::{Identity, Numbers, RegionError};
use hookswitch_wire::dbus::WhatIf;
use hookswitch_wire::view::{DecisionView, Outlook, decision_view, why, with_outlook};
use tokio::sync::watch;

pub use contacts::follow as follow_contacts;
pub use desk::start as start_desk;
pub use keeper::{Lists, start};

use called::Called;
use shelf::Views;

/// What decisions are made of.
#[derive(Debug)]
pub struct Directory {
    numbers: Option<Numbers>,
    own: Own,
    called: Called,
    lists: watch::Receiver<Arc<Views>>,
}

/// The user's block list.
#[derive(Debug, Default)]
struct Own {
    /// As it was typed.
    typed: BTreeSet<Handle>,
    /// As it is compared.
    blocks: OwnBlocks,
}

impl Default for Directory {
    /// Without regions and lists.
    fn default() -> Self {
        Self {
            numbers: None,
            own: Own::default(),
            called: Called::default(),
            lists: watch::channel(Arc::default()).1,
        }
    }
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
            ..Self::default()
        })
    }

    /// With lists.
    #[must_use]
    pub fn with_lists(mut self, lists: watch::Receiver<Arc<Views>>) -> Self {
        self.lists = lists;
        self
    }

    /// With the calls that were, among them those that the user made.
    #[must_use]
    pub fn with_recents(mut self, recents: watch::Receiver<Arc<RecentsPages>>) -> Self {
        self.called = Called::new(recents);
        self
    }

    /// Whether anything can decide about a call.
    fn is_idle(&self, policy: &RingPolicy) -> bool {
        let views = self.lists.borrow();
        let is_on = views.contacts.is_some() || views.lists.iter().any(|list| list.is_enabled);
        let is_empty = policy.blocked.is_empty() && policy.allowed.is_empty();
        is_empty && policy.callers == CallerRules::default() && !is_on
    }

    /// What the core is told before a report, if the report says who calls and there is something
    /// to decide by. Of other calls than incoming ones the core forgets it.
    pub fn ask(&mut self, report: &Report, policy: &RingPolicy, now: Wall) -> Option<Environment> {
        let is_update = matches!(report, Report::Updated { .. });
        let (Report::Incoming { call, update, .. } | Report::Updated { call, update }) = report
        else {
            return None;
        };
        if self.is_idle(policy) {
            return None;
        }
        let handle = match &update.handle {
            Patch::Set(handle) => Some(handle),
            Patch::Keep if is_update => return None,
            Patch::Keep | Patch::Clear => None,
        };
        let what = WhatIf::default();
        let decision = self.decide(handle, policy, &what, now);
        Some(Environment::Decided {
            call: *call,
            decision: decision.into(),
        })
    }

    /// What would be decided about a call, in words.
    pub fn explain(
        &mut self,
        handle: Option<&Handle>,
        policy: &RingPolicy,
        what: &WhatIf,
        now: Wall,
    ) -> DecisionView {
        let at = what.at.unwrap_or(now);
        let decision = self.decide(handle, policy, what, at);
        let mut view = decision_view(&decision);
        view.note = self.note(handle, &decision).map(str::to_owned);
        match outlook(handle, policy, &decision, at) {
            Some(outlook) => with_outlook(view, outlook),
            None => view,
        }
    }

    /// What keeps lists from knowing the caller.
    fn note(&self, handle: Option<&Handle>, decision: &Decision) -> Option<&'static str> {
        let handle = handle?;
        let identity = self.identify(Some(handle));
        if !decision.candidates.is_empty() || identity.short.is_some() {
            return None;
        }
        match (identity.presented, &self.numbers) {
            (Presented::Number, None) => Some(why::NO_CODE),
            (Presented::Number, Some(_)) | (Presented::Address, _) => Some(why::NO_NUMBER),
            (Presented::Withheld, _) => None,
        }
    }

    fn decide(
        &mut self,
        handle: Option<&Handle>,
        policy: &RingPolicy,
        what: &WhatIf,
        now: Wall,
    ) -> Decision {
        if self.own.typed != policy.blocked {
            self.own = Own {
                typed: policy.blocked.clone(),
                blocks: self.blocks(&policy.blocked),
            };
        }
        let identity = self.identify(handle);
        let views = self.lists.borrow().clone();
        let contact = match &what.contact {
            Some(name) => Contact::Known(name.clone()),
            None => contact(views.contacts.as_ref(), &identity),
        };
        let numbers = &self.numbers;
        self.called
            .refresh(|handle| identify(numbers.as_ref(), Some(handle)));
        let called = self.called.last(&identity);
        let caller = Caller {
            presented: identity.presented,
            candidates: identity.candidates,
            short: identity.short,
            address: identity.address,
            contact,
            called: what.called.or(called),
        };
        let regions = self
            .numbers
            .as_ref()
            .map_or_else(Vec::new, Numbers::regions);
        let user = UserRules {
            callers: &policy.callers,
            blocked: &self.own.blocks,
            regions: &regions,
        };
        let sources: Vec<&dyn Source> = views.lists.iter().map(|list| list as _).collect();
        decide(&caller, &user, &sources, now)
    }

    /// A change of the rules with the number that is meant: a national one that can be but one
    /// number of the user's regions is kept with its country code.
    pub fn understood(&self, change: RuleChange) -> RuleChange {
        match change {
            RuleChange::Allow(who, on) => RuleChange::Allow(self.whole_of(who), on),
            RuleChange::DoNotDisturb { .. }
            | RuleChange::Block(..)
            | RuleChange::RepeatedCallers(_)
            | RuleChange::Restrict(_)
            | RuleChange::Protect(..)
            | RuleChange::SecondCalls(_)
            | RuleChange::SecondCallsOf(..)
            | RuleChange::Privacy(..)
            | RuleChange::Caller(_) => change,
        }
    }

    fn whole_of(&self, handle: Handle) -> Handle {
        match &self.numbers {
            Some(numbers) => numbers.whole_handle(handle),
            None => handle,
        }
    }

    fn blocks<'h>(&self, handles: impl IntoIterator<Item = &'h Handle>) -> OwnBlocks {
        let mut blocks = OwnBlocks::default();
        for handle in handles {
            self.identify(Some(handle)).block_in(&mut blocks);
        }
        blocks
    }

    /// Everybody in the user's block list who is the same as this one, as they were typed.
    pub fn same_in(&self, blocked: &BTreeSet<Handle>, handle: &Handle) -> Vec<Handle> {
        let wanted = self.blocks([handle]);
        let same = blocked
            .iter()
            .filter(|other| self.blocks([*other]).meets(&wanted));
        same.cloned().collect()
    }

    fn identify(&self, handle: Option<&Handle>) -> Identity {
        identify(self.numbers.as_ref(), handle)
    }
}

/// Who it is, by the user's contacts: the first name of the most certain number that has one.
fn contact(contacts: Option<&Listed>, identity: &Identity) -> Contact {
    let Some(contacts) = contacts else {
        return Contact::NoContacts;
    };
    for number in identity.candidates.iter().map(|candidate| candidate.number) {
        let mut name = None;
        contacts.labels(number, &mut |text| {
            name = name.take().or_else(|| Text::cut(text).ok());
        });
        if let Some(name) = name {
            return Contact::Known(name);
        }
    }
    Contact::Unknown
}

/// What else keeps a call from ringing, as the core will decide it.
fn outlook(
    handle: Option<&Handle>,
    policy: &RingPolicy,
    decision: &Decision,
    at: Wall,
) -> Option<Outlook> {
    let is_allowed = handle.is_some_and(|handle| policy.allows(handle, &decision.candidates));
    if policy.restricted {
        Some(Outlook::Restricted)
    } else if policy.is_quiet(at) && !is_allowed {
        let repeats = policy.repeated_callers && handle.is_some();
        Some(Outlook::Quiet { repeats })
    } else {
        None
    }
}

fn identify(numbers: Option<&Numbers>, handle: Option<&Handle>) -> Identity {
    match numbers {
        Some(numbers) => numbers.identify(handle),
        None => Identity::by_hand(handle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookswitch_model::{HandleKind, Verdict};

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
        let (what, now) = (WhatIf::default(), Wall::default());
        let decision = directory.decide(Some(&phone(calls)), &policy, &what, now);
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
            (&[], "7042", "sip:7042", Verdict::Block),
            (&[], "+44 (0)20 7946 0000", "+442079460000", Verdict::Block),
            (&[], "+442079460000", "+4402079460000", Verdict::Block),
            (&[], "07911 123456", "07911123456", Verdict::Block),
            (
                &[],
                "ana@example.org",
                "sip:Ana@Example.org",
                Verdict::Block,
            ),
            (&[], "ana@example.org", "ana@example.com", Verdict::Ring),
        ];
        for (regions, blocked, calls, want) in table {
            assert_eq!(verdict(regions, blocked, calls), want, "{blocked} {calls}");
        }
        assert!(Directory::new(&["XX".to_owned()]).is_err());
    }

    #[test]
    fn all_spellings_of_one_who_is_blocked_are_known() {
        let directory = Directory::new(&["GB".to_owned()]).expect("a region");
        let typed = [
            "+44 7911 123456",
            "07911123456",
            "+447911123457",
            "sip:ana@example.org",
        ];
        let blocked: BTreeSet<Handle> = typed.map(phone).into();
        let same = |text: &str| directory.same_in(&blocked, &phone(text)).len();
        assert_eq!(same("07911 123 456"), 2);
        assert_eq!(same("tel:+447911123457"), 1);
        assert_eq!(same("ANA@example.org"), 1);
        assert_eq!(same("+447911123458"), 0);
    }
}
