//! The decision about a call as it is kept with its record.
//!
//! Version 1. Short names: up to 2,000 blocked calls keep one each. Impossible values make the
//! whole decision unreadable; its record stays.

use hookswitch_model::{
    CallerLabel, Candidate, Decision, DecisionStep, DirectoryRule, Entry, Finding, Formed,
    ListStamp, NumberPattern, Text, Wall,
};
use serde::{Deserialize, Serialize};

/// Most names that are kept of a caller.
const LABELS_MAX: usize = 16;

/// A decision, kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptDecision {
    at: i64,
    steps: Vec<Step>,
    candidates: Vec<(u64, String)>,
    lists: Vec<(String, u64, Option<i64>)>,
    labels: Vec<(String, Option<usize>)>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Step {
    rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list: Option<usize>,
    on: bool,
    found: Found,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Found {
    NotAsked,
    Nothing,
    Number(u64),
    Pattern(String),
    Contact(String),
    Called(i64),
    Short(String),
    Address(String),
    Absent,
}

impl From<&Decision> for KeptDecision {
    fn from(decision: &Decision) -> Self {
        let mut lists = Vec::new();
        let steps = decision.steps.iter().map(|step| Step {
            rule: step.rule.name().to_owned(),
            list: step.list.as_ref().map(|list| place(&mut lists, list)),
            on: step.in_force,
            found: found(&step.finding),
        });
        let steps = steps.collect();
        let labels = decision.labels.iter().take(LABELS_MAX).map(|label| {
            let list = label.list.as_ref().map(|list| place(&mut lists, list));
            (label.text.as_str().to_owned(), list)
        });
        let labels = labels.collect();
        let candidates = decision.candidates.iter();
        Self {
            at: decision.at.as_millis(),
            steps,
            candidates: candidates.map(|c| (c.number, formed(c.formed))).collect(),
            lists,
            labels,
        }
    }
}

impl KeptDecision {
    /// Reads it back; nothing if any part of it is not valid. The verdict follows from the steps.
    #[must_use]
    pub fn read(&self) -> Option<Decision> {
        let lists: Vec<ListStamp> = self.lists.iter().map(read_list).collect::<Option<_>>()?;
        let steps = self.steps.iter().map(|step| {
            Some(DecisionStep {
                rule: DirectoryRule::from_name(&step.rule)?,
                list: read_place(&lists, step.list)?,
                in_force: step.on,
                finding: read_found(&step.found)?,
            })
        });
        let labels = self.labels.iter().map(|(text, list)| {
            Some(CallerLabel {
                text: Text::new(text).ok()?,
                list: read_place(&lists, *list)?,
            })
        });
        let candidates = self.candidates.iter().map(|(number, formed)| {
            Some(Candidate {
                number: *number,
                formed: read_formed(formed)?,
            })
        });
        let mut decision = Decision {
            verdict: hookswitch_model::Verdict::Ring,
            decided_by: None,
            steps: steps.collect::<Option<_>>()?,
            candidates: candidates.collect::<Option<_>>()?,
            labels: labels.collect::<Option<_>>()?,
            at: Wall::from_millis(self.at),
        };
        (decision.verdict, decision.decided_by) = decision.replay();
        Some(decision)
    }
}

type Kept = (String, u64, Option<i64>);

/// Where a list stands; it is put there if it is new.
fn place(lists: &mut Vec<Kept>, list: &ListStamp) -> usize {
    let kept = (
        list.name.as_str().to_owned(),
        list.generation,
        list.loaded.map(Wall::as_millis),
    );
    let known = lists.iter().position(|known| *known == kept);
    known.unwrap_or_else(|| {
        lists.push(kept);
        lists.len() - 1
    })
}

fn read_place(lists: &[ListStamp], place: Option<usize>) -> Option<Option<ListStamp>> {
    match place {
        None => Some(None),
        Some(place) => lists.get(place).cloned().map(Some),
    }
}

fn read_list((name, generation, loaded): &Kept) -> Option<ListStamp> {
    Some(ListStamp {
        name: Text::new(name).ok()?,
        generation: *generation,
        loaded: loaded.map(Wall::from_millis),
    })
}

fn found(finding: &Finding) -> Found {
    match finding {
        Finding::NotAsked => Found::NotAsked,
        Finding::Nothing => Found::Nothing,
        Finding::Match(entry) => match entry {
            Entry::Number(number) => Found::Number(*number),
            Entry::Pattern(pattern) => Found::Pattern(pattern.to_string()),
            Entry::Contact(name) => Found::Contact(name.as_str().to_owned()),
            Entry::Called(at) => Found::Called(at.as_millis()),
            Entry::Short(digits) => Found::Short(digits.as_str().to_owned()),
            Entry::Address(address) => Found::Address(address.as_str().to_owned()),
            Entry::Absent => Found::Absent,
        },
    }
}

fn read_found(found: &Found) -> Option<Finding> {
    let entry = match found {
        Found::NotAsked => return Some(Finding::NotAsked),
        Found::Nothing => return Some(Finding::Nothing),
        Found::Number(number) => Entry::Number(*number),
        Found::Pattern(text) => Entry::Pattern(NumberPattern::parse(text).ok()?),
        Found::Contact(name) => Entry::Contact(Text::new(name).ok()?),
        Found::Called(at) => Entry::Called(Wall::from_millis(*at)),
        Found::Short(digits) => Entry::Short(Text::new(digits).ok()?),
        Found::Address(address) => Entry::Address(Text::new(address).ok()?),
        Found::Absent => Entry::Absent,
    };
    Some(Finding::Match(entry))
}

fn formed(formed: Formed) -> String {
    match formed {
        Formed::International => "international".to_owned(),
        Formed::WithoutTrunk => "without-trunk".to_owned(),
        Formed::National(region) => String::from_utf8_lossy(&region).into_owned(),
    }
}

fn read_formed(text: &str) -> Option<Formed> {
    match text {
        "international" => Some(Formed::International),
        "without-trunk" => Some(Formed::WithoutTrunk),
        region => Some(Formed::National(region.as_bytes().try_into().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_reads_back_with_everything_that_was_consulted() {
        let stamp = ListStamp {
            name: Text::new("Spam").unwrap(),
            generation: 3,
            loaded: Some(Wall::from_millis(9)),
        };
        let pattern = NumberPattern::parse("+4490*").unwrap();
        let name = Text::new("Ana").unwrap();
        let findings = [
            Finding::NotAsked,
            Finding::Nothing,
            Finding::Match(Entry::Number(12_025_550_101)),
            Finding::Match(Entry::Pattern(pattern)),
            Finding::Match(Entry::Contact(name.clone())),
            Finding::Match(Entry::Called(Wall::from_millis(5))),
            Finding::Match(Entry::Short(Text::new("112").unwrap())),
            Finding::Match(Entry::Address(Text::new("ana@example.org").unwrap())),
            Finding::Match(Entry::Absent),
        ];
        let steps = findings.into_iter().zip(DirectoryRule::ALL);
        let steps = steps.map(|(finding, rule)| DecisionStep {
            rule,
            list: (rule == DirectoryRule::List).then(|| stamp.clone()),
            in_force: rule != DirectoryRule::TrustedCalled,
            finding,
        });
        let forms = [
            Formed::International,
            Formed::National(*b"GB"),
            Formed::WithoutTrunk,
        ];
        let mut decision = Decision {
            verdict: hookswitch_model::Verdict::Ring,
            decided_by: None,
            steps: steps.collect(),
            candidates: forms.map(|formed| Candidate { number: 7, formed }).to_vec(),
            labels: vec![
                CallerLabel {
                    text: name,
                    list: None,
                },
                CallerLabel {
                    text: Text::new("Fraud").unwrap(),
                    list: Some(stamp),
                },
            ],
            at: Wall::from_millis(77),
        };
        (decision.verdict, decision.decided_by) = decision.replay();
        let text = serde_json::to_string(&KeptDecision::from(&decision)).unwrap();
        let back: KeptDecision = serde_json::from_str(&text).unwrap();
        assert!(back.read() == Some(decision), "{text}");
    }
}
