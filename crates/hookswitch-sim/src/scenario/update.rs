//! Rewrites the `>` and `=` lines of a scenario with what was seen.

use super::{Line, LineKind, Scenario};

/// What was seen after one input line.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Seen {
    /// The number of the input's line.
    pub line: usize,
    /// Its effects.
    pub effects: Vec<String>,
    /// The whole state after it.
    pub facts: String,
}

/// Returns the scenario with the `>` and `=` lines that were seen. Inputs without such lines stay
/// without them.
#[must_use]
pub fn rewrite(scenario: &Scenario, seen: &[Seen]) -> Scenario {
    let mut out = scenario.clone();
    out.lines.clear();
    let mut now: Option<&Seen> = None;
    let mut written = false;
    for line in &scenario.lines {
        match &line.kind {
            LineKind::Input(_) => {
                now = seen.iter().find(|seen| seen.line == line.number);
                written = false;
                out.lines.push(line.clone());
            }
            LineKind::Effect(_) => {
                if let (Some(seen), false) = (now, written) {
                    out.lines.extend(effect_lines(line.number, seen));
                }
                written = true;
            }
            LineKind::Facts(_) => {
                let kind = now.map_or(line.kind.clone(), |seen| {
                    LineKind::Facts(seen.facts.clone())
                });
                out.lines.push(Line {
                    number: line.number,
                    kind,
                });
            }
            LineKind::Blank | LineKind::Comment(_) | LineKind::Header(_) | LineKind::Check(_) => {
                out.lines.push(line.clone())
            }
        }
    }
    out
}

fn effect_lines(number: usize, seen: &Seen) -> Vec<Line> {
    let mut effects = seen.effects.clone();
    if effects.is_empty() {
        effects.push(String::new());
    }
    effects
        .into_iter()
        .map(|text| Line {
            number,
            kind: LineKind::Effect(text),
        })
        .collect()
}
