//! Comparisons with peers are told of, or nobody repeats them.
//!
//! Input: the files. Output: every workspace below `compare/` whose manifest is not named in
//! `docs/benchmarks.md`.

use std::path::Path;

use super::Finding;
use super::tree::File;

/// Where the figures are.
const FIGURES: &str = "docs/benchmarks.md";

/// Checks all files.
pub fn check(files: &[File]) -> Vec<Finding> {
    let figures = files.iter().find(|file| file.path == Path::new(FIGURES));
    let figures = figures.map_or("", |file| file.text.as_str());
    let manifests = files.iter().filter(|file| {
        file.path.starts_with("compare") && file.path.file_name().is_some_and(|n| n == "Cargo.toml")
    });
    let unnamed = manifests.filter(|file| !figures.contains(&file.path.display().to_string()));
    let finding = |file: &File| {
        let message = format!("{FIGURES} does not name it: say there how it is run");
        Finding::new(&file.path, 1, message)
    };
    unnamed.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_that_is_not_named_is_found() {
        let manifest = || File::new("compare/a/Cargo.toml", "[workspace]\n");
        let figures = |text: &str| File::new(FIGURES, text);
        assert_eq!(check(&[manifest(), figures("nothing")]).len(), 1);
        let named = figures("cargo run --manifest-path compare/a/Cargo.toml");
        assert_eq!(check(&[manifest(), named]), []);
        assert_eq!(check(&[manifest()]).len(), 1);
    }
}
