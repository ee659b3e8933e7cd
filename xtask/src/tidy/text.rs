//! What must or must not stand in a file.
//!
//! Input: a file. Output: missing module headers, forbidden module names, unfinished work,
//! ignored or sleeping tests, and places of somebody's own machine.

use std::path::Path;

use super::Finding;
use super::tree::File;
use crate::source::Language;

/// Module names that say nothing.
const FORBIDDEN_MODULES: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "misc", "stuff",
];
/// Notes of unfinished work, written so that this file does not hold them.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
];
/// Code of unfinished work.
const UNFINISHED_CODE: &[&str] = &[concat!("todo", "!("), concat!("unimplemented", "!(")];
/// Folders of one machine.
const MACHINE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("../sha", "red"),
    concat!("/ro", "ot/"),
];

/// Checks one file.
pub fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(headers(file));
    findings.extend(module_names(&file.path));
    findings.extend(lines(file));
    findings
}

fn headers(file: &File) -> Option<Finding> {
    let first = file
        .text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let missing = file.language() == Some(Language::Rust) && !first.starts_with("//!");
    let message = "the module must open with `//!`: what it decides, input, output, promises";
    missing.then(|| Finding::new(&file.path, 1, message))
}

fn module_names(path: &Path) -> Option<Finding> {
    let code = path
        .extension()
        .is_some_and(|ending| ending == "rs" || ending == "ts");
    let mut names = path
        .iter()
        .filter_map(|part| Path::new(part).file_stem()?.to_str());
    let name = names
        .find(|name| FORBIDDEN_MODULES.contains(name))
        .filter(|_| code)?;
    let message = format!("a module called `{name}` says nothing: name the concept");
    Some(Finding::new(path, 1, message))
}

fn lines(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |line: usize, message: String| {
        findings.push(Finding::new(&file.path, line + 1, message));
    };
    for (line, text) in file.text.lines().enumerate() {
        for word in UNFINISHED.iter().filter(|word| text.contains(**word)) {
            say(
                line,
                format!("`{word}`: finish it, or open an issue and leave it out"),
            );
        }
        for place in MACHINE.iter().filter(|place| text.contains(**place)) {
            say(
                line,
                format!("`{place}` is a place of one machine; nobody else has it"),
            );
        }
    }
    let Some(split) = &file.split else {
        return findings;
    };
    let mut in_tests = file.is_test();
    for (line, code) in split.code.lines().enumerate() {
        in_tests |= code.trim() == "#[cfg(test)]";
        for word in UNFINISHED_CODE.iter().filter(|word| code.contains(**word)) {
            findings.push(Finding::new(
                &file.path,
                line + 1,
                format!("`{word}` is a stub"),
            ));
        }
        if code.contains("#[ignore") {
            let message = "an ignored test proves nothing: run it or delete it";
            findings.push(Finding::new(&file.path, line + 1, message));
        }
        if in_tests && is_sleep(code) {
            let message = "a test must not sleep: wait for what it waits for, with a deadline";
            findings.push(Finding::new(&file.path, line + 1, message));
        }
    }
    findings
}

/// A call of a function whose whole name is `sleep`.
fn is_sleep(code: &str) -> bool {
    code.match_indices("sleep(").any(|(at, _)| {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        !before.is_alphanumeric() && before != '_'
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_finds_its_breach() {
        find("crates/x/src/a.rs", "fn a() {}", "must open with");
        find("crates/x/src/utils.rs", "//! A.\n", "says nothing");
        find(
            "crates/x/src/a.rs",
            &format!("//! A.\n// {}: later\n", UNFINISHED[0]),
            "finish it",
        );
        find(
            "crates/x/src/a.rs",
            &format!("//! A.\nfn a() {{ {}) }}", UNFINISHED_CODE[0]),
            "stub",
        );
        find("crates/x/src/a.rs", "//! A.\n#[ignore]\n", "proves nothing");
        find(
            "crates/x/tests/a.rs",
            "//! A.\nthread::sleep(x);\n",
            "must not sleep",
        );
        find(
            "crates/x/src/a.rs",
            "//! A.\n#[cfg(test)]\nmod t { sleep(x) }\n",
            "must not sleep",
        );
        find("docs/a.md", &format!("see {}x", MACHINE[0]), "one machine");
    }

    #[test]
    fn good_files_pass() {
        let good = "//! A.\n\nfn a() { sleep(pause); }\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(check(&File::new("crates/x/src/a.rs", good)), []);
        assert_eq!(check(&File::new("docs/common.md", "words")), []);
    }

    #[track_caller]
    fn find(path: &str, text: &str, message: &str) {
        let findings = check(&File::new(path, text));
        let [finding] = findings.as_slice() else {
            panic!("want one finding: {findings:?}")
        };
        assert!(finding.message.contains(message), "{finding}");
    }
}
