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

use hookswitch_model::{CallerRules, RingPolicy};
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
pub struct RulesFile {
    path: PathBuf,
    /// The rules about callers of the configuration: they are kept only where they differ.
    configured: CallerRules,
}

impl RulesFile {
    /// Opens the file and reads the rules; a missing file holds none. Where it says nothing of
    /// callers, what is configured counts.
    #[must_use]
    pub fn open(path: PathBuf, configured: CallerRules) -> OpenedRules {
        let nothing = || RingPolicy {
            callers: configured.clone(),
            ..RingPolicy::default()
        };
        let (rules, damaged) = match fs::read_to_string(&path) {
            Ok(text) => match read(&text, &configured) {
                Some(rules) => (rules, None),
                None => (nothing(), Some(move_aside(&path))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => (nothing(), None),
            Err(_) => (nothing(), Some(path.clone())),
        };
        OpenedRules {
            file: Self { path, configured },
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
        let mut document = Rules::from(rules);
        document.callers = document
            .callers
            .filter(|_| rules.callers != self.configured);
        replace(&self.path, &document).map_err(|why| RulesError {
            path: self.path.clone(),
            why,
        })
    }
}

fn read(text: &str, configured: &CallerRules) -> Option<RingPolicy> {
    let rules: Rules = serde_json::from_str(text).ok()?;
    let mut policy = (rules.version == RULES_VERSION).then(|| rules.read())??;
    if rules.callers.is_none() {
        policy.callers.clone_from(configured);
    }
    Some(policy)
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
        let opened = RulesFile::open(path.clone(), CallerRules::default());
        assert_eq!(opened.rules, RingPolicy::default());
        let rules = RingPolicy {
            do_not_disturb: true,
            blocked: BTreeSet::from([Handle::new(HandleKind::Generic, "@eve").unwrap()]),
            ..RingPolicy::default()
        };
        opened.file.keep(&rules).unwrap();
        assert_eq!(
            RulesFile::open(path.clone(), CallerRules::default()).rules,
            rules
        );
        fs::write(&path, "{").unwrap();
        let opened = RulesFile::open(path.clone(), CallerRules::default());
        assert_eq!(opened.rules, RingPolicy::default());
        assert_eq!(opened.damaged, Some(path.with_extension("damaged")));
        opened.file.keep(&rules).unwrap();
        assert_eq!(RulesFile::open(path, CallerRules::default()).rules, rules);
    }

    #[test]
    fn what_is_configured_counts_until_the_user_changes_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rules.json");
        let configured = CallerRules {
            block_anonymous: true,
            ..CallerRules::default()
        };
        let opened = RulesFile::open(path.clone(), configured.clone());
        assert!(opened.rules.callers.block_anonymous);
        // Another change does not freeze them.
        let quiet = RingPolicy {
            do_not_disturb: true,
            ..opened.rules
        };
        opened.file.keep(&quiet).unwrap();
        let opened = RulesFile::open(path.clone(), CallerRules::default());
        assert!(opened.rules.do_not_disturb && !opened.rules.callers.block_anonymous);
        // The user's own change counts, whatever is configured.
        let opened = RulesFile::open(path.clone(), configured.clone());
        let changed = RingPolicy {
            callers: CallerRules::default(),
            ..opened.rules
        };
        opened.file.keep(&changed).unwrap();
        let opened = RulesFile::open(path, configured);
        assert_eq!(opened.rules.callers, CallerRules::default());
    }
}
