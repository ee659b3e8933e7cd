//! The decision of the call directory as people read it: what was consulted, and which rule
//! decided.

use hookswitch_model::{Decision, DecisionStep, Entry, Finding, Formed, Verdict};
use serde::{Deserialize, Serialize};

use super::why;

/// A decision with its words.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DecisionView {
    /// `ring`, `block`, or `not-rung`: nothing blocks it, and another rule of the user keeps it
    /// from ringing now.
    pub verdict: String,
    /// One sentence.
    pub headline: String,
    /// The name of the rule that decided; none if nothing speaks against the call.
    pub rule: Option<String>,
    /// For a rule of a list: the list.
    pub list: Option<String>,
    /// When it was decided, in milliseconds since 1970.
    pub at: i64,
    /// The numbers that the caller may have.
    pub candidates: Vec<CandidateView>,
    /// Everything that was consulted, in order.
    pub steps: Vec<StepView>,
    /// The names for the caller, the one that is shown first.
    pub labels: Vec<LabelView>,
    /// What keeps lists from knowing the caller: it is no number, or has no country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One number that the caller may have.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CandidateView {
    /// With plus sign.
    pub number: String,
    /// How it was made.
    pub formed: String,
}

/// One thing consulted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct StepView {
    /// The name of the rule.
    pub rule: String,
    /// What people call the rule.
    #[serde(default)]
    pub title: String,
    /// What came of it, in two or three words.
    #[serde(default)]
    pub badge: String,
    /// The list, for a rule of a list.
    pub list: Option<String>,
    /// The number of the load that the list is of.
    pub generation: Option<u64>,
    /// When the list was loaded, in milliseconds since 1970.
    pub loaded: Option<i64>,
    /// Whether it is switched on.
    pub in_force: bool,
    /// Whether it matches.
    pub matches: bool,
    /// Whether it decided.
    pub decided: bool,
    /// What it found, as a sentence.
    pub sentence: String,
}

/// One name for the caller.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LabelView {
    /// The name.
    pub text: String,
    /// The list; none for a contact.
    pub list: Option<String>,
}

/// Says a decision in words.
#[must_use]
pub fn decision_view(decision: &Decision) -> DecisionView {
    let steps = decision.steps.iter().enumerate();
    let decisive = decision.decisive();
    DecisionView {
        verdict: decision.verdict.name().to_owned(),
        headline: headline(decision),
        rule: decisive.map(|step| step.rule.name().to_owned()),
        list: decisive.and_then(list_name).map(str::to_owned),
        at: decision.at.as_millis(),
        candidates: decision.candidates.iter().map(candidate).collect(),
        steps: steps
            .map(|(at, step)| step_view(step, decision.decided_by == Some(at)))
            .collect(),
        labels: decision
            .labels
            .iter()
            .map(|label| LabelView {
                text: label.text.as_str().to_owned(),
                list: label.list.as_ref().map(|l| l.name.as_str().to_owned()),
            })
            .collect(),
        note: None,
    }
}

/// What else keeps a call from ringing now, beside the call directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outlook {
    /// The screen is shared or lent.
    Restricted,
    /// Do-not-disturb is on, and the caller is not allowed.
    Quiet {
        /// A second call within minutes rings.
        repeats: bool,
    },
}

/// A decision to ring with what keeps the call from it; one to block stays as it is.
#[must_use]
pub fn with_outlook(mut view: DecisionView, outlook: Outlook) -> DecisionView {
    if view.verdict != Verdict::Ring.name() {
        return view;
    }
    let (rule, title, sentence) = match outlook {
        Outlook::Restricted => (
            "restricted",
            why::RESTRICTED_TITLE,
            why::RESTRICTED.to_owned(),
        ),
        Outlook::Quiet { repeats } => ("do-not-disturb", why::QUIET_TITLE, why::quiet(repeats)),
    };
    for step in &mut view.steps {
        step.decided = false;
    }
    view.headline = why::not_rung(&sentence);
    view.steps.push(StepView {
        rule: rule.to_owned(),
        title: title.to_owned(),
        badge: why::DECIDED.to_owned(),
        list: None,
        generation: None,
        loaded: None,
        in_force: true,
        matches: true,
        decided: true,
        sentence,
    });
    view.verdict = "not-rung".to_owned();
    view.rule = Some(rule.to_owned());
    view.list = None;
    view
}

/// The sentence of a decision that a rule has made; none if nothing spoke against the call.
pub(super) fn why(decision: &Decision) -> Option<String> {
    decision.decisive().map(|_| headline(decision))
}

fn headline(decision: &Decision) -> String {
    let Some(step) = decision.decisive() else {
        return why::NOTHING_AGAINST.to_owned();
    };
    let mut out = why::headline(decision.verdict, &sentence(step));
    if let Some(other) = decision.overridden() {
        out.push(' ');
        out.push_str(&why::overridden(&sentence(other)));
    }
    out
}

fn candidate(candidate: &hookswitch_model::Candidate) -> CandidateView {
    CandidateView {
        number: format!("+{}", candidate.number),
        formed: match candidate.formed {
            Formed::International => why::AS_RECEIVED.to_owned(),
            Formed::National(region) => why::as_of(&String::from_utf8_lossy(&region)),
            Formed::WithoutTrunk => why::WITHOUT_TRUNK.to_owned(),
        },
    }
}

fn step_view(step: &DecisionStep, decided: bool) -> StepView {
    let loaded = step.list.as_ref().and_then(|list| list.loaded);
    StepView {
        rule: step.rule.name().to_owned(),
        title: why::title(step.rule, list_name(step).unwrap_or_default()),
        badge: why::badge(step, decided).to_owned(),
        list: list_name(step).map(str::to_owned),
        generation: step.list.as_ref().map(|list| list.generation),
        loaded: loaded.map(|at| at.as_millis()),
        in_force: step.in_force,
        matches: matches!(step.finding, Finding::Match(_)),
        decided,
        sentence: sentence(step),
    }
}

fn list_name(step: &DecisionStep) -> Option<&str> {
    step.list.as_ref().map(|list| list.name.as_str())
}

fn sentence(step: &DecisionStep) -> String {
    let list = list_name(step).unwrap_or_default();
    match &step.finding {
        Finding::NotAsked => why::not_asked(list),
        Finding::Nothing => why::nothing(step.rule, list),
        Finding::Match(entry) => why::matched(step.rule, step.in_force, list, &entry_text(entry)),
    }
}

fn entry_text(entry: &Entry) -> String {
    match entry {
        Entry::Number(number) => format!("+{number}"),
        Entry::Pattern(pattern) => pattern.to_string(),
        Entry::Contact(name) => name.as_str().to_owned(),
        Entry::Short(text) | Entry::Address(text) => text.as_str().to_owned(),
        Entry::Called(_) | Entry::Absent => String::new(),
    }
}
