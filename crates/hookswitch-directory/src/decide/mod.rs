//! The decision about an incoming call: may it ring, what is the caller called, and why.
//!
//! Input: what is known of the caller, the user's rules, the lists. Output: a [`Decision`], plain
//! data that names every rule consulted. Nothing changes here.
//!
//! # The order of the rules
//!
//! Every rule is consulted; the first one that is in force and matches decides.
//!
//! 1. `emergency`: an emergency number always rings.
//! 2. `trusted-contact`: with *trust contacts*, a contact rings.
//! 3. `trusted-called`: with *trust called numbers*, a number that the user has called rings.
//! 4. `own-block`: the user's own block list blocks.
//! 5. `own-exception`: the user's exceptions ring.
//! 6. `called-back`: a number that the user called a short time ago rings.
//! 7. `own-pattern`: the user's patterns block.
//! 8. `list`: each enabled list, in the user's order: one that blocks is enough.
//! 9. `anonymous`: callers who hide their number.
//! 10. `not-in-contacts`: everybody else whom the user does not know.
//!
//! # Promises
//!
//! - **DD1** blocking is the union over the enabled lists; their order decides labels only.
//! - **DD2** a contact or a call made to the number never unblocks it unless the user says so.
//! - **DD3** an emergency number is blocked by nothing.
//! - **DD4** a list that is switched off is not asked; the trace says so.
//! - **DD5** the same input gives the same decision, and the trace alone gives it again.
//!
//! # Not here
//!
//! How numbers are spelled (`number`), how lists are stored, who else is asked (screeners).

mod emergency;
mod memory;
mod own;
mod source;

use core::time::Duration;
use std::collections::BTreeSet;

use hookswitch_model::{
    CallerLabel, CallerRules, Candidate, Decision, DecisionStep, DirectoryRule, Entry, Finding,
    NumberPattern, Text, Verdict, Wall,
};

pub use emergency::is_emergency;
pub use memory::MemoryList;
pub use own::OwnBlocks;
pub use source::Source;

/// How the caller presents itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Presented {
    /// With a phone number.
    Number,
    /// With an address that is no phone number.
    Address,
    /// With nothing: the number is hidden.
    Withheld,
}

/// What the user's contacts say about the caller.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Contact {
    /// There are no contacts to look in, so nothing follows.
    NoContacts,
    /// It is nobody the user knows.
    Unknown,
    /// A contact of this name.
    Known(Text),
}

/// What is known of a caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// How it presents itself.
    pub presented: Presented,
    /// The numbers that it may have, most certain first.
    pub candidates: Vec<Candidate>,
    /// Digits as they came, if they are too few for a number of a person.
    pub short: Option<Text>,
    /// What it presents, in the form in which addresses are compared
    /// ([`crate::number::comparable`]), if that is no number with a country code.
    pub address: Option<Text>,
    /// What the contacts say.
    pub contact: Contact,
    /// When the user called it last.
    pub called: Option<Wall>,
}

/// The user's side of a decision.
#[derive(Clone, Copy, Debug)]
pub struct UserRules<'a> {
    /// Patterns and switches.
    pub callers: &'a CallerRules,
    /// The user's own block list.
    pub blocked: &'a OwnBlocks,
    /// The regions of the user's lines (ISO 3166).
    pub regions: &'a [[u8; 2]],
}

/// Decides about a call.
#[must_use]
pub fn decide<S: Source + ?Sized>(
    caller: &Caller,
    user: &UserRules<'_>,
    sources: &[&S],
    now: Wall,
) -> Decision {
    let mut ordered: Vec<&S> = sources.to_vec();
    ordered.sort_by_key(|source| source.order());
    let mut steps = Vec::with_capacity(9 + ordered.len());
    steps.extend(own_steps(caller, user, now));
    steps.extend(ordered.iter().map(|source| list_step(caller, *source)));
    steps.extend(general_steps(caller, user.callers));
    let mut decision = Decision {
        verdict: Verdict::Ring,
        decided_by: None,
        steps,
        candidates: caller.candidates.clone(),
        labels: labels(caller, &ordered),
        at: now,
    };
    (decision.verdict, decision.decided_by) = decision.replay();
    decision
}

/// The rules that stand above the lists.
fn own_steps(caller: &Caller, user: &UserRules<'_>, now: Wall) -> [DecisionStep; 7] {
    use DirectoryRule as R;
    let rules = user.callers;
    let called = caller.called.map(Entry::Called);
    let recent = caller
        .called
        .filter(|at| is_recent(*at, now, rules.call_back));
    [
        step(R::Emergency, true, emergency(caller, user.regions)),
        step(R::TrustedContact, rules.trust_contacts, contact(caller)),
        step(R::TrustedCalled, rules.trust_called, called),
        step(R::OwnBlock, true, user.blocked.find(caller)),
        step(R::OwnException, true, pattern(caller, &rules.exceptions)),
        step(
            R::CalledBack,
            !rules.call_back.is_zero(),
            recent.map(Entry::Called),
        ),
        step(R::OwnPattern, true, pattern(caller, &rules.blocked)),
    ]
}

/// The rules that stand below the lists.
fn general_steps(caller: &Caller, rules: &CallerRules) -> [DecisionStep; 2] {
    use DirectoryRule as R;
    let withheld = (caller.presented == Presented::Withheld).then_some(Entry::Absent);
    let unknown = (caller.contact == Contact::Unknown).then_some(Entry::Absent);
    [
        step(R::Anonymous, rules.block_anonymous, withheld),
        step(R::NotInContacts, rules.block_unknown, unknown),
    ]
}

fn step(rule: DirectoryRule, in_force: bool, found: Option<Entry>) -> DecisionStep {
    DecisionStep {
        rule,
        list: None,
        in_force,
        finding: found.map_or(Finding::Nothing, Finding::Match),
    }
}

fn list_step<S: Source + ?Sized>(caller: &Caller, source: &S) -> DecisionStep {
    let in_force = source.is_enabled();
    let finding = if in_force {
        let mut numbers = caller.candidates.iter().map(|c| c.number);
        let found = numbers.find(|number| source.blocks(*number));
        found.map_or(Finding::Nothing, |n| Finding::Match(Entry::Number(n)))
    } else {
        Finding::NotAsked
    };
    DecisionStep {
        rule: DirectoryRule::List,
        list: Some(source::stamp(source)),
        in_force,
        finding,
    }
}

fn emergency(caller: &Caller, regions: &[[u8; 2]]) -> Option<Entry> {
    let short = caller.short.as_ref()?;
    is_emergency(short.as_str(), regions).then(|| Entry::Short(short.clone()))
}

fn contact(caller: &Caller) -> Option<Entry> {
    match &caller.contact {
        Contact::Known(name) => Some(Entry::Contact(name.clone())),
        Contact::NoContacts | Contact::Unknown => None,
    }
}

/// The first pattern that fits, for the most certain number that any fits.
fn pattern(caller: &Caller, patterns: &BTreeSet<NumberPattern>) -> Option<Entry> {
    let numbers = caller.candidates.iter().map(|c| c.number);
    let fits = |number| patterns.iter().find(|p| p.matches(number));
    numbers.filter_map(fits).next().map(|p| Entry::Pattern(*p))
}

/// Whether a call was made less than a time ago. One from the future counts: the wall clock may
/// have been set back.
fn is_recent(called: Wall, now: Wall, within: Duration) -> bool {
    let ago = now.as_millis().saturating_sub(called.as_millis());
    u128::try_from(ago).map_or(true, |ago| ago <= within.as_millis())
}

/// A contact's name first, then the labels of each enabled list in the user's order.
fn labels<S: Source + ?Sized>(caller: &Caller, ordered: &[&S]) -> Vec<CallerLabel> {
    let mut out = Vec::new();
    if let Contact::Known(name) = &caller.contact {
        out.push(CallerLabel {
            text: name.clone(),
            list: None,
        });
    }
    for source in ordered.iter().filter(|source| source.is_enabled()) {
        for candidate in &caller.candidates {
            source.labels(candidate.number, &mut |text| {
                if let Ok(text) = Text::cut(text) {
                    out.push(CallerLabel {
                        text,
                        list: Some(source::stamp(*source)),
                    });
                }
            });
        }
    }
    out
}
