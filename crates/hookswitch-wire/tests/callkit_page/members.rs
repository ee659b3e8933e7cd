//! The members of the D-Bus interfaces, with the words of their contract.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The members of the D-Bus interfaces: `Interface.Member`, and the words of its comment and of its
/// arguments.
#[derive(Debug, Default)]
pub struct Members(BTreeMap<String, BTreeSet<String>>);

impl Members {
    /// The members of all interfaces in the folder `interfaces`.
    pub fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interfaces");
        let mut members = Self::default();
        for entry in fs::read_dir(folder).expect("the interfaces") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "xml") {
                members.add(&fs::read_to_string(path).expect("an interface"));
            }
        }
        members
    }

    /// Whether `Interface.Member` or `Interface.Member.word` is in the contract.
    pub fn has(&self, name: &str) -> bool {
        let mut parts = name.splitn(3, '.');
        let member = (parts.next(), parts.next());
        let (Some(interface), Some(member)) = member else {
            return false;
        };
        let known = self.0.get(&format!("{interface}.{member}"));
        let word = parts.next();
        known.is_some_and(|words| word.is_none_or(|word| words.contains(word)))
    }

    fn add(&mut self, xml: &str) {
        let (mut interface, mut member) = (String::new(), None);
        let mut comment = String::new();
        for element in xml.split('<').skip(1) {
            if let Some(text) = element.strip_prefix("!--") {
                text.clone_into(&mut comment);
                continue;
            }
            let name = element.split('"').nth(1).unwrap_or_default();
            match element.split([' ', '>', '/']).next().unwrap_or_default() {
                "interface" => {
                    name.rsplit('.')
                        .next()
                        .unwrap_or_default()
                        .clone_into(&mut interface);
                }
                "method" | "signal" | "property" => {
                    let path = format!("{interface}.{name}");
                    let part = |c: char| !(c.is_alphanumeric() || c == '_' || c == '-');
                    let words = comment.split(part).map(str::to_owned).collect();
                    comment.clear();
                    self.0.insert(path.clone(), words);
                    member = Some(path);
                }
                "arg" => {
                    if let Some(words) = member.as_ref().and_then(|path| self.0.get_mut(path)) {
                        words.insert(name.to_owned());
                    }
                }
                _ => {}
            }
        }
    }
}
