//! The results of a run for build servers, as JUnit XML.

use std::fmt::Write as _;
use std::path::Path;

use super::escape::xml;
use crate::player::{Failure, Run};
use crate::scenario::Scenario;

/// One scenario file and what came of it.
#[derive(Clone, Debug)]
pub struct Case {
    folder: String,
    name: String,
    title: String,
    seed: u64,
    checks: usize,
    virtual_ms: u64,
    failures: Vec<Failure>,
}

impl Case {
    /// The case of a played file.
    #[must_use]
    pub fn of(file: &Path, story: &Scenario, run: &Run) -> Self {
        let shown = |part: Option<&Path>| {
            let text = part.map(|part| part.display().to_string());
            text.filter(|text| !text.is_empty())
        };
        Self {
            folder: shown(file.parent()).unwrap_or_else(|| ".".to_owned()),
            name: shown(file.file_stem().map(Path::new)).unwrap_or_default(),
            title: story.title.clone(),
            seed: story.seed,
            checks: run.checks,
            virtual_ms: run.end.as_millis(),
            failures: run.failures.clone(),
        }
    }

    /// Times are those of the story, not of the machine: the same run gives the same bytes (Y1).
    fn write(&self, out: &mut String) {
        let _ = write!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\" assertions=\"{}\" time=\"{}.{:03}\"",
            xml(&self.folder),
            xml(&self.name),
            self.checks,
            self.virtual_ms / 1000,
            self.virtual_ms % 1000
        );
        out.push_str(">\n      <properties>\n");
        for (name, value) in [
            ("title", self.title.clone()),
            ("seed", self.seed.to_string()),
        ] {
            let _ = writeln!(
                out,
                "        <property name=\"{name}\" value=\"{}\"/>",
                xml(&value)
            );
        }
        out.push_str("      </properties>\n");
        for failure in &self.failures {
            let expected = failure.expected.replace('\n', " ");
            let _ = writeln!(
                out,
                "      <failure type=\"expectation\" message=\"{}\">{}</failure>",
                xml(&format!("line {}: expected {expected}", failure.line)),
                body(failure, self.seed)
            );
        }
        out.push_str("    </testcase>\n");
    }
}

fn body(failure: &Failure, seed: u64) -> String {
    let mut lines = vec![
        format!("but {}", failure.found),
        "what happened last:".to_owned(),
    ];
    lines.extend(failure.timeline.iter().cloned());
    lines.push("why the last of it happened:".to_owned());
    lines.extend(failure.chain.iter().cloned());
    lines.push(format!("seed {seed}"));
    let lines: Vec<String> = lines
        .iter()
        .flat_map(|text| text.lines())
        .map(xml)
        .collect();
    lines.join("\n")
}

/// The whole report, one suite for each folder.
#[must_use]
pub fn report(cases: &[Case]) -> String {
    let failed = |cases: &[Case]| {
        cases
            .iter()
            .filter(|case| !case.failures.is_empty())
            .count()
    };
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"hookswitch sim\" tests=\"{}\" failures=\"{}\" errors=\"0\">",
        cases.len(),
        failed(cases)
    );
    for suite in cases.chunk_by(|a, b| a.folder == b.folder) {
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\">",
            xml(&suite[0].folder),
            suite.len(),
            failed(suite)
        );
        for case in suite {
            case.write(&mut out);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}
