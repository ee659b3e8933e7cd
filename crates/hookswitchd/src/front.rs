//! The user's rules for the front, kept over restarts in one small file.
//!
//! Output: what `kept` writes into the file; the rules of the
//! file for the next daemon.
//!
//! # Promises
//!
//! - **FR1** a file that cannot be read counts as "no rule"; one that cannot be written is told.

use std::path::{Path, PathBuf};

use hookswitch_model::{FrontRules, OnAnswer, Snapshot};

use crate::kept::Choice;

/// The file in the state directory.
const FILE: &str = "front.json";

/// The rules of the former daemon.
#[must_use]
pub fn load(dir: &Path) -> FrontRules {
    let text = std::fs::read_to_string(dir.join(FILE)).unwrap_or_default();
    read(&text).unwrap_or_default()
}

fn read(text: &str) -> Option<FrontRules> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let rule = value.get("on_answer").and_then(|word| word.as_str());
    Some(FrontRules {
        on_answer: rule.and_then(OnAnswer::from_name),
        driving: value.get("driving").and_then(serde_json::Value::as_bool) == Some(true),
    })
}

/// Where the rules are kept.
#[must_use]
pub fn file(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

impl Choice for FrontRules {
    fn of(state: &Snapshot) -> &Self {
        &state.front
    }

    fn text(&self) -> String {
        let rule = self.on_answer.map(OnAnswer::name);
        serde_json::json!({ "on_answer": rule, "driving": self.driving }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_back_and_a_broken_file_is_no_rule() {
        let dir = tempfile::tempdir().expect("a directory");
        assert_eq!(load(dir.path()), FrontRules::default());
        for on_answer in OnAnswer::ALL.map(Some).into_iter().chain([None]) {
            for driving in [true, false] {
                let rules = FrontRules { on_answer, driving };
                crate::kept::write(&file(dir.path()), &rules.text()).expect("written");
                assert_eq!(load(dir.path()), rules);
            }
        }
        std::fs::write(dir.path().join(FILE), "{").expect("written");
        assert_eq!(load(dir.path()), FrontRules::default());
    }
}
