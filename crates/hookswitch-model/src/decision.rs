//! Why an incoming call may ring or not: the decision of the call directory, as plain data.
//!
//! A [`Decision`] names every rule that was consulted, in order, and which of them decided. It
//! holds no words for people; those are made where it is shown.
//!
//! # Promises
//!
//! - **DN1** the first step that is in force and matches decides; [`Decision::replay`] finds the
//!   same step again from the steps alone.
//! - **DN2** `Debug` shows no number, name or label.

use core::fmt;

use crate::pattern::NumberPattern;
use crate::policy::Verdict;
use crate::text::Text;
use crate::time::Wall;

/// One question of the decision. The order of [`DirectoryRule::ALL`] is the order in which they
/// decide.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DirectoryRule {
    /// The number of an emergency service is never blocked.
    Emergency,
    /// The user trusts contacts, and the caller is one.
    TrustedContact,
    /// The user trusts numbers that were called, and has called this one.
    TrustedCalled,
    /// The number is in the user's own block list.
    OwnBlock,
    /// The number is among the user's exceptions.
    OwnException,
    /// The user has called this number a short time ago.
    CalledBack,
    /// The number fits a pattern that the user blocks.
    OwnPattern,
    /// A list blocks the number. One step for each list.
    List,
    /// The user blocks callers who hide their number.
    Anonymous,
    /// The user blocks callers who are not in the contacts.
    NotInContacts,
}

impl DirectoryRule {
    /// All of them, in the order in which they decide.
    pub const ALL: [Self; 10] = [
        Self::Emergency,
        Self::TrustedContact,
        Self::TrustedCalled,
        Self::OwnBlock,
        Self::OwnException,
        Self::CalledBack,
        Self::OwnPattern,
        Self::List,
        Self::Anonymous,
        Self::NotInContacts,
    ];

    /// The name used on every wire and in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::TrustedContact => "trusted-contact",
            Self::TrustedCalled => "trusted-called",
            Self::OwnBlock => "own-block",
            Self::OwnException => "own-exception",
            Self::CalledBack => "called-back",
            Self::OwnPattern => "own-pattern",
            Self::List => "list",
            Self::Anonymous => "anonymous",
            Self::NotInContacts => "not-in-contacts",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// What follows when it decides.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Emergency
            | Self::TrustedContact
            | Self::TrustedCalled
            | Self::OwnException
            | Self::CalledBack => Verdict::Ring,
            Self::OwnBlock
            | Self::OwnPattern
            | Self::List
            | Self::Anonymous
            | Self::NotInContacts => Verdict::Block,
        }
    }
}

/// How a number was made from what the app reported.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Formed {
    /// It came with its country code.
    International,
    /// It was completed as a number of this region (ISO 3166, two letters).
    National([u8; 2]),
    /// A trunk zero behind the country code was left out, as in `+44 (0) 7911 …`.
    WithoutTrunk,
}

/// One number that the caller may have.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Candidate {
    /// Country code and national number as one number.
    pub number: u64,
    /// How it was made.
    pub formed: Formed,
}

/// What a rule found.
#[derive(Clone, Eq, PartialEq)]
pub enum Finding {
    /// It was not asked: its list is switched off.
    NotAsked,
    /// It does not match.
    Nothing,
    /// It matches.
    Match(Entry),
}

/// What matched.
#[derive(Clone, Eq, PartialEq)]
pub enum Entry {
    /// An exact number.
    Number(u64),
    /// One of the user's patterns.
    Pattern(NumberPattern),
    /// A contact.
    Contact(Text),
    /// A call to this number, and when.
    Called(Wall),
    /// A short number, as it was sent.
    Short(Text),
    /// An address that is no number with a country code, in the form in which such are compared.
    Address(Text),
    /// That there is no number, or no contact.
    Absent,
}

/// The list that a step or a label is about, as it was at that moment.
#[derive(Clone, Eq, PartialEq)]
pub struct ListStamp {
    /// Its name.
    pub name: Text,
    /// The number of the load that made it what it is.
    pub generation: u64,
    /// When that was.
    pub loaded: Option<Wall>,
}

/// One rule that was consulted.
#[derive(Clone, Eq, PartialEq)]
pub struct DecisionStep {
    /// Which.
    pub rule: DirectoryRule,
    /// For a list: which.
    pub list: Option<ListStamp>,
    /// Whether it may decide: the user has it switched on.
    pub in_force: bool,
    /// What it found.
    pub finding: Finding,
}

impl DecisionStep {
    /// Whether it decides when nothing before it did.
    #[must_use]
    pub fn decides(&self) -> bool {
        self.in_force && matches!(self.finding, Finding::Match(_))
    }
}

/// One name for the caller, and who gives it.
#[derive(Clone, Eq, PartialEq)]
pub struct CallerLabel {
    /// The name.
    pub text: Text,
    /// The list; none for a contact.
    pub list: Option<ListStamp>,
}

/// What was decided about an incoming call, and why.
#[derive(Clone, Eq, PartialEq)]
pub struct Decision {
    /// Ring or block.
    pub verdict: Verdict,
    /// The step that decided; none if nothing speaks against the call.
    pub decided_by: Option<usize>,
    /// What was consulted, in order.
    pub steps: Vec<DecisionStep>,
    /// The numbers that the caller may have, most certain first.
    pub candidates: Vec<Candidate>,
    /// The names for the caller, the one to be shown first.
    pub labels: Vec<CallerLabel>,
    /// When it was made.
    pub at: Wall,
}

impl Decision {
    /// Decides again from the steps alone: the verdict and the step.
    #[must_use]
    pub fn replay(&self) -> (Verdict, Option<usize>) {
        let step = self.steps.iter().position(DecisionStep::decides);
        let verdict = step.map_or(Verdict::Ring, |at| self.steps[at].rule.verdict());
        (verdict, step)
    }

    /// The step that decided.
    #[must_use]
    pub fn decisive(&self) -> Option<&DecisionStep> {
        self.decided_by.and_then(|at| self.steps.get(at))
    }

    /// The name to be shown.
    #[must_use]
    pub fn label(&self) -> Option<&CallerLabel> {
        self.labels.first()
    }

    /// Whether a rule that decided nothing would have blocked the call.
    #[must_use]
    pub fn overridden(&self) -> Option<&DecisionStep> {
        let rings = self.verdict != Verdict::Block;
        let mut later = self.steps.iter().filter(|step| step.decides());
        later.find(|step| rings && step.rule.verdict() == Verdict::Block)
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Candidate({:?})", self.formed)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => f.write_str("not-asked"),
            Self::Nothing => f.write_str("nothing"),
            Self::Match(entry) => write!(f, "match({entry:?})"),
        }
    }
}

impl Entry {
    /// What kind of thing matched, as it is named on every wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Pattern(_) => "pattern",
            Self::Contact(_) => "contact",
            Self::Called(_) => "called",
            Self::Short(_) => "short",
            Self::Address(_) => "address",
            Self::Absent => "absent",
        }
    }
}

impl fmt::Debug for ListStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ListStamp({})", self.generation)
    }
}

impl fmt::Debug for DecisionStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let force = if self.in_force { "" } else { " off" };
        write!(f, "{}{force} {:?}", self.rule.name(), self.finding)
    }
}

impl fmt::Debug for CallerLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerLabel")
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.decisive().map_or("nothing", |step| step.rule.name());
        write!(f, "Decision({} by {by})", self.verdict.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_debug_tells_nothing() {
        for rule in DirectoryRule::ALL {
            assert_eq!(DirectoryRule::from_name(rule.name()), Some(rule));
        }
        let step = DecisionStep {
            rule: DirectoryRule::OwnBlock,
            list: None,
            in_force: true,
            finding: Finding::Match(Entry::Number(12_025_550_101)),
        };
        let decision = Decision {
            verdict: Verdict::Block,
            decided_by: Some(0),
            steps: vec![step],
            candidates: Vec::new(),
            labels: Vec::new(),
            at: Wall::default(),
        };
        assert_eq!(format!("{decision:?}"), "Decision(block by own-block)");
        assert_eq!(format!("{:?}", decision.steps), "[own-block match(number)]");
        assert_eq!(decision.replay(), (Verdict::Block, Some(0)));
    }
}
