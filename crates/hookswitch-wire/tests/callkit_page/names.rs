//! The items of our crates that the page may name, read from their sources.
//!
//! The sources are formatted by rustfmt, so a public item is a line of a known beginning.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The crates whose types stand in the column "core".
const CORE: [&str; 6] = [
    "hookswitch-core",
    "hookswitch-model",
    "hookswitch-directory",
    "hookswitch-directory-store",
    "hookswitch-push-core",
    "hookswitch-push-link",
];
/// The crates in which what the SDK exports is defined.
const SDK: [&str; 3] = ["hookswitch", "hookswitch-model", "hookswitch-wire"];

/// The public types of some crates, each with its variants, fields, functions and constants.
#[derive(Debug, Default)]
pub struct Items {
    types: BTreeMap<String, BTreeSet<String>>,
    /// `Type::Variant` with a number written behind it.
    numbers: BTreeMap<String, i64>,
    /// What of the types is exported; none if all.
    exported: Option<BTreeSet<String>>,
}

impl Items {
    /// What may stand in the column "core".
    pub fn core() -> Self {
        Self::of(&CORE)
    }

    /// What may stand in the column "SDK".
    pub fn sdk() -> Self {
        let lib = fs::read_to_string(sources("hookswitch").join("lib.rs")).expect("the SDK");
        let uses = lib.split("pub use ").skip(1);
        let uses = uses.filter_map(|rest| rest.split(';').next());
        Self {
            exported: Some(uses.flat_map(words).map(str::to_owned).collect()),
            ..Self::of(&SDK)
        }
    }

    /// Whether `Type` or `Type::item` is there.
    pub fn has(&self, name: &str) -> bool {
        let (of, item) = name
            .split_once("::")
            .map_or((name, None), |(t, i)| (t, Some(i)));
        let exported = self.exported.as_ref().is_none_or(|all| all.contains(of));
        let known = self.types.get(of);
        exported && known.is_some_and(|items| item.is_none_or(|item| items.contains(item)))
    }

    /// The number written behind a variant.
    pub fn number(&self, variant: &str) -> Option<i64> {
        self.numbers.get(variant).copied()
    }

    fn of(crates: &[&str]) -> Self {
        let mut items = Self::default();
        for name in crates {
            for file in files(&sources(name)) {
                items.read(&fs::read_to_string(&file).expect("a source"));
            }
        }
        items
    }

    fn read(&mut self, source: &str) {
        let mut of: Option<String> = None;
        for line in source.lines() {
            if line.starts_with("#[cfg(test)]") {
                return;
            }
            if let Some(name) = opened(line) {
                self.types.entry(name.clone()).or_default();
                of = line.ends_with('{').then_some(name);
            } else if line == "}" {
                of = None;
            } else if let (Some(of), Some(inner)) = (&of, line.strip_prefix("    ")) {
                self.member(of, inner);
            }
        }
    }

    fn member(&mut self, of: &str, line: &str) {
        let Some(name) = member(line) else { return };
        if let Some((_, number)) = line.split_once(" = ")
            && let Ok(number) = number.trim_end_matches(',').parse()
        {
            self.numbers.insert(format!("{of}::{name}"), number);
        }
        let items = self.types.entry(of.to_owned()).or_default();
        items.insert(name.to_owned());
    }
}

/// The type that a line at the margin begins or continues.
fn opened(line: &str) -> Option<String> {
    for word in ["pub struct ", "pub enum ", "pub type ", "pub trait "] {
        if let Some(rest) = line.strip_prefix(word) {
            return words(rest).next().map(str::to_owned);
        }
    }
    let rest = line.strip_prefix("impl")?;
    if rest.contains(" for ") {
        return None;
    }
    let name = rest
        .split(' ')
        .find(|word| word.starts_with(char::is_uppercase));
    // Behind the bounds of `impl<F: Files> Loading<F> {` comes the type.
    let name = rest.split_once("> ").map_or(name, |(_, name)| Some(name));
    name.and_then(|name| words(name).next()).map(str::to_owned)
}

/// The variant, public field, function or constant that a line inside a type begins.
fn member(line: &str) -> Option<&str> {
    if line.starts_with(char::is_uppercase) {
        return words(line).next();
    }
    let rest = line.strip_prefix("pub ")?;
    let skip = ["async", "const", "fn"];
    words(rest).find(|word| !skip.contains(word))
}

/// The words of a text, as identifiers are made.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| !(c.is_alphanumeric() || c == '_');
    text.split(part).filter(|word| !word.is_empty())
}

fn sources(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(name)
        .join("src")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}
