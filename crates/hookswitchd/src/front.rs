//! The user's rules for the front, kept over restarts in one small file.
//!
//! Input: the published states. Output: the file, whenever the rules changed; the rules of the
//! file for the next daemon.
//!
//! # Promises
//!
//! - **FR1** a file that cannot be read counts as "no rule"; one that cannot be written is told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookswitch_model::{FrontRules, OnAnswer, Snapshot};
use tokio::sync::watch;

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

fn write(rules: FrontRules) -> String {
    let rule = rules.on_answer.map(OnAnswer::name);
    serde_json::json!({ "on_answer": rule, "driving": rules.driving }).to_string()
}

/// Writes the file whenever the rules change, until nothing is published any more.
pub async fn follow(
    dir: PathBuf,
    mut kept: FrontRules,
    mut states: watch::Receiver<Arc<Snapshot>>,
) {
    while states.changed().await.is_ok() {
        let state = states.borrow_and_update().clone();
        // The empty state before the first publication has no rules of its own.
        if state.revision == 0 || state.front == kept {
            continue;
        }
        kept = state.front;
        let dir = dir.clone();
        let written = tokio::task::spawn_blocking(move || keep(&dir, kept)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(%error, "the rule for the front is not kept; check the disk");
        }
    }
}

fn keep(dir: &Path, rules: FrontRules) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let fresh = dir.join(format!("{FILE}.new"));
    std::fs::write(&fresh, write(rules))?;
    std::fs::rename(&fresh, dir.join(FILE))
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
                keep(dir.path(), rules).expect("written");
                assert_eq!(load(dir.path()), rules);
            }
        }
        std::fs::write(dir.path().join(FILE), "{").expect("written");
        assert_eq!(load(dir.path()), FrontRules::default());
    }
}
