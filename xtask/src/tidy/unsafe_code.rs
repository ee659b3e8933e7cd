//! Unsafe code stands in listed files only.
//!
//! Input: a file. Output: every `unsafe`, and every lint level that would let one in, outside the
//! list. Each listed file opens with the argument why it is sound.

use super::Finding;
use super::tree::File;

/// The files, and what is unsafe in them.
const LISTED: &[(&str, &str)] = &[
    (
        "crates/hookswitch-directory-store/src/map.rs",
        "mapping files that are never changed",
    ),
    (
        "crates/hookswitch-lookup-ring/src/kernels/mod.rs",
        "calling loops compiled for instructions that the machine has",
    ),
];

/// What lets unsafe code in.
const WORDS: &[&str] = &["unsafe {", "unsafe fn", "unsafe impl", "(unsafe_code"];

/// Checks one file.
pub fn check(file: &File) -> Vec<Finding> {
    let is_listed = LISTED.iter().any(|(path, _)| file.path.ends_with(path));
    let Some(split) = file.split.as_ref().filter(|_| !is_listed) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (line, code) in split.code.lines().enumerate() {
        if WORDS.iter().any(|word| code.contains(word)) {
            let message = "unsafe code in a file that is not listed for it (xtask unsafe_code)";
            findings.push(Finding::new(&file.path, line + 1, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_code_is_found_unless_it_is_listed() {
        let text = "//! A.\nlet a = unsafe { b() }; // unsafe {\n";
        let find = |path| check(&File::new(path, text)).len();
        assert_eq!(find("crates/hookswitch-core/src/a.rs"), 1);
        assert_eq!(find(LISTED[0].0), 0);
    }
}
