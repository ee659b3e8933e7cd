//! The files that the rules speak of.
//!
//! Input: the top of the tree. Output: every text file that people write, by path.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::source::{Language, Split, split};

/// Folders that Git does not keep, or that others wrote.
const LEFT_OUT: &[&str] = &[
    "target",
    "node_modules",
    "dist",
    "artifacts",
    ".git",
    ".tools",
    ".vite",
    "licenses",
];
/// Endings of the files that are read.
const KINDS: &[&str] = &[
    "rs", "ts", "tsx", "toml", "md", "sh", "css", "html", "json", "xml", "yml", "yaml", "service",
    "in", "py", "js", "mjs", "txt", "scenario",
];

/// One file.
#[derive(Debug)]
pub struct File {
    /// Its path, relative to the top of the tree.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// The same text, told apart, for the languages we know.
    pub split: Option<Split>,
}

impl File {
    /// A file with the given text.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let split = language(&path).map(|language| split(&text, language));
        Self { path, text, split }
    }

    /// Its language, if it is one we know.
    pub fn language(&self) -> Option<Language> {
        language(&self.path)
    }

    /// Whether the file holds nothing but tests.
    pub fn is_test(&self) -> bool {
        let mut parts = self.path.iter().filter_map(|part| part.to_str());
        let name = self
            .path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        name == "tests.rs"
            || name.contains(".test.")
            || parts.any(|part| matches!(part, "tests" | "e2e" | "hookswitch-testbed"))
    }

    /// The crate the file belongs to, by folder name.
    pub fn crate_name(&self) -> Option<&str> {
        let mut parts = self.path.iter().filter_map(|part| part.to_str());
        (parts.next() == Some("crates"))
            .then(|| parts.next())
            .flatten()
    }
}

fn language(path: &Path) -> Option<Language> {
    match path.extension()?.to_str()? {
        "rs" => Some(Language::Rust),
        "ts" | "tsx" => Some(Language::TypeScript),
        _ => None,
    }
}

/// Reads the tree, ordered by path.
///
/// # Errors
///
/// When a folder or file cannot be read.
pub fn read(root: &Path) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let (entry, path) = entry.map(|entry| (entry.file_type(), entry.path()))?;
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if entry?.is_dir() {
                if !LEFT_OUT.contains(&name) {
                    folders.push(path);
                }
            } else if is_written_by_people(&path, name) {
                let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
                files.push(File::new(path.strip_prefix(root).unwrap_or(&path), text));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn is_written_by_people(path: &Path, name: &str) -> bool {
    let known = path
        .extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| KINDS.contains(&e));
    let script = matches!(name, "demo" | "check" | "run")
        || path
            .parent()
            .is_some_and(|folder| folder.ends_with("setup"));
    (known || script) && name != "package-lock.json"
}
