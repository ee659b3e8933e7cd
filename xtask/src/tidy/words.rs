//! One concept, one word: names that the glossary rules out.
//!
//! Input: a file. Output: public names of the layers that users meet (model, core, wire, SDK)
//! with a word from the glossary's last column, and British spelling in our own prose.

use super::Finding;
use super::tree::File;

/// The crates whose public names are everybody's words.
const SPOKEN: &[&str] = &[
    "hookswitch-model",
    "hookswitch-core",
    "hookswitch-wire",
    "hookswitch",
];

/// What we do not write in a public name, and what we write.
const BANNED: &[(&str, &str)] = &[
    ("accept", "answer"),
    ("reject", "decline"),
    ("hangup", "end"),
    ("hang", "end"),
    ("unhold", "resume"),
    ("park", "hold"),
    ("switch", "swap"),
    ("flip", "swap"),
    ("conference", "group"),
    ("bridge", "group"),
    ("dtmf", "digits"),
    ("keypad", "digits"),
    ("sink", "endpoint"),
    ("blacklist", "directory"),
    ("whitelist", "directory"),
    ("zombie", "orphan"),
    ("manager", "the thing itself"),
    ("helper", "the thing itself"),
    ("util", "the thing itself"),
];

/// British spelling, written so that this file does not hold it.
const SPELLING: &[(&str, &str)] = &[
    (concat!("cancel", "led"), "canceled"),
    (concat!("dial", "ling"), "dialing"),
    (concat!("behav", "iour"), "behavior"),
    (concat!("col", "our"), "color"),
    (concat!("ful", "fil "), "fulfill"),
    (concat!("recog", "nise"), "recognize"),
];

/// Checks one file.
pub fn check(file: &File) -> Vec<Finding> {
    let mut findings = spelling(file);
    let spoken = file.crate_name().is_some_and(|name| SPOKEN.contains(&name));
    let Some(split) = file.split.as_ref().filter(|_| spoken && !file.is_test()) else {
        return findings;
    };
    for (line, code) in split.code.lines().enumerate() {
        let Some(name) = public_name(code) else {
            continue;
        };
        let banned = |part: &String| BANNED.iter().find(|(word, _)| word == part);
        for (word, ours) in segments(name).iter().filter_map(banned) {
            let message = format!("`{name}`: the glossary does not say `{word}` but {ours}");
            findings.push(Finding::new(&file.path, line + 1, message));
        }
    }
    findings
}

/// Spelling in comments of code and in prose.
fn spelling(file: &File) -> Vec<Finding> {
    let prose = file.path.extension().is_some_and(|ending| ending == "md");
    let text = match &file.split {
        Some(split) => split.comments.as_str(),
        None if prose => file.text.as_str(),
        None => return Vec::new(),
    };
    let mut findings = Vec::new();
    for (line, text) in text.lines().enumerate() {
        let lower = text.to_lowercase();
        for (word, ours) in SPELLING.iter().filter(|(word, _)| lower.contains(word)) {
            let message = format!("`{}`: American spelling, {ours}", word.trim());
            findings.push(Finding::new(&file.path, line + 1, message));
        }
    }
    findings
}

/// The name that a line makes public.
fn public_name(code: &str) -> Option<&str> {
    let rest = code.trim_start().strip_prefix("pub ")?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let keywords = [
        "async", "const", "fn", "struct", "enum", "trait", "type", "mod", "static",
    ];
    let mut words = rest.split(|c| !is_word(c)).filter(|word| !word.is_empty());
    words
        .find(|word| !keywords.contains(word))
        .filter(|word| *word != "use")
}

/// The words a name is made of: `CallWaiting` and `call_waiting` are both call, waiting.
fn segments(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for next in name.chars() {
        if next == '_' || (next.is_uppercase() && words.last().is_some_and(|w| !w.is_empty())) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| next != '_') {
            word.extend(next.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_the_glossary_rules_out_are_found() {
        count("pub fn accept_call() {}", 1);
        count("pub struct CallManager;", 1);
        count("    pub keypad: bool,", 1);
        count(
            "pub struct Accepted;\npub fn answer() {}\nfn reject() {}",
            0,
        );
        count("pub use other::accept;", 0);
    }

    #[test]
    fn spelling_is_checked_in_prose_only() {
        count(&format!("// it was {}", SPELLING[0].0), 1);
        count(&format!("token.{}()", SPELLING[0].0), 0);
    }

    #[track_caller]
    fn count(text: &str, want: usize) {
        let findings = check(&File::new("crates/hookswitch-core/src/a.rs", text));
        assert_eq!(findings.len(), want, "{findings:?}");
    }
}
