//! The user's rules for incoming calls, in one file that is replaced as a whole.
//!
//! # Promises
//!
//! - **U1** rules whose [`RulesFile::keep`] returned survive a crash of the process or the machine;
//!   a crash meanwhile leaves the former ones.
//! - **U2** a file that cannot be read is moved aside and told; nothing is blocked then.
//! - **U3** the file is readable by its owner only.

use std::fs;
use std::io;
use std::path::PathBuf;

use hookswitch_model::RingPolicy;
use hookswitch_wire::json::{RULES_VERSION, Rules};

use crate::replace::{move_aside, replace};

/// The rules cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("the rules for incoming calls are not kept in {path}: {why}")]
pub struct RulesError {
    path: PathBuf,
    #[source]
    why: io::Error,
}

/// What was found.
#[derive(Debug)]
pub struct OpenedRules {
    /// The file.
    pub file: RulesFile,
    /// The rules in it.
    pub rules: RingPolicy,
    /// Where a file is that could not be read.
    pub damaged: Option<PathBuf>,
}

/// The file of the rules.
#[derive(Clone, Debug)]
pub struct RulesFile(PathBuf);

impl RulesFile {
    /// Opens the file and reads the rules; a missing file holds none.
    #[must_use]
    pub fn open(path: PathBuf) -> OpenedRules {
        let (rules, damaged) = match fs::read_to_string(&path) {
            Ok(text) => match read(&text) {
                Some(rules) => (rules, None),
                None => (RingPolicy::default(), Some(move_aside(&path))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => (RingPolicy::default(), None),
            Err(_) => (RingPolicy::default(), Some(path.clone())),
        };
        OpenedRules {
            file: Self(path),
            rules,
            damaged,
        }
    }

    /// Keeps the rules in place of the former ones.
    ///
    /// # Errors
    ///
    /// [`RulesError`]; the former ones are in the file then.
    pub fn keep(&self, rules: &RingPolicy) -> Result<(), RulesError> {
        replace(&self.0, &Rules::from(rules)).map_err(|why| RulesError {
            path: self.0.clone(),
            why,
        })
    }
}

fn read(text: &str) -> Option<RingPolicy> {
    let rules: Rules = serde_json::from_str(text).ok()?;
    (rules.version == RULES_VERSION).then(|| rules.read())?
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hookswitch_model::{Handle, HandleKind};

    use super::*;

    #[test]
    fn rules_survive_and_a_damaged_file_is_moved_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/rules.json");
        let opened = RulesFile::open(path.clone());
        assert_eq!(opened.rules, RingPolicy::default());
        let rules = RingPolicy {
            do_not_disturb: true,
            blocked: BTreeSet::from([Handle::new(HandleKind::Generic, "@eve").unwrap()]),
            ..RingPolicy::default()
        };
        opened.file.keep(&rules).unwrap();
        assert_eq!(RulesFile::open(path.clone()).rules, rules);
        fs::write(&path, "{").unwrap();
        let opened = RulesFile::open(path.clone());
        assert_eq!(opened.rules, RingPolicy::default());
        assert_eq!(opened.damaged, Some(path.with_extension("damaged")));
        opened.file.keep(&rules).unwrap();
        assert_eq!(RulesFile::open(path).rules, rules);
    }
}
