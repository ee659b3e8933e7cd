//! The pure crates touch nothing but their input.
//!
//! Input: a file. Output: every use of clocks, threads, files, sockets, processes, environment,
//! locks, async, unordered maps or serialization in the crates of layers 0 and 1.
//!
//! Each pure crate has its own `clippy.toml` that says the same by type; this also finds what is
//! only named in a macro or a type alias.

use super::Finding;
use super::tree::File;

/// The crates of layers 0 and 1.
pub const PURE: &[&str] = &[
    "hookswitch-model",
    "hookswitch-core",
    "hookswitch-directory",
    "hookswitch-push-core",
];

/// What must not be named, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    ("std::thread", "threads live in the edges"),
    ("std::net", "sockets live in the edges"),
    ("std::fs", "files live in the edges"),
    ("std::process", "processes live in the edges"),
    ("std::env", "only programs read the environment"),
    ("std::io", "input and output live in the edges"),
    ("std::time::Instant", "time comes in as a stamp"),
    ("Instant::now", "time comes in as a stamp"),
    ("SystemTime", "time comes in as a stamp"),
    ("HashMap", "its order is chance: use BTreeMap"),
    ("HashSet", "its order is chance: use BTreeSet"),
    ("Mutex", "one owner needs no lock"),
    ("RwLock", "one owner needs no lock"),
    ("mpsc", "effects are values, not messages"),
    ("Atomic", "one owner needs no atomics"),
    ("async fn", "the core never waits"),
    (".await", "the core never waits"),
    ("tokio", "the core never waits"),
    ("serde", "field names are frozen in hookswitch-wire only"),
    ("thread_local!", "there is no global state"),
    ("static mut", "there is no global state"),
    ("OnceLock", "there is no global state"),
    ("LazyLock", "there is no global state"),
    ("println!", "effects are values, not text"),
    ("unsafe ", "unsafe is forbidden"),
];

/// Checks one file.
pub fn check(file: &File) -> Vec<Finding> {
    let pure = file.crate_name().is_some_and(|name| PURE.contains(&name));
    let in_src = file.path.iter().nth(2).is_some_and(|part| part == "src");
    let Some(split) = file.split.as_ref().filter(|_| pure && in_src) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (line, code) in split.code.lines().enumerate() {
        for (word, why) in FORBIDDEN.iter().filter(|(word, _)| code.contains(word)) {
            let message = format!("`{}` in a pure crate: {why}", word.trim());
            findings.push(Finding::new(&file.path, line + 1, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_in_the_core_is_found_and_in_an_edge_it_is_not() {
        let text = "//! A.\nlet now = Instant::now(); // HashMap\n";
        let find = |path| check(&File::new(path, text)).len();
        assert_eq!(find("crates/hookswitch-core/src/a.rs"), 1);
        assert_eq!(find("crates/hookswitch-core/tests/a.rs"), 0);
        assert_eq!(find("crates/hookswitch-http/src/a.rs"), 0);
    }
}
